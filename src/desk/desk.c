/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/desk.h"

#include "desk/clients.h"
#include "desk/httpd.h"
#include "sys/clock.h"
#include "sys/logsink.h"
#include "sys/memfile.h"
#include "sys/sandbox.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

struct desk {
	struct sys_loop *loop;
	struct sys_logsink sink;
	struct tg_log log;
	struct desk_links links;
	struct desk_clients clients;
	struct desk_context context;
	struct desk_debug debug;
	struct httpd *httpd; /* NULL without its library */
	uint64_t next_query;
	size_t world_bytes;
	bool is_ready, is_stopping;
};

static void world_take(struct desk *desk, const struct ipc_image *record, int fd)
{
	const struct world *world = sys_memfile_map(fd, record->size_bytes);
	const char *wrong = world != NULL ? world_check(world, record->size_bytes) : "it cannot be mapped";

	if (wrong != NULL) {
		tg_log(&desk->log, TG_ERROR, "world.refused", TG_TEXT("why", wrong));
		sys_memfile_unmap(world, record->size_bytes);
		return;
	}
	sys_memfile_unmap(desk->context.world, desk->world_bytes);
	desk->context.world = world;
	desk->world_bytes = record->size_bytes;
}

static void listener_take(struct desk *desk, int fd)
{
	const int own = fcntl(fd, F_DUPFD_CLOEXEC, 0);

	if (own < 0 || fcntl(own, F_SETFL, O_NONBLOCK) != 0 || !desk_clients_listen(&desk->clients, own)) {
		tg_log(&desk->log, TG_ERROR, "console.no_socket");
	}
}

static void metrics_off(struct desk *desk)
{
	if (desk->httpd != NULL && !httpd_listen(desk->httpd, -1)) {
		tg_log(&desk->log, TG_ERROR, "metrics.no_socket");
	}
}

static void metrics_take(struct desk *desk, int fd)
{
	const int own = fd >= 0 ? fcntl(fd, F_DUPFD_CLOEXEC, 0) : -1;

	if (desk->httpd == NULL) {
		tg_log(&desk->log, TG_ERROR, "metrics.no_library",
		       TG_TEXT("mend", "install libmicrohttpd12, and restart"));
		if (own >= 0) {
			close(own);
		}
	} else if ((fd >= 0 && own < 0) || !httpd_listen(desk->httpd, own)) {
		tg_log(&desk->log, TG_ERROR, "metrics.no_socket");
	}
}

static void say_ready(struct desk *desk)
{
	const struct ipc_plain ready = { .head.kind = IPC_READY };

	if (desk->is_ready || desk->context.world == NULL || desk->clients.listener < 0) {
		return;
	}
	desk->is_ready = true;
	if (!desk_links_send(&desk->links, PROC_PARENT, &ready, sizeof(ready))) {
		desk->is_stopping = true;
	}
}

static void on_record(void *owner, enum ipc_proc from, const union ipc_any *record, int fd)
{
	struct desk *desk = owner;

	if (record->head.kind == IPC_WORLD) {
		world_take(desk, (const void *)record, fd);
		say_ready(desk);
	} else if (record->head.kind == IPC_LISTENER) {
		listener_take(desk, fd);
		say_ready(desk);
	} else if (record->head.kind == IPC_TRACE) {
		desk_debug_add(&desk->debug, ((const struct ipc_trace *)(const void *)record)->text);
		desk_clients_on_trace(&desk->clients, ((const struct ipc_trace *)(const void *)record)->text);
	} else if (record->head.kind == IPC_LOG) {
		tg_log_set_level(&desk->log, (enum tg_level)((const struct ipc_plain *)(const void *)record)->value);
	} else if (record->head.kind == IPC_METRICS) {
		metrics_take(desk, fd);
	} else if (record->head.kind == IPC_METRICS_OFF) {
		metrics_off(desk);
	} else if (record->head.kind == IPC_STOP) {
		desk->is_stopping = true;
	} else {
		desk_clients_on_record(&desk->clients, from, record);
		if (desk->httpd != NULL) {
			httpd_on_record(desk->httpd, from, record);
		}
	}
}

static void on_gone(void *owner, enum ipc_proc peer)
{
	struct desk *desk = owner;

	if (peer == PROC_PARENT) {
		desk->is_stopping = true;
	} else {
		desk_clients_on_gone(&desk->clients, peer);
		if (desk->httpd != NULL) {
			httpd_on_gone(desk->httpd, peer);
		}
	}
}

static int failed(struct desk *desk, const char *why)
{
	tg_log(&desk->log, TG_ERROR, "desk.not_started", TG_TEXT("why", why));
	return EXIT_FAILURE;
}

static uint64_t deadline_us(const struct desk *desk)
{
	const uint64_t clients_us = desk_clients_deadline_us(&desk->clients);

	return desk->httpd != NULL ? tg_min_u64(clients_us, httpd_deadline_us(desk->httpd)) : clients_us;
}

static int run(struct desk *desk)
{
	while (!desk->is_stopping) {
		if (sys_loop_turn(desk->loop, deadline_us(desk)) < 0) {
			return failed(desk, "waiting failed");
		}
		desk_clients_expire(&desk->clients, sys_clock_us());
		if (desk->httpd != NULL) {
			httpd_expire(desk->httpd, sys_clock_us());
		}
	}
	return EXIT_SUCCESS;
}

static int start(struct desk *desk, int parent_fd)
{
	const struct sys_sandbox sandbox = { .role = SYS_SANDBOX_DESK };
	const char *wrong = sys_sandbox_begin(true);

	desk->loop = sys_loop_new();
	if (wrong == NULL && (desk->loop == NULL || !sys_logsink_attach(&desk->sink, desk->loop))) {
		wrong = "no memory";
	}
	if (wrong != NULL) {
		close(parent_fd);
		return failed(desk, wrong);
	}
	desk->links = (struct desk_links){
		.loop = desk->loop,
		.log = &desk->log,
		.on_record = on_record,
		.on_gone = on_gone,
		.owner = desk,
	};
	desk->context = (struct desk_context){ .links = &desk->links,
		                               .debug = &desk->debug,
		                               .next_query = &desk->next_query };
	desk_clients_init(&desk->clients, desk->loop, &desk->context);
	if (!desk_links_init(&desk->links, parent_fd)) {
		return failed(desk, "no memory");
	}
	desk->httpd = httpd_new(desk->loop, &desk->log, &desk->context);
	wrong = sys_sandbox_enter(&sandbox, &desk->log);
	return wrong != NULL ? failed(desk, wrong) : run(desk);
}

int desk_main(int parent_fd)
{
	struct desk *desk = calloc(1, sizeof(*desk));
	int exit = EXIT_FAILURE;

	if (desk == NULL) {
		close(parent_fd);
		return EXIT_FAILURE;
	}
	sys_logsink_init(&desk->sink, &desk->log, ipc_proc_name(PROC_DESK), STDERR_FILENO, TG_INFO);
	exit = start(desk, parent_fd);
	httpd_free(desk->httpd);
	if (desk->clients.loop != NULL) {
		desk_clients_deinit(&desk->clients);
	}
	desk_links_deinit(&desk->links);
	desk_debug_deinit(&desk->debug);
	sys_memfile_unmap(desk->context.world, desk->world_bytes);
	sys_loop_free(desk->loop);
	sys_logsink_deinit(&desk->sink);
	free(desk);
	return exit;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/httpd.h"

#include "desk/metrics.h"
#include "sys/clock.h"

#include <dlfcn.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Debian 12's; its interface is stable within the number. */
static const char library[] = "libmicrohttpd.so.12";

#define CALLS(X)                           \
	X(MHD_start_daemon)                \
	X(MHD_stop_daemon)                 \
	X(MHD_get_daemon_info)             \
	X(MHD_get_timeout)                 \
	X(MHD_run)                         \
	X(MHD_suspend_connection)          \
	X(MHD_resume_connection)           \
	X(MHD_create_response_from_buffer) \
	X(MHD_add_response_header)         \
	X(MHD_queue_response)              \
	X(MHD_destroy_response)

struct calls {
#define X(name) __typeof__(name) *name;
	CALLS(X)
#undef X
};

struct httpd {
	struct sys_loop *loop;              /* lent */
	const struct tg_log *log;           /* lent */
	const struct desk_context *context; /* lent */
	struct calls calls;
	struct MHD_Daemon *daemon; /* NULL: not listening */
	int epoll_fd;              /* the daemon's */
	struct MHD_Connection *waiting[HTTPD_CONNECTIONS];
	unsigned waiting_count;
	struct desk_job job;
	bool is_collecting;
	uint64_t fresh_until_us; /* of what is in the job's text; 0: there is none */
};

/* ---- The library ---- */

static bool calls_open(struct calls *calls)
{
	void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL); /* never closed: the process ends with it */
	bool all = handle != NULL;
	void *found = NULL;

#define X(name)                                    \
	found = all ? dlsym(handle, #name) : NULL; \
	all = all && found != NULL;                \
	memcpy(&calls->name, &found, sizeof(calls->name));
	CALLS(X)
#undef X
	return all;
}

/* ---- Answers ---- */

static enum MHD_Result give(const struct httpd *httpd, struct MHD_Connection *connection, unsigned status,
                            const char *type, const char *text, size_t len)
{
	const struct calls *calls = &httpd->calls;
	struct MHD_Response *response = calls->MHD_create_response_from_buffer(len, (void *)(uintptr_t)text,
	                                                                       MHD_RESPMEM_MUST_COPY);

	if (response == NULL) {
		return MHD_NO;
	}
	calls->MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	calls->MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED) {
		calls->MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	}
	const enum MHD_Result result = calls->MHD_queue_response(connection, status, response);

	calls->MHD_destroy_response(response);
	return result;
}

static enum MHD_Result give_plain(const struct httpd *httpd, struct MHD_Connection *connection, unsigned status,
                                  const char *text)
{
	return give(httpd, connection, status, "text/plain; charset=utf-8", text, strlen(text));
}

static enum MHD_Result give_metrics(const struct httpd *httpd, struct MHD_Connection *connection)
{
	const struct desk_out *out = &httpd->job.out;

	if (out->cut) {
		return give_plain(httpd, connection, MHD_HTTP_INTERNAL_SERVER_ERROR,
		                  "The answer is too long to be given\n");
	}
	return give(httpd, connection, MHD_HTTP_OK, "text/plain; version=0.0.4; charset=utf-8",
	            out->text != NULL ? out->text : "", out->len);
}

static bool is_fresh(const struct httpd *httpd)
{
	return !httpd->is_collecting && sys_clock_us() < httpd->fresh_until_us;
}

static void collected(struct httpd *httpd)
{
	httpd->is_collecting = false;
	httpd->fresh_until_us = sys_clock_us() + HTTPD_FRESH_US;
	for (unsigned i = 0; i < httpd->waiting_count; i++) {
		httpd->calls.MHD_resume_connection(httpd->waiting[i]);
	}
	httpd->waiting_count = 0;
}

static void collect(struct httpd *httpd)
{
	if (!httpd->is_collecting) {
		httpd->is_collecting = true;
		if (desk_job_run(&httpd->job, httpd->context, &desk_metrics_command, sys_clock_us())) {
			collected(httpd);
		}
	}
}

/* Called when a request's head is there, and again when it is resumed. */
static enum MHD_Result on_request(void *owner, struct MHD_Connection *connection, const char *url, const char *method,
                                  const char *version, const char *data, size_t *data_len, void **seen)
{
	static char mark;
	struct httpd *httpd = owner;

	(void)version;
	(void)data;
	*data_len = 0; /* what comes behind the head is nothing to us */
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0) {
		return give_plain(httpd, connection, MHD_HTTP_METHOD_NOT_ALLOWED, "Only GET\n");
	}
	if (strcmp(url, "/metrics") != 0) {
		return give_plain(httpd, connection, MHD_HTTP_NOT_FOUND, "There is only /metrics here\n");
	}
	if (!is_fresh(httpd) && *seen == NULL) {
		collect(httpd);
	}
	if (!httpd->is_collecting) {
		return give_metrics(httpd, connection);
	}
	assert(httpd->waiting_count < HTTPD_CONNECTIONS);
	*seen = &mark;
	httpd->calls.MHD_suspend_connection(connection);
	httpd->waiting[httpd->waiting_count++] = connection;
	return MHD_YES;
}

/* ---- The loop ---- */

static void on_ready(void *owner, int fd, unsigned ready)
{
	struct httpd *httpd = owner;

	(void)fd;
	(void)ready;
	httpd->calls.MHD_run(httpd->daemon);
}

static void stop(struct httpd *httpd)
{
	if (httpd->daemon == NULL) {
		return;
	}
	if (httpd->is_collecting) {
		desk_job_reset(&httpd->job);
		collected(httpd);
	}
	httpd->fresh_until_us = 0;
	httpd->calls.MHD_run(httpd->daemon); /* those that were resumed must have gone on before */
	sys_loop_remove(httpd->loop, httpd->epoll_fd);
	httpd->calls.MHD_stop_daemon(httpd->daemon);
	httpd->daemon = NULL;
}

static bool start(struct httpd *httpd, int fd)
{
	const struct calls *calls = &httpd->calls;

	httpd->daemon = calls->MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, on_request,
	                                        httpd, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT,
	                                        (unsigned)HTTPD_CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT,
	                                        (unsigned)HTTPD_TIMEOUT_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
	                                        (size_t)HTTPD_MEMORY_BYTES, MHD_OPTION_END);
	if (httpd->daemon == NULL) {
		close(fd);
		return false;
	}
	const union MHD_DaemonInfo *info = calls->MHD_get_daemon_info(httpd->daemon, MHD_DAEMON_INFO_EPOLL_FD);

	httpd->epoll_fd = info != NULL ? info->listen_fd : -1;
	if (httpd->epoll_fd < 0 || !sys_loop_add(httpd->loop, httpd->epoll_fd, SYS_LOOP_READ, on_ready, httpd)) {
		calls->MHD_stop_daemon(httpd->daemon);
		httpd->daemon = NULL;
	}
	return httpd->daemon != NULL;
}

struct httpd *httpd_new(struct sys_loop *loop, const struct tg_log *log, const struct desk_context *context)
{
	struct httpd *httpd = calloc(1, sizeof(*httpd));

	if (httpd == NULL || !calls_open(&httpd->calls)) {
		free(httpd);
		return NULL;
	}
	httpd->loop = loop;
	httpd->log = log;
	httpd->context = context;
	httpd->job.deadline_us = TG_NEVER;
	return httpd;
}

void httpd_free(struct httpd *httpd)
{
	if (httpd != NULL) {
		stop(httpd);
		desk_job_reset(&httpd->job);
		free(httpd);
	}
}

bool httpd_listen(struct httpd *httpd, int fd)
{
	stop(httpd);
	if (fd < 0) {
		return true;
	}
	const bool well = start(httpd, fd);

	tg_log(httpd->log, well ? TG_NOTICE : TG_ERROR, well ? "metrics.on" : "metrics.not_started");
	return well;
}

void httpd_on_record(struct httpd *httpd, enum ipc_proc from, const union ipc_any *record)
{
	if (httpd->is_collecting && desk_job_on_record(&httpd->job, httpd->context, from, record)) {
		collected(httpd);
	}
}

void httpd_on_gone(struct httpd *httpd, enum ipc_proc peer)
{
	if (httpd->is_collecting && desk_job_on_gone(&httpd->job, httpd->context, peer)) {
		collected(httpd);
	}
}

uint64_t httpd_deadline_us(const struct httpd *httpd)
{
	MHD_UNSIGNED_LONG_LONG wait_ms = 0;
	uint64_t at = httpd->is_collecting ? httpd->job.deadline_us : TG_NEVER;

	if (httpd->daemon != NULL && httpd->calls.MHD_get_timeout(httpd->daemon, &wait_ms) == MHD_YES) {
		at = tg_min_u64(at, sys_clock_us() + wait_ms * TG_US_PER_MS);
	}
	return at;
}

void httpd_expire(struct httpd *httpd, uint64_t now_us)
{
	if (httpd->is_collecting && desk_job_expire(&httpd->job, httpd->context, now_us)) {
		collected(httpd);
	}
	if (httpd->daemon != NULL) {
		httpd->calls.MHD_run(httpd->daemon);
	}
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tollgated with another engine and another desk, which do as they are told: the engine by datagrams to its sockets, the
 * desk by lines on the console's socket. So everything else of the daemon can be tested in whole processes.
 */
#include "daemon/child.h"
#include "daemon/roles.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "crypt/md5.h"
#include "model/prompts.h"
#include "model/world.h"
#include "sys/clock.h"
#include "sys/memfile.h"

enum { QUEUE_MAX = 4096, LINE_BYTES = 256, FENCED_MAX = 512 };

static void listen_at(struct child *child, int fd, sys_loop_on *on, void *owner)
{
	if (!sys_loop_add(child->loop, fd, SYS_LOOP_READ, on, owner)) {
		abort();
	}
}

/* ---- The engine ---- */

struct engine {
	struct child child;
	struct crypt_md5 *md5;
	int socket; /* that the last order came to */
	struct sockaddr_storage asker;
	socklen_t asker_len;
	uint32_t sockets, worlds, bindings, ends;
	uint32_t bans, accounts, guard_ends;
	uint64_t world, prompts, outbox, kept;
	char first_binding[IPC_NAME_BYTES];
	char name[IPC_NAME_BYTES], secret[64]; /* of the question that is asked */
	uint32_t identity;
	bool ignores_stop;
	struct ipc_ban fenced[FENCED_MAX]; /* what the fence is told, and told again when it is new */
	uint32_t fenced_count;
	uint32_t crowd, crowd_told; /* so many more, of 100.64.0.0/10 */
	uint32_t works;             /* as the fence says */
};

static void engine_say(struct engine *engine, const char *text)
{
	if (sendto(engine->socket, text, strlen(text), 0, (struct sockaddr *)&engine->asker, engine->asker_len) < 0) {
		abort();
	}
}

static void say_facts(struct engine *engine)
{
	char text[512];

	snprintf(text, sizeof(text),
	         "sockets=%u world=%u prompts=%u outbox=%d kept=%u bindings=%u ends=%u first=%s vault=%u store=%u "
	         "desk=%u bans=%u accounts=%u guard_ends=%u fence=%u works=%u crowd=%u",
	         engine->sockets, (unsigned)engine->world, (unsigned)engine->prompts, engine->outbox != 0,
	         (unsigned)engine->kept, engine->bindings, engine->ends, engine->first_binding,
	         engine->child.peers[PROC_VAULT].incarnation, engine->child.peers[PROC_STORE].incarnation,
	         engine->child.peers[PROC_DESK].incarnation, engine->bans, engine->accounts, engine->guard_ends,
	         engine->child.peers[PROC_FENCE].incarnation, engine->works, engine->crowd_told);
	engine_say(engine, text);
}

static void send_record(struct engine *engine, uint64_t sequence)
{
	struct ipc_call_record record = {
		.head.kind = IPC_CALL_RECORD,
		.sequence = sequence,
		.incarnation = engine->outbox,
		.record = { .unique = sequence, .started_ms = 1, .ended_ms = 2 },
	};

	snprintf(record.record.caller, sizeof(record.record.caller), "caller-%u", (unsigned)sequence);
	child_send(&engine->child, PROC_STORE, &record, sizeof(record));
}

static void send_binding(struct engine *engine, const char *name)
{
	struct ipc_binding record = {
		.head.kind = IPC_BINDING,
		.binding = { .addr = tg_addr_ipv4((const uint8_t[]){ 192, 0, 2, 1 }, 4569),
		             .expires_ms = sys_clock_wall_ms() + 600000,
		             .refresh_s = 60 },
	};

	snprintf(record.binding.name, sizeof(record.binding.name), "%s", name);
	child_send(&engine->child, PROC_STORE, &record, sizeof(record));
}

static uint32_t kind_of(const char *name)
{
	uint32_t kind = 0;

	while (kind < MODEL_EVENT_KINDS && strcmp(model_event_name(kind), name) != 0) {
		kind++;
	}
	return kind;
}

static uint32_t reason_of(const char *code)
{
	uint32_t reason = 0;

	while (reason < MODEL_REASON_COUNT && strcmp(model_reason_code(reason), code) != 0) {
		reason++;
	}
	return reason;
}

/* event KIND REASON REQUEST VALIDATED ADDRESS NAME */
static void send_event(struct engine *engine, const char *order)
{
	struct ipc_event record = { .head.kind = IPC_EVENT };
	struct model_event *event = &record.event;
	static uint64_t number;
	char kind[LINE_BYTES], reason[LINE_BYTES], addr[LINE_BYTES];

	if (sscanf(order, "event %60s %60s %u %u %60s %87[^\n]", kind, reason, &event->request, &event->validated, addr,
	           event->account) != 6 ||
	    !tg_addr_parse(&event->remote, tg_span_text(addr), 0)) {
		abort();
	}
	event->kind = kind_of(kind);
	event->reason = reason_of(reason);
	event->wall_ms = sys_clock_wall_ms();
	event->id = (struct model_event_id){ event->wall_ms << 16, ++number };
	event->class = MODEL_CLASS_NEW;
	child_send(&engine->child, PROC_STORE, &record, sizeof(record));
}

/* ban ADDRESS BITS SECONDS */
static void send_ban(struct engine *engine, const char *order)
{
	struct ipc_ban record = { .head.kind = IPC_BAN, .ban = { .reason = MODEL_WHY_TRIES } };
	char addr[LINE_BYTES];
	unsigned seconds = 0;

	if (sscanf(order, "ban %200s %u %u", addr, &record.ban.bits, &seconds) != 3 ||
	    !tg_addr_parse(&record.ban.base, tg_span_text(addr), 0)) {
		abort();
	}
	record.ban.until_ms = seconds > 0 ? sys_clock_wall_ms() + seconds * UINT64_C(1000) : 1;
	child_send(&engine->child, PROC_STORE, &record, sizeof(record));
}

static void send_account(struct engine *engine, const char *name)
{
	struct ipc_guard_account record = { .head.kind = IPC_GUARD_ACCOUNT, .account = { .failures = 1 } };

	snprintf(record.account.name, sizeof(record.account.name), "%s", name);
	child_send(&engine->child, PROC_STORE, &record, sizeof(record));
}

static struct ipc_ban fenced_of(struct tg_addr base, uint32_t bits, int64_t for_ms)
{
	return (struct ipc_ban){
		.head.kind = IPC_BAN,
		.ban = { .base = base,
		         .bits = bits,
		         .kind = MODEL_BAN,
		         .in_kernel = 1,
		         .until_ms = for_ms == 0 ? 0 : (uint64_t)((int64_t)sys_clock_wall_ms() + for_ms) },
	};
}

/* fence ADDRESS BITS MILLISECONDS IN_KERNEL [KIND] */
static void send_fenced(struct engine *engine, const char *order)
{
	struct ipc_ban *ban = &engine->fenced[engine->fenced_count];
	struct tg_addr base;
	char addr[LINE_BYTES];
	unsigned bits, in_kernel, kind = MODEL_BAN;
	long for_ms;

	if (engine->fenced_count++ == FENCED_MAX ||
	    sscanf(order, "fence %200s %u %ld %u %u", addr, &bits, &for_ms, &in_kernel, &kind) < 4 ||
	    !tg_addr_parse(&base, tg_span_text(addr), 0)) {
		abort();
	}
	*ban = fenced_of(base, bits, for_ms);
	ban->ban.in_kernel = in_kernel;
	ban->ban.kind = kind;
	child_send(&engine->child, PROC_FENCE, ban, sizeof(*ban));
}

/* As many as the channel takes now; the others later. */
static void send_crowd(void *owner, uint64_t now_us)
{
	struct engine *engine = owner;

	while (engine->crowd_told < engine->crowd) {
		const uint32_t number = engine->crowd_told;
		const uint8_t ip[4] = { 100, (uint8_t)(64 + (number >> 16)), (uint8_t)(number >> 8), (uint8_t)number };
		const struct ipc_ban ban = fenced_of(tg_addr_ipv4(ip, 0), 32, 600000);

		if (!child_send(&engine->child, PROC_FENCE, &ban, sizeof(ban))) {
			engine->child.deadline_us = now_us + TG_US_PER_MS;
			return;
		}
		engine->crowd_told++;
	}
}

static void fence_mark(struct engine *engine, enum ipc_kind kind)
{
	const struct ipc_plain mark = { .head.kind = kind };

	child_send(&engine->child, PROC_FENCE, &mark, sizeof(mark));
}

static bool is_last_word(const struct engine *engine, uint32_t at)
{
	const struct model_ban *one = &engine->fenced[at].ban;
	bool is_last = true;

	for (uint32_t i = at + 1; i < engine->fenced_count; i++) {
		const struct model_ban *later = &engine->fenced[i].ban;

		is_last = is_last && (!tg_addr_same_host(later->base, one->base) || later->bits != one->bits ||
		                      later->kind != one->kind);
	}
	return is_last;
}

/* The fence asks for all there is. */
static void fence_again(struct engine *engine)
{
	fence_mark(engine, IPC_BANS_ANEW);
	for (uint32_t i = 0; i < engine->fenced_count; i++) {
		if (is_last_word(engine, i)) {
			child_send(&engine->child, PROC_FENCE, &engine->fenced[i], sizeof(engine->fenced[i]));
		}
	}
	fence_mark(engine, IPC_BANS_ALL);
}

static void on_engine_channel(void *owner, enum ipc_proc to, bool is_there)
{
	struct engine *engine = owner;

	if (to != PROC_FENCE || !is_there) {
		return;
	}
	for (uint32_t i = 0; i < engine->fenced_count; i++) {
		child_send(&engine->child, PROC_FENCE, &engine->fenced[i], sizeof(engine->fenced[i]));
	}
	engine->works = 0;
	engine->crowd_told = 0;
	send_crowd(engine, sys_clock_us());
}

static void break_the_rules(struct engine *engine, const char *towards)
{
	const struct ipc_plain wrong = { .head.kind = IPC_LISTEN };

	for (unsigned to = 0; to < PROCS; to++) {
		if (strcmp(towards, ipc_proc_name(to)) == 0) {
			child_send(&engine->child, to, &wrong, sizeof(wrong));
		}
	}
}

static void on_order(struct engine *engine, char *order)
{
	const struct ipc_challenge_ask ask = { .head.kind = IPC_CHALLENGE_ASK, .cookie = 77 };
	const struct ipc_breach lie = ipc_breach_of(PROC_STORE, engine->child.peers[PROC_STORE].incarnation, "a lie");
	char name[LINE_BYTES] = "";

	if (strcmp(order, "facts") == 0) {
		say_facts(engine);
	} else if (strcmp(order, "ping") == 0) {
		engine_say(engine, "pong");
	} else if (strcmp(order, "again") == 0) {
		fence_again(engine);
	} else if (strncmp(order, "fence ", 6) == 0) {
		send_fenced(engine, order);
	} else if (sscanf(order, "crowd %u", &engine->crowd) == 1) {
		send_crowd(engine, sys_clock_us());
	} else if (sscanf(order, "record %200s", name) == 1) {
		send_record(engine, strtoull(name, NULL, 10));
	} else if (sscanf(order, "binding %80s", name) == 1) {
		send_binding(engine, name);
	} else if (strncmp(order, "event ", 6) == 0) {
		send_event(engine, order);
	} else if (strncmp(order, "ban ", 4) == 0) {
		send_ban(engine, order);
	} else if (sscanf(order, "account %80s", name) == 1) {
		send_account(engine, name);
	} else if (sscanf(order, "auth %u %80s %60s", &engine->identity, engine->name, engine->secret) == 3) {
		child_send(&engine->child, PROC_VAULT, &ask, sizeof(ask));
	} else if (sscanf(order, "breach %20s", name) == 1) {
		break_the_rules(engine, name);
	} else if (strcmp(order, "accuse store") == 0) {
		child_send(&engine->child, PROC_PARENT, &lie, sizeof(lie));
	} else if (strcmp(order, "open a file") == 0) {
		engine_say(engine, open("/etc/passwd", O_RDONLY | O_CLOEXEC) >= 0 ? "it is open" : "it is not open");
	} else if (strcmp(order, "ignore stop") == 0) {
		engine->ignores_stop = true;
	} else if (strcmp(order, "exit") == 0) {
		exit(3);
	}
}

static void on_datagram(void *owner, int fd, unsigned ready)
{
	struct engine *engine = owner;
	char order[LINE_BYTES] = "";

	(void)ready;
	engine->socket = fd;
	engine->asker_len = sizeof(engine->asker);
	if (recvfrom(fd, order, sizeof(order) - 1, MSG_DONTWAIT, (struct sockaddr *)&engine->asker,
	             &engine->asker_len) > 0) {
		on_order(engine, order);
	}
}

static void on_socket(struct engine *engine, int fd)
{
	engine->sockets++;
	/* Without a selector any of them may get an order. */
	engine->socket = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	listen_at(&engine->child, engine->socket, on_datagram, engine);
}

static void on_world(struct engine *engine, const struct ipc_image *record, int fd)
{
	const struct world *world = sys_memfile_map(fd, record->size_bytes);

	if (world == NULL || world_check(world, record->size_bytes) != NULL ||
	    world->generation != record->generation) {
		abort();
	}
	engine->world = record->generation;
	sys_memfile_unmap(world, record->size_bytes);
}

static void on_prompts(struct engine *engine, const struct ipc_image *record, int fd)
{
	const struct prompts *prompts = sys_memfile_map(fd, record->size_bytes);

	if (prompts == NULL || prompts_check(prompts, record->size_bytes) != NULL ||
	    prompts->generation != record->generation) {
		abort();
	}
	engine->prompts = record->generation;
	sys_memfile_unmap(prompts, record->size_bytes);
}

static void on_challenge(struct engine *engine, const struct ipc_challenge *challenge)
{
	struct ipc_verify_ask ask = {
		.head.kind = IPC_VERIFY_ASK,
		.cookie = challenge->cookie,
		.generation = engine->world,
		.identity = engine->identity,
	};

	snprintf(ask.name, sizeof(ask.name), "%s", engine->name);
	if (!crypt_md5_answer(engine->md5, ask.md5_result,
	                      (struct tg_span){ (const uint8_t *)challenge->text, sizeof(challenge->text) },
	                      tg_span_text(engine->secret))) {
		abort();
	}
	child_send(&engine->child, PROC_VAULT, &ask, sizeof(ask));
}

static void on_engine_record(void *owner, enum ipc_proc from, const union ipc_any *record, int fd)
{
	struct engine *engine = owner;
	const void *body = record;
	const struct ipc_rows_end end = { .head.kind = IPC_ROWS_END };

	(void)from;
	if (record->head.kind == IPC_SOCKET) {
		on_socket(engine, fd);
	} else if (record->head.kind == IPC_WORLD) {
		on_world(engine, body, fd);
	} else if (record->head.kind == IPC_PROMPTS) {
		on_prompts(engine, body, fd);
	} else if (record->head.kind == IPC_OUTBOX) {
		engine->outbox = ((const struct ipc_image *)body)->generation;
	} else if (record->head.kind == IPC_CHALLENGE) {
		on_challenge(engine, body);
	} else if (record->head.kind == IPC_VERDICT) {
		engine_say(engine, ((const struct ipc_verdict *)body)->right ? "right" : "wrong");
	} else if (record->head.kind == IPC_RECORD_KEPT) {
		engine->kept = ((const struct ipc_plain *)body)->value;
	} else if (record->head.kind == IPC_BINDING) {
		snprintf(engine->first_binding, sizeof(engine->first_binding), "%s",
		         ((const struct ipc_binding *)body)->binding.name);
		engine->bindings++;
	} else if (record->head.kind == IPC_BINDINGS_END) {
		engine->ends++;
	} else if (record->head.kind == IPC_FENCE_STATE) {
		engine->works = ((const struct ipc_fence_state *)body)->works;
		if (((const struct ipc_fence_state *)body)->again == 1) {
			fence_again(engine);
		}
	} else if (record->head.kind == IPC_BAN) {
		engine->bans++;
	} else if (record->head.kind == IPC_GUARD_ACCOUNT) {
		engine->accounts++;
	} else if (record->head.kind == IPC_GUARD_END) {
		engine->guard_ends++;
	} else if (record->head.kind == IPC_QUERY) {
		child_send(&engine->child, PROC_DESK, &end, sizeof(end));
	}
}

static int test_engine(const struct role_args *args)
{
	static const struct child_ops ops = {
		.on_record = on_engine_record,
		.on_channel = on_engine_channel,
		.expire = send_crowd,
	};
	static struct engine engine = { .socket = -1 };
	const struct sys_sandbox sandbox = { .role = SYS_SANDBOX_ENGINE };
	const struct ipc_plain stopped = { .head.kind = IPC_STOPPED };

	engine.md5 = crypt_md5_new();
	if (engine.md5 == NULL || !child_init(&engine.child, PROC_ENGINE, args->channel_fd, &ops, &engine, QUEUE_MAX) ||
	    !child_enter(&engine.child, &sandbox)) {
		return EXIT_FAILURE;
	}
	child_run(&engine.child);
	while (engine.ignores_stop) {
		sys_loop_turn(engine.child.loop, sys_clock_us() + TG_US_PER_S);
	}
	send_record(&engine, 999999); /* a call that ended because of the stop */
	child_send(&engine.child, PROC_PARENT, &stopped, sizeof(stopped));
	child_deinit(&engine.child);
	crypt_md5_free(engine.md5);
	return engine.child.exit_code;
}

/* ---- The desk: one client at a time, one line, one answer ---- */

struct desk {
	struct child child;
	int listener, client; /* -1: none */
	uint64_t world;
};

static void desk_say(struct desk *desk, const char *format, ...) TG_PRINTF(2, 3);

static void desk_say(struct desk *desk, const char *format, ...)
{
	char line[1024];
	va_list args;

	va_start(args, format);
	const int n = vsnprintf(line, sizeof(line), format, args);

	va_end(args);
	if (desk->client >= 0 && send(desk->client, line, (size_t)n, MSG_NOSIGNAL) < 0) {
		desk->client = -1;
	}
}

static void desk_end(struct desk *desk)
{
	if (desk->client >= 0) {
		close(desk->client);
		desk->client = -1;
	}
}

static void desk_command(struct desk *desk, enum ipc_command_what what)
{
	const struct ipc_command record = { .head.kind = IPC_COMMAND, .query = 5, .what = what };

	child_send(&desk->child, PROC_PARENT, &record, sizeof(record));
}

static void desk_query(struct desk *desk, enum ipc_proc to, enum ipc_query_what what)
{
	const struct ipc_query record = { .head.kind = IPC_QUERY, .query = 6, .what = what, .limit = 3 };

	child_send(&desk->child, to, &record, sizeof(record));
}

static void on_client(void *owner, int fd, unsigned ready)
{
	struct desk *desk = owner;
	char line[LINE_BYTES] = "";

	(void)ready;
	desk_end(desk);
	desk->client = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
	if (desk->client < 0 || recv(desk->client, line, sizeof(line) - 1, 0) <= 0) {
		desk_end(desk);
	} else if (strcmp(line, "reload\n") == 0) {
		desk_command(desk, IPC_DO_RELOAD);
	} else if (strcmp(line, "reload twice\n") == 0) {
		desk_command(desk, IPC_DO_RELOAD);
		desk_command(desk, IPC_DO_RELOAD);
	} else if (strcmp(line, "stop\n") == 0) {
		desk_command(desk, IPC_DO_STOP_NOW);
	} else if (strcmp(line, "drain\n") == 0) {
		desk_command(desk, IPC_DO_STOP_GRACEFULLY);
	} else if (strcmp(line, "processes\n") == 0) {
		desk_query(desk, PROC_PARENT, IPC_ASK_PROCESSES);
	} else if (strcmp(line, "records\n") == 0) {
		desk_query(desk, PROC_STORE, IPC_ASK_RECORDS);
	} else {
		desk_end(desk);
	}
}

static void on_desk_record(void *owner, enum ipc_proc from, const union ipc_any *record, int fd)
{
	struct desk *desk = owner;
	const void *body = record;

	(void)from;
	if (record->head.kind == IPC_LISTENER) {
		desk->listener = fcntl(fd, F_DUPFD_CLOEXEC, 0);
		listen_at(&desk->child, desk->listener, on_client, desk);
	} else if (record->head.kind == IPC_PROCESS_ROW) {
		const struct ipc_process_row *row = body;

		desk_say(desk, "%s %u %u\n", row->name, row->pid, row->restarts);
	} else if (record->head.kind == IPC_RECORD_ROW) {
		desk_say(desk, "%s\n", ((const struct ipc_record_row *)body)->record.caller);
	} else if (record->head.kind == IPC_TEXT) {
		desk_say(desk, "%s\n", ((const struct ipc_text *)body)->text);
	} else if (record->head.kind == IPC_ROWS_END) {
		desk_say(desk, "rows %u\n", ((const struct ipc_rows_end *)body)->rows);
		desk_end(desk);
	} else if (record->head.kind == IPC_DONE) {
		desk_say(desk, "done %u\n", ((const struct ipc_done *)body)->failed);
		desk_end(desk);
	}
}

static int test_desk(const struct role_args *args)
{
	static const struct child_ops ops = { .on_record = on_desk_record };
	static struct desk desk = { .listener = -1, .client = -1 };
	const struct sys_sandbox sandbox = { .role = SYS_SANDBOX_DESK };

	if (!child_init(&desk.child, PROC_DESK, args->channel_fd, &ops, &desk, QUEUE_MAX) ||
	    !child_enter(&desk.child, &sandbox)) {
		return EXIT_FAILURE;
	}
	child_run(&desk.child);
	child_deinit(&desk.child);
	return desk.child.exit_code;
}

const struct role roles[] = {
	{ PROC_ENGINE, "engine", test_engine }, { PROC_VAULT, "vault", vault_main },
	{ PROC_STORE, "store", store_main },    { PROC_LOADER, "loader", loader_main },
	{ PROC_DESK, "desk", test_desk },       { PROC_FENCE, "fence", fence_main },
};
const size_t role_count = TG_COUNT(roles);

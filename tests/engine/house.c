/* SPDX-License-Identifier: Apache-2.0 */
#include "house.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/zeroed.h"
#include "conf/conf.h"
#include "conf/memory_files.h"
#include "engine/run.h"
#include "iax/names.h"
#include "net.h"
#include "sys/clock.h"
#include "sys/memfile.h"

const char house_secret[] = "a-long-open-sesame";

enum { OUTBOX_BYTES = 256 * 1024, STEP_US = 2000 };

/* ---- Images ---- */

/* Two prompts: "beep" of half a second in ulaw, and the test tone of one frame. */
static struct {
	struct prompts head;
	struct prompt rows[2];
	uint8_t frames[26][160];
} prompts = {
	.head = { .magic = PROMPTS_MAGIC, .version = PROMPTS_VERSION, .count = 2, .size_bytes = sizeof(prompts),
		  .rows_offset = sizeof(struct prompts) },
	.rows = {
		{ .name = "beep", .format = IAX_FORMAT_ULAW, .offset = sizeof(struct prompts) + 2 * sizeof(struct prompt),
		  .frame_bytes = 160, .frames = 25 },
		{ .name = PROMPT_MILLIWATT, .format = IAX_FORMAT_ULAW,
		  .offset = sizeof(struct prompts) + 2 * sizeof(struct prompt) + 25 * 160, .frame_bytes = 160, .frames = 1 },
	},
};

static void make_prompts(uint64_t generation)
{
	prompts.head.generation = generation;
	for (uint8_t i = 0; i < TG_COUNT(prompts.frames); i++) {
		memset(prompts.frames[i], i, sizeof(prompts.frames[i]));
	}
	CHECK_TEXT(prompts_check(&prompts.head, sizeof(prompts)), NULL);
}

void house_send(struct house *house, enum house_end end, const void *record, size_t size_bytes)
{
	CHECK_UINT(sys_channel_send(house->ends[end], record, size_bytes, -1), SYS_CHANNEL_OK);
}

static void send_fd(struct house *house, const void *record, size_t size_bytes, int fd)
{
	CHECK_TRUE(fd >= 0);
	CHECK_UINT(sys_channel_send(house->ends[HOUSE_PARENT], record, size_bytes, fd), SYS_CHANNEL_OK);
	close(fd);
}

static void send_image(struct house *house, enum ipc_kind kind, const void *image, size_t size_bytes)
{
	const struct ipc_image record = { .head.kind = kind,
		                          .generation = house->generation,
		                          .size_bytes = size_bytes };

	send_fd(house, &record, sizeof(record), sys_memfile_sealed("test", (struct tg_span){ image, size_bytes }));
}

static void send_world(struct house *house)
{
	char general[1024];
	size_t len = (size_t)snprintf(general, sizeof(general),
	                              "[general]\nthreads=%u\ncalls=40\ndisallow=all\nallow=ulaw\n", house->threads);
	const struct memory_file files[] = {
		{ "iax.conf", general, 0 },
		{ "extensions.conf", house->extensions_conf, 0 },
	};
	struct memory_files memory = { files, TG_COUNT(files) };
	const struct conf_files io = memory_files_io(&memory);
	struct conf_result result;

	for (uint32_t i = 0; i < house->group_count; i++) {
		char text[TG_ADDR_TEXT_BYTES];

		len += (size_t)snprintf(general + len, sizeof(general) - len, "bindaddr=%s\n",
		                        tg_addr_format(house->addrs[i], text));
	}
	snprintf(general + len, sizeof(general) - len, "%s", house->iax_conf);
	conf_load(&io, &result);
	for (const struct conf_problem *problem = result.problems.first; problem != NULL; problem = problem->next) {
		print_message("# %s\n", problem->text);
	}
	CHECK_FALSE(result.failed);
	result.world->generation = house->generation;
	CHECK_TEXT(world_check(result.world, result.world_bytes), NULL);
	make_prompts(house->generation);
	send_image(house, IPC_PROMPTS, &prompts, sizeof(prompts));
	send_image(house, IPC_WORLD, result.world, result.world_bytes);
	conf_result_free(&result);
}

void house_reload(struct house *house, const char *iax_conf, const char *extensions_conf)
{
	house->iax_conf = iax_conf;
	house->extensions_conf = extensions_conf;
	house->generation++;
	send_world(house);
}

/* ---- Start and end ---- */

static void *engine_thread(void *arg)
{
	const struct engine_options options = { .log = NULL, .with_sandbox = false };

	return (void *)(intptr_t)engine_run((int)(intptr_t)arg, &options);
}

static const enum ipc_proc procs[HOUSE_ENDS] = { PROC_PARENT, PROC_VAULT, PROC_STORE, PROC_DESK, PROC_FENCE };

void house_replace(struct house *house, enum house_end end)
{
	const struct ipc_channel record = { .head.kind = IPC_CHANNEL, .to = procs[end], .incarnation = 7 };
	int fds[2];

	sys_channel_free(house->ends[end]);
	CHECK_TRUE(sys_channel_pair(fds));
	house->ends[end] = sys_channel_new(fds[0], 256);
	CHECK_TRUE(house->ends[end] != NULL);
	send_fd(house, &record, sizeof(record), fds[1]);
}

static void send_sockets(struct house *house)
{
	const uint32_t relays = house->threads > 3 ? house->threads - 2 : 1;

	for (uint32_t i = 0; i < HOUSE_GROUPS && house->hosts[i] != NULL; i++) {
		house->addrs[i] = net_addr(house->hosts[i], net_free_port(house->hosts[i]));
		house->group_count++;
	}
	for (uint32_t group = 0; group < house->group_count; group++) {
		for (uint32_t index = 0; index < 2 + relays; index++) {
			const struct ipc_socket record = {
				.head.kind = IPC_SOCKET,
				.local = house->addrs[group],
				.group = group,
				.groups = house->group_count,
				.index = index,
				.count = 2 + relays,
			};

			send_fd(house, &record, sizeof(record), net_bind(house->addrs[group]));
		}
	}
}

void house_start(struct house *house)
{
	const struct ipc_image outbox = { .head.kind = IPC_OUTBOX, .generation = 1, .size_bytes = OUTBOX_BYTES };
	int fds[2];

	CHECK_TRUE(sys_channel_pair(fds));
	house->ends[HOUSE_PARENT] = sys_channel_new(fds[0], 256);
	house->md5 = crypt_md5_new();
	house->generation = 1;
	CHECK_INT(pthread_create(&house->engine, NULL, engine_thread, (void *)(intptr_t)fds[1]), 0);
	send_sockets(house);
	house->outbox_fd = sys_memfile_shared("outbox", OUTBOX_BYTES);
	send_fd(house, &outbox, sizeof(outbox), dup(house->outbox_fd));
	for (int end = HOUSE_VAULT; end < HOUSE_ENDS; end++) {
		house_replace(house, (enum house_end)end);
	}
	send_world(house);
	CHECK_TRUE(house_wait(house, &house->ready, 5000));
}

static void join(struct house *house)
{
	void *code;

	CHECK_INT(pthread_join(house->engine, &code), 0);
	house->exit_code = (int)(intptr_t)code;
}

void house_stop(struct house *house, bool graceful)
{
	const struct ipc_plain stop = { .head.kind = IPC_STOP, .value = graceful };

	house_send(house, HOUSE_PARENT, &stop, sizeof(stop));
	CHECK_TRUE(house_wait(house, &house->stopped, 10000));
	join(house);
	CHECK_INT(house->exit_code, 0);
}

void house_free(struct house *house)
{
	for (uint32_t i = 0; i < house->phone_count; i++) {
		close(house->phones[i].fd);
		free(house->phones[i].ep);
	}
	for (int end = 0; end < HOUSE_ENDS; end++) {
		sys_channel_free(house->ends[end]);
	}
	close(house->outbox_fd);
	crypt_md5_free(house->md5);
}

/* ---- The vault ---- */

/* Who failed is asked the same again. */
static uint32_t challenge_place(struct house *house, uint64_t who)
{
	for (uint32_t i = 0; i < TG_COUNT(house->challenges); i++) {
		if (house->challenges[i].failed && house->challenges[i].who == who) {
			return i;
		}
	}
	const uint32_t place = house->questions % TG_COUNT(house->challenges);

	for (uint32_t i = 0; i < IPC_CHALLENGE_CHARS; i++) {
		house->challenges[place].text[i] = (char)('a' +
		                                          (house->questions * 7 + i * 3 + house->questions / 26) % 26);
	}
	return place;
}

static void make_challenge(struct house *house, const struct ipc_challenge_ask *ask)
{
	struct ipc_challenge answer = { .head.kind = IPC_CHALLENGE, .cookie = ask->cookie };
	const uint32_t place = challenge_place(house, ask->who);

	house->challenges[place].cookie = ask->cookie;
	house->challenges[place].who = ask->who;
	house->challenges[place].failed = false;
	memcpy(answer.text, house->challenges[place].text, sizeof(answer.text));
	house_send(house, HOUSE_VAULT, &answer, sizeof(answer));
}

static void answer_md5(const struct house *house, struct tg_span challenge, uint8_t out[CRYPT_MD5_BYTES])
{
	CHECK_TRUE(crypt_md5_answer(house->md5, out, challenge, tg_span_text(house_secret)));
}

static void verify(struct house *house, const struct ipc_verify_ask *ask)
{
	struct ipc_verdict verdict = { .head.kind = IPC_VERDICT, .cookie = ask->cookie };
	uint8_t want[CRYPT_MD5_BYTES];

	for (size_t i = 0; i < TG_COUNT(house->challenges); i++) {
		if (house->challenges[i].cookie == ask->cookie) {
			answer_md5(house,
			           (struct tg_span){ (const uint8_t *)house->challenges[i].text, IPC_CHALLENGE_CHARS },
			           want);
			verdict.right = ask->held == 0 && memcmp(want, ask->md5_result, sizeof(want)) == 0;
			house->challenges[i].cookie = 0;
			house->challenges[i].failed = verdict.right == 0;
		}
	}
	memcpy(&verdict.answer, ask->md5_result, sizeof(verdict.answer));
	house->verdicts++;
	house->right += verdict.right;
	house_send(house, HOUSE_VAULT, &verdict, sizeof(verdict));
}

static void respond(struct house *house, const struct ipc_respond_ask *ask)
{
	struct ipc_response response = { .head.kind = IPC_RESPONSE, .cookie = ask->cookie, .known = 1 };

	answer_md5(house, (struct tg_span){ ask->challenge, ask->challenge_bytes }, response.md5_result);
	house_send(house, HOUSE_VAULT, &response, sizeof(response));
}

static void on_vault(struct house *house, const void *record)
{
	const struct ipc_challenge_ask *ask = record;

	house->questions++;
	if (house->vault_is_silent) {
		return;
	}
	if (ask->head.kind == IPC_CHALLENGE_ASK) {
		make_challenge(house, ask);
	} else if (ask->head.kind == IPC_VERIFY_ASK) {
		verify(house, record);
	} else if (ask->head.kind == IPC_RESPOND_ASK) {
		respond(house, record);
	}
}

/* ---- The others ---- */

static void on_parent(struct house *house, const void *record)
{
	const struct ipc_head *head = record;

	if (head->kind == IPC_READY) {
		house->ready = true;
	} else if (head->kind == IPC_STOPPED) {
		house->stopped = true;
	} else if (head->kind == IPC_BREACH) {
		house->breaches++;
		memcpy(house->breach, ((const struct ipc_breach *)record)->why, sizeof(house->breach));
	}
}

static void on_store(struct house *house, const void *record)
{
	const struct ipc_call_record *call = record;

	if (call->head.kind == IPC_CALL_RECORD && house->record_count < HOUSE_RECORDS) {
		const struct ipc_plain kept = { .head.kind = IPC_RECORD_KEPT, .value = call->sequence };

		house->records[house->record_count++] = *call;
		if (!house->store_is_silent) {
			house_send(house, HOUSE_STORE, &kept, sizeof(kept));
		}
	} else if (call->head.kind == IPC_BINDING && house->binding_count < HOUSE_RECORDS) {
		house->bindings[house->binding_count++] = ((const struct ipc_binding *)record)->binding;
	} else if (call->head.kind == IPC_EVENT && house->event_count < HOUSE_EVENTS) {
		house->events[house->event_count++] = ((const struct ipc_event *)record)->event;
	} else if (call->head.kind == IPC_BAN && house->ban_count < HOUSE_ROWS) {
		house->bans[house->ban_count++] = ((const struct ipc_ban *)record)->ban;
	} else if (call->head.kind == IPC_GUARD_ACCOUNT && house->account_count < HOUSE_ROWS) {
		house->accounts[house->account_count++] = ((const struct ipc_guard_account *)record)->account;
	}
}

static void on_fence(struct house *house, const void *record)
{
	const struct ipc_ban *ban = record;

	if (ban->head.kind == IPC_BANS_ANEW || ban->head.kind == IPC_BANS_ALL) {
		return;
	}
	CHECK_UINT(ban->head.kind, IPC_BAN);
	if (house->fence_ban_count < HOUSE_ROWS) {
		house->fence_bans[house->fence_ban_count++] = ban->ban;
	}
}

static void on_desk(struct house *house, const void *record)
{
	const struct ipc_head *head = record;

	if (head->kind == IPC_ROWS_END) {
		house->rows_end = *(const struct ipc_rows_end *)record;
		return;
	}
	if (head->kind == IPC_TEXT) {
		memcpy(house->said, ((const struct ipc_text *)record)->text, sizeof(house->said));
		return;
	}
	if (head->kind == IPC_DONE) {
		house->done = *(const struct ipc_done *)record;
		return;
	}
	house->row_count++;
	if (head->kind == IPC_BAN_ROW && house->ban_row_count < HOUSE_ROWS) {
		house->ban_rows[house->ban_row_count++] = *(const struct ipc_ban_row *)record;
	} else if (head->kind == IPC_SOURCE_ROW && house->source_count < HOUSE_ROWS) {
		house->sources[house->source_count++] = *(const struct ipc_source_row *)record;
	} else if (head->kind == IPC_ACCOUNT_ROW && house->guarded_count < HOUSE_ROWS) {
		house->guarded[house->guarded_count++] = *(const struct ipc_account_row *)record;
	} else if (head->kind == IPC_BUDGET_ROW && house->budget_count < HOUSE_ROWS) {
		house->budgets[house->budget_count++] = *(const struct ipc_budget_row *)record;
	} else if (head->kind == IPC_CHANNEL_ROW && house->channel_count < HOUSE_ROWS) {
		house->channels[house->channel_count++] = *(const struct ipc_channel_row *)record;
	} else if (head->kind == IPC_PEER_ROW && house->peer_count < HOUSE_ROWS) {
		house->peers[house->peer_count++] = *(const struct ipc_peer_row *)record;
	} else if (head->kind == IPC_NUMBERS_ROW && house->number_count < HOUSE_ROWS) {
		house->numbers[house->number_count++] = *(const struct ipc_numbers_row *)record;
	} else if (head->kind == IPC_COUNTER_ROW && house->counter_count < HOUSE_COUNTERS) {
		house->counters[house->counter_count++] = *(const struct ipc_counter_row *)record;
	}
}

static void (*const handlers[HOUSE_ENDS])(struct house *house, const void *record) = { on_parent, on_vault, on_store,
	                                                                               on_desk, on_fence };

static void serve(struct house *house, enum house_end end)
{
	_Alignas(16) uint8_t record[IPC_MSG_MAX_BYTES];
	size_t size_bytes;
	int fd = -1;

	if (house->ends[end] == NULL) {
		return;
	}
	(void)!sys_channel_flush(house->ends[end]);
	while (sys_channel_receive(house->ends[end], record, sizeof(record), &size_bytes, &fd) == SYS_CHANNEL_OK) {
		CHECK_TEXT(ipc_check(PROC_ENGINE, procs[end], record, size_bytes), NULL);
		handlers[end](house, record);
	}
}

void house_ask(struct house *house, enum ipc_query_what what)
{
	static uint64_t number;
	const struct ipc_query query = { .head.kind = IPC_QUERY, .query = ++number, .what = what };

	house->channel_count = house->peer_count = house->counter_count = house->number_count = house->row_count = 0;
	house->ban_row_count = house->source_count = house->guarded_count = house->budget_count = 0;
	house_send(house, HOUSE_DESK, &query, sizeof(query));
	for (int i = 0; i < 1000 && house->rows_end.query != number; i++) {
		house_run_ms(house, 2);
	}
	CHECK_UINT(house->rows_end.query, number);
	CHECK_UINT(house->rows_end.rows, house->row_count);
}

uint64_t house_counter(struct house *house, const char *name)
{
	house_ask(house, IPC_ASK_COUNTERS);
	for (uint32_t i = 0; i < house->counter_count; i++) {
		if (strcmp(house->counters[i].name, name) == 0) {
			return house->counters[i].value;
		}
	}
	fail_msg("no counter %s", name);
	return 0;
}

bool house_order(struct house *house, enum ipc_guard_what what, const char *host, uint32_t bits, uint64_t for_s)
{
	static uint64_t number;
	struct ipc_guard_do order = { .head.kind = IPC_GUARD_DO, .query = ++number, .what = what, .bits = bits };

	order.for_s = for_s;
	if (host != NULL) {
		order.base = net_addr(host, 0);
	}
	snprintf(order.who, sizeof(order.who), "operator");
	snprintf(order.text, sizeof(order.text), "a test");
	house_send(house, HOUSE_DESK, &order, sizeof(order));
	for (int i = 0; i < 1000 && house->done.query != number; i++) {
		house_run_ms(house, 2);
	}
	CHECK_UINT(house->done.query, number);
	return house->done.failed == 0;
}

uint32_t house_events(const struct house *house, enum model_event_kind kind)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < house->event_count; i++) {
		count += house->events[i].kind == kind;
	}
	return count;
}

const struct model_event *house_event(const struct house *house, enum model_event_kind kind)
{
	for (uint32_t i = 0; i < house->event_count; i++) {
		if (house->events[i].kind == kind) {
			return &house->events[i];
		}
	}
	return NULL;
}

/* ---- Phones ---- */

struct house_phone *house_phone(struct house *house, const char *host)
{
	struct house_phone *phone = &house->phones[house->phone_count++];
	struct iax_config config = iax_config_default();

	CHECK_TRUE(house->phone_count <= HOUSE_PHONES);
	config.legs_max = 256;
	config.frames_max = 512;
	config.events_max = 512;
	memset(config.seed, (int)house->phone_count, sizeof(config.seed));
	*phone = (struct house_phone){ .house = house, .fd = net_peer(host), .secret = house_secret };
	phone->addr = net_name(phone->fd);
	phone->ep = iax_endpoint_init(tg_zeroed_new(iax_endpoint_size(&config)), &config, sys_clock_us());
	for (uint32_t i = house->group_count; i > 0; i--) {
		if (house->addrs[i - 1].family == phone->addr.family) {
			phone->exchange = house->addrs[i - 1];
		}
	}
	return phone;
}

static void phone_answers_challenge(struct house_phone *phone, const struct iax_event *event)
{
	char digits[IAX_MD5_DIGITS + 1], guess[32];
	uint8_t md5[CRYPT_MD5_BYTES];

	phone->challenges++;
	snprintf(guess, sizeof(guess), "guess-%u", phone->challenges);
	CHECK_TRUE(crypt_md5_answer(phone->house->md5, md5, event->ies->challenge,
	                            tg_span_text(phone->guesses ? guess : phone->secret)));
	tg_hex_encode(digits, (struct tg_span){ md5, sizeof(md5) });
	CHECK_UINT(iax_leg_respond_md5(phone->ep, event->leg, tg_span_text(digits), sys_clock_us()), IAX_OK);
}

static void phone_hears(struct house_phone *phone, const struct iax_event *event)
{
	if (phone->voice++ == 0) {
		phone->first_ts_ms = event->ts_ms;
	}
	phone->full_voice += event->full;
	phone->last_ts_ms = event->ts_ms;
	memcpy(phone->payload, event->payload.p, tg_min_u64(event->payload.len, sizeof(phone->payload)));
	if (phone->echoes) {
		CHECK_UINT(iax_leg_voice(phone->ep, event->leg, event->format,
		                         iax_leg_clock_ms(phone->ep, event->leg, sys_clock_us()), event->payload, false,
		                         sys_clock_us()),
		           IAX_OK);
	}
}

static void phone_on_event(struct house_phone *phone, const struct iax_event *event)
{
	const uint64_t now_us = sys_clock_us();

	switch ((int)event->kind) {
	case IAX_EV_CHALLENGED:
		phone_answers_challenge(phone, event);
		break;
	case IAX_EV_OFFERED:
		phone->offered = true;
		phone->leg = event->leg;
		if (phone->answers) {
			CHECK_UINT(iax_call_accept(phone->ep, event->leg, IAX_FORMAT_ULAW, now_us), IAX_OK);
		}
		break;
	case IAX_EV_CONFIRMED:
		CHECK_UINT(iax_leg_control(phone->ep, event->leg, IAX_CONTROL_ANSWER, (struct tg_span){ 0 }, now_us),
		           IAX_OK);
		break;
	case IAX_EV_ACCEPTED:
		phone->accepted = true;
		break;
	case IAX_EV_CONTROL:
		phone->answered |= event->subclass == IAX_CONTROL_ANSWER;
		break;
	case IAX_EV_DTMF:
		phone->dtmf++;
		break;
	case IAX_EV_VOICE:
		phone_hears(phone, event);
		break;
	case IAX_EV_REG_ACKED:
		phone->registered = true;
		break;
	case IAX_EV_ENDED:
		phone->refused |= event->leg_kind == IAX_LEG_REG_OUT && event->end != IAX_END_DONE;
		if (event->leg_kind == IAX_LEG_CALL_IN || event->leg_kind == IAX_LEG_CALL_OUT) {
			phone->ended = true;
			phone->end = event->end;
			phone->cause = event->cause;
			phone->ended_us = now_us;
		}
		break;
	default:
		break;
	}
}

static void phone_pump(struct house_phone *phone)
{
	struct iax_event event;
	struct iax_datagram out;

	while (iax_endpoint_next_event(phone->ep, &event)) {
		phone_on_event(phone, &event);
	}
	while (iax_endpoint_next_datagram(phone->ep, &out, sys_clock_us())) {
		net_send(phone->fd, out.remote, out.bytes.p, out.bytes.len);
	}
}

static void phone_turn(struct house_phone *phone)
{
	uint8_t bytes[2048];
	ssize_t len;

	while ((len = net_receive(phone->fd, bytes, sizeof(bytes), &phone->seen_from, 0)) >= 0) {
		const struct iax_datagram in = { phone->seen_from, phone->addr, { bytes, (size_t)len } };

		phone->datagrams++;
		(void)iax_endpoint_receive(phone->ep, &in, IAX_UNPROVEN, sys_clock_us());
		phone_pump(phone);
	}
	if (iax_endpoint_deadline_us(phone->ep) <= sys_clock_us()) {
		iax_endpoint_expire(phone->ep, sys_clock_us());
	}
	phone_pump(phone);
}

void phone_register(struct house_phone *phone, const char *name)
{
	const struct iax_reg_open open = {
		.remote = phone->exchange, .local = phone->addr, .username = tg_span_text(name), .refresh_s = 60
	};
	struct iax_leg_id leg;

	phone->registered = phone->refused = false;
	CHECK_UINT(iax_reg_open(phone->ep, &open, sys_clock_us(), &leg), IAX_OK);
}

void phone_call(struct house_phone *phone, const char *user, const char *number)
{
	const struct iax_call_open open = {
		.remote = phone->exchange,
		.local = phone->addr,
		.called_number = tg_span_text(number),
		.calling_number = TG_SPAN_LIT("2000"),
		.username = tg_span_text(user),
		.format = IAX_FORMAT_ULAW,
		.capability = IAX_FORMAT_ULAW,
	};

	phone->accepted = phone->answered = phone->ended = false;
	phone->voice = phone->full_voice = 0;
	CHECK_UINT(iax_call_open(phone->ep, &open, sys_clock_us(), &phone->leg), IAX_OK);
}

void phone_talk(struct house_phone *phone, uint32_t count)
{
	uint8_t frame[160];

	for (uint32_t i = 0; i < count; i++) {
		memset(frame, (int)i, sizeof(frame));
		CHECK_UINT(iax_leg_voice(phone->ep, phone->leg, IAX_FORMAT_ULAW,
		                         iax_leg_clock_ms(phone->ep, phone->leg, sys_clock_us()),
		                         (struct tg_span){ frame, sizeof(frame) }, false, sys_clock_us()),
		           IAX_OK);
		house_run_ms(phone->house, 20);
	}
}

void phone_hangup(struct house_phone *phone)
{
	CHECK_UINT(
		iax_leg_hangup(phone->ep, phone->leg, IAX_CAUSE_NORMAL_CLEARING, (struct tg_span){ 0 }, sys_clock_us()),
		IAX_OK);
}

/* ---- Time ---- */

static void house_turn(struct house *house)
{
	for (int end = 0; end < HOUSE_ENDS; end++) {
		serve(house, (enum house_end)end);
	}
	for (uint32_t i = 0; i < house->phone_count; i++) {
		phone_turn(&house->phones[i]);
	}
}

void house_run_ms(struct house *house, uint32_t ms)
{
	const uint64_t until_us = sys_clock_us() + ms * UINT64_C(1000);

	house_turn(house);
	for (uint64_t now_us; (now_us = sys_clock_us()) < until_us; house_turn(house)) {
		usleep((useconds_t)tg_min_u64(STEP_US, until_us - now_us));
	}
}

bool house_wait(struct house *house, const bool *flag, uint32_t ms)
{
	for (uint32_t waited = 0; !*flag && waited < ms; waited += 5) {
		house_run_ms(house, 5);
	}
	return *flag;
}

bool house_wait_count(struct house *house, const uint32_t *count, uint32_t want, uint32_t ms)
{
	for (uint32_t waited = 0; *count < want && waited < ms; waited += 5) {
		house_run_ms(house, 5);
	}
	return *count >= want;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/core_ops.h"

#include <string.h>

static void ask(struct core *core, uint64_t cookie, const void *record, size_t size_bytes)
{
	if (!asks_put(core->asks, &core->links[CORE_VAULT], cookie, record, size_bytes, core->now_us)) {
		core->asks_lost++; /* the leg ends by its own time limit */
	}
}

static enum model_reason on_may_try(void *owner, const struct switch_try *try)
{
	struct core *core = owner;

	return verdicts_may_try(&core->admission->verdicts, try, core_now(core));
}

static bool on_is_home(void *owner, struct tg_span account, struct tg_addr from)
{
	const struct core *core = owner;

	return guard_is_home(core->admission->guard, account, from, core->now_us);
}

static void on_decided(void *owner, const struct switch_decision *decision)
{
	struct core *core = owner;

	verdicts_on_decided(&core->admission->verdicts, decision, core_now(core));
}

static void on_ask_challenge(void *owner, uint64_t cookie, uint64_t who)
{
	const struct ipc_challenge_ask record = { .head.kind = IPC_CHALLENGE_ASK, .cookie = cookie, .who = who };

	ask(owner, cookie, &record, sizeof(record));
}

static void on_ask_verify(void *owner, const struct switch_answer *answer)
{
	struct core *core = owner;
	struct ipc_verify_ask record = {
		.head.kind = IPC_VERIFY_ASK,
		.cookie = answer->cookie,
		.who = answer->who,
		.generation = images_world(core->images)->generation,
		.identity = answer->registrant ? IPC_REGISTRANT : IPC_CALLER,
		.held = answer->held,
	};

	(void)tg_span_copy(record.name, sizeof(record.name), answer->name); /* one too long is nobody's */
	memcpy(record.md5_result, answer->md5, sizeof(record.md5_result));
	ask(core, answer->cookie, &record, sizeof(record));
}

static void on_ask_respond(void *owner, uint64_t cookie, bool registration, struct tg_span name,
                           struct tg_span challenge)
{
	struct core *core = owner;
	struct ipc_respond_ask record = {
		.head.kind = IPC_RESPOND_ASK,
		.cookie = cookie,
		.generation = images_world(core->images)->generation,
		.identity = registration ? IPC_OUR_REGISTER : IPC_OUR_PEER,
	};

	(void)tg_span_copy(record.name, sizeof(record.name), name);
	record.challenge_bytes = (uint32_t)tg_min_u64(challenge.len, sizeof(record.challenge));
	if (record.challenge_bytes > 0) {
		memcpy(record.challenge, challenge.p, record.challenge_bytes);
	}
	ask(core, cookie, &record, sizeof(record));
}

/* Each call that runs has a record to come; a paid one is begun only when there is a place for its record, too. */
static bool on_may_charge(void *owner)
{
	const struct core *core = owner;

	return outbox_room(core->outbox) > switch_calls(core->sw);
}

static void on_toll(void *owner, const struct switch_toll *toll)
{
	struct core *core = owner;

	verdicts_on_toll(&core->admission->verdicts, toll, core_now(core));
}

static void on_put_record(void *owner, const struct model_call_record *record, const struct model_paid *paid)
{
	struct core *core = owner;

	tally_record(&core->tally, record);
	if (outbox_put(core->outbox, record, paid) == 0) {
		core->records_lost++;
		tg_log(core->shared->log, TG_ERROR, "record.lost", TG_UINT("unique", record->unique),
		       TG_TEXT("why", "the store takes no records and the outbox is full"));
	}
}

static bool on_put_binding(void *owner, const struct model_binding *binding)
{
	struct core *core = owner;

	verdicts_on_binding(&core->admission->verdicts, binding, bindings_last(core->bindings, binding->name),
	                    core_now(core));
	const enum bindings_put put = bindings_put(core->bindings, binding, core->now_us);

	core->bindings_lost += put == BINDINGS_FULL;
	core->bindings_late += put == BINDINGS_LATER;
	return put == BINDINGS_NOW;
}

static void on_relay_set(void *owner, const struct switch_relay *entry)
{
	struct core *core = owner;

	media_set(&core->media, entry);
}

static void on_relay_clear(void *owner, struct iax_leg_id leg)
{
	struct core *core = owner;

	media_clear(&core->media, leg);
}

static bool on_relay_report(void *owner, struct iax_leg_id leg, struct iax_report *report)
{
	struct core *core = owner;

	return media_report(&core->media, leg, report);
}

struct switch_ops core_ops_of(struct core *core)
{
	return (struct switch_ops){
		.owner = core,
		.may_try = on_may_try,
		.is_home = on_is_home,
		.decided = on_decided,
		.ask_challenge = on_ask_challenge,
		.ask_verify = on_ask_verify,
		.ask_respond = on_ask_respond,
		.may_charge = on_may_charge,
		.toll = on_toll,
		.put_record = on_put_record,
		.put_binding = on_put_binding,
		.relay_set = on_relay_set,
		.relay_clear = on_relay_clear,
		.relay_report = on_relay_report,
	};
}

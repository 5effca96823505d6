/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/terms.h"

#include <stdio.h>
#include <string.h>

static_assert((int)GUARD_NAME_BYTES == (int)MODEL_NAME_BYTES && (int)GUARD_NETWORKS == (int)MODEL_GUARD_NETWORKS &&
                      (int)GUARD_PREFIXES == (int)MODEL_GUARD_PREFIXES,
              "the store keeps all that the guard knows of an account");
static_assert((int)GUARD_OFF == (int)WORLD_GUARD_OFF && (int)GUARD_OBSERVE == (int)WORLD_GUARD_OBSERVE &&
                      (int)GUARD_ENFORCE == (int)WORLD_GUARD_ENFORCE,
              "modes mean the same");

enum { IPV4_PREFIX_AT = 3, IPV4_AT = 12 };

struct guard_limits terms_limits(const struct world_guard *guard)
{
	return (struct guard_limits){
		.mode = (enum guard_mode)guard->mode,
		.new_dialogs_per_s = guard->new_dialogs_per_s,
		.new_dialogs_burst = guard->new_dialogs_burst,
		.known_dialogs_per_s = guard->known_dialogs_per_s,
		.known_dialogs_burst = guard->known_dialogs_burst,
		.strangers_per_s = guard->strangers_per_s,
		.failures_per_min = guard->failures_per_min,
		.failures_burst = guard->failures_burst,
		.names_per_10min = guard->names_per_10min,
		.delay_at = guard->delay_at,
		.silence_at = guard->silence_at,
		.kernel_at = guard->kernel_at,
		.step_s = guard->step_s,
		.account_failures = guard->account_failures,
		.account_prefixes = guard->account_prefixes,
		.account_distinct = guard->account_distinct,
		.spray_accounts = guard->spray_accounts,
		.spray_prefixes = guard->spray_prefixes,
		.known_days = guard->known_days,
	};
}

enum model_reason terms_reason(enum guard_why why)
{
	static const enum model_reason reasons[GUARD_WHY_COUNT] = {
		[GUARD_PASS] = MODEL_WHY_OK,
		[GUARD_RATE] = MODEL_WHY_RATE,
		[GUARD_RATE_NETWORK] = MODEL_WHY_RATE_NETWORK,
		[GUARD_RATE_STRANGERS] = MODEL_WHY_RATE_STRANGERS,
		[GUARD_DELAYED] = MODEL_WHY_DELAYED,
		[GUARD_SILENCED] = MODEL_WHY_SILENCED,
		[GUARD_BANNED] = MODEL_WHY_BANNED,
		[GUARD_TRIES] = MODEL_WHY_TRIES,
		[GUARD_PAIR] = MODEL_WHY_PAIR,
		[GUARD_STALE] = MODEL_WHY_STALE,
		[GUARD_GUARDED] = MODEL_WHY_GUARDED,
	};

	return reasons[why];
}

/* The reasons of bans are few; what else a store could bring is none of the guard's. */
static enum guard_why why_of(uint32_t reason)
{
	for (uint32_t why = GUARD_PASS + 1; why < GUARD_WHY_COUNT; why++) {
		if (terms_reason((enum guard_why)why) == (enum model_reason)reason) {
			return (enum guard_why)why;
		}
	}
	return GUARD_BANNED;
}

enum model_class terms_class(enum guard_class class)
{
	switch (class) {
	case GUARD_CLASS_KNOWN:
		return MODEL_CLASS_KNOWN;
	case GUARD_CLASS_STRANGER:
		return MODEL_CLASS_NEW;
	case GUARD_CLASS_SUSPECT:
		return MODEL_CLASS_SUSPECT;
	case GUARD_CLASS_BANNED:
		break;
	}
	return MODEL_CLASS_BANNED;
}

enum model_action terms_action(enum guard_why step)
{
	switch ((int)step) {
	case GUARD_DELAYED:
		return MODEL_ACTION_DELAY;
	case GUARD_SILENCED:
		return MODEL_ACTION_SILENCE;
	case GUARD_BANNED:
		return MODEL_ACTION_KERNEL;
	default:
		return MODEL_ACTION_NONE;
	}
}

uint64_t terms_wall_ms(uint64_t at_us, struct terms_now now)
{
	if (at_us == TG_NEVER) {
		return 0;
	}
	const uint64_t wall_us = at_us >= now.now_us ? now.wall_us + (at_us - now.now_us)
	                                             : now.wall_us - tg_min_u64(now.wall_us, now.now_us - at_us);
	const uint64_t wall_ms = wall_us / TG_US_PER_MS;

	return wall_ms == 0 ? 1 : wall_ms;
}

static uint64_t monotonic_us(uint64_t wall_ms, struct terms_now now)
{
	const uint64_t now_ms = now.wall_us / TG_US_PER_MS;

	if (wall_ms >= now_ms) {
		return now.now_us + tg_min_u64(wall_ms - now_ms, UINT64_C(1) << 40) * TG_US_PER_MS;
	}
	return now.now_us - tg_min_u64(now.now_us, tg_min_u64(now_ms - wall_ms, UINT64_C(1) << 40) * TG_US_PER_MS);
}

struct model_ban terms_ban(const struct guard_ban *ban, struct model_event_id id, struct terms_now now)
{
	struct model_ban out = {
		.id = id,
		.base = ban->base,
		.bits = ban->bits,
		.since_ms = terms_wall_ms(ban->since_us, now),
		.until_ms = terms_wall_ms(ban->until_us, now),
		.kind = ban->allow ? MODEL_ALLOW : MODEL_BAN,
		.step = ban->step,
		.reason = terms_reason(ban->why),
		.in_kernel = ban->in_kernel && !ban->allow,
	};

	out.base.port = 0;
	/* Over, for the reader's clock too; and forgotten, but for the guard's own, of which it says when they ended. */
	if (ban->until_us <= now.now_us) {
		const bool is_remembered = ban->until_us != 0 && !ban->allow && ban->who[0] == '\0';

		out.until_ms = is_remembered ? tg_min_u64(out.until_ms, now.wall_us / TG_US_PER_MS) : 1;
	}
	snprintf(out.who, sizeof(out.who), "%s", ban->who);
	snprintf(out.text, sizeof(out.text), "%s", ban->text);
	return out;
}

/* Weeks without a ban before this start, of which monotonic time knows nothing, are taken off here. */
static void step_down(struct guard_ban *out, const struct model_ban *ban, uint64_t now_ms, uint64_t now_us)
{
	if (ban->until_ms == 0 || ban->until_ms > now_ms) {
		return;
	}
	const uint64_t past_ms = now_ms - ban->until_ms;
	const uint64_t past_us = past_ms % MODEL_BAN_WEEK_MS * TG_US_PER_MS;

	out->step -= (uint32_t)tg_min_u64(past_ms / MODEL_BAN_WEEK_MS, out->step);
	out->until_us = now_us > past_us ? now_us - past_us : 1;
}

/*
 * A ban that began tomorrow: our clock is wrong, as on a board without a battery. Of the guard's own only the step is known to be true
 * then; an operator's lasts as long as he said, from now.
 */
static void doubt_clock(struct guard_ban *out, const struct model_ban *ban, struct terms_now now)
{
	if (ban->since_ms <= now.wall_us / TG_US_PER_MS || ban->until_ms == 0) {
		return;
	}
	out->since_us = now.now_us;
	out->until_us = now.now_us;
	if ((ban->who[0] != '\0' || ban->kind == MODEL_ALLOW) && ban->until_ms > ban->since_ms) {
		out->until_us += tg_min_u64(ban->until_ms - ban->since_ms, UINT64_C(1) << 40) * TG_US_PER_MS;
	}
}

bool terms_guard_ban(struct guard_ban *out, const struct model_ban *ban, struct terms_now now)
{
	const uint32_t bits_max = ban->base.family == TG_IPV4 ? 32 : 128;

	if (ban->base.family == TG_NO_ADDR || ban->bits > bits_max || ban->bits == 0 ||
	    model_ban_is_gone(ban, now.wall_us / TG_US_PER_MS)) {
		return false;
	}
	*out = (struct guard_ban){
		.base = ban->base,
		.bits = ban->bits,
		.step = ban->step,
		.since_us = monotonic_us(ban->since_ms, now),
		.until_us = ban->until_ms == 0 ? TG_NEVER : monotonic_us(ban->until_ms, now),
		.why = why_of(ban->reason),
		.allow = ban->kind == MODEL_ALLOW,
		.in_kernel = ban->in_kernel == 1,
	};
	out->base.port = 0;
	step_down(out, ban, now.wall_us / TG_US_PER_MS, now.now_us);
	doubt_clock(out, ban, now);
	snprintf(out->who, sizeof(out->who), "%s", ban->who);
	snprintf(out->text, sizeof(out->text), "%s", ban->text);
	return true;
}

static struct model_guard_network network_of(const struct guard_network *network)
{
	struct model_guard_network out = { .family = network->base.family, .seen_day = network->seen_day };

	if (network->base.family == TG_IPV4) {
		memcpy(out.prefix + IPV4_PREFIX_AT, network->base.ip + IPV4_AT, sizeof(out.prefix) - IPV4_PREFIX_AT);
	} else if (network->base.family == TG_IPV6) {
		memcpy(out.prefix, network->base.ip, sizeof(out.prefix));
	}
	return out;
}

static struct guard_network guard_network_of(const struct model_guard_network *network)
{
	uint8_t ip[16] = { 0 };

	if (network->family == TG_IPV4) {
		memcpy(ip, network->prefix + IPV4_PREFIX_AT, sizeof(network->prefix) - IPV4_PREFIX_AT);
		return (struct guard_network){ tg_addr_ipv4(ip, 0), network->seen_day };
	}
	if (network->family == TG_IPV6) {
		memcpy(ip, network->prefix, sizeof(network->prefix));
		return (struct guard_network){ tg_addr_ipv6(ip, 0), network->seen_day };
	}
	return (struct guard_network){ .seen_day = 0 };
}

struct model_guard_account terms_account(const struct guard_account *account)
{
	struct model_guard_account out = {
		.window_ms = account->window_ms,
		.distinct_ms = account->distinct_ms,
		.guarded_until_ms = account->guarded_until_ms,
		.failures = account->failures,
		.distinct = account->distinct,
		.prefix_count = account->prefix_count,
	};

	memcpy(out.name, account->name, sizeof(out.name));
	memcpy(out.prefixes, account->prefixes, sizeof(out.prefixes));
	for (int i = 0; i < GUARD_NETWORKS; i++) {
		out.networks[i] = network_of(&account->networks[i]);
	}
	return out;
}

struct guard_account terms_guard_account(const struct model_guard_account *account)
{
	struct guard_account out = {
		.window_ms = account->window_ms,
		.distinct_ms = account->distinct_ms,
		.guarded_until_ms = account->guarded_until_ms,
		.failures = account->failures,
		.distinct = account->distinct,
		.prefix_count = (uint32_t)tg_min_u64(account->prefix_count, GUARD_PREFIXES),
	};

	memcpy(out.name, account->name, sizeof(out.name));
	out.name[sizeof(out.name) - 1] = '\0';
	memcpy(out.prefixes, account->prefixes, sizeof(out.prefixes));
	for (int i = 0; i < GUARD_NETWORKS; i++) {
		out.networks[i] = guard_network_of(&account->networks[i]);
	}
	return out;
}

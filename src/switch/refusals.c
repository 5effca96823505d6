/* SPDX-License-Identifier: Apache-2.0 */
#include "switch/refusals.h"

#define WINDOW_US ((uint64_t)REFUSALS_WINDOW_S * TG_US_PER_S)

static bool is_from(const struct refusals_source *source, enum refusal_kind kind, struct tg_addr from)
{
	return source->is_live && source->kind == kind &&
	       tg_addr_in_prefix(from, source->from, from.family == TG_IPV4 ? 32 : 64);
}

/* The place of this source; one that is not live yet if it is new. */
static struct refusals_source *find(struct refusals *refusals, enum refusal_kind kind, bool proven, struct tg_addr from)
{
	struct refusals_source *unused = NULL;

	for (size_t i = 0; proven && i < REFUSALS_SOURCES; i++) {
		if (is_from(&refusals->sources[i], kind, from)) {
			return &refusals->sources[i];
		}
		if (unused == NULL && !refusals->sources[i].is_live) {
			unused = &refusals->sources[i];
			unused->from = from;
		}
	}
	return unused != NULL ? unused : &refusals->crowds[kind][proven];
}

const struct tg_log *refusals_log(struct refusals *refusals, const struct tg_log *log, enum refusal_kind kind,
                                  bool proven, struct tg_addr from, uint64_t now_us)
{
	struct refusals_source *source = find(refusals, kind, proven, from);

	if (source->is_live) {
		source->more++;
		return NULL;
	}
	source->is_live = 1;
	source->kind = (uint8_t)kind;
	source->proven = proven;
	source->since_us = now_us;
	refusals->next_us = refusals->live++ == 0 ? now_us + WINDOW_US : refusals->next_us;
	return log;
}

static void tell(const struct refusals_source *source, const struct tg_log *log)
{
	static const char *const events[REFUSAL_KINDS] = { "call.refused", "reg.refused" };
	const struct tg_field from = source->from.family == TG_NO_ADDR
	                                     ? TG_TEXT("from", source->proven ? "others" : "unproven")
	                                     : TG_ADDR("from", source->from);

	tg_log(log, source->proven ? TG_NOTICE : TG_INFO, events[source->kind], from, TG_UINT("more", source->more));
}

/* One that went on is counted from here anew; the others are forgotten. */
static void see(struct refusals *refusals, struct refusals_source *source, const struct tg_log *log, uint64_t now_us)
{
	if (source->is_live && now_us >= source->since_us + WINDOW_US) {
		if (source->more > 0) {
			tell(source, log);
			source->more = 0;
			source->since_us = now_us;
		} else {
			source->is_live = 0;
			refusals->live--;
		}
	}
	if (source->is_live) {
		refusals->next_us = tg_min_u64(refusals->next_us, source->since_us + WINDOW_US);
	}
}

void refusals_expire(struct refusals *refusals, const struct tg_log *log, uint64_t now_us)
{
	if (now_us < refusals_deadline_us(refusals)) {
		return;
	}
	refusals->next_us = TG_NEVER;
	for (size_t i = 0; i < REFUSALS_SOURCES; i++) {
		see(refusals, &refusals->sources[i], log, now_us);
	}
	for (size_t kind = 0; kind < REFUSAL_KINDS; kind++) {
		see(refusals, &refusals->crowds[kind][0], log, now_us);
		see(refusals, &refusals->crowds[kind][1], log, now_us);
	}
}

uint64_t refusals_deadline_us(const struct refusals *refusals)
{
	return refusals->live > 0 ? refusals->next_us : TG_NEVER;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/registrant.h"

enum {
	REFRESH_DEFAULT_S = 60,
	RETRY_FIRST_S = 60, /* after no answer, doubled each time */
	RETRY_LAST_S = 480,
	RENEW_LEAST_S = 5, /* whatever a registrar grants */
	REFUSED_S = 300,   /* asking again sooner would only look like guessing */
};

typedef void step_fn(struct iax_registrant *r, uint64_t now_us);

struct rule {
	enum iax_registrant_state in;
	enum iax_registrant_input on;
	step_fn *step;
	enum iax_registrant_state out;
};

/* An even spread of 0..bound-1; quality does not matter here, secrecy neither (a splitmix step). */
static uint64_t spread(struct iax_registrant *r, uint64_t bound)
{
	r->random += UINT64_C(0x9e3779b97f4a7c15);
	uint64_t z = r->random;

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return bound == 0 ? 0 : (z ^ (z >> 31)) % bound;
}

static void ask(struct iax_registrant *r, uint64_t now_us)
{
	(void)now_us;
	r->due_us = TG_NEVER;
	r->leg_releases = r->releasing;
}

static void wait_on(struct iax_registrant *r, uint64_t now_us)
{
	(void)r;
	(void)now_us;
}

static uint64_t later(struct iax_registrant *r, uint64_t now_us, uint64_t wait_us)
{
	return now_us + wait_us + spread(r, wait_us / 10);
}

static void keep(struct iax_registrant *r, uint64_t now_us)
{
	const uint64_t granted_us = (uint64_t)r->granted_s * TG_US_PER_S;
	const uint64_t renew_us = tg_max_u64(granted_us / 6 * 5, (uint64_t)RENEW_LEAST_S * TG_US_PER_S);

	r->failures = 0;
	r->granted_until_us = now_us + granted_us;
	r->due_us = now_us + renew_us - spread(r, renew_us / 10);
}

static void retry(struct iax_registrant *r, uint64_t now_us)
{
	const uint32_t doubled = r->failures < 3 ? r->failures : 3;
	const uint64_t wait_s = tg_min_u64((uint64_t)RETRY_FIRST_S << doubled, RETRY_LAST_S);

	r->failures++;
	r->due_us = later(r, now_us, wait_s * TG_US_PER_S);
}

static void rest(struct iax_registrant *r, uint64_t now_us)
{
	r->failures++;
	r->granted_until_us = 0;
	r->due_us = later(r, now_us, (uint64_t)REFUSED_S * TG_US_PER_S);
}

static void hurry(struct iax_registrant *r, uint64_t now_us)
{
	r->due_us = now_us;
}

/* Protocol reference 5.4. REGREL goes the same way; only how it ends differs (finish()). A release asked for while a request
 * is under way waits for that one's end. */
static const struct rule rules[] = {
	{ IAX_REGISTRANT_UNREGISTERED, IAX_REGISTRANT_DUE, ask, IAX_REGISTRANT_REQUEST_SENT },
	{ IAX_REGISTRANT_REGISTERED, IAX_REGISTRANT_DUE, ask, IAX_REGISTRANT_REQUEST_SENT },
	{ IAX_REGISTRANT_REJECTED, IAX_REGISTRANT_DUE, ask, IAX_REGISTRANT_REQUEST_SENT },
	{ IAX_REGISTRANT_TIMEOUT, IAX_REGISTRANT_DUE, ask, IAX_REGISTRANT_REQUEST_SENT },
	{ IAX_REGISTRANT_NO_AUTH, IAX_REGISTRANT_DUE, ask, IAX_REGISTRANT_REQUEST_SENT },

	{ IAX_REGISTRANT_REQUEST_SENT, IAX_REGISTRANT_CHALLENGED, wait_on, IAX_REGISTRANT_AUTH_SENT },
	{ IAX_REGISTRANT_REQUEST_SENT, IAX_REGISTRANT_NO_SECRET, rest, IAX_REGISTRANT_NO_AUTH },
	{ IAX_REGISTRANT_REQUEST_SENT, IAX_REGISTRANT_GRANTED, keep, IAX_REGISTRANT_REGISTERED },
	{ IAX_REGISTRANT_REQUEST_SENT, IAX_REGISTRANT_REFUSED, rest, IAX_REGISTRANT_REJECTED },
	{ IAX_REGISTRANT_REQUEST_SENT, IAX_REGISTRANT_NO_ANSWER, retry, IAX_REGISTRANT_TIMEOUT },
	{ IAX_REGISTRANT_REQUEST_SENT, IAX_REGISTRANT_RELEASE, wait_on, IAX_REGISTRANT_REQUEST_SENT },

	{ IAX_REGISTRANT_AUTH_SENT, IAX_REGISTRANT_CHALLENGED, wait_on, IAX_REGISTRANT_AUTH_SENT },
	{ IAX_REGISTRANT_AUTH_SENT, IAX_REGISTRANT_NO_SECRET, rest, IAX_REGISTRANT_NO_AUTH },
	{ IAX_REGISTRANT_AUTH_SENT, IAX_REGISTRANT_GRANTED, keep, IAX_REGISTRANT_REGISTERED },
	{ IAX_REGISTRANT_AUTH_SENT, IAX_REGISTRANT_REFUSED, rest, IAX_REGISTRANT_REJECTED },
	{ IAX_REGISTRANT_AUTH_SENT, IAX_REGISTRANT_NO_ANSWER, retry, IAX_REGISTRANT_TIMEOUT },
	{ IAX_REGISTRANT_AUTH_SENT, IAX_REGISTRANT_RELEASE, wait_on, IAX_REGISTRANT_AUTH_SENT },

	{ IAX_REGISTRANT_REGISTERED, IAX_REGISTRANT_RELEASE, hurry, IAX_REGISTRANT_REGISTERED },
	{ IAX_REGISTRANT_TIMEOUT, IAX_REGISTRANT_RELEASE, hurry, IAX_REGISTRANT_TIMEOUT },
};

static const struct rule *find_rule(enum iax_registrant_state in, enum iax_registrant_input on)
{
	for (size_t i = 0; i < TG_COUNT(rules); i++) {
		if (rules[i].in == in && rules[i].on == on) {
			return &rules[i];
		}
	}
	return NULL;
}

bool iax_registrant_next(enum iax_registrant_state in, enum iax_registrant_input input, enum iax_registrant_state *out)
{
	const struct rule *rule = find_rule(in, input);

	*out = rule != NULL ? rule->out : in;
	return rule != NULL;
}

static bool is_busy(const struct iax_registrant *r)
{
	return r->state == IAX_REGISTRANT_REQUEST_SENT || r->state == IAX_REGISTRANT_AUTH_SENT;
}

static bool run(struct iax_registrant *r, enum iax_registrant_input input, uint64_t now_us)
{
	const struct rule *rule = find_rule((enum iax_registrant_state)r->state, input);

	if (rule == NULL) {
		return false;
	}
	rule->step(r, now_us);
	r->state = (uint8_t)rule->out;
	return true;
}

void iax_registrant_init(struct iax_registrant *r, uint16_t refresh_s, uint64_t seed, uint64_t first_us)
{
	*r = (struct iax_registrant){
		.due_us = first_us,
		.random = seed,
		.asked_s = refresh_s != 0 ? refresh_s : REFRESH_DEFAULT_S,
	};
}

uint64_t iax_registrant_deadline_us(const struct iax_registrant *r)
{
	return r->due_us;
}

bool iax_registrant_expire(struct iax_registrant *r, uint64_t now_us)
{
	return now_us >= r->due_us && run(r, IAX_REGISTRANT_DUE, now_us);
}

static void give_up(struct iax_registrant *r)
{
	r->due_us = TG_NEVER;
	r->granted_until_us = 0;
	r->state = IAX_REGISTRANT_UNREGISTERED;
}

/* The attempt is over. A release ends as Unregistered whatever was said; what was asked for meanwhile, a release or a new
 * registration, starts now. */
static void finish(struct iax_registrant *r, enum iax_registrant_input input, uint64_t now_us)
{
	if (!run(r, input, now_us)) {
		return;
	}
	if (r->leg_releases || (r->releasing && r->granted_until_us == 0)) {
		give_up(r);
		r->due_us = r->releasing ? TG_NEVER : now_us;
	} else if (r->releasing) {
		r->due_us = now_us;
	}
}

void iax_registrant_on_opened(struct iax_registrant *r, enum iax_err err, uint64_t now_us)
{
	if (err != IAX_OK) {
		finish(r, IAX_REGISTRANT_NO_ANSWER, now_us);
	}
}

static void on_granted(struct iax_registrant *r, const struct iax_event *event, uint64_t now_us)
{
	r->granted_s = event->refresh_s != 0 ? event->refresh_s : REFRESH_DEFAULT_S;
	if (event->ies != NULL && iax_ies_has(event->ies, IAX_IE_APPARENT_ADDR)) {
		r->perceived = event->ies->apparent_addr;
	}
	r->msg_count = event->ies != NULL ? event->ies->msg_count : 0;
	finish(r, IAX_REGISTRANT_GRANTED, now_us);
}

void iax_registrant_on_event(struct iax_registrant *r, const struct iax_event *event, uint64_t now_us)
{
	if (event->kind == IAX_EV_CHALLENGED) {
		run(r, IAX_REGISTRANT_CHALLENGED, now_us);
	} else if (event->kind == IAX_EV_REG_ACKED) {
		on_granted(r, event, now_us);
	} else if (event->kind == IAX_EV_ENDED && event->end != IAX_END_DONE) {
		finish(r, event->end == IAX_END_REJECTED ? IAX_REGISTRANT_REFUSED : IAX_REGISTRANT_NO_ANSWER, now_us);
	}
}

void iax_registrant_on_no_secret(struct iax_registrant *r, uint64_t now_us)
{
	finish(r, IAX_REGISTRANT_NO_SECRET, now_us);
}

void iax_registrant_start(struct iax_registrant *r, uint64_t now_us)
{
	r->releasing = false;
	if (!is_busy(r)) {
		r->due_us = now_us;
	}
}

void iax_registrant_release(struct iax_registrant *r, uint64_t now_us)
{
	r->releasing = true;
	if (!is_busy(r) && !iax_registrant_is_registered(r, now_us)) {
		give_up(r);
	} else {
		run(r, IAX_REGISTRANT_RELEASE, now_us);
	}
}

bool iax_registrant_is_releasing(const struct iax_registrant *r)
{
	return r->releasing;
}

bool iax_registrant_is_registered(const struct iax_registrant *r, uint64_t now_us)
{
	return now_us < r->granted_until_us;
}

const char *iax_registrant_state_text(const struct iax_registrant *r)
{
	static const char *const texts[] = {
#define X(name, text) [name] = text,
		IAX_REGISTRANT_STATES(X)
#undef X
	};
	return r->state < TG_COUNT(texts) ? texts[r->state] : "Unknown";
}

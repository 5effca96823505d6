/* SPDX-License-Identifier: Apache-2.0 */
#include "phone.h"

#include "check.h"

#include <string.h>

void phone_init(struct phone *phone)
{
	*phone = (struct phone){
		.secret = "open-sesame",
		.answers = true,
		.format = IAX_FORMAT_ULAW,
		.takes = UINT64_MAX,
		.refresh_s = 60,
		.md5 = crypt_md5_new(),
	};
}

void phone_free(struct phone *phone)
{
	crypt_md5_free(phone->md5);
}

struct phone_call *phone_find(struct phone *phone, struct iax_leg_id leg)
{
	for (unsigned i = 0; i < phone->call_count; i++) {
		if (tg_ref_equal(phone->calls[i].leg.ref, leg.ref)) {
			return &phone->calls[i];
		}
	}
	return NULL;
}

struct phone_call *phone_last(struct phone *phone)
{
	CHECK_TRUE(phone->call_count > 0);
	return &phone->calls[phone->call_count - 1];
}

static struct phone_call *call_of(struct phone *phone, struct iax_leg_id leg)
{
	struct phone_call *call = phone_find(phone, leg);

	if (call == NULL) {
		CHECK_TRUE(phone->call_count < PHONE_CALLS);
		call = &phone->calls[phone->call_count++];
		*call = (struct phone_call){ .leg = leg, .live = true };
	}
	return call;
}

static void keep(struct phone *phone, const struct iax_event *event)
{
	phone->events[event->kind]++;
	phone->last = *event;
	phone->payload_len = event->payload.len < PHONE_TEXT ? event->payload.len : PHONE_TEXT;
	if (phone->payload_len > 0) {
		memcpy(phone->payload, event->payload.p, phone->payload_len);
	}
	if (event->ies != NULL) {
		phone->ies = *event->ies;
		if (event->kind == IAX_EV_OFFERED) {
			tg_span_copy(phone->called, sizeof(phone->called), event->ies->called_number);
		}
		tg_span_copy(phone->username, sizeof(phone->username), event->ies->username);
	}
}

static void answer_md5(const struct phone *phone, struct tg_span challenge, char digits[IAX_MD5_DIGITS + 1])
{
	uint8_t digest[CRYPT_MD5_BYTES];

	CHECK_TRUE(crypt_md5_answer(phone->md5, digest, challenge, tg_span_text(phone->secret)));
	tg_hex_encode(digits, (struct tg_span){ digest, sizeof(digest) });
}

static void respond(struct phone *phone, struct sim *sim, unsigned node, const struct iax_event *event)
{
	char digits[IAX_MD5_DIGITS + 1];

	answer_md5(phone, event->ies->challenge, digits);
	CHECK_UINT(iax_leg_respond_md5(sim->nodes[node].ep, event->leg, tg_span_text(digits), sim->now_us), IAX_OK);
}

static void grant(const struct phone *phone, struct sim *sim, unsigned node, const struct iax_event *event)
{
	const struct iax_reg_grant given = { .username = event->ies->username, .refresh_s = phone->refresh_s };

	if (event->leg_kind == IAX_LEG_CALL_IN) {
		CHECK_UINT(iax_call_accept_among(sim->nodes[node].ep, event->leg, phone->format, phone->takes,
		                                 sim->now_us),
		           IAX_OK);
	} else {
		CHECK_UINT(iax_reg_accept(sim->nodes[node].ep, event->leg, &given, sim->now_us), IAX_OK);
	}
}

static void reject(const struct phone *phone, struct sim *sim, unsigned node, const struct iax_event *event,
                   uint8_t cause)
{
	CHECK_UINT(iax_leg_reject(sim->nodes[node].ep, event->leg, cause, (struct tg_span){ 0 },
	                          sim->now_us + phone->reject_after_us, sim->now_us),
	           IAX_OK);
}

static void on_request(struct phone *phone, struct sim *sim, unsigned node, const struct iax_event *event)
{
	if (phone->rejects != 0) {
		reject(phone, sim, node, event, phone->rejects);
	} else if (phone->challenges) {
		const uint64_t number = phone->events[IAX_EV_OFFERED] + phone->events[IAX_EV_REG_REQUEST];

		memset(phone->challenge, 0, sizeof(phone->challenge));
		tg_hex_encode(phone->challenge, (struct tg_span){ (const uint8_t *)&number, sizeof(number) });
		CHECK_UINT(iax_leg_challenge(sim->nodes[node].ep, event->leg, IAX_AUTH_MD5,
		                             tg_span_text(phone->challenge), sim->now_us),
		           IAX_OK);
	} else {
		grant(phone, sim, node, event);
	}
}

static void on_verify(struct phone *phone, struct sim *sim, unsigned node, const struct iax_event *event)
{
	char digits[IAX_MD5_DIGITS + 1];

	answer_md5(phone, tg_span_text(phone->challenge), digits);
	if (tg_span_equal_nocase(event->ies->md5_result, tg_span_text(digits))) {
		grant(phone, sim, node, event);
	} else {
		reject(phone, sim, node, event,
		       event->leg_kind == IAX_LEG_CALL_IN ? IAX_CAUSE_NOT_SUBSCRIBED : IAX_CAUSE_FACILITY_REJECTED);
	}
}

static void act(struct phone *phone, struct sim *sim, unsigned node, const struct iax_event *event)
{
	if (event->kind == IAX_EV_OFFERED || event->kind == IAX_EV_REG_REQUEST) {
		on_request(phone, sim, node, event);
	} else if (event->kind == IAX_EV_VERIFY) {
		on_verify(phone, sim, node, event);
	} else if (event->kind == IAX_EV_CHALLENGED) {
		respond(phone, sim, node, event);
	} else if (event->kind == IAX_EV_CONFIRMED && phone->answers) {
		CHECK_UINT(iax_leg_control(sim->nodes[node].ep, event->leg, IAX_CONTROL_ANSWER, (struct tg_span){ 0 },
		                           sim->now_us),
		           IAX_OK);
	}
}

static void count(struct phone_call *call, const struct iax_event *event)
{
	call->challenged |= event->kind == IAX_EV_CHALLENGED;
	call->accepted |= event->kind == IAX_EV_ACCEPTED;
	call->confirmed |= event->kind == IAX_EV_CONFIRMED;
	call->voice += event->kind == IAX_EV_VOICE;
	call->minis += event->kind == IAX_EV_VOICE && !event->full;
	call->dtmf += event->kind == IAX_EV_DTMF;
	call->control += event->kind == IAX_EV_CONTROL;
	call->frames += event->kind == IAX_EV_FRAME;
	if (event->kind == IAX_EV_VOICE || event->kind == IAX_EV_ACCEPTED) {
		call->format = event->format;
	}
	if (event->kind == IAX_EV_VOICE) {
		call->last_ts_ms = event->ts_ms;
	}
	if (event->kind == IAX_EV_ENDED) {
		call->ended = true;
		call->live = false;
		call->end = event->end;
		call->cause = event->cause;
	}
}

static void on_event(void *owner, struct sim *sim, unsigned node, const struct iax_event *event)
{
	struct phone *phone = owner;
	struct phone_call *call = call_of(phone, event->leg);

	CHECK_FALSE(call->ended); /* nothing comes after the end */
	keep(phone, event);
	count(call, event);
	if (!phone->silent) {
		act(phone, sim, node, event);
	}
}

struct sim_owner phone_owner(struct phone *phone)
{
	return (struct sim_owner){ .owner = phone, .on_event = on_event };
}

struct iax_leg_id phone_dial(struct sim *sim, unsigned from, unsigned to, const char *user)
{
	const struct iax_call_open open = {
		.remote = sim->nodes[to].addr,
		.local = sim->nodes[from].addr,
		.called_number = TG_SPAN_LIT("1000"),
		.calling_number = TG_SPAN_LIT("2000"),
		.username = tg_span_text(user),
		.format = IAX_FORMAT_ULAW,
		.capability = IAX_FORMAT_ULAW | IAX_FORMAT_ALAW | IAX_FORMAT_G722,
	};
	struct iax_leg_id leg = { TG_NO_REF };

	CHECK_UINT(iax_call_open(sim->nodes[from].ep, &open, sim->now_us, &leg), IAX_OK);
	if (sim->nodes[from].owner.on_event == on_event) {
		call_of(sim->nodes[from].owner.owner, leg);
	}
	sim_pump(sim, from);
	return leg;
}

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A whole endpoint in any state: the input is a script of datagrams (raw, or nearly right for legs that exist), of its owner's
 * acts, of time, and of limits that change. After each step its tables are whole, everything it sends is well formed, and an address that proved
 * nothing has got no more octets than it sent. In the end, nothing is left of any leg.
 */
#include "base/zeroed.h"
#include "iax/core.h"
#include "iax/fuzz.h"
#include "iax/inspect.h"

#include <stdlib.h>
#include <string.h>

enum { HOSTS = 4, STEPS = 400, LIMIT_FROM = 248, BODY_BYTES = 600, START_US = 5000000, ALIGN = 64 };

enum step {
	STEP_RAW,
	STEP_NEARLY, /* a full frame that fits a leg, but for what the input changes */
	STEP_SHORT,  /* mini, meta video */
	STEP_OPEN,   /* an opening frame with a good token */
	STEP_WISH,
	STEP_CALL, /* the owner opens a leg */
	STEP_TIME,
	STEP_MOVE,
	STEP_LIMIT, /* all from LIMIT_FROM on; of the others, as many of each kind */
	STEP_KINDS,
};

struct rig {
	struct iax_endpoint *ep;
	void *mem;
	size_t size;
	uint64_t now_us;
	struct tg_reader in;
	struct tg_addr local;
	struct tg_addr hosts[HOSTS];
	uint64_t octets_in[HOSTS], octets_out[HOSTS];
	struct iax_pass limits; /* of all senders; the second host is of a known network */
	bool trusted[HOSTS];    /* it showed a good token, or we called it */
	struct iax_leg_id last; /* of the event that came last */
};

static struct iax_config config_of(uint8_t in)
{
	struct iax_config config = iax_config_default();

	config.legs_max = 6;
	config.frames_max = 24;
	config.events_max = 4;
	config.half_open_host = 3;
	config.half_open_max = (in & 8) != 0 ? 4 : 0;
	config.with_door = (in & 1) != 0;
	config.token_required = true;
	config.token_text = (in & 2) != 0;
	config.lagrq_period_ms = (in & 4) != 0 ? 10000 : 0;
	return config;
}

static void rig_init(struct rig *rig, struct tg_span script)
{
	const uint8_t own[4] = { 192, 0, 2, 1 };

	*rig = (struct rig){ .now_us = START_US,
		             .in = tg_reader_of(script),
		             .local = tg_addr_ipv4(own, IAX_PORT),
		             .limits = { .numbers_max = 5, .unproven_max = 5 } };
	const struct iax_config config = config_of(tg_take_u8(&rig->in));

	rig->size = (iax_endpoint_size(&config) + ALIGN - 1) / ALIGN * ALIGN;
	rig->mem = tg_zeroed_new(rig->size);
	assert(rig->mem != NULL);
	rig->ep = iax_endpoint_init(rig->mem, &config, rig->now_us);
	for (unsigned i = 0; i < HOSTS; i++) {
		const uint8_t ip[4] = { 203, 0, 113, (uint8_t)(i / 2) };

		rig->hosts[i] = tg_addr_ipv4(ip, (uint16_t)(IAX_PORT + i));
	}
}

/* Nothing is ever sent to an address that nobody named. */
static unsigned host_of(const struct rig *rig, const struct tg_addr *addr)
{
	unsigned i = 0;

	while (i < HOSTS && !tg_addr_equal(rig->hosts[i], *addr)) {
		i++;
	}
	assert(i < HOSTS);
	return i;
}

/* ---- What holds after each step ------------------------------------------------------------------------------- */

static void look_at_event(struct rig *rig, const struct iax_event *event)
{
	rig->last = event->leg;
	if (event->ies != NULL) {
		assert(fuzz_is_within(event->ies->username, (struct tg_span){ rig->mem, rig->size }));
	}
	assert(event->kind != IAX_EV_VOICE || (event->format != 0 && event->payload.len > 0));
	assert(event->kind != IAX_EV_OFFERED || (event->ies != NULL && event->ies->version == IAX_VERSION));
}

static void look_at_datagram(struct rig *rig, const struct iax_datagram *out)
{
	struct iax_frame frame;
	struct iax_ies ies;

	assert(iax_frame_decode(&frame, out->bytes) == IAX_OK && out->bytes.len <= IAX_DATAGRAM_SENT_MAX);
	assert(tg_addr_equal(out->local, rig->local));
	if (frame.class == IAX_CLASS_FULL && frame.type == IAX_FRAME_IAX) {
		assert(iax_ies_decode(&ies, frame.payload) == IAX_OK && ies.invalid == 0 && ies.twice == 0);
	}
	rig->octets_out[host_of(rig, &out->remote)] += out->bytes.len;
}

static void look(struct rig *rig)
{
	struct iax_event event;
	struct iax_datagram out;

	while (iax_endpoint_next_event(rig->ep, &event)) {
		look_at_event(rig, &event);
	}
	while (iax_endpoint_next_datagram(rig->ep, &out, rig->now_us)) {
		look_at_datagram(rig, &out);
	}
	for (unsigned i = 0; rig->ep->config.with_door && i < HOSTS; i++) {
		assert(rig->trusted[i] || rig->octets_out[i] <= rig->octets_in[i]);
	}
	assert(iax_inspect(rig->ep) == NULL);
}

/* ---- Steps ---------------------------------------------------------------------------------------------------- */

/* A repeat opens nothing, and who is refused for a limit takes nothing from anybody. */
static void open_with_limits(struct rig *rig, const struct iax_datagram *in, unsigned host)
{
	const bool repeats = iax_endpoint_is_repeat(rig->ep, in, rig->now_us);
	struct iax_endpoint_stats before, after;
	struct iax_pass pass = rig->limits;

	pass.proof = (enum iax_proof)(host & 1);
	pass.is_known = host >= HOSTS / 2;
	iax_endpoint_stats(rig->ep, &before);
	const enum iax_err err = iax_endpoint_open(rig->ep, in, &pass, rig->now_us);

	iax_endpoint_stats(rig->ep, &after);
	assert(!repeats || (after.legs <= before.legs && after.evicted == before.evicted));
	assert((err != IAX_ERR_HOST_NUMBERS && err != IAX_ERR_UNPROVEN_NUMBERS) ||
	       (after.legs <= before.legs && after.evicted == before.evicted));
}

static void receive(struct rig *rig, unsigned host, struct tg_span bytes)
{
	uint8_t *exact = malloc(bytes.len + 1); /* in a block of nearly its size, for the sanitizer */
	const struct iax_datagram in = { rig->hosts[host], rig->local, { exact + 1, bytes.len } };

	assert(exact != NULL);
	memcpy(exact + 1, bytes.p != NULL ? bytes.p : (const uint8_t *)"", bytes.len);
	rig->octets_in[host] += bytes.len;
	open_with_limits(rig, &in, host);
	free(exact);
}

static const struct leg *some_leg(const struct rig *rig, uint8_t pick)
{
	const struct tg_slab *legs = core_legs(rig->ep);

	for (uint32_t i = 0; i < legs->count; i++) {
		const struct leg *leg = tg_slab_at(legs, (pick + i) % legs->count, NULL);

		if (leg != NULL) {
			return leg;
		}
	}
	return NULL;
}

static void step_raw(struct rig *rig)
{
	const unsigned host = tg_take_u8(&rig->in) % HOSTS;

	receive(rig, host, tg_take_span(&rig->in, tg_take_u8(&rig->in)));
}

/* Zero octets of the script mean "as it should be". */
static void step_nearly(struct rig *rig)
{
	const struct leg *leg = some_leg(rig, tg_take_u8(&rig->in));
	uint8_t bytes[BODY_BYTES];
	struct tg_writer w = tg_writer_of(bytes, sizeof(bytes));

	if (leg == NULL) {
		return;
	}
	const uint8_t type = tg_take_u8(&rig->in), subclass = tg_take_u8(&rig->in);
	const uint8_t off_oseqno = tg_take_u8(&rig->in), off_iseqno = tg_take_u8(&rig->in);
	const uint8_t bits = tg_take_u8(&rig->in);
	const uint32_t source = leg->remote_number != 0 ? leg->remote_number : 700u + (bits >> 4);

	tg_put_u16(&w, (uint16_t)(IAX_FULL_BIT | (source ^ (bits & 1))));
	tg_put_u16(&w, (uint16_t)(((bits & 2) != 0 ? IAX_RETRY_BIT : 0) | ((bits & 4) != 0 ? 0 : leg->number)));
	tg_put_u32(&w, (bits & 8) != 0 ? leg->ping_ts_ms : leg_clock_ms(leg, rig->now_us));
	tg_put_u8(&w, (uint8_t)(leg->win.iseqno + off_oseqno));
	tg_put_u8(&w, (uint8_t)(leg->win.oseqno - off_iseqno));
	tg_put_u8(&w, type == 0 ? IAX_FRAME_IAX : type);
	tg_put_u8(&w, subclass);
	tg_put_span(&w, tg_take_span(&rig->in, tg_take_u8(&rig->in)));
	const unsigned host = host_of(rig, &leg->remote);

	if ((bits & 16) != 0) { /* from the other port of its host (R21) */
		rig->trusted[host ^ 1] |= rig->trusted[host];
		receive(rig, host ^ 1, tg_writer_span(&w));
	} else {
		receive(rig, host, tg_writer_span(&w));
	}
}

static void step_short(struct rig *rig)
{
	const struct leg *leg = some_leg(rig, tg_take_u8(&rig->in));
	const uint8_t bits = tg_take_u8(&rig->in);
	uint8_t bytes[BODY_BYTES];
	struct tg_writer w = tg_writer_of(bytes, sizeof(bytes));

	if (leg == NULL || leg->remote_number == 0) {
		return;
	}
	if ((bits & 1) != 0) {
		tg_put_u16(&w, 0);
		tg_put_u16(&w, IAX_VIDEO_BIT | leg->remote_number);
	} else {
		tg_put_u16(&w, leg->remote_number);
	}
	tg_put_u16(&w, (uint16_t)(leg_clock_ms(leg, rig->now_us) + (uint32_t)(bits & 0xfe) * 20));
	tg_put_span(&w, tg_take_span(&rig->in, tg_take_u8(&rig->in)));
	receive(rig, host_of(rig, &leg->remote), tg_writer_span(&w));
}

static void step_open(struct rig *rig)
{
	static const uint8_t subclasses[] = { IAX_NEW, IAX_REGREQ, IAX_REGREL, IAX_POKE, IAX_FWDOWNL };
	const unsigned host = tg_take_u8(&rig->in) % HOSTS;
	const uint8_t number = tg_take_u8(&rig->in), what = tg_take_u8(&rig->in);
	uint8_t bytes[BODY_BYTES], token[IAX_TOKEN_BYTES_MAX];
	struct tg_writer w = tg_writer_of(bytes, sizeof(bytes));
	const size_t len = iax_token_make(&rig->ep->token_keys, &rig->hosts[host], &rig->local, rig->now_us, token);

	tg_put_u16(&w, (uint16_t)(IAX_FULL_BIT | (number + 2)));
	tg_put_u16(&w, 0);
	tg_put_u32(&w, 1);
	tg_put_u16(&w, 0);
	tg_put_u8(&w, IAX_FRAME_IAX);
	tg_put_u8(&w, subclasses[what % TG_COUNT(subclasses)]);
	tg_put_span(&w, TG_SPAN_LIT("\x0b\x02\x00\x02\x06\x03"
	                            "bob"
	                            "\x09\x04\x00\x00\x00\x04"));
	tg_put_span(&w, tg_take_span(&rig->in, tg_take_u8(&rig->in) % 64));
	tg_put_u8(&w, IAX_IE_CALLTOKEN);
	tg_put_u8(&w, (uint8_t)len);
	tg_put_span(&w, (struct tg_span){ token, len });
	rig->trusted[host] = true;
	receive(rig, host, tg_writer_span(&w));
}

static void wish_signal(struct rig *rig, struct iax_leg_id leg, uint8_t what, uint8_t a, struct tg_span text)
{
	const struct iax_reg_grant grant = { .username = TG_SPAN_LIT("bob"), .refresh_s = a };
	enum iax_err err = IAX_OK;

	switch (what % 8) {
	case 0:
		err = iax_leg_challenge(rig->ep, leg, IAX_AUTH_MD5, TG_SPAN_LIT("challenge"), rig->now_us);
		break;
	case 1:
		err = iax_leg_respond_md5(rig->ep, leg, TG_SPAN_LIT("0123456789abcdef0123456789abcdef"), rig->now_us);
		break;
	case 2:
		err = iax_call_accept(rig->ep, leg, UINT64_C(1) << (a % 64), rig->now_us);
		break;
	case 3:
		err = iax_leg_reject(rig->ep, leg, a, text, rig->now_us + (uint64_t)a * 10000, rig->now_us);
		break;
	case 4:
		err = iax_reg_accept(rig->ep, leg, &grant, rig->now_us);
		break;
	case 5:
		err = iax_leg_hangup(rig->ep, leg, a, text, rig->now_us);
		break;
	case 6:
		err = iax_leg_quelch(rig->ep, leg, (a & 1) != 0, rig->now_us);
		break;
	default:
		iax_leg_set_owner(rig->ep, leg, a);
		break;
	}
	(void)err;
}

static void wish_talk(struct rig *rig, struct iax_leg_id leg, uint8_t what, uint8_t a, struct tg_span text)
{
	const uint32_t ts_ms = iax_leg_clock_ms(rig->ep, leg, rig->now_us) + a * 1000u;
	enum iax_err err;

	switch (what % 4) {
	case 0:
		err = iax_leg_control(rig->ep, leg, a, text, rig->now_us);
		break;
	case 1:
		err = iax_leg_dtmf(rig->ep, leg, (char)a, (a & 1) != 0, rig->now_us);
		break;
	case 2:
		err = iax_leg_frame(rig->ep, leg, a % 16, what, text, rig->now_us);
		break;
	default:
		err = iax_leg_voice(rig->ep, leg, UINT64_C(1) << (a % 16), ts_ms, text, (a & 128) != 0, rig->now_us);
		break;
	}
	(void)err;
}

static void step_wish(struct rig *rig)
{
	const uint8_t which = tg_take_u8(&rig->in), what = tg_take_u8(&rig->in), a = tg_take_u8(&rig->in);
	const struct tg_span text = tg_take_span(&rig->in, tg_take_u8(&rig->in));
	struct iax_leg_id leg = rig->last;

	if (which > 0 && !iax_endpoint_leg_at(rig->ep, which % iax_endpoint_leg_max(rig->ep), &leg)) {
		return;
	}
	if ((what & 128) != 0) {
		wish_talk(rig, leg, what & 127, a, text);
	} else {
		wish_signal(rig, leg, what, a, text);
	}
}

static void step_call(struct rig *rig)
{
	const unsigned host = tg_take_u8(&rig->in) % HOSTS;
	const uint8_t what = tg_take_u8(&rig->in);
	const struct tg_span text = tg_take_span(&rig->in, tg_take_u8(&rig->in));
	const struct iax_call_open call = {
		.remote = rig->hosts[host],
		.local = rig->local,
		.called_number = text,
		.format = IAX_FORMAT_ULAW,
		.capability = IAX_FORMATS_AUDIO,
		.codec_prefs = text,
	};
	const struct iax_reg_open reg = {
		.remote = rig->hosts[host],
		.local = rig->local,
		.username = text,
		.refresh_s = what,
		.release = (what & 4) != 0,
	};
	enum iax_err err;

	rig->trusted[host] = true;
	switch (what % 3) {
	case 0:
		err = iax_call_open(rig->ep, &call, rig->now_us, &rig->last);
		break;
	case 1:
		err = iax_reg_open(rig->ep, &reg, rig->now_us, &rig->last);
		break;
	default:
		err = iax_poke_open(rig->ep, rig->hosts[host], rig->local, what * 100u, 1, rig->now_us, &rig->last);
		break;
	}
	(void)err;
}

static void run_to(struct rig *rig, uint64_t end_us)
{
	for (unsigned i = 0; i < 1000 && iax_endpoint_deadline_us(rig->ep) <= end_us; i++) {
		rig->now_us = tg_max_u64(rig->now_us, iax_endpoint_deadline_us(rig->ep));
		iax_endpoint_expire(rig->ep, rig->now_us);
		look(rig);
	}
	rig->now_us = tg_max_u64(rig->now_us, end_us);
}

static void step_time(struct rig *rig)
{
	const uint8_t shift = tg_take_u8(&rig->in);

	run_to(rig, rig->now_us + (UINT64_C(1) << (shift % 26)));
}

static void step_move(struct rig *rig)
{
	void *mem = aligned_alloc(ALIGN, rig->size);

	assert(mem != NULL);
	memcpy(mem, rig->mem, rig->size);
	memset(rig->mem, 0xee, rig->size);
	free(rig->mem);
	rig->mem = mem;
	rig->ep = mem;
}

static void step_limit(struct rig *rig)
{
	rig->limits.numbers_max = tg_take_u8(&rig->in) % 8;
	rig->limits.unproven_max = tg_take_u8(&rig->in) % 8;
}

/* All owners hang up, all peers fall silent: in the end nothing may be left. */
static void finish(struct rig *rig)
{
	struct iax_endpoint_stats stats;
	struct iax_leg_id leg;

	for (uint32_t i = 0; i < iax_endpoint_leg_max(rig->ep); i++) {
		if (iax_endpoint_leg_at(rig->ep, i, &leg)) {
			assert(iax_leg_hangup(rig->ep, leg, IAX_CAUSE_NORMAL_CLEARING, (struct tg_span){ 0 },
			                      rig->now_us) == IAX_OK);
		}
	}
	look(rig);
	for (unsigned i = 0; i < 10; i++) {
		run_to(rig, rig->now_us + UINT64_C(10) * TG_US_PER_S);
	}
	iax_endpoint_stats(rig->ep, &stats);
	assert(stats.legs == 0 && stats.frames_pending == 0 && stats.numbers_used == 0);
	assert(iax_endpoint_deadline_us(rig->ep) == TG_NEVER);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const steps[STEP_KINDS])(struct rig * rig) = {
		[STEP_RAW] = step_raw,   [STEP_NEARLY] = step_nearly, [STEP_SHORT] = step_short,
		[STEP_OPEN] = step_open, [STEP_WISH] = step_wish,     [STEP_CALL] = step_call,
		[STEP_TIME] = step_time, [STEP_MOVE] = step_move,     [STEP_LIMIT] = step_limit,
	};
	struct rig rig;

	rig_init(&rig, (struct tg_span){ data, size });
	for (unsigned i = 0; i < STEPS && tg_reader_left(&rig.in) > 0; i++) {
		const uint8_t step = tg_take_u8(&rig.in);

		steps[step >= LIMIT_FROM ? STEP_LIMIT : step % STEP_LIMIT](&rig);
		look(&rig);
	}
	finish(&rig);
	free(rig.mem);
	return 0;
}

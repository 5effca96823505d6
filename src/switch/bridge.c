/* SPDX-License-Identifier: Apache-2.0 */
#include "switch/bridge.h"

#include "switch/party.h"

/* CONTROL frames of one party that are the other's business. Those that set up or end a call are dealt with where it is set up; those
 * whose payload depends on the sender's machine go nowhere. */
static const bool control_passes[UINT8_MAX + 1] = {
	[IAX_CONTROL_FLASH] = true,      [IAX_CONTROL_RADIO_KEY] = true, [IAX_CONTROL_RADIO_UNKEY] = true,
	[IAX_CONTROL_HOLD] = true,       [IAX_CONTROL_UNHOLD] = true,    [IAX_CONTROL_VIDUPDATE] = true,
	[IAX_CONTROL_STOP_TONES] = true,
};

/* A leg that ends in between tells so by its own event. */
static void sent(enum iax_err err)
{
	(void)err;
}

static uint32_t clock_ms(const struct tg_switch *sw, const struct party *party)
{
	return iax_leg_clock_ms(sw->outside.ep, party->id, sw->now_us);
}

static bool is_anchored(const struct tg_switch *sw, const struct party *from, const struct party *to)
{
	return tg_ref_equal(from->anchored, tg_slab_ref(parties_of(sw), to));
}

static void anchor(const struct tg_switch *sw, struct party *from, const struct party *to, uint32_t ts_ms)
{
	const uint32_t clock = clock_ms(sw, to);
	const int32_t drift_ms = (int32_t)(ts_ms + from->offset_ms - clock);

	if (!is_anchored(sw, from, to) || drift_ms > BRIDGE_DRIFT_MS || drift_ms < -BRIDGE_DRIFT_MS) {
		from->offset_ms = clock - ts_ms;
	}
}

void bridge_join(struct tg_switch *sw, struct party *from, struct party *to)
{
	const uint32_t since_ms = (uint32_t)((sw->now_us - from->rx_at_us) / TG_US_PER_MS);
	uint8_t room[BAG_VALUE_MAX];
	const uint32_t ts_ms = from->rx_ts_ms + since_ms; /* where his timeline should be by now */

	if (from->rx_format == 0 || (to->takes & from->rx_format) == 0 || to->quelched) {
		return; /* his first full voice frame begins it */
	}
	from->anchored = TG_NO_REF;
	anchor(sw, from, to, ts_ms);
	/* Mini frames mean nothing before a full one, and he sends the next one in half a minute only. */
	sent(iax_leg_voice(sw->outside.ep, to->id, from->rx_format, ts_ms + from->offset_ms, party_said(sw, from, room),
	                   true, sw->now_us));
	party_relay(sw, from, to);
}

static void pass_voice(struct tg_switch *sw, struct party *from, struct party *to, const struct iax_event *event)
{
	if (to->quelched || (to->takes & event->format) == 0) {
		if (event->full && from->relayed) {
			party_relay(sw, from, NULL);
		}
		return;
	}
	if (event->full) {
		anchor(sw, from, to, event->ts_ms);
	} else if (!is_anchored(sw, from, to)) {
		return;
	}
	sent(iax_leg_voice(sw->outside.ep, to->id, event->format, event->ts_ms + from->offset_ms, event->payload,
	                   event->full, sw->now_us));
	if (event->full) {
		party_relay(sw, from, to);
	}
}

/* The party wants silence, or voice again: the relay stops what goes to it, and the other is told. */
static void pass_quelch(struct tg_switch *sw, struct party *from, struct party *to, const struct iax_event *event)
{
	from->quelched = event->subclass == IAX_QUELCH;
	if (to != from) {
		sent(iax_leg_quelch(sw->outside.ep, to->id, from->quelched, sw->now_us));
	}
	if (from->quelched && to->relayed) {
		party_relay(sw, to, NULL);
	} else if (!from->quelched) {
		bridge_join(sw, to, from);
	}
}

void bridge_pass(struct tg_switch *sw, struct party *from, struct party *to, const struct iax_event *event)
{
	struct iax_endpoint *ep = sw->outside.ep;

	switch (event->kind) {
	case IAX_EV_VOICE:
		pass_voice(sw, from, to, event);
		break;
	case IAX_EV_DTMF:
		sent(iax_leg_dtmf(ep, to->id, event->digit, event->begun, sw->now_us));
		break;
	case IAX_EV_FRAME:
		sent(iax_leg_frame(ep, to->id, event->frame_type, event->subclass, event->payload, sw->now_us));
		break;
	case IAX_EV_CONTROL:
		if (control_passes[event->subclass] && to != from) {
			sent(iax_leg_control(ep, to->id, event->subclass, event->payload, sw->now_us));
		}
		break;
	case IAX_EV_QUELCH:
		pass_quelch(sw, from, to, event);
		break;
	case IAX_EV_OFFERED:
	case IAX_EV_VERIFY:
	case IAX_EV_CONFIRMED:
	case IAX_EV_CHALLENGED:
	case IAX_EV_ACCEPTED:
	case IAX_EV_VIDEO:
	case IAX_EV_TRANSFER:
	case IAX_EV_RTT:
	case IAX_EV_PINGED:
	case IAX_EV_REG_REQUEST:
	case IAX_EV_REG_ACKED:
	case IAX_EV_POKED:
	case IAX_EV_ENDED:
	case IAX_EVENT_KINDS:
		break;
	}
}

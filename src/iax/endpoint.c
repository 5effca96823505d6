/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/endpoint.h"

#include "iax/core.h"

#include <string.h>

enum {
	ALIGN = 64,
	EVENT_BYTES = 512,      /* an event with what it shows, on average */
	OUT_BYTES_A_LEG = 4096, /* datagrams between two visits of the owner; a full queue loses, as a network would */
	OUT_BYTES_MIN = 1 << 17,
	OUT_BYTES_MAX = 1 << 22,
	TURN_EVENTS = 3, /* one datagram or deadline causes no more */
	TOMBS_A_LEG = 4,
	TOMBS_MIN = 256,
	TOMBS_MAX = 65536,
	STRANGERS_SHARE = 4, /* R7: their smaller budget */
};

struct iax_config iax_config_default(void)
{
	return (struct iax_config){
		.legs_max = 1024,
		.frames_max = 8192,
		.events_max = 4096,
		.ping_period_ms = 21000,
		.lagrq_period_ms = 10000,
		.setup_ms = 30000,
		.half_open_ms = 10000,
		.half_open_host = 16,
		.host_numbers_max = 2048,
		.unproven_numbers_max = 8192,
		.token_slot_ms = 8000,
	};
}

static uint32_t tomb_count(const struct iax_config *config)
{
	const uint64_t wanted = (uint64_t)config->legs_max * TOMBS_A_LEG;

	return (uint32_t)tg_min_u64(tg_max_u64(wanted, TOMBS_MIN), TOMBS_MAX);
}

static size_t event_cost(size_t body)
{
	return iax_fifo_cost(sizeof(struct core_event) + body);
}

/* Room for IAX_EV_ENDED of each leg, so that a wish can always be told. */
static size_t events_reserve(const struct iax_config *config)
{
	return config->legs_max * event_cost(0);
}

static uint32_t events_bytes(const struct iax_config *config)
{
	return (uint32_t)(2 * (events_reserve(config) + TURN_EVENTS * event_cost(IAX_DATAGRAM_RECEIVED_MAX)) +
	                  (size_t)config->events_max * EVENT_BYTES);
}

static uint32_t out_bytes(const struct iax_config *config)
{
	const uint64_t wanted = (uint64_t)config->legs_max * OUT_BYTES_A_LEG;

	return (uint32_t)tg_min_u64(tg_max_u64(wanted, OUT_BYTES_MIN), OUT_BYTES_MAX);
}

static uint64_t place(uint64_t *at, size_t size)
{
	const uint64_t here = *at;

	*at = (here + size + ALIGN - 1) & ~(uint64_t)(ALIGN - 1);
	return here;
}

/* Where each table goes. @return the size of all */
static uint64_t lay_out(struct iax_endpoint *ep, const struct iax_config *config)
{
	const uint32_t legs = config->legs_max;
	uint64_t at = 0;

	place(&at, sizeof(*ep));
	ep->legs_at = place(&at, tg_slab_size(sizeof(struct leg), legs));
	ep->hosts_at = place(&at, tg_slab_size(sizeof(struct core_host), legs));
	ep->peers_at = place(&at, tg_slab_size(sizeof(struct core_peer), legs));
	ep->by_number_at = place(&at, tg_map_size(legs));
	ep->by_remote_at = place(&at, tg_map_size(legs));
	ep->by_host_at = place(&at, tg_map_size(legs));
	ep->by_peer_at = place(&at, tg_map_size(legs));
	ep->frames_at = place(&at, iax_framepool_size(config->frames_max));
	ep->events_at = place(&at, iax_fifo_size(events_bytes(config)));
	ep->out_at = place(&at, iax_fifo_size(out_bytes(config)));
	ep->numbers_at = place(&at, sizeof(struct iax_numbers));
	ep->tombs_at = place(&at, iax_tombs_size(tomb_count(config)));
	ep->strangers_at = place(&at, iax_tombs_size(tomb_count(config) / STRANGERS_SHARE));
	ep->wheel_at = place(&at, tg_wheel_size(legs));
	ep->events_reserve = events_reserve(config);
	return at;
}

size_t iax_endpoint_size(const struct iax_config *config)
{
	struct iax_endpoint plan;

	return lay_out(&plan, config);
}

static void init_tables(struct iax_endpoint *ep, uint64_t now_us)
{
	const struct iax_config *config = &ep->config;
	uint8_t key[CRYPT_KEY_BYTES];

	tg_slab_init(core_at(ep, ep->legs_at), sizeof(struct leg), config->legs_max);
	tg_slab_init(core_at(ep, ep->hosts_at), sizeof(struct core_host), config->legs_max);
	tg_slab_init(core_at(ep, ep->peers_at), sizeof(struct core_peer), config->legs_max);
	tg_map_init(core_at(ep, ep->by_number_at), config->legs_max);
	tg_map_init(core_at(ep, ep->by_remote_at), config->legs_max);
	tg_map_init(core_at(ep, ep->by_host_at), config->legs_max);
	tg_map_init(core_at(ep, ep->by_peer_at), config->legs_max);
	iax_framepool_init(core_at(ep, ep->frames_at), config->frames_max);
	iax_fifo_init(core_at(ep, ep->events_at), events_bytes(config));
	iax_fifo_init(core_at(ep, ep->out_at), out_bytes(config));
	iax_numbers_init(core_at(ep, ep->numbers_at));
	crypt_random_bytes(&ep->random, key, sizeof(key));
	iax_tombs_init(core_at(ep, ep->tombs_at), tomb_count(config), key);
	iax_tombs_init(core_at(ep, ep->strangers_at), tomb_count(config) / STRANGERS_SHARE, key);
	tg_wheel_init(core_at(ep, ep->wheel_at), config->legs_max, now_us);
}

struct iax_endpoint *iax_endpoint_init(void *mem, const struct iax_config *config, uint64_t now_us)
{
	struct iax_endpoint *ep = mem;
	uint8_t key[CRYPT_KEY_BYTES];

	assert(config->legs_max > 0 && config->half_open_host > 0);
	*ep = (struct iax_endpoint){ .config = *config, .start_us = now_us };
	ep->size_bytes = lay_out(ep, config);
	crypt_random_init(&ep->random, config->seed);
	crypt_wipe(ep->config.seed, sizeof(ep->config.seed));
	crypt_random_bytes(&ep->random, ep->map_key, sizeof(ep->map_key));
	crypt_random_bytes(&ep->random, key, sizeof(key));
	iax_token_keys_init(&ep->token_keys, key, config->token_slot_ms, config->token_text, config->wall_us, now_us);
	crypt_wipe(key, sizeof(key));
	init_tables(ep, now_us);
	return ep;
}

bool core_has_room(const struct iax_endpoint *ep, size_t datagram_bytes)
{
	return iax_fifo_room(core_events(ep)) >= ep->events_reserve + TURN_EVENTS * event_cost(datagram_bytes);
}

/* In front of each datagram that waits. */
struct out_head {
	struct tg_addr remote, local;
};

void core_send(struct iax_endpoint *ep, const struct tg_addr *remote, const struct tg_addr *local, struct tg_span bytes)
{
	const struct out_head head = { *remote, *local };

	if (iax_fifo_put(core_out(ep), (struct tg_span){ (const uint8_t *)&head, sizeof(head) }, bytes)) {
		ep->stats.sent++;
	}
}

bool iax_endpoint_next_datagram(struct iax_endpoint *ep, struct iax_datagram *out, uint64_t now_us)
{
	struct tg_span record;
	struct out_head head;

	(void)now_us;
	if (!iax_fifo_take(core_out(ep), &record)) {
		return false;
	}
	memcpy(&head, record.p, sizeof(head));
	out->remote = head.remote;
	out->local = head.local;
	out->bytes = (struct tg_span){ record.p + sizeof(head), record.len - sizeof(head) };
	return true;
}

/* ---- Time ----------------------------------------------------------------------------------------------------- */

uint64_t iax_endpoint_deadline_us(const struct iax_endpoint *ep)
{
	return tg_wheel_deadline_us(core_wheel(ep));
}

/* unheard_ms is over, and the far end has answered: with something that is acknowledged, an ACK, or CALLTOKEN. */
static bool is_heard_meanwhile(const struct leg_turn *turn)
{
	const struct leg *leg = turn->leg;

	return leg->kind == IAX_LEG_CALL_OUT && leg->state != LEG_CLOSING &&
	       turn->now_us < leg->epoch_us + (uint64_t)turn->ep->config.setup_ms * TG_US_PER_MS &&
	       (leg->last_rx_type != 0 || leg->remote_number != 0 || leg->token_rounds > 0);
}

static void leg_expire(struct leg_turn *turn)
{
	struct leg *leg = turn->leg;

	if (leg_restarts_token(turn)) {
		leg_restart_token(turn);
	}
	if (!leg_send_due(turn)) {
		leg_happen(turn, ON_TIME_DEAD);
	} else if (leg->life_us <= turn->now_us && is_heard_meanwhile(turn)) {
		leg->life_us = leg->epoch_us + (uint64_t)turn->ep->config.setup_ms * TG_US_PER_MS;
	} else if (leg->life_us <= turn->now_us) {
		leg->life_us = TG_NEVER;
		leg_happen(turn, ON_TIME_LIFE);
	} else {
		if (leg->ping_us <= turn->now_us) {
			leg->ping_us = TG_NEVER;
			leg_happen(turn, ON_TIME_PING);
		}
		if (leg->lagrq_us <= turn->now_us) {
			leg->lagrq_us = TG_NEVER;
			leg_happen(turn, ON_TIME_LAGRQ);
		}
	}
	legs_settle(turn);
}

void iax_endpoint_expire(struct iax_endpoint *ep, uint64_t now_us)
{
	uint32_t timer;

	/* What finds no room waits for the owner to fetch what there is. */
	while (core_has_room(ep, 0) &&
	       iax_fifo_room(core_out(ep)) > (size_t)IAX_SEQWIN_FRAMES * IAX_DATAGRAM_SENT_MAX &&
	       tg_wheel_expire(core_wheel(ep), now_us, &timer)) {
		struct leg_turn turn = { .ep = ep, .now_us = now_us, .leg = tg_slab_at(core_legs(ep), timer, NULL) };

		if (turn.leg != NULL) {
			leg_expire(&turn);
		}
	}
}

/* ---- What people see ------------------------------------------------------------------------------------------ */

uint32_t iax_endpoint_leg_max(const struct iax_endpoint *ep)
{
	return ep->config.legs_max;
}

bool iax_endpoint_leg_at(const struct iax_endpoint *ep, uint32_t index, struct iax_leg_id *id)
{
	const struct leg *leg = index < ep->config.legs_max ? tg_slab_at(core_legs(ep), index, &id->ref) : NULL;

	return leg != NULL && !leg->ended;
}

bool iax_leg_info(const struct iax_endpoint *ep, struct iax_leg_id id, struct iax_leg_info *out)
{
	const struct leg *leg = legs_find_id(ep, id);

	if (leg == NULL) {
		return false;
	}
	*out = (struct iax_leg_info){
		.kind = (enum iax_leg_kind)leg->kind,
		.owner = leg->owner,
		.state = leg_state_text((enum leg_state)leg->state),
		.remote = leg->remote,
		.local = leg->local,
		.local_number = leg->number,
		.remote_number = leg->remote_number,
		.rx_format = leg->rx_format,
		.tx_format = leg->tx_format,
		.oseqno = leg->win.oseqno,
		.iseqno = leg->win.iseqno,
		.rtt_us = leg->rtt_us,
		.lag_ms = leg->lag_ms,
		.authenticated = leg->authenticated,
		.linked = leg->state == LEG_LINKED || leg->state == LEG_UP,
		.up = leg->state == LEG_UP,
		.proof = (enum iax_proof)leg->proof,
		.retransmits = leg->retransmits,
		.first_subclass = leg->opening,
		.opened_by_us = leg->kind == IAX_LEG_CALL_OUT || leg->kind == IAX_LEG_REG_OUT ||
		                leg->kind == IAX_LEG_POKE_OUT,
		.last_rx_type = leg->last_rx_type,
		.last_rx_subclass = leg->last_rx_subclass,
		.last_tx_type = leg->last_tx_type,
		.last_tx_subclass = leg->last_tx_subclass,
		.local_report = leg->local_report,
		.remote_report = leg->remote_report,
	};
	return true;
}

void iax_endpoint_stats(const struct iax_endpoint *ep, struct iax_endpoint_stats *out)
{
	const struct tg_slab *legs = core_legs(ep);
	const struct iax_numbers *numbers = core_at(ep, ep->numbers_at);

	*out = ep->stats;
	out->legs = legs->used;
	out->legs_peak = legs->peak;
	out->frames_pending = iax_framepool_used(core_frames(ep));
	out->numbers_used = numbers->used;
	out->unproven_used = ep->unproven[false] + ep->unproven[true];
}

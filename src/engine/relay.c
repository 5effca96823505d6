/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/relay.h"

#include <string.h>

#include "engine/selector.h"
#include "iax/trunk.h"

static struct sys_udp *udp_of(struct relay *relay, uint32_t group)
{
	return relay->shared->groups[group].sockets[SELECTOR_RELAYS + relay->index];
}

static struct tg_addr addr_of(const uint8_t ip[16], uint16_t port)
{
	return tg_addr_ipv6(ip, port); /* mapped gives IPv4 */
}

static void send_mini(struct relay *relay, uint32_t group, struct tg_addr remote, struct tg_addr local, uint16_t number,
                      uint16_t ts_ms, struct tg_span payload)
{
	uint8_t bytes[SYS_UDP_OUT_BYTES];
	struct tg_writer w = tg_writer_of(bytes, sizeof(bytes));

	tg_put_u16(&w, number);
	tg_put_u16(&w, ts_ms);
	tg_put_span(&w, payload);
	if (!tg_writer_ok(&w)) {
		engine_count(&relay->counters.malformed, 1);
		return;
	}
	sys_udp_queue(udp_of(relay, group), remote, local, tg_writer_span(&w));
	relay->dirty |= UINT64_C(1) << group;
}

static void send_dirty(struct relay *relay)
{
	for (; relay->dirty != 0; relay->dirty &= relay->dirty - 1) {
		sys_udp_send(udp_of(relay, (uint32_t)__builtin_ctzll(relay->dirty)));
	}
	if (relay->noticed && relay->shared->relay_threads[relay->index] != 0) {
		bell_ring(&relay->shared->bells[0]);
	}
	relay->noticed = false;
}

static bool put_notice(struct relay *relay, const struct notice *head, struct tg_span payload)
{
	struct tg_ring *ring = relay->shared->notices[relay->index];
	struct notice *notice = payload.len <= NOTICE_BYTES_MAX ? tg_ring_room(ring) : NULL;

	if (notice == NULL) {
		engine_count(&relay->counters.notices_full, 1);
		return false;
	}
	memcpy(notice, head, offsetof(struct notice, bytes));
	notice->len = (uint32_t)payload.len;
	if (payload.len > 0) {
		memcpy(notice->bytes, payload.p, payload.len);
	}
	tg_ring_push(ring);
	relay->noticed = true;
	return true;
}

/* ---- Prompts ---- */

static void on_play(void *owner, const struct player_order *order, struct tg_span payload)
{
	struct relay *relay = owner;

	send_mini(relay, order->group, order->remote, order->local, order->number, (uint16_t)order->ts_ms, payload);
	engine_count(&relay->counters.played, 1);
}

static bool on_play_full(void *owner, const struct player_order *order, struct tg_span payload)
{
	struct relay *relay = owner;
	const struct notice notice = {
		.kind = NOTICE_FULL,
		.leg = order->leg,
		.life = order->life,
		.serial = order->serial,
		.ts_ms = order->ts_ms,
	};

	engine_count(&relay->counters.promoted, 1);
	return put_notice(relay, &notice, payload);
}

static bool on_played(void *owner, const struct player_order *order)
{
	const struct notice notice = {
		.kind = NOTICE_PLAYED,
		.leg = order->leg,
		.life = order->life,
		.serial = order->serial,
	};

	return put_notice(owner, &notice, (struct tg_span){ 0 });
}

void relay_init(struct relay *relay, struct engine_shared *shared, uint32_t index, void *player_mem, uint32_t legs_max,
                uint64_t now_us)
{
	const struct player_ops ops = { relay, on_play, on_play_full, on_played };

	*relay = (struct relay){ .shared = shared, .index = index };
	relay->player = player_init(player_mem, legs_max, shared->board, index, &shared->images, &ops, now_us);
}

void relay_turn(struct relay *relay, uint64_t now_us)
{
	player_turn(relay->player, now_us);
	send_dirty(relay);
}

uint64_t relay_deadline_us(const struct relay *relay)
{
	return player_has_orders(relay->player) ? 0 : player_deadline_us(relay->player);
}

/* ---- Media ---- */

static struct tg_addr to_local_of(const struct relay *relay, const struct relay_entry *entry)
{
	const struct engine_group *group = &relay->shared->groups[entry->to_group];

	return group->wildcard ? relay_table_local(relay->shared->table, entry->leg) : group->local;
}

static void pass_media(struct relay *relay, const struct relay_entry *entry, uint16_t ts_ms, struct tg_span payload,
                       uint64_t now_us)
{
	const bool forward = entry->media == RELAY_FORWARD;

	if (!forward) {
		engine_count(&relay->counters.dropped, 1);
	} else {
		send_mini(relay, entry->to_group, addr_of(entry->to_ip, entry->to_port), to_local_of(relay, entry),
		          entry->to_number, (uint16_t)(ts_ms + entry->ts_offset_ms), payload);
		engine_count(&relay->counters.forwarded, 1);
	}
	relay_count_frame(relay->shared->table, entry, ts_ms, payload.len, !forward, now_us);
}

/* The entries of a trunk frame, one by one: each is looked up as if it had come as a mini frame. */
static void pass_trunk(struct relay *relay, uint32_t group, const struct sys_udp_packet *packet,
                       const struct iax_frame *frame, uint64_t now_us)
{
	struct iax_trunk_walk walk = iax_trunk_walk_of(frame);
	struct iax_trunk_entry voice;
	struct relay_entry entry;

	while (iax_trunk_next(&walk, &voice)) {
		const struct relay_key key = relay_key_of(packet->remote, voice.source, group);

		if (!frame->stamped || !relay_table_find(relay->shared->table, &key,
		                                         relay_table_hash(relay->shared->table, &key), &entry)) {
			engine_count(&relay->counters.unknown, 1);
			continue;
		}
		pass_media(relay, &entry, voice.ts_low_ms, voice.payload, now_us);
	}
}

static void pass_meta(struct relay *relay, uint32_t group, const struct sys_udp_packet *packet, uint64_t now_us)
{
	struct iax_frame frame;

	if (iax_frame_decode(&frame, packet->bytes) != IAX_OK || frame.class != IAX_CLASS_META_TRUNK) {
		engine_count(&relay->counters.malformed, 1);
		return;
	}
	pass_trunk(relay, group, packet, &frame, now_us);
}

/* First pass: what it is, and its line of the table on the way. */
static void look_at(struct relay *relay, uint32_t group, const struct sys_udp_packet *packet, struct relay_work *work)
{
	struct tg_reader r = tg_reader_of(packet->bytes);
	const uint16_t number = tg_take_u16(&r);

	work->ts_ms = tg_take_u16(&r);
	work->is_mini = tg_reader_ok(&r) && number != 0 && (number & IAX_FULL_BIT) == 0;
	if (work->is_mini) {
		work->key = relay_key_of(packet->remote, number, group);
		work->hash = relay_table_hash(relay->shared->table, &work->key);
		relay_table_prefetch(relay->shared->table, work->hash);
	}
}

unsigned relay_receive(struct relay *relay, uint32_t group, uint64_t now_us)
{
	const unsigned count = sys_udp_receive(udp_of(relay, group), relay->packets);
	const struct relay_table *table = relay->shared->table;

	for (unsigned i = 0; i < count; i++) {
		look_at(relay, group, &relay->packets[i], &relay->work[i]);
	}
	for (unsigned i = 0; i < count; i++) {
		struct relay_work *work = &relay->work[i];

		work->found = work->is_mini && relay_table_find(table, &work->key, work->hash, &work->entry);
		if (work->found) {
			relay_count_prefetch(table, &work->entry);
		}
	}
	for (unsigned i = 0; i < count; i++) {
		const struct relay_work *work = &relay->work[i];
		const struct tg_span bytes = relay->packets[i].bytes;

		if (work->found) {
			pass_media(relay, &work->entry, work->ts_ms,
			           (struct tg_span){ bytes.p + IAX_MINI_BYTES, bytes.len - IAX_MINI_BYTES }, now_us);
		} else if (work->is_mini) {
			engine_count(&relay->counters.unknown, 1);
		} else {
			pass_meta(relay, group, &relay->packets[i], now_us);
		}
	}
	engine_count(&relay->counters.received, count);
	send_dirty(relay);
	return count;
}

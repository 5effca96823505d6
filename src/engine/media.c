/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/media.h"

#include <string.h>

void media_init(struct media *media, struct engine_shared *shared, struct images *images, struct iax_endpoint *endpoint,
                struct media_leg *legs, uint32_t legs_max)
{
	*media = (struct media){
		.shared = shared, .images = images, .endpoint = endpoint, .legs = legs, .legs_max = legs_max
	};
}

static struct media_leg *find(const struct media *media, uint32_t index, uint32_t life)
{
	struct media_leg *leg = index < media->legs_max ? &media->legs[index] : NULL;

	return leg != NULL && leg->is_set && leg->leg.ref.gen == life ? leg : NULL;
}

static void post_order(struct media *media, const struct player_order *order)
{
	const uint32_t relay = player_board_set(media->shared->board, order);

	bell_ring(&media->shared->bells[media->shared->relay_threads[relay]]);
}

static void stop_playing(struct media *media, struct media_leg *leg)
{
	const struct player_order order = { .leg = leg->leg.ref.index };

	if (leg->serial != 0) {
		post_order(media, &order);
		media->images->prompts[leg->prompts].plays--;
		leg->serial = 0;
	}
}

static bool start_playing(struct media *media, struct media_leg *leg, const struct switch_relay *entry, uint8_t group)
{
	const int place = images_prompts_at(media->images, entry->prompts_generation);
	const struct prompts *prompts = place < 0 ? NULL : media->images->prompts[place].at;

	if (prompts == NULL || entry->prompt >= prompts->count) {
		return false;
	}
	const struct player_order order = {
		.remote = entry->remote,
		.local = entry->local,
		.leg = entry->leg.ref.index,
		.life = entry->leg.ref.gen,
		.prompt = entry->prompt,
		.image = (uint32_t)place,
		.frame = entry->frame_start,
		.ts_ms = entry->ts_start_ms,
		.serial = ++media->serial,
		.number = entry->local_number,
		.group = group,
		.flags = PLAYER_ON | (entry->loop ? PLAYER_LOOP : 0),
	};

	leg->serial = order.serial;
	leg->prompts = (uint32_t)place;
	media->images->prompts[place].plays++;
	post_order(media, &order);
	return true;
}

static const uint8_t relay_medias[] = {
	[SWITCH_MEDIA_NONE] = RELAY_DROP,
	[SWITCH_MEDIA_FORWARD] = RELAY_FORWARD,
	[SWITCH_MEDIA_PLAY] = RELAY_PLAY,
};

static struct relay_entry entry_of(const struct switch_relay *from, int group, int to_group)
{
	struct relay_entry entry = {
		.port = from->remote.port,
		.number = from->remote_number,
		.to_port = from->to_remote.port,
		.to_number = from->to_number,
		.leg = from->leg.ref.index,
		.life = from->leg.ref.gen,
		.ts_offset_ms = (uint16_t)from->ts_offset_ms,
		.group = (uint8_t)group,
		.to_group = (uint8_t)(to_group < 0 ? 0 : to_group),
		.media = relay_medias[from->media],
	};

	memcpy(entry.ip, from->remote.ip, sizeof(entry.ip));
	memcpy(entry.to_ip, from->to_remote.ip, sizeof(entry.to_ip));
	return entry;
}

static bool makes_sense(const struct media *media, const struct switch_relay *entry, int group, int to_group)
{
	return entry->leg.ref.index < media->legs_max && entry->media < TG_COUNT(relay_medias) && group >= 0 &&
	       (entry->media != SWITCH_MEDIA_FORWARD || to_group >= 0);
}

void media_set(struct media *media, const struct switch_relay *entry)
{
	const int group = engine_group_of(media->shared, entry->local);
	const int to_group = engine_group_of(media->shared, entry->to_local);
	struct relay_entry row;
	struct media_leg *leg;

	if (!makes_sense(media, entry, group, to_group)) {
		media->bad++;
		return;
	}
	leg = &media->legs[entry->leg.ref.index];
	stop_playing(media, leg);
	leg->leg = entry->leg;
	leg->format = entry->format;
	leg->is_set = true;
	row = entry_of(entry, group, to_group);
	media->no_room += relay_table_set(media->shared->table, &row, entry->to_local) ? 0 : 1;
	if (entry->media == SWITCH_MEDIA_PLAY && !start_playing(media, leg, entry, (uint8_t)group)) {
		media->bad++;
	}
}

void media_clear(struct media *media, struct iax_leg_id id)
{
	struct media_leg *leg = find(media, id.ref.index, id.ref.gen);

	if (leg != NULL) {
		stop_playing(media, leg);
		relay_table_clear(media->shared->table, id.ref.index);
		leg->is_set = false;
	}
}

bool media_report(struct media *media, struct iax_leg_id id, struct iax_report *report)
{
	struct relay_count count;

	if (find(media, id.ref.index, id.ref.gen) == NULL) {
		return false;
	}
	relay_count_read(media->shared->table, id.ref.index, id.ref.gen, &count);
	*report = (struct iax_report){
		.packets = count.packets,
		.lost = count.lost,
		.out_of_order = count.out_of_order,
		.jitter_ms = count.jitter_us / TG_US_PER_MS,
	};
	if (count.lost > 0) {
		report->loss_percent = (uint8_t)((uint64_t)count.lost * 100 / ((uint64_t)count.lost + count.packets));
	}
	return true;
}

void media_on_notice(struct media *media, struct tg_switch *sw, const struct notice *notice, uint64_t now_us)
{
	const struct media_leg *leg = find(media, notice->leg, notice->life);
	const struct tg_span payload = { notice->bytes, notice->len };

	if (leg == NULL || leg->serial != notice->serial) {
		return; /* of an order that is no more */
	}
	if (notice->kind == NOTICE_PLAYED) {
		switch_on_played(sw, leg->leg, now_us);
	} else if (iax_leg_voice(media->endpoint, leg->leg, leg->format, notice->ts_ms, payload, true, now_us) !=
	           IAX_OK) {
		media->refused++; /* the leg is going away */
	}
}

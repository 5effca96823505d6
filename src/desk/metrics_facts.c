/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/metrics.h"

#include "desk/facts.h"
#include "model/quality.h"
#include "sys/clock.h"

#include <stdio.h>
#include <string.h>

/* What metrics show beside counters. Where a process did not answer, its families have no samples. */

enum { MS_A_S = 1000 };

/* ---- The program ---- */

void metrics_put_build(struct metrics *metrics)
{
	metrics_put(metrics, "", 1, METRICS_LABELS("version", TG_VERSION));
}

static const struct ipc_process_row *parent_of(const struct desk_view *view)
{
	return desk_process_find(&view->rows[METRICS_PROCESSES], PROC_PARENT);
}

void metrics_put_start(struct metrics *metrics)
{
	const struct ipc_process_row *parent = parent_of(metrics->view);

	if (parent != NULL) {
		metrics_put(metrics, "", (double)parent->started_ms / MS_A_S, NULL);
	}
}

void metrics_put_complete(struct metrics *metrics)
{
	bool complete = true;

	for (unsigned i = 0; i < METRICS_ASKS; i++) {
		complete = complete && !metrics->view->rows[i].away && !metrics->view->rows[i].cut;
	}
	metrics_put(metrics, "", complete ? 1 : 0, NULL);
}

void metrics_put_unmapped(struct metrics *metrics)
{
	const struct desk_rows *rows = &metrics->view->rows[METRICS_COUNTERS];
	const struct ipc_counter_row *row = rows->rows;
	unsigned count = 0;

	for (uint32_t i = 0; i < rows->count; i++) {
		count += metrics_family_of(row[i].name) == NULL ? 1 : 0;
	}
	metrics_put(metrics, "", count, NULL);
}

void metrics_put_process_up(struct metrics *metrics)
{
	const struct desk_rows *rows = &metrics->view->rows[METRICS_PROCESSES];
	const struct ipc_process_row *row = rows->rows;

	for (uint32_t i = 0; i < rows->count; i++) {
		metrics_put(metrics, "", row[i].pid != 0 ? 1 : 0, METRICS_LABELS("process", row[i].name));
	}
}

void metrics_put_process_restarts(struct metrics *metrics)
{
	const struct desk_rows *rows = &metrics->view->rows[METRICS_PROCESSES];
	const struct ipc_process_row *row = rows->rows;

	for (uint32_t i = 0; i < rows->count; i++) {
		metrics_put(metrics, "", row[i].restarts, METRICS_LABELS("process", row[i].name));
	}
}

void metrics_put_generation(struct metrics *metrics)
{
	if (metrics->view->world != NULL) {
		metrics_put(metrics, "", (double)metrics->view->world->generation, NULL);
	}
}

void metrics_put_loads(struct metrics *metrics)
{
	const struct ipc_process_row *parent = parent_of(metrics->view);

	if (parent != NULL) {
		metrics_put(metrics, "", parent->loads, NULL);
	}
}

void metrics_put_loads_failed(struct metrics *metrics)
{
	const struct ipc_process_row *parent = parent_of(metrics->view);

	if (parent != NULL) {
		metrics_put(metrics, "", parent->loads_failed, NULL);
	}
}

void metrics_put_load_well(struct metrics *metrics)
{
	const struct ipc_process_row *parent = parent_of(metrics->view);

	if (parent != NULL) {
		metrics_put(metrics, "", parent->last_load_failed == 0 ? 1 : 0, NULL);
	}
}

void metrics_put_load_time(struct metrics *metrics)
{
	const struct ipc_process_row *parent = parent_of(metrics->view);

	if (parent != NULL) {
		metrics_put(metrics, "", (double)parent->last_load_ms / MS_A_S, NULL);
	}
}

/* ---- Peers: rows of the engine, which are those of the world it has ---- */

void metrics_put_peers(struct metrics *metrics)
{
	const struct desk_rows *rows = &metrics->view->rows[METRICS_PEERS];
	const struct desk_peers_count count = desk_peers_count(metrics->view->world, rows);

	for (unsigned i = 0; i < DESK_PEER_STATUS_COUNT && !rows->away; i++) {
		metrics_put(metrics, "", count.of[i],
		            METRICS_LABELS("status", desk_peer_status_name((enum desk_peer_status)i)));
	}
}

void metrics_put_peers_registered(struct metrics *metrics)
{
	const struct desk_rows *rows = &metrics->view->rows[METRICS_PEERS];

	if (!rows->away) {
		metrics_put(metrics, "", desk_peers_count(metrics->view->world, rows).registered, NULL);
	}
}

/* Each of the first peers that are watched. @return how many there are */
static unsigned each_watched(struct metrics *metrics,
                             void (*put)(struct metrics *metrics, const struct ipc_peer_row *row,
                                         enum desk_peer_status status))
{
	const struct desk_rows *rows = &metrics->view->rows[METRICS_PEERS];
	const struct ipc_peer_row *row = rows->rows;
	unsigned count = 0;

	for (uint32_t i = 0; i < rows->count; i++) {
		const struct world_peer *peer = desk_peer_of(metrics->view->world, &row[i]);

		if (peer != NULL && peer->qualify_ms != 0) {
			if (count < METRICS_NAMES_MAX && put != NULL) {
				put(metrics, &row[i], desk_peer_status(peer, &row[i]));
			}
			count++;
		}
	}
	return count;
}

static void put_reachable(struct metrics *metrics, const struct ipc_peer_row *row, enum desk_peer_status status)
{
	if (status != DESK_PEER_UNKNOWN) {
		metrics_put(metrics, "", status != DESK_PEER_UNREACHABLE ? 1 : 0, METRICS_LABELS("peer", row->name));
	}
}

static void put_rtt(struct metrics *metrics, const struct ipc_peer_row *row, enum desk_peer_status status)
{
	if (status == DESK_PEER_OK || status == DESK_PEER_LAGGED) {
		metrics_put(metrics, "", (double)row->rtt_ms / MS_A_S, METRICS_LABELS("peer", row->name));
	}
}

void metrics_put_peer_reachable(struct metrics *metrics)
{
	each_watched(metrics, put_reachable);
}

void metrics_put_peer_rtt(struct metrics *metrics)
{
	each_watched(metrics, put_rtt);
}

void metrics_put_peers_unlisted(struct metrics *metrics)
{
	const unsigned count = each_watched(metrics, NULL);

	metrics_put(metrics, "", count > METRICS_NAMES_MAX ? count - METRICS_NAMES_MAX : 0, NULL);
}

/* ---- Our registrations ---- */

void metrics_put_registrations(struct metrics *metrics)
{
	const struct desk_rows *rows = &metrics->view->rows[METRICS_REGISTRY];
	const struct ipc_registry_row *row = rows->rows;
	const char *names[16];
	unsigned counts[TG_COUNT(names)];
	size_t known = 0;

	for (uint32_t i = 0; i < rows->count; i++) {
		size_t at = 0;

		while (at < known && strcmp(names[at], row[i].state) != 0) {
			at++;
		}
		if (at == known && known < TG_COUNT(names)) {
			names[known] = row[i].state;
			counts[known++] = 0;
		}
		if (at < known) {
			counts[at]++;
		}
	}
	for (size_t i = 0; i < known; i++) {
		metrics_put(metrics, "", counts[i], METRICS_LABELS("state", names[i]));
	}
}

/* Two that are called the same would be one series twice. */
static bool is_told(const struct ipc_registry_row *rows, uint32_t at)
{
	for (uint32_t i = 0; i < at; i++) {
		if (strcmp(rows[i].host, rows[at].host) == 0 && strcmp(rows[i].username, rows[at].username) == 0) {
			return true;
		}
	}
	return false;
}

void metrics_put_registered(struct metrics *metrics)
{
	const struct desk_rows *rows = &metrics->view->rows[METRICS_REGISTRY];
	const struct ipc_registry_row *row = rows->rows;

	for (uint32_t i = 0; i < rows->count && i < METRICS_NAMES_MAX; i++) {
		if (!is_told(row, i)) {
			metrics_put(metrics, "", row[i].is_registered,
			            METRICS_LABELS("host", row[i].host, "username", row[i].username));
		}
	}
}

/* ---- Limits ---- */

static const struct ipc_numbers_row *sums_of(const struct desk_view *view)
{
	const struct desk_rows *rows = &view->rows[METRICS_NUMBERS];
	const struct ipc_numbers_row *row = rows->rows;

	return rows->count > 0 && row->addr.family == TG_NO_ADDR ? row : NULL;
}

void metrics_put_numbers_used(struct metrics *metrics)
{
	const struct ipc_numbers_row *sums = sums_of(metrics->view);

	if (sums != NULL) {
		metrics_put(metrics, "", sums->used, NULL);
	}
}

void metrics_put_numbers_max(struct metrics *metrics)
{
	const struct ipc_numbers_row *sums = sums_of(metrics->view);

	if (sums != NULL) {
		metrics_put(metrics, "", sums->limit, NULL);
	}
}

static void each_budget(struct metrics *metrics, size_t member)
{
	const struct desk_rows *rows = &metrics->view->rows[METRICS_BUDGETS];
	const struct ipc_budget_row *row = rows->rows;

	for (uint32_t i = 0; i < rows->count; i++) {
		uint64_t value;

		memcpy(&value, (const uint8_t *)&row[i] + member, sizeof(value));
		metrics_put(metrics, "", (double)value, METRICS_LABELS("limit", row[i].name));
	}
}

void metrics_put_limit_used(struct metrics *metrics)
{
	each_budget(metrics, offsetof(struct ipc_budget_row, used));
}

void metrics_put_limit_max(struct metrics *metrics)
{
	each_budget(metrics, offsetof(struct ipc_budget_row, limit));
}

void metrics_put_limit_peak(struct metrics *metrics)
{
	each_budget(metrics, offsetof(struct ipc_budget_row, peak));
}

void metrics_put_limit_stopped(struct metrics *metrics)
{
	each_budget(metrics, offsetof(struct ipc_budget_row, stopped));
}

void metrics_put_bans(struct metrics *metrics)
{
	const struct desk_rows *rows = &metrics->view->rows[METRICS_BUDGETS];
	const struct ipc_budget_row *row = rows->rows;

	for (uint32_t i = 0; i < rows->count; i++) {
		if (strcmp(row[i].name, "bans") == 0) {
			metrics_put(metrics, "", (double)row[i].used, NULL);
		}
	}
}

/* ---- Quality ---- */

static uint64_t counted(const struct metrics *metrics, enum model_side side, enum model_quality quality, unsigned place)
{
	char name[MODEL_QUALITY_NAME_BYTES];

	model_quality_counter(name, side, quality, place);
	const struct ipc_counter_row *row = metrics_counter(metrics->view, name);

	return row != NULL ? row->value : 0;
}

/* The counters' unit is a millionth. */
static void put_histogram(struct metrics *metrics, enum model_side side, enum model_quality quality)
{
	static const double unit = 1000000;
	const char *name = model_side_name(side);
	uint64_t sum = 0;

	for (unsigned i = 0; i <= MODEL_QUALITY_BOUNDS; i++) {
		char bound[24] = "+Inf";

		if (i < MODEL_QUALITY_BOUNDS) {
			snprintf(bound, sizeof(bound), "%g", model_quality_bounds[quality][i] / unit);
		}
		sum += counted(metrics, side, quality, i);
		metrics_put(metrics, "_bucket", (double)sum, METRICS_LABELS("side", name, "le", bound));
	}
	metrics_put(metrics, "_sum", (double)counted(metrics, side, quality, MODEL_QUALITY_SUM) / unit,
	            METRICS_LABELS("side", name));
	metrics_put(metrics, "_count", (double)sum, METRICS_LABELS("side", name));
}

static void put_quality(struct metrics *metrics, enum model_quality quality)
{
	for (unsigned side = 0; side < MODEL_SIDE_COUNT && !metrics->view->rows[METRICS_COUNTERS].away; side++) {
		put_histogram(metrics, (enum model_side)side, quality);
	}
}

void metrics_put_loss(struct metrics *metrics)
{
	put_quality(metrics, MODEL_QUALITY_LOSS);
}

void metrics_put_jitter(struct metrics *metrics)
{
	put_quality(metrics, MODEL_QUALITY_JITTER);
}

void metrics_put_delay(struct metrics *metrics)
{
	put_quality(metrics, MODEL_QUALITY_DELAY);
}

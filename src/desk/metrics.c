/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/metrics.h"

#include "model/counter.h"
#include "model/quality.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LABELS_BYTES = 1024 };

/* clang-format off */
#define COUNTER(name, counter, help) { name, METRICS_COUNTER, help, counter, NULL, 1, false, NULL }
#define COUNTERS(name, counter, label, help) { name, METRICS_COUNTER, help, counter, label, 1, false, NULL }
#define GAUGE(name, counter, help) { name, METRICS_GAUGE, help, counter, NULL, 1, false, NULL }
#define FACT(name, type, put, help) { name, METRICS_ ## type, help, NULL, NULL, 1, false, put }

const struct metrics_family metrics_families[] = {
	/* the program */
	FACT("tollgate_build_info", GAUGE, metrics_put_build, "Always 1; the label says which version runs."),
	FACT("tollgate_start_time_seconds", GAUGE, metrics_put_start, "When the daemon was started, in seconds since 1970."),
	FACT("tollgate_scrape_complete", GAUGE, metrics_put_complete, "1 if each process that was asked for these metrics answered, 0 if families are missing."),
	FACT("tollgate_counters_unmapped", GAUGE, metrics_put_unmapped, "Counters of the engine that no metric shows; anything but 0 is a mistake in the program."),
	FACT("tollgate_process_up", GAUGE, metrics_put_process_up, "1 if this process of the daemon runs."),
	FACT("tollgate_process_restarts_total", COUNTER, metrics_put_process_restarts, "How often this process ended by itself and was started again."),
	FACT("tollgate_config_generation", GAUGE, metrics_put_generation, "The number of the configuration that is used."),
	FACT("tollgate_config_loads_total", COUNTER, metrics_put_loads, "Configurations that were read at the start and on demand."),
	FACT("tollgate_config_load_failures_total", COUNTER, metrics_put_loads_failed, "Configurations that were refused; the one before stayed in use."),
	FACT("tollgate_config_last_load_successful", GAUGE, metrics_put_load_well, "1 if the last configuration that was read is used, 0 if it was refused."),
	FACT("tollgate_config_last_load_timestamp_seconds", GAUGE, metrics_put_load_time, "When the last configuration was read, in seconds since 1970."),

	/* peers and registrations */
	FACT("tollgate_peers", GAUGE, metrics_put_peers, "Configured peers by how they answer qualify."),
	FACT("tollgate_peers_registered", GAUGE, metrics_put_peers_registered, "Dynamic peers that are registered now."),
	FACT("tollgate_peer_reachable", GAUGE, metrics_put_peer_reachable, "1 if a peer with qualify= answers, 0 if it does not; the first 1000 such peers."),
	FACT("tollgate_peer_rtt_seconds", GAUGE, metrics_put_peer_rtt, "Round trip to a peer that answers qualify; the first 1000 such peers."),
	FACT("tollgate_peers_unlisted", GAUGE, metrics_put_peers_unlisted, "Peers with qualify= beyond the first 1000, which have no samples of their own."),
	COUNTER("tollgate_registrations_granted_total", "switch.registrations_granted", "Registrations of peers with us that were granted, renewals too."),
	COUNTER("tollgate_registrations_refused_total", "switch.registrations_refused", "Registrations of peers with us that were refused."),
	FACT("tollgate_trunk_registrations", GAUGE, metrics_put_registrations, "Our registrations with others by state."),
	FACT("tollgate_trunk_registered", GAUGE, metrics_put_registered, "1 if we are registered there; the first 1000 registrations."),

	/* calls */
	GAUGE("tollgate_calls", "switch.calls", "Calls now."),
	GAUGE("tollgate_calls_peak", "switch.calls_peak", "Most calls at once since the engine was started."),
	COUNTER("tollgate_calls_offered_total", "switch.calls_offered", "Calls that came to be decided about."),
	COUNTER("tollgate_calls_answered_total", "switch.calls_answered", "Calls that were answered."),
	COUNTER("tollgate_calls_refused_total", "switch.calls_refused", "Calls that were refused before the dialplan."),
	COUNTERS("tollgate_calls_ended_total", "ended.disposition.", "disposition", "Calls that ended, by what became of them."),
	{ "tollgate_calls_ended_by_cause_total", METRICS_COUNTER, "Calls that ended, by the number of their cause (Q.850); causes that never were are left out.", "ended.cause.", "cause", 1, true, NULL },
	{ "tollgate_call_talk_seconds_total", METRICS_COUNTER, "How long all ended calls were answered.", "ended.talk_ms", NULL, 1000, false, NULL },
	GAUGE("tollgate_channels", "switch.legs", "Legs that are alive: of calls, registrations and probes."),
	GAUGE("tollgate_channels_peak", "switch.legs_peak", "Most legs at once since the engine was started."),
	GAUGE("tollgate_channels_unproven", "switch.unproven", "Legs of addresses that have not been proven."),
	COUNTER("tollgate_channels_evicted_total", "switch.evicted", "Legs of strangers that gave way to others."),
	FACT("tollgate_call_loss_ratio", HISTOGRAM, metrics_put_loss, "Voice lost on the way to us in a call that ended, by who sent it."),
	FACT("tollgate_call_jitter_seconds", HISTOGRAM, metrics_put_jitter, "Jitter of the voice that came to us in a call that ended, by who sent it."),
	FACT("tollgate_call_delay_seconds", HISTOGRAM, metrics_put_delay, "Half the round trip of a call that ended, by who was at the other end."),

	/* limits */
	FACT("tollgate_call_numbers_used", GAUGE, metrics_put_numbers_used, "Call numbers of the protocol that are in use."),
	FACT("tollgate_call_numbers_max", GAUGE, metrics_put_numbers_max, "Call numbers of the protocol that there are."),
	FACT("tollgate_limit_used", GAUGE, metrics_put_limit_used, "What is used of a limit now."),
	FACT("tollgate_limit_max", GAUGE, metrics_put_limit_max, "The limit itself."),
	FACT("tollgate_limit_peak", GAUGE, metrics_put_limit_peak, "The most that was used of a limit since the engine was started."),
	FACT("tollgate_limit_stopped_total", COUNTER, metrics_put_limit_stopped, "How often a limit stopped something."),
	FACT("tollgate_bans", GAUGE, metrics_put_bans, "Networks that are banned or allowed by hand now."),

	/* security */
	COUNTERS("tollgate_security_events_total", "event.", "event", "Security events by name, also those that were not logged because many were alike."),
	COUNTERS("tollgate_security_reasons_total", "reason.", "reason", "Security events by the reason they give."),
	COUNTER("tollgate_events_told_total", "events.told", "Security events that went to the logs."),
	COUNTER("tollgate_events_suppressed_total", "events.suppressed", "Security events that were counted only, because many were alike."),
	COUNTER("tollgate_events_dropped_total", "events.dropped", "Security events that the store did not take in time; they are counted in a later one."),
	COUNTER("tollgate_guard_failures_total", "guard.failures", "Wrong secrets."),
	COUNTER("tollgate_guard_successes_total", "guard.successes", "Secrets that were proven."),
	COUNTER("tollgate_guard_successes_repeated_total", "guard.successes_again", "Secrets that were proven again at once by the same sender."),
	COUNTER("tollgate_guard_accounts_over_total", "guard.accounts_over", "Accounts that the guard had no room to remember."),
	GAUGE("tollgate_guard_filter_works", "guard.fence_works", "1 if bans reach the packet filter of the kernel."),
	COUNTERS("tollgate_guard_held_total", "guard.held.", "reason", "Credentials that were not believed, by reason."),
	COUNTERS("tollgate_guard_held_observed_total", "guard.observed.", "reason", "The same that would have been, with mode=observe."),
	COUNTER("tollgate_gate_opened_total", "gate.opened", "Dialogs that the guard let in."),
	COUNTER("tollgate_gate_repeats_total", "gate.repeats", "Openings that were there already."),
	COUNTER("tollgate_gate_unproven_total", "gate.unproven", "Openings of addresses that were not proven."),
	COUNTER("tollgate_gate_unproven_unanswered_total", "gate.unproven_deaf", "The same that got no answer for want of room."),
	COUNTER("tollgate_gate_suspects_total", "gate.suspects", "Openings that looked like a scanning tool."),
	COUNTERS("tollgate_gate_dropped_total", "gate.dropped.", "reason", "Openings that the guard dropped, by reason."),
	COUNTERS("tollgate_gate_dropped_observed_total", "gate.observed.", "reason", "Openings that it would have dropped, with mode=observe."),

	/* datagrams */
	COUNTER("tollgate_door_received_total", "door.received", "Datagrams that came to the door: openings, and what is no frame."),
	COUNTER("tollgate_door_answered_total", "door.answered", "Datagrams that the door answered."),
	COUNTER("tollgate_door_token_refused_total", "door.refused", "Of these, refusals because a call token was missing."),
	COUNTER("tollgate_door_passed_total", "door.passed", "Openings that the door handed to the switch."),
	COUNTER("tollgate_door_too_long_total", "door.too_long", "Datagrams that were too long to be read."),
	COUNTER("tollgate_door_silenced_total", "door.silenced", "Datagrams dropped unread, of addresses that get no answers now."),
	COUNTER("tollgate_door_shed_total", "door.shed", "Datagrams not answered, or not even read, for want of time."),
	COUNTER("tollgate_door_overflowed_total", "door.overflowed", "Datagrams for the door that the kernel had no room for."),
	COUNTERS("tollgate_door_ring_full_total", "door.ring_full.", "class", "Openings that the switch had no room for, by who sent them."),
	COUNTERS("tollgate_door_dropped_total", "door.dropped.", "reason", "Datagrams that the door dropped, by reason."),
	COUNTER("tollgate_switch_received_total", "switch.received", "Full frames that came to the switch."),
	COUNTER("tollgate_switch_misplaced_total", "switch.misplaced", "Datagrams that came by a socket that is not theirs."),
	COUNTER("tollgate_switch_shed_total", "switch.shed", "Full frames dropped for want of time."),
	COUNTER("tollgate_switch_openings_total", "switch.openings", "Openings that came from the door."),
	COUNTER("tollgate_switch_verdicts_lost_total", "switch.verdicts_lost", "Answers of the vault that came too late."),
	GAUGE("tollgate_switch_frames_pending", "switch.frames_pending", "Frames that were not confirmed yet."),
	COUNTER("tollgate_switch_frames_sent_total", "switch.frames_sent", "Full frames sent."),
	COUNTER("tollgate_switch_retransmitted_total", "switch.retransmitted", "Full frames sent again, because nobody confirmed them."),
	COUNTER("tollgate_switch_not_ours_total", "switch.not_ours", "Datagrams to an address that is not ours."),
	COUNTER("tollgate_switch_questions_lost_total", "switch.questions_lost", "Questions to the vault that found no room."),
	COUNTER("tollgate_switch_overflowed_total", "switch.overflowed", "Full frames that the kernel had no room for."),
	COUNTERS("tollgate_switch_refused_total", "switch.refused.", "reason", "Full frames that the protocol refused, by reason."),
	COUNTER("tollgate_relay_received_total", "relay.received", "Media that came."),
	COUNTER("tollgate_relay_forwarded_total", "relay.forwarded", "Media sent on."),
	COUNTER("tollgate_relay_played_total", "relay.played", "Media of prompts and tones that were sent."),
	COUNTER("tollgate_relay_unknown_total", "relay.unknown", "Media of nobody's call."),
	COUNTER("tollgate_relay_dropped_total", "relay.dropped", "Media of calls that are not connected."),
	COUNTER("tollgate_relay_promoted_total", "relay.promoted", "Media sent on as full frames."),
	COUNTER("tollgate_relay_malformed_total", "relay.malformed", "Media that make no sense."),
	COUNTER("tollgate_relay_notices_lost_total", "relay.notices_full", "News for the switch that found no room."),
	COUNTER("tollgate_relay_overflowed_total", "relay.overflowed", "Media that the kernel had no room for."),
	COUNTER("tollgate_media_no_room_total", "switch.media_no_room", "Calls whose media found no room in the table of the relays."),
	COUNTER("tollgate_media_bad_total", "switch.media_bad", "Media of calls that cannot be read."),
	COUNTER("tollgate_media_refused_total", "switch.media_refused", "Media that calls did not take."),

	/* the store */
	GAUGE("tollgate_store_records_waiting", "switch.records_waiting", "Call records that the store has not confirmed."),
	COUNTER("tollgate_store_records_lost_total", "switch.records_lost", "Call records that found no room while the store was away."),
	COUNTER("tollgate_store_bindings_lost_total", "switch.bindings_lost", "Registrations that the store could not be told."),
	COUNTER("tollgate_store_bindings_late_total", "switch.bindings_late", "Registrations that came back from the store too late."),
	{ 0 },
};
/* clang-format on */

const struct desk_command desk_metrics_command = {
	.words = "metrics",
	.args = "",
	.help = "for Prometheus",
	.print = desk_metrics_print,
	.asks = METRICS_ASK_LIST,
	.limits = METRICS_LIMIT_LIST,
	.ask_count = METRICS_ASKS,
	.partial = true,
};

static size_t escape(char *to, size_t room, const char *text)
{
	size_t len = 0;

	for (; *text != '\0' && len + 2 < room; text++) {
		if (*text == '\\' || *text == '"') {
			to[len++] = '\\';
		}
		to[len++] = *text; /* desk_line() takes out what is no plain text */
	}
	to[len] = '\0';
	return len;
}

static void labels_text(const char *const *labels, char text[LABELS_BYTES])
{
	size_t len = 0;

	text[0] = '\0';
	for (; labels != NULL && labels[0] != NULL && len < LABELS_BYTES / 2; labels += 2) {
		len += (size_t)snprintf(text + len, LABELS_BYTES - len, "%s%s=\"", len == 0 ? "{" : ",", labels[0]);
		len += escape(text + len, LABELS_BYTES / 2, labels[1]);
		len += (size_t)snprintf(text + len, LABELS_BYTES - len, "\"");
	}
	if (len > 0) {
		snprintf(text + len, LABELS_BYTES - len, "}");
	}
}

void metrics_put(struct metrics *metrics, const char *suffix, double value, const char *const *labels)
{
	const int digits = value == floor(value) ? 0 : 6;
	char text[LABELS_BYTES];

	labels_text(labels, text);
	desk_line(metrics->out, "%s%s%s %.*f", metrics->family->name, suffix, text, digits, value);
}

/* @return what stands behind the family's part of the name; NULL if it is another one's */
static const char *rest_of(const struct metrics_family *family, const char *counter)
{
	const size_t len = family->counter != NULL ? strlen(family->counter) : 0;

	if (len == 0 || strncmp(counter, family->counter, len) != 0) {
		return NULL;
	}
	return counter[len] == '\0' || family->label != NULL ? counter + len : NULL;
}

static bool is_shown(const struct metrics_family *family, const struct ipc_counter_row *row, const char *rest)
{
	return rest != NULL && !(family->no_idle && row->idle != 0) && !model_counter_is_none(row->name);
}

static void put_counters(struct metrics *metrics)
{
	const struct metrics_family *family = metrics->family;
	const struct desk_rows *rows = &metrics->view->rows[METRICS_COUNTERS];
	const struct ipc_counter_row *row = rows->rows;

	for (uint32_t i = 0; i < rows->count; i++) {
		const char *rest = rest_of(family, row[i].name);

		if (is_shown(family, &row[i], rest)) {
			metrics_put(metrics, "", (double)row[i].value / family->divisor,
			            family->label != NULL ? METRICS_LABELS(family->label, rest) : NULL);
		}
	}
}

const struct metrics_family *metrics_family_of(const char *counter)
{
	/* What the histograms are made of. */
	static const struct metrics_family quality = { .name = "tollgate_call_" };

	for (const struct metrics_family *family = metrics_families; family->name != NULL; family++) {
		if (rest_of(family, counter) != NULL) {
			return family;
		}
	}
	return model_quality_is_counter(counter) ? &quality : NULL;
}

const struct ipc_counter_row *metrics_counter(const struct desk_view *view, const char *name)
{
	const struct desk_rows *rows = &view->rows[METRICS_COUNTERS];
	const struct ipc_counter_row *row = rows->rows;

	for (uint32_t i = 0; i < rows->count; i++) {
		if (strcmp(row[i].name, name) == 0) {
			return &row[i];
		}
	}
	return NULL;
}

int desk_metrics_print(const struct desk_view *view, struct desk_out *out)
{
	static const char *const types[] = {
		[METRICS_COUNTER] = "counter",
		[METRICS_GAUGE] = "gauge",
		[METRICS_HISTOGRAM] = "histogram",
	};
	struct metrics metrics = { .view = view, .out = out };

	for (const struct metrics_family *family = metrics_families; family->name != NULL; family++) {
		metrics.family = family;
		desk_line(out, "# HELP %s %s", family->name, family->help);
		desk_line(out, "# TYPE %s %s", family->name, types[family->type]);
		if (family->put != NULL) {
			family->put(&metrics);
		} else {
			put_counters(&metrics);
		}
	}
	return DESK_OK;
}

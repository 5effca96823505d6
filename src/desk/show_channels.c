/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/show.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CELL_BYTES = 32, PLACE_BYTES = 2 * MODEL_NAME_BYTES + 16, APP_BYTES = 176 };

static bool is_call(const struct ipc_channel_row *row)
{
	return strcmp(row->kind, "call") == 0;
}

static void say_cut(const struct desk_rows *rows, struct desk_out *out)
{
	if (rows->cut) {
		desk_line(out, "(only the first %u of them)", rows->count);
	}
}

/* ---- iax2 show channels ---- */

static const struct desk_column iax_columns[] = {
	{ "Channel", 20, true, false },
	{ "Peer", 40, true, false },
	{ "Username", 10, true, false },
	{ "ID (Lo/Rem)", 11, false, false },
	{ "Seq (Tx/Rx)", 11, false, false },
	{ "Lag", 7, false, false },
	{ "Jitter", 7, false, false },
	{ "JitBuf", 7, false, false },
	{ "Format", 6, true, false },
	{ "FirstMsg", 11, false, false },
	{ "LastMsg", 11, false, false },
	{ "Proof", 5, false, false },
	{ 0 },
};

/* V: the address is proven; A: authenticated; E: encrypted. */
static void proof_text(const struct ipc_channel_row *row, char text[CELL_BYTES])
{
	snprintf(text, CELL_BYTES, "%c%c%c", row->proven != 0 ? 'V' : '-', row->authenticated != 0 ? 'A' : '-',
	         row->encrypted != 0 ? 'E' : '-');
}

static void iax_line(const struct ipc_channel_row *row, struct desk_out *out)
{
	char peer[TG_ADDR_TEXT_BYTES], id[CELL_BYTES], seq[CELL_BYTES], lag[CELL_BYTES], jitter[CELL_BYTES];
	char proof[CELL_BYTES];

	snprintf(id, sizeof(id), "%05u/%05u", row->local_number, row->remote_number);
	snprintf(seq, sizeof(seq), "%05u/%05u", row->oseqno, row->iseqno);
	snprintf(lag, sizeof(lag), "%05ums", row->lag_ms);
	snprintf(jitter, sizeof(jitter), "%04ums", row->jitter_ms);
	proof_text(row, proof);
	desk_table_row(out, iax_columns,
	               (const char *const[]){
			       row->channel,
			       tg_addr_format_host(row->peer, peer),
			       row->user[0] != '\0' ? row->user : "(None)",
			       id,
			       seq,
			       lag,
			       jitter,
			       "0000ms",
			       desk_codec_name(row->format),
			       row->first_msg,
			       row->last_msg,
			       proof,
		       });
}

int desk_show_iax_channels(const struct desk_view *view, struct desk_out *out)
{
	const struct ipc_channel_row *rows = view->rows[0].rows;
	unsigned calls = 0;

	desk_table_head(out, iax_columns);
	for (uint32_t i = 0; i < view->rows[0].count; i++) {
		iax_line(&rows[i], out);
		calls += is_call(&rows[i]) ? 1 : 0;
	}
	say_cut(&view->rows[0], out);
	desk_line(out, "%u active IAX channel%s", calls, calls == 1 ? "" : "s");
	return DESK_OK;
}

/* ---- iax2 show netstats ---- */

enum { REPORT_BYTES = 80 };

static void report_text(const struct model_report *report, uint32_t jitter_ms, char text[REPORT_BYTES])
{
	const uint64_t expected = (uint64_t)report->packets + report->lost;
	const unsigned percent = expected > 0 ? (unsigned)(report->lost * UINT64_C(100) / expected) : 0;

	snprintf(text, REPORT_BYTES, "%4u %4u %5u %3u %5u %4u %6u", jitter_ms, report->delay_ms, report->lost, percent,
	         report->dropped, report->out_of_order, report->packets / 1000);
}

int desk_show_netstats(const struct desk_view *view, struct desk_out *out)
{
	const struct ipc_channel_row *rows = view->rows[0].rows;
	unsigned calls = 0;

	desk_line(out, "%-20s %4s  %-37s  %-37s", "", "", "-------- LOCAL ----------------------",
	          "-------- REMOTE ---------------------");
	desk_line(out, "%-20s %4s  %4s %4s %5s %3s %5s %4s %6s  %4s %4s %5s %3s %5s %4s %6s  %-11s %s", "Channel",
	          "RTT", "Jit", "Del", "Lost", "%", "Drop", "OOO", "Kpkts", "Jit", "Del", "Lost", "%", "Drop", "OOO",
	          "Kpkts", "FirstMsg", "LastMsg");
	for (uint32_t i = 0; i < view->rows[0].count; i++) {
		char local[REPORT_BYTES], remote[REPORT_BYTES];

		if (!is_call(&rows[i])) {
			continue;
		}
		report_text(&rows[i].local, rows[i].local.jitter_ms, local);
		report_text(&rows[i].remote, rows[i].remote.jitter_ms, remote);
		desk_line(out, "%-20.20s %4u  %s  %s  %-11s %s", rows[i].channel, rows[i].rtt_ms, local, remote,
		          rows[i].first_msg, rows[i].last_msg);
		calls++;
	}
	say_cut(&view->rows[0], out);
	desk_line(out, "%u active IAX channel%s", calls, calls == 1 ? "" : "s");
	return DESK_OK;
}

/* ---- core show channels ---- */

static const struct desk_column core_columns[] = {
	{ "Channel", 64, true, false },
	{ "Location", 32, true, false },
	{ "State", 7, true, false },
	{ "Application(Data)", 30, false, false },
	{ 0 },
};

static const struct desk_column verbose_columns[] = {
	{ "Channel", 20, true, false },    { "Context", 20, true, false }, { "Extension", 16, true, false },
	{ "Prio", 4, false, true },        { "State", 7, true, false },    { "Application", 12, true, false },
	{ "Data", 25, true, false },       { "Account", 15, true, false }, { "Duration", 8, false, false },
	{ "Bridged to", 20, true, false }, { "Call", 8, false, false },    { 0 },
};

static void duration_text(uint32_t seconds, char text[CELL_BYTES])
{
	snprintf(text, CELL_BYTES, "%02u:%02u:%02u", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

static void core_line(const struct ipc_channel_row *row, struct desk_out *out)
{
	char place[PLACE_BYTES] = "(None)", app[APP_BYTES] = "(None)";

	if (row->exten[0] != '\0') {
		snprintf(place, sizeof(place), "%s@%s:%u", row->exten, row->context, row->priority);
	}
	if (row->app[0] != '\0') {
		snprintf(app, sizeof(app), "%s(%s)", row->app, row->app_args);
	}
	desk_table_row(out, core_columns, (const char *const[]){ row->channel, place, row->state, app });
}

static void verbose_line(const struct ipc_channel_row *row, struct desk_out *out)
{
	char prio[CELL_BYTES], duration[CELL_BYTES], call[CELL_BYTES];

	snprintf(prio, sizeof(prio), "%u", row->priority);
	snprintf(call, sizeof(call), "%u", row->call_id);
	duration_text(row->seconds, duration);
	desk_table_row(out, verbose_columns,
	               (const char *const[]){ row->channel, row->context, row->exten, prio, row->state, row->app,
	                                      row->app_args, row->user, duration, row->bridged_to, call });
}

/* 14 fields with '!' between them, whatever they hold: a '!' of theirs becomes '?'. */
static void concise_line(const struct ipc_channel_row *row, struct desk_out *out)
{
	char priority[CELL_BYTES], seconds[CELL_BYTES], bridge[CELL_BYTES] = "", unique[CELL_BYTES];
	char line[DESK_LINE_MAX];
	size_t len = 0;

	snprintf(priority, sizeof(priority), "%u", row->priority);
	snprintf(seconds, sizeof(seconds), "%u", row->seconds);
	snprintf(unique, sizeof(unique), "%u.%u", row->call_id, row->local_number);
	if (row->bridged_to[0] != '\0') {
		snprintf(bridge, sizeof(bridge), "%u", row->call_id);
	}
	const char *const fields[14] = { row->channel, row->context, row->exten,    priority,
		                         row->state,   row->app,     row->app_args, row->caller_number,
		                         row->user,    "",           "3",           seconds,
		                         bridge,       unique };

	for (size_t i = 0; i < TG_COUNT(fields); i++) {
		const size_t from = len;

		len += (size_t)snprintf(line + len, sizeof(line) - len, "%s", fields[i]);
		for (size_t k = from; k < len; k++) {
			line[k] = line[k] == '!' ? '?' : line[k];
		}
		len += (size_t)snprintf(line + len, sizeof(line) - len, "%s", i + 1 < TG_COUNT(fields) ? "!" : "");
	}
	desk_line(out, "%s", line);
}

static int id_compare(const void *a, const void *b)
{
	const uint32_t one = *(const uint32_t *)a, other = *(const uint32_t *)b;

	return one < other ? -1 : one > other;
}

/* Distinct calls among the rows. */
static unsigned count_calls(const struct desk_rows *rows)
{
	const struct ipc_channel_row *row = rows->rows;
	uint32_t *ids = calloc(rows->count > 0 ? rows->count : 1, sizeof(ids[0]));
	size_t count = 0;
	unsigned calls = 0;

	for (uint32_t i = 0; i < rows->count && ids != NULL; i++) {
		if (is_call(&row[i]) && row[i].call_id != 0) {
			ids[count++] = row[i].call_id;
		}
	}
	if (count > 0) {
		qsort(ids, count, sizeof(ids[0]), id_compare);
	}
	for (size_t i = 0; i < count; i++) {
		calls += i == 0 || ids[i] != ids[i - 1] ? 1 : 0;
	}
	free(ids);
	return calls;
}

static uint64_t processed(const struct desk_rows *rows)
{
	const struct ipc_counter_row *row = rows->rows;

	for (uint32_t i = 0; i < rows->count; i++) {
		if (strcmp(row[i].name, "switch.calls_offered") == 0) {
			return row[i].value;
		}
	}
	return 0;
}

static void say_calls(const struct desk_view *view, struct desk_out *out)
{
	const unsigned calls = count_calls(&view->rows[0]);
	const uint64_t done = processed(&view->rows[1]);

	desk_line(out, "%u active call%s", calls, calls == 1 ? "" : "s");
	desk_line(out, "%llu call%s processed", (unsigned long long)done, done == 1 ? "" : "s");
}

int desk_show_channels(const struct desk_view *view, struct desk_out *out)
{
	const struct ipc_channel_row *rows = view->rows[0].rows;
	const char *mode = view->argc > 0 ? view->argv[0] : "";
	const bool concise = strcmp(mode, "concise") == 0, verbose = strcmp(mode, "verbose") == 0;
	const bool count = strcmp(mode, "count") == 0;
	unsigned channels = 0;

	if (!concise && !count) {
		desk_table_head(out, verbose ? verbose_columns : core_columns);
	}
	for (uint32_t i = 0; i < view->rows[0].count; i++) {
		if (!is_call(&rows[i])) {
			continue;
		}
		channels++;
		if (concise) {
			concise_line(&rows[i], out);
		} else if (verbose) {
			verbose_line(&rows[i], out);
		} else if (!count) {
			core_line(&rows[i], out);
		}
	}
	if (concise) {
		return DESK_OK;
	}
	say_cut(&view->rows[0], out);
	desk_line(out, "%u active channel%s", channels, channels == 1 ? "" : "s");
	say_calls(view, out);
	return DESK_OK;
}

int desk_show_calls(const struct desk_view *view, struct desk_out *out)
{
	say_calls(view, out);
	return DESK_OK;
}

/* ---- core show channel ---- */

static void fact(struct desk_out *out, const char *label, const char *value)
{
	desk_line(out, "%15s: %s", label, value[0] != '\0' ? value : "(N/A)");
}

static void general_facts(const struct ipc_channel_row *row, struct desk_out *out)
{
	char text[PLACE_BYTES], addr[TG_ADDR_TEXT_BYTES];

	desk_line(out, " -- General --");
	fact(out, "Name", row->channel);
	fact(out, "Type", "IAX2");
	snprintf(text, sizeof(text), "%u.%u", row->call_id, row->local_number);
	fact(out, "UniqueID", text);
	fact(out, "Account", row->user);
	fact(out, "Peer", tg_addr_format(row->peer, addr));
	fact(out, "State", row->state);
	fact(out, "NativeFormats", desk_codec_name(row->format));
	snprintf(text, sizeof(text), "%02uh%02um%02us", row->seconds / 3600, row->seconds / 60 % 60, row->seconds % 60);
	fact(out, "Elapsed Time", text);
	fact(out, "Bridged to", row->bridged_to);
	snprintf(text, sizeof(text), "%05u/%05u", row->local_number, row->remote_number);
	fact(out, "ID (Lo/Rem)", text);
	snprintf(text, sizeof(text), "RTT %u ms, lag %u ms, jitter %u ms, lost %u of %u", row->rtt_ms, row->lag_ms,
	         row->local.jitter_ms, row->local.lost, row->local.lost + row->local.packets);
	fact(out, "Quality", text);
}

int desk_show_channel(const struct desk_view *view, struct desk_out *out)
{
	const struct ipc_channel_row *row = view->rows[0].rows, *const end = row + view->rows[0].count;
	char text[CELL_BYTES];

	while (row < end && (!is_call(row) || strcmp(row->channel, view->argv[0]) != 0)) {
		row++;
	}
	if (row == end) {
		desk_line(out, "%s is not a known channel", view->argv[0]);
		return DESK_FAILED;
	}
	general_facts(row, out);
	desk_line(out, " --   PBX   --");
	fact(out, "Context", row->context);
	fact(out, "Extension", row->exten);
	snprintf(text, sizeof(text), "%u", row->priority);
	fact(out, "Priority", text);
	fact(out, "Application", row->app);
	fact(out, "Data", row->app_args);
	return DESK_OK;
}

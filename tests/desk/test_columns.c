/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "desk/show.h"
#include "desk_world.h"
#include "shown.h"

#include <stdio.h>

/* Headings stand where scripts cut: at the sum of the widths before them (asterisk-compat, section 4). */

static const struct ipc_peer_row peers[] = { { .name = "alice", .rtt_ms = -1 } };
static const struct ipc_registry_row registry[] = {
	{ .host = "far.example.net", .username = "us", .state = "Registered" }
};
static const struct ipc_channel_row channels[] = { { .channel = "IAX2/alice-2", .kind = "call", .state = "Up" } };
static const struct ipc_numbers_row numbers[] = { { .used = 1 } };

struct at {
	const char *heading;
	size_t place;
};

static const struct table {
	const char *words;
	int (*show)(const struct desk_view *view, struct desk_out *out);
	struct desk_rows rows;
	struct at columns[12];
	const char *last; /* line; NULL: the table ends with its rows */
} tables[] = {
	{ "iax2 show peers",
	  desk_show_peers,
	  ROWS(peers),
	  { { "Name/Username", 0 },
	    { "Host", 16 },
	    { "Mask", 16 + 41 + 4 },
	    { "Port", 16 + 41 + 4 + 41 },
	    { "Status", 16 + 41 + 4 + 41 + 7 + 4 + 4 },
	    { "Description", 16 + 41 + 4 + 41 + 7 + 4 + 4 + 12 } },
	  "3 iax2 peers [0 online, 2 offline, 1 unmonitored]" },
	{ "iax2 show users",
	  desk_show_users,
	  { 0 },
	  { { "Username", 0 },
	    { "Secret", 16 },
	    { "Authen", 16 + 21 },
	    { "Def.Context", 16 + 21 + 16 },
	    { "A/C", 16 + 21 + 16 + 16 },
	    { "Codec Pref", 16 + 21 + 16 + 16 + 6 } },
	  NULL },
	{ "iax2 show registry",
	  desk_show_registry,
	  ROWS(registry),
	  { { "Host", 0 },
	    { "dnsmgr", 46 },
	    { "Username", 46 + 7 },
	    { "Perceived", 46 + 7 + 11 },
	    { "Refresh", 46 + 7 + 11 + 46 + 1 },
	    { "State", 46 + 7 + 11 + 46 + 9 } },
	  "1 IAX2 registrations." },
	{ "iax2 show channels",
	  desk_show_iax_channels,
	  ROWS(channels),
	  { { "Channel", 0 },
	    { "Peer", 21 },
	    { "Username", 21 + 41 },
	    { "ID (Lo/Rem)", 21 + 41 + 11 },
	    { "Seq (Tx/Rx)", 21 + 41 + 11 + 12 },
	    { "Lag", 21 + 41 + 11 + 24 },
	    { "Jitter", 21 + 41 + 11 + 24 + 8 },
	    { "JitBuf", 21 + 41 + 11 + 24 + 16 },
	    { "Format", 21 + 41 + 11 + 24 + 24 },
	    { "FirstMsg", 21 + 41 + 11 + 24 + 24 + 7 },
	    { "LastMsg", 21 + 41 + 11 + 24 + 24 + 7 + 12 } },
	  "1 active IAX channel" },
	{ "iax2 show callnumber usage",
	  desk_show_numbers,
	  ROWS(numbers),
	  { { "Address", 0 }, { "Callno Usage", 46 }, { "Callno Limit", 46 + 13 } },
	  "Trunk Callno Available:                0" },
	{ "core show channels",
	  desk_show_channels,
	  ROWS(channels),
	  { { "Channel", 0 }, { "Location", 65 }, { "State", 65 + 33 }, { "Application(Data)", 65 + 33 + 8 } },
	  "0 calls processed" },
};

/* The line that begins n lines from the beginning, or with n < 0 from the end. */
static void line_at(const char *text, int n, char line[512])
{
	const char *at = text;
	int count = 0;

	for (const char *c = text; *c != '\0'; c++) {
		count += *c == '\n';
	}
	for (n = n < 0 ? count + n : n; n > 0; n--) {
		at = strchr(at, '\n') + 1;
	}
	tg_span_copy(line, 512, (struct tg_span){ (const uint8_t *)at, strcspn(at, "\n") });
}

static void check_table(const struct table *table)
{
	struct desk_view view = shown_view(0, NULL);
	struct desk_out out;
	char line[512];

	desk_out_init(&out);
	view.rows[0] = table->rows;
	CHECK_INT(table->show(&view, &out), DESK_OK);
	line_at(desk_out_text(&out), 0, line);
	for (const struct at *at = table->columns; at->heading != NULL; at++) {
		print_message("# %s: %s\n", table->words, at->heading);
		CHECK_TRUE(strlen(line) >= at->place + strlen(at->heading));
		CHECK_INT(strncmp(line + at->place, at->heading, strlen(at->heading)), 0);
		CHECK_TRUE(at->place == 0 || line[at->place - 1] == ' ');
	}
	if (table->last != NULL) {
		line_at(desk_out_text(&out), -1, line);
		CHECK_TEXT(line, table->last);
	}
	desk_out_deinit(&out);
}

static void test_headings(void **state)
{
	(void)state;
	for (size_t i = 0; i < TG_COUNT(tables); i++) {
		check_table(&tables[i]);
	}
}

/* The labels of one peer, and that no secret follows "Secret". */
static void test_labels(void **state)
{
	static const char *const labels[] = {
		"* Name",        "Description",   "Secret",   "Context",    "Parking lot", "Mailbox", "Dynamic",
		"Callnum limit", "Calltoken req", "Trunk",    "Encryption", "Callerid",    "Expire",  "ACL",
		"Addr->IP",      "Defaddr->IP",   "Username", "Codecs",     "Codec Order", "Status",  "Qualify",
	};
	struct desk_view view = shown_view(2, WORDS("alice", "load"));
	struct desk_out out;
	const char *at = NULL;

	(void)state;
	desk_out_init(&out);
	view.rows[0] = (struct desk_rows)ROWS(peers);
	CHECK_INT(desk_show_peer(&view, &out), DESK_OK);
	at = desk_out_text(&out);
	for (size_t i = 0; i < TG_COUNT(labels); i++) {
		char want[64];

		snprintf(want, sizeof(want), labels[i][0] == '*' ? "  %-13s :" : "  %-13s :", labels[i]);
		print_message("# %s\n", want);
		at = strstr(at, want);
		CHECK_TRUE(at != NULL); /* in this order */
	}
	CHECK_TRUE(strstr(desk_out_text(&out), "  Secret        : <Set>\n") != NULL);
	desk_out_deinit(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_headings), cmocka_unit_test(test_labels) };

	return cmocka_run_group_tests_name("columns", tests, shown_setup, shown_teardown);
}

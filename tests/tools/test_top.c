/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "tools/top_keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* What the daemon answers, a row a line. */
static const char channels[] =
	"{\"schema\":1,\"question\":\"channels\",\"complete\":true,\"rows\":["
	"{\"channel\":\"IAX2/"
	"alice-1\",\"kind\":\"call\",\"call_id\":7,\"state\":\"Up\",\"seconds\":3725,\"account\":\"alice\","
	"\"address\":\"192.0.2.7:4569\",\"exten\":\"2002\",\"app\":\"Dial\",\"bridged_to\":\"IAX2/"
	"bob-2\",\"codec\":\"ulaw\","
	"\"rtt_ms\":12,\"opened_by_us\":false,\"local\":{\"packets\":995,\"lost\":5,\"jitter_ms\":3}},"
	"{\"channel\":\"IAX2/"
	"bob-2\",\"kind\":\"call\",\"call_id\":7,\"state\":\"Up\",\"seconds\":3720,\"account\":\"bob\","
	"\"address\":\"192.0.2.8:4569\",\"exten\":\"\",\"app\":\"\",\"bridged_to\":\"IAX2/alice-1\",\"codec\":\"ulaw\","
	"\"rtt_ms\":30,\"opened_by_us\":true,\"local\":{\"packets\":90,\"lost\":10,\"jitter_ms\":8}},"
	"{\"channel\":\"IAX2/"
	"carol-3\",\"kind\":\"call\",\"call_id\":8,\"state\":\"Ring\",\"seconds\":4,\"account\":\"carol\","
	"\"address\":\"192.0.2.9:4569\",\"exten\":\"2001\",\"app\":\"Dial\",\"bridged_to\":\"\",\"codec\":\"gsm\","
	"\"rtt_ms\":1,\"opened_by_us\":false,\"local\":{\"packets\":0,\"lost\":0,\"jitter_ms\":0}},"
	"{\"channel\":\"IAX2/"
	"alice-4\",\"kind\":\"call\",\"call_id\":8,\"state\":\"Ringing\",\"seconds\":4,\"account\":\"alice\","
	"\"exten\":\"\",\"bridged_to\":\"\",\"codec\":\"\",\"opened_by_us\":true,\"local\":{\"packets\":0,\"lost\":0}},"
	"{\"channel\":\"IAX2/dora-5\",\"kind\":\"call\",\"call_id\":9,\"state\":\"Up\",\"seconds\":61,\"account\":\"\","
	"\"address\":\"198.51.100.3:7\",\"exten\":\"600\",\"app\":\"Echo\",\"bridged_to\":\"\",\"codec\":\"alaw\","
	"\"rtt_ms\":2,\"opened_by_us\":false,\"local\":{\"packets\":99,\"lost\":1,\"jitter_ms\":2}},"
	"{\"channel\":\"IAX2/"
	"erna-6\",\"kind\":\"registration\",\"call_id\":0,\"state\":\"\",\"seconds\":1,\"account\":\"erna\","
	"\"opened_by_us\":false}"
	"]}";

static const char sources[] = "{\"complete\":true,\"rows\":["
			      "{\"network\":\"192.0.2.7\",\"class\":\"known\",\"action\":\"none\",\"failures\":0,"
			      "\"names\":0,\"healthy\":2,\"opened\":9,"
			      "\"held\":0,\"left_s\":0},"
			      "{\"network\":\"203.0.113.5\",\"class\":\"suspect\",\"action\":\"silence\",\"failures\":"
			      "7,\"names\":3,\"healthy\":0,"
			      "\"opened\":31,\"held\":12,\"left_s\":125},"
			      "{\"network\":\"203.0.113.9\",\"class\":\"stranger\",\"action\":\"none\",\"failures\":1,"
			      "\"names\":1,\"healthy\":0,"
			      "\"opened\":1,\"held\":0,\"left_s\":0}]}";

/* 12:00:00 of the day that is the wall clock's below, a day and a half later, and for ever. */
static const char bans[] = "{\"complete\":true,\"rows\":["
			   "{\"network\":\"203.0.113.5\",\"kind\":\"ban\",\"since_ms\":1767268800000,\"until_ms\":"
			   "1767272400000,\"reason\":\"guessing\","
			   "\"in_kernel\":true,\"by\":\"\",\"text\":\"\"},"
			   "{\"network\":\"198.51.100.0/"
			   "24\",\"kind\":\"allow\",\"since_ms\":1767182400000,\"until_ms\":0,\"reason\":\"banned\","
			   "\"in_kernel\":false,\"by\":\"uid 0\",\"text\":\"our own sites\"},"
			   "{\"network\":\"192.0.2.99\",\"kind\":\"ban\",\"since_ms\":1767268801000,\"until_ms\":"
			   "1767402000000,\"reason\":\"banned\","
			   "\"in_kernel\":false,\"by\":\"uid 0\",\"text\":\"try\"}]}";

static const char counters[] =
	"{\"complete\":true,\"rows\":[{\"name\":\"door.received\",\"value\":100},{\"name\":\"relay.received\","
	"\"value\":1000},"
	"{\"name\":\"switch.received\",\"value\":40},{\"name\":\"relay.forwarded\",\"value\":1000},"
	"{\"name\":\"switch.calls\",\"value\":3},{\"name\":\"switch.calls_peak\",\"value\":5},"
	"{\"name\":\"switch.calls_offered\",\"value\":8},{\"name\":\"switch.calls_refused\",\"value\":4},"
	"{\"name\":\"switch.refused.ok\",\"value\":77},{\"name\":\"switch.refused.bad_token\",\"value\":6},"
	"{\"name\":\"gate.dropped.silenced\",\"value\":9},{\"name\":\"door.shed\",\"value\":0}]}";
static const char counters_before[] =
	"{\"complete\":true,\"rows\":[{\"name\":\"door.received\",\"value\":90},{\"name\":\"relay.received\",\"value\":"
	"900},"
	"{\"name\":\"switch.received\",\"value\":30},{\"name\":\"relay.forwarded\",\"value\":900},"
	"{\"name\":\"switch.calls_offered\",\"value\":5},{\"name\":\"switch.calls_refused\",\"value\":3},"
	"{\"name\":\"switch.refused.bad_token\",\"value\":6},{\"name\":\"gate.dropped.silenced\",\"value\":10}]}";
static const char processes[] = "{\"complete\":true,\"rows\":[{\"name\":\"parent\",\"restarts\":0,\"up_s\":93784},"
				"{\"name\":\"engine\",\"restarts\":1,\"up_s\":5}]}";
static const char budgets[] =
	"{\"complete\":true,\"rows\":["
	"{\"name\":\"openings of "
	"strangers\",\"limit\":2000,\"used\":1980,\"peak\":2000,\"stopped\":55,\"stops\":\"floods\"},"
	"{\"name\":\"bans\",\"limit\":100000,\"used\":1,\"peak\":1,\"stopped\":0,\"stops\":\"offenders\"}]}";
static const char numbers[] =
	"{\"complete\":true,\"rows\":[{\"address\":null,\"used\":2,\"limit\":32766,\"peak\":3,\"refused\":0},"
	"{\"address\":\"192.0.2.7\",\"used\":2,\"limit\":2048,\"peak\":3,\"refused\":0}]}";

static const char *const answers[TOP_QUESTIONS] = {
	[TOP_ASK_COUNTERS] = counters, [TOP_ASK_PROCESSES] = processes, [TOP_ASK_CHANNELS] = channels,
	[TOP_ASK_SOURCES] = sources,   [TOP_ASK_BANS] = bans,           [TOP_ASK_BUDGETS] = budgets,
	[TOP_ASK_NUMBERS] = numbers,
};

struct scene {
	struct top_snapshot now, before;
	struct top_screen screen;
	struct top_look look;
};

static void scene_make(struct scene *scene, enum top_view view)
{
	*scene = (struct scene){ .look = { .view = view, .sort = -1, .width = 120, .height = 0 } };
	for (unsigned i = 0; i < TOP_QUESTIONS; i++) {
		CHECK_TRUE(top_snapshot_take(&scene->now, i, answers[i]));
	}
	CHECK_TRUE(top_snapshot_take(&scene->before, TOP_ASK_COUNTERS, counters_before));
	scene->now.at_us = 12 * TG_US_PER_S;
	scene->before.at_us = 2 * TG_US_PER_S;
	scene->now.wall_ms = 1767268860000; /* 2026-01-01 12:01:00 UTC */
}

static void scene_free(struct scene *scene)
{
	top_snapshot_clear(&scene->now);
	top_snapshot_clear(&scene->before);
	top_screen_free(&scene->screen);
}

static void scene_frame(struct scene *scene)
{
	top_frame(&scene->screen, &scene->look, &scene->now, &scene->before);
}

/* ---- Whole frames ---- */

static const struct {
	enum top_view view;
	unsigned width;
	const char *lines[16];
} frames[] = {
	{ TOP_CALLS,
	  120,
	  { "tollgate top 12:01:00, up 1d 2h, calls 3 (peak 5), restarts 1",
	    "a second: packets in 12, out 10; calls opened 0.3, refused 0.1",
	    "[1 Calls]  2 Sources   3 Bans   4 Rates   5 Limits   3 rows",
	    "FROM     TO    STATE     TIMEv  CODEC     LOSS %   JITTER  WITH     RTT  ADDRESS",
	    "alice    2002  Up      1:02:05  ulaw    0.5/10.0      3/8  bob    12/30  192.0.2.7:4569",
	    "(guest)  600   Up         1:01  alaw         1.0        2  Echo       2  198.51.100.3:7",
	    "carol    2001  Ring       0:04  gsm      0.0/0.0      0/0  alice    1/0  192.0.2.9:4569" } },
	{ TOP_CALLS,
	  40,
	  { "tollgate top 12:01:00, up 1d 2h, calls 3", "a second: packets in 12, out 10; calls o",
	    "[1 Calls]  2 Sources   3 Bans   4 Rates", "FROM     TO    STATE     TIMEv    LOSS %",
	    "alice    2002  Up      1:02:05  0.5/10.0", "(guest)  600   Up         1:01       1.0",
	    "carol    2001  Ring       0:04   0.0/0.0" } },
	{ TOP_SOURCES,
	  80,
	  { NULL, NULL, " 1 Calls  [2 Sources]  3 Bans   4 Rates   5 Limits   3 rows",
	    "ADDRESS      TRIESv   NAMES  HELD BACK      UNTIL   HELD   OPENED  CLASS",
	    "203.0.113.5       7       3  silence     12:03:05     12       31  suspect",
	    "203.0.113.9       1       1  -                  -      0        1  stranger",
	    "192.0.2.7         0       0  -                  -      0        9  known" } },
	{ TOP_BANS,
	  100,
	  { NULL, NULL, NULL,
	    "NETWORK          WHAT              UNTIL  REASON    BY               SINCEv  KERNEL   NOTE",
	    "192.0.2.99       ban    2026-01-03 01:00  banned    uid 0          12:00:01  no       try",
	    "203.0.113.5      ban            13:00:00  guessing  guard          12:00:00  yes",
	    "198.51.100.0/24  allow              ever  -         uid 0  2025-12-31 12:00  no       our own sites" } },
	{ TOP_RATES,
	  80,
	  { NULL, NULL, NULL, "WHAT                                A SECOND   IN ALL",
	    "packets in                              12.0     1140",
	    "packets out                             10.0     1000",
	    "  of voice in                           10.0     1000",
	    "  of voice out                          10.0     1000",
	    "calls opened                             0.3        8",
	    "calls answered                           0.0        0",
	    "calls refused                            0.1        4" } },
	{ TOP_LIMITS,
	  120,
	  { NULL, NULL, NULL, "LIMIT                   USED      OF   %   PEAK   STOPPED  AGAINST",
	    "call numbers               2   32766   0      3         0  more calls than there are numbers",
	    "openings of strangers   1980    2000  99   2000        55  floods",
	    "bans                       1  100000   0      1         0  offenders" } },
};

static void test_frames(void **state)
{
	(void)state;
	for (size_t i = 0; i < TG_COUNT(frames); i++) {
		struct scene scene;

		scene_make(&scene, frames[i].view);
		scene.look.width = frames[i].width;
		scene_frame(&scene);
		for (size_t k = 0; k < TG_COUNT(frames[i].lines); k++) {
			if (frames[i].lines[k] != NULL) {
				CHECK_TRUE(k < scene.screen.count);
				CHECK_TEXT(scene.screen.lines[k].text, frames[i].lines[k]);
			}
		}
		scene_free(&scene);
	}
}

static const char *line_with(const struct top_screen *screen, const char *text)
{
	for (size_t i = 0; i < screen->count; i++) {
		if (strstr(screen->lines[i].text, text) != NULL) {
			return screen->lines[i].text;
		}
	}
	return "";
}

/* Drops are told once there were any; what went back after a restart is no rate. */
static void test_drops(void **state)
{
	struct scene scene;

	(void)state;
	scene_make(&scene, TOP_RATES);
	scene_frame(&scene);
	CHECK_TEXT(line_with(&scene.screen, "bad_token"), "dropped: switch.refused.bad_token        0.0        6");
	CHECK_TEXT(line_with(&scene.screen, "gate.dropped"), "dropped: gate.dropped.silenced           0.0        9");
	CHECK_TEXT(line_with(&scene.screen, "door.shed"), "");
	CHECK_TEXT(line_with(&scene.screen, "refused.ok"), "");
	scene_free(&scene);
}

static void test_colours_say_what_matters(void **state)
{
	static const struct {
		enum top_view view;
		size_t line;
		enum top_style style;
	} rows[] = {
		{ TOP_CALLS, 4, TOP_BAD },   { TOP_CALLS, 5, TOP_WARN },   { TOP_CALLS, 6, TOP_PLAIN },
		{ TOP_SOURCES, 4, TOP_BAD }, { TOP_SOURCES, 5, TOP_WARN }, { TOP_SOURCES, 6, TOP_PLAIN },
		{ TOP_BANS, 4, TOP_BAD },    { TOP_BANS, 6, TOP_GOOD },    { TOP_LIMITS, 4, TOP_PLAIN },
		{ TOP_LIMITS, 5, TOP_BAD },  { TOP_CALLS, 0, TOP_TITLE },  { TOP_CALLS, 3, TOP_HEAD },
	};

	(void)state;
	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		struct scene scene;

		scene_make(&scene, rows[i].view);
		scene_frame(&scene);
		CHECK_UINT(scene.screen.lines[rows[i].line].style, rows[i].style);
		scene_free(&scene);
	}
}

/* ---- Order, filter, scrolling ---- */

static const struct {
	enum top_view view;
	int sort;
	bool reverse;
	const char *filter, *first, *last;
	size_t rows;
} orders[] = {
	{ TOP_CALLS, -1, false, "", "alice", "carol", 3 },
	{ TOP_CALLS, -1, true, "", "carol", "alice", 3 },
	{ TOP_CALLS, 0, false, "", "(guest)", "carol", 3 },
	{ TOP_CALLS, 5, false, "", "alice", "carol", 3 }, /* the worst loss first */
	{ TOP_CALLS, -1, false, "ALICE", "alice", "carol", 2 },
	{ TOP_CALLS, -1, false, "gsm", "carol", "carol", 1 },
	{ TOP_SOURCES, 0, false, "", "192.0.2.7", "203.0.113.9", 3 },
	{ TOP_SOURCES, 4, false, "", "203.0.113.5", "203.0.113.9", 3 }, /* held back the longest */
	{ TOP_SOURCES, -1, false, "203.0.113", "203.0.113.5", "203.0.113.9", 2 },
	{ TOP_BANS, 2, false, "", "203.0.113.5", "198.51.100.0/24", 3 }, /* for ever is the end */
	{ TOP_RATES, 2, false, "packets", "packets in", "packets out", 2 },
};

static void test_order_and_filter(void **state)
{
	(void)state;
	for (size_t i = 0; i < TG_COUNT(orders); i++) {
		struct scene scene;

		scene_make(&scene, orders[i].view);
		scene.look.sort = orders[i].sort;
		scene.look.reverse = orders[i].reverse;
		snprintf(scene.look.filter, sizeof(scene.look.filter), "%s", orders[i].filter);
		scene_frame(&scene);
		CHECK_UINT(scene.screen.count, 4 + orders[i].rows);
		CHECK_TRUE(strncmp(scene.screen.lines[4].text, orders[i].first, strlen(orders[i].first)) == 0);
		CHECK_TRUE(strncmp(scene.screen.lines[scene.screen.count - 1].text, orders[i].last,
		                   strlen(orders[i].last)) == 0);
		scene_free(&scene);
	}
}

static void test_scrolling_ends_where_the_rows_do(void **state)
{
	struct scene scene;

	(void)state;
	scene_make(&scene, TOP_SOURCES);
	scene.look.height = 6; /* low: no rates; two rows */
	scene.look.skip = TOP_ROWS_MAX;
	scene_frame(&scene);
	CHECK_UINT(scene.look.skip, 1);
	CHECK_UINT(scene.screen.count, 6);
	CHECK_TRUE(strstr(scene.screen.lines[3].text, "203.0.113.9") != NULL);
	CHECK_TRUE(strstr(scene.screen.lines[4].text, "192.0.2.7") != NULL);
	scene_free(&scene);
}

static void test_what_is_said_around(void **state)
{
	struct scene scene;

	(void)state;
	scene_make(&scene, TOP_CALLS);
	scene.look.height = 24;
	scene.look.paused = true;
	scene.look.typing = "ali";
	snprintf(scene.look.trouble, sizeof(scene.look.trouble), "no answer");
	scene_frame(&scene);
	CHECK_TRUE(strstr(scene.screen.lines[0].text, "PAUSED") != NULL);
	CHECK_TEXT(scene.screen.lines[1].text, "no answer");
	CHECK_UINT(scene.screen.lines[1].style, TOP_BAD);
	CHECK_TEXT(scene.screen.lines[23].text, "/ali_");
	scene.look.typing = NULL;
	scene_frame(&scene);
	CHECK_TEXT(scene.screen.lines[23].text, "q quit  h help  1-5 view  s sort  r reverse  / filter  p pause");
	top_frame(&scene.screen, &scene.look, NULL, NULL);
	CHECK_TEXT(scene.screen.lines[1].text, "no answer");
	scene.look.typing = NULL;
	scene.look.help = true;
	scene_frame(&scene);
	for (const struct top_keys *row = top_keys_table; row->act != NULL; row++) {
		CHECK_TRUE(row->help == NULL || line_with(&scene.screen, row->help)[0] != '\0');
	}
	scene.look.help = false;
	snprintf(scene.look.filter, sizeof(scene.look.filter), "nobody");
	scene_frame(&scene);
	CHECK_TEXT(scene.screen.lines[4].text, "nothing fits the filter");
	scene_free(&scene);
}

/* ---- Keys ---- */

/* Each key by itself; `as` is what the look is like afterwards. */
static const struct {
	int key;
	bool asks;
	struct top_look as;
} keys[] = {
	{ 'q', false, { .view = TOP_SOURCES, .sort = 2, .skip = 9, .quits = true } },
	{ TOP_KEY_GONE, false, { .view = TOP_SOURCES, .sort = 2, .skip = 9, .quits = true } },
	{ 'h', false, { .view = TOP_SOURCES, .sort = 2, .skip = 9, .help = true } },
	{ '?', false, { .view = TOP_SOURCES, .sort = 2, .skip = 9, .help = true } },
	{ '1', true, { .view = TOP_CALLS, .sort = -1 } },
	{ '5', true, { .view = TOP_LIMITS, .sort = -1 } },
	{ '6', false, { .view = TOP_SOURCES, .sort = 2, .skip = 9 } },
	{ '\t', true, { .view = TOP_BANS, .sort = -1 } },
	{ 's', false, { .view = TOP_SOURCES, .sort = 3, .skip = 9 } },
	{ 'S', false, { .view = TOP_SOURCES, .sort = 1, .skip = 9 } },
	{ 'r', false, { .view = TOP_SOURCES, .sort = 2, .skip = 9, .reverse = true } },
	{ '/', false, { .view = TOP_SOURCES, .sort = 2, .skip = 9, .typing = "" } },
	{ 'p', true, { .view = TOP_SOURCES, .sort = 2, .skip = 9, .paused = true } },
	{ ' ', true, { .view = TOP_SOURCES, .sort = 2, .skip = 9, .paused = true } },
	{ TOP_KEY_UP, false, { .view = TOP_SOURCES, .sort = 2, .skip = 8 } },
	{ TOP_KEY_DOWN, false, { .view = TOP_SOURCES, .sort = 2, .skip = 10 } },
	{ TOP_KEY_PAGE_UP, false, { .view = TOP_SOURCES, .sort = 2, .skip = 5 } },
	{ TOP_KEY_PAGE_DOWN, false, { .view = TOP_SOURCES, .sort = 2, .skip = 13 } },
	{ TOP_KEY_HOME, false, { .view = TOP_SOURCES, .sort = 2 } },
	{ TOP_KEY_END, false, { .view = TOP_SOURCES, .sort = 2, .skip = TOP_ROWS_MAX } },
	{ 'x', false, { .view = TOP_SOURCES, .sort = 2, .skip = 9 } },
};

static void test_each_key(void **state)
{
	(void)state;
	for (size_t i = 0; i < TG_COUNT(keys); i++) {
		const struct top_look *as = &keys[i].as;
		struct top_look look = { .view = TOP_SOURCES, .sort = 2, .skip = 9, .height = 10 };

		CHECK_INT(top_obey(&look, keys[i].key), keys[i].asks);
		CHECK_INT(look.view, as->view);
		CHECK_INT(look.sort, as->sort);
		CHECK_UINT(look.skip, as->skip);
		CHECK_INT(look.quits, as->quits);
		CHECK_INT(look.help, as->help);
		CHECK_INT(look.reverse, as->reverse);
		CHECK_INT(look.paused, as->paused);
		CHECK_INT(look.typing != NULL, as->typing != NULL);
	}
}

static void press(struct top_look *look, const char *typed)
{
	for (; *typed != '\0'; typed++) {
		CHECK_FALSE(top_obey(look, *typed));
	}
}

static void test_keys_that_are_typed(void **state)
{
	struct top_look look = { .sort = -1 };

	(void)state;
	press(&look, "/qx");
	CHECK_FALSE(top_obey(&look, TOP_KEY_BACKSPACE));
	CHECK_TEXT(look.typing, "q");
	press(&look, "1\n");
	CHECK_TEXT(look.filter, "q1");
	CHECK_TRUE(look.typing == NULL && !look.quits);
	press(&look, "/");
	CHECK_TEXT(look.typing, "q1");
	CHECK_FALSE(top_obey(&look, TOP_KEY_ESCAPE));
	CHECK_TRUE(look.typing == NULL);
	CHECK_TEXT(look.filter, "");
	press(&look, "/a\n");
	CHECK_FALSE(top_obey(&look, TOP_KEY_ESCAPE));
	CHECK_TEXT(look.filter, "");
	press(&look, "h5");
	CHECK_TRUE(!look.help && look.view == TOP_CALLS);
	press(&look, "hq");
	CHECK_TRUE(look.quits);
}

/* ---- Hostile and broken answers ---- */

static void test_what_is_no_answer(void **state)
{
	static const char *const rows[] = {
		"", "The process engine is away", "{}", "{\"rows\":{}}", "[]", "{\"rows\":["
	};
	struct top_snapshot snapshot = { .at_us = 0 };

	(void)state;
	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		CHECK_FALSE(top_snapshot_take(&snapshot, TOP_ASK_BANS, rows[i]));
	}
	CHECK_TRUE(top_snapshot_take(&snapshot, TOP_ASK_BANS, "{\"rows\":[],\"complete\":false}"));
	CHECK_TRUE(snapshot.cut);
	top_snapshot_clear(&snapshot);
}

static void test_rows_of_any_shape(void **state)
{
	static const char odd[] =
		"{\"rows\":[1,null,\"x\",[],{},{\"kind\":7},{\"kind\":\"call\",\"seconds\":-1,\"account\":null},"
		"{\"name\":7,\"value\":\"x\"},{\"network\":\"\\u001b[2J\\u202e\\u00e4\\u6f22\",\"failures\":\"many\"}]"
		"}";

	(void)state;
	for (unsigned view = 0; view < TOP_VIEWS; view++) {
		struct scene scene = { .look = { .view = view, .sort = -1, .width = 80, .height = 24 } };

		for (unsigned i = 0; i < TOP_QUESTIONS; i++) {
			CHECK_TRUE(top_snapshot_take(&scene.now, i, odd));
		}
		scene_frame(&scene);
		CHECK_UINT(scene.screen.count, 24);
		if (view == TOP_SOURCES) {
			CHECK_TRUE(line_with(&scene.screen, "?[2J???")[0] != '\0');
		}
		scene_free(&scene);
	}
}

static void test_mask(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "plain", "plain" },
		{ "\033[31m", "?[31m" },
		{ "\xc3\xa4pfel", "?pfel" },
		{ "a\nb\tc", "a?b?c" },
		{ "\xe2\x80\xae!", "?!" },
		{ "\x7f\xff", "??" },
		{ "much too long for it", "much to" },
		{ NULL, "" },
	};
	char out[8];

	(void)state;
	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		top_mask(out, sizeof(out), rows[i].text);
		CHECK_TEXT(out, rows[i].want);
	}
}

/* Any size of a screen: no line is too long, none too few or too many. */
static void test_every_size(void **state)
{
	static const unsigned heights[] = { 1, 2, 3, 4, 5, 6, 10, 24, 60 };

	(void)state;
	for (unsigned view = 0; view < TOP_VIEWS; view++) {
		struct scene scene;

		scene_make(&scene, view);
		for (unsigned width = 1; width <= 400; width += width < 90 ? 1 : 31) {
			for (size_t i = 0; i < TG_COUNT(heights); i++) {
				scene.look.width = width;
				scene.look.height = heights[i];
				scene.look.help = i % 2 == 1;
				scene_frame(&scene);
				CHECK_UINT(scene.screen.count, heights[i]);
				for (size_t k = 0; k < scene.screen.count; k++) {
					CHECK_TRUE(strlen(scene.screen.lines[k].text) <= scene.look.width);
				}
			}
		}
		scene_free(&scene);
	}
}

static void test_per_second(void **state)
{
	static const struct {
		uint64_t before, now, elapsed_us;
		double want;
	} rows[] = {
		{ 0, 10, TG_US_PER_S, 10 }, { 5, 6, 2 * TG_US_PER_S, 0.5 }, { 6, 5, TG_US_PER_S, 0 }, { 1, 2, 0, 0 }
	};

	(void)state;
	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		CHECK_TRUE(top_per_s(rows[i].before, rows[i].now, rows[i].elapsed_us) == rows[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_frames),
		cmocka_unit_test(test_drops),
		cmocka_unit_test(test_colours_say_what_matters),
		cmocka_unit_test(test_order_and_filter),
		cmocka_unit_test(test_scrolling_ends_where_the_rows_do),
		cmocka_unit_test(test_what_is_said_around),
		cmocka_unit_test(test_each_key),
		cmocka_unit_test(test_keys_that_are_typed),
		cmocka_unit_test(test_what_is_no_answer),
		cmocka_unit_test(test_rows_of_any_shape),
		cmocka_unit_test(test_mask),
		cmocka_unit_test(test_every_size),
		cmocka_unit_test(test_per_second),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}

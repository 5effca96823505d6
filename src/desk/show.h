/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_DESK_SHOW_H
#define TG_DESK_SHOW_H

#include "desk/command.h"

/**
 * The output of each command: pure functions from the world and the rows to text. Each gives the exit code; the
 * comment names the rows it wants, in their order.
 */

int desk_show_peers(const struct desk_view *view, struct desk_out *out); /* peers */
int desk_show_peer(const struct desk_view *view, struct desk_out *out);  /* peers */
int desk_show_users(const struct desk_view *view, struct desk_out *out);
int desk_show_registry(const struct desk_view *view, struct desk_out *out);     /* registry */
int desk_show_iax_channels(const struct desk_view *view, struct desk_out *out); /* channels */
int desk_show_netstats(const struct desk_view *view, struct desk_out *out);     /* channels */
int desk_show_numbers(const struct desk_view *view, struct desk_out *out);      /* numbers */
int desk_show_counters(const struct desk_view *view, struct desk_out *out);     /* counters */
int desk_show_channels(const struct desk_view *view, struct desk_out *out);     /* channels, counters */
int desk_show_calls(const struct desk_view *view, struct desk_out *out);        /* channels, counters */
int desk_show_processes(const struct desk_view *view, struct desk_out *out);    /* processes */
int desk_show_uptime(const struct desk_view *view, struct desk_out *out);       /* processes */
int desk_show_version(const struct desk_view *view, struct desk_out *out);
int desk_show_help(const struct desk_view *view, struct desk_out *out);
int desk_show_words(const struct desk_view *view, struct desk_out *out); /* what the command's row says */
int desk_show_threads(const struct desk_view *view, struct desk_out *out);
int desk_show_acl(const struct desk_view *view, struct desk_out *out);
int desk_show_names(const struct desk_view *view, struct desk_out *out);
int desk_show_loggers(const struct desk_view *view, struct desk_out *out);
int desk_show_channel(const struct desk_view *view, struct desk_out *out); /* channels */
int desk_show_debug(const struct desk_view *view, struct desk_out *out);
int desk_show_completions(const struct desk_view *view, struct desk_out *out);
int desk_show_dialplan(const struct desk_view *view, struct desk_out *out);    /* peers */
int desk_show_records(const struct desk_view *view, struct desk_out *out);     /* records */
int desk_show_bans(const struct desk_view *view, struct desk_out *out);        /* bans */
int desk_show_sources(const struct desk_view *view, struct desk_out *out);     /* sources */
int desk_show_accounts(const struct desk_view *view, struct desk_out *out);    /* guarded */
int desk_show_budgets(const struct desk_view *view, struct desk_out *out);     /* budgets */
int desk_show_usage(const struct desk_view *view, struct desk_out *out);       /* usage */
int desk_show_audit(const struct desk_view *view, struct desk_out *out);       /* audit */
int desk_show_events(const struct desk_view *view, struct desk_out *out);      /* events */
int desk_show_explanation(const struct desk_view *view, struct desk_out *out); /* events: the one */

/* What a question is about, from the words behind a command. @return false with a line in `out` if they make no sense */
bool desk_aim_count(int argc, const char *const *argv, struct ipc_query *query, struct desk_out *out);  /* [N] */
bool desk_aim_events(int argc, const char *const *argv, struct ipc_query *query, struct desk_out *out); /* [NET] [N] */
bool desk_aim_event(int argc, const char *const *argv, struct ipc_query *query, struct desk_out *out);  /* EVENT-ID */

/* What is wanted of the guard. @return false with a line in `out` if the words make no sense: then nothing is changed */
bool desk_wish_ban(int argc, const char *const *argv, struct ipc_guard_do *wish, struct desk_out *out);
bool desk_wish_unban(int argc, const char *const *argv, struct ipc_guard_do *wish, struct desk_out *out);
bool desk_wish_allow(int argc, const char *const *argv, struct ipc_guard_do *wish, struct desk_out *out);
bool desk_wish_observe(int argc, const char *const *argv, struct ipc_guard_do *wish, struct desk_out *out);

/* What is wanted of calls and registrations. The same */
bool desk_deed_unregister(int argc, const char *const *argv, struct ipc_engine_do *deed, struct desk_out *out);
bool desk_deed_hang_up(int argc, const char *const *argv, struct ipc_engine_do *deed, struct desk_out *out);
bool desk_deed_originate(int argc, const char *const *argv, struct ipc_engine_do *deed, struct desk_out *out);

bool desk_deed_debug(int argc, const char *const *argv, struct ipc_engine_do *deed, struct desk_out *out);

/* The lowest level that is to be logged. */
uint32_t desk_value_verbose(int argc, const char *const *argv);
uint32_t desk_value_debug(int argc, const char *const *argv);
uint32_t desk_value_level(int argc, const char *const *argv);

/* Which words may stand behind a command. */
bool desk_fits_peers(int argc, const char *const *argv); /* [registered] [like REGEX] */
bool desk_fits_like(int argc, const char *const *argv);  /* [like REGEX] */
bool desk_fits_one(int argc, const char *const *argv);   /* one word */
bool desk_fits_peer(int argc, const char *const *argv);  /* NAME [load] */
bool desk_fits_maybe_one(int argc, const char *const *argv);
bool desk_fits_any(int argc, const char *const *argv);
bool desk_fits_channels(int argc, const char *const *argv); /* [concise|verbose|count] */
bool desk_fits_seconds(int argc, const char *const *argv);  /* [seconds] */
bool desk_fits_count(int argc, const char *const *argv);    /* [N], 1 to DESK_RECORDS_MAX */
bool desk_fits_up_to_two(int argc, const char *const *argv);
bool desk_fits_on_off(int argc, const char *const *argv);
bool desk_fits_provision(int argc, const char *const *argv); /* HOST TEMPLATE [forced] */
bool desk_fits_originate(int argc, const char *const *argv); /* RES application APP [DATA] | extension EXTEN@CONTEXT */
bool desk_fits_debug(int argc, const char *const *argv);     /* on|off|peer NAME|ip ADDR[:PORT] */
bool desk_fits_verbosity(int argc, const char *const *argv); /* N|off */
bool desk_fits_level(int argc, const char *const *argv);     /* LEVEL on|off */
bool desk_fits_some(int argc, const char *const *argv);      /* at least one word */

enum { DESK_RECORDS_MAX = 10000, DESK_RECORDS_DEFAULT = 20 };

/** How many records the words ask for. */
uint32_t desk_records_wanted(int argc, const char *const *argv);

/** The codec of exactly one bit; "none" for 0, else "unknown". */
const char *desk_codec_name(uint64_t format);

/** "2026-08-05 12:34:56", in UTC; "?" for what is no time. Returns text. */
enum { DESK_TIME_BYTES = 72 };
const char *desk_time_text(uint64_t wall_ms, char text[DESK_TIME_BYTES]);

/** "2 days, 3 hours, 4 minutes, 5 seconds"; what is 0 in front is left out. Returns text. */
enum { DESK_SPAN_BYTES = 80 };
const char *desk_span_text(uint64_t seconds, char text[DESK_SPAN_BYTES]);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/show.h"

#define ASKS(...)                \
	.asks = { __VA_ARGS__ }, \
	.ask_count = sizeof((enum ipc_query_what[]){ __VA_ARGS__ }) / sizeof(enum ipc_query_what)
#define ORDER(what) .print = NULL, .order = (what)

const struct desk_command desk_commands[] = {
	{ "iax2 show peers", "[registered] [like REGEX]", "the peers, where they are and how far", desk_fits_peers,
	  desk_show_peers, ASKS(IPC_ASK_PEERS), .needs_world = true },
	{ "iax2 show peer", "NAME", "all about one peer", desk_fits_one, desk_show_peer, ASKS(IPC_ASK_PEERS),
	  .needs_world = true, .names = DESK_PEER_NAMES },
	{ "iax2 show users", "[like REGEX]", "who may call us", desk_fits_like, desk_show_users, .ask_count = 0,
	  .needs_world = true },
	{ "iax2 show channels", "", "the IAX2 legs that are alive", NULL, desk_show_iax_channels,
	  ASKS(IPC_ASK_CHANNELS) },
	{ "iax2 show registry", "", "our registrations with others", NULL, desk_show_registry, ASKS(IPC_ASK_REGISTRY) },
	{ "iax2 show netstats", "", "loss, delay and jitter of each call, both ways", NULL, desk_show_netstats,
	  ASKS(IPC_ASK_CHANNELS) },
	{ "iax2 show callnumber usage", "[ADDR[:PORT]|ADDR/BITS]", "call numbers in use by address",
	  desk_fits_maybe_one, desk_show_numbers, ASKS(IPC_ASK_NUMBERS, IPC_ASK_PEERS), .needs_world = true },
	{ "iax2 show stats", "", "the engine's counters", NULL, desk_show_counters, ASKS(IPC_ASK_COUNTERS) },
	{ "iax2 reload", "", "read the configuration again; nothing changes if it is wrong", NULL,
	  ORDER(IPC_DO_RELOAD) },
	{ "core show channels", "[concise|verbose|count]", "what each channel does", desk_fits_channels,
	  desk_show_channels, ASKS(IPC_ASK_CHANNELS, IPC_ASK_COUNTERS) },
	{ "core show calls", "", "how many calls there are and were", NULL, desk_show_calls,
	  ASKS(IPC_ASK_CHANNELS, IPC_ASK_COUNTERS) },
	{ "core show processes", "", "the daemon's processes", NULL, desk_show_processes, ASKS(IPC_ASK_PROCESSES) },
	{ "core show version", "", "which version runs", NULL, desk_show_version, .ask_count = 0 },
	{ "core show uptime", "[seconds]", "since when it runs", desk_fits_seconds, desk_show_uptime,
	  ASKS(IPC_ASK_PROCESSES) },
	{ "core show help", "[TEXT]", "these commands, or those that have to do with a text", desk_fits_any,
	  desk_show_help, .ask_count = 0 },
	{ "core complete", "LINE", "how a line may go on; for consoles", desk_fits_any, desk_show_completions,
	  .ask_count = 0 },
	{ "core reload", "", "as iax2 reload", NULL, ORDER(IPC_DO_RELOAD) },
	{ "core stop gracefully", "", "take no new calls, and end with the last one", NULL,
	  ORDER(IPC_DO_STOP_GRACEFULLY) },
	{ "core stop now", "", "hang up all calls and end", NULL, ORDER(IPC_DO_STOP_NOW) },
	{ "dialplan show", "[[EXTEN@]CONTEXT]", "the dialplan; with EXTEN: what matches, in the order it is tried",
	  desk_fits_maybe_one, desk_show_dialplan, .ask_count = 0, .needs_world = true, .names = DESK_CONTEXT_NAMES },
	{ "dialplan reload", "", "as iax2 reload", NULL, ORDER(IPC_DO_RELOAD) },
	{ "module reload", "[MODULE]", "as iax2 reload", desk_fits_maybe_one, ORDER(IPC_DO_RELOAD) },
	{ "cdr show", "[N]", "the last call records, newest first (20)", desk_fits_count, desk_show_records,
	  ASKS(IPC_ASK_RECORDS) },
	{ 0 },
};

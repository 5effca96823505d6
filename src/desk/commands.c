/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/json.h"
#include "desk/show.h"

#define ASKS(...)                \
	.asks = { __VA_ARGS__ }, \
	.ask_count = sizeof((enum ipc_query_what[]){ __VA_ARGS__ }) / sizeof(enum ipc_query_what)
#define ORDER(what) .print = NULL, .order = (what)
#define WISH(what) .print = NULL, .wish = (what)
#define SAYS(text) desk_show_words, .says = (text)
#define REFUSES(text) desk_show_words, .says = (text), .refuses = true

const struct desk_command desk_commands[] = {
	{ "iax2 show peers", "[registered] [like REGEX]", "the peers, where they are and how far", desk_fits_peers,
	  desk_show_peers, ASKS(IPC_ASK_PEERS), .needs_world = true },
	{ "iax2 show peer", "NAME [load]", "all about one peer", desk_fits_peer, desk_show_peer, ASKS(IPC_ASK_PEERS),
	  .needs_world = true, .names = DESK_PEER_NAMES },
	{ "iax2 show users", "[like REGEX]", "who may call us", desk_fits_like, desk_show_users, .ask_count = 0,
	  .needs_world = true },
	{ "iax2 show channels", "", "the IAX2 legs that are alive", NULL, desk_show_iax_channels,
	  ASKS(IPC_ASK_CHANNELS) },
	{ "iax2 show registry", "", "our registrations with others", NULL, desk_show_registry, ASKS(IPC_ASK_REGISTRY) },
	{ "iax2 show netstats", "", "loss, delay and jitter of each call, both ways", NULL, desk_show_netstats,
	  ASKS(IPC_ASK_CHANNELS) },
	{ "iax2 show callnumber usage", "[ADDR[:PORT]|ADDR/BITS]", "call numbers in use by address",
	  desk_fits_maybe_one, desk_show_numbers, ASKS(IPC_ASK_NUMBERS) },
	{ "iax2 show stats", "", "the engine's counters", NULL, desk_show_counters, ASKS(IPC_ASK_COUNTERS) },
	{ "iax2 show threads", "", "the engine's threads", NULL, desk_show_threads, .needs_world = true },
	{ "iax2 show cache", "", "what other dialplans answered: none is asked", NULL,
	  SAYS("Peer/Context         Exten        Exp.   Wait.  Flags\n"
	       "No dialplan of others is asked (switch =>), so there is nothing to keep.") },
	{ "iax2 show firmware", "[NAME]", "firmware for phones: none is given out", desk_fits_maybe_one,
	  SAYS("Device          Version         Size") },
	{ "iax2 show provisioning", "[TEMPLATE]", "templates for phones: there are none", desk_fits_maybe_one,
	  SAYS("No provisioning templates found: phones are not provisioned over IAX2 here.") },
	{ "iax2 provision", "HOST TEMPLATE [forced]", "refused: see its answer", desk_fits_provision,
	  REFUSES("Refused: nothing in PROVISION proves who sends it, so whoever takes it obeys anybody. "
	          "Set the phone up at the phone.") },
	{ "iax2 prune realtime", "NAME|all", "nothing is cached: see its answer", desk_fits_one,
	  SAYS("Not applicable: accounts are in the configuration files alone, and nothing of them is cached.") },
	{ "iax2 set debug trunk", "on|off", "not applicable: see its answer", desk_fits_on_off,
	  REFUSES("Not applicable: trunk frames are taken apart as they come, and none is sent. "
	          "What came is in iax2 show stats, relay.") },
	{ "iax2 set debug jb", "on|off", "not applicable: see its answer", desk_fits_on_off,
	  REFUSES("Not applicable: there is no jitter buffer here, voice goes on as it comes. "
	          "Jitter and loss of each call are in iax2 show netstats.") },
	{ "iax2 set mtu", "N|default", "not applicable: see its answer", desk_fits_one,
	  REFUSES("Not applicable: it limits trunk frames, and none is sent. "
	          "No datagram of ours has more than 1400 octets.") },
	{ "iax2 test losspct", "N", "not in this build: see its answer", desk_fits_one,
	  REFUSES("Not in this build: an exchange that is used loses nothing on purpose. "
	          "For tests, the kernel does it: tc qdisc add dev lo root netem loss 5%") },
	{ "iax2 reload", "", "read the configuration again; nothing changes if it is wrong", NULL,
	  ORDER(IPC_DO_RELOAD) },
	{ "core show channels", "[concise|verbose|count]", "what each channel does", desk_fits_channels,
	  desk_show_channels, ASKS(IPC_ASK_CHANNELS, IPC_ASK_COUNTERS) },
	{ "core show channel", "NAME", "all about one channel", desk_fits_one, desk_show_channel,
	  ASKS(IPC_ASK_CHANNELS) },
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
	{ "reload acl", "", "as iax2 reload", NULL, ORDER(IPC_DO_RELOAD) },
	{ "acl show", "[NAME]", "the accounts with permit=, deny= or acl=, or the rules of one", desk_fits_maybe_one,
	  desk_show_acl, .needs_world = true, .names = DESK_PEER_NAMES },
	{ "keys show", "", "RSA keys: none are used", NULL,
	  SAYS("Key Name             Type     Status           Sum\n"
	       "0 known RSA keys. Accounts prove themselves by a secret and MD5; those with keys alone cannot be "
	       "used.") },
	{ "dnsmgr status", "", "the hosts that are configured by name, and their addresses", NULL, desk_show_names,
	  .needs_world = true },
	{ "logger show channels", "", "where log lines go", NULL, desk_show_loggers, .needs_world = true },
	{ "logger reload", "", "nothing to do: see its answer", NULL,
	  SAYS("Nothing to do: a security log that was moved is opened anew within a second.") },
	{ "logger rotate", "", "not by hand: see its answer", NULL,
	  REFUSES("Nothing was rotated: each security log becomes FILE.1 when it is full. Others may move them at any "
	          "time, "
	          "as logrotate does; they are opened anew.") },
	{ "logger mute", "", "nothing to do: see its answer", NULL,
	  SAYS("Nothing to do: no log line goes to consoles.") },
	{ "cdr show", "[N]", "the last call records, newest first (20)", desk_fits_count, desk_show_records,
	  ASKS(IPC_ASK_RECORDS), .aim = desk_aim_count },
	{ "guard show bans", "[ADDR[/BITS]]", "who is banned or allowed, until when and why", desk_fits_maybe_one,
	  desk_show_bans, ASKS(IPC_ASK_BANS) },
	{ "guard show sources", "[ADDR[/BITS]]", "the addresses that the guard remembers", desk_fits_maybe_one,
	  desk_show_sources, ASKS(IPC_ASK_SOURCES) },
	{ "guard show accounts", "[NAME]", "the accounts that somebody tried to guess", desk_fits_maybe_one,
	  desk_show_accounts, ASKS(IPC_ASK_GUARDED), .names = DESK_PEER_NAMES },
	{ "guard show budgets", "", "every limit, what is used of it and what it stopped", NULL, desk_show_budgets,
	  ASKS(IPC_ASK_BUDGETS) },
	{ "guard show audit", "[N]", "what operators changed, newest first (20)", desk_fits_count, desk_show_audit,
	  ASKS(IPC_ASK_AUDIT), .aim = desk_aim_count },
	{ "guard ban", "ADDR[/BITS] [for TIME] reason TEXT",
	  "no answers to an address, for 1h or TIME: 10m, 2h, 7d, ever", desk_fits_some, WISH(desk_wish_ban) },
	{ "guard unban", "ADDR[/BITS] reason TEXT", "take back a ban or an allowance, and what is held against it",
	  desk_fits_some, WISH(desk_wish_unban) },
	{ "guard allow", "ADDR[/BITS] [for TIME] reason TEXT",
	  "never hold an address back, until it is taken back or for TIME", desk_fits_some, WISH(desk_wish_allow) },
	{ "guard observe", "on|off", "on: hold nothing back, only tell what would be", desk_fits_on_off,
	  WISH(desk_wish_observe) },
	{ "security show events", "[ADDR[/BITS]] [N]", "what was refused and done, newest first (50)",
	  desk_fits_up_to_two, desk_show_events, ASKS(IPC_ASK_EVENTS), .aim = desk_aim_events },
	{ "explain", "EVENT-ID", "one event: what was asked, by whom, what was decided and why", desk_fits_one,
	  desk_show_explanation, ASKS(IPC_ASK_EVENTS), .aim = desk_aim_event },
	{ "json", "QUESTION [N]", "rows for scripts: " DESK_JSON_QUESTIONS, desk_json_fits_none, desk_json_print,
	  .ask_count = 0, .family = desk_json_commands },
	{ 0 },
};

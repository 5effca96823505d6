/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/option.h"

#include "conf/setting.h"

#define G CONF_IN_GENERAL
#define U CONF_IN_USER
#define P CONF_IN_PEER
#define R CONF_IN_REGISTRATION
#define T CONF_IN_TOLLGATE
#define A CONF_IN_ACL
#define D CONF_IN_GUARD
#define N CONF_IN_NUMBERS
#define L CONF_IN_POLICY
#define F CONF_IN_FRONT
#define M CONF_IN_METRICS
#define IN_GENERAL(field) offsetof(struct conf_general, field)
#define IN_SETTINGS(field) offsetof(struct conf_general, settings.field)
#define IN_GUARD(field) offsetof(struct conf_general, settings.guard.field)
#define IN_ACCOUNT(field) offsetof(struct conf_account, field)
#define IN_NUMBERS(field) offsetof(struct conf_numbers, field)
#define IN_COMMON(field) offsetof(struct conf_common, field)
#define ROW(verdict, hint, parser, offset, min, max, is_secret) verdict, hint, parser, offset, min, max, is_secret, NULL
#define YES(parser, offset) ROW(CONF_VERDICT_YES, NULL, parser, offset, 0, 0, false)
#define YES_TO(parser, offset, min, max) ROW(CONF_VERDICT_YES, NULL, parser, offset, min, max, false)
#define YES_SECRET(parser, offset) ROW(CONF_VERDICT_YES, NULL, parser, offset, 0, 0, true)
#define NOTE(hint) ROW(CONF_VERDICT_NOTE, hint, NULL, 0, 0, 0, false)
#define NOTE_TRUE(hint) ROW(CONF_VERDICT_NOTE_TRUE, hint, NULL, 0, 0, 0, false)
#define NOTE_TEXT(offset, hint) ROW(CONF_VERDICT_NOTE, hint, conf_parse_text, offset, 0, 255, false)
#define NOTE_EXCEPT(value, hint) CONF_VERDICT_NOTE, hint, NULL, 0, 0, 0, false, value
#define NOTE_FALSE(offset, hint) CONF_VERDICT_NOTE, hint, conf_parse_bool, offset, 0, 0, false, "yes"
#define WARN_TRUE(hint) ROW(CONF_VERDICT_WARN_TRUE, hint, NULL, 0, 0, 0, false)
#define REFUSE(hint) ROW(CONF_VERDICT_REFUSE, hint, NULL, 0, 0, 0, true)
#define REFUSE_TRUE(hint) ROW(CONF_VERDICT_REFUSE_TRUE, hint, NULL, 0, 0, 0, false)

static_assert(offsetof(struct conf_general, common) == 0 && offsetof(struct conf_account, common) == 0,
              "rows for both use offsets of struct conf_common");

static const char no_encryption[] =
	"encryption is not supported in this version, and a call that must be encrypted does not go out in clear";
static const char in_clear[] = "calls are not encrypted in this version, and go in clear where that was a wish only";
static const char no_rsa[] = "RSA keys are not supported in this version; use a secret";
static const char no_jitter_buffer[] = "voice is passed on as it comes, the phones smooth it";
static const char no_trunks[] = "calls travel one by one in this version, without trunk frames";
static const char no_database[] = "accounts come from the configuration files alone";
static const char no_hold_music[] = "music on hold is left to the phones; passthrough is what is done";
static const char no_buffer_size[] = "there is no jitter buffer";
static const char unknown_everywhere[] = "it belongs to no present version of the protocol's drivers";

static const struct conf_option options[] = {
	/* [general] */
	{ "bindport", G, YES_TO(conf_parse_bind_port, IN_GENERAL(bind_port), 1, 65535) },
	{ "bindaddr", G, YES(conf_parse_bind_addr, IN_GENERAL(settings)) },
	{ "iaxcompat", G, NOTE("looking up a number blocks nothing here") },
	{ "nochecksums", G, REFUSE_TRUE("UDP checksums stay on") },
	{ "delayreject", G, YES(conf_parse_delay_reject, 0) },
	{ "authdebug", G, NOTE("failed authentication is always logged") },
	{ "auth", G | U | P, YES(conf_parse_auth, IN_COMMON(rsa_only)) },
	{ "encryption", G | U | P, WARN_TRUE(in_clear) },
	{ "forceencryption", G | U | P, REFUSE_TRUE(no_encryption) },
	{ "transfer", G | U | P, NOTE_TRUE("calls stay with this exchange, their voice too") },
	{ "codecpriority", G | U, YES(conf_parse_codec_priority, IN_COMMON(codec_priority)) },
	{ "allow", G | U | P, YES(conf_parse_allow, IN_COMMON(codecs)) },
	{ "disallow", G | U | P, YES(conf_parse_disallow, IN_COMMON(codecs)) },
	{ "bandwidth", G, NOTE("list the codecs with allow= instead") },
	{ "jitterbuffer", G | U | P, NOTE_TRUE(no_jitter_buffer) },
	{ "maxjitterbuffer", G, NOTE(no_buffer_size) },
	{ "maxjitterinterps", G, NOTE(no_buffer_size) },
	{ "resyncthreshold", G, NOTE(no_buffer_size) },
	{ "jittertargetextra", G, NOTE(no_buffer_size) },
	{ "trunkfreq", G, NOTE(no_trunks) },
	{ "trunkmtu", G, NOTE(no_trunks) },
	{ "trunkmaxsize", G, NOTE(no_trunks) },
	{ "trunktimestamps", G, NOTE_TRUE(no_trunks) },
	{ "minregexpire", G, YES_TO(conf_parse_u32, IN_SETTINGS(min_reg_expire_s), 10, 3600) },
	{ "maxregexpire", G, YES_TO(conf_parse_u32, IN_SETTINGS(max_reg_expire_s), 10, 3600) },
	{ "register", G, YES_SECRET(conf_parse_register, 0) },
	{ "subscribe_network_change_event", G, NOTE("registrations are renewed by themselves") },
	{ "srvlookup", G, NOTE_TRUE("host names are looked up as addresses (A and AAAA), not as services") },
	{ "tos", G, YES(conf_parse_tos, IN_SETTINGS(tos)) },
	{ "cos", G, YES_TO(conf_parse_u8, IN_SETTINGS(cos), 0, 7) },
	{ "autokill", G, YES_TO(conf_parse_qualify, IN_SETTINGS(autokill_ms), 10, 60000) },
	{ "maxauthreq", G | U, YES_TO(conf_parse_u32, IN_COMMON(max_auth_req), 0, 65535) },
	{ "pingtime", G, YES_TO(conf_parse_u32, IN_SETTINGS(ping_time_s), 1, 3600) },
	{ "lagrqtime", G, YES_TO(conf_parse_u32, IN_SETTINGS(lagrq_time_s), 0, 3600) },
	{ "iaxthreadcount", G, NOTE("use threads=") },
	{ "iaxmaxthreadcount", G, NOTE("use threads=") },
	{ "accountcode", G | U, YES_TO(conf_parse_text, IN_COMMON(accountcode), 0, 19) },
	{ "amaflags", G | U, NOTE("call records have no such mark") },
	{ "language", G | U, YES_TO(conf_parse_text, IN_COMMON(language), 0, 39) },
	{ "mohinterpret", G | U | P, NOTE_EXCEPT("passthrough", no_hold_music) },
	{ "mohsuggest", G | U | P, NOTE_EXCEPT("passthrough", no_hold_music) },
	{ "adsi", G | U | P, NOTE_TRUE("screen phones are not offered") },
	{ "parkinglot", G | U, NOTE("calls are not parked") },
	{ "regcontext", G, YES_TO(conf_parse_section_name, IN_GENERAL(regcontext), 0, WORLD_NAME_MAX) },
	{ "allowfwdownload", G, REFUSE_TRUE("firmware is not offered") },
	{ "connectedline", G | U | P, NOTE_TRUE("names and numbers do not change during a call") },
	{ "maxcallnumbers", G, YES_TO(conf_parse_u32, IN_SETTINGS(max_call_numbers), 0, 65535) },
	{ "maxcallnumbers_nonvalidated", G,
	  YES_TO(conf_parse_u32, IN_SETTINGS(max_call_numbers_nonvalidated), 0, 65535) },
	{ "calltokenoptional", G, YES(conf_parse_token_optional, 0) },
	{ "calltokenexpiration", G, YES_TO(conf_parse_u32, IN_SETTINGS(call_token_expiration_s), 2, 60) },
	{ "requirecalltoken", G, REFUSE("set it for a user or peer; for addresses there is calltokenoptional=") },
	{ "shrinkcallerid", G, YES(conf_parse_bool, IN_SETTINGS(shrink_caller_id)) },
	{ "rtcachefriends", G, REFUSE_TRUE(no_database) },
	{ "rtupdate", G, NOTE(no_database) },
	{ "rtsavesysname", G, NOTE(no_database) },
	{ "rtautoclear", G, NOTE(no_database) },
	{ "rtignoreregexpire", G, NOTE(no_database) },

	/* our own */
	{ "strict", G | T, YES(conf_parse_bool, IN_GENERAL(strict)) },
	{ "threads", G | T, YES_TO(conf_parse_u32, IN_SETTINGS(threads), 1, WORLD_THREADS_MAX) },
	{ "calls", G | T, YES_TO(conf_parse_u32, IN_SETTINGS(calls_max), 1, WORLD_CALLS_MAX) },
	{ "stealth", G | T, YES(conf_parse_bool, IN_SETTINGS(stealth)) },
	{ "syslog", G | T, YES(conf_parse_bool, IN_SETTINGS(syslog)) },
	{ "calltoken-text", G | T, YES(conf_parse_bool, IN_SETTINGS(call_token_text)) },
	{ "sounds", G | T, YES_TO(conf_parse_text, IN_GENERAL(sounds), 1, 255) },

	/* users, peers, and registrations as sections */
	{ "type", U | P | R, YES(conf_parse_type, 0) },
	{ "secret", U | P | R, YES_SECRET(conf_parse_secret, IN_ACCOUNT(secrets)) },
	{ "secretfile", U | P | R, YES(conf_parse_secret_file, IN_ACCOUNT(secrets)) },
	{ "dbsecret", U | P, REFUSE("use secretfile= and let the file hold the secret") },
	{ "inkeys", U | P, ROW(CONF_VERDICT_NOTE, no_rsa, conf_parse_keys, IN_ACCOUNT(has_keys), 0, 0, false) },
	{ "outkey", U | P, NOTE(no_rsa) },
	{ "keyrotate", U | P, NOTE("there is no encryption whose keys could change") },
	{ "context", U, YES_TO(conf_parse_context, IN_ACCOUNT(contexts), 1, WORLD_NAME_MAX) },
	{ "context", P, NOTE("a peer has none; the number dialled says where a call goes") },
	{ "peercontext", P, YES_TO(conf_parse_text, IN_ACCOUNT(peercontext), 0, WORLD_NAME_MAX) },
	{ "permit", U | P, YES(conf_parse_permit, IN_ACCOUNT(acl)) },
	{ "deny", U | P, YES(conf_parse_deny, IN_ACCOUNT(acl)) },
	{ "acl", U | P, YES(conf_parse_acl, IN_ACCOUNT(acl_names)) },
	{ "host", P | R, YES(conf_parse_host, IN_ACCOUNT(host)) },
	{ "port", P | R, YES_TO(conf_parse_u32, IN_ACCOUNT(port), 1, 65535) },
	{ "defaultip", P, YES(conf_parse_addr, IN_ACCOUNT(default_ip)) },
	{ "mask", P, NOTE("a challenge is answered only to the peer that was called") },
	{ "sourceaddress", P, YES(conf_parse_addr, IN_ACCOUNT(source)) },
	{ "username", P, YES_TO(conf_parse_text, IN_ACCOUNT(username), 0, WORLD_NAME_MAX) },
	{ "username", R, YES_TO(conf_parse_text, IN_ACCOUNT(username), 1, WORLD_NAME_MAX) },
	{ "description", P, YES_TO(conf_parse_text, IN_ACCOUNT(description), 0, 255) },
	{ "trunk", U | P, NOTE_TRUE(no_trunks) },
	{ "callerid", U | P, YES(conf_parse_callerid, 0) },
	{ "fullname", U | P, YES_TO(conf_parse_text, IN_ACCOUNT(callerid_name), 0, WORLD_NAME_MAX) },
	{ "cid_number", U | P, YES_TO(conf_parse_text, IN_ACCOUNT(callerid_number), 0, WORLD_NAME_MAX) },
	{ "sendani", P, YES(conf_parse_bool, IN_ACCOUNT(send_ani)) },
	{ "setvar", U, YES(conf_parse_setvar, IN_ACCOUNT(variables)) },
	{ "immediate", U, NOTE_FALSE(IN_ACCOUNT(immediate), "a call without a number begins at once with s") },
	{ "qualify", P, YES_TO(conf_parse_qualify, IN_ACCOUNT(qualify_ms), 10, 60000) },
	{ "qualifysmoothing", P, YES(conf_parse_bool, IN_ACCOUNT(qualify_smoothing)) },
	{ "qualifyfreqok", P, YES_TO(conf_parse_u32, IN_ACCOUNT(qualify_ok_ms), 1000, 3600000) },
	{ "qualifyfreqnotok", P, YES_TO(conf_parse_u32, IN_ACCOUNT(qualify_notok_ms), 1000, 3600000) },
	{ "regexten", P, YES_TO(conf_parse_text, IN_ACCOUNT(regexten), 0, 255) },
	{ "mailbox", P, NOTE_TEXT(IN_ACCOUNT(mailbox), "there is no voice mail") },
	{ "timezone", P, NOTE("date and time are sent in UTC") },
	{ "maxcallnumbers", P, YES_TO(conf_parse_u32, IN_ACCOUNT(max_call_numbers), 0, 65535) },
	{ "requirecalltoken", U | P, YES(conf_parse_tri, IN_ACCOUNT(require_call_token)) },
	{ "refresh", R, YES_TO(conf_parse_u32, IN_ACCOUNT(refresh_s), 10, 3600) },
	{ "decoy", U | P, YES(conf_parse_bool, IN_ACCOUNT(decoy)) },
	{ "roaming", U | P, YES(conf_parse_bool, IN_ACCOUNT(roaming)) },
	{ "mayspend", U, YES(conf_parse_bool, IN_ACCOUNT(may_spend)) },

	/* [guard] */
	{ "mode", D, YES(conf_parse_guard_mode, IN_GUARD(mode)) },
	{ "newdialogs", D, YES_TO(conf_parse_rate, IN_GUARD(new_dialogs_per_s), 1, 1000000) },
	{ "knowndialogs", D, YES_TO(conf_parse_rate, IN_GUARD(known_dialogs_per_s), 1, 1000000) },
	{ "strangers", D, YES_TO(conf_parse_u32, IN_GUARD(strangers_per_s), 1, 1000000) },
	{ "failures", D, YES_TO(conf_parse_rate, IN_GUARD(failures_per_min), 1, 1000000) },
	{ "names", D, YES_TO(conf_parse_u32, IN_GUARD(names_per_10min), 1, 1000000) },
	{ "delayat", D, YES_TO(conf_parse_u32, IN_GUARD(delay_at), 1, 1000000) },
	{ "silenceat", D, YES_TO(conf_parse_u32, IN_GUARD(silence_at), 1, 1000000) },
	{ "banat", D, YES_TO(conf_parse_u32, IN_GUARD(kernel_at), 1, 1000000) },
	{ "steptime", D, YES_TO(conf_parse_u32, IN_GUARD(step_s), 1, 86400) },
	{ "accountfailures", D, YES_TO(conf_parse_u32, IN_GUARD(account_failures), 1, 1000000) },
	{ "accountnetworks", D, YES_TO(conf_parse_u32, IN_GUARD(account_prefixes), 1, 16) },
	{ "accountanswers", D, YES_TO(conf_parse_u32, IN_GUARD(account_distinct), 1, 1000000) },
	{ "sprayaccounts", D, YES_TO(conf_parse_u32, IN_GUARD(spray_accounts), 1, 1000000) },
	{ "spraynetworks", D, YES_TO(conf_parse_u32, IN_GUARD(spray_prefixes), 1, 1000000) },
	{ "knowndays", D, YES_TO(conf_parse_u32, IN_GUARD(known_days), 1, 366) },
	{ "tokenless", D, YES(conf_parse_tokenless, IN_GUARD(tokenless)) },
	{ "kernel", D, YES(conf_parse_bool, IN_GUARD(kernel)) },
	{ "fingerprints", D, YES_TO(conf_parse_fingerprints, IN_GENERAL(fingerprints), 1, 255) },
	{ "neverban", D, YES(conf_parse_never_ban, 0) },

	/* paid calls */
	{ "destinations", T, YES_TO(conf_parse_destinations, IN_GENERAL(destinations), 1, 255) },
	{ "utcoffset", T, YES(conf_parse_utc_offset, IN_SETTINGS(paying.zone)) },
	{ "timezone", T, YES(conf_parse_zone, IN_SETTINGS(paying.zone)) },
	{ "chargeable", P, YES(conf_parse_chargeable, IN_ACCOUNT(chargeable)) },
	{ "policy", U, YES_TO(conf_parse_section_name, IN_ACCOUNT(policy), 1, WORLD_NAME_MAX) },
	{ "trunkpolicy", P, YES_TO(conf_parse_section_name, IN_ACCOUNT(policy), 1, WORLD_NAME_MAX) },
	{ "numbers", U | P, YES_TO(conf_parse_section_name, IN_ACCOUNT(numbers), 1, WORLD_NAME_MAX) },
	{ "country", N, YES(conf_parse_country, 0) },
	{ "national", N, YES(conf_parse_national, 0) },
	{ "international", N, YES(conf_parse_international, 0) },
	{ "internal", N, YES_TO(conf_parse_u8, IN_NUMBERS(row.internal_digits), 0, WORLD_INTERNAL_MAX) },
	{ "bare", N, YES(conf_parse_bare, 0) },
	{ "parent", L, YES_TO(conf_parse_section_name, offsetof(struct conf_policy, parent), 1, WORLD_NAME_MAX) },
	{ "allow", L, YES(conf_parse_policy_allow, 0) },
	{ "deny", L, YES(conf_parse_policy_deny, 0) },
	{ "calls", L, YES_TO(conf_parse_policy_calls, 0, 0, WORLD_CALLS_MAX) },
	{ "newcalls", L, YES_TO(conf_parse_policy_new_calls, 0, 0, WORLD_CALLS_MAX) },
	{ "longest", L, YES(conf_parse_policy_longest, 0) },
	{ "daily", L, YES(conf_parse_policy_daily, 0) },
	{ "monthly", L, YES(conf_parse_policy_monthly, 0) },
	{ "times", L, YES(conf_parse_policy_times, 0) },

	/* [front] */
	{ "backend", F, YES(conf_parse_backend, 0) },
	{ "local", F, YES(conf_parse_front_local, 0) },

	/* [metrics] */
	{ "listen", M, YES(conf_parse_listen, IN_GENERAL(metrics)) },
	{ "public", M, YES(conf_parse_bool, IN_GENERAL(metrics_public)) },

	/* acl.conf */
	{ "permit", A, YES(conf_parse_permit, 0) },
	{ "deny", A, YES(conf_parse_deny, 0) },

	/* seen in old files and in files for other protocols */
	{ "notransfer", G | U | P, NOTE("calls stay with this exchange, their voice too") },
	{ "forcejitterbuffer", G | U | P, NOTE(no_jitter_buffer) },
	{ "dropcount", G, NOTE(no_buffer_size) },
	{ "minexcessbuffer", G, NOTE(no_buffer_size) },
	{ "maxexcessbuffer", G, NOTE(no_buffer_size) },
	{ "jittershrinkrate", G, NOTE(no_buffer_size) },
	{ "mincost", G, NOTE(unknown_everywhere) },
	{ "user", U | P, NOTE("the name in brackets is the user's name") },
	{ "trunkminsize", G, NOTE(no_trunks) },
	{ "dialplan", G | U | P, NOTE(unknown_everywhere) },
	{ "musiconhold", G | U | P, NOTE(no_hold_music) },
	{ "musicclass", G | U | P, NOTE(no_hold_music) },
	{ "callgroup", G | U | P, NOTE(unknown_everywhere) },
	{ "canreinvite", G | U | P, NOTE(unknown_everywhere) },
	{ "directmedia", G | U | P, NOTE(unknown_everywhere) },
	{ "nat", G | U | P, NOTE(unknown_everywhere) },
	{ "dtmfmode", G | U | P, NOTE(unknown_everywhere) },
	{ "insecure", G | U | P, NOTE(unknown_everywhere) },
	{ "videosupport", G | U | P, NOTE(unknown_everywhere) },
	{ "qualifyfreq", G | U | P, NOTE("use qualifyfreqok= and qualifyfreqnotok=") },
	{ "disallowed_methods", G | U | P, NOTE(unknown_everywhere) },
	{ "callcounter", G | U | P, NOTE(unknown_everywhere) },
	{ "faxdetect", G | U | P, NOTE(unknown_everywhere) },
	{ "sendrpid", G | U | P, NOTE(unknown_everywhere) },
	{ "hasiax", G | U | P, NOTE(unknown_everywhere) },
};
static_assert(TG_COUNT(options) <= CONF_OPTIONS_MAX, "each has its place in conf_loading.noted");

const struct conf_option *conf_option_at(size_t index)
{
	return index < TG_COUNT(options) ? &options[index] : NULL;
}

const char *conf_scope_name(enum conf_scope scope)
{
	switch (scope) {
	case CONF_IN_GENERAL:
		return "[general]";
	case CONF_IN_USER:
		return "type=user";
	case CONF_IN_PEER:
		return "type=peer";
	case CONF_IN_REGISTRATION:
		return "type=registration";
	case CONF_IN_TOLLGATE:
		return "tollgate.conf";
	case CONF_IN_ACL:
		return "acl.conf";
	case CONF_IN_GUARD:
		return "[guard] of tollgate.conf";
	case CONF_IN_NUMBERS:
		return "[numbers] of tollgate.conf";
	case CONF_IN_POLICY:
		return "[policy NAME] of tollgate.conf";
	case CONF_IN_FRONT:
		return "[front] of tollgate.conf";
	case CONF_IN_METRICS:
		return "[metrics] of tollgate.conf";
	}
	return "(unknown)";
}

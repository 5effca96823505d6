/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/option_doc.h"

#include "conf/setting.h"

#include <stdio.h>
#include <string.h>

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

static const char none[] = "(none)";

static const struct conf_option_doc docs[] = {
	/* [general] */
	{ "bindport", G, "4569", "port of the bindaddr lines below that have none", false },
	{ "bindaddr", G, "(0.0.0.0)", "address to listen on, up to 16 lines; 0.0.0.0 is IPv4 alone, :: IPv6 alone",
	  true },
	{ "delayreject", G, "yes", "a refusal leaves a while after the request; cannot be switched off", false },
	{ "auth", G, "md5", "methods of authentication of accounts that do not say it", false },
	{ "auth", U | P, "(that of [general])", "methods of authentication; with rsa alone nobody gets in", false },
	{ "codecpriority", G, "host", "whose order of codecs decides", false },
	{ "codecpriority", U, "(that of [general])", "whose order of codecs decides", false },
	{ "allow", G, "(all)", "codecs, in the order of preference", true },
	{ "allow", U | P, "(those of [general])", "codecs, in the order of preference", true },
	{ "disallow", G, none, "codecs that are taken out again; all: begin anew", true },
	{ "disallow", U | P, none, "codecs that are taken out again; all: begin anew", true },
	{ "minregexpire", G, "60", "shortest period of a registration, in seconds", false },
	{ "maxregexpire", G, "60", "longest period of a registration, in seconds", false },
	{ "register", G, none, "register elsewhere", true },
	{ "tos", G, "0", "type of service of what is sent", false },
	{ "cos", G, "0", "802.1p priority of what is sent", false },
	{ "maxauthreq", G, "3", "challenges that one account may leave open from one address; 0: no limit", false },
	{ "maxauthreq", U, "(that of [general])", "challenges it may leave open from one address; 0: no limit", false },
	{ "pingtime", G, "21", "period of PING in a call, in seconds", false },
	{ "lagrqtime", G, "10", "period of LAGRQ in a call, in seconds; 0: never", false },
	{ "accountcode", G, none, "for the call records", false },
	{ "accountcode", U, "(that of [general])", "for the call records", false },
	{ "language", G, none, "language tag", false },
	{ "language", U, "(that of [general])", "language tag", false },
	{ "maxcallnumbers", G, "2048", "call numbers that one address may hold", false },
	{ "maxcallnumbers_nonvalidated", G, "8192", "call numbers of all callers without a token together", false },
	{ "calltokenoptional", G, none, "addresses from which no call token is asked for", true },
	{ "calltokenexpiration", G, "8", "lifetime of a call token, in seconds", false },
	{ "autokill", G, "no",
	  "a peer without qualify that gives no answer in twice so many ms cannot be called; yes: 2000", false },
	{ "regcontext", G, none, "context where each registered peer has its extension, a NoOp() at priority 1",
	  false },
	{ "shrinkcallerid", G, "yes", "take blanks, brackets and dashes out of the calling number", false },

	/* [general] of both files */
	{ "strict", G | T, "yes", "unknown options are errors; no: warnings", false },
	{ "threads", G | T, "1", "threads; with more than one, some only relay voice. Needs a restart", false },
	{ "calls", G | T, "1000", "calls at once. Needs a restart", false },
	{ "stealth", G | T, "no", "answer POKE of known addresses only, and nothing to who has no call token", false },
	{ "syslog", G | T, "no", "security events go to the system's log, too. Needs a restart", false },
	{ "calltoken-text", G | T, "no", "call tokens of 10 letters and digits instead of 7 octets", false },
	{ "sounds", G | T, none, "folder of the sounds for Playback", false },
	{ "destinations", T, none, "one more list of what a number is", true },
	{ "utcoffset", T, "+00:00", "whose days and hours policies mean, the same all the year", false },
	{ "timezone", T, none,
	  "the same by the rule of a zone, such as CET-1CEST,M3.5.0,M10.5.0/3; the later line counts", false },

	/* accounts */
	{ "type", U | P | R, "(needed)", "user, peer, friend (both) or registration", false },
	{ "secret", U, none, "a secret; each one is good for a call", true },
	{ "secret", P | R, none, "the secret; the last one counts", false },
	{ "secretfile", U, none, "a file that holds a secret and nothing else", true },
	{ "secretfile", P | R, none, "a file that holds the secret and nothing else", false },
	{ "context", U, "(needed)", "where its calls begin; more lines: what it may ask for; *: any", true },
	{ "peercontext", P, none, "the context to ask for there", false },
	{ "permit", U | P, "(all)", "from where; the last line of permit and deny that fits decides", true },
	{ "deny", U | P, none, "from where not", true },
	{ "acl", U | P, none, "lists of acl.conf, which must all let the address in, too", true },
	{ "host", P, "(needed)", "where it is; dynamic: it registers with us", false },
	{ "host", R, "(needed)", "where to register", false },
	{ "port", P | R, "4569", "its port, if host says none", false },
	{ "defaultip", P, none, "where it is while it is not registered", false },
	{ "sourceaddress", P, "(whichever fits)", "one of our addresses to speak from", false },
	{ "username", P, none, "the name that we give there", false },
	{ "username", R, "(needed)", "the name that we give there", false },
	{ "description", P, none, "for the console", false },
	{ "callerid", U, "(what it sends)", "name and number of its calls", false },
	{ "callerid", P, none, "told to it when it registers", false },
	{ "fullname", U, "(what it sends)", "the name alone", false },
	{ "fullname", P, none, "the name alone", false },
	{ "cid_number", U, "(what it sends)", "the number alone", false },
	{ "cid_number", P, none, "the number alone", false },
	{ "sendani", P, "no", "send the calling number in CALLING ANI, too", false },
	{ "setvar", U, none, "a variable of its calls", true },
	{ "qualify", P, "no", "ask whether it is there, with a limit in ms; yes: 2000", false },
	{ "qualifysmoothing", P, "no", "the average of the last two answers counts", false },
	{ "qualifyfreqok", P, "60000", "how often when it is fine, in ms", false },
	{ "qualifyfreqnotok", P, "10000", "how often when it is not, in ms", false },
	{ "maxcallnumbers", P, "0", "call numbers of its address while it is registered; 0: as in [general]", false },
	{ "requirecalltoken", U | P, "(yes)", "whether it must bring a call token; auto: once it brought one", false },
	{ "regexten", P, "(its name)", "its extensions in regcontext while it is registered, with & between them",
	  false },
	{ "refresh", R, "60", "how often, in seconds", false },
	{ "decoy", U | P, "no", "nobody uses it: who tries it is no friend", false },
	{ "roaming", U | P, "no", "its owner comes from anywhere, also while it is under attack", false },
	{ "mayspend", U, "no", "nobody needs a secret for it, and its calls may cost money", false },
	{ "chargeable", P, "(no if host=dynamic, else yes)", "calls to it may cost money", false },
	{ "policy", U, "(system; guests without a secret)", "which paid calls it may make", false },
	{ "trunkpolicy", P, "(trunks)", "what all calls to it together may", false },
	{ "numbers", U, "(as all)", "how it dials", false },
	{ "numbers", P, "(as the caller dials)", "how numbers are sent to it", false },

	/* [guard] */
	{ "mode", D, "enforce", "observe: say what would be done", false },
	{ "newdialogs", D, "4/20", "new dialogs a second of one address that is not known, and at once", false },
	{ "knowndialogs", D, "50/500", "the same of one from a known network", false },
	{ "strangers", D, "2000", "new dialogs a second of all that are not known", false },
	{ "failures", D, "1/10", "wrong secrets of one address that are judged, a minute and at once", false },
	{ "names", D, "5", "account names that one address may try in ten minutes", false },
	{ "delayat", D, "3", "different wrong secrets until only one request in four is taken", false },
	{ "silenceat", D, "6", "the same until none is answered", false },
	{ "banat", D, "10", "the same until the address is banned", false },
	{ "steptime", D, "600", "how long the first steps last, in seconds", false },
	{ "accountfailures", D, "20", "wrong secrets in a day that mean an attack on an account", false },
	{ "accountnetworks", D, "5", "from so many networks", false },
	{ "accountanswers", D, "50", "different wrong secrets in 30 days that mean the same", false },
	{ "sprayaccounts", D, "50", "accounts that are tried in an hour", false },
	{ "spraynetworks", D, "20", "from so many networks", false },
	{ "knowndays", D, "30", "how many days a network is known for an account", false },
	{ "tokenless", D, "anywhere", "where accounts without a call token may come from", false },
	{ "kernel", D, "yes", "bans go to the packet filter, too", false },
	{ "fingerprints", D, "(fingerprints.conf, if it is there)", "a file of marks of tools", false },
	{ "neverban", D, none, "addresses that are never banned", true },

	/* [numbers], [policy NAME], [front], acl.conf */
	{ "country", N, none, "the country", false },
	{ "national", N, "(by country, else 0)", "the digits in front of national numbers", false },
	{ "international", N, "(by country, else 00,011)", "the digits in front of international numbers", false },
	{ "internal", N, "5", "so many digits at most are a number of one's own", false },
	{ "bare", N, "(by country, else either)", "what a number without any of them is", false },
	{ "parent", L, "(system, guests or trunks)", "the policy that says what this one does not", false },
	{ "allow", L, "(what the parent allows)", "classes and prefixes that may be called", true },
	{ "deny", L, none, "classes and prefixes that may not", true },
	{ "calls", L, "(no limit)", "paid calls at once", true },
	{ "newcalls", L, "(no limit)", "paid calls that may begin in an hour or a day", true },
	{ "longest", L, "(no limit)", "how long a call may last", true },
	{ "daily", L, "(no limit)", "how long all calls of a day may last", true },
	{ "monthly", L, "(no limit)", "how long all calls of a month may last", true },
	{ "times", L, "(always)", "when", true },
	{ "backend", F, "(needed)", "the exchange behind this one", false },
	{ "local", F, "(whichever fits)", "our address as the backend knows it", false },
	{ "listen", M, "no", "where Prometheus reads metrics", false },
	{ "public", M, "no", "it may be an address that other machines can reach", false },
	{ "permit", A, "(all)", "the last line of permit and deny that fits decides", true },
	{ "deny", A, none, "from where not", true },
};

const struct conf_option_doc *conf_option_doc(const struct conf_option *option, enum conf_scope scope)
{
	for (size_t i = 0; i < TG_COUNT(docs); i++) {
		if ((docs[i].scopes & (unsigned)scope) != 0 && strcmp(docs[i].name, option->name) == 0) {
			return &docs[i];
		}
	}
	return NULL;
}

/* Of the others the bounds are told. */
static const struct {
	bool (*parse)(struct conf_setting *s, void *field);
	const char *values;
} values[] = {
	{ conf_parse_bool, "yes, no" },
	{ conf_parse_delay_reject, "yes, no" },
	{ conf_parse_chargeable, "yes, no" },
	{ conf_parse_tri, "yes, no, auto" },
	{ conf_parse_bind_addr, "address, with a port or without" },
	{ conf_parse_addr, "address, with a port or without" },
	{ conf_parse_backend, "address:port" },
	{ conf_parse_front_local, "address" },
	{ conf_parse_listen, "address:port, unix:path, no" },
	{ conf_parse_auth, "md5, rsa" },
	{ conf_parse_keys, "names" },
	{ conf_parse_codec_priority, "host, caller, disabled, reqonly" },
	{ conf_parse_allow, "codecs, all, !codec" },
	{ conf_parse_disallow, "codecs, all, !codec" },
	{ conf_parse_register, "user:secret@host:port" },
	{ conf_parse_tos, "0 to 255, CS0 to CS7, AF11 to AF43, EF" },
	{ conf_parse_token_optional, "addresses, ranges" },
	{ conf_parse_never_ban, "addresses, ranges" },
	{ conf_parse_permit, "addresses, ranges" },
	{ conf_parse_deny, "addresses, ranges" },
	{ conf_parse_acl, "names" },
	{ conf_parse_type, "user, peer, friend, registration" },
	{ conf_parse_secret, "text" },
	{ conf_parse_secret_file, "file" },
	{ conf_parse_context, "name" },
	{ conf_parse_host, "dynamic, address, name" },
	{ conf_parse_callerid, "\"Name\" <number>" },
	{ conf_parse_setvar, "NAME=value" },
	{ conf_parse_guard_mode, "enforce, observe, off" },
	{ conf_parse_rate, "rate/burst" },
	{ conf_parse_tokenless, "anywhere, known" },
	{ conf_parse_fingerprints, "file" },
	{ conf_parse_destinations, "file" },
	{ conf_parse_utc_offset, "+hh:mm, -hh:mm" },
	{ conf_parse_zone, "rule of a zone, as in TZ" },
	{ conf_parse_section_name, "name" },
	{ conf_parse_country, "two capital letters" },
	{ conf_parse_national, "digits" },
	{ conf_parse_international, "up to four, with commas" },
	{ conf_parse_bare, "national, international, either" },
	{ conf_parse_policy_allow, "classes, prefixes" },
	{ conf_parse_policy_deny, "classes, prefixes" },
	{ conf_parse_policy_calls, "number, classes" },
	{ conf_parse_policy_new_calls, "number/hour or number/day, classes" },
	{ conf_parse_policy_longest, "time such as 30m, classes" },
	{ conf_parse_policy_daily, "time such as 30m, classes" },
	{ conf_parse_policy_monthly, "time such as 30m, classes" },
	{ conf_parse_policy_times, "days, hours, classes" },
};

const char *conf_option_values(const struct conf_option *option, char text[CONF_VALUES_BYTES])
{
	if (option->parse == conf_parse_text) {
		snprintf(text, CONF_VALUES_BYTES, "text, at most %u octets", (unsigned)option->max);
		return text;
	}
	for (size_t i = 0; i < TG_COUNT(values); i++) {
		if (values[i].parse == option->parse) {
			snprintf(text, CONF_VALUES_BYTES, "%s", values[i].values);
			return text;
		}
	}
	if (option->max > 0) {
		snprintf(text, CONF_VALUES_BYTES, "%s%u to %u", option->parse == conf_parse_qualify ? "yes, no, " : "",
		         (unsigned)option->min, (unsigned)option->max);
	} else {
		snprintf(text, CONF_VALUES_BYTES, "any");
	}
	return text;
}

const char *conf_verdict_name(enum conf_verdict verdict)
{
	switch (verdict) {
	case CONF_VERDICT_YES:
		return "yes";
	case CONF_VERDICT_NOTE:
		return "no effect";
	case CONF_VERDICT_NOTE_TRUE:
	case CONF_VERDICT_WARN_TRUE:
		return "only off";
	case CONF_VERDICT_REFUSE:
		return "refused";
	case CONF_VERDICT_REFUSE_TRUE:
		return "refused when on";
	}
	return "(unknown)";
}

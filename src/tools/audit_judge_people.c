/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/audit_judge.h"

#include "tools/audit_stats.h"
#include "tools/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	CHALLENGES_LEAST = 5,
	CHALLENGE_BITS_LEAST = 64,
	NAMES_LEAST = 2,     /* answers about a name that differ: one may be a lost packet */
	TIME_LEAST_US = 150, /* a smaller difference is that of one machine's mood */
	INVALS_LEAST = 8,
	SHOWN_BYTES = 40,
};
static const double time_units = 4; /* of chance: one in 16,000 audits is wrong */

/* The challenge in an exchange's answers: AUTHREQ or REGAUTH. */
static bool challenge_of(const struct tool_audit_exchange *exchange, struct iax_ies *ies)
{
	const int call = tool_audit_find(exchange, IAX_AUTHREQ);
	const int at = call >= 0 ? call : tool_audit_find(exchange, IAX_REGAUTH);
	struct iax_frame frame;

	return at >= 0 && tool_audit_decode(&exchange->answers[at], &frame, ies);
}

static const char no_challenge[] = "it asked nobody for credentials";

void audit_judge_plaintext(const struct tool_audit_row *row, const struct tool_audit_record *record,
                           struct tool_audit_verdict *verdict)
{
	const struct tool_audit_exchange *exchange = NULL;
	struct iax_ies ies;

	audit_untested(verdict, no_challenge);
	for (size_t at = 0; (exchange = audit_next(row, record, &at)) != NULL;) {
		if (!challenge_of(exchange, &ies)) {
			continue;
		}
		if ((ies.auth_methods & IAX_AUTH_PLAINTEXT) != 0) {
			audit_found(verdict, row->severity, exchange, "%s%s: AUTHMETHODS is 0x%04x",
			            tool_audit_probe_name(exchange->probe),
			            exchange->variant >= AUDIT_KNOWN_NAME ? " that exists" : "", ies.auth_methods);
			return;
		}
		audit_clear(verdict, "AUTHMETHODS is 0x%04x", ies.auth_methods);
	}
}

/* ---- Guests ---- */

static enum tool_audit_severity guest_severity(const struct tool_audit_exchange *exchange)
{
	if (exchange->probe != AUDIT_GUEST) {
		return TOOL_AUDIT_HIGH; /* not even his address is proven */
	}
	switch (exchange->variant) {
	case AUDIT_TO_INTERNATIONAL:
		return TOOL_AUDIT_CRITICAL;
	case AUDIT_TO_RANDOM:
		return TOOL_AUDIT_HIGH;
	default:
		return TOOL_AUDIT_MEDIUM;
	}
}

static const char *guest_whither(const struct tool_audit_exchange *exchange)
{
	static const char *const names[] = { "no number", "s", "a random number", "an international number" };

	return exchange->probe == AUDIT_GUEST && exchange->variant < TG_COUNT(names) ? names[exchange->variant] : "s";
}

void audit_judge_guest(const struct tool_audit_row *row, const struct tool_audit_record *record,
                       struct tool_audit_verdict *verdict)
{
	const struct tool_audit_exchange *exchange = NULL;
	char shape[TOOL_AUDIT_SHAPE_BYTES];

	for (size_t at = 0; (exchange = audit_next(row, record, &at)) != NULL;) {
		const enum tool_audit_severity severity = guest_severity(exchange);

		if (tool_audit_find(exchange, IAX_ACCEPT) < 0) {
			if (verdict->state != TOOL_AUDIT_FOUND && exchange->probe == AUDIT_GUEST) {
				audit_clear(verdict, "%s", tool_audit_shape(exchange, shape));
			}
		} else if (verdict->state != TOOL_AUDIT_FOUND || severity > verdict->severity) {
			audit_found(verdict, severity, exchange, "%s to %s was accepted; we hung up at once",
			            tool_audit_probe_name(exchange->probe), guest_whither(exchange));
		}
	}
}

void audit_judge_guest_tells(const struct tool_audit_row *row, const struct tool_audit_record *record,
                             struct tool_audit_verdict *verdict)
{
	const struct tool_audit_exchange *exchange = NULL;
	char first[TOOL_AUDIT_SHAPE_BYTES] = "", shape[TOOL_AUDIT_SHAPE_BYTES];

	audit_untested(verdict, "no call of a guest was answered");
	for (size_t at = 0; (exchange = audit_next(row, record, &at)) != NULL;) {
		if (exchange->variant == AUDIT_TO_NOTHING || exchange->answer_count == 0) {
			continue;
		}
		tool_audit_shape(exchange, shape);
		if (first[0] != '\0' && strcmp(first, shape) != 0) {
			audit_found(verdict, row->severity, exchange, "%.120s, but to %s %.120s", first,
			            guest_whither(exchange), shape);
			return;
		}
		memcpy(first, shape, sizeof(first));
		audit_clear(verdict, "%s", shape);
	}
}

void audit_judge_login(const struct tool_audit_row *row, const struct tool_audit_record *record,
                       struct tool_audit_verdict *verdict)
{
	const struct tool_audit_exchange *exchange = NULL;
	char shape[TOOL_AUDIT_SHAPE_BYTES];

	audit_untested(verdict, "it asked for no credentials");
	for (size_t at = 0; (exchange = audit_next(row, record, &at)) != NULL;) {
		const bool asked = tool_audit_find(exchange, IAX_AUTHREQ) >= 0;

		if (asked && tool_audit_find(exchange, IAX_ACCEPT) >= 0) {
			audit_found(verdict, row->severity, exchange, "%s", tool_audit_shape(exchange, shape));
			return;
		}
		if (asked) {
			audit_clear(verdict, "%s", tool_audit_shape(exchange, shape));
		}
	}
}

/* ---- Names ---- */

static bool is_strangers(const struct tool_audit_record *record, enum tool_audit_probe probe, const char *shape)
{
	char its[TOOL_AUDIT_SHAPE_BYTES];

	for (size_t i = 0; i < record->count; i++) {
		const struct tool_audit_exchange *other = &record->exchanges[i];

		if (other->probe == probe && other->variant == AUDIT_RANDOM_NAME &&
		    strcmp(tool_audit_shape(other, its), shape) == 0) {
			return true;
		}
	}
	return false;
}

static const char no_names[] = "name some that exist: --names";

static bool is_without_token(const struct tool_audit_exchange *exchange)
{
	return exchange->probe == AUDIT_CALL_NO_TOKEN || exchange->probe == AUDIT_REG_NO_TOKEN;
}

void audit_judge_names_bytes(const struct tool_audit_row *row, const struct tool_audit_record *record,
                             struct tool_audit_verdict *verdict)
{
	const struct tool_audit_exchange *exchange = NULL;
	char shape[TOOL_AUDIT_SHAPE_BYTES];
	unsigned other[TOOL_AUDIT_PROBE_COUNT][TOOL_AUDIT_NAMES_MAX] = { 0 }, known = 0, answered = 0;

	for (size_t at = 0; (exchange = audit_next(row, record, &at)) != NULL;) {
		const unsigned name = (unsigned)(exchange->variant - AUDIT_KNOWN_NAME);
		/* Without a token each name is tried once: then only an answer counts, which no loss can have made. */
		const unsigned least = is_without_token(exchange) && exchange->answer_count > 0 ? 1 : NAMES_LEAST;

		if (exchange->variant < AUDIT_KNOWN_NAME || name >= TOOL_AUDIT_NAMES_MAX) {
			continue;
		}
		known++;
		answered += exchange->answer_count > 0 ? 1 : 0;
		if (!is_strangers(record, exchange->probe, tool_audit_shape(exchange, shape)) &&
		    ++other[exchange->probe][name] >= least) {
			audit_found(verdict, row->severity, exchange,
			            "%s: a name that exists gets %.200s, others do not",
			            tool_audit_probe_name(exchange->probe), shape);
			return;
		}
	}
	if (known == 0 || answered == 0) {
		audit_untested(verdict, "%s", known == 0 ? no_names : "no name was answered");
	} else {
		audit_clear(verdict, "the same answers to %u requests with names that exist as to others", known);
	}
}

static void times_of(const struct tool_audit_record *record, enum tool_audit_probe probe, bool known,
                     struct tool_audit_samples *samples)
{
	samples->count = 0;
	for (size_t i = 0; i < record->count; i++) {
		const struct tool_audit_exchange *exchange = &record->exchanges[i];

		if (exchange->probe == probe && exchange->answer_count > 0 &&
		    known == (exchange->variant >= AUDIT_KNOWN_NAME)) {
			tool_audit_samples_add(samples, exchange->answers[0].at_us - exchange->sent_us);
		}
	}
}

void audit_judge_names_time(const struct tool_audit_row *row, const struct tool_audit_record *record,
                            struct tool_audit_verdict *verdict)
{
	static const enum tool_audit_probe probes[] = { AUDIT_NAME_CALL, AUDIT_NAME_REG };
	struct tool_audit_samples known, others;

	audit_untested(verdict, no_names);
	for (size_t i = 0; i < TG_COUNT(probes); i++) {
		times_of(record, probes[i], true, &known);
		times_of(record, probes[i], false, &others);
		const uint64_t a = tool_audit_median(&known), b = tool_audit_median(&others);
		const double apart = tool_audit_apart(&known, &others);

		if (!tool_audit_can_tell(known.count, others.count, time_units)) {
			if (known.count > 0 && verdict->state == TOOL_AUDIT_UNTESTED) {
				audit_untested(verdict, "too few answers to tell times from chance");
			}
		} else if ((apart > time_units || apart < -time_units) && (a > b ? a - b : b - a) >= TIME_LEAST_US) {
			audit_found(verdict, row->severity, NULL,
			            "%s: %.3f ms for names that exist, %.3f ms for others (medians of %zu and %zu)",
			            tool_audit_probe_name(probes[i]), (double)a / TG_US_PER_MS,
			            (double)b / TG_US_PER_MS, known.count, others.count);
			return;
		} else {
			audit_clear(verdict, "%.3f and %.3f ms (medians of %zu and %zu)", (double)a / TG_US_PER_MS,
			            (double)b / TG_US_PER_MS, known.count, others.count);
		}
	}
}

/* ---- The rest ---- */

void audit_judge_firmware(const struct tool_audit_row *row, const struct tool_audit_record *record,
                          struct tool_audit_verdict *verdict)
{
	const struct tool_audit_exchange *exchange = NULL;
	char shape[TOOL_AUDIT_SHAPE_BYTES];

	for (size_t at = 0; (exchange = audit_next(row, record, &at)) != NULL;) {
		if (tool_audit_find(exchange, IAX_FWDATA) >= 0 || tool_audit_find(exchange, IAX_PROVISION) >= 0) {
			audit_found(verdict, row->severity, exchange, "%s: %s", tool_audit_probe_name(exchange->probe),
			            tool_audit_shape(exchange, shape));
			return;
		}
		if (exchange->probe == AUDIT_FIRMWARE) {
			audit_clear(verdict, "%s", tool_audit_shape(exchange, shape));
		}
	}
}

void audit_judge_challenge(const struct tool_audit_row *row, const struct tool_audit_record *record,
                           struct tool_audit_verdict *verdict)
{
	const struct tool_audit_exchange *exchange = NULL, *last = NULL;
	struct tool_audit_entropy entropy = { 0 };
	struct iax_ies ies;

	for (size_t at = 0; (exchange = audit_next(row, record, &at)) != NULL;) {
		if (challenge_of(exchange, &ies) && (ies.auth_methods & (IAX_AUTH_MD5 | IAX_AUTH_RSA)) != 0) {
			tool_audit_entropy_add(&entropy, ies.challenge);
			last = exchange;
		}
	}
	const unsigned bits = tool_audit_entropy_bits(&entropy);

	if (entropy.count < CHALLENGES_LEAST) {
		audit_untested(verdict, "%zu challenges are too few", entropy.count);
	} else if (entropy.twice) {
		audit_found(verdict, row->severity, last, "of %zu challenges two were the same", entropy.count);
	} else if (bits < CHALLENGE_BITS_LEAST) {
		audit_found(verdict, row->severity, last, "at most %u bits differ in %zu challenges", bits,
		            entropy.count);
	} else {
		audit_clear(verdict, "%zu challenges of at most %u bits", entropy.count, bits);
	}
}

void audit_judge_encryption(const struct tool_audit_row *row, const struct tool_audit_record *record,
                            struct tool_audit_verdict *verdict)
{
	const struct tool_audit_exchange *exchange = NULL;
	struct iax_ies ies;

	audit_untested(verdict, no_challenge);
	for (size_t at = 0; (exchange = audit_next(row, record, &at)) != NULL;) {
		if (!challenge_of(exchange, &ies)) {
			continue;
		}
		if ((ies.encryption & IAX_ENCRYPTION_AES128) != 0) {
			audit_clear(verdict, "ENCRYPTION is 0x%04x", ies.encryption);
		} else {
			audit_found(verdict, row->severity, exchange,
			            "we offered AES-128, the challenge says nothing of it");
			return;
		}
	}
}

void audit_judge_inval(const struct tool_audit_row *row, const struct tool_audit_record *record,
                       struct tool_audit_verdict *verdict)
{
	const struct tool_audit_exchange *exchange = NULL, *last = NULL;
	unsigned asked = 0, answered = 0;

	for (size_t at = 0; (exchange = audit_next(row, record, &at)) != NULL;) {
		asked++;
		if (exchange->packets_back > 0) {
			answered++;
			last = exchange;
		}
	}
	if (asked < INVALS_LEAST) {
		audit_untested(verdict, "%u frames are too few", asked);
	} else if (answered == asked) {
		audit_found(verdict, row->severity, last, "each of %u frames was answered", asked);
	} else {
		audit_clear(verdict, "%u of %u frames were answered", answered, asked);
	}
}

/* What an element tells of the host, for people; "" for nothing. */
static void disclosed(const struct iax_ies *ies, char *text, size_t text_bytes)
{
	const struct {
		enum iax_ie id;
		const char *name;
		struct tg_span said;
	} rows[] = {
		{ IAX_IE_DEVICETYPE, "device", ies->device_type },
		{ IAX_IE_SERVICEIDENT, "service", ies->service_ident },
		{ IAX_IE_CAUSE, "cause in words", ies->cause },
		{ IAX_IE_FIRMWAREVER, "version of firmware", { 0 } },
		{ IAX_IE_PROVVER, "version of provisioning", { 0 } },
		{ IAX_IE_DATETIME, "its clock", { 0 } },
	};

	text[0] = '\0';
	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		char said[SHOWN_BYTES];

		if (!iax_ies_has(ies, rows[i].id)) {
			continue;
		}
		tool_report_say(said, sizeof(said), rows[i].said);
		snprintf(text, text_bytes, rows[i].said.len > 0 ? "%s \"%s\"" : "%s%s", rows[i].name, said);
		return;
	}
}

void audit_judge_disclosure(const struct tool_audit_row *row, const struct tool_audit_record *record,
                            struct tool_audit_verdict *verdict)
{
	const struct tool_audit_exchange *exchange = NULL;
	struct iax_frame frame;
	struct iax_ies ies;
	char text[2 * SHOWN_BYTES];

	audit_clear(verdict, "no element says what it is");
	for (size_t at = 0; (exchange = audit_next(row, record, &at)) != NULL;) {
		for (size_t i = 0; i < exchange->answer_count; i++) {
			text[0] = '\0';
			if (tool_audit_decode(&exchange->answers[i], &frame, &ies)) {
				disclosed(&ies, text, sizeof(text));
			}
			if (text[0] != '\0') {
				audit_found(verdict, row->severity, exchange, "%s: %s",
				            tool_audit_probe_name(exchange->probe), text);
				return;
			}
		}
	}
}

/* How the invalid login ended: what a wrong secret gets. */
static const char *wrong_secret(const struct tool_audit_record *record, char text[TOOL_AUDIT_SHAPE_BYTES])
{
	text[0] = '\0';
	for (size_t i = 0; i < record->count; i++) {
		if (record->exchanges[i].probe == AUDIT_LOGIN) {
			tool_audit_shape(&record->exchanges[i], text);
		}
	}
	return text;
}

void audit_judge_account(const struct tool_audit_row *row, const struct tool_audit_record *record,
                         struct tool_audit_verdict *verdict)
{
	const struct tool_audit_exchange *exchange = NULL;
	char shape[TOOL_AUDIT_SHAPE_BYTES], wrong[TOOL_AUDIT_SHAPE_BYTES] = "";

	audit_untested(verdict, record->has_secret ? "it was not asked" : "no account was given: --account");
	for (size_t at = 0; (exchange = audit_next(row, record, &at)) != NULL;) {
		tool_audit_shape(exchange, shape);
		if (tool_audit_find(exchange, IAX_ACCEPT) >= 0) {
			audit_clear(verdict, "its call was accepted; we hung up at once");
		} else if (tool_audit_find(exchange, IAX_REJECT) > 0 &&
		           strstr(wrong_secret(record, wrong), "REJECT") == NULL) {
			audit_untested(verdict, "refused, and how a wrong secret is refused was not to be seen: %.200s",
			               shape);
		} else if (tool_audit_find(exchange, IAX_AUTHREQ) >= 0 && tool_audit_find(exchange, IAX_REJECT) > 0 &&
		           strcmp(shape, wrong) != 0) {
			audit_clear(verdict, "the secret was right, the call refused: %.200s", shape);
		} else {
			audit_found(verdict, row->severity, exchange, "%s", shape);
			return;
		}
	}
}

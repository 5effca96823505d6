/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/audit_judge.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
	TOKEN_LEAST_BYTES = 6,
	CLOCK_DIGITS = 9,
	CLOCK_NEAR_S = 2 * 24 * 3600, /* of readable digits: clocks differ */
	CLOCK_SAME_S = 5,             /* of four octets, which may be anything */
	HEADERS_IPV4 = 28,
};

/* ---- Saying it ---- */

static void say(struct tool_audit_verdict *verdict, const char *format, va_list values)
{
	vsnprintf(verdict->seen, sizeof(verdict->seen), format, values);
}

void audit_found(struct tool_audit_verdict *verdict, enum tool_audit_severity severity,
                 const struct tool_audit_exchange *evidence, const char *format, ...)
{
	va_list values;

	verdict->state = TOOL_AUDIT_FOUND;
	verdict->severity = severity;
	verdict->evidence = evidence;
	va_start(values, format);
	say(verdict, format, values);
	va_end(values);
}

void audit_clear(struct tool_audit_verdict *verdict, const char *format, ...)
{
	va_list values;

	verdict->state = TOOL_AUDIT_CLEAR;
	va_start(values, format);
	say(verdict, format, values);
	va_end(values);
}

void audit_untested(struct tool_audit_verdict *verdict, const char *format, ...)
{
	va_list values;

	verdict->state = TOOL_AUDIT_UNTESTED;
	va_start(values, format);
	say(verdict, format, values);
	va_end(values);
}

const struct tool_audit_exchange *audit_next(const struct tool_audit_row *row, const struct tool_audit_record *record,
                                             size_t *at)
{
	while (*at < record->count) {
		const struct tool_audit_exchange *exchange = &record->exchanges[(*at)++];

		if ((row->probes & TOOL_AUDIT_BIT(exchange->probe)) != 0) {
			return exchange;
		}
	}
	return NULL;
}

/* ---- Presence, and answers to anybody ---- */

void audit_judge_present(const struct tool_audit_row *row, const struct tool_audit_record *record,
                         struct tool_audit_verdict *verdict)
{
	const struct tool_audit_exchange *exchange = NULL;
	char shape[TOOL_AUDIT_SHAPE_BYTES];

	for (size_t at = 0; (exchange = audit_next(row, record, &at)) != NULL;) {
		if (tool_audit_subclass(exchange, 0) != 0) {
			audit_found(verdict, row->severity, exchange, "%s: %s", tool_audit_probe_name(exchange->probe),
			            tool_audit_shape(exchange, shape));
			return;
		}
	}
	audit_untested(verdict, "what answers does not speak IAX2");
}

void audit_judge_answered(const struct tool_audit_row *row, const struct tool_audit_record *record,
                          struct tool_audit_verdict *verdict)
{
	const struct tool_audit_exchange *exchange = NULL;
	char shape[TOOL_AUDIT_SHAPE_BYTES];

	for (size_t at = 0; (exchange = audit_next(row, record, &at)) != NULL;) {
		if (exchange->packets_back > 0) {
			audit_found(verdict, row->severity, exchange, "%s: %s", tool_audit_probe_name(exchange->probe),
			            tool_audit_shape(exchange, shape));
			return;
		}
		audit_clear(verdict, "no answer");
	}
}

/* ---- Tokens ---- */

static bool opens(const struct tool_audit_exchange *exchange)
{
	static const unsigned opened[] = { IAX_AUTHREQ, IAX_ACCEPT, IAX_REGAUTH, IAX_REGACK };

	for (size_t i = 0; i < TG_COUNT(opened); i++) {
		if (tool_audit_find(exchange, opened[i]) >= 0) {
			return true;
		}
	}
	return false;
}

void audit_judge_opened(const struct tool_audit_row *row, const struct tool_audit_record *record,
                        struct tool_audit_verdict *verdict)
{
	const struct tool_audit_exchange *exchange = NULL;
	char shape[TOOL_AUDIT_SHAPE_BYTES];

	for (size_t at = 0; (exchange = audit_next(row, record, &at)) != NULL;) {
		if (opens(exchange)) {
			audit_found(verdict, row->severity, exchange, "%s%s: %s",
			            tool_audit_probe_name(exchange->probe),
			            exchange->variant >= AUDIT_KNOWN_NAME ? ", for a name that exists" : "",
			            tool_audit_shape(exchange, shape));
			return;
		}
		audit_clear(verdict, "%s: %s", tool_audit_probe_name(exchange->probe),
		            tool_audit_shape(exchange, shape));
	}
}

/* What somebody unknown gets whose token is good: who gets the same with a bad one has it taken as good. */
static bool looks_like_good(const struct tool_audit_record *record, const struct tool_audit_exchange *exchange)
{
	const enum tool_audit_probe good = exchange->probe == AUDIT_REG_FORGED ? AUDIT_NAME_REG : AUDIT_NAME_CALL;
	char mine[TOOL_AUDIT_SHAPE_BYTES], its[TOOL_AUDIT_SHAPE_BYTES];

	if (exchange->answer_count == 0) {
		return false;
	}
	tool_audit_shape(exchange, mine);
	for (size_t i = 0; i < record->count; i++) {
		const struct tool_audit_exchange *other = &record->exchanges[i];

		if (other->probe == good && other->variant == AUDIT_RANDOM_NAME && other->proven &&
		    strcmp(tool_audit_shape(other, its), mine) == 0) {
			return true;
		}
	}
	return false;
}

void audit_judge_taken_as_good(const struct tool_audit_row *row, const struct tool_audit_record *record,
                               struct tool_audit_verdict *verdict)
{
	const struct tool_audit_exchange *exchange = NULL;
	char shape[TOOL_AUDIT_SHAPE_BYTES];

	for (size_t at = 0; (exchange = audit_next(row, record, &at)) != NULL;) {
		if (opens(exchange) || looks_like_good(record, exchange)) {
			audit_found(verdict, row->severity, exchange, "%s: %s", tool_audit_probe_name(exchange->probe),
			            tool_audit_shape(exchange, shape));
			return;
		}
		audit_clear(verdict, "%s: %s", tool_audit_probe_name(exchange->probe),
		            tool_audit_shape(exchange, shape));
	}
}

/* The token in the answers of an exchange, as views into them. */
static bool token_of(const struct tool_audit_exchange *exchange, struct tg_span *token)
{
	const int at = tool_audit_find(exchange, IAX_CALLTOKEN);
	struct iax_frame frame;
	struct iax_ies ies;

	if (at < 0 || !tool_audit_decode(&exchange->answers[at], &frame, &ies) ||
	    !iax_ies_has(&ies, IAX_IE_CALLTOKEN)) {
		return false;
	}
	*token = ies.call_token;
	return true;
}

static const char no_token[] = "it gave no token";

void audit_judge_token_short(const struct tool_audit_row *row, const struct tool_audit_record *record,
                             struct tool_audit_verdict *verdict)
{
	const struct tool_audit_exchange *exchange = NULL;
	struct tg_span token;

	audit_untested(verdict, no_token);
	for (size_t at = 0; (exchange = audit_next(row, record, &at)) != NULL;) {
		if (!token_of(exchange, &token)) {
			continue;
		}
		if (token.len < TOKEN_LEAST_BYTES) {
			audit_found(verdict, row->severity, exchange, "a token has %zu octets", token.len);
			return;
		}
		audit_clear(verdict, "a token has %zu octets", token.len);
	}
}

static bool is_near(uint64_t value, uint64_t wall_s, uint64_t within_s)
{
	return value + within_s >= wall_s && value <= wall_s + within_s;
}

/* The host's time in a token: as readable digits, or as four octets in either order. */
static bool has_clock(struct tg_span token, uint64_t wall_s)
{
	uint64_t digits = 0;
	unsigned run = 0;

	for (size_t i = 0; i < token.len; i++) {
		const bool is_digit = token.p[i] >= '0' && token.p[i] <= '9';

		digits = is_digit && run < 10 ? digits * 10 + (uint64_t)(token.p[i] - '0') : 0;
		run = is_digit && run < 10 ? run + 1 : 0;
		if (run >= CLOCK_DIGITS && is_near(digits, wall_s, CLOCK_NEAR_S)) {
			return true;
		}
	}
	for (size_t i = 0; i + 4 <= token.len; i++) {
		const uint8_t *p = token.p + i;
		const uint32_t big = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
		const uint32_t little = (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];

		if (is_near(big, wall_s, CLOCK_SAME_S) || is_near(little, wall_s, CLOCK_SAME_S)) {
			return true;
		}
	}
	return false;
}

void audit_judge_token_clock(const struct tool_audit_row *row, const struct tool_audit_record *record,
                             struct tool_audit_verdict *verdict)
{
	const struct tool_audit_exchange *exchange = NULL;
	struct tg_span token;

	audit_untested(verdict, no_token);
	for (size_t at = 0; (exchange = audit_next(row, record, &at)) != NULL;) {
		if (!token_of(exchange, &token)) {
			continue;
		}
		if (has_clock(token, record->wall_s)) {
			audit_found(verdict, row->severity, exchange, "the time can be read in a token of %zu octets",
			            token.len);
			return;
		}
		audit_clear(verdict, "no time can be read in it");
	}
}

/* ---- What strangers can have sent to others ---- */

static double factor_of(const struct tool_audit_exchange *exchange, unsigned headers)
{
	return (double)(exchange->bytes_back + exchange->packets_back * headers) /
	       (double)(exchange->request_len + headers);
}

void audit_judge_amplification(const struct tool_audit_row *row, const struct tool_audit_record *record,
                               struct tool_audit_verdict *verdict)
{
	const struct tool_audit_exchange *exchange = NULL, *worst = NULL;
	double most = 0;

	for (size_t at = 0; (exchange = audit_next(row, record, &at)) != NULL;) {
		const double payload = exchange->request_len > 0 ? factor_of(exchange, 0) : 0;
		const double wire = factor_of(exchange, HEADERS_IPV4);
		const double more = payload > wire ? payload : wire;

		if (!exchange->proven && more > most) {
			most = more;
			worst = exchange;
		}
	}
	if (worst == NULL) {
		audit_clear(verdict, "nobody is answered without a token");
	} else if (most <= 1) {
		audit_clear(verdict, "at most %.2f times: %s", most, tool_audit_probe_name(worst->probe));
	} else {
		audit_found(
			verdict, most > 2 ? TOOL_AUDIT_HIGH : TOOL_AUDIT_MEDIUM, worst,
			"%s: %u octets in %u packets for %u octets: %.2f times, %.2f times with the headers of IPv4",
			tool_audit_probe_name(worst->probe), worst->bytes_back, worst->packets_back, worst->request_len,
			factor_of(worst, 0), factor_of(worst, HEADERS_IPV4));
	}
}

void audit_judge_repeats(const struct tool_audit_row *row, const struct tool_audit_record *record,
                         struct tool_audit_verdict *verdict)
{
	const struct tool_audit_exchange *exchange = NULL, *worst = NULL;

	for (size_t at = 0; (exchange = audit_next(row, record, &at)) != NULL;) {
		if (!exchange->proven && exchange->repeats > 0 &&
		    (worst == NULL || exchange->repeats > worst->repeats)) {
			worst = exchange;
		}
	}
	if (worst == NULL) {
		audit_clear(verdict, "nothing is sent again to those who gave back no token");
		return;
	}
	audit_found(verdict, row->severity, worst, "%s: the answer came %u times more in %.1f s",
	            tool_audit_probe_name(worst->probe), worst->repeats,
	            (double)(worst->closed_us - worst->sent_us) / TG_US_PER_S);
}

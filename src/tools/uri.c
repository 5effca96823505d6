/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/uri.h"

#include "base/addr.h"
#include "iax/wire.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static const char unreserved[] = "-._~*+#"; /* stand for themselves in our output; * + # are dialled */

static bool is_alnum(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Where c is in text, or text.len. */
static size_t find(struct tg_span text, char c)
{
	const uint8_t *at = text.p != NULL ? memchr(text.p, c, text.len) : NULL;

	return at != NULL ? (size_t)(at - text.p) : text.len;
}

static struct tg_span head(struct tg_span text, size_t len)
{
	return (struct tg_span){ text.p, len };
}

/* What is behind the first len octets; none of it if there is nothing. */
static struct tg_span tail(struct tg_span text, size_t len)
{
	return len < text.len ? (struct tg_span){ text.p + len, text.len - len } : (struct tg_span){ 0 };
}

static bool take_scheme(struct tg_span *text)
{
	const struct tg_span scheme = head(*text, find(*text, ':'));

	if (scheme.len == text->len ||
	    (!tg_span_equal_nocase(scheme, TG_SPAN_LIT("iax")) && !tg_span_equal_nocase(scheme, TG_SPAN_LIT("iax2")))) {
		return false;
	}
	*text = tail(*text, scheme.len + 1);
	return true;
}

/* One part without its percent-encoding (RFC 3986, 2.1). */
static const char *part(char out[TOOL_URI_PART_MAX + 1], struct tg_span in)
{
	size_t len = 0;

	for (size_t i = 0; i < in.len; i++) {
		uint8_t c = in.p[i];

		if (c == '%') {
			size_t got = 0;

			if (in.len - i < 3 || !tg_hex_decode(&c, 1, head(tail(in, i + 1), 2), &got)) {
				return "'%' without two hexadecimal digits";
			}
			i += 2;
		}
		if (c < ' ' || c == 0x7f) {
			return "a control character";
		}
		if (len == TOOL_URI_PART_MAX) {
			return "a part longer than 80 octets";
		}
		out[len++] = (char)c;
	}
	out[len] = '\0';
	return NULL;
}

static const char *take_username(struct tool_uri *out, struct tg_span *text)
{
	const size_t at = find(*text, '@');

	if (at >= find(*text, '/') || at == text->len) {
		return NULL;
	}
	if (at == 0) {
		return "nothing in front of '@'";
	}
	const char *wrong = part(out->username, head(*text, at));

	if (wrong == NULL && strchr(out->username, ':') != NULL) {
		wrong = "a secret in the URI: use --secret-file or TOLLGATE_SECRET";
	}
	*text = tail(*text, at + 1);
	return wrong;
}

static const char *take_ipv6(struct tool_uri *out, struct tg_span *text)
{
	const size_t end = find(*text, ']');
	const struct tg_span host = end > 0 ? head(tail(*text, 1), end - 1) : (struct tg_span){ 0 };
	struct tg_addr addr;

	if (end == text->len) {
		return "'[' without ']'";
	}
	if (!tg_addr_parse(&addr, host, IAX_PORT) || find(host, ':') == host.len ||
	    !tg_span_copy(out->host, sizeof(out->host), host)) {
		return "no IPv6 address between '[' and ']'";
	}
	out->host_is_ipv6 = true;
	*text = tail(*text, end + 1);
	return NULL;
}

static const char *take_host(struct tool_uri *out, struct tg_span *text)
{
	size_t len = 0;

	if (text->len > 0 && text->p[0] == '[') {
		return take_ipv6(out, text);
	}
	while (len < text->len && (is_alnum(text->p[len]) || strchr("-._", text->p[len]) != NULL) &&
	       text->p[len] != '\0') {
		len++;
	}
	if (len == 0) {
		return "no host";
	}
	if (!tg_span_copy(out->host, sizeof(out->host), head(*text, len))) {
		return "a host longer than 253 octets";
	}
	*text = tail(*text, len);
	return NULL;
}

static const char *take_port(struct tool_uri *out, struct tg_span *text)
{
	uint32_t port = 0;
	size_t len = 1;

	if (text->len == 0 || text->p[0] != ':') {
		return NULL;
	}
	for (; len < text->len && text->p[len] >= '0' && text->p[len] <= '9' && port <= UINT16_MAX; len++) {
		port = port * 10 + (text->p[len] - (uint32_t)'0');
	}
	if (port == 0 || port > UINT16_MAX) {
		return "a port that is not in 1..65535 (an IPv6 address belongs in brackets)";
	}
	out->port = (uint16_t)port;
	*text = tail(*text, len);
	return NULL;
}

static const char *take_number(struct tool_uri *out, struct tg_span text)
{
	if (text.len == 0) {
		return NULL;
	}
	if (text.p[0] != '/') {
		return "neither ':port' nor '/number' behind the host";
	}
	const struct tg_span path = tail(text, 1);
	const size_t query = find(path, '?');
	const char *wrong = part(out->number, head(path, query));

	if (wrong == NULL && query == 0) {
		wrong = "no number behind '/'";
	}
	return wrong != NULL ? wrong : part(out->context, tail(path, query + 1));
}

const char *tool_uri_parse(struct tool_uri *out, struct tg_span text)
{
	const char *wrong = NULL;

	*out = (struct tool_uri){ .port = IAX_PORT };
	if (!take_scheme(&text)) {
		return "it does not start with \"iax2:\" or \"iax:\"";
	}
	if ((wrong = take_username(out, &text)) != NULL || (wrong = take_host(out, &text)) != NULL ||
	    (wrong = take_port(out, &text)) != NULL) {
		return wrong;
	}
	return take_number(out, text);
}

static bool hosts_equal(const struct tool_uri *a, const struct tool_uri *b)
{
	struct tg_addr one, other;
	const bool one_is = tg_addr_parse(&one, tg_span_text(a->host), 0);
	const bool other_is = tg_addr_parse(&other, tg_span_text(b->host), 0);

	if (one_is || other_is) {
		return one_is && other_is && tg_addr_same_host(one, other);
	}
	return strcasecmp(a->host, b->host) == 0;
}

bool tool_uri_equal(const struct tool_uri *a, const struct tool_uri *b)
{
	return strcmp(a->username, b->username) == 0 && hosts_equal(a, b) && a->port == b->port &&
	       strcasecmp(a->number, b->number) == 0 && strcasecmp(a->context, b->context) == 0;
}

static void put_part(struct tg_writer *w, const char *text)
{
	for (const char *c = text; *c != '\0'; c++) {
		const uint8_t octet = (uint8_t)*c;
		char code[4];

		if (is_alnum(octet) || strchr(unreserved, octet) != NULL) {
			tg_put_u8(w, octet);
			continue;
		}
		snprintf(code, sizeof(code), "%%%02X", (unsigned)octet);
		tg_put_span(w, tg_span_text(code));
	}
}

const char *tool_uri_format(const struct tool_uri *uri, char text[TOOL_URI_TEXT_BYTES])
{
	struct tg_writer w = tg_writer_of(text, TOOL_URI_TEXT_BYTES - 1);
	char host[TOOL_URI_HOST_MAX + 16];

	tg_put_span(&w, TG_SPAN_LIT("iax2:"));
	if (uri->username[0] != '\0') {
		put_part(&w, uri->username);
		tg_put_u8(&w, '@');
	}
	snprintf(host, sizeof(host), uri->host_is_ipv6 ? "[%s]:%u" : "%s:%u", uri->host, (unsigned)uri->port);
	tg_put_span(&w, tg_span_text(host));
	if (uri->number[0] != '\0') {
		tg_put_u8(&w, '/');
		put_part(&w, uri->number);
	}
	if (uri->context[0] != '\0') {
		tg_put_u8(&w, '?');
		put_part(&w, uri->context);
	}
	text[tg_writer_span(&w).len] = '\0';
	return text;
}

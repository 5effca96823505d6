/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/setting.h"

#include "base/text.h"
#include "conf/value.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool conf_expected(struct conf_setting *s, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(s->expected, sizeof(s->expected), format, args);
	va_end(args);
	return false;
}

#define WARN(s, ...)                                                                      \
	do {                                                                              \
		if (!(s)->quiet) {                                                        \
			conf_warning((s)->loading->problems, (s)->line->at, __VA_ARGS__); \
		}                                                                         \
	} while (false)

static struct tg_span value_of(const struct conf_setting *s)
{
	return tg_span_text(s->line->value);
}

static const char *keep(struct conf_setting *s, struct tg_span text)
{
	const char *kept = conf_arena_text(s->loading->arena, text);

	return kept != NULL ? kept : "";
}

/* ---- plain values ---- */

bool conf_parse_bool(struct conf_setting *s, void *field)
{
	bool value;

	if (!conf_value_bool(value_of(s), &value)) {
		return conf_expected(s, "yes or no");
	}
	*(uint8_t *)field = value ? 1 : 0;
	return true;
}

bool conf_parse_u32(struct conf_setting *s, void *field)
{
	uint64_t value;

	if (!tg_text_uint(s->line->value, s->option->min, s->option->max, &value)) {
		return conf_expected(s, "a whole number from %u to %u", s->option->min, s->option->max);
	}
	*(uint32_t *)field = (uint32_t)value;
	return true;
}

bool conf_parse_u8(struct conf_setting *s, void *field)
{
	uint32_t value = 0;

	if (!conf_parse_u32(s, &value)) {
		return false;
	}
	*(uint8_t *)field = (uint8_t)value;
	return true;
}

bool conf_parse_text(struct conf_setting *s, void *field)
{
	const struct tg_span value = value_of(s);

	if (value.len < s->option->min || value.len > s->option->max || !tg_utf8_is_plain(value)) {
		return conf_expected(s, "a text of %u to %u octets in UTF-8", s->option->min, s->option->max);
	}
	*(const char **)field = s->line->value;
	return true;
}

bool conf_parse_tos(struct conf_setting *s, void *field)
{
	return conf_value_tos(value_of(s), field) || conf_expected(s, "0 to 255, or a name such as EF, CS5 or AF41");
}

bool conf_parse_tri(struct conf_setting *s, void *field)
{
	uint8_t value = 0;

	if (strcasecmp(s->line->value, "auto") == 0) {
		*(uint8_t *)field = WORLD_AUTO;
		return true;
	}
	if (!conf_parse_bool(s, &value)) {
		return conf_expected(s, "yes, no or auto");
	}
	*(uint8_t *)field = value != 0 ? WORLD_YES : WORLD_NO;
	return true;
}

bool conf_parse_codec_priority(struct conf_setting *s, void *field)
{
	static const char *const names[WORLD_CODEC_PRIORITIES] = {
		[WORLD_CODEC_HOST] = "host",
		[WORLD_CODEC_CALLER] = "caller",
		[WORLD_CODEC_DISABLED] = "disabled",
		[WORLD_CODEC_REQONLY] = "reqonly",
	};

	for (unsigned i = 0; i < WORLD_CODEC_PRIORITIES; i++) {
		if (strcasecmp(s->line->value, names[i]) == 0) {
			*(uint8_t *)field = (uint8_t)i;
			return true;
		}
	}
	return conf_expected(s, "host, caller, disabled or reqonly");
}

static bool edit_codecs(struct conf_setting *s, struct world_codecs *codecs, bool allow)
{
	struct tg_span wrong = { 0 }, ignored = { 0 };

	if (!conf_codecs_edit(codecs, allow, value_of(s), &wrong, &ignored)) {
		return conf_expected(s, "a list of codecs such as ulaw,alaw,gsm,g722, or all");
	}
	if (ignored.len > 0) {
		WARN(s, "%s: \"%.*s\" has no effect: voice is passed on as it comes, and only voice", s->option->name,
		     (int)ignored.len, (const char *)ignored.p);
	}
	return true;
}

bool conf_parse_allow(struct conf_setting *s, void *field)
{
	return edit_codecs(s, field, true);
}

bool conf_parse_disallow(struct conf_setting *s, void *field)
{
	return edit_codecs(s, field, false);
}

/* Only md5 is there. What asks for RSA alone is not given less: such an account stays locked (conf/keys.h). */
bool conf_parse_auth(struct conf_setting *s, void *field)
{
	struct tg_span left = value_of(s);
	bool md5 = false, rsa = false;

	while (left.len > 0) {
		const struct tg_span word = conf_value_take_item(&left, ',');

		if (tg_span_equal_nocase(word, TG_SPAN_LIT("plaintext"))) {
			return conf_expected(s, "md5: a password is never sent nor taken in clear");
		}
		if (tg_span_equal_nocase(word, TG_SPAN_LIT("rsa"))) {
			rsa = true;
		} else if (tg_span_equal_nocase(word, TG_SPAN_LIT("md5"))) {
			md5 = true;
		} else {
			return conf_expected(s, "md5");
		}
	}
	if (!md5 && !rsa) {
		return conf_expected(s, "md5");
	}
	if (md5 && rsa) {
		WARN(s, "auth: RSA keys are not supported in this version; md5 alone is used");
	}
	*(bool *)field = !md5;
	return true;
}

bool conf_parse_keys(struct conf_setting *s, void *field)
{
	*(bool *)field = s->line->value[0] != '\0';
	return true;
}

/* ---- [general] ---- */

bool conf_parse_bind_port(struct conf_setting *s, void *field)
{
	struct conf_general *general = s->base;

	if (!conf_parse_u32(s, field)) {
		return false;
	}
	general->bind_port_at = s->line->at;
	if (general->first_bind_at.file != NULL) {
		WARN(s, "bindport does not change the bindaddr lines above it");
	}
	return true;
}

bool conf_parse_bind_addr(struct conf_setting *s, void *field)
{
	struct conf_general *general = s->base;
	struct world_settings *settings = field;
	struct tg_addr addr;

	if (general->first_bind_at.file == NULL) {
		general->first_bind_at = s->line->at;
		settings->bind_count = 0;
		memset(settings->binds, 0, sizeof(settings->binds));
	}
	if (!tg_addr_parse(&addr, value_of(s), (uint16_t)general->bind_port)) {
		return conf_expected(s,
		                     "an address such as 192.0.2.1, 192.0.2.1:4569, 2001:db8::1 or [2001:db8::1]:4569");
	}
	if (settings->bind_count == WORLD_BINDS_MAX) {
		return conf_expected(s, "at most %d bindaddr lines", WORLD_BINDS_MAX);
	}
	for (uint32_t i = 0; i < settings->bind_count; i++) {
		if (tg_addr_equal(settings->binds[i], addr)) {
			return conf_expected(s, "an address and port that is not in another bindaddr line");
		}
	}
	settings->binds[settings->bind_count++] = addr;
	return true;
}

bool conf_parse_delay_reject(struct conf_setting *s, void *field)
{
	uint8_t value = 0;

	(void)field;
	if (!conf_parse_bool(s, &value)) {
		return false;
	}
	if (value == 0) {
		WARN(s, "delayreject=no has no effect: who has not proven his identity always waits for a refusal");
	}
	return true;
}

static void warn_of_everybody(struct conf_setting *s, const struct world_range *range)
{
	WARN(s,
	     "calltokenoptional: %s/0 excuses everybody from proving his address: calls can then be opened in the name "
	     "of "
	     "any address, and one sender can use up maxcallnumbers_nonvalidated for all; name the addresses of the "
	     "devices that need it",
	     range->base.family == TG_IPV4 ? "0.0.0.0" : "::");
}

/* A list of ranges of addresses becomes rows of a table. */
static bool add_ranges(struct conf_setting *s, enum world_table table)
{
	struct tg_span left = value_of(s);

	do {
		struct world_range range = { .origin = world_build_origin(s->loading->build, s->line->at.file,
			                                                  s->line->at.line) };

		if (!conf_value_prefix(conf_value_take_item(&left, ','), &range.base, &range.bits)) {
			return conf_expected(s, "addresses such as 192.0.2.1 or 2001:db8::/32, without a port");
		}
		if (range.bits == 0 && table == WORLD_TOKEN_OPTIONAL) {
			warn_of_everybody(s, &range);
		} else if (range.bits == 0) {
			WARN(s, "neverban: /0 means that nobody of this family is ever banned");
		}
		world_build_row(s->loading->build, table, &range);
	} while (left.len > 0);
	return true;
}

bool conf_parse_token_optional(struct conf_setting *s, void *field)
{
	(void)field;
	return add_ranges(s, WORLD_TOKEN_OPTIONAL);
}

/* ---- [guard] ---- */

bool conf_parse_never_ban(struct conf_setting *s, void *field)
{
	(void)field;
	return add_ranges(s, WORLD_NEVER_BAN);
}

/* ---- [general] again ---- */

static bool host_is_name(struct tg_span host)
{
	for (size_t i = 0; i < host.len; i++) {
		const uint8_t c = host.p[i];
		const bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';

		if (!letter && !(c >= '0' && c <= '9') && c != '.' && c != '-' && c != '_') {
			return false;
		}
	}
	return host.len > 0 && host.len <= 253;
}

/* `name`, `name:port` or an address as tg_addr_parse() reads it. */
static bool split_host(struct conf_setting *s, struct tg_span text, const char **host, uint32_t *port)
{
	struct tg_addr addr;
	uint64_t number = *port;

	if (tg_addr_parse(&addr, text, (uint16_t)*port)) {
		*host = keep(s, text);
		*port = addr.port;
		return true;
	}
	const struct tg_span name = conf_value_take_item(&text, ':');

	*host = keep(s, name);
	if (!host_is_name(name) || (text.len > 0 && !tg_text_uint(keep(s, text), 1, UINT16_MAX, &number))) {
		return false;
	}
	*port = (uint32_t)number;
	return true;
}

static void register_append(struct conf_general *general, struct conf_register *entry)
{
	if (general->last_register != NULL) {
		general->last_register->next = entry;
	} else {
		general->registers = entry;
	}
	general->last_register = entry;
}

bool conf_parse_register(struct conf_setting *s, void *field)
{
	struct conf_register *entry = conf_arena_alloc(s->loading->arena, sizeof(*entry));
	struct tg_span right = value_of(s);
	struct tg_span left = conf_value_take_item(&right, '@');
	const struct tg_span user = conf_value_take_item(&left, ':');

	if (entry == NULL) {
		return true; /* the arena has latched */
	}
	if (left.len > 0 && left.p[0] == '[') {
		return conf_expected(s, "a secret: RSA keys are not supported in this version");
	}
	*entry = (struct conf_register){ .at = s->line->at, .username = keep(s, user), .port = 4569 };
	entry->secret = left.len > 0 ? keep(s, left) : NULL;
	if (user.len == 0 || user.len > WORLD_NAME_MAX || left.len > MODEL_SECRET_MAX ||
	    !split_host(s, conf_value_trim(right), &entry->host, &entry->port)) {
		return conf_expected(
			s, "user:secret@host:port; other characters go into a section with type=registration");
	}
	register_append(field, entry);
	return true;
}

/* ---- accounts ---- */

/* The type was looked at before the other lines. */
bool conf_parse_type(struct conf_setting *s, void *field)
{
	(void)s;
	(void)field;
	return true;
}

static bool add_secret(struct conf_setting *s, struct conf_texts *secrets, const char *secret)
{
	const size_t len = strlen(secret);

	if (len > MODEL_SECRET_MAX || !tg_utf8_is_plain(tg_span_text(secret))) {
		return conf_expected(s, "a secret of at most %d printable characters", MODEL_SECRET_MAX);
	}
	conf_texts_add(s->loading, secrets, secret, s->line->at);
	return true;
}

bool conf_parse_secret(struct conf_setting *s, void *field)
{
	return add_secret(s, field, s->line->value);
}

/* The first line; nothing else may be in the file. */
static bool add_secret_from(struct conf_setting *s, struct conf_texts *secrets, struct tg_span text)
{
	while (text.len > 0 && (text.p[text.len - 1] == '\n' || text.p[text.len - 1] == '\r')) {
		text.len--;
	}
	if (text.len == 0 || memchr(text.p, '\0', text.len) != NULL || memchr(text.p, '\n', text.len) != NULL) {
		return conf_expected(s, "a file with a secret on its only line");
	}
	return add_secret(s, secrets, keep(s, text));
}

bool conf_parse_secret_file(struct conf_setting *s, void *field)
{
	const struct conf_files *files = s->loading->files;
	const char *why = "cannot be read";
	char *text = NULL;
	size_t len = 0;

	switch (files->read(files->owner, s->line->value, &text, &len, &why)) {
	case CONF_READ_MISSING:
		return conf_expected(s, "a file that is there: cannot find \"%.80s\"", s->line->value);
	case CONF_READ_REFUSED:
		return conf_expected(s, "a readable file: \"%.80s\" %s", s->line->value, why);
	case CONF_READ_OK:
		break;
	}
	const bool good = add_secret_from(s, field, (struct tg_span){ (const uint8_t *)text, len });

	explicit_bzero(text, len);
	free(text);
	return good;
}

bool conf_parse_context(struct conf_setting *s, void *field)
{
	const char *name = "";

	if (!conf_parse_text(s, &name)) {
		return false;
	}
	conf_texts_add(s->loading, field, name, s->line->at);
	return true;
}

static bool add_rules(struct conf_setting *s, struct conf_acl *acl, bool permit)
{
	struct tg_span left = value_of(s);

	do {
		struct tg_span item = conf_value_take_item(&left, ',');
		const bool inverted = item.len > 0 && item.p[0] == '!';
		struct tg_addr base;
		uint8_t bits;

		item = (struct tg_span){ item.p + inverted, item.len - inverted };
		if (!conf_value_prefix(item, &base, &bits)) {
			return conf_expected(
				s, "addresses such as 192.0.2.0/24, 192.0.2.0/255.255.255.0 or 2001:db8::/32");
		}
		conf_acl_add(s->loading, acl, base, bits, permit != inverted, s->line->at);
	} while (left.len > 0);
	return true;
}

bool conf_parse_permit(struct conf_setting *s, void *field)
{
	return add_rules(s, field, true);
}

bool conf_parse_deny(struct conf_setting *s, void *field)
{
	return add_rules(s, field, false);
}

static const char *named_acl_at(const void *owner, size_t index)
{
	const struct conf_named_acl *acl = owner;

	while (acl != NULL && index-- > 0) {
		acl = acl->next;
	}
	return acl != NULL ? acl->name : NULL;
}

bool conf_parse_acl(struct conf_setting *s, void *field)
{
	struct tg_span left = value_of(s);

	do {
		const char *name = keep(s, conf_value_take_item(&left, ','));

		if (conf_named_acl_find(s->loading, tg_span_text(name)) == NULL) {
			const char *near = tg_text_nearest(name, named_acl_at, s->loading->acls);

			return conf_expected(s, "the name of a section of acl.conf%s%s%s",
			                     near != NULL ? "; did you mean \"" : "", near != NULL ? near : "",
			                     near != NULL ? "\"?" : "");
		}
		conf_texts_add(s->loading, field, name, s->line->at);
	} while (left.len > 0);
	return true;
}

static bool is_variable_name(struct tg_span name)
{
	for (size_t i = 0; i < name.len; i++) {
		const uint8_t c = name.p[i];
		const bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';

		if (!letter && c != '_' && (i == 0 || c < '0' || c > '9')) {
			return false;
		}
	}
	return name.len > 0 && name.len <= WORLD_NAME_MAX;
}

bool conf_parse_setvar(struct conf_setting *s, void *field)
{
	struct conf_variable **at = field;
	struct tg_span value = value_of(s);
	const struct tg_span name = conf_value_take_item(&value, '=');
	struct conf_variable *variable = conf_arena_alloc(s->loading->arena, sizeof(*variable));

	if (!is_variable_name(name) || !tg_utf8_is_plain(value)) {
		return conf_expected(s, "NAME=value");
	}
	while (*at != NULL && !tg_span_equal(tg_span_text((*at)->name), name)) {
		at = &(*at)->next;
	}
	if (variable != NULL) {
		*variable = (struct conf_variable){ *at != NULL ? (*at)->next : NULL, keep(s, name),
			                            keep(s, conf_value_trim(value)) };
		*at = variable;
	}
	return true;
}

bool conf_parse_callerid(struct conf_setting *s, void *field)
{
	struct conf_account *account = field;
	struct tg_span name, number;

	if (strcasecmp(s->line->value, "asreceived") == 0) {
		account->callerid_name = account->callerid_number = NULL;
		return true;
	}
	conf_value_callerid(value_of(s), &name, &number);
	if (name.len > WORLD_NAME_MAX || number.len > WORLD_NAME_MAX || !tg_utf8_is_plain(value_of(s))) {
		return conf_expected(s, "\"Name\" <number>");
	}
	account->callerid_name = keep(s, name);
	account->callerid_number = keep(s, number);
	return true;
}

bool conf_parse_host(struct conf_setting *s, void *field)
{
	const struct tg_span value = value_of(s);
	struct tg_addr addr;

	if (!host_is_name(value) && !tg_addr_parse(&addr, value, 0)) {
		return conf_expected(s, "dynamic, an address or a host name");
	}
	*(const char **)field = s->line->value;
	return true;
}

bool conf_parse_addr(struct conf_setting *s, void *field)
{
	return tg_addr_parse(field, value_of(s), 0) || conf_expected(s, "an address, with a port or without");
}

bool conf_parse_qualify(struct conf_setting *s, void *field)
{
	uint8_t on = 0;

	if (conf_parse_u32(s, field)) {
		return true;
	}
	if (!conf_parse_bool(s, &on)) {
		return conf_expected(s, "yes, no or a number of milliseconds from %u to %u", s->option->min,
		                     s->option->max);
	}
	*(uint32_t *)field = on != 0 ? 2000 : 0;
	return true;
}

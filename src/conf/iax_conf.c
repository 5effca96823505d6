/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/iax_conf.h"

#include "base/text.h"
#include "conf/front.h"
#include "conf/option.h"
#include "conf/policy.h"
#include "conf/setting.h"
#include "conf/value.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { KINDS_BYTES = 160 };

static bool is_named(const struct conf_section *section, const char *name)
{
	return !section->is_template && strcasecmp(section->name, name) == 0;
}

static const struct conf_section *section_of(const struct conf_dialect *dialect, const char *name)
{
	for (const struct conf_section *s = dialect->sections; s != NULL; s = s->next) {
		if (is_named(s, name)) {
			return s;
		}
	}
	return NULL;
}

static const struct conf_section *general_of(const struct conf_dialect *dialect)
{
	return section_of(dialect, "general");
}

/* The last line of a name, which counts. */
static const struct conf_line *line_of(const struct conf_section *section, const char *name)
{
	const struct conf_line *found = NULL;

	for (const struct conf_line *line = section->lines; line != NULL; line = line->next) {
		if (strcasecmp(line->name, name) == 0) {
			found = line;
		}
	}
	return found;
}

/* ---- acl.conf ---- */

void conf_acl_read(struct conf_loading *loading, const struct conf_dialect *acl)
{
	struct conf_named_acl **end = &loading->acls;

	for (const struct conf_section *s = acl->sections; s != NULL; s = s->next) {
		struct conf_named_acl *named = conf_named_acl_find(loading, tg_span_text(s->name));

		if (s->is_template || is_named(s, "general")) {
			continue;
		}
		if (named == NULL) {
			named = conf_arena_alloc(loading->arena, sizeof(*named));
			if (named == NULL) {
				return;
			}
			*named = (struct conf_named_acl){ .name = s->name, .at = s->at };
			*end = named;
			end = &named->next;
		}
		const struct conf_target target = { CONF_IN_ACL, &named->acl };

		for (const struct conf_line *line = s->lines; line != NULL; line = line->next) {
			conf_option_set(loading, line, &target, 1);
		}
	}
}

/* ---- [general] ---- */

/* `strict` decides how unknown options are judged, so it is looked for before all others. */
static void read_strict(struct conf_general *general, const struct conf_section *section)
{
	const struct conf_line *line = section != NULL ? line_of(section, "strict") : NULL;
	bool strict;

	if (line != NULL && conf_value_bool(tg_span_text(line->value), &strict)) {
		general->strict = strict ? 1 : 0;
	}
}

static void read_general(struct conf_loading *loading, const struct conf_section *section)
{
	const struct conf_target target = { CONF_IN_GENERAL, &loading->general };

	for (const struct conf_line *line = section != NULL ? section->lines : NULL; line != NULL; line = line->next) {
		conf_option_set(loading, line, &target, 1);
	}
}

static void set_defaults(struct conf_loading *loading)
{
	struct conf_general *general = &loading->general;

	*general = (struct conf_general){
		.common = { .codec_priority = WORLD_CODEC_HOST, .accountcode = "", .language = "" },
		.settings = *world_build_settings(loading->build),
		.bind_port = 4569,
		.sounds = "",
		.fingerprints = "fingerprints.conf",
		.strict = 1,
	};
	general->common.max_auth_req = general->settings.max_auth_req;
	conf_codecs_all(&general->common.codecs);
}

/* ---- [callnumberlimits] ---- */

static void read_limit(struct conf_loading *loading, const struct conf_line *line)
{
	struct world_range range = { .origin = world_build_origin(loading->build, line->at.file, line->at.line) };
	uint64_t limit;

	if (!conf_value_prefix(tg_span_text(line->name), &range.base, &range.bits)) {
		conf_error(loading->problems, line->at, "expected an address range such as 192.0.2.0/24, not \"%.60s\"",
		           line->name);
	} else if (!tg_text_uint(line->value, 0, UINT16_MAX, &limit)) {
		conf_error(loading->problems, line->at, "expected a limit from 0 to %d, not \"%.60s\"", UINT16_MAX,
		           line->value);
	} else if (world_build_has_range(loading->build, WORLD_NUMBER_LIMITS, &range)) {
		conf_error(loading->problems, line->at, "the range \"%.60s\" has a limit already", line->name);
	} else {
		range.value = (uint32_t)limit;
		world_build_row(loading->build, WORLD_NUMBER_LIMITS, &range);
	}
}

/* ---- tollgate.conf ---- */

/* The three steps are one ladder. Told at the last of the lines that say something about it. */
static void check_guard(struct conf_loading *loading, const struct conf_section *section)
{
	static const char *const names[] = { "delayat", "silenceat", "banat" };
	const struct world_guard *guard = &loading->general.settings.guard;
	struct conf_place at = section->at;

	for (const struct conf_line *line = section->lines; line != NULL; line = line->next) {
		for (size_t i = 0; i < TG_COUNT(names); i++) {
			at = strcasecmp(line->name, names[i]) == 0 ? line->at : at;
		}
	}
	if (guard->delay_at >= guard->silence_at || guard->silence_at >= guard->kernel_at) {
		conf_error(loading->problems, at, "delayat=%u, silenceat=%u and banat=%u must grow in this order",
		           (unsigned)guard->delay_at, (unsigned)guard->silence_at, (unsigned)guard->kernel_at);
	}
}

static const struct kind {
	struct conf_section_kind about;
	size_t offset; /* in struct conf_loading: what its options are about; sections with names: unused */
	/** The section as a whole, after its lines; NULL: nothing to look at. */
	void (*check)(struct conf_loading *loading, const struct conf_section *section);
} kinds[] = {
	{ { "general", CONF_IN_TOLLGATE, CONF_SECTION_ONCE, true }, offsetof(struct conf_loading, general), NULL },
	{ { "guard", CONF_IN_GUARD, CONF_SECTION_ONCE, true }, offsetof(struct conf_loading, general), check_guard },
	{ { "front", CONF_IN_FRONT, CONF_SECTION_ONCE, false },
	  offsetof(struct conf_loading, front),
	  conf_front_section },
	{ { "metrics", CONF_IN_METRICS, CONF_SECTION_ONCE, true },
	  offsetof(struct conf_loading, general),
	  conf_metrics_check },
	{ { "numbers", CONF_IN_NUMBERS, CONF_SECTION_ONCE | CONF_SECTION_NAMED, false }, 0, NULL },
	{ { "policy", CONF_IN_POLICY, CONF_SECTION_NAMED, false }, 0, NULL },
};

const struct conf_section_kind *conf_section_kind_at(size_t index)
{
	return index < TG_COUNT(kinds) ? &kinds[index].about : NULL;
}

static const char *kind_name(const void *owner, size_t index)
{
	(void)owner;
	return index < TG_COUNT(kinds) ? kinds[index].about.name : NULL;
}

static void read_kind(struct conf_loading *loading, const struct kind *kind, const struct conf_section *section)
{
	const struct conf_target target = { kind->about.scope, (uint8_t *)loading + kind->offset };

	for (const struct conf_line *line = section->lines; line != NULL; line = line->next) {
		conf_option_set(loading, line, &target, 1);
	}
	if (kind->check != NULL) {
		kind->check(loading, section);
	}
}

/* Of what there is once the first section; they are read in the order of the table. */
static void read_kinds(struct conf_loading *loading, const struct conf_dialect *tollgate)
{
	for (size_t i = 0; i < TG_COUNT(kinds); i++) {
		const struct conf_section *section = section_of(tollgate, kinds[i].about.name);

		if (kinds[i].about.forms == CONF_SECTION_ONCE && section != NULL) {
			read_kind(loading, &kinds[i], section);
		}
	}
}

static const struct kind *kind_of(const struct conf_section *section)
{
	for (size_t i = 0; i < TG_COUNT(kinds); i++) {
		if (kinds[i].about.forms == CONF_SECTION_ONCE && is_named(section, kinds[i].about.name)) {
			return &kinds[i];
		}
	}
	return NULL;
}

/* "[general], [guard] or [policy NAME]" */
static void list_kinds(char *text, size_t size_bytes)
{
	size_t len = 0;

	for (size_t i = 0; i < TG_COUNT(kinds); i++) {
		for (unsigned form = CONF_SECTION_ONCE; form <= CONF_SECTION_NAMED && len < size_bytes; form <<= 1) {
			const bool last = i + 1 == TG_COUNT(kinds) && form == CONF_SECTION_NAMED;

			if ((kinds[i].about.forms & form) != 0) {
				len += (size_t)snprintf(text + len, size_bytes - len, "%s[%s%s]",
				                        len == 0 ? ""
				                        : last   ? " or "
				                                 : ", ",
				                        kinds[i].about.name, form == CONF_SECTION_NAMED ? " NAME" : "");
			}
		}
	}
}

static void report_section(struct conf_loading *loading, const struct conf_section *section)
{
	const char *nearest = tg_text_nearest(section->name, kind_name, NULL);
	char known[KINDS_BYTES];

	if (kind_of(section) != NULL) {
		conf_error(loading->problems, section->at, "a second [%s]; [%s](+) adds to the first", section->name,
		           section->name);
		return;
	}
	list_kinds(known, sizeof(known));
	conf_error(loading->problems, section->at, "expected %s, not [%s]%s%s%s", known, section->name,
	           nearest != NULL ? "; did you mean [" : "", nearest != NULL ? nearest : "",
	           nearest != NULL ? "]?" : "");
}

static void read_tollgate(struct conf_loading *loading, const struct conf_dialect *tollgate)
{
	read_kinds(loading, tollgate);
	for (const struct conf_section *s = tollgate->sections; s != NULL; s = s->next) {
		const struct kind *kind = kind_of(s);
		const bool is_read = kind != NULL && s == section_of(tollgate, kind->about.name);

		if (!s->is_template && !is_read && !conf_policy_section(loading, s)) {
			report_section(loading, s);
		}
	}
}

/* ---- accounts ---- */

struct type {
	const char *name;
	enum conf_half halves[2];
	size_t count;
};

static const struct type types[] = {
	{ "user", { CONF_USER }, 1 },
	{ "peer", { CONF_PEER }, 1 },
	{ "friend", { CONF_USER, CONF_PEER }, 2 },
	{ "registration", { CONF_REGISTRATION }, 1 },
};

static const char *type_name(const void *owner, size_t index)
{
	(void)owner;
	return index < TG_COUNT(types) ? types[index].name : NULL;
}

static const struct type *type_of(struct conf_loading *loading, const struct conf_section *section)
{
	const struct conf_line *line = line_of(section, "type");

	if (line == NULL) {
		conf_error(loading->problems, section->at,
		           "[%s]: expected a line type=user, type=peer, type=friend or type=registration",
		           section->name);
		return NULL;
	}
	for (size_t i = 0; i < TG_COUNT(types); i++) {
		if (strcasecmp(types[i].name, line->value) == 0) {
			return &types[i];
		}
	}
	const char *nearest = tg_text_nearest(line->value, type_name, NULL);

	conf_error(loading->problems, line->at,
	           "type: expected user, peer, friend or registration, not \"%.60s\"%s%s%s", line->value,
	           nearest != NULL ? "; did you mean \"" : "", nearest != NULL ? nearest : "",
	           nearest != NULL ? "\"?" : "");
	return NULL;
}

static enum conf_scope scope_of(enum conf_half half)
{
	switch (half) {
	case CONF_USER:
		return CONF_IN_USER;
	case CONF_PEER:
		return CONF_IN_PEER;
	case CONF_REGISTRATION:
		return CONF_IN_REGISTRATION;
	}
	return CONF_IN_USER;
}

/* A second section of the same name and type goes on with the account of the first. */
static void read_account(struct conf_loading *loading, const struct conf_section *section)
{
	const struct type *type = type_of(loading, section);
	struct conf_target targets[2];

	if (!tg_utf8_is_plain(tg_span_text(section->name))) {
		conf_error(loading->problems, section->at, "expected a name in UTF-8 without control characters");
		return;
	}
	for (size_t i = 0; type != NULL && i < type->count; i++) {
		const enum conf_half half = type->halves[i];
		struct conf_account *account = conf_account_find(loading, half, tg_span_text(section->name));

		if (account == NULL) {
			account = conf_account_new(loading, half, section->name, section->at);
		}
		if (account == NULL) {
			return;
		}
		targets[i] = (struct conf_target){ scope_of(half), account };
	}
	for (const struct conf_line *line = section->lines; type != NULL && line != NULL; line = line->next) {
		conf_option_set(loading, line, targets, type->count);
	}
}

static void read_section(struct conf_loading *loading, const struct conf_section *section,
                         const struct conf_section *general)
{
	if (is_named(section, "general")) {
		if (section != general) {
			conf_error(loading->problems, section->at,
			           "a second [general]; [general](+) adds to the first");
		}
		return;
	}
	if (is_named(section, "guard") || (is_named(section, "front") && line_of(section, "backend") != NULL)) {
		conf_error(loading->problems, section->at, "[%s] belongs into tollgate.conf", section->name);
		return;
	}
	if (is_named(section, "callnumberlimits")) {
		for (const struct conf_line *line = section->lines; line != NULL; line = line->next) {
			read_limit(loading, line);
		}
		return;
	}
	read_account(loading, section);
}

void conf_iax_read(struct conf_loading *loading, const struct conf_dialect *iax, const struct conf_dialect *tollgate)
{
	const struct conf_section *general = general_of(iax);

	set_defaults(loading);
	read_strict(&loading->general, general);
	read_strict(&loading->general, general_of(tollgate));
	read_general(loading, general);
	read_tollgate(loading, tollgate);
	for (const struct conf_section *s = iax->sections; s != NULL; s = s->next) {
		if (!s->is_template) {
			read_section(loading, s, general);
		}
	}
}

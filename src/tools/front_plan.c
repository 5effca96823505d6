/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/front_plan.h"

#include "base/text.h"
#include "conf/value.h"
#include "iax/wire.h"
#include "model/world.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const struct conf_place iax_conf = { "iax.conf", 0 };

/* ---- sections ---- */

const struct conf_line *front_line_of(const struct conf_section *section, const char *name)
{
	const struct conf_line *found = NULL;

	for (const struct conf_line *line = section != NULL ? section->lines : NULL; line != NULL; line = line->next) {
		if (strcasecmp(line->name, name) == 0) {
			found = line;
		}
	}
	return found;
}

bool front_is_on(const char *value)
{
	bool on = false;

	return strcasecmp(value, "aes128") == 0 || (conf_value_bool(tg_span_text(value), &on) && on);
}

bool front_is_true(const struct conf_section *section, const char *name)
{
	const struct conf_line *line = front_line_of(section, name);

	return line != NULL && front_is_on(line->value);
}

static bool has(const struct conf_section *section, const char *name)
{
	return front_line_of(section, name) != NULL;
}

static bool has_value(const struct conf_section *section, const char *name)
{
	const struct conf_line *line = front_line_of(section, name);

	return line != NULL && line->value[0] != '\0';
}

static unsigned type_facts(const struct conf_section *section)
{
	static const struct {
		const char *type;
		unsigned facts;
	} types[] = { { "user", FRONT_USER }, { "peer", FRONT_PEER }, { "friend", FRONT_USER | FRONT_PEER } };
	const struct conf_line *line = front_line_of(section, "type");

	for (size_t i = 0; line != NULL && i < TG_COUNT(types); i++) {
		if (strcasecmp(line->value, types[i].type) == 0) {
			return types[i].facts;
		}
	}
	return 0;
}

static unsigned host_facts(const struct conf_section *section)
{
	const struct conf_line *host = front_line_of(section, "host");

	if (host != NULL && strcasecmp(host->value, "dynamic") != 0) {
		return FRONT_STATIC;
	}
	return has(section, "defaultip") ? FRONT_DEFAULT : 0;
}

unsigned front_facts(const struct conf_section *section)
{
	unsigned facts = 0;

	if (section->is_template) {
		return 0;
	}
	if (strcasecmp(section->name, "general") == 0) {
		return FRONT_GENERAL;
	}
	if (strcasecmp(section->name, "callnumberlimits") == 0) {
		return FRONT_LIMITS;
	}
	facts = type_facts(section);
	if (facts != 0) {
		facts |= (facts & FRONT_PEER) != 0 ? host_facts(section) : 0;
		facts |= has(section, "permit") || has(section, "deny") ? FRONT_ACL : 0;
		facts |= front_is_true(section, "trunk") ? FRONT_TRUNKED : 0;
		facts |= has_value(section, "secret") ? FRONT_SECRET : 0;
	}
	return facts;
}

bool front_is_account(const struct conf_section *section)
{
	return (front_facts(section) & (FRONT_USER | FRONT_PEER)) != 0;
}

const struct conf_section *front_general(const struct conf_dialect *dialect)
{
	for (const struct conf_section *s = dialect->sections; s != NULL; s = s->next) {
		if (front_facts(s) == FRONT_GENERAL) {
			return s;
		}
	}
	return NULL;
}

/* ---- what cannot be carried ---- */

/* Lines of a template are met with each account. */
static bool is_noted(const struct front_plan *plan, const struct front_note *note)
{
	for (const struct front_note *other = plan->lost.first; other != NULL; other = other->next) {
		if (other->at.line == note->at.line && strcmp(other->at.file, note->at.file) == 0 &&
		    strcmp(other->text, note->text) == 0) {
			return true;
		}
	}
	return false;
}

void front_note_add(struct front_plan *plan, struct conf_place at, const char *format, ...)
{
	struct front_note *note = conf_arena_alloc(&plan->arena, sizeof(*note));
	char text[400];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (note == NULL) {
		return; /* the arena has latched */
	}
	*note = (struct front_note){
		.at = { conf_arena_text(&plan->arena, tg_span_text(at.file)), at.line },
		.text = conf_arena_text(&plan->arena, tg_span_text(text)),
	};
	if (note->at.file == NULL || note->text == NULL || is_noted(plan, note)) {
		return;
	}
	if (plan->lost.last != NULL) {
		plan->lost.last->next = note;
	} else {
		plan->lost.first = note;
	}
	plan->lost.last = note;
	plan->lost.count++;
}

static bool is_secret_in_database(const struct conf_section *section, const struct conf_section *general)
{
	(void)general;
	return has_value(section, "dbsecret");
}

static bool is_keys_alone(const struct conf_section *section, const struct conf_section *general)
{
	(void)general;
	return (has_value(section, "inkeys") || has_value(section, "outkey")) && !has_value(section, "secret");
}

static bool is_never_md5(const struct conf_section *section, const struct conf_section *general)
{
	const struct conf_line *own = front_line_of(section, "auth");
	const struct conf_line *auth = own != NULL ? own : front_line_of(general, "auth");

	return auth != NULL && has_value(section, "secret") && strcasestr(auth->value, "md5") == NULL;
}

static bool is_encrypted(const struct conf_section *section, const struct conf_section *general)
{
	return front_is_true(has(section, "forceencryption") ? section : general, "forceencryption");
}

/* The names of the rows that the front adds; our loader refuses them. */
static bool is_reserved(const struct conf_section *section, const struct conf_section *general)
{
	(void)general;
	return strncmp(section->name, WORLD_FRONT_TO, strlen(WORLD_FRONT_TO)) == 0 ||
	       strncmp(section->name, WORLD_FRONT_FROM, strlen(WORLD_FRONT_FROM)) == 0;
}

/* What our loader does not carry, either: Dial() cannot say it, or a prefix does not fit in front of it. */
static bool is_unspeakable(const struct conf_section *section, const struct conf_section *general)
{
	(void)general;
	return strpbrk(section->name, ",&/@:?^()${}\"\\") != NULL ||
	       strlen(section->name) + sizeof(WORLD_FRONT_FROM) > WORLD_NAME_MAX;
}

const char *front_left_out(const struct conf_section *section, const struct conf_section *general)
{
	static const struct {
		bool (*applies)(const struct conf_section *section, const struct conf_section *general);
		const char *why;
	} reasons[] = {
		{ is_reserved, "names that begin like this are Tollgate's own" },
		{ is_unspeakable, "the name is too long, or has one of , & / @ : ? ^ ( ) $ { } \" \\ in it" },
		{ is_secret_in_database, "its secret is in the backend's database (dbsecret); give it a secret=" },
		{ is_keys_alone, "it has only public keys (inkeys, outkey); give it a secret=" },
		{ is_never_md5, "auth= does without md5, which Tollgate asks for; add md5" },
		{ is_encrypted, "its calls must be encrypted (forceencryption), which Tollgate does not offer" },
	};

	for (size_t i = 0; i < TG_COUNT(reasons); i++) {
		if (reasons[i].applies(section, general)) {
			return reasons[i].why;
		}
	}
	return NULL;
}

static void note_left_out(struct front_plan *plan)
{
	for (const struct conf_section *s = plan->iax.sections; s != NULL; s = s->next) {
		const char *why = front_is_account(s) ? front_left_out(s, front_general(&plan->iax)) : NULL;

		if (why != NULL) {
			front_note_add(plan, s->at, "[%s]: %s", s->name, why);
		}
	}
}

/* ---- addresses ---- */

static const uint8_t any_ip[4] = { 0, 0, 0, 0 };
static const uint8_t local_ip[4] = { 127, 0, 0, 1 };

static bool covers_local(struct tg_addr bind)
{
	return tg_addr_same_host(bind, tg_addr_ipv4(any_ip, 0)) || tg_addr_same_host(bind, tg_addr_ipv4(local_ip, 0));
}

/* Where the backend finds us: on this machine, at a port that iax.conf has for that, or has for all. */
static bool find_front(struct front_plan *plan, struct conf_problems *problems)
{
	const struct conf_section *general = front_general(&plan->iax);
	uint64_t port = IAX_PORT;
	struct tg_addr bind;

	plan->front = tg_addr_ipv4(local_ip, 0);
	for (const struct conf_line *line = general != NULL ? general->lines : NULL; line != NULL; line = line->next) {
		if (strcasecmp(line->name, "bindport") == 0 && !tg_text_uint(line->value, 1, UINT16_MAX, &port)) {
			conf_error(problems, line->at, "bindport: expected a number from 1 to 65535");
			return false;
		}
		if (strcasecmp(line->name, "bindaddr") == 0 &&
		    tg_addr_parse(&bind, tg_span_text(line->value), (uint16_t)port)) {
			plan->front_is_new = true;
			if (covers_local(bind)) {
				plan->front_is_new = false;
				plan->front.port = bind.port;
				return true;
			}
		}
	}
	plan->front.port = (uint16_t)port;
	return true;
}

static bool check_ports(const struct front_plan *plan, struct conf_problems *problems)
{
	if (plan->front.port != plan->backend.port) {
		return true;
	}
	conf_error(problems, iax_conf, "port %u is ours from now on: the backend needs another one (--backend)",
	           plan->front.port);
	return false;
}

/* ---- all of it ---- */

static bool load(struct front_plan *plan, struct conf_problems *problems)
{
	const struct conf_files recorded = front_source_files(&plan->source);

	if (conf_dialect_load(&plan->iax, &recorded, "iax.conf", problems) == CONF_MISSING) {
		conf_error(problems, iax_conf, "there is no such file");
	}
	if (conf_dialect_load(&plan->acl, &recorded, "acl.conf", problems) == CONF_MISSING) {
		plan->acl.sections = NULL; /* not everybody has one */
	}
	for (const struct front_file *f = plan->source.first; f != NULL; f = f->next) {
		if (strcmp(f->name, FRONT_OVERLAY) == 0) {
			conf_error(problems, ((struct conf_place){ f->name, 0 }),
			           "Tollgate is in front already: \"tollgate front undo\" comes first");
		}
	}
	return problems->errors == 0;
}

static void count(struct front_plan *plan)
{
	for (const struct conf_section *s = plan->iax.sections; s != NULL; s = s->next) {
		if (front_is_account(s) && front_left_out(s, front_general(&plan->iax)) == NULL) {
			plan->accounts++;
			plan->trunks += (front_facts(s) & FRONT_STATIC) != 0 ? 1 : 0;
		}
	}
}

bool front_plan_make(struct front_plan *plan, const struct conf_files *files, const char *folder,
                     struct tg_addr backend, struct conf_problems *problems)
{
	*plan = (struct front_plan){ .backend = backend };
	plan->source = (struct front_source){ .from = files, .folder = folder, .arena = &plan->arena };
	if (!load(plan, problems) || !find_front(plan, problems) || !check_ports(plan, problems)) {
		return false;
	}
	note_left_out(plan);
	front_plan_theirs(plan);
	front_plan_ours(plan);
	front_plan_survey(plan, files);
	count(plan);
	return front_plan_verify(plan, files, problems);
}

void front_plan_free(struct front_plan *plan)
{
	conf_dialect_free(&plan->iax);
	conf_dialect_free(&plan->acl);
	conf_arena_free(&plan->arena);
}

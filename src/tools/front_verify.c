/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/front_plan.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Lines can come from templates, from files that are included twice, and by "+=": so the result is read again. */

static const struct conf_place iax_conf = { "iax.conf", 0 };

static bool edit_all(struct front_plan *plan, struct conf_problems *problems)
{
	uint32_t line;

	for (struct front_file *f = plan->source.first; f != NULL; f = f->next) {
		const bool is_iax = strcmp(f->name, "iax.conf") == 0;

		if (!front_text_edit(&plan->arena, f->text, f->theirs, f->append, &f->their_text, &line) ||
		    !front_text_edit(&plan->arena, f->text, f->ours, is_iax ? plan->our_append : NULL, &f->our_text,
		                     &line)) {
			conf_error(problems, ((struct conf_place){ f->name, line }),
			           "a block comment begins or ends in this line, which has to change: give the comment "
			           "lines of its own");
		}
	}
	return problems->errors == 0;
}

/* The backend's files as they will be. */
static void view_theirs(struct front_plan *plan, struct front_view *view)
{
	for (struct front_file *f = plan->source.first; f != NULL; f = f->next) {
		front_view_add(view, &plan->arena, f->name, front_source_original(&plan->source, f)->their_text);
	}
	front_view_add(view, &plan->arena, FRONT_OVERLAY, tg_span_text(plan->overlay_text));
}

/* ---- what each section has to be ---- */

static bool has_text(const struct conf_section *section, const char *name, const char *want)
{
	const struct conf_line *line = front_line_of(section, name);

	return line != NULL && strcmp(line->value, want) == 0;
}

static size_t lines_named(const struct conf_section *section, const char *name)
{
	size_t count = 0;

	for (const struct conf_line *line = section->lines; line != NULL; line = line->next) {
		count += strcasecmp(line->name, name) == 0 ? 1 : 0;
	}
	return count;
}

static bool is_last_rule(const struct conf_section *section, const char *want)
{
	const struct conf_line *last = NULL;

	for (const struct conf_line *line = section->lines; line != NULL; line = line->next) {
		if (strcasecmp(line->name, "permit") == 0 || strcasecmp(line->name, "deny") == 0) {
			last = line;
		}
	}
	return last != NULL && strcasecmp(last->name, "permit") == 0 && strncmp(last->value, want, strlen(want)) == 0;
}

static const char *wrong_general(const struct front_plan *plan, const struct conf_section *now)
{
	char host[TG_ADDR_TEXT_BYTES], port[8];

	tg_addr_format_host(plan->backend, host);
	snprintf(port, sizeof(port), "%u", plan->backend.port);
	if (lines_named(now, "bindaddr") != 1 || !has_text(now, "bindaddr", host) || !has_text(now, "bindport", port)) {
		return "bindaddr=";
	}
	return lines_named(now, "register") > 0 ? "register =>" : NULL;
}

static const char *wrong_peer(const struct front_plan *plan, const struct conf_section *now, unsigned facts)
{
	char host[TG_ADDR_TEXT_BYTES], port[8];

	tg_addr_format_host(plan->front, host);
	snprintf(port, sizeof(port), "%u", plan->front.port);
	if (!has_text(now, "username", now->name)) {
		return "username=";
	}
	if ((facts & FRONT_STATIC) != 0 && !has_text(now, "host", host)) {
		return "host=";
	}
	if ((facts & FRONT_DEFAULT) != 0 && !has_text(now, "defaultip", host)) {
		return "defaultip=";
	}
	if ((facts & (FRONT_STATIC | FRONT_DEFAULT)) != 0 && !has_text(now, "port", port)) {
		return "port=";
	}
	if (lines_named(now, "sourceaddress") > 0) {
		return "sourceaddress=";
	}
	return lines_named(now, "maxcallnumbers") > 0 ? "maxcallnumbers=" : NULL;
}

static const char *wrong_account(const struct front_plan *plan, const struct conf_section *now, unsigned facts)
{
	char host[TG_ADDR_TEXT_BYTES];

	tg_addr_format_host(plan->front, host);
	if ((facts & FRONT_ACL) != 0 && !is_last_rule(now, host)) {
		return "permit=";
	}
	if (lines_named(now, "acl") > 0) {
		return "acl=";
	}
	if ((facts & FRONT_TRUNKED) != 0 && front_is_true(now, "trunk")) {
		return "trunk=";
	}
	return (facts & FRONT_PEER) != 0 ? wrong_peer(plan, now, facts) : NULL;
}

/* @return the option that is not what it has to be; NULL if all is well */
static const char *wrong_option(const struct front_plan *plan, const struct conf_section *was,
                                const struct conf_section *now)
{
	const unsigned facts = front_facts(was);

	if (was == front_general(&plan->iax)) {
		return wrong_general(plan, now);
	}
	if (facts == FRONT_LIMITS) {
		return NULL;
	}
	if (!front_is_account(was) || front_left_out(was, front_general(&plan->iax)) != NULL) {
		return NULL;
	}
	return wrong_account(plan, now, facts);
}

static void compare(struct front_plan *plan, const struct conf_dialect *result, struct conf_problems *problems)
{
	const struct conf_section *now = result->sections;

	for (const struct conf_section *was = plan->iax.sections; was != NULL; was = was->next, now = now->next) {
		if (now == NULL || strcmp(was->name, now->name) != 0) {
			conf_error(problems, was->at, "[%s] would be another section after the change", was->name);
			return;
		}
		const char *option = wrong_option(plan, was, now);

		if (option != NULL) {
			conf_error(problems, was->at,
			           "[%s]: %s cannot be changed for it alone; if there is another [%s] or a line with "
			           "\"+=\", make it one section of plain lines",
			           was->name, option, was->name);
		}
	}
}

bool front_plan_verify(struct front_plan *plan, const struct conf_files *files, struct conf_problems *problems)
{
	struct front_view view = { .under = files, .folder = plan->source.folder };
	struct conf_dialect result;

	if (plan->arena.failed || plan->overlay_text == NULL) {
		conf_error(problems, iax_conf, "the configuration is too large");
	}
	if (problems->errors > 0 || !edit_all(plan, problems)) {
		return false;
	}
	view_theirs(plan, &view);
	const struct conf_files changed = front_view_files(&view);

	if (conf_dialect_load(&result, &changed, "iax.conf", problems) == CONF_LOADED) {
		compare(plan, &result, problems);
	}
	conf_dialect_free(&result);
	return problems->errors == 0;
}

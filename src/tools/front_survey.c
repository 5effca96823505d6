/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/front_plan.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* What the backend knows from elsewhere than iax.conf: it is told, nothing is changed. */

static void look_at_database(struct front_plan *plan, const struct conf_section *section, const struct conf_line *line)
{
	static const char *const tables[] = { "iaxusers", "iaxpeers", "iax.conf" };

	for (size_t i = 0; i < TG_COUNT(tables); i++) {
		if (strcasecmp(section->name, "settings") == 0 && strcasecmp(line->name, tables[i]) == 0) {
			front_note_add(plan, line->at,
			               "%s: accounts of a database (realtime) are not known to Tollgate", line->name);
		}
	}
}

static void look_at_user(struct front_plan *plan, const struct conf_section *section, const struct conf_line *line)
{
	if (strcasecmp(line->name, "hasiax") == 0 && front_is_true(section, "hasiax")) {
		front_note_add(plan, line->at, "[%s]: write the account into iax.conf to carry it", section->name);
	}
}

static bool is_account(const struct front_plan *plan, struct tg_span name)
{
	for (const struct conf_section *s = plan->iax.sections; s != NULL; s = s->next) {
		if (front_is_account(s) && tg_span_equal(tg_span_text(s->name), name)) {
			return true;
		}
	}
	return false;
}

/* IAX2/account/number is carried; IAX2/user:secret@host/number goes around Tollgate. Variables are not known here. */
static void look_at_dial(struct front_plan *plan, struct tg_span peer, struct conf_place at)
{
	const uint8_t *sign = peer.len > 0 ? memchr(peer.p, '@', peer.len) : NULL;
	const struct tg_span host = sign == NULL ? peer
	                                         : (struct tg_span){ sign + 1, (size_t)(peer.p + peer.len - sign) - 1 };

	if (peer.len == 0 || memchr(peer.p, '$', peer.len) != NULL) {
		return;
	}
	if (!is_account(plan, host)) {
		front_note_add(plan, at,
		               "a call to the host \"%.*s\": the backend cannot reach it now; make it a [peer] with "
		               "host= and dial that",
		               host.len < 80 ? (int)host.len : 80, (const char *)host.p);
	} else if (sign != NULL) {
		front_note_add(plan, at,
		               "a call to \"%.*s\" under another name: dial the account as it is, Tollgate sends its "
		               "username= and secret=",
		               host.len < 80 ? (int)host.len : 80, (const char *)host.p);
	}
}

static void look_at_step(struct front_plan *plan, const struct conf_section *section, const struct conf_line *line)
{
	static const char technology[] = "IAX2/";
	const char *at = line->value;

	(void)section;
	while ((at = strcasestr(at, technology)) != NULL) {
		at += sizeof(technology) - 1;
		look_at_dial(plan, (struct tg_span){ (const uint8_t *)at, strcspn(at, "/,&|)") }, line->at);
	}
}

void front_plan_survey(struct front_plan *plan, const struct conf_files *files)
{
	static const struct {
		const char *file;
		void (*look)(struct front_plan *plan, const struct conf_section *section, const struct conf_line *line);
	} rows[] = {
		{ "extconfig.conf", look_at_database },
		{ "users.conf", look_at_user },
		{ "extensions.conf", look_at_step },
	};

	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		struct conf_problems problems = { .errors = 0 };
		struct conf_dialect dialect;

		/* Their mistakes are the backend's business: what can be read is looked at. */
		const enum conf_loaded loaded = conf_dialect_load(&dialect, files, rows[i].file, &problems);

		for (const struct conf_section *s = dialect.sections; loaded != CONF_MISSING && s != NULL;
		     s = s->next) {
			for (const struct conf_line *line = s->lines; line != NULL; line = line->next) {
				rows[i].look(plan, s, line);
			}
		}
		conf_dialect_free(&dialect);
		conf_problems_free(&problems);
	}
}

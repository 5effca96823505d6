/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/net.h"
#include "desk/show.h"
#include "model/event.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"

enum { LEVELS_BYTES = 64 };

/* A row's own words, a line each. */
int desk_show_words(const struct desk_view *view, struct desk_out *out)
{
	desk_lines(out, view->command->says);
	return view->command->refuses ? DESK_FAILED : DESK_OK;
}

int desk_show_threads(const struct desk_view *view, struct desk_out *out)
{
	const uint32_t threads = view->world->settings.threads;

	desk_line(out, "IAX2 worker threads: %u (threads= of tollgate.conf, as of the last start)", threads);
	desk_line(out, threads == 1 ? "It has signalling, openings and voice."
	                            : "The first has signalling; openings and voice have the others.");
	desk_line(out, "None is busy with one call: what they carried is in iax2 show stats.");
	return DESK_OK;
}

/* ---- acl show ---- */

static void rule_line(const struct world *world, const struct world_acl_rule *rule, uint32_t number,
                      struct desk_out *out)
{
	static const char *const verdicts[WORLD_ACL_VERDICTS] = { "deny", "permit", "and" };
	char net[DESK_NET_TEXT_BYTES];
	const char *file = world_text(world, rule->origin.file);

	if (rule->permit == WORLD_ACL_AND) {
		desk_line(out, "%3u: and of those let in by the rules above:", number);
		return;
	}
	if (file[0] == '\0') {
		desk_line(out, "%3u: %-6s - %s (the other kind of address)", number, verdicts[rule->permit],
		          desk_net_text(rule->base, rule->bits, net));
		return;
	}
	desk_line(out, "%3u: %-6s - %s (%s:%u)", number, verdicts[rule->permit],
	          desk_net_text(rule->base, rule->bits, net), file, rule->origin.line);
}

static void acl_of(const struct world *world, const char *kind, const char *name, struct world_run acl,
                   const struct desk_view *view, struct desk_out *out)
{
	if (acl.count == 0) {
		return;
	}
	if (view->argc == 0) {
		desk_line(out, "%s (%s)", name, kind);
		return;
	}
	desk_line(out, "ACL: %s (%s)", name, kind);
	desk_line(out, "---------------------------------------------");
	for (uint32_t i = 0; i < acl.count; i++) {
		rule_line(world, world_row(world, WORLD_ACL_RULES, acl.first + i), i, out);
	}
}

/* Lists of acl.conf are part of the accounts that name them: each rule says where it stands. */
int desk_show_acl(const struct desk_view *view, struct desk_out *out)
{
	const struct world *world = view->world;
	const char *wanted = view->argc > 0 ? view->argv[0] : NULL;
	const size_t before = out->len;

	if (wanted == NULL) {
		desk_line(out, "acl");
		desk_line(out, "---");
	}
	for (uint32_t i = 0; i < world_count(world, WORLD_USERS); i++) {
		const struct world_user *user = world_row(world, WORLD_USERS, i);
		const char *name = world_text(world, user->name);

		if (wanted == NULL || strcmp(wanted, name) == 0) {
			acl_of(world, "user", name, user->acl, view, out);
		}
	}
	for (uint32_t i = 0; i < world_count(world, WORLD_PEERS); i++) {
		const struct world_peer *peer = world_row(world, WORLD_PEERS, i);
		const char *name = world_text(world, peer->name);

		if (wanted == NULL || strcmp(wanted, name) == 0) {
			acl_of(world, "peer", name, peer->acl, view, out);
		}
	}
	if (out->len != before) {
		return DESK_OK;
	}
	desk_line(out, "No account '%s' has permit=, deny= or acl=. Lists of acl.conf are shown with the accounts.",
	          wanted);
	return DESK_FAILED;
}

/* ---- dnsmgr status ---- */

static bool is_name(const char *host)
{
	struct tg_addr addr;

	return host[0] != '\0' && !tg_addr_parse(&addr, tg_span_text(host), 0);
}

static void host_line(const char *what, const char *host, struct tg_addr addr, uint32_t *count, struct desk_out *out)
{
	char text[TG_ADDR_TEXT_BYTES];

	if (!is_name(host)) {
		return;
	}
	desk_line(out, "  %-40s %-40s %s", host, what,
	          addr.family != TG_NO_ADDR ? tg_addr_format_host(addr, text) : "no address");
	(*count)++;
}

int desk_show_names(const struct desk_view *view, struct desk_out *out)
{
	const struct world *world = view->world;
	uint32_t count = 0;

	desk_line(out, "DNS Manager: enabled");
	desk_line(out,
	          "Refresh Interval: see --refresh of tollgated (300 seconds); sooner while a name has no address");
	for (uint32_t i = 0; i < world_count(world, WORLD_PEERS); i++) {
		const struct world_peer *peer = world_row(world, WORLD_PEERS, i);

		if (peer->host_kind == WORLD_HOST_STATIC) {
			host_line(world_text(world, peer->name), world_text(world, peer->host_text), peer->addr, &count,
			          out);
		}
	}
	for (uint32_t i = 0; i < world_count(world, WORLD_REGISTRATIONS); i++) {
		const struct world_registration *row = world_row(world, WORLD_REGISTRATIONS, i);

		host_line(world_text(world, row->name), world_text(world, row->host_text), row->addr, &count, out);
	}
	desk_line(out, "Number of entries: %u", count);
	return DESK_OK;
}

/* ---- logger show channels ---- */

static const struct desk_column logger_columns[] = {
	{ "Channel", 35, false, false },
	{ "Type", 8, false, false },
	{ "Status", 8, false, false },
	{ "Configuration", 13, false, false },
	{ 0 },
};

int desk_show_loggers(const struct desk_view *view, struct desk_out *out)
{
	char levels[LEVELS_BYTES] = "";
	size_t len = 0;

	for (int level = view->log_level; level < TG_LEVELS; level++) {
		len += (size_t)snprintf(levels + len, sizeof(levels) - len, "%s%s", len > 0 ? " " : "",
		                        tg_level_name((enum tg_level)level));
	}
	const char *const rows[][4] = {
		{ "standard error", "Console", "Enabled", levels },
/* clang-format off */
#define X(name, text) { text, "File", "Enabled", "SECURITY" },
		MODEL_EVENT_FILES(X)
#undef X
		/* clang-format on */
		{ "syslog", "Syslog", view->world->settings.syslog != 0 ? "Enabled" : "Disabled", "SECURITY" },
	};

	desk_table_head(out, logger_columns);
	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		desk_table_row(out, logger_columns, rows[i]);
	}
	desk_line(out, "Standard error is the journal's, or tollgated.log in the state folder; files are in the state "
	               "folder.");
	return DESK_OK;
}

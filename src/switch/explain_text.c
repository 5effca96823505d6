/* SPDX-License-Identifier: Apache-2.0 */
#include "switch/explain_text.h"

#include <stdio.h>

#include "model/codec.h"
#include "model/when.h"

const char *explain_shown(struct tg_span text, char out[SHOWN_BYTES])
{
	tg_span_copy(out, SHOWN_BYTES, text);
	for (char *c = out; *c != '\0'; c++) {
		*c = *c < ' ' || *c > '~' ? '?' : *c;
	}
	return out;
}

const char *explain_place(const struct world *world, const struct world_origin *origin, char out[PLACE_BYTES])
{
	snprintf(out, PLACE_BYTES, "%s:%u", world_text(world, origin->file), (unsigned)origin->line);
	return out;
}

const char *explain_at(const struct world *world, const struct world_origin *origin, char out[PLACE_BYTES])
{
	out[0] = '\0';
	if (origin->file.len > 0) {
		snprintf(out, PLACE_BYTES, ", %s:%u", world_text(world, origin->file), (unsigned)origin->line);
	}
	return out;
}

static const char *setting_name(enum world_tri setting)
{
	static const char *const names[WORLD_TRIS] = { "not set", "no", "yes", "auto" };

	return names[setting];
}

void explain_token_text(const struct world *world, const struct switch_token_rule *rule, char out[LIST_BYTES])
{
	char addr[TG_ADDR_TEXT_BYTES], at[PLACE_BYTES];

	switch (rule->origin) {
	case SWITCH_TOKEN_DEFAULT:
		snprintf(out, LIST_BYTES, "required: nothing says otherwise");
		break;
	case SWITCH_TOKEN_RANGE:
		snprintf(out, LIST_BYTES, "not required: calltokenoptional=%s/%u%s",
		         tg_addr_format_host(rule->range->base, addr), (unsigned)rule->range->bits,
		         explain_at(world, &rule->range->origin, at));
		break;
	case SWITCH_TOKEN_ACCOUNT:
		snprintf(out, LIST_BYTES, "%s: requirecalltoken=%s of the account",
		         rule->required ? "required" : "not required", setting_name(rule->setting));
		break;
	case SWITCH_TOKEN_OUTSIDE:
		snprintf(out, LIST_BYTES, "required: requirecalltoken=%s counts where permit= lets the account in",
		         setting_name(rule->setting));
		break;
	case SWITCH_TOKEN_NETWORK:
		snprintf(out, LIST_BYTES,
		         "%s: requirecalltoken=%s counts in networks known for the account (tokenless=known)",
		         rule->required ? "required" : "not required", setting_name(rule->setting));
		break;
	case SWITCH_TOKEN_BACKEND:
		snprintf(out, LIST_BYTES, "required: from the address of the backend nothing is excused");
		break;
	case SWITCH_TOKEN_LATCHED:
		snprintf(out, LIST_BYTES, "required: requirecalltoken=auto, and the account used one before");
		break;
	}
}

const struct world_acl_rule *explain_acl_rule(const struct world *world, struct world_run acl, struct tg_addr from)
{
	const struct world_acl_rule *last = NULL;

	for (uint32_t i = 0; i < acl.count; i++) {
		const struct world_acl_rule *rule = world_row(world, WORLD_ACL_RULES, acl.first + i);

		if (rule->permit == WORLD_ACL_AND) {
			if (last != NULL && last->permit == WORLD_ACL_DENY) {
				return last;
			}
			last = NULL;
		} else if (tg_addr_in_prefix(from, rule->base, rule->bits)) {
			last = rule;
		}
	}
	return last;
}

void explain_contexts(const struct world *world, const struct world_user *user, char out[LIST_BYTES])
{
	size_t len = 0;

	out[0] = '\0';
	for (uint32_t i = 0; i < user->contexts.count && len < LIST_BYTES; i++) {
		const struct world_text *text = world_row(world, WORLD_TEXTS, user->contexts.first + i);

		len += (size_t)snprintf(out + len, LIST_BYTES - len, "%s%s", i > 0 ? ", " : "",
		                        world_text(world, *text));
	}
}

void explain_path(const struct world *world, const struct plan_trace *trace, char out[LIST_BYTES])
{
	size_t len = 0;

	out[0] = '\0';
	for (uint32_t i = 0; i < trace->depth && len < LIST_BYTES; i++) {
		const struct world_context *context = world_row(world, WORLD_CONTEXTS, trace->contexts[i]);

		len += (size_t)snprintf(out + len, LIST_BYTES - len, "%s%s", i > 0 ? " includes " : "",
		                        world_text(world, context->name));
	}
}

void explain_codecs(const struct world_codecs *codecs, char out[LIST_BYTES])
{
	size_t len = 0;

	out[0] = '\0';
	for (uint32_t i = 0; i < codecs->count && len < LIST_BYTES; i++) {
		const struct codec *codec = codec_of(codecs->formats[i]);

		len += (size_t)snprintf(out + len, LIST_BYTES - len, "%s%s", i > 0 ? ", " : "",
		                        codec != NULL ? codec->name : "?");
	}
}

const char *explain_when(const struct world *world, const struct world_include *include, uint32_t minute,
                         char out[LIST_BYTES])
{
	static const char *const weekdays[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	const struct world_zone *zone = include->has_zone != 0 ? &include->zone : &world->settings.zone;
	const struct when when = when_local(zone, (uint64_t)minute * 60);

	if (minute == WHEN_ANY) {
		snprintf(out, LIST_BYTES, "only at %s", world_text(world, include->times));
		return out;
	}
	snprintf(out, LIST_BYTES, "%s at %s %04d-%02u-%02u %u:%02u, it is open at %s",
	         when_is_open(include, zone, minute) ? "open" : "closed", weekdays[when.weekday], (int)when.year,
	         (unsigned)when.month, (unsigned)when.day, when.minute / 60U, when.minute % 60U,
	         world_text(world, include->times));
	return out;
}

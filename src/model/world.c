/* SPDX-License-Identifier: Apache-2.0 */
#include "model/world.h"

#include "model/pattern.h"
#include "model/world_index.h"

#include <string.h>

static const uint32_t row_bytes[WORLD_TABLES] = {
	[WORLD_TEXTS] = sizeof(struct world_text),
	[WORLD_ACL_RULES] = sizeof(struct world_acl_rule),
	[WORLD_TOKEN_OPTIONAL] = sizeof(struct world_range),
	[WORLD_NUMBER_LIMITS] = sizeof(struct world_range),
	[WORLD_VARIABLES] = sizeof(struct world_variable),
	[WORLD_USERS] = sizeof(struct world_user),
	[WORLD_PEERS] = sizeof(struct world_peer),
	[WORLD_REGISTRATIONS] = sizeof(struct world_registration),
	[WORLD_CONTEXTS] = sizeof(struct world_context),
	[WORLD_INCLUDES] = sizeof(struct world_include),
	[WORLD_EXTENS] = sizeof(struct world_exten),
	[WORLD_STEPS] = sizeof(struct world_step),
	[WORLD_GLOBALS] = sizeof(struct world_variable),
	[WORLD_NEVER_BAN] = sizeof(struct world_range),
	[WORLD_FINGERPRINTS] = sizeof(struct world_fingerprint),
	[WORLD_CONDITIONS] = sizeof(struct world_condition),
	[WORLD_DESTINATIONS] = sizeof(struct world_destination),
	[WORLD_NUMBERS] = sizeof(struct world_numbers),
	[WORLD_POLICIES] = sizeof(struct world_policy),
	[WORLD_POLICY_RULES] = sizeof(struct world_policy_rule),
	[WORLD_USERS_BY_NAME] = sizeof(uint32_t),
	[WORLD_PEERS_BY_NAME] = sizeof(uint32_t),
	[WORLD_CONTEXTS_BY_NAME] = sizeof(uint32_t),
};

const char *world_fact_name(enum world_fact fact)
{
	static const char *const names[WORLD_FACTS] = {
		[WORLD_FACT_SUBCLASS] = "subclass",   [WORLD_FACT_SOURCE] = "source",
		[WORLD_FACT_TIMESTAMP] = "timestamp", [WORLD_FACT_LENGTH] = "length",
		[WORLD_FACT_ELEMENTS] = "elements",   [WORLD_FACT_DUPLICATES] = "duplicates",
		[WORLD_FACT_FIRST_ELEMENT] = "first", [WORLD_FACT_HAS_USERNAME] = "username",
		[WORLD_FACT_HAS_VERSION] = "version", [WORLD_FACT_HAS_CAPABILITY] = "capability",
		[WORLD_FACT_HAS_REFRESH] = "refresh", [WORLD_FACT_EPOCH] = "epoch",
		[WORLD_FACT_BOUND] = "bound",
	};

	return (unsigned)fact < WORLD_FACTS ? names[fact] : "?";
}

static const char *const app_names[WORLD_APPS] = {
	[WORLD_APP_ANSWER] = "Answer",
	[WORLD_APP_BUSY] = "Busy",
	[WORLD_APP_CONGESTION] = "Congestion",
	[WORLD_APP_DIAL] = "Dial",
	[WORLD_APP_ECHO] = "Echo",
	[WORLD_APP_GOSUB] = "Gosub",
	[WORLD_APP_GOSUBIF] = "GosubIf",
	[WORLD_APP_GOTO] = "Goto",
	[WORLD_APP_GOTOIF] = "GotoIf",
	[WORLD_APP_GOTOIFTIME] = "GotoIfTime",
	[WORLD_APP_HANGUP] = "Hangup",
	[WORLD_APP_MILLIWATT] = "Milliwatt",
	[WORLD_APP_NOOP] = "NoOp",
	[WORLD_APP_PLAYBACK] = "Playback",
	[WORLD_APP_PLAYTONES] = "Playtones",
	[WORLD_APP_PROCEEDING] = "Proceeding",
	[WORLD_APP_PROGRESS] = "Progress",
	[WORLD_APP_RETURN] = "Return",
	[WORLD_APP_RINGING] = "Ringing",
	[WORLD_APP_SENDDTMF] = "SendDTMF",
	[WORLD_APP_SET] = "Set",
	[WORLD_APP_STACKPOP] = "StackPop",
	[WORLD_APP_STOPPLAYTONES] = "StopPlaytones",
	[WORLD_APP_VERBOSE] = "Verbose",
	[WORLD_APP_WAIT] = "Wait",
	[WORLD_APP_WAITEXTEN] = "WaitExten",
};

const struct world_index world_user_index = { WORLD_USERS, WORLD_USERS_BY_NAME };
const struct world_index world_peer_index = { WORLD_PEERS, WORLD_PEERS_BY_NAME };
const struct world_index world_context_index = { WORLD_CONTEXTS, WORLD_CONTEXTS_BY_NAME };
static_assert(offsetof(struct world_user, name) == 0 && offsetof(struct world_peer, name) == 0 &&
                      offsetof(struct world_context, name) == 0 && offsetof(struct world_include, name) == 0,
              "the name is at the front");

static const uint8_t *bytes_of(const struct world *world)
{
	return (const uint8_t *)world;
}

int world_index_compare(struct tg_span a, struct tg_span b)
{
	const size_t len = a.len < b.len ? a.len : b.len;
	const int order = len > 0 ? memcmp(a.p, b.p, len) : 0;

	return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

const struct world_text *world_index_row(const struct world *world, const struct world_index *index, uint32_t at)
{
	const uint32_t *row = world_row(world, index->by_name, at);

	return world_row(world, index->rows, *row);
}

int world_exten_compare(const struct world *world, const struct world_exten *a, const struct world_exten *b)
{
	const int order = pattern_compare(world_span(world, a->pattern), world_span(world, b->pattern));

	if (order != 0) {
		return order;
	}
	if (a->has_callerid != b->has_callerid) {
		return (int)b->has_callerid - (int)a->has_callerid;
	}
	return pattern_compare(world_span(world, a->callerid), world_span(world, b->callerid));
}

const char *world_text(const struct world *world, struct world_text text)
{
	return text.len > 0 ? (const char *)bytes_of(world) + world->text_offset + text.offset : "";
}

struct tg_span world_span(const struct world *world, struct world_text text)
{
	return (struct tg_span){ (const uint8_t *)world_text(world, text), text.len };
}

uint32_t world_count(const struct world *world, enum world_table table)
{
	return world->tables[table].count;
}

const void *world_row(const struct world *world, enum world_table table, uint32_t index)
{
	const struct world_table_place *place = &world->tables[table];

	assert(index < place->count);
	return bytes_of(world) + place->offset + (size_t)index * place->row_bytes;
}

static const void *find(const struct world *world, const struct world_index *index, struct tg_span name)
{
	uint32_t low = 0, high = world_count(world, index->by_name);

	while (low < high) {
		const uint32_t middle = low + (high - low) / 2;
		const struct world_text *row = world_index_row(world, index, middle);
		const int order = world_index_compare(name, world_span(world, *row));

		if (order == 0) {
			return row;
		}
		if (order < 0) {
			high = middle;
		} else {
			low = middle + 1;
		}
	}
	return NULL;
}

const struct world_user *world_user_find(const struct world *world, struct tg_span name)
{
	return find(world, &world_user_index, name);
}

const struct world_peer *world_peer_find(const struct world *world, struct tg_span name)
{
	return find(world, &world_peer_index, name);
}

const struct world_context *world_context_find(const struct world *world, struct tg_span name)
{
	return find(world, &world_context_index, name);
}

bool world_is_backend(const struct world *world, struct tg_addr addr)
{
	const struct tg_addr *backend = &world->settings.front.backend;

	return backend->family != TG_NO_ADDR && tg_addr_equal(*backend, addr);
}

bool world_acl_allows(const struct world *world, struct world_run acl, bool v4, bool v6, struct tg_addr from)
{
	bool allowed = from.family == TG_IPV4 ? v4 || !v6 : v6 || !v4;

	for (uint32_t i = 0; i < acl.count; i++) {
		const struct world_acl_rule *rule = world_row(world, WORLD_ACL_RULES, acl.first + i);

		if (rule->permit == WORLD_ACL_AND) {
			if (!allowed) {
				return false;
			}
			allowed = true;
		} else if (tg_addr_in_prefix(from, rule->base, rule->bits)) {
			allowed = rule->permit == WORLD_ACL_PERMIT;
		}
	}
	return allowed;
}

const struct world_range *world_range_find(const struct world *world, enum world_table table, struct tg_addr addr)
{
	const struct world_range *best = NULL;

	assert(table == WORLD_TOKEN_OPTIONAL || table == WORLD_NUMBER_LIMITS || table == WORLD_NEVER_BAN);
	for (uint32_t i = 0; i < world_count(world, table); i++) {
		const struct world_range *range = world_row(world, table, i);

		if ((best == NULL || range->bits > best->bits) && tg_addr_in_prefix(addr, range->base, range->bits)) {
			best = range;
		}
	}
	return best;
}

bool world_exten_matches(const struct world *world, const struct world_exten *exten, struct tg_span number,
                         struct tg_span caller)
{
	if (!pattern_match(world_span(world, exten->pattern), number)) {
		return false;
	}
	return exten->has_callerid == 0 || pattern_match(world_span(world, exten->callerid), caller);
}

const char *world_class_name(enum world_class class)
{
#define X(name, text) [name] = (text),
	static const char *const names[WORLD_CLASSES] = { WORLD_CLASS_LIST(X) };
#undef X

	return (unsigned)class < WORLD_CLASSES ? names[class] : "?";
}

int world_destination_compare(const struct world_destination *a, const struct world_destination *b)
{
	const int order = strncmp(a->prefix, b->prefix, sizeof(a->prefix));
	const int rank_a = a->exception * 2 + a->exact, rank_b = b->exception * 2 + b->exact;

	return order != 0 ? order : rank_a - rank_b;
}

uint32_t world_row_bytes(enum world_table table)
{
	return row_bytes[table];
}

const char *world_app_name(enum world_app_id app)
{
	return (unsigned)app < WORLD_APPS ? app_names[app] : "(unknown)";
}

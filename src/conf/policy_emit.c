/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/policy.h"

#include <string.h>

/* ---- how numbers are dialled ---- */

/*
 * How people dial where it is not a 0 for the country and 00 for the world: the calling code, the national prefix, the international
 * ones. Public facts of the numbering plans (ITU-T E.164 and the list of dialling procedures).
 */
static const struct habit {
	const char *country, *national, *international[2];
} habits[] = {
	{ "1", "1", { "011", NULL } },   { "7", "8", { "810", NULL } },  { "30", "", { "00", NULL } },
	{ "34", "", { "00", NULL } },    { "36", "06", { "00", NULL } }, { "39", "", { "00", NULL } },
	{ "45", "", { "00", NULL } },    { "47", "", { "00", NULL } },   { "48", "", { "00", NULL } },
	{ "61", "0", { "0011", NULL } }, { "65", "", { "000", "001" } }, { "81", "0", { "010", NULL } },
	{ "82", "0", { "001", "002" } }, { "351", "", { "00", NULL } },  { "352", "", { "00", NULL } },
	{ "354", "", { "00", NULL } },   { "356", "", { "00", NULL } },  { "357", "", { "00", NULL } },
	{ "370", "0", { "00", NULL } },  { "371", "", { "00", NULL } },  { "372", "", { "00", NULL } },
	{ "375", "8", { "810", NULL } }, { "376", "", { "00", NULL } },  { "377", "", { "00", NULL } },
	{ "420", "", { "00", NULL } },   { "852", "", { "001", NULL } }, { "853", "", { "00", NULL } },
	{ "972", "0", { "00", "012" } },
};

/* The calling codes of two digits (ITU-T E.164); 1 and 7 have one, all others three. */
static const char two_digits[] =
	" 20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65"
	" 66 81 82 84 86 90 91 92 93 94 95 98 ";

static size_t code_len(const char *digits)
{
	const char code[] = { ' ', digits[0], digits[1], ' ', '\0' };

	return digits[0] == '1' || digits[0] == '7' ? 1 : strstr(two_digits, code) != NULL ? 2 : 3;
}

/* A row that says what a country costs is one of the country itself. */
static bool is_country(const struct world_destination *row, const char *region)
{
	return row->prefix[0] == '+' && row->class >= WORLD_CLASS_INTL_LOW && row->class <= WORLD_CLASS_INTL_HIGH &&
	       memcmp(row->region, region, sizeof(row->region)) == 0;
}

static const struct world_destination *country_find(const struct conf_loading *loading, const char *region)
{
	const uint32_t count = world_build_count(loading->build, WORLD_DESTINATIONS);

	for (uint32_t i = 0; i < count; i++) {
		const struct world_destination *row = world_build_at(loading->build, WORLD_DESTINATIONS, i);

		if (row != NULL && is_country(row, region)) {
			return row;
		}
	}
	return NULL;
}

static bool knows_premium(const struct conf_loading *loading, const struct world_numbers *numbers)
{
	const uint32_t count = world_build_count(loading->build, WORLD_DESTINATIONS);

	for (uint32_t i = 0; i < count; i++) {
		const struct world_destination *row = world_build_at(loading->build, WORLD_DESTINATIONS, i);

		if (row != NULL && row->class == WORLD_CLASS_PREMIUM && row->prefix[0] == '+' &&
		    strncmp(row->prefix + 1, numbers->country, strlen(numbers->country)) == 0) {
			return true;
		}
	}
	return false;
}

static const struct habit *habit_of(const char *country)
{
	static const struct habit others = { "", "0", { "00", NULL } };

	for (size_t i = 0; i < TG_COUNT(habits); i++) {
		if (strcmp(habits[i].country, country) == 0) {
			return &habits[i];
		}
	}
	return &others;
}

static void take_code(char to[8], const char *code)
{
	memset(to, 0, 8);
	memcpy(to, code, strlen(code));
}

/* What no line says follows from the country; without one, both of the common international prefixes count. */
static void take_habit(struct conf_numbers *numbers)
{
	const struct habit *habit = habit_of(numbers->row.country);
	const bool is_known = numbers->row.country[0] != '\0';

	if (!numbers->has_national) {
		take_code(numbers->row.national, habit->national);
	}
	if (!numbers->has_international) {
		const char *other = is_known ? habit->international[1] : "011";

		take_code(numbers->row.international[0], habit->international[0]);
		take_code(numbers->row.international[1], other != NULL ? other : "");
	}
	if (!numbers->has_bare) {
		const bool is_plain = numbers->row.national[0] == '\0' || strcmp(numbers->row.country, "1") == 0;

		numbers->row.bare = is_known && is_plain ? WORLD_BARE_NATIONAL : WORLD_BARE_EITHER;
	}
}

static void take_country(struct conf_loading *loading, struct conf_numbers *numbers)
{
	const struct world_destination *row = country_find(loading, numbers->row.region);

	if (row == NULL) {
		conf_error(loading->problems, numbers->country_at,
		           "country: no list of destinations has the country %s", numbers->row.region);
		return;
	}
	memcpy(numbers->row.country, row->prefix + 1, code_len(row->prefix + 1));
	if (!knows_premium(loading, &numbers->row)) {
		conf_warning(
			loading->problems, numbers->country_at,
			"country: no list of destinations knows the premium numbers of %s, so they count as national "
			"ones; name a list that does with destinations= in [general]",
			numbers->row.region);
	}
}

static void emit_numbers(struct conf_loading *loading)
{
	struct world_settings *settings = &loading->general.settings;

	for (struct conf_numbers *numbers = loading->numbers; numbers != NULL; numbers = numbers->next) {
		if (numbers->row.region[0] != '\0') {
			take_country(loading, numbers);
		}
		take_habit(numbers);
		numbers->row.name = world_build_text(loading->build, tg_span_text(numbers->name));
		numbers->row.origin = world_build_origin(loading->build, numbers->at.file, numbers->at.line);
		numbers->place = world_build_row(loading->build, WORLD_NUMBERS, &numbers->row) + 1;
		if (numbers->name[0] == '\0') {
			settings->paying.numbers = numbers->place;
		}
	}
}

/* ---- policies ---- */

static struct world_run emit_rules(struct conf_loading *loading, const struct conf_policy *policy, uint8_t *closed)
{
	const uint32_t first = world_build_count(loading->build, WORLD_POLICY_RULES);

	for (const struct conf_policy_line *line = policy->first; line != NULL; line = line->next) {
		struct world_policy_rule rule = line->rule;

		rule.origin = world_build_origin(loading->build, line->at.file, line->at.line);
		rule.text = world_build_text(loading->build, tg_span_text(line->text));
		*closed = *closed != 0 || rule.kind == WORLD_POLICY_ALLOW;
		world_build_row(loading->build, WORLD_POLICY_RULES, &rule);
	}
	return (struct world_run){ first, world_build_count(loading->build, WORLD_POLICY_RULES) - first };
}

/* How many are above it; WORLD_POLICY_DEPTH if it is a loop. */
static uint32_t depth_of(const struct conf_loading *loading, const struct conf_policy *policy)
{
	uint32_t depth = 0;

	while (policy != NULL && policy->parent.text != NULL && depth < WORLD_POLICY_DEPTH) {
		policy = conf_policy_find(loading, policy->parent.text);
		depth += policy != NULL ? 1 : 0;
	}
	return depth;
}

static void emit_policy(struct conf_loading *loading, struct conf_policy *policy)
{
	struct world_policy row = {
		.name = world_build_text(loading->build, tg_span_text(policy->name)),
		.origin = world_build_origin(loading->build, policy->at.file, policy->at.line),
		.depth = depth_of(loading, policy),
	};

	row.parent = conf_policy_named(loading, &policy->parent, "parent");
	row.rules = emit_rules(loading, policy, &row.closed);
	if (row.depth >= WORLD_POLICY_DEPTH) {
		conf_error(loading->problems, policy->parent.at,
		           "parent: [policy %s] is above itself, or %d are above it", policy->name, WORLD_POLICY_DEPTH);
	}
	world_build_row(loading->build, WORLD_POLICIES, &row);
}

static uint32_t row_of(const struct conf_loading *loading, const char *name)
{
	const struct conf_policy *policy = conf_policy_find(loading, name);

	return policy != NULL ? policy->row : 0;
}

void conf_policies_emit(struct conf_loading *loading)
{
	struct world_paying *paying = &loading->general.settings.paying;
	uint32_t row = 0;

	emit_numbers(loading);
	for (struct conf_policy *policy = loading->policies; policy != NULL; policy = policy->next) {
		policy->row = ++row;
	}
	for (struct conf_policy *policy = loading->policies; policy != NULL; policy = policy->next) {
		emit_policy(loading, policy);
	}
	paying->system = row_of(loading, "system");
	paying->guests = row_of(loading, "guests");
	paying->trunks = row_of(loading, "trunks");
}

/* ---- trunks without a country ---- */

static bool has_country(const struct conf_loading *loading, uint32_t numbers)
{
	const struct world_numbers *row = numbers == 0 ? NULL
	                                               : world_build_at(loading->build, WORLD_NUMBERS, numbers - 1);

	return row != NULL && row->country[0] != '\0';
}

/* Such a word means nothing where national numbers cannot be told apart. */
static bool names_national(const struct conf_loading *loading, uint32_t policy)
{
	static const uint32_t national = 1U << WORLD_CLASS_NATIONAL | 1U << WORLD_CLASS_MOBILE |
	                                 1U << WORLD_CLASS_SHARED | 1U << WORLD_CLASS_PREMIUM |
	                                 1U << WORLD_CLASS_UNKNOWN;
	const struct world_policy *row = world_build_at(loading->build, WORLD_POLICIES, policy - 1);
	bool named = false;

	for (uint32_t i = 0; row != NULL && i < row->rules.count; i++) {
		const struct world_policy_rule *rule = world_build_at(loading->build, WORLD_POLICY_RULES,
		                                                      row->rules.first + i);

		named = named ||
		        (rule != NULL && (rule->classes & national) != 0 && (rule->classes & national) != national);
	}
	return named;
}

/* Whoever has a policy that makes no difference between them needs no country. */
static bool needs_country(const struct conf_loading *loading, const struct world_user *user)
{
	const uint32_t policy = user->policy != 0 ? user->policy : loading->general.settings.paying.system;

	return policy == 0 || names_national(loading, policy);
}

/* The trunk's own way to dial goes first, then the account's. */
static bool is_blind(const struct conf_loading *loading, const struct world_peer *peer)
{
	const uint32_t users = world_build_count(loading->build, WORLD_USERS);
	const uint32_t otherwise = loading->general.settings.paying.numbers;

	for (uint32_t i = 0; peer->chargeable != 0 && i < users; i++) {
		const struct world_user *user = world_build_at(loading->build, WORLD_USERS, i);

		if (user == NULL || !needs_country(loading, user)) {
			continue;
		}
		const uint32_t numbers = peer->numbers != 0   ? peer->numbers
		                         : user->numbers != 0 ? user->numbers
		                                              : otherwise;

		if (!has_country(loading, numbers)) {
			return true;
		}
	}
	return false;
}

void conf_policies_check(struct conf_loading *loading)
{
	const uint32_t peers = loading->problems->errors > 0 ? 0 : world_build_count(loading->build, WORLD_PEERS);

	for (uint32_t i = 0; i < peers; i++) {
		const struct world_peer *row = world_build_at(loading->build, WORLD_PEERS, i);
		const bool blind = row != NULL && is_blind(loading, row);
		const struct tg_span name = blind ? tg_span_text(world_build_text_at(loading->build, row->name))
		                                  : (struct tg_span){ 0 };
		const struct conf_account *peer = blind ? conf_account_find(loading, CONF_PEER, name) : NULL;

		if (peer != NULL) {
			conf_warning(loading->problems, peer->at,
			             "[%s] may take money for calls, and without country= in [numbers] of "
			             "tollgate.conf national "
			             "numbers cannot be told from premium ones; chargeable=no if calls there are free",
			             peer->name);
			return; /* once is enough */
		}
	}
}

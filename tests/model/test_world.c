/* SPDX-License-Identifier: Apache-2.0 */
#include "model/world.h"

#include "check.h"
#include "model/world_sample.h"

#include <stdlib.h>

static struct tg_addr addr(const char *text)
{
	struct tg_addr parsed;

	if (!tg_addr_parse(&parsed, tg_span_text(text), 0)) {
		fail_msg("%s is no address", text);
	}
	return parsed;
}

static void test_the_sample_is_found_by_name(void **state)
{
	size_t size;
	struct world *world = world_sample(&size);
	(void)state;

	CHECK_TEXT(world_check(world, size), NULL);
	CHECK_UINT(world_count(world, WORLD_USERS), 3);
	for (uint32_t i = 0; i < 3; i++) {
		const struct world_user *user = world_row(world, WORLD_USERS, i);

		CHECK_TRUE(world_user_find(world, world_span(world, user->name)) == user);
	}
	CHECK_TEXT(world_text(world, world_user_find(world, TG_SPAN_LIT("bob"))->language), "de");
	CHECK_TRUE(world_user_find(world, TG_SPAN_LIT("Bob")) == NULL);
	CHECK_TRUE(world_user_find(world, TG_SPAN_LIT("bobby")) == NULL);
	CHECK_TRUE(world_user_find(world, TG_SPAN_LIT("")) == NULL);
	CHECK_TRUE(world_peer_find(world, TG_SPAN_LIT("bob")) != NULL);
	CHECK_TRUE(world_peer_find(world, TG_SPAN_LIT("carol")) == NULL);
	CHECK_UINT(world_context_find(world, TG_SPAN_LIT("phones"))->height, 1);
	CHECK_UINT(world_context_find(world, TG_SPAN_LIT("base"))->height, 0);
	free(world);
}

static void test_extensions_are_sorted(void **state)
{
	static const char *const want[] = { "600", "_6XX", "_6XX", "_XXX" };
	size_t size;
	struct world *world = world_sample(&size);
	const struct world_context *context = world_context_find(world, TG_SPAN_LIT("phones"));
	(void)state;

	CHECK_UINT(context->extens.count, TG_COUNT(want));
	for (uint32_t i = 0; i < context->extens.count; i++) {
		const struct world_exten *exten = world_row(world, WORLD_EXTENS, context->extens.first + i);

		CHECK_TEXT(world_text(world, exten->pattern), want[i]);
		CHECK_UINT(exten->has_callerid, i == 1);
	}
	free(world);
}

static void test_caller_restricts_an_extension(void **state)
{
	size_t size;
	struct world *world = world_sample(&size);
	const struct world_context *context = world_context_find(world, TG_SPAN_LIT("phones"));
	const struct world_exten *restricted = world_row(world, WORLD_EXTENS, context->extens.first + 1);
	const struct world_exten *open = world_row(world, WORLD_EXTENS, context->extens.first + 2);
	(void)state;

	CHECK_TRUE(world_exten_matches(world, restricted, TG_SPAN_LIT("601"), TG_SPAN_LIT("2001")));
	CHECK_FALSE(world_exten_matches(world, restricted, TG_SPAN_LIT("601"), TG_SPAN_LIT("3001")));
	CHECK_FALSE(world_exten_matches(world, restricted, TG_SPAN_LIT("601"), TG_SPAN_LIT("")));
	CHECK_FALSE(world_exten_matches(world, restricted, TG_SPAN_LIT("701"), TG_SPAN_LIT("2001")));
	CHECK_TRUE(world_exten_matches(world, open, TG_SPAN_LIT("601"), TG_SPAN_LIT("")));
	free(world);
}

static void test_last_matching_rule_decides(void **state)
{
	static const struct {
		const char *from;
		bool v4, v6, want;
	} cases[] = {
		{ "192.0.2.1", true, false, true },       /* permitted after the general deny */
		{ "192.0.2.66", true, false, false },     /* denied again */
		{ "198.51.100.1", true, false, false },   /* only the general deny */
		{ "2001:db8::1", true, false, false },    /* no rule of its family, but of the other */
		{ "::ffff:192.0.2.1", true, false, true } /* mapped is IPv4 */
	};
	size_t size;
	struct world *world = world_sample(&size);
	const struct world_user *alice = world_user_find(world, TG_SPAN_LIT("alice"));
	const struct world_run none = { 0, 0 };
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		const bool got = world_acl_allows(world, alice->acl, cases[i].v4, cases[i].v6, addr(cases[i].from));

		if (got != cases[i].want) {
			fail_msg("%s is %d", cases[i].from, got);
		}
	}
	CHECK_TRUE(world_acl_allows(world, none, false, false, addr("192.0.2.1")));
	CHECK_TRUE(world_acl_allows(world, none, false, false, addr("2001:db8::1")));
	CHECK_FALSE(world_acl_allows(world, none, false, true, addr("192.0.2.1")));
	free(world);
}

static void test_longest_prefix_wins(void **state)
{
	static const struct {
		const char *from;
		uint32_t want; /* 0: none */
	} cases[] = {
		{ "10.0.0.1", 8 }, { "10.1.0.1", 16 },    { "10.1.2.3", 16 },
		{ "11.0.0.1", 0 }, { "2001:db8::1", 64 }, { "::a01:1", 0 },
	};
	size_t size;
	struct world *world = world_sample(&size);
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		const struct world_range *range = world_range_find(world, WORLD_NUMBER_LIMITS, addr(cases[i].from));

		CHECK_UINT(range != NULL ? range->value : 0, cases[i].want);
	}
	free(world);
}

/* Whatever octet is changed: refused, or every accessor is safe (the sanitizers watch). */
static void test_every_changed_octet_is_refused_or_harmless(void **state)
{
	static const uint8_t flips[] = { 0x01, 0x80, 0xff };
	size_t size;
	unsigned refused = 0;
	struct world *world = world_sample(&size);
	struct world *copy = malloc(size);
	(void)state;

	for (size_t at = 0; at < size; at++) {
		for (size_t f = 0; f < TG_COUNT(flips); f++) {
			memcpy(copy, world, size);
			((uint8_t *)copy)[at] ^= flips[f];
			if (world_check(copy, size) != NULL) {
				refused++;
			} else {
				world_touch_all(copy);
			}
		}
	}
	CHECK_TRUE(refused > 1000);
	free(copy);
	free(world);
}

static void test_every_cut_is_refused(void **state)
{
	size_t size;
	struct world *world = world_sample(&size);
	(void)state;

	for (size_t cut = 0; cut < size; cut++) {
		struct world *copy = malloc(cut > 0 ? cut : 1);

		memcpy(copy, world, cut);
		CHECK_TRUE(world_check(copy, cut) != NULL);
		if (cut >= sizeof(*copy)) { /* also when it says so itself */
			copy->size_bytes = cut;
			CHECK_TRUE(world_check(copy, cut) != NULL);
		}
		free(copy);
	}
	free(world);
}

struct breakage {
	const char *want;
	void (*apply)(struct world *world);
};

static void *row(struct world *world, enum world_table table, uint32_t index)
{
	return (uint8_t *)world + world->tables[table].offset + (size_t)index * world->tables[table].row_bytes;
}

static struct world_user *user(struct world *world)
{
	return row(world, WORLD_USERS, 0);
}

static void break_magic(struct world *w)
{
	w->magic++;
}
static void break_version(struct world *w)
{
	w->version++;
}
static void break_size(struct world *w)
{
	w->size_bytes++;
}
static void break_row_bytes(struct world *w)
{
	w->tables[WORLD_USERS].row_bytes--;
}
static void break_alignment(struct world *w)
{
	w->tables[WORLD_USERS].offset += 4;
}
static void break_count(struct world *w)
{
	w->tables[WORLD_STEPS].count = UINT32_MAX;
}
static void break_offset(struct world *w)
{
	w->tables[WORLD_STEPS].offset = UINT64_MAX - 7;
}
static void break_low_offset(struct world *w)
{
	w->tables[WORLD_STEPS].offset = 8;
}
static void break_pool(struct world *w)
{
	w->text_bytes += 1;
}
static void break_pool_end(struct world *w)
{
	((uint8_t *)w)[w->text_offset + w->text_bytes - 1] = 'x';
}
static void break_text_offset(struct world *w)
{
	user(w)->language.offset = UINT32_MAX;
}
static void break_text_len(struct world *w)
{
	user(w)->language.len++;
}
static void break_text_short(struct world *w)
{
	user(w)->language.len--;
}
static void break_name(struct world *w)
{
	user(w)->name.len = 0;
}
static void break_run(struct world *w)
{
	user(w)->contexts.count = UINT32_MAX;
}
static void break_run_first(struct world *w)
{
	user(w)->contexts.first = UINT32_MAX;
}
static void break_enum(struct world *w)
{
	user(w)->codec_priority = 4;
}
static void break_bool(struct world *w)
{
	user(w)->has_secret = 2;
}
static void break_codecs(struct world *w)
{
	user(w)->codecs.mask = 0;
}
static void break_codec(struct world *w)
{
	user(w)->codecs.formats[0] = 3;
}
static void break_codec_count(struct world *w)
{
	user(w)->codecs.count = 25;
}
static void break_bits(struct world *w)
{
	((struct world_acl_rule *)row(w, WORLD_ACL_RULES, 0))->bits = 33;
}
static void break_family(struct world *w)
{
	((struct world_acl_rule *)row(w, WORLD_ACL_RULES, 0))->base.family = 0;
}
static void break_mapped(struct world *w)
{
	((struct world_acl_rule *)row(w, WORLD_ACL_RULES, 0))->base.family = 6;
}
static void break_four(struct world *w)
{
	((struct world_acl_rule *)row(w, WORLD_ACL_RULES, 0))->base.ip[0] = 1;
}
static void break_kind(struct world *w)
{
	((struct world_acl_rule *)row(w, WORLD_ACL_RULES, 0))->base.family = 5;
}
static void break_padding(struct world *w)
{
	((struct world_acl_rule *)row(w, WORLD_ACL_RULES, 0))->base.zero[4] = 1;
}
static void break_binds(struct world *w)
{
	w->settings.bind_count = 17;
}
static void break_no_bind(struct world *w)
{
	w->settings.binds[0] = (struct tg_addr){ 0 };
}
static void break_threads(struct world *w)
{
	w->settings.threads = 0;
}
static void break_expire(struct world *w)
{
	w->settings.min_reg_expire_s = 61;
}
static void break_index(struct world *w)
{
	*(uint32_t *)row(w, WORLD_USERS_BY_NAME, 0) = 3;
}
static void break_index_order(struct world *w)
{
	*(uint32_t *)row(w, WORLD_USERS_BY_NAME, 0) = *(uint32_t *)row(w, WORLD_USERS_BY_NAME, 1);
}
static void break_index_count(struct world *w)
{
	w->tables[WORLD_USERS_BY_NAME].count--;
}
static struct world_include *include_of(struct world *w)
{
	return (struct world_include *)row(w, WORLD_INCLUDES, 0);
}

static void break_weekdays(struct world *w)
{
	include_of(w)->weekdays = 0x80;
}

static void break_months(struct world *w)
{
	include_of(w)->months = 0x2000;
}

static void break_is_limited(struct world *w)
{
	include_of(w)->is_limited = 2;
}

static void break_zone(struct world *w)
{
	include_of(w)->zone.begin.month = 13;
}

static void break_own_zone(struct world *w)
{
	w->settings.zone.standard_s = 90000;
}

static void break_include(struct world *w)
{
	include_of(w)->name.len = 0;
}

static void break_height(struct world *w)
{
	((struct world_context *)row(w, WORLD_CONTEXTS, 0))->height = 0;
}
static void break_app(struct world *w)
{
	((struct world_step *)row(w, WORLD_STEPS, 0))->app = WORLD_APPS;
}
static void break_priority(struct world *w)
{
	((struct world_step *)row(w, WORLD_STEPS, 1))->priority = 1;
}
static void break_order(struct world *w)
{
	struct world_exten *extens = row(w, WORLD_EXTENS, 0);
	const struct world_exten first = extens[0];

	extens[0] = extens[1];
	extens[1] = first;
}
static void break_pattern(struct world *w)
{
	((struct world_exten *)row(w, WORLD_EXTENS, 1))->is_pattern = 0;
}
static void break_owner(struct world *w)
{
	((struct world_context *)row(w, WORLD_CONTEXTS, 1))->extens =
		((struct world_context *)row(w, WORLD_CONTEXTS, 0))->extens;
}
static void break_never_ban(struct world *w)
{
	((struct world_range *)row(w, WORLD_NEVER_BAN, 0))->bits = 33;
}
static void break_never_ban_family(struct world *w)
{
	((struct world_range *)row(w, WORLD_NEVER_BAN, 0))->base.family = 0;
}
static struct world_fingerprint *fingerprint(struct world *w)
{
	return row(w, WORLD_FINGERPRINTS, 0);
}
static void break_fingerprint_name(struct world *w)
{
	fingerprint(w)->name.len = 0;
}
static void break_provenance(struct world *w)
{
	fingerprint(w)->provenance.offset = UINT32_MAX;
}
static void break_conditions(struct world *w)
{
	fingerprint(w)->conditions.count = 2;
}
static void break_score(struct world *w)
{
	fingerprint(w)->score = 101;
}
static void break_no_score(struct world *w)
{
	fingerprint(w)->score = 0;
}
static void break_fact(struct world *w)
{
	((struct world_condition *)row(w, WORLD_CONDITIONS, 0))->fact = WORLD_FACTS;
}
static void break_test(struct world *w)
{
	((struct world_condition *)row(w, WORLD_CONDITIONS, 0))->test = WORLD_TESTS;
}
static void break_mode(struct world *w)
{
	w->settings.guard.mode = WORLD_GUARD_MODES;
}
static void break_rate(struct world *w)
{
	w->settings.guard.new_dialogs_per_s = 0;
}
static void break_burst(struct world *w)
{
	w->settings.guard.known_dialogs_burst = 1000001;
}
static void break_kernel(struct world *w)
{
	w->settings.guard.kernel = 2;
}
static void break_days(struct world *w)
{
	w->settings.guard.known_days = 367;
}
static void break_networks(struct world *w)
{
	w->settings.guard.account_prefixes = 17;
}
static void break_steps(struct world *w)
{
	w->settings.guard.silence_at = w->settings.guard.kernel_at;
}
static void break_first_step(struct world *w)
{
	w->settings.guard.delay_at = w->settings.guard.silence_at;
}
static void break_decoy(struct world *w)
{
	user(w)->decoy = 2;
}
static void break_roaming(struct world *w)
{
	((struct world_peer *)row(w, WORLD_PEERS, 0))->roaming = 2;
}
static void break_weak(struct world *w)
{
	((struct world_peer *)row(w, WORLD_PEERS, 0))->weak_secret = 2;
}

static void test_each_breakage_has_its_name(void **state)
{
	static const struct breakage cases[] = {
		{ "not a world of this version", break_magic },
		{ "not a world of this version", break_version },
		{ "the image has another size than it says", break_size },
		{ "a table of another layout", break_row_bytes },
		{ "a table of another layout", break_alignment },
		{ "a table outside the image", break_count },
		{ "a table outside the image", break_offset },
		{ "a table outside the image", break_low_offset },
		{ "the texts are outside the image", break_pool },
		{ "the last text has no end", break_pool_end },
		{ "a text outside the pool", break_text_offset },
		{ "a text that does not end in NUL", break_text_len },
		{ "a text that does not end in NUL", break_text_short },
		{ "a text of a length that is not allowed", break_name },
		{ "a run of rows outside its table", break_run },
		{ "a run of rows outside its table", break_run_first },
		{ "a number out of its range", break_enum },
		{ "a number out of its range", break_bool },
		{ "a codec list that differs from its mask", break_codecs },
		{ "a codec list with something else in it", break_codec },
		{ "too many codecs in a list", break_codec_count },
		{ "a prefix longer than its address", break_bits },
		{ "an address without a family", break_family },
		{ "an IPv6 address that is IPv4", break_mapped },
		{ "an IPv4 address that is none", break_four },
		{ "an address of an unknown family", break_kind },
		{ "an address with something in its padding", break_padding },
		{ "a number out of its range", break_binds },
		{ "an address without a family", break_no_bind },
		{ "a number out of its range", break_threads },
		{ "minregexpire is above maxregexpire", break_expire },
		{ "an index that points outside its table", break_index },
		{ "names out of order, or one twice", break_index_order },
		{ "an index of another length than its table", break_index_count },
		{ "a context that is included but missing, or in a loop", break_height },
		{ "a number out of its range", break_weekdays },
		{ "a number out of its range", break_months },
		{ "a number out of its range", break_is_limited },
		{ "a time zone that is none", break_zone },
		{ "a time zone that is none", break_own_zone },
		{ "a text of a length that is not allowed", break_include },
		{ "a number out of its range", break_app },
		{ "priorities out of order", break_priority },
		{ "extensions out of order", break_order },
		{ "an extension that is marked as another kind", break_pattern },
		{ "a row with two owners", break_owner },
		{ "a prefix longer than its address", break_never_ban },
		{ "an address without a family", break_never_ban_family },
		{ "a text of a length that is not allowed", break_fingerprint_name },
		{ "a text outside the pool", break_provenance },
		{ "a run of rows outside its table", break_conditions },
		{ "a number out of its range", break_score },
		{ "a number out of its range", break_no_score },
		{ "a number out of its range", break_fact },
		{ "a number out of its range", break_test },
		{ "a number out of its range", break_mode },
		{ "a number out of its range", break_rate },
		{ "a number out of its range", break_burst },
		{ "a number out of its range", break_kernel },
		{ "a number out of its range", break_days },
		{ "a number out of its range", break_networks },
		{ "the steps of the guard do not grow", break_steps },
		{ "the steps of the guard do not grow", break_first_step },
		{ "a number out of its range", break_decoy },
		{ "a number out of its range", break_roaming },
		{ "a number out of its range", break_weak },
	};
	size_t size;
	struct world *world = world_sample(&size);
	struct world *copy = malloc(size);
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		memcpy(copy, world, size);
		cases[i].apply(copy);
		const char *got = world_check(copy, size);

		if (got == NULL || strcmp(got, cases[i].want) != 0) {
			fail_msg("case %zu: \"%s\", not \"%s\"", i, got != NULL ? got : "(fine)", cases[i].want);
		}
	}
	free(copy);
	free(world);
}

static void test_what_does_not_fit_gives_no_image(void **state)
{
	struct world_build *build = world_build_new();
	const struct world_user twin = { .name = world_build_text(build, TG_SPAN_LIT("twin")) };
	const char *wrong;
	size_t size;
	(void)state;

	world_build_row(build, WORLD_USERS, &twin);
	world_build_row(build, WORLD_USERS, &twin);
	CHECK_TRUE(world_build_finish(build, 1, &size, &wrong) == NULL);
	CHECK_TEXT(wrong, "names out of order, or one twice");
	world_build_free(build);

	build = world_build_new();
	uint8_t *many = calloc(1, WORLD_TEXT_MAX + 1);

	memset(many, 'x', WORLD_TEXT_MAX + 1);
	world_build_text(build, (struct tg_span){ many, WORLD_TEXT_MAX + 1 });
	CHECK_TRUE(world_build_finish(build, 1, &size, &wrong) == NULL);
	free(many);
	world_build_free(build);
}

static void test_many_texts_are_kept_once(void **state)
{
	struct world_build *build = world_build_new();
	char text[16];
	(void)state;

	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 5000; i++) {
			snprintf(text, sizeof(text), "text %d", i);
			const struct world_text got = world_build_text(build, tg_span_text(text));

			CHECK_TEXT(world_build_text_at(build, got), text);
			CHECK_TRUE(got.offset < 5000 * 10);
		}
	}
	world_build_free(build);
}

static void test_every_application_has_a_name(void **state)
{
	(void)state;
	for (int app = 0; app < WORLD_APPS; app++) {
		CHECK_TRUE(world_app_name((enum world_app_id)app) != NULL);
	}
	CHECK_TEXT(world_app_name(WORLD_APP_GOTOIF), "GotoIf");
	CHECK_TEXT(world_app_name(WORLD_APPS), "(unknown)");
}

/* One number of the sample's rows about paid calls is changed. */
static const struct poke {
	enum world_table table;
	uint32_t row;
	size_t offset;
	uint8_t bytes, value;
	const char *want;
} pokes[] = {
#define AT(type, field) offsetof(struct type, field)
	{ WORLD_USERS, 0, AT(world_user, policy), 4, 3, "a row outside its table" },
	{ WORLD_USERS, 0, AT(world_user, numbers), 4, 2, "a row outside its table" },
	{ WORLD_USERS, 0, AT(world_user, of_backend), 1, 2, "a number out of its range" },
	{ WORLD_USERS, 0, AT(world_user, start.len), 1, 200, "a text of a length that is not allowed" },
	{ WORLD_PEERS, 0, AT(world_peer, to_backend), 1, 2, "a number out of its range" },
	{ WORLD_REGISTRATIONS, 0, AT(world_registration, bound_to), 4, 200, "a row outside its table" },
	{ WORLD_REGISTRATIONS, 0, AT(world_registration, source) + offsetof(struct tg_addr, family), 1, 9,
	  "an address of an unknown family" },
	{ WORLD_PEERS, 0, AT(world_peer, policy), 4, 3, "a row outside its table" },
	{ WORLD_PEERS, 0, AT(world_peer, numbers), 4, 2, "a row outside its table" },
	{ WORLD_PEERS, 0, AT(world_peer, chargeable), 1, 2, "a number out of its range" },
	{ WORLD_DESTINATIONS, 0, AT(world_destination, prefix), 1, 0, "digits of a length that is not allowed" },
	{ WORLD_DESTINATIONS, 0, AT(world_destination, prefix) + 1, 1, 'x', "digits that are none" },
	{ WORLD_DESTINATIONS, 0, AT(world_destination, prefix) + 16, 1, '1', "digits of a length that is not allowed" },
	{ WORLD_DESTINATIONS, 0, AT(world_destination, region), 1, 'd', "a region that is none" },
	{ WORLD_DESTINATIONS, 0, AT(world_destination, region) + 3, 1, 'd', "a region that is none" },
	{ WORLD_DESTINATIONS, 0, AT(world_destination, class), 1, WORLD_CLASSES, "a number out of its range" },
	{ WORLD_DESTINATIONS, 0, AT(world_destination, exact), 1, 2, "a number out of its range" },
	{ WORLD_DESTINATIONS, 0, AT(world_destination, exception), 1, 2, "a number out of its range" },
	{ WORLD_DESTINATIONS, 1, AT(world_destination, exception), 1, 1, "destinations out of order" },
	{ WORLD_DESTINATIONS, 1, AT(world_destination, up), 4, 0, "a destination with a wrong way up" },
	{ WORLD_DESTINATIONS, 0, AT(world_destination, up), 4, 1, "a destination with a wrong way up" },
	{ WORLD_DESTINATIONS, 3, AT(world_destination, up), 4, 1, "a destination with a wrong way up" },
	{ WORLD_DESTINATIONS, 4, AT(world_destination, up), 4, 4, "a destination with a wrong way up" },
	{ WORLD_DESTINATIONS, 4, AT(world_destination, up), 4, 200, "a destination with a wrong way up" },
	{ WORLD_NUMBERS, 0, AT(world_numbers, country), 1, '+', "a code in front of numbers that is none" },
	{ WORLD_NUMBERS, 0, AT(world_numbers, national), 1, '+', "a code in front of numbers that is none" },
	{ WORLD_NUMBERS, 0, AT(world_numbers, international[1]) + 7, 1, '1', "digits of a length that is not allowed" },
	{ WORLD_NUMBERS, 0, AT(world_numbers, international[3]), 1, 'x', "digits that are none" },
	{ WORLD_NUMBERS, 0, AT(world_numbers, region), 1, '*', "a region that is none" },
	{ WORLD_NUMBERS, 0, AT(world_numbers, internal_digits), 1, 16, "a number out of its range" },
	{ WORLD_NUMBERS, 0, AT(world_numbers, bare), 1, WORLD_BARES, "a number out of its range" },
	{ WORLD_POLICIES, 0, AT(world_policy, parent), 4, 1, "a policy above itself" },
	{ WORLD_POLICIES, 0, AT(world_policy, depth), 4, 1, "a policy above itself" },
	{ WORLD_POLICIES, 1, AT(world_policy, depth), 4, WORLD_POLICY_DEPTH, "a number out of its range" },
	{ WORLD_POLICIES, 1, AT(world_policy, parent), 4, 3, "a row outside its table" },
	{ WORLD_POLICIES, 1, AT(world_policy, closed), 1, 2, "a number out of its range" },
	{ WORLD_POLICIES, 1, AT(world_policy, rules.count), 4, 99, "a run of rows outside its table" },
	{ WORLD_POLICY_RULES, 0, AT(world_policy_rule, kind), 4, WORLD_POLICY_KINDS, "a number out of its range" },
	{ WORLD_POLICY_RULES, 0, AT(world_policy_rule, classes) + 2, 1, 1, "a number out of its range" },
	{ WORLD_POLICY_RULES, 0, AT(world_policy_rule, value) + 3, 1, 255, "a number out of its range" },
	{ WORLD_POLICY_RULES, 0, AT(world_policy_rule, prefix), 1, 'x', "digits that are none" },
	{ WORLD_POLICY_RULES, 0, AT(world_policy_rule, days), 4, 128, "a number out of its range" },
	{ WORLD_POLICY_RULES, 0, AT(world_policy_rule, from_min) + 1, 1, 6, "a number out of its range" },
	{ WORLD_POLICY_RULES, 0, AT(world_policy_rule, to_min) + 1, 1, 6, "a number out of its range" },
#undef AT
};

static void test_what_is_wrong_of_paid_calls(void **state)
{
	unsigned broken = 0;
	(void)state;

	for (size_t i = 0; i < TG_COUNT(pokes); i++) {
		const struct poke *poke = &pokes[i];
		size_t size;
		struct world *world = world_sample(&size);
		uint8_t *at = (uint8_t *)row(world, poke->table, poke->row) + poke->offset;

		memset(at, 0, poke->bytes);
		at[0] = poke->value;
		const char *got = world_check(world, size);

		if (got == NULL || strcmp(got, poke->want) != 0) {
			print_error("poke %zu: %s, not %s\n", i, got != NULL ? got : "(fine)", poke->want);
			broken++;
		}
		free(world);
	}
	CHECK_UINT(broken, 0);
}

static void test_a_day_that_is_none(void **state)
{
	size_t size;
	struct world *world = world_sample(&size);
	(void)state;

	world->settings.paying.zone.standard_s = 25 * 3600;
	CHECK_TEXT(world_check(world, size), "a place whose day is another one");
	world->settings.paying.zone.standard_s = -25 * 3600;
	CHECK_TEXT(world_check(world, size), "a place whose day is another one");
	world->settings.paying.zone.standard_s = 0;
	world->settings.paying.guests = 3;
	CHECK_TEXT(world_check(world, size), "a row outside its table");
	free(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_sample_is_found_by_name),
		cmocka_unit_test(test_extensions_are_sorted),
		cmocka_unit_test(test_caller_restricts_an_extension),
		cmocka_unit_test(test_last_matching_rule_decides),
		cmocka_unit_test(test_longest_prefix_wins),
		cmocka_unit_test(test_every_changed_octet_is_refused_or_harmless),
		cmocka_unit_test(test_every_cut_is_refused),
		cmocka_unit_test(test_each_breakage_has_its_name),
		cmocka_unit_test(test_what_does_not_fit_gives_no_image),
		cmocka_unit_test(test_many_texts_are_kept_once),
		cmocka_unit_test(test_every_application_has_a_name),
		cmocka_unit_test(test_what_is_wrong_of_paid_calls),
		cmocka_unit_test(test_a_day_that_is_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

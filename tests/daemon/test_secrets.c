/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "daemon/secrets.h"

#include <stdio.h>
#include <stdlib.h>

static struct secrets *build(struct secrets_item *items, uint32_t count, size_t *size)
{
	const char *too_many;
	struct secrets *image = secrets_build(items, count, 42, size, &too_many);

	CHECK_TRUE(image != NULL);
	CHECK_TEXT(too_many, NULL);
	CHECK_TEXT(secrets_check(image, *size), NULL);
	return image;
}

static void check_found(const struct secrets *image, enum model_identity identity, const char *name, const char *want[],
                        uint32_t count)
{
	const struct secrets_run run = secrets_find(image, identity, tg_span_text(name));

	CHECK_UINT(run.count, count);
	for (uint32_t i = 0; i < count; i++) {
		CHECK_SPAN(secrets_text(image, run.first + i), tg_span_text(want[i]));
	}
}

static void test_what_is_built_is_found(void **state)
{
	struct secrets_item items[] = {
		{ MODEL_OUR_REGISTER, "register:1", "there" },
		{ MODEL_CALLER, "bob", "second comes first" },
		{ MODEL_REGISTRANT, "bob", "of the peer" },
		{ MODEL_CALLER, "alice", "a" },
		{ MODEL_CALLER, "bob", "another" },
		{ MODEL_CALLER, "bobby", "longer name" },
		{ MODEL_CALLER, "", "no name" },
		{ MODEL_CALLER, "bo", "shorter name" },
	};
	size_t size;
	struct secrets *image = build(items, TG_COUNT(items), &size);

	(void)state;
	CHECK_UINT(image->generation, 42);
	CHECK_UINT(image->most_a_name, 2);
	check_found(image, MODEL_CALLER, "bob", (const char *[]){ "second comes first", "another" }, 2);
	check_found(image, MODEL_REGISTRANT, "bob", (const char *[]){ "of the peer" }, 1);
	check_found(image, MODEL_CALLER, "alice", (const char *[]){ "a" }, 1);
	check_found(image, MODEL_CALLER, "bobby", (const char *[]){ "longer name" }, 1);
	check_found(image, MODEL_CALLER, "bo", (const char *[]){ "shorter name" }, 1);
	check_found(image, MODEL_CALLER, "", (const char *[]){ "no name" }, 1);
	check_found(image, MODEL_OUR_REGISTER, "register:1", (const char *[]){ "there" }, 1);
	check_found(image, MODEL_OUR_PEER, "bob", NULL, 0);
	check_found(image, MODEL_CALLER, "carol", NULL, 0);
	check_found(image, MODEL_CALLER, "b", NULL, 0);
	free(image);
}

static void test_no_secrets_at_all(void **state)
{
	size_t size;
	struct secrets *image = build(NULL, 0, &size);

	(void)state;
	CHECK_UINT(size, sizeof(struct secrets));
	check_found(image, MODEL_CALLER, "bob", NULL, 0);
	free(image);
}

static void test_too_much_is_refused(void **state)
{
	struct secrets_item many[SECRETS_A_NAME_MAX + 1];
	char long_text[MODEL_SECRET_MAX + 2];
	struct secrets_item one = { MODEL_CALLER, "bob", long_text };
	const char *too_many;
	size_t size;

	(void)state;
	for (size_t i = 0; i < TG_COUNT(many); i++) {
		many[i] = (struct secrets_item){ MODEL_CALLER, "bob", "x" };
	}
	CHECK_TRUE(secrets_build(many, TG_COUNT(many), 1, &size, &too_many) == NULL);
	CHECK_TEXT(too_many, "bob");
	free(build(many, TG_COUNT(many) - 1, &size));
	memset(long_text, 'x', sizeof(long_text));
	long_text[MODEL_SECRET_MAX + 1] = '\0';
	CHECK_TRUE(secrets_build(&one, 1, 1, &size, &too_many) == NULL);
	CHECK_TEXT(too_many, NULL);
	long_text[MODEL_SECRET_MAX] = '\0';
	free(build(&one, 1, &size));
}

/* Changes one thing of a good image. */
static void spoil_magic(struct secrets *image, struct secrets_row *rows)
{
	(void)rows;
	image->magic++;
}

static void spoil_version(struct secrets *image, struct secrets_row *rows)
{
	(void)rows;
	image->version++;
}

static void spoil_size(struct secrets *image, struct secrets_row *rows)
{
	(void)rows;
	image->size_bytes--;
}

static void spoil_count(struct secrets *image, struct secrets_row *rows)
{
	(void)rows;
	image->count = UINT32_MAX;
}

static void spoil_most(struct secrets *image, struct secrets_row *rows)
{
	(void)rows;
	image->most_a_name = SECRETS_A_NAME_MAX + 1;
}

static void spoil_none(struct secrets *image, struct secrets_row *rows)
{
	(void)rows;
	image->most_a_name = 0;
}

static void spoil_identity(struct secrets *image, struct secrets_row *rows)
{
	(void)image;
	rows[1].identity = MODEL_IDENTITIES;
}

static void spoil_name(struct secrets *image, struct secrets_row *rows)
{
	rows[1].name_offset = (uint32_t)image->size_bytes;
}

static void spoil_name_far(struct secrets *image, struct secrets_row *rows)
{
	(void)image;
	rows[1].name_offset = UINT32_MAX;
}

static void spoil_secret(struct secrets *image, struct secrets_row *rows)
{
	(void)image;
	rows[1].secret_len++;
}

static void spoil_long(struct secrets *image, struct secrets_row *rows)
{
	(void)image;
	rows[0].secret_len = MODEL_SECRET_MAX + 1;
}

static void spoil_order(struct secrets *image, struct secrets_row *rows)
{
	const struct secrets_row first = rows[0];

	(void)image;
	rows[0] = rows[1];
	rows[1] = first;
}

static void test_a_spoilt_image_is_refused(void **state)
{
	static void (*const spoil[])(struct secrets *, struct secrets_row *) = {
		spoil_magic, spoil_version,  spoil_size,     spoil_count,  spoil_most, spoil_none,
		spoil_name,  spoil_identity, spoil_name_far, spoil_secret, spoil_long, spoil_order,
	};

	(void)state;
	for (size_t i = 0; i < TG_COUNT(spoil); i++) {
		struct secrets_item items[] = { { MODEL_CALLER, "alice", "a" }, { MODEL_CALLER, "bob", "b" } };
		size_t size;
		struct secrets *image = build(items, TG_COUNT(items), &size);

		spoil[i](image, (struct secrets_row *)(image + 1));
		if (secrets_check(image, size) == NULL) {
			print_error("case %zu passed\n", i);
		}
		CHECK_TRUE(secrets_check(image, size) != NULL);
		free(image);
	}
}

static void test_a_cut_image_is_refused(void **state)
{
	struct secrets_item items[] = { { MODEL_CALLER, "alice", "a" }, { MODEL_CALLER, "bob", "b" } };
	size_t size;
	struct secrets *image = build(items, TG_COUNT(items), &size);

	(void)state;
	for (size_t cut = 0; cut < size; cut++) {
		void *exact = malloc(cut > 0 ? cut : 1);

		memcpy(exact, image, cut);
		CHECK_TRUE(secrets_check(exact, cut) != NULL);
		free(exact);
	}
	free(image);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_built_is_found), cmocka_unit_test(test_no_secrets_at_all),
		cmocka_unit_test(test_too_much_is_refused),    cmocka_unit_test(test_a_spoilt_image_is_refused),
		cmocka_unit_test(test_a_cut_image_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

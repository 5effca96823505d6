/* SPDX-License-Identifier: Apache-2.0 */
#include "model/prompts.h"

#include "check.h"

#include <stdlib.h>

enum { ROWS = 3, FRAME_BYTES = 4, FRAMES = 2 };

struct image {
	struct prompts head;
	struct prompt rows[ROWS];
	uint8_t frames[ROWS][FRAMES * FRAME_BYTES];
};

static struct image sample(void)
{
	static const char *const names[ROWS] = { "bell", "bell", "bells" };
	static const uint64_t formats[ROWS] = { 4, 8, 4 };
	struct image image = {
		.head = {
			.magic = PROMPTS_MAGIC,
			.version = PROMPTS_VERSION,
			.size_bytes = sizeof(image),
			.count = ROWS,
			.rows_offset = offsetof(struct image, rows),
		},
	};

	for (unsigned i = 0; i < ROWS; i++) {
		image.rows[i] = (struct prompt){
			.format = formats[i],
			.offset = offsetof(struct image, frames) + i * sizeof(image.frames[0]),
			.frame_bytes = FRAME_BYTES,
			.frames = FRAMES,
		};
		tg_span_copy(image.rows[i].name, sizeof(image.rows[i].name), tg_span_text(names[i]));
		image.frames[i][0] = (uint8_t)i;
		image.frames[i][FRAME_BYTES] = (uint8_t)(i + 100);
	}
	return image;
}

static void test_rows_are_found(void **state)
{
	const struct image image = sample();
	(void)state;

	CHECK_TEXT(prompts_check(&image.head, sizeof(image)), NULL);
	CHECK_INT(prompts_find(&image.head, TG_SPAN_LIT("bell"), 4), 0);
	CHECK_INT(prompts_find(&image.head, TG_SPAN_LIT("bell"), 8), 1);
	CHECK_INT(prompts_find(&image.head, TG_SPAN_LIT("bells"), 4), 2);
	CHECK_INT(prompts_find(&image.head, TG_SPAN_LIT("bells"), 8), -1);
	CHECK_INT(prompts_find(&image.head, TG_SPAN_LIT("bel"), 4), -1);
	CHECK_INT(prompts_find(&image.head, (struct tg_span){ 0 }, 4), -1);
	CHECK_UINT(prompts_formats(&image.head, TG_SPAN_LIT("bell")), 12);
	CHECK_UINT(prompts_formats(&image.head, TG_SPAN_LIT("bells")), 4);
	CHECK_UINT(prompts_formats(&image.head, TG_SPAN_LIT("zebra")), 0);
	CHECK_UINT(prompts_frame(&image.head, 2, 0).p[0], 2);
	CHECK_UINT(prompts_frame(&image.head, 2, 1).p[0], 102);
	CHECK_UINT(prompts_frame(&image.head, 2, 1).len, FRAME_BYTES);
}

static void break_magic(struct image *i)
{
	i->head.magic++;
}
static void break_version(struct image *i)
{
	i->head.version++;
}
static void break_size(struct image *i)
{
	i->head.size_bytes--;
}
static void break_count(struct image *i)
{
	i->head.count = UINT32_MAX;
}
static void break_rows(struct image *i)
{
	i->head.rows_offset = UINT64_MAX - 7;
}
static void break_alignment(struct image *i)
{
	i->head.rows_offset += 4;
}
static void break_low_rows(struct image *i)
{
	i->head.rows_offset = 8;
}
static void break_no_name(struct image *i)
{
	i->rows[0].name[0] = '\0';
}
static void break_endless_name(struct image *i)
{
	memset(i->rows[2].name, 'x', sizeof(i->rows[2].name));
}
static void break_no_format(struct image *i)
{
	i->rows[0].format = 0;
}
static void break_two_formats(struct image *i)
{
	i->rows[0].format = 3;
}
static void break_no_octets(struct image *i)
{
	i->rows[0].frame_bytes = 0;
}
static void break_huge_frame(struct image *i)
{
	i->rows[0].frame_bytes = 1025;
}
static void break_no_frames(struct image *i)
{
	i->rows[0].frames = 0;
}
static void break_many_frames(struct image *i)
{
	i->rows[2].frames = FRAMES + 1;
}
static void break_offset(struct image *i)
{
	i->rows[0].offset = UINT64_MAX - 3;
}
static void break_low_offset(struct image *i)
{
	i->rows[0].offset = 0;
}
static void break_order(struct image *i)
{
	i->rows[0].name[0] = 'z';
}
static void break_repeated(struct image *i)
{
	i->rows[1].format = 4;
}

static void test_each_breakage_has_its_name(void **state)
{
	static const struct {
		const char *want;
		void (*apply)(struct image *image);
	} cases[] = {
		{ "not prompts of this version", break_magic },
		{ "not prompts of this version", break_version },
		{ "the image has another size than it says", break_size },
		{ "the rows are outside the image", break_count },
		{ "the rows are outside the image", break_rows },
		{ "the rows are outside the image", break_alignment },
		{ "the rows are outside the image", break_low_rows },
		{ "a prompt without a name", break_no_name },
		{ "a prompt without a name", break_endless_name },
		{ "a prompt that is not in one format", break_no_format },
		{ "a prompt that is not in one format", break_two_formats },
		{ "a prompt without frames", break_no_octets },
		{ "a prompt without frames", break_huge_frame },
		{ "a prompt without frames", break_no_frames },
		{ "a prompt outside the image", break_many_frames },
		{ "a prompt outside the image", break_offset },
		{ "a prompt outside the image", break_low_offset },
		{ "prompts out of order, or one twice", break_order },
		{ "prompts out of order, or one twice", break_repeated },
	};
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		struct image image = sample();

		cases[i].apply(&image);
		const char *got = prompts_check(&image.head, sizeof(image));

		if (got == NULL || strcmp(got, cases[i].want) != 0) {
			fail_msg("case %zu: \"%s\", not \"%s\"", i, got != NULL ? got : "(fine)", cases[i].want);
		}
	}
}

static void test_every_cut_is_refused(void **state)
{
	const struct image image = sample();
	(void)state;

	for (size_t cut = 0; cut < sizeof(image); cut++) {
		uint8_t *copy = malloc(cut > 0 ? cut : 1);
		struct prompts head = image.head;

		head.size_bytes = cut;
		memcpy(copy, &image, cut);
		memcpy(copy, &head, cut < sizeof(head) ? cut : sizeof(head));
		CHECK_TRUE(prompts_check((const struct prompts *)(uintptr_t)copy, cut) != NULL);
		free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows_are_found),
		cmocka_unit_test(test_each_breakage_has_its_name),
		cmocka_unit_test(test_every_cut_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

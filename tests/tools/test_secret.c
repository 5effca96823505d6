/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "tools/secret.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void write_file(char path[64], const char *text, size_t len, mode_t mode)
{
	snprintf(path, 64, "/tmp/tg-test-secret-XXXXXX");
	const int fd = mkstemp(path);

	CHECK_TRUE(fd >= 0 && write(fd, text, len) == (ssize_t)len && fchmod(fd, mode) == 0);
	close(fd);
}

static void test_the_first_line_of_a_private_file(void **state)
{
	static char longest[TOOL_SECRET_MAX + 2];
	static const struct {
		const char *text;
		mode_t mode;
		const char *want; /* NULL: refused */
	} rows[] = {
		{ "open sesame\n", 0600, "open sesame" },
		{ "open sesame", 0400, "open sesame" },
		{ "with\r\nsecond line\n", 0600, "with" },
		{ " blanks stay ; and # \n", 0600, " blanks stay ; and # " },
		{ "", 0600, NULL },
		{ "\n", 0600, NULL },
		{ "x\n", 0644, NULL },
		{ "x\n", 0620, NULL },
		{ longest, 0600, NULL },
	};

	(void)state;
	memset(longest, 'x', sizeof(longest) - 1);
	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		struct tool_secret secret;
		char path[64], wrong[256] = "";

		write_file(path, rows[i].text, strlen(rows[i].text), rows[i].mode);
		CHECK_UINT(tool_secret_init(&secret, path, NULL, wrong, sizeof(wrong)), rows[i].want != NULL);
		unlink(path);
		if (rows[i].want == NULL) {
			CHECK_TRUE(wrong[0] != '\0');
			CHECK_FALSE(secret.known);
			continue;
		}
		CHECK_TEXT(secret.text, rows[i].want);
		CHECK_TRUE(secret.known);
		tool_secret_deinit(&secret);
		CHECK_TEXT(secret.text, "");
	}
}

static void test_the_environment_is_wiped(void **state)
{
	struct tool_secret secret;
	char wrong[256];

	(void)state;
	CHECK_TRUE(setenv("TOLLGATE_SECRET", "open sesame", 1) == 0);
	const char *where = getenv("TOLLGATE_SECRET");

	CHECK_TRUE(tool_secret_init(&secret, NULL, "alice", wrong, sizeof(wrong)));
	CHECK_TEXT(secret.text, "open sesame");
	CHECK_TRUE(getenv("TOLLGATE_SECRET") == NULL);
	CHECK_TEXT(where, "");
	CHECK_TRUE(tool_secret_init(&secret, NULL, NULL, wrong, sizeof(wrong)));
	CHECK_FALSE(secret.known);
}

/* RFC 5456, 8.6.15: MD5 over the challenge and the secret. */
static void test_verify(void **state)
{
	const struct tool_secret secret = { .text = "secret", .len = 6, .known = true };
	const struct tool_secret none = { .known = false };
	const struct tg_span challenge = TG_SPAN_LIT("12345");
	/* printf 12345secret | md5sum */
	const struct tg_span right = TG_SPAN_LIT("d6bf7523a8407696bb9448d0d0fecca8");

	(void)state;
	CHECK_TRUE(tool_secret_verify(&secret, challenge, right));
	CHECK_FALSE(tool_secret_verify(&none, challenge, right));
	CHECK_FALSE(tool_secret_verify(&secret, TG_SPAN_LIT("12346"), right));
	CHECK_FALSE(tool_secret_verify(&secret, challenge, (struct tg_span){ right.p, 31 }));
	CHECK_FALSE(tool_secret_verify(&secret, challenge, (struct tg_span){ right.p, 30 }));
	CHECK_FALSE(tool_secret_verify(&secret, challenge, (struct tg_span){ 0 }));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_first_line_of_a_private_file),
		cmocka_unit_test(test_the_environment_is_wiped),
		cmocka_unit_test(test_verify),
	};

	return cmocka_run_group_tests_name("secret", tests, NULL, NULL);
}

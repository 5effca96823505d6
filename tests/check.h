/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TESTS_CHECK_H
#define TG_TESTS_CHECK_H

/* cmocka wants these in front of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <string.h>

/* Each check prints both values and ends the test. */
#define CHECK_TRUE(what) check_true((what), #what, __FILE__, __LINE__)
#define CHECK_FALSE(what) check_true(!(what), "not " #what, __FILE__, __LINE__)
#define CHECK_UINT(got, want) check_uint((got), (want), #got, __FILE__, __LINE__)
#define CHECK_INT(got, want) check_int((got), (want), #got, __FILE__, __LINE__)
#define CHECK_TEXT(got, want) check_text((got), (want), #got, __FILE__, __LINE__)
#define CHECK_SPAN(got, want) check_span((got), (want), #got, __FILE__, __LINE__)

/** Leave the test out, because of what the machine lacks; the reason is counted with it. */
#define CHECK_SKIP(...)                          \
	do {                                     \
		print_message("# " __VA_ARGS__); \
		print_message("\n");             \
		skip();                          \
	} while (0)

#include "base/bytes.h"

static inline void check_true(bool ok, const char *what, const char *file, int line)
{
	if (!ok) {
		print_error("%s:%d: %s is wrong\n", file, line, what);
		_fail(file, line);
	}
}

static inline void check_uint(uint64_t got, uint64_t want, const char *what, const char *file, int line)
{
	if (got != want) {
		print_error("%s:%d: %s is %" PRIu64 " (0x%" PRIx64 "), not %" PRIu64 " (0x%" PRIx64 ")\n", file, line,
		            what, got, got, want, want);
		_fail(file, line);
	}
}

static inline void check_int(int64_t got, int64_t want, const char *what, const char *file, int line)
{
	if (got != want) {
		print_error("%s:%d: %s is %" PRId64 ", not %" PRId64 "\n", file, line, what, got, want);
		_fail(file, line);
	}
}

static inline void check_text(const char *got, const char *want, const char *what, const char *file, int line)
{
	if (got == NULL || want == NULL ? got != want : strcmp(got, want) != 0) {
		print_error("%s:%d: %s is \"%s\", not \"%s\"\n", file, line, what, got ? got : "(null)",
		            want ? want : "(null)");
		_fail(file, line);
	}
}

static inline void check_span(struct tg_span got, struct tg_span want, const char *what, const char *file, int line)
{
	if (!tg_span_equal(got, want)) {
		print_error("%s:%d: %s differs: ", file, line, what);
		for (size_t i = 0; i < got.len; i++) {
			print_error("%02x", got.p[i]);
		}
		print_error(", not ");
		for (size_t i = 0; i < want.len; i++) {
			print_error("%02x", want.p[i]);
		}
		print_error("\n");
		_fail(file, line);
	}
}

#endif

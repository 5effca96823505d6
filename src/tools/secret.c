/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/secret.h"

#include "crypt/md5.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

static void secret_set(struct tool_secret *secret, const char *text, size_t len)
{
	secret->len = len <= TOOL_SECRET_MAX ? len : TOOL_SECRET_MAX;
	memcpy(secret->text, text, secret->len);
	secret->text[secret->len] = '\0';
	secret->known = secret->len > 0;
}

static bool file_wrong(const char *file, const char *what, char *wrong, size_t wrong_bytes)
{
	snprintf(wrong, wrong_bytes, "%s: %s", file, what);
	return false;
}

static bool from_file(struct tool_secret *secret, const char *file, char *wrong, size_t wrong_bytes)
{
	char line[TOOL_SECRET_MAX + 3];
	const int fd = open(file, O_RDONLY | O_CLOEXEC);
	struct stat st;
	const bool opened = fd >= 0 && fstat(fd, &st) == 0;
	const bool is_private = opened && (!S_ISREG(st.st_mode) || (st.st_mode & (S_IRWXG | S_IRWXO)) == 0);
	const ssize_t got = is_private ? read(fd, line, sizeof(line)) : -1;
	const int why = errno;

	if (fd >= 0) {
		close(fd);
	}
	if (opened && !is_private) {
		return file_wrong(file, "others may read it: chmod 600 it first", wrong, wrong_bytes);
	}
	if (got < 0) {
		return file_wrong(file, strerror(why), wrong, wrong_bytes);
	}
	const char *end = memchr(line, '\n', (size_t)got);
	size_t len = end != NULL ? (size_t)(end - line) : (size_t)got;

	len -= len > 0 && line[len - 1] == '\r' ? 1 : 0;
	if (len == 0 || len > TOOL_SECRET_MAX) {
		crypt_wipe(line, sizeof(line));
		return file_wrong(file, "its first line is no secret of 1 to 255 octets", wrong, wrong_bytes);
	}
	secret_set(secret, line, len);
	crypt_wipe(line, sizeof(line));
	return true;
}

static void from_terminal(struct tool_secret *secret, const char *prompt_for)
{
	char line[TOOL_SECRET_MAX + 2] = "";
	struct termios before, silent;

	if (tcgetattr(STDIN_FILENO, &before) != 0) {
		return;
	}
	silent = before;
	silent.c_lflag &= ~(tcflag_t)ECHO;
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent); /* before the question: an answer may come at once */
	fprintf(stderr, "Secret of %s (empty for none): ", prompt_for);
	if (fgets(line, sizeof(line), stdin) != NULL) {
		secret_set(secret, line, strcspn(line, "\r\n"));
	}
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
	fputc('\n', stderr);
	crypt_wipe(line, sizeof(line));
}

bool tool_secret_init(struct tool_secret *secret, const char *file, const char *prompt_for, char *wrong,
                      size_t wrong_bytes)
{
	char *env = getenv("TOLLGATE_SECRET");

	*secret = (struct tool_secret){ 0 };
	if (file != NULL) {
		return from_file(secret, file, wrong, wrong_bytes);
	}
	if (env != NULL) {
		secret_set(secret, env, strlen(env));
		crypt_wipe(env, strlen(env));
		unsetenv("TOLLGATE_SECRET");
	} else if (prompt_for != NULL && isatty(STDIN_FILENO)) {
		from_terminal(secret, prompt_for);
	}
	return true;
}

void tool_secret_deinit(struct tool_secret *secret)
{
	crypt_wipe(secret, sizeof(*secret));
}

bool tool_secret_answer(const struct tool_secret *secret, struct tg_span challenge, char digits[IAX_MD5_DIGITS + 1])
{
	struct crypt_md5 *md5 = secret->known ? crypt_md5_new() : NULL;
	uint8_t result[CRYPT_MD5_BYTES];
	const struct tg_span text = { (const uint8_t *)secret->text, secret->len };
	const bool ok = md5 != NULL && crypt_md5_answer(md5, result, challenge, text);

	crypt_md5_free(md5);
	if (ok) {
		tg_hex_encode(digits, (struct tg_span){ result, sizeof(result) });
	}
	return ok;
}

bool tool_secret_respond(const struct tool_secret *secret, struct iax_endpoint *ep, const struct iax_event *challenged,
                         uint64_t now_us)
{
	char digits[2 * CRYPT_MD5_BYTES + 1];

	if ((challenged->ies->auth_methods & IAX_AUTH_MD5) == 0 ||
	    !tool_secret_answer(secret, challenged->ies->challenge, digits)) {
		return false;
	}
	return iax_leg_respond_md5(ep, challenged->leg, tg_span_text(digits), now_us) == IAX_OK;
}

bool tool_secret_verify(const struct tool_secret *secret, struct tg_span challenge, struct tg_span md5_result)
{
	uint8_t want[CRYPT_MD5_BYTES], got[CRYPT_MD5_BYTES];
	char digits[2 * CRYPT_MD5_BYTES + 1];
	size_t len = 0;

	if (!tool_secret_answer(secret, challenge, digits) ||
	    !tg_hex_decode(want, sizeof(want), tg_span_text(digits), &len) ||
	    !tg_hex_decode(got, sizeof(got), md5_result, &len) || len != sizeof(got)) {
		return false;
	}
	return crypt_equal(want, got, sizeof(want));
}

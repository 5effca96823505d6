/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TOOLS_SECRET_H
#define TG_TOOLS_SECRET_H

#include "iax/endpoint.h"

enum { TOOL_SECRET_MAX = 255 };

/** A secret in use: never printed, wiped when done. */
struct tool_secret {
	char text[TOOL_SECRET_MAX + 1];
	size_t len;
	bool known;
};

/**
 * Find the secret: in a file (its first line; nobody but its owner may be able to read it), else in TOLLGATE_SECRET
 * (which is wiped), else asked for if standard input is a terminal and prompt_for is not NULL.
 *
 * @return false with a text in `wrong` if the file cannot be used; true with known == false if there is no secret
 */
TG_MUST_USE bool tool_secret_init(struct tool_secret *secret, const char *file, const char *prompt_for, char *wrong,
                                  size_t wrong_bytes);
void tool_secret_deinit(struct tool_secret *secret);

/**
 * Answer IAX_EV_CHALLENGED with MD5.
 *
 * @return false if the challenge asks for something else, or there is no secret: the leg must be hung up
 */
TG_MUST_USE bool tool_secret_respond(const struct tool_secret *secret, struct iax_endpoint *ep,
                                     const struct iax_event *challenged, uint64_t now_us);

/** The digits of the answer to a challenge. @return false if there is no secret */
TG_MUST_USE bool tool_secret_answer(const struct tool_secret *secret, struct tg_span challenge,
                                    char digits[IAX_MD5_DIGITS + 1]);

/** Whether an MD5_RESULT is the answer to a challenge of ours, in a time that tells nothing. */
bool tool_secret_verify(const struct tool_secret *secret, struct tg_span challenge, struct tg_span md5_result);

#endif

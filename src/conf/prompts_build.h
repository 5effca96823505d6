/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_CONF_PROMPTS_BUILD_H
#define TG_CONF_PROMPTS_BUILD_H

#include "conf/problem.h"
#include "conf/tones.h"
#include "model/prompts.h"

enum { CONF_SOUNDS_MAX_BYTES = 256 << 20 };

/** Where sound files come from: a folder (conf/disk.h), or memory in tests. */
struct conf_sounds {
	void *owner;
	/**
	 * The next file, in any order.
	 *
	 * @param path   lent until the next call; below the sounds directory, such as "digits/1.gsm"
	 * @param bytes  lent until the next call
	 * @param why    NULL, or why the file is not used (a constant text); bytes are empty then
	 * @return false after the last one
	 */
	bool (*next)(void *owner, const char **path, struct tg_span *bytes, const char **why);
};

/**
 * Build the image of all prompts: .ulaw .ul, .alaw .al, .gsm, .g722 and .sln files (8000 Hz linear,
 * little-endian), and the tone of Milliwatt. Files in other formats are counted in one note; what else is
 * left out has a warning.
 *
 * @param sounds  NULL: the tones alone
 * @param tones   of Playtones; NULL for none
 * @param folder  names the files in problems
 * @return malloc'd and prompts_check()ed, generation 0; NULL only if there is no memory (an error is in problems then)
 */
struct prompts *conf_prompts_build(const struct conf_sounds *sounds, const struct conf_tones *tones, const char *folder,
                                   struct conf_problems *problems, size_t *size_bytes);

#endif

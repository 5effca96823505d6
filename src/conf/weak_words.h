/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_CONF_WEAK_WORDS_H
#define TG_CONF_WEAK_WORDS_H

/** Common words by their first letter, a to z; each in lower case, with a blank before and behind it. */
extern const char *const conf_weak_words[26];

enum { CONF_WEAK_WORD_MIN = 3, CONF_WEAK_WORD_MAX = 14 }; /* letters */

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_DAEMON_FENCE_H
#define TG_DAEMON_FENCE_H

#include "model/guardstate.h"

/**
 * What a ban or an allowance is in the packet filter: names, the text that makes our table, elements of its sets. Without process
 * or socket. The table has a set for each kind and length of network in `fence_sets`; a network of another length becomes several
 * of the next longer one, and an allowance that would be too many is the next wider one. They may be elements of another one, too,
 * and go with it: whoever takes out a network of another length tells the others of its kind again.
 */

enum { FENCE_SETS = 15, FENCE_NAME_BYTES = 32, FENCE_ELEMENTS_MAX = 256, FENCE_SCRIPT_BYTES = 4096 };

/* Also the most elements of a set. The guard bans no more than 100,000; what it takes out and puts in again counts twice. */
enum { FENCE_SET_ELEMENTS = 262144 };

struct fence_set {
	const char *name;
	uint8_t family; /* enum tg_family */
	uint8_t bits;
	uint8_t kind;     /* enum model_ban_kind */
	const char *mask; /* "" for single addresses */
};

extern const struct fence_set fence_sets[FENCE_SETS];

/** One element, to be put in or taken out. */
struct fence_element {
	uint8_t set;       /* of fence_sets */
	uint8_t key_bytes; /* 4 or 16 */
	bool in;
	uint8_t key[16];
	uint64_t timeout_ms; /* 0: for good */
};

/** The table's name: "tollgate" for the usual state folder, else one of its own, the same at each start. */
void fence_table_name(char name[FENCE_NAME_BYTES], const char *state_dir);

/**
 * The text for nft: whatever a daemon with this name left behind is replaced by empty sets, at once.
 *
 * @return false if there is no port, or no room
 */
TG_MUST_USE bool fence_script(char script[FENCE_SCRIPT_BYTES], const char *table, const uint16_t *ports,
                              uint32_t count);

/**
 * @param wall_ms  now
 * @return how many elements it is; 0 if it cannot be told to the filter: a network too large, or between two lengths too far apart
 */
TG_MUST_USE uint32_t fence_elements(const struct model_ban *ban, uint64_t wall_ms,
                                    struct fence_element out[FENCE_ELEMENTS_MAX]);

#endif

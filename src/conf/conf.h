/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_CONF_CONF_H
#define TG_CONF_CONF_H

#include "conf/files.h"
#include "conf/problem.h"
#include "conf/secrets.h"
#include "model/listen.h"
#include "model/prompts.h"
#include "model/world.h"

/**
 * The configuration: iax.conf, and extensions.conf, acl.conf and tollgate.conf if they are there, read into one world.
 * The same files give the same octets.
 */

struct conf_result {
	bool failed; /* problems.errors > 0; there is no world then, and no secret */
	struct conf_problems problems;
	struct world *world; /* malloc'd, generation 0: the caller numbers it */
	size_t world_bytes;
	struct conf_secrets secrets;
	char sounds[256]; /* folder of the prompt files; "" if none was named */
	struct model_listen metrics;
};

/** @param out  filled in whatever happens; conf_result_free() it */
void conf_load(const struct conf_files *files, struct conf_result *out);

/** The same, and tell each line of an option on the way (conf/option.h). @param trace  NULL: none */
struct conf_trace;
void conf_load_traced(const struct conf_files *files, const struct conf_trace *trace, struct conf_result *out);

/** Wipes the secrets. */
void conf_result_free(struct conf_result *result);

/** Looks one host name up. @return false if it has no address now */
typedef bool conf_lookup(void *owner, const char *host, struct tg_addr *addr);

/**
 * Look up the hosts of peers and registrations that are names, and put the addresses into the world; names
 * without an address keep the one they had, or none. Ports stay.
 *
 * @return how many names have no address now
 */
uint32_t conf_resolve(struct world *world, conf_lookup *lookup, void *owner);

/** Warn of each file that Playback names literally and that the prompts do not hold. */
void conf_check_sounds(const struct world *world, const struct prompts *prompts, struct conf_problems *problems);

#endif

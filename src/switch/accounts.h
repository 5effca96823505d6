/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_SWITCH_ACCOUNTS_H
#define TG_SWITCH_ACCOUNTS_H

#include "switch/inside.h"
#include "switch/plan.h"

/** What is known at run time of the names of the world: where a peer registered from, whether it answers, what it has proven. */

struct account *account_find(const struct tg_switch *sw, struct tg_span name);

/** Find, or begin one. @return NULL if the name is too long or all are in use */
struct account *account_take(struct tg_switch *sw, struct tg_span name);

/** Give it back if nothing is known of it any more. */
void account_settle(struct tg_switch *sw, struct account *account);

/** Another world: accounts of its peers, and the end of those of others. */
void accounts_on_world(struct tg_switch *sw);

/** Forget all, before others are taken over in their places. No registration of ours may follow one. */
void accounts_forget(struct tg_switch *sw);

/** The next place of another process's accounts, as tg_slab_resume() has it. @return NULL for a free one */
struct account *accounts_resume(struct tg_switch *sw, uint32_t gen, const char *name);

/** requirecalltoken=auto has seen a token together with the right secret. `user` or else the peer of that name. */
void accounts_latch(struct tg_switch *sw, struct tg_span name, bool user, bool latch);
bool accounts_is_latched(const struct tg_switch *sw, struct tg_span name, bool user);

/**
 * Where to call a peer, and from which address of ours: its own address if it is static, where it registered from, or its default
 * address. Not if it is watched (`qualify`) and does not answer in time.
 *
 * @param local  may be a wildcard when that is all we are bound to
 */
bool accounts_reach(const struct tg_switch *sw, const struct world *world, const struct world_peer *peer,
                    struct tg_addr *remote, struct tg_addr *local);

/** How long a call to a peer may stay without any answer; 0: as long as any. */
uint32_t accounts_unheard_ms(const struct world *world, const struct world_peer *peer);

/** As accounts_reach(), whether or not it answers. */
bool accounts_locate(const struct tg_switch *sw, const struct world *world, const struct world_peer *peer,
                     struct tg_addr *remote, struct tg_addr *local);

/** Whom the dialplan takes for registered: who is now. Lent by the switch. */
struct plan_registered accounts_registered(const struct tg_switch *sw);

/** An address of ours to reach a remote one from. */
struct tg_addr accounts_local_for(const struct tg_switch *sw, struct tg_addr remote);

#endif

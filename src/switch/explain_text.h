/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_SWITCH_EXPLAIN_TEXT_H
#define TG_SWITCH_EXPLAIN_TEXT_H

#include "switch/plan.h"
#include "switch/switch.h"

/** Parts of explanations: what is written into `out` is cut where it ends. */
enum { SHOWN_BYTES = 96, PLACE_BYTES = 96, LIST_BYTES = 160 };

/** What the asker wrote, in print. */
const char *explain_shown(struct tg_span text, char out[SHOWN_BYTES]);

/** "iax.conf:12" */
const char *explain_place(const struct world *world, const struct world_origin *origin, char out[PLACE_BYTES]);

/** ", iax.conf:12"; "" for what stands in no file. */
const char *explain_at(const struct world *world, const struct world_origin *origin, char out[PLACE_BYTES]);

void explain_token_text(const struct world *world, const struct switch_token_rule *rule, char out[LIST_BYTES]);

/** The rule that decided: the last that matches, of the first list that does not let the address in, or of the last list. */
const struct world_acl_rule *explain_acl_rule(const struct world *world, struct world_run acl, struct tg_addr from);

void explain_contexts(const struct world *world, const struct world_user *user, char out[LIST_BYTES]);

void explain_path(const struct world *world, const struct plan_trace *trace, char out[LIST_BYTES]);

void explain_codecs(const struct world_codecs *codecs, char out[LIST_BYTES]);

/** Whether an include is open at a minute, and what its clock shows. Returns out. */
const char *explain_when(const struct world *world, const struct world_include *include, uint32_t minute,
                         char out[LIST_BYTES]);

#endif

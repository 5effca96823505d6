/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_SWITCH_RISK_H
#define TG_SWITCH_RISK_H

#include "switch/reach.h"

/** What of a configuration is risky: a table of rows, each a pure function of the world and of what calls can reach in it. */

enum risk_severity {
	RISK_NOTE,
	RISK_WARNING,
	RISK_CRITICAL, /* somebody else's calls can be paid by the operator */
	RISK_SEVERITIES,
};
const char *risk_severity_name(enum risk_severity severity);

enum { RISK_TEXT_BYTES = 512, RISK_WAY_BYTES = 1024 };

struct risk {
	const char *id; /* "guest-paid" */
	enum risk_severity severity;
	struct world_origin at;
	char text[RISK_TEXT_BYTES];
	const char *mend;
	char way[RISK_WAY_BYTES]; /* "" if there is none to tell */
};

typedef void risk_fn(void *owner, const struct risk *risk);

/** Tell all of them. */
void risk_find(const struct world *world, const struct reach *reach, risk_fn *fn, void *owner);

/** The steps from the beginning of a call to a place: "_9X. in lobby, 1 (extensions.conf:7) > ...", cut to fit. Returns out. */
const char *risk_way(const struct world *world, const struct reach *reach, uint32_t entry, uint32_t place,
                     char out[RISK_WAY_BYTES]);

/** The first guest whose calls reach a paid trunk although nobody said so (mayspend). @return false if there is none */
bool risk_open_relay(const struct world *world, struct risk *risk);

/** Whether calls to a peer, or to one of all, may cost money. */
bool risk_is_paid(const struct world *world, uint32_t peer);

#endif

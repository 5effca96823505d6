/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/net.h"
#include "desk/show.h"

#include "base/text.h"

/* What a question is about, from the words behind a command. */

enum { EVENTS_DEFAULT = 50 };

bool desk_aim_count(int argc, const char *const *argv, struct ipc_query *query, struct desk_out *out)
{
	(void)out;
	query->limit = desk_records_wanted(argc, argv);
	return true;
}

/* [ADDRESS[/BITS]] [N] */
bool desk_aim_events(int argc, const char *const *argv, struct ipc_query *query, struct desk_out *out)
{
	uint64_t limit = EVENTS_DEFAULT;
	struct desk_net net;

	if (argc > 0 && tg_text_uint(argv[argc - 1], 1, DESK_RECORDS_MAX, &limit)) {
		argc--;
	}
	query->limit = (uint32_t)limit;
	if (argc == 0) {
		return true;
	}
	if (argc > 1 || !desk_net_parse(&net, argv[0]) || net.with_port) {
		desk_line(out, "%s: expected an address or address/bits, and a number up to %u", argv[argc - 1],
		          (unsigned)DESK_RECORDS_MAX);
		return false;
	}
	query->addr = net.base;
	query->bits = net.bits;
	return true;
}

bool desk_aim_event(int argc, const char *const *argv, struct ipc_query *query, struct desk_out *out)
{
	if (argc != 1 || !model_event_id_parse(&query->id, tg_span_text(argv[0])) ||
	    (query->id.time == 0 && query->id.salt == 0)) {
		desk_line(out, "%s: an event's id has 32 hexadecimal digits; see security show events",
		          argc > 0 ? argv[0] : "EVENT-ID");
		return false;
	}
	query->limit = 1;
	return true;
}

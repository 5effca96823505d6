/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/ending.h"

#include "iax/wire.h"

static const struct {
	uint8_t cause;
	enum tool_exit exit;
} cause_rows[] = {
	{ IAX_CAUSE_BUSY, TOOL_BUSY },
	{ IAX_CAUSE_NO_RESPONSE, TOOL_NO_ANSWER },
	{ IAX_CAUSE_NO_ANSWER, TOOL_NO_ANSWER },
	{ IAX_CAUSE_OUT_OF_ORDER, TOOL_NETWORK },
	{ IAX_CAUSE_NO_CIRCUIT, TOOL_NETWORK },
	{ IAX_CAUSE_NET_OUT_OF_ORDER, TOOL_NETWORK },
	{ IAX_CAUSE_TEMPORARY_FAILURE, TOOL_NETWORK },
	{ IAX_CAUSE_SWITCH_CONGESTION, TOOL_NETWORK },
};

enum tool_exit tool_exit_of_cause(uint8_t cause)
{
	for (size_t i = 0; i < TG_COUNT(cause_rows); i++) {
		if (cause_rows[i].cause == cause) {
			return cause_rows[i].exit;
		}
	}
	return TOOL_REFUSED;
}

enum tool_exit tool_exit_of_end(const struct iax_event *ended, bool answered, bool heard)
{
	switch (ended->end) {
	case IAX_END_LOCAL:
	case IAX_END_DONE:
		return answered ? TOOL_OK : TOOL_NO_ANSWER;
	case IAX_END_REMOTE:
		if (answered) {
			return TOOL_OK;
		}
		return ended->cause == 0 || ended->cause == IAX_CAUSE_NORMAL_CLEARING
		               ? TOOL_NO_ANSWER
		               : tool_exit_of_cause(ended->cause);
	case IAX_END_REJECTED:
		return tool_exit_of_cause(ended->cause);
	case IAX_END_TIMEOUT:
	case IAX_END_INVAL:
	case IAX_END_EVICTED:
		return answered ? TOOL_BROKEN : heard ? TOOL_NO_ANSWER : TOOL_NETWORK;
	}
	return TOOL_BROKEN;
}

const char *tool_exit_state(enum tool_exit exit)
{
	switch (exit) {
	case TOOL_OK:
		return "answered";
	case TOOL_REFUSED:
		return "refused";
	case TOOL_BUSY:
		return "busy";
	case TOOL_NO_ANSWER:
		return "no answer";
	case TOOL_NETWORK:
		return "unreachable";
	case TOOL_BROKEN:
		return "broken off";
	case TOOL_FAILED:
	case TOOL_USAGE:
	case TOOL_FILE:
		return "failed";
	}
	return "failed";
}

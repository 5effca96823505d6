/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/net.h"
#include "desk/show.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { CELL_BYTES = 40, STORY_BYTES = 4096, STORY_COLUMNS = 100 };

static const struct desk_column event_columns[] = {
	{ "Time (UTC)", 19, false, false },
	{ "Event", 23, false, false },
	{ "From", 43, false, false },
	{ "Proven", 6, false, false },
	{ "Account", 15, true, false },
	{ "Why", 25, false, false },
	{ "Action", 7, false, false },
	{ "More", 6, false, true },
	{ "Id (explain ID)", 32, false, false },
	{ 0 },
};

/* With its port, or as the network it stands for. */
static const char *from_text(const struct model_event *event, char text[DESK_NET_TEXT_BYTES])
{
	if (event->remote.family == TG_NO_ADDR || event->bits > 0 || event->remote.port == 0) {
		const unsigned bits = event->bits > 0 ? event->bits : desk_net_all_bits(event->remote);

		return desk_net_text(event->remote, bits, text);
	}
	return tg_addr_format(event->remote, text);
}

int desk_show_events(const struct desk_view *view, struct desk_out *out)
{
	const struct ipc_event_row *rows = view->rows[0].rows;

	desk_table_head(out, event_columns);
	for (uint32_t i = 0; i < view->rows[0].count; i++) {
		const struct model_event *event = &rows[i].event;
		char when[DESK_TIME_BYTES], from[DESK_NET_TEXT_BYTES], more[CELL_BYTES], id[MODEL_EVENT_ID_TEXT_BYTES];

		snprintf(more, sizeof(more), "%u", event->suppressed);
		desk_table_row(out, event_columns,
		               (const char *const[]){
				       desk_time_text(event->wall_ms, when),
				       model_event_name(event->kind),
				       from_text(event, from),
				       event->validated != 0 ? "yes" : "no",
				       event->account,
				       model_reason_code(event->reason),
				       model_action_name(event->action),
				       event->suppressed > 0 ? more : "",
				       model_event_id_format(event->id, id),
			       });
	}
	desk_line(out, "%u event%s", view->rows[0].count, view->rows[0].count == 1 ? "" : "s");
	return DESK_OK;
}

/* ---- explain EVENT-ID ---- */

struct story {
	char text[STORY_BYTES];
	size_t len;
};

static void tell(struct story *story, const char *format, ...) TG_PRINTF(2, 3);

static void tell(struct story *story, const char *format, ...)
{
	const size_t room = sizeof(story->text) - story->len;
	va_list args;

	va_start(args, format);
	const int n = vsnprintf(story->text + story->len, room, format, args);

	va_end(args);
	if (n > 0) {
		story->len += (size_t)n < room ? (size_t)n : room - 1;
	}
}

/* Names that strangers chose cannot end their quotes. */
static void tell_name(struct story *story, const char *name)
{
	tell(story, "'");
	for (const char *p = name; *p != '\0'; p++) {
		if ((uint8_t)*p < ' ' || *p == '\'' || *p == 0x7f) {
			tell(story, "\\x%02x", (unsigned)(uint8_t)*p);
		} else {
			tell(story, "%c", *p);
		}
	}
	tell(story, "'");
}

/* What was asked. */
static void tell_request(struct story *story, const struct model_event *event)
{
	static const char *const asked[MODEL_REQUESTS] = {
		[MODEL_REQUEST_NONE] = "",
		[MODEL_REQUEST_CALL] = "A call was asked for",
		[MODEL_REQUEST_REGISTER] = "A registration was asked for",
		[MODEL_REQUEST_RELEASE] = "The end of a registration was asked for",
	};
	char when[DESK_TIME_BYTES];

	tell(story, "%s UTC, %s.", desk_time_text(event->wall_ms, when), model_event_name(event->kind));
	if (event->request == MODEL_REQUEST_NONE || event->request >= MODEL_REQUESTS) {
		return;
	}
	tell(story, " %s", asked[event->request]);
	if (event->exten[0] != '\0') {
		tell(story, " to ");
		tell_name(story, event->exten);
	}
	if (event->context[0] != '\0') {
		tell(story, " in the context ");
		tell_name(story, event->context);
	}
	if (event->account[0] != '\0') {
		tell(story, " as ");
		tell_name(story, event->account);
	} else {
		tell(story, " without a name");
	}
	tell(story, ".");
}

/* By whom. */
static void tell_sender(struct story *story, const struct model_event *event)
{
	static const char *const classes[MODEL_CLASS_COUNT] = {
		[MODEL_CLASS_LOCAL] = "this machine itself",
		[MODEL_CLASS_PEER] = "the address of a configured peer",
		[MODEL_CLASS_ACTIVE] = "an address with a registration or a call",
		[MODEL_CLASS_KNOWN] = "a network where an account proved its secret in the last 30 days",
		[MODEL_CLASS_NEW] = "somebody of whom nothing is known",
		[MODEL_CLASS_STRANGER] = "a stranger",
		[MODEL_CLASS_SUSPECT] = "an address that is held back",
		[MODEL_CLASS_BANNED] = "a banned address",
	};
	char from[DESK_NET_TEXT_BYTES], to[TG_ADDR_TEXT_BYTES];

	if (event->remote.family == TG_NO_ADDR) {
		return;
	}
	tell(story, event->request != MODEL_REQUEST_NONE ? " It came from %s" : " It is about %s",
	     from_text(event, from));
	if (event->local.family != TG_NO_ADDR) {
		tell(story, " to %s", tg_addr_format(event->local, to));
	}
	tell(story, "; that was %s (class %s),", event->class < MODEL_CLASS_COUNT ? classes[event->class] : "?",
	     model_class_name(event->class));
	tell(story, event->validated != 0 ? " who proved the address."
	                                  : " who did not prove the address: it may be forged, and nothing is "
	                                    "held against it.");
}

/* What was decided, and why. */
static void tell_decision(struct story *story, const struct model_event *event)
{
	if (event->reason != MODEL_WHY_OK) {
		tell(story, event->request != MODEL_REQUEST_NONE ? " It was refused" : " The reason");
		tell(story, ": %s (%s).", model_reason_text(event->reason), model_reason_code(event->reason));
	} else if (event->kind == MODEL_EVENT_SUCCESSFUL_AUTH) {
		tell(story, " The secret was right.");
	}
	if (event->rule[0] != '\0') {
		tell(story, " The rule: %s.", event->rule);
	}
	if (event->count > 0 && event->prefixes > 0) {
		tell(story, " Counted: %u, from %u networks.", event->count, event->prefixes);
	} else if (event->count > 0) {
		tell(story, " Counted: %u.", event->count);
	}
	if (event->who[0] != '\0') {
		tell(story, " Ordered by %s.", event->who);
	}
	if (event->text[0] != '\0') {
		tell(story, " Note: %s.", event->text);
	}
}

/* What was done, until when, and how many like it. */
static void tell_action(struct story *story, const struct model_event *event)
{
	static const char *const done[MODEL_ACTION_COUNT] = {
		[MODEL_ACTION_NONE] = "Nothing was held against the address for it",
		[MODEL_ACTION_OBSERVE] =
			"Only observed: the guard would have held the address back, but it is told not to",
		[MODEL_ACTION_DELAY] = "Of this address one request in four is taken",
		[MODEL_ACTION_SILENCE] = "This address gets no answers",
		[MODEL_ACTION_KERNEL] = "This address is dropped, by the packet filter if there is one",
	};
	char until[DESK_TIME_BYTES];

	if (event->remote.family != TG_NO_ADDR && event->action < MODEL_ACTION_COUNT) {
		tell(story, " %s", done[event->action]);
		if (event->until_ms != 0) {
			tell(story, ", until %s UTC", desk_time_text(event->until_ms, until));
		}
		tell(story, ".");
	}
	if (event->suppressed > 0) {
		tell(story, " %u more like this %s not told before.", event->suppressed,
		     event->suppressed == 1 ? "was" : "were");
	}
}

/* What the operator can do, and where to look. */
static void tell_mend(struct story *story, const struct model_event *event)
{
	const char *mend = model_reason_mend(event->reason);
	const unsigned bits = event->bits > 0 ? event->bits : desk_net_all_bits(event->remote);
	char net[DESK_NET_TEXT_BYTES];

	if (mend[0] != '\0') {
		tell(story, " What to do: %s.", mend);
	}
	if (event->remote.family != TG_NO_ADDR) {
		desk_net_text(event->remote, bits, net);
		tell(story, " Look at: guard show sources %s; security show events %s.", net, net);
	}
	if (event->account[0] != '\0') {
		tell(story, " Of the account: guard show accounts ");
		tell_name(story, event->account);
		tell(story, ".");
	}
}

/* At blanks, so that a terminal shows whole words. */
static void wrap(const char *text, struct desk_out *out)
{
	while (*text != '\0') {
		size_t len = strlen(text);

		if (len > STORY_COLUMNS) {
			len = STORY_COLUMNS;
			while (len > 0 && text[len] != ' ') {
				len--;
			}
			len = len > 0 ? len : strcspn(text, " ");
		}
		desk_line(out, "%.*s", (int)len, text);
		text += len;
		text += strspn(text, " ");
	}
}

int desk_show_explanation(const struct desk_view *view, struct desk_out *out)
{
	const struct ipc_event_row *rows = view->rows[0].rows;
	struct story story = { .len = 0 };

	if (view->rows[0].count == 0) {
		desk_line(out, "No event has the id %s. The newest 100,000 are kept.", view->argv[0]);
		return DESK_FAILED;
	}
	const struct model_event *event = &rows[0].event;

	tell_request(&story, event);
	tell_sender(&story, event);
	tell_decision(&story, event);
	tell_action(&story, event);
	tell_mend(&story, event);
	wrap(story.text, out);
	return DESK_OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/seclog.h"

#include <inttypes.h>

#include "daemon/secline.h"

enum {
	SYSLOG_AUTHPRIV = 10,
	SYSLOG_WARNING = 4,
	SYSLOG_NOTICE = 5,
};

/* ---- What counts ---- */

enum shape {
	SHAPE_NONE, /* nothing a log watcher is to count */
	SHAPE_REGISTRATION,
	SHAPE_HOST,
	SHAPE_CALL,
};

/* What a failed attempt looks like: for a registration, and for a call. */
static const struct shapes {
	enum shape registration, call;
	const char *why; /* of the registration, in the watchers' words */
} shapes[MODEL_REASON_COUNT] = {
	[MODEL_WHY_NO_ACCOUNT] = { SHAPE_REGISTRATION, SHAPE_HOST, "No matching peer found" },
	[MODEL_WHY_NO_GUEST] = { SHAPE_REGISTRATION, SHAPE_HOST, "No matching peer found" },
	[MODEL_WHY_ACL] = { SHAPE_REGISTRATION, SHAPE_HOST, "Device does not match ACL" },
	[MODEL_WHY_CONTEXT] = { SHAPE_REGISTRATION, SHAPE_HOST, "Wrong password" },
	[MODEL_WHY_STATIC] = { SHAPE_REGISTRATION, SHAPE_HOST, "Peer is not supposed to register" },
	[MODEL_WHY_NO_SECRET] = { SHAPE_REGISTRATION, SHAPE_HOST, "Peer is not supposed to register" },
	[MODEL_WHY_NO_ANSWER] = { SHAPE_REGISTRATION, SHAPE_HOST, "Wrong password" },
	[MODEL_WHY_OTHER_NAME] = { SHAPE_REGISTRATION, SHAPE_HOST, "Username/auth name mismatch" },
	[MODEL_WHY_WRONG] = { SHAPE_REGISTRATION, SHAPE_HOST, "Wrong password" },
	[MODEL_WHY_TRIES] = { SHAPE_REGISTRATION, SHAPE_HOST, "Wrong password" },
	[MODEL_WHY_DECOY] = { SHAPE_REGISTRATION, SHAPE_HOST, "No matching peer found" },
	[MODEL_WHY_NO_EXTEN] = { SHAPE_NONE, SHAPE_CALL, NULL },
};

/* Events that tell of one attempt; and those whose names the watchers know. */
static const struct {
	bool is_attempt, is_watched;
} kinds[MODEL_EVENT_KINDS] = {
	[MODEL_EVENT_FAILED_ACL] = { true, true },          [MODEL_EVENT_INVALID_ACCOUNT] = { true, true },
	[MODEL_EVENT_CHALLENGE_FAILED] = { true, true },    [MODEL_EVENT_REQUEST_NOT_ALLOWED] = { true, false },
	[MODEL_EVENT_UNEXPECTED_ADDRESS] = { true, false }, [MODEL_EVENT_DECOY] = { true, false },
};

static enum shape shape_of(const struct model_event *event)
{
	if (event->validated == 0 || event->remote.family == TG_NO_ADDR || event->bits != 0 ||
	    event->kind >= MODEL_EVENT_KINDS || event->reason >= MODEL_REASON_COUNT || !kinds[event->kind].is_attempt) {
		return SHAPE_NONE;
	}
	const struct shapes *row = &shapes[event->reason];

	switch ((enum model_request)event->request) {
	case MODEL_REQUEST_CALL:
		return row->call;
	case MODEL_REQUEST_REGISTER:
	case MODEL_REQUEST_RELEASE:
		return row->registration;
	case MODEL_REQUEST_NONE:
	case MODEL_REQUESTS:
		break;
	}
	return SHAPE_NONE;
}

bool seclog_is_counted(const struct model_event *event)
{
	return shape_of(event) != SHAPE_NONE;
}

/* ---- Plain lines ---- */

/* The second word is always there: without one, a name could take its place. */
static void add_head(struct secline *line, const char *level, const char *function, const struct model_event *event,
                     const struct seclog_writer *writer)
{
	secline_local_time(line, event->wall_ms, writer->utc_offset_s);
	secline_add(line, " %s[%u] iax2.c:1 %s: ", level, writer->pid, function);
}

static void add_registration(struct secline *line, const struct model_event *event)
{
	char addr[TG_ADDR_TEXT_BYTES];

	secline_add(line, "Registration from '");
	secline_name(line, event->account, "\\");
	secline_add(line, "' failed for '%s' - %s", tg_addr_format(event->remote, addr), shapes[event->reason].why);
}

static void add_host(struct secline *line, const struct model_event *event)
{
	char addr[TG_ADDR_TEXT_BYTES];

	secline_add(line, "Host %s failed to authenticate as '", tg_addr_format_host(event->remote, addr));
	secline_name(line, event->account, "\\");
	secline_add(line, "'");
}

static void add_call(struct secline *line, const struct model_event *event)
{
	char addr[TG_ADDR_TEXT_BYTES];

	secline_add(line, "Call from '");
	secline_name(line, event->account, "\\");
	secline_add(line, "' (%s) to extension '", tg_addr_format(event->remote, addr));
	secline_name(line, event->exten, "\\");
	secline_add(line, "' rejected because extension not found in context '");
	secline_name(line, event->context, "\\");
	secline_add(line, "'.");
}

/* Of ours, for people: no watcher takes it for an attempt. */
static void add_told(struct secline *line, const struct model_event *event)
{
	char addr[TG_ADDR_TEXT_BYTES], id[MODEL_EVENT_ID_TEXT_BYTES];

	secline_add(line, "%s", model_event_name(event->kind));
	if (event->remote.family != TG_NO_ADDR) {
		secline_add(line, event->bits > 0 ? " from=%s/%u" : " from=%s",
		            event->bits > 0 ? tg_addr_format_host(event->remote, addr)
		                            : tg_addr_format(event->remote, addr),
		            event->bits);
		secline_add(line, " validated=%s", event->validated != 0 ? "yes" : "no");
	}
	secline_add(line, " why=\"%s\" action=%s", model_reason_text(event->reason), model_action_name(event->action));
	if (event->account[0] != '\0') {
		secline_add(line, " account='");
		secline_name(line, event->account, "\\");
		secline_add(line, "'");
	}
	if (event->who[0] != '\0') {
		secline_add(line, " by='");
		secline_text(line, event->who, "\\");
		secline_add(line, "'");
	}
	if (event->text[0] != '\0') {
		secline_add(line, " text='");
		secline_text(line, event->text, "\\");
		secline_add(line, "'");
	}
	secline_add(line, " suppressed=%u id=%s", event->suppressed, model_event_id_format(event->id, id));
}

static void plain(struct secline *line, const struct model_event *event, const struct seclog_writer *writer)
{
	static const struct {
		const char *level, *function;
		void (*add)(struct secline *line, const struct model_event *event);
	} rows[] = {
		[SHAPE_NONE] = { "INFO", "event_tell", add_told },
		[SHAPE_REGISTRATION] = { "NOTICE", "reg_verify", add_registration },
		[SHAPE_HOST] = { "NOTICE", "call_verify", add_host },
		[SHAPE_CALL] = { "NOTICE", "call_route", add_call },
	};
	const enum shape shape = shape_of(event);

	add_head(line, rows[shape].level, rows[shape].function, event, writer);
	rows[shape].add(line, event);
}

/* ---- Fields, of which security events and JSON are made ---- */

struct fields {
	struct secline *line;
	bool is_json;
	bool any;
};

static void field_begin(struct fields *fields, const char *name)
{
	const char *between = fields->any ? "," : "";

	secline_add(fields->line, fields->is_json ? "%s\"%s\":\"" : "%s%s=\"", between, name);
	fields->any = true;
}

static void field_text(struct fields *fields, const char *name, const char *text)
{
	field_begin(fields, name);
	secline_text(fields->line, text, fields->is_json ? "\\\\" : "\\");
	secline_add(fields->line, "\"");
}

/* From a peer. */
static void field_name(struct fields *fields, const char *name, const char *text)
{
	field_begin(fields, name);
	secline_name(fields->line, text, fields->is_json ? "\\\\" : "\\");
	secline_add(fields->line, "\"");
}

static void field_number(struct fields *fields, const char *name, uint64_t value)
{
	if (!fields->is_json) {
		field_begin(fields, name);
		secline_add(fields->line, "%" PRIu64 "\"", value);
		return;
	}
	secline_add(fields->line, "%s\"%s\":%" PRIu64, fields->any ? "," : "", name, value);
	fields->any = true;
}

static void field_transport(struct fields *fields, const char *name, struct tg_addr addr)
{
	field_begin(fields, name);
	secline_transport(fields->line, addr);
	secline_add(fields->line, "\"");
}

static void field_time(struct fields *fields, const char *name, uint64_t wall_ms, const struct seclog_writer *writer)
{
	field_begin(fields, name);
	secline_iso_time(fields->line, wall_ms, writer->utc_offset_s, "");
	secline_add(fields->line, "\"");
}

static const char *request_name(uint32_t request)
{
	static const char *const names[MODEL_REQUESTS] = {
		[MODEL_REQUEST_NONE] = "",
		[MODEL_REQUEST_CALL] = "NEW",
		[MODEL_REQUEST_REGISTER] = "REGREQ",
		[MODEL_REQUEST_RELEASE] = "REGREL",
	};

	return request < MODEL_REQUESTS ? names[request] : "";
}

static bool is_informational(uint32_t kind)
{
	return kind == MODEL_EVENT_SUCCESSFUL_AUTH || kind == MODEL_EVENT_UNBANNED || kind == MODEL_EVENT_GUARDED_END ||
	       kind == MODEL_EVENT_SHED_STOP || kind == MODEL_EVENT_LOADED;
}

/* Mandatory for events of that name, where a reader expects them. What would help a guesser stays empty. */
static void known_fields(struct fields *fields, const struct model_event *event)
{
	if (event->kind == MODEL_EVENT_CHALLENGE_FAILED) {
		field_text(fields, "Challenge", "");
		field_text(fields, "Response", "");
		field_text(fields, "ExpectedResponse", "");
	} else if (event->kind == MODEL_EVENT_UNEXPECTED_ADDRESS) {
		field_text(fields, "ExpectedAddress", event->text);
	} else if (event->kind == MODEL_EVENT_SUCCESSFUL_AUTH) {
		field_number(fields, "UsingPassword", 1);
	} else if (event->kind == MODEL_EVENT_FAILED_ACL) {
		field_text(fields, "ACLName", event->rule);
	}
	field_text(fields, "RequestType", request_name(event->request));
}

static void own_fields(struct fields *fields, const struct model_event *event, const struct seclog_writer *writer)
{
	const bool is_tool = event->kind == MODEL_EVENT_SCANNER || event->reason == MODEL_WHY_FINGERPRINT;
	char id[MODEL_EVENT_ID_TEXT_BYTES];

	field_text(fields, "SourceValidated", event->validated != 0 ? "yes" : "no");
	field_text(fields, "TrustClass", model_class_name(event->class));
	field_text(fields, "Reason", model_reason_code(event->reason));
	field_text(fields, "ReasonText", model_reason_text(event->reason));
	field_text(fields, "Rule", event->rule);
	field_text(fields, "Action", model_action_name(event->action));
	if (event->until_ms != 0) {
		field_time(fields, "Until", event->until_ms, writer);
	}
	field_text(fields, "Fingerprint", is_tool ? event->rule : "");
	field_text(fields, "Country", "");
	field_text(fields, "ASN", "");
	field_number(fields, "RemoteBits", event->bits);
	field_number(fields, "Count", event->count);
	field_number(fields, "Prefixes", event->prefixes);
	field_name(fields, "Extension", event->exten);
	field_name(fields, "Context", event->context);
	field_number(fields, "Call", event->call);
	field_text(fields, "Operator", event->who);
	field_text(fields, "Text", event->text);
	field_text(fields, "EventID", model_event_id_format(event->id, id));
	field_number(fields, "Suppressed", event->suppressed);
}

static void all_fields(struct fields *fields, const struct model_event *event, const struct seclog_writer *writer)
{
	char id[MODEL_EVENT_ID_TEXT_BYTES];

	field_text(fields, "SecurityEvent", model_event_name(event->kind));
	field_time(fields, "EventTV", event->wall_ms, writer);
	field_text(fields, "Severity", is_informational(event->kind) ? "Informational" : "Error");
	field_text(fields, "Service", "IAX2");
	field_text(fields, "EventVersion", event->kind == MODEL_EVENT_UNEXPECTED_ADDRESS ? "2" : "1");
	field_name(fields, "AccountID", event->account);
	field_text(fields, "SessionID", model_event_id_format(event->id, id));
	field_transport(fields, "LocalAddress", event->local);
	field_transport(fields, "RemoteAddress", event->remote);
	known_fields(fields, event);
	own_fields(fields, event, writer);
}

/* Of those that watchers know by name, only what they are to count goes by the level they look for. */
static const char *event_level(const struct model_event *event)
{
	const bool is_watched = event->kind < MODEL_EVENT_KINDS && kinds[event->kind].is_watched;

	return event->validated == 0 || (is_watched && !seclog_is_counted(event)) ? "INFO" : "SECURITY";
}

static void security_event(struct secline *line, const struct model_event *event, const struct seclog_writer *writer)
{
	struct fields fields = { .line = line };

	add_head(line, event_level(event), "event_tell", event, writer);
	all_fields(&fields, event, writer);
}

static void json(struct secline *line, const struct model_event *event, const struct seclog_writer *writer)
{
	struct fields fields = { .line = line, .is_json = true };

	secline_add(line, "{");
	all_fields(&fields, event, writer);
	secline_add(line, "}");
}

static void syslog_line(struct secline *line, const struct model_event *event, const struct seclog_writer *writer)
{
	const unsigned severity = is_informational(event->kind) ? SYSLOG_NOTICE : SYSLOG_WARNING;
	struct fields fields = { .line = line };

	secline_add(line, "<%u>1 ", SYSLOG_AUTHPRIV * 8 + severity);
	secline_iso_time(line, event->wall_ms, writer->utc_offset_s, ":");
	secline_add(line, " %s tollgate %u %s - ", writer->host, writer->pid, model_event_name(event->kind));
	all_fields(&fields, event, writer);
}

size_t seclog_format(char text[SECLOG_LINE_BYTES], enum seclog_form form, const struct model_event *event,
                     const struct seclog_writer *writer)
{
	static void (*const forms[SECLOG_FORMS])(struct secline * line, const struct model_event *event,
	                                         const struct seclog_writer *writer) = {
		[SECLOG_PLAIN] = plain,
		[SECLOG_EVENT] = security_event,
		[SECLOG_JSON] = json,
		[SECLOG_SYSLOG] = syslog_line,
	};
	struct secline line = { .text = text, .len = 0 };

	text[0] = '\0';
	forms[form](&line, event, writer);
	return line.len;
}

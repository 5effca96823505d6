/* SPDX-License-Identifier: Apache-2.0 */
#include "model/event.h"

#include <inttypes.h>
#include <stdio.h>

const char *model_event_name(enum model_event_kind kind)
{
#define X(name, text) [name] = (text),
	static const char *const names[MODEL_EVENT_KINDS] = { MODEL_EVENTS(X) };
#undef X

	return (unsigned)kind < MODEL_EVENT_KINDS ? names[kind] : "?";
}

/* What is said of one reason. */
struct reason_row {
	const char *code, *text, *mend;
};

static const struct reason_row *reason_row(enum model_reason reason)
{
#define X(name, code, text, mend) [name] = { code, text, mend },
	static const struct reason_row rows[MODEL_REASON_COUNT] = { MODEL_REASONS(X) };
#undef X
	static const struct reason_row unknown = { "?", "?", "" };

	return (unsigned)reason < MODEL_REASON_COUNT ? &rows[reason] : &unknown;
}

const char *model_reason_code(enum model_reason reason)
{
	return reason_row(reason)->code;
}

const char *model_reason_text(enum model_reason reason)
{
	return reason_row(reason)->text;
}

const char *model_reason_mend(enum model_reason reason)
{
	return reason_row(reason)->mend;
}

const char *model_action_name(enum model_action action)
{
#define X(name, text) [name] = (text),
	static const char *const names[MODEL_ACTION_COUNT] = { MODEL_ACTIONS(X) };
#undef X

	return (unsigned)action < MODEL_ACTION_COUNT ? names[action] : "?";
}

const char *model_class_name(enum model_class class)
{
#define X(name, text) [name] = (text),
	static const char *const names[MODEL_CLASS_COUNT] = { MODEL_CLASSES(X) };
#undef X

	return (unsigned)class < MODEL_CLASS_COUNT ? names[class] : "?";
}

const char *model_event_id_format(struct model_event_id id, char text[MODEL_EVENT_ID_TEXT_BYTES])
{
	snprintf(text, MODEL_EVENT_ID_TEXT_BYTES, "%016" PRIx64 "%016" PRIx64, id.time, id.salt);
	return text;
}

bool model_event_id_parse(struct model_event_id *out, struct tg_span text)
{
	uint8_t bytes[16];
	size_t len = 0;

	if (text.len != 2 * sizeof(bytes) || !tg_hex_decode(bytes, sizeof(bytes), text, &len)) {
		return false;
	}
	struct tg_reader r = tg_reader_of((struct tg_span){ bytes, sizeof(bytes) });

	out->time = tg_take_u64(&r);
	out->salt = tg_take_u64(&r);
	return true;
}

const char *model_event_file_name(enum model_event_file file)
{
	static const char *const names[MODEL_EVENT_FILE_COUNT] = {
#define X(name, text) [name] = (text),
		MODEL_EVENT_FILES(X)
#undef X
	};

	return names[file];
}

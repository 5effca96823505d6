/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/seclog.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void take_text(struct tg_reader *r, char *to, size_t size_bytes)
{
	const size_t len = tg_take_u8(r) % size_bytes;
	const struct tg_span text = tg_take_span(r, len < tg_reader_left(r) ? len : tg_reader_left(r));

	tg_span_copy(to, size_bytes, text);
}

static struct tg_addr take_addr(struct tg_reader *r)
{
	const struct tg_span ip = tg_take_span(r, 16);
	const uint16_t port = tg_take_u16(r);

	return ip.len == 16 ? tg_addr_ipv6(ip.p, port) : (struct tg_addr){ 0 };
}

static void event_of(struct model_event *event, struct tg_reader *r)
{
	*event = (struct model_event){ 0 };
	event->id.time = tg_take_u64(r);
	event->wall_ms = tg_take_u64(r);
	event->until_ms = tg_take_u64(r);
	event->kind = tg_take_u8(r) % MODEL_EVENT_KINDS;
	event->reason = tg_take_u8(r) % MODEL_REASON_COUNT;
	event->action = tg_take_u8(r) % MODEL_ACTION_COUNT;
	event->class = tg_take_u8(r) % MODEL_CLASS_COUNT;
	event->request = tg_take_u8(r) % MODEL_REQUESTS;
	event->validated = tg_take_u8(r) % 2;
	event->bits = tg_take_u8(r) % 129;
	event->suppressed = tg_take_u32(r);
	event->remote = take_addr(r);
	event->local = take_addr(r);
	take_text(r, event->account, sizeof(event->account));
	take_text(r, event->exten, sizeof(event->exten));
	take_text(r, event->context, sizeof(event->context));
	take_text(r, event->rule, sizeof(event->rule));
	take_text(r, event->who, sizeof(event->who));
	take_text(r, event->text, sizeof(event->text));
}

/* Every quote that is not ours would be one too many. */
static unsigned count(const char *line, char c)
{
	unsigned n = 0;

	for (; *line != '\0'; line++) {
		n += *line == c ? 1 : 0;
	}
	return n;
}

static void check(const char *line, size_t len)
{
	if (strlen(line) != len || len + 1 >= SECLOG_LINE_BYTES) {
		abort();
	}
	for (size_t i = 0; i < len; i++) {
		if (line[i] < ' ' || line[i] > '~') {
			abort();
		}
	}
}

/* Whatever an event holds, each line is whole, plain, and has the quotes that an event with empty texts has. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct seclog_writer writer = { .pid = 1, .utc_offset_s = -5400, .host = "host" };
	char line[SECLOG_LINE_BYTES], tame[SECLOG_LINE_BYTES];
	struct tg_reader r = tg_reader_of((struct tg_span){ data, size });
	struct model_event event, quiet;

	event_of(&event, &r);
	quiet = event;
	for (char *p = quiet.account; *p != '\0'; p++) {
		*p = 'x';
	}
	memset(quiet.exten, 0, sizeof(quiet.exten));
	memset(quiet.context, 0, sizeof(quiet.context));
	memset(quiet.rule, 0, sizeof(quiet.rule));
	for (unsigned form = 0; form < SECLOG_FORMS; form++) {
		check(line, seclog_format(line, (enum seclog_form)form, &event, &writer));
		check(tame, seclog_format(tame, (enum seclog_form)form, &quiet, &writer));
		if (count(line, '"') != count(tame, '"') || count(line, '\'') != count(tame, '\'')) {
			abort();
		}
	}
	return 0;
}

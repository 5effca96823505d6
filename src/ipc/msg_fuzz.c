/* SPDX-License-Identifier: Apache-2.0 */
/* A record that passed the check can be used without another look: right size, texts that end, addresses that print. */
#include "ipc/msg.h"

#include "base/log.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void use_addr(struct tg_addr addr)
{
	char text[TG_ADDR_TEXT_BYTES];
	struct tg_addr again;

	if (addr.family != TG_NO_ADDR && addr.port != 0) { /* a text with port 0 is no address to call */
		assert(tg_addr_parse(&again, tg_span_text(tg_addr_format(addr, text)), 0));
		assert(tg_addr_equal(addr, again));
	}
}

static void use_record(const struct model_call_record *record)
{
	assert(strlen(record->caller) < sizeof(record->caller));
	assert(strlen(record->accountcode) < sizeof(record->accountcode));
	assert(record->disposition < MODEL_DISPOSITIONS);
	use_addr(record->caller_addr);
	use_addr(record->callee_addr);
}

static void use(const union ipc_any *any)
{
	const void *record = any;

	if (any->head.kind == IPC_CALL_RECORD) {
		use_record(&((const struct ipc_call_record *)record)->record);
	} else if (any->head.kind == IPC_LISTEN) {
		const struct ipc_listen *listening = record;

		for (uint32_t i = 0; i < listening->bind_count; i++) {
			use_addr(listening->binds[i]);
		}
	} else if (any->head.kind == IPC_RESPOND_ASK) {
		const struct ipc_respond_ask *ask = record;

		assert(ask->challenge_bytes <= sizeof(ask->challenge));
		assert(strlen(ask->name) < sizeof(ask->name));
	} else if (any->head.kind == IPC_STOP) {
		assert(((const struct ipc_plain *)record)->value < IPC_STOPS);
	} else if (any->head.kind == IPC_LOG) {
		assert(((const struct ipc_plain *)record)->value < TG_LEVELS);
	} else if (any->head.kind == IPC_COUNTER_ROW) {
		assert(((const struct ipc_counter_row *)record)->idle <= 1);
	} else if (any->head.kind == IPC_REGISTRY_ROW) {
		assert(((const struct ipc_registry_row *)record)->is_registered <= 1);
	} else if (any->head.kind == IPC_TEXT) {
		const struct ipc_text *text = record;

		assert(strlen(text->text) < sizeof(text->text));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1) {
		return 0;
	}
	const enum ipc_proc from = data[0] / PROCS % PROCS, to = data[0] % PROCS;
	const size_t len = size - 1;
	uint8_t *exact = malloc(len > 0 ? len : 1); /* not aligned by the input, and not a byte too long */
	union ipc_any any = { .head.kind = IPC_KIND_COUNT };

	assert(exact != NULL);
	memcpy(exact, data + 1, len);
	if (ipc_check(from, to, exact, len) == NULL) {
		assert(len <= sizeof(any));
		memcpy(&any, exact, len);
		assert(any.head.kind < IPC_KIND_COUNT);
		use(&any);
	}
	free(exact);
	return 0;
}

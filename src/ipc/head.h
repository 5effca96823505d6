/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_IPC_HEAD_H
#define TG_IPC_HEAD_H

#include "model/record.h"

/** What all records between our own processes have in common; see ipc/msg.h. */

enum {
	IPC_NAME_BYTES = MODEL_NAME_BYTES, /* an account's name, 80 octets and NUL, padded */
	IPC_TEXT_BYTES = 256,
	IPC_CHALLENGE_CHARS = 20, /* ruling R9 */
	IPC_MSG_MAX_BYTES = 1536,
};

struct ipc_head {
	uint32_t kind; /* enum ipc_kind */
	uint32_t zero;
};

#endif

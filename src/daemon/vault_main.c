/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/child.h"
#include "daemon/roles.h"
#include "daemon/vault.h"

#include <stdlib.h>
#include <string.h>

#include "crypt/random.h"
#include "sys/clock.h"
#include "sys/memfile.h"

enum { IMAGES_MAX = 8, QUEUE_MAX = 8192 };

struct image {
	const struct secrets *secrets; /* NULL: free place */
	size_t size_bytes;
};

struct keeper {
	struct child child;
	struct vault *vault;
	struct image images[IMAGES_MAX]; /* the one in use, the one before, and what is not yet let go */
};

static void let_go_unused(struct keeper *keeper, uint64_t now_us)
{
	for (size_t i = 0; i < IMAGES_MAX; i++) {
		struct image *image = &keeper->images[i];

		if (image->secrets != NULL && vault_is_unused(keeper->vault, image->secrets, now_us)) {
			sys_memfile_unmap(image->secrets, image->size_bytes);
			*image = (struct image){ NULL, 0 };
		}
	}
}

static struct image *free_place(struct keeper *keeper)
{
	for (size_t i = 0; i < IMAGES_MAX; i++) {
		if (keeper->images[i].secrets == NULL) {
			return &keeper->images[i];
		}
	}
	return NULL;
}

/* Not hidden with the rest of the memory when it was mapped: each image is a mapping of its own. */
static const struct secrets *map_secrets(int fd, size_t size_bytes)
{
	const void *at = sys_memfile_map(fd, size_bytes);

	if (at == NULL) {
		return NULL;
	}
	if (secrets_check(at, size_bytes) != NULL) {
		sys_memfile_unmap(at, size_bytes);
		return NULL;
	}
	sys_sandbox_hide_memory((void *)(uintptr_t)at, size_bytes);
	return at;
}

static void on_secrets(struct keeper *keeper, const struct ipc_image *record, int fd)
{
	const uint64_t now_us = sys_clock_us();

	let_go_unused(keeper, now_us);
	struct image *place = free_place(keeper);
	const struct secrets *secrets = place != NULL ? map_secrets(fd, record->size_bytes) : NULL;

	if (secrets == NULL) {
		tg_log(&keeper->child.log, TG_ERROR, "vault.secrets_refused",
		       TG_UINT("generation", record->generation));
		return;
	}
	*place = (struct image){ secrets, record->size_bytes };
	vault_set_secrets(keeper->vault, secrets, now_us);
	keeper->child.deadline_us = now_us + (uint64_t)(VAULT_OLD_SECRETS_S + 1) * TG_US_PER_S;
}

static void answer_challenge(struct keeper *keeper, const struct ipc_challenge_ask *ask, uint64_t now_us)
{
	struct ipc_challenge answer = { .head.kind = IPC_CHALLENGE, .cookie = ask->cookie };

	vault_challenge(keeper->vault, ask, now_us, answer.text);
	child_send(&keeper->child, PROC_ENGINE, &answer, sizeof(answer));
}

static void answer_verify(struct keeper *keeper, const struct ipc_verify_ask *ask, uint64_t now_us)
{
	const struct vault_verdict verdict = vault_verify(keeper->vault, ask, now_us);
	const struct ipc_verdict answer = {
		.head.kind = IPC_VERDICT,
		.cookie = ask->cookie,
		.answer = verdict.answer,
		.right = verdict.right ? 1 : 0,
	};

	child_send(&keeper->child, PROC_ENGINE, &answer, sizeof(answer));
}

static void answer_respond(struct keeper *keeper, const struct ipc_respond_ask *ask, uint64_t now_us)
{
	struct ipc_response answer = { .head.kind = IPC_RESPONSE, .cookie = ask->cookie };

	answer.known = vault_respond(keeper->vault, ask, now_us, answer.md5_result) ? 1 : 0;
	child_send(&keeper->child, PROC_ENGINE, &answer, sizeof(answer));
}

static void on_record(void *owner, enum ipc_proc from, const union ipc_any *record, int fd)
{
	struct keeper *keeper = owner;
	const void *body = record;

	(void)from;
	if (record->head.kind == IPC_SECRETS) {
		on_secrets(keeper, body, fd);
	} else if (record->head.kind == IPC_CHALLENGE_ASK) {
		answer_challenge(keeper, body, sys_clock_us());
	} else if (record->head.kind == IPC_VERIFY_ASK) {
		answer_verify(keeper, body, sys_clock_us());
	} else if (record->head.kind == IPC_RESPOND_ASK) {
		answer_respond(keeper, body, sys_clock_us());
	}
}

static void expire(void *owner, uint64_t now_us)
{
	let_go_unused(owner, now_us);
}

static const struct child_ops ops = { .on_record = on_record, .expire = expire };

static struct vault *vault_seeded(void)
{
	uint8_t seed[CRYPT_SEED_BYTES];

	crypt_seed_from_kernel(seed);
	struct vault *vault = vault_new(seed);

	memset(seed, 0, sizeof(seed));
	return vault;
}

int vault_main(const struct role_args *args)
{
	static struct keeper keeper;
	const struct sys_sandbox sandbox = { .role = SYS_SANDBOX_VAULT };

	if (!child_init(&keeper.child, PROC_VAULT, args->channel_fd, &ops, &keeper, QUEUE_MAX)) {
		return EXIT_FAILURE;
	}
	keeper.vault = vault_seeded();
	if (keeper.vault == NULL || !child_enter(&keeper.child, &sandbox)) {
		tg_log(&keeper.child.log, TG_ERROR, "vault.not_started");
		return EXIT_FAILURE;
	}
	child_run(&keeper.child);
	vault_free(keeper.vault);
	child_deinit(&keeper.child);
	return keeper.child.exit_code;
}

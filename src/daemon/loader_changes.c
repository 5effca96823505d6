/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/loader_changes.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "conf/changes.h"
#include "daemon/load.h"
#include "daemon/secrets.h"
#include "model/prompts.h"
#include "sys/memfile.h"

static const enum ipc_kind kinds[LOAD_IMAGES] = {
	[LOAD_WORLD] = IPC_WORLD,
	[LOAD_PROMPTS] = IPC_PROMPTS,
	[LOAD_SECRETS] = IPC_SECRETS,
};
static_assert(LOAD_IMAGES == TG_COUNT(((struct loader_old *)0)->images), "one for each");

/* ---- What is in force ---- */

static const char *check(enum load_image image, const void *bytes, size_t size_bytes)
{
	switch (image) {
	case LOAD_WORLD:
		return world_check(bytes, size_bytes);
	case LOAD_PROMPTS:
		return prompts_check(bytes, size_bytes);
	case LOAD_SECRETS:
		return secrets_check(bytes, size_bytes);
	case LOAD_IMAGES:
		break;
	}
	return "no image";
}

static void take(struct loader_old *old, const struct ipc_image *record, int fd)
{
	for (size_t i = 0; i < LOAD_IMAGES; i++) {
		if (record->head.kind != kinds[i] || old->images[i] != NULL) {
			continue;
		}
		const void *bytes = sys_memfile_map(fd, record->size_bytes);

		if (bytes != NULL && check((enum load_image)i, bytes, record->size_bytes) == NULL) {
			old->images[i] = bytes;
			old->sizes[i] = record->size_bytes;
		} else if (bytes != NULL) {
			sys_memfile_unmap(bytes, record->size_bytes);
		}
	}
}

void loader_old_take(struct loader_old *old, struct sys_channel *parent)
{
	*old = (struct loader_old){ .complete = true };
	for (size_t i = 0; i < LOAD_IMAGES; i++) {
		union ipc_any record;
		size_t size = 0;
		int fd = -1;

		if (sys_channel_receive(parent, &record, sizeof(record), &size, &fd) != SYS_CHANNEL_OK) {
			break;
		}
		if (fd >= 0 && ipc_check(PROC_PARENT, PROC_LOADER, &record, size) == NULL) {
			const void *body = &record;

			take(old, body, fd);
		}
		if (fd >= 0) {
			close(fd);
		}
	}
	for (size_t i = 0; i < LOAD_IMAGES; i++) {
		old->complete = old->complete && old->images[i] != NULL;
	}
}

void loader_old_release(struct loader_old *old)
{
	for (size_t i = 0; i < LOAD_IMAGES; i++) {
		if (old->images[i] != NULL) {
			sys_memfile_unmap(old->images[i], old->sizes[i]);
		}
	}
	*old = (struct loader_old){ .complete = false };
}

/* ---- The difference ---- */

struct telling {
	const struct secrets *old, *new;
	void (*tell)(void *owner, const char *text);
	void *owner;
};

static bool secret_differs(void *owner, enum model_identity identity, const char *old_name, const char *new_name)
{
	const struct telling *t = owner;
	const struct secrets_run a = secrets_find(t->old, identity, tg_span_text(old_name));
	const struct secrets_run b = secrets_find(t->new, identity, tg_span_text(new_name));

	for (uint32_t i = 0; a.count == b.count && i < a.count; i++) {
		if (!tg_span_equal(secrets_text(t->old, a.first + i), secrets_text(t->new, b.first + i))) {
			return true;
		}
	}
	return a.count != b.count;
}

static void tell_line(void *owner, const char *line)
{
	const struct telling *t = owner;
	char text[IPC_TEXT_BYTES * 2];

	snprintf(text, sizeof(text), LOADER_CHANGE "%s", line);
	t->tell(t->owner, text);
}

/* All but the generation. */
static bool same_prompts(const struct loader_old *old, struct tg_span new)
{
	const size_t head = sizeof(struct prompts);

	return old->sizes[LOAD_PROMPTS] ==
	       new.len &&new.len >=
	               head &&memcmp((const uint8_t *)old->images[LOAD_PROMPTS] + head, new.p + head, new.len - head) ==
	       0;
}

void loader_changes_tell(const struct loader_old *old, const struct loader_new *made,
                         void (*tell)(void *owner, const char *text), void *owner)
{
	if (!old->complete || made->world.p == NULL || made->secrets.p == NULL || made->prompts.p == NULL) {
		return;
	}
	const void *old_secrets = old->images[LOAD_SECRETS], *new_secrets = made->secrets.p;
	const void *new_world = made->world.p;
	struct telling telling = { .old = old_secrets, .new = new_secrets, .tell = tell, .owner = owner };
	const struct conf_changes_ops ops = { &telling, secret_differs, tell_line };
	uint32_t count = conf_changes(old->images[LOAD_WORLD], new_world, &ops);

	if (!same_prompts(old, made->prompts)) {
		tell_line(&telling, "changed: sounds or tones");
		count++;
	}
	if (count == 0) {
		tell_line(&telling, "nothing changed");
	}
}

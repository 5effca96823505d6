/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/load.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "sys/proc.h"

static const enum ipc_kind kinds[LOAD_IMAGES] = {
	[LOAD_WORLD] = IPC_WORLD,
	[LOAD_PROMPTS] = IPC_PROMPTS,
	[LOAD_SECRETS] = IPC_SECRETS,
};

void load_result_init(struct load_result *result)
{
	*result = (struct load_result){ .images = { { -1, 0 }, { -1, 0 }, { -1, 0 } } };
}

void load_result_close(struct load_result *result)
{
	for (size_t i = 0; i < LOAD_IMAGES; i++) {
		if (result->images[i].fd >= 0) {
			close(result->images[i].fd);
		}
	}
	load_result_init(result);
}

struct ipc_image load_result_record(const struct load_result *result, enum load_image image)
{
	return (struct ipc_image){
		.head.kind = kinds[image],
		.generation = result->generation,
		.size_bytes = result->images[image].size_bytes,
	};
}

static void channel_close(struct load *load)
{
	if (load->channel != NULL) {
		sys_loop_remove(load->loop, sys_channel_fd(load->channel));
		sys_channel_free(load->channel);
		load->channel = NULL;
	}
	load->deadline_us = TG_NEVER;
}

/* The loader is done or dead; what it handed over is given on, or closed. */
static void finish(struct load *load, bool well)
{
	struct load_result result = load->result;

	channel_close(load);
	load_result_init(&load->result);
	for (size_t i = 0; i < LOAD_IMAGES; i++) {
		well = well && result.images[i].fd >= 0;
	}
	if (well && load->has_listening) {
		load->ops->on_done(load->owner, &result);
		return;
	}
	load_result_close(&result);
	load->ops->on_done(load->owner, NULL);
}

/* @return whether the descriptor was taken */
static bool take_image(struct load *load, const struct ipc_image *record, int fd)
{
	for (size_t i = 0; i < LOAD_IMAGES; i++) {
		if (record->head.kind == kinds[i] && load->result.images[i].fd < 0 &&
		    record->generation == load->result.generation) {
			load->result.images[i].fd = fd;
			load->result.images[i].size_bytes = record->size_bytes;
			return true;
		}
	}
	return false;
}

/* @return whether the descriptor was taken */
static bool on_record(struct load *load, const union ipc_any *record, int fd)
{
	const void *body = record;

	if (fd >= 0) {
		return take_image(load, body, fd);
	}
	if (record->head.kind == IPC_LISTEN) {
		load->result.listening = *(const struct ipc_listen *)body;
		load->has_listening = true;
	} else if (record->head.kind == IPC_TEXT) {
		load->ops->on_text(load->owner, ((const struct ipc_text *)body)->text);
	} else if (record->head.kind == IPC_DONE) {
		finish(load, ((const struct ipc_done *)body)->failed == 0);
	}
	return false;
}

static void on_ready(void *owner, int fd, unsigned ready)
{
	struct load *load = owner;
	union ipc_any record;
	size_t size;

	(void)fd;
	(void)ready;
	while (load->channel != NULL) {
		int passed = -1;
		const enum sys_channel_result result = sys_channel_receive(load->channel, &record, sizeof(record),
		                                                           &size, &passed);

		if (result == SYS_CHANNEL_NONE) {
			return;
		}
		if (result != SYS_CHANNEL_OK || ipc_check(PROC_LOADER, PROC_PARENT, &record, size) != NULL ||
		    ipc_has_descriptor(record.head.kind) != (passed >= 0)) {
			if (passed >= 0) {
				close(passed);
			}
			load->ops->on_text(load->owner, "error: the process that reads the configuration failed");
			finish(load, false);
			return;
		}
		if (!on_record(load, &record, passed) && passed >= 0) {
			close(passed);
		}
	}
}

static pid_t spawn(const char *config_dir, uint64_t generation, int fd)
{
	char number[24];
	const char *const argv[] = { "tg-loader", "--role",   "loader",       "--channel", "3",
		                     "--config",  config_dir, "--generation", number,      NULL };

	snprintf(number, sizeof(number), "%llu", (unsigned long long)generation);
	return sys_proc_spawn(argv, fd, -1);
}

/* Before the loader begins, so that it finds them there. Without them it only tells less. */
static void hand_over(struct sys_channel *channel, const struct load_result *old)
{
	for (size_t i = 0; i < LOAD_IMAGES; i++) {
		const struct ipc_image record = load_result_record(old, (enum load_image)i);

		if (old->images[i].fd < 0 ||
		    sys_channel_send(channel, &record, sizeof(record), old->images[i].fd) != SYS_CHANNEL_OK) {
			return;
		}
	}
}

bool load_start(struct load *load, const char *config_dir, const struct load_result *old, uint64_t generation,
                uint64_t now_us)
{
	int fds[2];

	assert(load->channel == NULL);
	if (!sys_channel_pair(fds)) {
		return false;
	}
	load->channel = sys_channel_new(fds[0], 1);
	if (load->channel != NULL && old != NULL) {
		hand_over(load->channel, old);
	}
	load->pid = load->channel != NULL ? spawn(config_dir, generation, fds[1]) : -1;
	close(fds[1]);
	if (load->channel == NULL) {
		close(fds[0]);
	}
	if (load->pid < 0 || !sys_loop_add(load->loop, fds[0], SYS_LOOP_READ, on_ready, load)) {
		load_cancel(load);
		return false;
	}
	load_result_init(&load->result);
	load->result.generation = generation;
	load->has_listening = false;
	load->deadline_us = now_us + (uint64_t)LOAD_LIMIT_S * TG_US_PER_S;
	return true;
}

bool load_is_running(const struct load *load)
{
	return load->channel != NULL;
}

void load_expire(struct load *load, uint64_t now_us)
{
	if (load->channel != NULL && now_us >= load->deadline_us) {
		kill(load->pid, SIGKILL);
		load->ops->on_text(load->owner, "error: reading the configuration took too long");
		finish(load, false);
	}
}

bool load_on_ended(struct load *load, pid_t pid)
{
	if (load->pid != pid) {
		return false;
	}
	load->pid = 0; /* its last records may still wait in the channel, and their end is told there */
	return true;
}

void load_cancel(struct load *load)
{
	if (load->pid > 0) {
		kill(load->pid, SIGKILL);
	}
	channel_close(load);
	load_result_close(&load->result);
}

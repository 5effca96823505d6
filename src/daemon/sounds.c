/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/sounds.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/disk.h"
#include "conf/prompts_build.h"
#include "sys/clock.h"
#include "sys/memfile.h"
#include "sys/proc.h"
#include "sys/sandbox.h"

enum { QUEUE_MAX = 1 << 16, LIMIT_S = 40 };

/* What to do, once. */
struct order {
	uint64_t generation;
	char folder[PATH_MAX];
	struct conf_tones tones;
};

/* The answers: a problem each, then the end. */
struct answer {
	uint64_t size_bytes; /* the end: of the image that comes along; 0 with no image */
	uint32_t is_end, failed;
	char text[CONF_PROBLEM_BYTES];
};

/* ---- In the process that reads sounds ---- */

/* An answer that the loader does not take is none: it sees us end without the last one. */
static void send_answer(struct sys_channel *channel, const struct answer *answer, int fd)
{
	if (sys_channel_send(channel, answer, sizeof(*answer), fd) != SYS_CHANNEL_OK) {
		_exit(EXIT_FAILURE);
	}
}

static void answer_problems(struct sys_channel *channel, const struct conf_problems *problems)
{
	for (const struct conf_problem *problem = problems->first; problem != NULL; problem = problem->next) {
		struct answer answer = { .size_bytes = 0 };

		conf_problem_format(problem, answer.text);
		send_answer(channel, &answer, -1);
	}
}

static void answer_end(struct sys_channel *channel, struct prompts *prompts, size_t size_bytes, bool failed,
                       uint64_t generation)
{
	struct answer answer = { .is_end = 1, .failed = failed };
	int fd = -1;

	if (prompts != NULL) {
		prompts->generation = generation;
		fd = sys_memfile_sealed("tg-prompts", (struct tg_span){ (const uint8_t *)prompts, size_bytes });
	}
	answer.size_bytes = fd >= 0 ? size_bytes : 0;
	send_answer(channel, &answer, fd);
	sys_channel_drain(channel, sys_clock_us() + (uint64_t)LIMIT_S * TG_US_PER_S);
	if (fd >= 0) {
		close(fd);
	}
}

static void read_folder(struct sys_channel *channel, const struct order *order)
{
	struct conf_problems problems = { .errors = 0 };
	struct conf_sound_folder *folder = order->folder[0] != '\0' ? conf_sound_folder_open(order->folder) : NULL;
	struct conf_sounds files = { .owner = NULL };
	size_t size_bytes = 0;

	if (folder != NULL) {
		files = conf_sound_folder_files(folder);
	} else if (order->folder[0] != '\0') {
		conf_error(&problems, ((struct conf_place){ order->folder, 0 }),
		           "the folder of sounds cannot be opened: %s", strerror(errno));
	}
	struct prompts *prompts = conf_prompts_build(folder != NULL ? &files : NULL, &order->tones, order->folder,
	                                             &problems, &size_bytes);

	answer_problems(channel, &problems);
	answer_end(channel, prompts, size_bytes, problems.errors > 0, order->generation);
	free(prompts);
	conf_sound_folder_close(folder);
	conf_problems_free(&problems);
}

static bool enter_sandbox(const char *folder)
{
	const struct sys_sandbox sandbox = {
		.role = SYS_SANDBOX_SOUNDS,
		.read_paths = { folder[0] != '\0' ? folder : NULL },
	};

	return sys_sandbox_enter(&sandbox, NULL) == NULL;
}

static int serve(int fd)
{
	static struct order order;
	struct sys_channel *channel = sys_channel_new(fd, QUEUE_MAX);
	size_t size;
	int none;

	sys_proc_name("tg-sounds");
	if (channel == NULL || !sys_channel_wait(channel, TG_NEVER) ||
	    sys_channel_receive(channel, &order, sizeof(order), &size, &none) != SYS_CHANNEL_OK ||
	    size != sizeof(order)) {
		return EXIT_SUCCESS; /* nobody wants sounds any more */
	}
	if (!enter_sandbox(order.folder)) {
		return EXIT_FAILURE;
	}
	read_folder(channel, &order);
	sys_channel_free(channel);
	return EXIT_SUCCESS;
}

/* ---- In the loader ---- */

bool sounds_start(struct sounds *sounds)
{
	int fds[2];

	*sounds = (struct sounds){ .channel = NULL };
	if (!sys_channel_pair(fds)) {
		return false;
	}
	const pid_t pid = fork();

	if (pid == 0) {
		/* The loader's channel to the parent is none of its business: what reads sounds talks to the loader. */
		close(fds[0]);
		close(SYS_PROC_CHANNEL_FD);
		_exit(serve(fds[1]));
	}
	close(fds[1]);
	sounds->channel = pid > 0 ? sys_channel_new(fds[0], 1) : NULL;
	if (sounds->channel == NULL) {
		close(fds[0]);
	}
	return sounds->channel != NULL;
}

/* @return 1 for a problem, 0 for the end, -1 if there is nothing to be had */
static int take_answer(struct sounds *sounds, struct answer *answer, int *fd, uint64_t deadline_us)
{
	size_t size;

	if (!sys_channel_wait(sounds->channel, deadline_us) ||
	    sys_channel_receive(sounds->channel, answer, sizeof(*answer), &size, fd) != SYS_CHANNEL_OK) {
		return -1;
	}
	if (size != sizeof(*answer) || memchr(answer->text, '\0', sizeof(answer->text)) == NULL) {
		return -1;
	}
	return answer->is_end != 0 ? 0 : 1;
}

int sounds_build(struct sounds *sounds, const char *folder, const struct conf_tones *tones, uint64_t generation,
                 size_t *size_bytes, bool *failed, void (*on_text)(void *owner, const char *text), void *owner)
{
	const uint64_t deadline_us = sys_clock_us() + (uint64_t)LIMIT_S * TG_US_PER_S;
	static struct order order;
	struct answer answer;
	int fd = -1, more;

	order.generation = generation;
	order.tones = *tones;
	*failed = true;
	if (!tg_span_copy(order.folder, sizeof(order.folder), tg_span_text(folder)) ||
	    sys_channel_send(sounds->channel, &order, sizeof(order), -1) != SYS_CHANNEL_OK) {
		on_text(owner, "error: the process that reads the sounds cannot be asked");
		return -1;
	}
	while ((more = take_answer(sounds, &answer, &fd, deadline_us)) > 0) {
		on_text(owner, answer.text);
	}
	if (more < 0) {
		on_text(owner, "error: the process that reads the sounds failed");
		return -1;
	}
	*size_bytes = answer.size_bytes;
	*failed = answer.failed != 0;
	return fd;
}

void sounds_stop(struct sounds *sounds)
{
	sys_channel_free(sounds->channel);
	sounds->channel = NULL;
}

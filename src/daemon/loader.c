/* SPDX-License-Identifier: Apache-2.0 */
/* The process that reads the configuration: sees all of it once, hands over images, and ends. */
#include <limits.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/conf.h"
#include "conf/disk.h"
#include "crypt/hash.h"
#include "daemon/loader_changes.h"
#include "daemon/roles.h"
#include "daemon/secrets.h"
#include "daemon/sounds.h"
#include "switch/risk.h"
#include "sys/channel.h"
#include "sys/clock.h"
#include "sys/logsink.h"
#include "sys/memfile.h"
#include "sys/sandbox.h"
#include "sys/zone.h"

enum {
	QUEUE_MAX = 1 << 16,
	SEND_LIMIT_S = 20,
	LOOK_UP_S = 10, /* all names together; what is not known then is asked for again by a later loader */
};

struct loader {
	const struct role_args *args;
	struct sys_logsink sink;
	struct tg_log log;
	struct sys_channel *parent;
	struct sounds sounds;
	struct conf_disk disk;
	bool has_zone;
	char zone[SYS_ZONE_BYTES];
	struct conf_files files; /* of the disk; ours look over their shoulder */
	struct conf_result conf;
	uint64_t files_digest;
	int family; /* of the addresses we can speak with: AF_INET, AF_INET6 or AF_UNSPEC */
	uint32_t host_names, unresolved;
	uint64_t look_up_until_us;
	bool failed;
	struct loader_old old; /* what is in force, on a reload */
	struct secrets *secrets;
	size_t secrets_bytes;
	const struct prompts *prompts;
	size_t prompts_bytes;
};

/* ---- Telling the parent ---- */

static void send_record(struct loader *loader, const void *record, size_t size_bytes, int fd)
{
	if (sys_channel_send(loader->parent, record, size_bytes, fd) != SYS_CHANNEL_OK) {
		loader->failed = true;
	}
}

static void send_text(void *owner, const char *text)
{
	struct ipc_text record = { .head.kind = IPC_TEXT };

	tg_span_copy(record.text, sizeof(record.text), tg_span_text(text));
	send_record(owner, &record, sizeof(record), -1);
}

static void send_problems(struct loader *loader)
{
	for (const struct conf_problem *problem = loader->conf.problems.first; problem != NULL;
	     problem = problem->next) {
		char line[CONF_PROBLEM_BYTES];

		send_text(loader, conf_problem_format(problem, line));
	}
}

static void send_error(struct loader *loader, const char *text)
{
	loader->failed = true;
	send_text(loader, text);
}

/* fd is taken. */
static void send_image(struct loader *loader, enum ipc_kind kind, int fd, size_t size_bytes)
{
	const struct ipc_image record = {
		.head.kind = kind,
		.generation = loader->args->generation,
		.size_bytes = size_bytes,
	};

	if (fd < 0) {
		send_error(loader, "error: no memory for all of the configuration");
		return;
	}
	send_record(loader, &record, sizeof(record), fd);
	close(fd);
}

/* ---- Files ---- */

static uint64_t digest_add(uint64_t digest, struct tg_span bytes)
{
	uint8_t key[CRYPT_KEY_BYTES] = { 0 };

	memcpy(key, &digest, sizeof(digest));
	return crypt_siphash64(key, bytes);
}

static enum conf_read read_file(void *owner, const char *path, char **text, size_t *len, const char **why)
{
	struct loader *loader = owner;
	const enum conf_read result = loader->files.read(loader->files.owner, path, text, len, why);

	loader->files_digest = digest_add(loader->files_digest, tg_span_text(path));
	if (result == CONF_READ_OK) {
		loader->files_digest = digest_add(loader->files_digest,
		                                  (struct tg_span){ (const uint8_t *)*text, *len });
	}
	return result;
}

static void find_files(void *owner, const char *pattern, struct conf_names *names)
{
	const struct loader *loader = owner;

	loader->files.glob(loader->files.owner, pattern, names);
}

/* ---- Names ---- */

static int family_of(const struct world_settings *settings)
{
	bool v4 = false, v6 = false;

	for (uint32_t i = 0; i < settings->bind_count; i++) {
		v4 = v4 || settings->binds[i].family == TG_IPV4;
		v6 = v6 || settings->binds[i].family == TG_IPV6;
	}
	return v4 && v6 ? AF_UNSPEC : v6 ? AF_INET6 : AF_INET;
}

static bool look_up(void *owner, const char *host, struct tg_addr *addr)
{
	struct loader *loader = owner;
	const struct addrinfo hints = { .ai_family = loader->family, .ai_socktype = SOCK_DGRAM };
	struct addrinfo *found = NULL;

	loader->host_names++;
	if (sys_clock_us() >= loader->look_up_until_us || getaddrinfo(host, NULL, &hints, &found) != 0) {
		return false;
	}
	*addr = tg_addr_from_sockaddr(found->ai_addr);
	freeaddrinfo(found);
	return addr->family != TG_NO_ADDR;
}

static void resolve(struct loader *loader)
{
	loader->family = family_of(&loader->conf.world->settings);
	loader->look_up_until_us = sys_clock_us() + (uint64_t)LOOK_UP_S * TG_US_PER_S;
	loader->unresolved = conf_resolve(loader->conf.world, look_up, loader);
}

/* ---- Images ---- */

static void send_world(struct loader *loader)
{
	struct world *world = loader->conf.world;
	const struct world_settings *settings = &world->settings;
	struct tg_span bytes = { (const uint8_t *)world, loader->conf.world_bytes };
	struct ipc_listen listening = {
		.head.kind = IPC_LISTEN,
		.bind_count = settings->bind_count < IPC_BINDS_MAX ? settings->bind_count : IPC_BINDS_MAX,
		.threads = settings->threads,
		.tos = settings->tos,
		.cos = settings->cos,
		.host_names = loader->host_names,
		.unresolved = loader->unresolved,
		.syslog = settings->syslog,
		.files_digest = loader->files_digest,
		.world_digest = digest_add(0, bytes), /* its generation is still 0 */
	};

	listening.metrics = loader->conf.metrics;
	memcpy(listening.binds, settings->binds, listening.bind_count * sizeof(listening.binds[0]));
	send_record(loader, &listening, sizeof(listening), -1);
	world->generation = loader->args->generation;
	send_image(loader, IPC_WORLD, sys_memfile_sealed("tg-world", bytes), bytes.len);
}

/* @return NULL without memory */
static struct secrets_item *list_secrets(const struct conf_secrets *secrets)
{
	struct secrets_item *items = calloc(secrets->count > 0 ? secrets->count : 1, sizeof(*items));
	uint32_t i = 0;

	for (const struct conf_secret *one = secrets->first; items != NULL && one != NULL; one = one->next, i++) {
		items[i] = (struct secrets_item){ one->identity, one->name, one->secret };
	}
	return items;
}

static void send_secrets(struct loader *loader)
{
	struct secrets_item *items = list_secrets(&loader->conf.secrets);
	const char *too_many = NULL;
	size_t size = 0;
	struct secrets *image = items != NULL ? secrets_build(items, loader->conf.secrets.count,
	                                                      loader->args->generation, &size, &too_many)
	                                      : NULL;
	char text[IPC_TEXT_BYTES];

	if (too_many != NULL) {
		snprintf(text, sizeof(text), "iax.conf: error: %.100s has more than %d secrets", too_many,
		         (int)SECRETS_A_NAME_MAX);
		send_error(loader, text);
	} else {
		const struct tg_span bytes = { (const uint8_t *)image, size };

		send_image(loader, IPC_SECRETS, image != NULL ? sys_memfile_sealed("tg-secrets", bytes) : -1, size);
	}
	loader->secrets = image;
	loader->secrets_bytes = size;
	free(items);
}

/* As written, or below the configuration directory. */
static bool sounds_folder(const struct loader *loader, char folder[PATH_MAX])
{
	const char *named = loader->conf.sounds;
	const int len = named[0] == '/' || named[0] == '\0'
	                        ? snprintf(folder, PATH_MAX, "%s", named)
	                        : snprintf(folder, PATH_MAX, "%s/%s", loader->args->config_dir, named);

	return len < PATH_MAX;
}

/* The dialplan's names of sounds are looked for in the image that others will use. */
static void check_sounds(struct loader *loader, int fd, size_t size_bytes)
{
	const struct prompts *prompts = sys_memfile_map(fd, size_bytes);

	if (prompts != NULL && prompts_check(prompts, size_bytes) == NULL) {
		conf_check_sounds(loader->conf.world, prompts, &loader->conf.problems);
	}
	loader->prompts = prompts;
	loader->prompts_bytes = size_bytes;
}

static void send_prompts(struct loader *loader)
{
	static char folder[PATH_MAX];
	static struct conf_tones tones;
	size_t size_bytes = 0;
	bool failed = true;

	if (!sounds_folder(loader, folder)) {
		send_error(loader, "error: the name of the folder of sounds is too long");
		return;
	}
	conf_tones_collect(loader->conf.world, &tones);
	const int fd = sounds_build(&loader->sounds, folder, &tones, loader->args->generation, &size_bytes, &failed,
	                            send_text, loader);

	loader->failed = loader->failed || failed;
	if (fd >= 0) {
		check_sounds(loader, fd, size_bytes);
		send_image(loader, IPC_PROMPTS, fd, size_bytes);
	}
}

/* Strangers' calls must not cost money, unless that is meant. */
static void check_guests(struct loader *loader)
{
	const struct world *world = loader->conf.world;
	char text[RISK_WAY_BYTES + IPC_TEXT_BYTES];
	struct risk risk;

	if (!risk_open_relay(world, &risk)) {
		return;
	}
	snprintf(text, sizeof(text), "%s:%u: error: %s; mayspend=yes if that is meant",
	         risk.id != NULL ? world_text(world, risk.at.file) : "iax.conf", (unsigned)risk.at.line, risk.text);
	send_error(loader, text);
	snprintf(text, sizeof(text), "%s:%u: error: the way there: %s",
	         risk.id != NULL ? world_text(world, risk.at.file) : "iax.conf", (unsigned)risk.at.line, risk.way);
	send_error(loader, text);
}

/* ---- What is different now ---- */

static void tell_changes(struct loader *loader)
{
	const struct loader_new made = {
		.world = { (const uint8_t *)loader->conf.world, loader->conf.world_bytes },
		.prompts = { (const uint8_t *)loader->prompts, loader->prompts_bytes },
		.secrets = { (const uint8_t *)loader->secrets, loader->secrets_bytes },
	};

	if (!loader->failed) {
		loader_changes_tell(&loader->old, &made, send_text, loader);
	}
}

static void release(struct loader *loader)
{
	if (loader->secrets != NULL) {
		crypt_wipe(loader->secrets, loader->secrets_bytes);
	}
	free(loader->secrets);
	loader->secrets = NULL;
	if (loader->prompts != NULL) {
		sys_memfile_unmap(loader->prompts, loader->prompts_bytes);
	}
	loader->prompts = NULL;
	loader_old_release(&loader->old);
	conf_result_free(&loader->conf);
}

/* ---- The whole ---- */

static void load(struct loader *loader)
{
	const struct conf_files files = {
		.owner = loader,
		.read = read_file,
		.glob = find_files,
		.zone = loader->has_zone ? loader->zone : NULL,
	};

	if (!conf_disk_open(&loader->disk, loader->args->config_dir)) {
		send_error(loader, "error: the configuration directory cannot be read");
		return;
	}
	loader->files = conf_disk_files(&loader->disk);
	conf_load(&files, &loader->conf);
	conf_disk_close(&loader->disk);
	if (loader->conf.failed) {
		loader->failed = true;
	} else {
		check_guests(loader);
	}
	if (!loader->failed) {
		resolve(loader);
		send_prompts(loader);
		send_world(loader);
		send_secrets(loader);
	}
	send_problems(loader);
	tell_changes(loader);
	release(loader);
}

/* The C library's resolver and what it reads; waiting for a dead name server must not keep the exchange down. */
static const char *enter_sandbox(const struct loader *loader)
{
	const struct sys_sandbox sandbox = {
		.role = SYS_SANDBOX_LOADER,
		.read_paths = { loader->args->config_dir, "/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf",
		                "/etc/host.conf", "/etc/gai.conf", "/etc/services", "/etc/ld.so.cache", "/lib",
		                "/lib64", "/usr/lib" },
	};

	setenv("RES_OPTIONS", "timeout:2 attempts:1", 1);
	return sys_sandbox_enter(&sandbox, &loader->log);
}

int loader_main(const struct role_args *args)
{
	static struct loader loader;

	loader.args = args;
	sys_logsink_init(&loader.sink, &loader.log, "loader", STDERR_FILENO, TG_INFO);
	const char *failed = sys_sandbox_begin(true);

	if (failed == NULL && !sounds_start(&loader.sounds)) {
		failed = "the process that reads the sounds cannot be started";
	}
	loader.has_zone = failed == NULL && sys_zone_rule(loader.zone);
	failed = failed != NULL ? failed : enter_sandbox(&loader);
	loader.parent = failed == NULL ? sys_channel_new(args->channel_fd, QUEUE_MAX) : NULL;
	if (loader.parent == NULL) {
		tg_log(&loader.log, TG_ERROR, "loader.not_started",
		       TG_TEXT("why", failed != NULL ? failed : "no memory"));
		return EXIT_FAILURE;
	}
	loader_old_take(&loader.old, loader.parent);
	load(&loader);
	sounds_stop(&loader.sounds);
	const struct ipc_done done = { .head.kind = IPC_DONE, .failed = loader.failed ? 1 : 0 };

	send_record(&loader, &done, sizeof(done), -1);
	const bool told = sys_channel_drain(loader.parent, sys_clock_us() + (uint64_t)SEND_LIMIT_S * TG_US_PER_S);

	sys_channel_free(loader.parent);
	return told ? EXIT_SUCCESS : EXIT_FAILURE;
}

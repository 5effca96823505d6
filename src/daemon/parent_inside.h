/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_DAEMON_PARENT_INSIDE_H
#define TG_DAEMON_PARENT_INSIDE_H

#include "daemon/family.h"
#include "daemon/listening.h"
#include "daemon/load.h"
#include "daemon/options.h"
#include "daemon/place.h"
#include "daemon/sockets.h"
#include "sys/logsink.h"

/* What the files of the parent share: parent.c (its beginning and its loop), parent_family.c (what each process needs, and their
 * start and end), parent_load.c (the configuration), parent_desk.c (people's wishes). */

enum phase {
	LOADING,  /* the first configuration is read */
	STARTING, /* the processes set themselves up */
	RUNNING,
	DRAINING,   /* no new calls; the engine ends with the last one */
	HANGING_UP, /* the engine ends all calls */
	ENDING,     /* the engine is gone, the others write what they have */
	OVER,
};

/* While all goes on, the engine may have been told to end. */
enum engine_end {
	ENGINE_STAYS,
	ENGINE_ENDS_ALL,    /* the others end with it */
	ENGINE_BEGINS_ANEW, /* it is started again */
};

/* Why a loader runs. */
enum load_reason { FIRST, ORDERED, REFRESH };

struct parent {
	const struct options *options;
	struct place place;
	struct sys_loop *loop;
	struct sys_logsink sink;
	struct tg_log log;
	const char *notify_socket;
	int signals_fd, console_fd, outbox_fd, log_fd;
	int launcher_fd; /* tells who started us that we are ready; -1 in the foreground */
	uint64_t outbox_incarnation;
	struct family family;
	struct sockets sockets;
	struct listening metrics;
	struct load load;
	struct load_result images;
	enum load_reason reason;
	bool reload_again;            /* asked for while one was running */
	uint32_t loads, loads_failed; /* that were wanted by people */
	uint64_t last_load_ms;        /* wall time; of what is used, or was refused */
	bool last_load_failed;
	bool desk_waits; /* a reload that the desk asked for is running */
	uint64_t desk_query;
	uint64_t generation; /* of the last loader started */
	uint64_t refresh_at_us, refresh_delay_s;
	enum phase phase;
	enum engine_end engine_end; /* RUNNING: what becomes of the engine */
	enum ipc_stop end_how;      /* and how it was told to end */
	enum tg_level log_level;
	uint64_t deadline_us;            /* of the phase */
	uint64_t started_us, started_ms; /* monotonic; wall time */
	int exit_code;
};

/** For people who watch the start, and for the log afterwards. */
void parent_complain(const struct parent *parent, const char *format, ...) TG_PRINTF(2, 3);

/** @param limit_us  how long the phase may last; TG_NEVER for no limit */
void parent_enter(struct parent *parent, enum phase phase, uint64_t limit_us);

/** End with exit code 1. */
void parent_give_up(struct parent *parent);

extern const struct family_ops parent_family_ops;

/** Open the sockets and start all processes, with the images that were loaded. */
void parent_start_family(struct parent *parent);

/** Give new images to all that are there. */
void parent_push_images(struct parent *parent);

/**
 * Offer metrics where the configuration says. What cannot be bound is said, and does without.
 *
 * @param said  what changed or went wrong, for people; "" for nothing
 */
void parent_offer_metrics(struct parent *parent, char said[LISTENING_WHY_BYTES]);

void parent_stop(struct parent *parent, bool gracefully);
void parent_kill_all(struct parent *parent);

/** The phase has lasted as long as it may. */
void parent_on_deadline(struct parent *parent);

extern const struct load_ops parent_load_ops;

/** Run a loader; if one is running already, an ordered load follows it. */
void parent_load(struct parent *parent, enum load_reason reason);

void parent_desk_text(struct parent *parent, uint64_t query, const char *text);
void parent_desk_done(struct parent *parent, uint64_t query, bool well);

/** An operator's wish about stopping and starting. @return NULL, or why it was not done */
const char *parent_obey(struct parent *parent, enum ipc_command_what what);

/** The engine has no calls any more. */
void parent_on_stopped(struct parent *parent);

/** What a process that was just started has to know of wishes before. */
void parent_tell_wishes(struct parent *parent, enum ipc_proc proc);

/** Log this level and those above it, everywhere. */
void parent_set_log_level(struct parent *parent, enum tg_level level);

/** A record of one of the processes. */
void parent_on_record(void *owner, enum ipc_proc from, const union ipc_any *record);

/** Tell the store what became of a configuration. @param generation  of the one that is used now */
void parent_tell_event(struct parent *parent, enum model_event_kind kind, uint64_t generation);

#endif

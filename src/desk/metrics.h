/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_DESK_METRICS_H
#define TG_DESK_METRICS_H

#include "desk/command.h"

/**
 * Metrics as Prometheus reads them (text exposition format 0.0.4). One row a family; docs/metrics.md has the same rows, and a test
 * compares them. Names and labels are an interface: they are never changed. What a stranger chose never becomes a label: only names
 * of the configuration, and words of our own.
 */

enum metrics_type { METRICS_COUNTER, METRICS_GAUGE, METRICS_HISTOGRAM };

struct metrics {
	const struct desk_view *view;
	struct desk_out *out;
	const struct metrics_family *family; /* that is being written */
};

struct metrics_family {
	const char *name;
	enum metrics_type type;
	const char *help;
	/* Of the engine's counters: the name of one; or, with a dot at its end, what begins the names of some: the rest is the label. */
	const char *counter;
	const char *label;
	uint32_t divisor;                     /* of the counter's value: 1000 for ms; 1 for none */
	bool no_idle;                         /* those that never counted are left out: there are too many */
	void (*put)(struct metrics *metrics); /* for all that is no counter */
};

/** All of them, ends with a row whose name is NULL. */
extern const struct metrics_family metrics_families[];

/** Where the rows of each question are in the view. */
enum metrics_ask {
	METRICS_COUNTERS,
	METRICS_PEERS,
	METRICS_REGISTRY,
	METRICS_NUMBERS,
	METRICS_PROCESSES,
	METRICS_BUDGETS,
	METRICS_ASKS,
};

/** Those questions, for a command's row. */
#define METRICS_ASK_LIST                                                                      \
	{                                                                                     \
		[METRICS_COUNTERS] = IPC_ASK_COUNTERS, [METRICS_PEERS] = IPC_ASK_PEERS,       \
		[METRICS_REGISTRY] = IPC_ASK_REGISTRY, [METRICS_NUMBERS] = IPC_ASK_NUMBERS,   \
		[METRICS_PROCESSES] = IPC_ASK_PROCESSES, [METRICS_BUDGETS] = IPC_ASK_BUDGETS, \
	}
#define METRICS_LIMIT_LIST                                       \
	{                                                        \
		[METRICS_NUMBERS] = 1, /* the sums come first */ \
	}

enum { METRICS_NAMES_MAX = 1000 }; /* peers and registrations of which each has samples of its own */

/** Asks what metrics are made of; never fails because a process is away. */
extern const struct desk_command desk_metrics_command;

int desk_metrics_print(const struct desk_view *view, struct desk_out *out);

/**
 * One sample of the family. suffix: behind its name, "" for none. Labels: pairs of name and value, ends with NULL; values are escaped.
 */
void metrics_put(struct metrics *metrics, const char *suffix, double value, const char *const *labels);

#define METRICS_LABELS(...)       \
	(const char *const[])     \
	{                         \
		__VA_ARGS__, NULL \
	}

/* The families that are no counters: metrics_facts.c. */
void metrics_put_build(struct metrics *metrics);
void metrics_put_start(struct metrics *metrics);
void metrics_put_complete(struct metrics *metrics);
void metrics_put_unmapped(struct metrics *metrics);
void metrics_put_process_up(struct metrics *metrics);
void metrics_put_process_restarts(struct metrics *metrics);
void metrics_put_generation(struct metrics *metrics);
void metrics_put_loads(struct metrics *metrics);
void metrics_put_loads_failed(struct metrics *metrics);
void metrics_put_load_well(struct metrics *metrics);
void metrics_put_load_time(struct metrics *metrics);
void metrics_put_peers(struct metrics *metrics);
void metrics_put_peers_registered(struct metrics *metrics);
void metrics_put_peer_reachable(struct metrics *metrics);
void metrics_put_peer_rtt(struct metrics *metrics);
void metrics_put_peers_unlisted(struct metrics *metrics);
void metrics_put_registrations(struct metrics *metrics);
void metrics_put_registered(struct metrics *metrics);
void metrics_put_numbers_used(struct metrics *metrics);
void metrics_put_numbers_max(struct metrics *metrics);
void metrics_put_limit_used(struct metrics *metrics);
void metrics_put_limit_max(struct metrics *metrics);
void metrics_put_limit_peak(struct metrics *metrics);
void metrics_put_limit_stopped(struct metrics *metrics);
void metrics_put_bans(struct metrics *metrics);
void metrics_put_loss(struct metrics *metrics);
void metrics_put_jitter(struct metrics *metrics);
void metrics_put_delay(struct metrics *metrics);

/** The family that shows a counter of the engine; NULL for none, which is a mistake of ours. */
const struct metrics_family *metrics_family_of(const char *counter);

/** The counter of that name; NULL if the engine told none. */
const struct ipc_counter_row *metrics_counter(const struct desk_view *view, const char *name);

#endif

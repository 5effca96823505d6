/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TESTS_SWITCH_HOUSE_H
#define TG_TESTS_SWITCH_HOUSE_H

#include "conf/conf.h"
#include "crypt/md5.h"
#include "sim.h"
#include "switch/check.h"
#include "switch/switch.h"
#include "switch/takeover.h"

/*
 * An exchange for the simulator: a switch on a node, with a configuration from text, a vault that knows the secrets of it, a relay that
 * forwards and plays, and the records and bindings it gave away. After everything that happens its invariants are checked.
 */
enum {
	HOUSE_WORLDS = 12,
	HOUSE_ENTRIES = 128,
	HOUSE_RECORDS = 1200,
	HOUSE_BINDINGS = 128,
	HOUSE_ASKED = 256,
	HOUSE_DECISIONS = 64,
	HOUSE_TOLLS = 64,
	HOUSE_LOG_BYTES = 1 << 16,
};

/* Wall time of the simulation's time 0. */
#define HOUSE_WALL_US (UINT64_C(1800000000) * TG_US_PER_S)

struct house_entry {
	struct switch_relay relay;
	bool used;
	bool stale;       /* set by a switch before this one, and not again yet */
	bool told;        /* that the prompt is over */
	uint64_t next_us; /* PLAY: when the next frame leaves */
	uint32_t played;  /* PLAY: frames since frame_start */
	uint32_t next_ts; /* to see gaps */
	struct iax_report report;
};

/* A question to the vault, answered when its time has come. */
struct house_question {
	uint64_t at_us, cookie;
	enum { ASK_CHALLENGE, ASK_VERIFY, ASK_RESPOND } kind;
	enum model_identity identity;
	char name[MODEL_NAME_BYTES];
	uint64_t who;
	bool held;
	uint8_t md5[16];
	uint8_t challenge[256];
	size_t challenge_len;
};

/* The end of a request, as the switch told it. */
struct house_decision {
	enum model_request request;
	enum model_reason why;
	bool proven, exists, roaming, decoy, weak, tried, trusted;
	uint64_t answer, call;
	struct tg_addr from, local;
	char account[MODEL_NAME_BYTES], exten[MODEL_NAME_BYTES], context[MODEL_NAME_BYTES];
};

/* A paid call that was refused or ended. */
struct house_toll {
	enum model_reason why;
	enum world_class class;
	bool ended, guest;
	char account[MODEL_NAME_BYTES], trunk[MODEL_NAME_BYTES], number[MODEL_NAME_BYTES], rule[MODEL_RULE_BYTES];
};

struct house {
	struct sim *sim;
	unsigned node;
	void *mem;
	struct tg_switch *sw;
	struct switch_config config;
	struct switch_ops ops;
	struct tg_log log;
	struct conf_result conf[HOUSE_WORLDS];
	unsigned worlds;
	struct prompts *prompts;

	int64_t clock_step_us;    /* wall time was set by so much */
	uint64_t vault_us;        /* how long the vault takes, at least */
	uint32_t vault_spread_us; /* and at most so much longer */
	bool is_busy;
	uint32_t turns;
	bool vault_is_dead;
	bool vault_judges_nobody; /* it makes challenges alone */
	struct crypt_md5 *md5;
	struct house_question asked[HOUSE_ASKED];
	unsigned asked_count;
	struct {
		uint64_t cookie;
		char text[20];
	} challenges[HOUSE_ASKED];
	unsigned challenge_count;
	uint32_t verified, responded;     /* questions so far */
	uint64_t who_asked, who_verified; /* of the last challenge and the last verdict */
	enum model_reason hold;           /* what may_try says of hold_name; NULL: of everybody */
	const char *hold_name;
	struct tg_addr home; /* where every account was right lately */
	uint32_t tries;      /* how often may_try was asked */
	bool held;           /* what the vault was told the last time */
	/* Another vault than the built-in one, if set: a challenge for a cookie, and the verdict. */
	void *vault;
	void (*challenge)(void *vault, uint64_t cookie, uint64_t who, uint64_t now_us, char text[20]);
	bool (*verify)(void *vault, const struct house_question *question, uint64_t now_us, uint64_t *answer);

	struct house_decision decisions[HOUSE_DECISIONS]; /* the last ones */
	unsigned decision_count;

	struct house_entry entries[HOUSE_ENTRIES];
	uint32_t forwarded, played, dropped;

	const char *tollgate;                 /* of the next configuration */
	bool is_full;                         /* the store takes no more records */
	struct house_toll tolls[HOUSE_TOLLS]; /* the last ones */
	unsigned toll_count;
	struct model_paid paid[HOUSE_RECORDS];
	struct model_call_record records[HOUSE_RECORDS];
	unsigned record_count;
	struct model_binding bindings[HOUSE_BINDINGS];
	unsigned binding_count;
	char lines[HOUSE_LOG_BYTES];
	size_t lines_len;
};

struct house_plan {
	const char *iax, *extensions; /* texts of the two files */
	const char *tollgate;         /* and of tollgate.conf; NULL for none */
	const struct prompts *prompts;
	uint32_t calls_max;     /* 0 for 32 */
	uint32_t half_open_max; /* 0 for 64 */
	uint32_t bindings_max;  /* 0 for 32 */
	uint32_t usages_max;    /* 0 for twice that, and some */
	uint64_t vault_us;
	uint32_t vault_spread_us;
	bool is_busy;   /* its invariants are checked now and then only */
	bool no_tokens; /* who sends no call token is let in without one */
};

/** Begin an exchange as the next node of the simulation. Problems of the configuration fail the test. */
void house_open(struct house *house, struct sim *sim, const struct house_plan *plan);

/** Another configuration. */
void house_reload(struct house *house, const char *iax, const char *extensions);

/**
 * The process of the exchange died: another endpoint and another switch take over. What waited is lost; relay, vault and store live.
 *
 * @param worlds  how many of the last configurations are there still; 0 for all that there is room for
 */
struct switch_takeover house_take_over(struct house *house, unsigned worlds);

/** The same in two steps, for who changes something in the memory of the dead one: house->sw is its switch until the second. */
struct iax_takeover house_die(struct house *house);
struct switch_takeover house_live_again(struct house *house, unsigned worlds);

/** After an action of the test on the switch. */
void house_pump(struct house *house);

/** Nothing of any call may be left. */
void house_close(struct house *house);

/** The last record; fails without one. */
const struct model_call_record *house_record(const struct house *house);

/** The last decision; fails without one. */
const struct house_decision *house_decided(const struct house *house);

/** How many of the last decisions were for this reason. */
unsigned house_decisions(const struct house *house, enum model_reason why);

/** A line of the log with this text in it was written. */
bool house_logged(const struct house *house, const char *text);

/** An image of prompts: "one" of 1 frame and "ten" of 10 in ulaw and gsm, "alaw" of 5 in alaw, both milliwatt tones of 4 frames in ulaw,
 * and the tones "busy", of 50 frames again and again, and "!950/100,425", of 5 frames once and 50 again and again. */
struct prompts *house_prompts(void);

#endif

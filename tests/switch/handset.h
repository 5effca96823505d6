/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TESTS_SWITCH_HANDSET_H
#define TG_TESTS_SWITCH_HANDSET_H

#include "crypt/md5.h"
#include "house.h"
#include "sim.h"

/*
 * A phone for the simulator: it registers, calls, rings, answers, talks and hangs up as its settings say, and writes down what it
 * hears, as words: "offered accepted(ulaw) RINGING ANSWER voice(ulaw) dtmf(5) text(hello) ended(16)".
 */
enum { HANDSET_LINES = 64, HANDSET_STORY = 4096 };

#define HANDSET_NEVER UINT32_MAX

struct handset_line {
	bool live, calling, confirmed, answered, talks;
	struct iax_leg_id leg;
	uint64_t answer_us, hangup_us, talk_us; /* TG_NEVER for not planned */
	uint32_t spoken;                        /* frames */
	uint64_t talk_format;
	uint32_t first_ts, last_ts, voice_full, voice_mini, gaps;
	uint8_t last_octet;
	uint64_t heard_format, last_voice_us;
	uint8_t cause;
	enum iax_end end;
	uint64_t offered_us, accepted_us, answered_us, ended_us;
};

struct handset {
	struct sim *sim;
	unsigned node;
	struct crypt_md5 *md5;

	/* settings */
	const char *name, *secret;
	const char *challenge; /* ask callers for our secret with this; NULL for not */
	uint16_t challenge_methods;
	uint64_t capability, format;
	struct tg_span prefs;   /* letters of CODEC_PREFS */
	uint8_t reject;         /* cause to reject calls with; 0 for not */
	uint8_t refuse_control; /* CONTROL BUSY or CONGESTION instead of ringing */
	bool rings, progress, silent;
	bool keeps_talking;       /* 20 ms frames from the beginning of each call until it ends */
	uint32_t answer_after_ms; /* of a call to us */
	uint32_t hangup_after_ms; /* after the answer */
	uint8_t hangup_cause;
	uint8_t octet; /* what we say */
	bool mute;     /* leaves challenges unanswered */
	bool stays;    /* do not hang up after BUSY or CONGESTION */
	bool careless; /* what a leg does not allow any more is no failure of the test */

	struct handset_line lines[HANDSET_LINES];
	unsigned line_count;
	bool registered;
	uint8_t register_cause; /* 0 while none */
	uint64_t register_ended_us;
	uint16_t refresh_s;
	struct tg_addr apparent;
	char story[HANDSET_STORY];
	size_t story_len;
	char called[MODEL_NAME_BYTES], context[MODEL_NAME_BYTES], calling[MODEL_NAME_BYTES],
		calling_name[MODEL_NAME_BYTES];
	char username[MODEL_NAME_BYTES], variables[512];
	char language[16];
	uint8_t presentation;
	uint64_t offered_capability;
};

/** A phone as the next node; secret may be NULL. It answers after 100 ms, in ulaw, alaw or gsm. */
void handset_open(struct handset *handset, struct sim *sim, const char *name, const char *secret);
void handset_close(struct handset *handset);

/** Let its node do what the settings say by now. */
void handset_pump(struct handset *handset);

/** REGREQ; refresh_s 0: REGREL. */
void handset_register(struct handset *handset, const struct house *house, uint16_t refresh_s);

/** What a NEW says besides what the settings do. */
struct handset_dial {
	const char *number, *context, *user; /* user NULL: the handset's name; "" for none */
	const char *calling, *calling_name;
	const struct iax_variable *variables;
	size_t variable_count;
};

/** Call the exchange. @return the line, for lines[] */
unsigned handset_dial(struct handset *handset, const struct house *house, const struct handset_dial *dial);
unsigned handset_call(struct handset *handset, const struct house *house, const char *number);

void handset_hangup(struct handset *handset, unsigned line, uint8_t cause);
void handset_digit(struct handset *handset, unsigned line, char digit);
void handset_text(struct handset *handset, unsigned line, const char *text);
void handset_control(struct handset *handset, unsigned line, uint8_t subclass, const char *payload);

/** Begin or stop to talk: full frame first, then minis each 20 ms. */
void handset_talk(struct handset *handset, unsigned line, bool on);

/** The last line. */
struct handset_line *handset_last(struct handset *handset);

/** The story so far, begun anew after that. */
const char *handset_story(struct handset *handset);

#endif

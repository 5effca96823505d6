/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/door.h"

#include "check.h"
#include "crypt/random.h"
#include "iax/frame.h"
#include "iax/fuzz.h"
#include "iax/ies.h"
#include "iax/vectors.h"

enum { SLOT_MS = 8000, REQUEST_BYTES = 256, CALLER = 1234, NOW_US = 5000000 };

/* What stands in the CALLTOKEN element of a request. */
enum token {
	NO_TOKEN,
	EMPTY,
	GOOD,       /* made now for this address */
	OLD,        /* two slots ago */
	FOREIGN,    /* for another port */
	OF_THE_RFC, /* 40 digits of some other exchange */
};

/* What the owner says, by bits. */
enum owner {
	REQUIRES = 1,
	STEALTH = 2,
	EXCUSES = 4,   /* is_excused says yes */
	ASKS = 8,      /* is_excused says no */
	DECLARES = 16, /* is_declared says yes */
	KNOWS = 32,    /* is_known says yes */
	IN_TEXT = 64,
};

static struct tg_addr remote_addr(uint16_t port)
{
	return tg_addr_ipv4((const uint8_t[]){ 203, 0, 113, 7 }, port);
}

static struct tg_addr local_addr(void)
{
	return tg_addr_ipv4((const uint8_t[]){ 192, 0, 2, 1 }, IAX_PORT);
}

static struct iax_token_keys keys_of(bool text)
{
	static const uint8_t key[CRYPT_KEY_BYTES] = "0123456789abcdef";
	struct iax_token_keys keys;

	iax_token_keys_init(&keys, key, SLOT_MS, text, UINT64_C(1700000000) * TG_US_PER_S, 0);
	return keys;
}

/* What the last call of is_excused was asked. */
struct asked {
	bool answer;
	unsigned count;
	bool is_new;
	struct tg_span username;
	struct tg_addr remote;
};

static bool excused(const void *owner, bool is_new, struct tg_span username, const struct tg_addr *remote)
{
	struct asked *asked = *(struct asked *const *)owner;

	asked->count++;
	asked->is_new = is_new;
	asked->username = username;
	asked->remote = *remote;
	return asked->answer;
}

static bool yes(const void *owner, const struct tg_addr *remote)
{
	(void)owner;
	return tg_addr_equal(*remote, remote_addr(IAX_PORT));
}

static enum iax_door judge(struct iax_door_verdict *verdict, struct tg_span bytes, unsigned owner, struct asked *asked)
{
	const struct iax_door_policy policy = {
		.token_required = (owner & REQUIRES) != 0,
		.stealth = (owner & STEALTH) != 0,
		.is_excused = (owner & (EXCUSES | ASKS)) != 0 ? excused : NULL,
		.is_declared = (owner & DECLARES) != 0 ? yes : NULL,
		.is_known = (owner & KNOWS) != 0 ? yes : NULL,
		.owner = &asked,
	};
	const struct iax_token_keys keys = keys_of((owner & IN_TEXT) != 0);
	const struct tg_addr remote = remote_addr(IAX_PORT), local = local_addr();

	*asked = (struct asked){ .answer = (owner & EXCUSES) != 0 };
	return iax_door_judge(verdict, &policy, &keys, &remote, &local, bytes, NOW_US);
}

static size_t token_bytes(enum token token, bool text, uint8_t out[64])
{
	const struct iax_token_keys keys = keys_of(text);
	const struct tg_addr remote = remote_addr(token == FOREIGN ? IAX_PORT + 1 : IAX_PORT), local = local_addr();
	struct iax_token_keys old = keys;

	old.wall_us -= 2 * (uint64_t)SLOT_MS * TG_US_PER_MS;
	switch (token) {
	case GOOD:
	case FOREIGN:
		return iax_token_make(&keys, &remote, &local, NOW_US, out);
	case OLD:
		return iax_token_make(&old, &remote, &local, NOW_US, out);
	case OF_THE_RFC:
		memset(out, 'a', 40);
		return 40;
	case NO_TOKEN:
	case EMPTY:
		break;
	}
	return 0;
}

/* An opening frame from CALLER with the given name (NULL for none) and token. */
static struct tg_span request(uint8_t buffer[REQUEST_BYTES], uint8_t subclass, const char *name, enum token token,
                              bool text)
{
	const struct iax_frame frame = {
		.class = IAX_CLASS_FULL, .source = CALLER, .ts_ms = 77, .type = IAX_FRAME_IAX, .subclass = subclass
	};
	struct tg_writer w = tg_writer_of(buffer, REQUEST_BYTES);
	uint8_t bytes[64];
	const size_t len = token_bytes(token, text, bytes);

	CHECK_UINT(iax_frame_put_header(&frame, &w), IAX_OK);
	if (name != NULL) {
		tg_put_u8(&w, IAX_IE_USERNAME);
		tg_put_u8(&w, (uint8_t)strlen(name));
		tg_put_span(&w, tg_span_text(name));
	}
	if (token != NO_TOKEN) {
		tg_put_u8(&w, IAX_IE_CALLTOKEN);
		tg_put_u8(&w, (uint8_t)len);
		tg_put_span(&w, (struct tg_span){ bytes, len });
	}
	CHECK_TRUE(tg_writer_ok(&w));
	return tg_writer_span(&w);
}

/* Protocol reference, 6.2, with rulings R2 to R5. */
static void test_decisions(void **state)
{
	static const struct {
		const char *name;
		uint8_t subclass;
		const char *username;
		enum token token;
		unsigned owner;
		enum iax_door want;
		enum iax_err why;
		uint8_t answered;
		enum iax_proof proof;
	} cases[] = {
		{ "NEW with an empty token", IAX_NEW, "alice", EMPTY, REQUIRES, IAX_DOOR_ANSWER, IAX_ERR_ANSWERED,
		  IAX_CALLTOKEN, 0 },
		{ "also where none is required", IAX_NEW, "alice", EMPTY, 0, IAX_DOOR_ANSWER, IAX_ERR_ANSWERED,
		  IAX_CALLTOKEN, 0 },
		{ "also to who is excused", IAX_NEW, "alice", EMPTY, EXCUSES, IAX_DOOR_ANSWER, IAX_ERR_ANSWERED,
		  IAX_CALLTOKEN, 0 },
		{ "also by stealth", IAX_NEW, "alice", EMPTY, REQUIRES | STEALTH, IAX_DOOR_ANSWER, IAX_ERR_ANSWERED,
		  IAX_CALLTOKEN, 0 },
		{ "REGREQ with an empty token", IAX_REGREQ, "alice", EMPTY, REQUIRES, IAX_DOOR_ANSWER, IAX_ERR_ANSWERED,
		  IAX_CALLTOKEN, 0 },
		{ "REGREL with an empty token", IAX_REGREL, "alice", EMPTY, REQUIRES, IAX_DOOR_ANSWER, IAX_ERR_ANSWERED,
		  IAX_CALLTOKEN, 0 },
		{ "FWDOWNL with an empty token", IAX_FWDOWNL, "alice", EMPTY, REQUIRES, IAX_DOOR_ANSWER,
		  IAX_ERR_ANSWERED, IAX_CALLTOKEN, 0 },
		{ "a name too short for the answer", IAX_NEW, "bob", EMPTY, REQUIRES, IAX_DOOR_DROP,
		  IAX_ERR_SHORT_REQUEST, 0, 0 },
		{ "but not in a declared range", IAX_NEW, "bob", EMPTY, REQUIRES | DECLARES, IAX_DOOR_ANSWER,
		  IAX_ERR_ANSWERED, IAX_CALLTOKEN, 0 },
		{ "excused is not declared", IAX_NEW, "bob", EMPTY, EXCUSES, IAX_DOOR_DROP, IAX_ERR_SHORT_REQUEST, 0,
		  0 },
		{ "a text token is longer", IAX_NEW, "alice1", EMPTY, REQUIRES | IN_TEXT, IAX_DOOR_DROP,
		  IAX_ERR_SHORT_REQUEST, 0, 0 },
		{ "and fits a longer request", IAX_NEW, "alice123", EMPTY, REQUIRES | IN_TEXT, IAX_DOOR_ANSWER,
		  IAX_ERR_ANSWERED, IAX_CALLTOKEN, 0 },

		{ "NEW with a good token", IAX_NEW, "alice", GOOD, REQUIRES, IAX_DOOR_PASS, IAX_OK, 0, IAX_PROVEN },
		{ "with a good token as text", IAX_NEW, "alice", GOOD, REQUIRES | IN_TEXT, IAX_DOOR_PASS, IAX_OK, 0,
		  IAX_PROVEN },
		{ "without a name", IAX_NEW, NULL, GOOD, REQUIRES, IAX_DOOR_PASS, IAX_OK, 0, IAX_PROVEN },
		{ "REGREQ with a good token", IAX_REGREQ, "alice", GOOD, REQUIRES, IAX_DOOR_PASS, IAX_OK, 0,
		  IAX_PROVEN },
		{ "REGREL with a good token", IAX_REGREL, "alice", GOOD, REQUIRES, IAX_DOOR_PASS, IAX_OK, 0,
		  IAX_PROVEN },
		{ "a good token proves also the excused", IAX_NEW, "alice", GOOD, EXCUSES, IAX_DOOR_PASS, IAX_OK, 0,
		  IAX_PROVEN },
		{ "FWDOWNL with a good token", IAX_FWDOWNL, "alice", GOOD, REQUIRES, IAX_DOOR_ANSWER, IAX_ERR_ANSWERED,
		  IAX_UNSUPPORT, 0 },

		{ "an old token", IAX_NEW, "alice", OLD, REQUIRES, IAX_DOOR_DROP, IAX_ERR_BAD_TOKEN, 0, 0 },
		{ "a token for another port", IAX_NEW, "alice", FOREIGN, REQUIRES, IAX_DOOR_DROP, IAX_ERR_BAD_TOKEN, 0,
		  0 },
		{ "a token of another making", IAX_NEW, "alice", OF_THE_RFC, REQUIRES, IAX_DOOR_DROP, IAX_ERR_BAD_TOKEN,
		  0, 0 },
		{ "a bad token is wrong whatever the policy", IAX_NEW, "alice", OLD, EXCUSES, IAX_DOOR_DROP,
		  IAX_ERR_BAD_TOKEN, 0, 0 },
		{ "REGREQ with an old token", IAX_REGREQ, "alice", OLD, REQUIRES, IAX_DOOR_DROP, IAX_ERR_BAD_TOKEN, 0,
		  0 },
		{ "FWDOWNL with an old token", IAX_FWDOWNL, "alice", OLD, REQUIRES, IAX_DOOR_DROP, IAX_ERR_BAD_TOKEN, 0,
		  0 },

		{ "NEW without the element", IAX_NEW, "alice", NO_TOKEN, REQUIRES, IAX_DOOR_ANSWER, IAX_ERR_NO_TOKEN,
		  IAX_REJECT, 0 },
		{ "where the owner says no", IAX_NEW, "alice", NO_TOKEN, ASKS, IAX_DOOR_ANSWER, IAX_ERR_NO_TOKEN,
		  IAX_REJECT, 0 },
		{ "FWDOWNL without the element", IAX_FWDOWNL, "alice", NO_TOKEN, REQUIRES, IAX_DOOR_ANSWER,
		  IAX_ERR_NO_TOKEN, IAX_REJECT, 0 },
		{ "REGREQ without the element", IAX_REGREQ, "alice", NO_TOKEN, REQUIRES, IAX_DOOR_ANSWER,
		  IAX_ERR_NO_TOKEN, IAX_REGREJ, 0 },
		{ "REGREL without the element", IAX_REGREL, "alice", NO_TOKEN, REQUIRES, IAX_DOOR_ANSWER,
		  IAX_ERR_NO_TOKEN, IAX_REGREJ, 0 },
		{ "the refusal just fits", IAX_NEW, "a", NO_TOKEN, REQUIRES, IAX_DOOR_ANSWER, IAX_ERR_NO_TOKEN,
		  IAX_REJECT, 0 },
		{ "the refusal does not fit", IAX_NEW, "", NO_TOKEN, REQUIRES, IAX_DOOR_DROP, IAX_ERR_SHORT_REQUEST, 0,
		  0 },
		{ "nothing in it", IAX_REGREQ, NULL, NO_TOKEN, REQUIRES, IAX_DOOR_DROP, IAX_ERR_SHORT_REQUEST, 0, 0 },
		{ "by stealth no refusal", IAX_NEW, "alice", NO_TOKEN, REQUIRES | STEALTH, IAX_DOOR_DROP,
		  IAX_ERR_NO_TOKEN, 0, 0 },
		{ "excused by the owner", IAX_NEW, "alice", NO_TOKEN, REQUIRES | EXCUSES, IAX_DOOR_PASS, IAX_OK, 0,
		  IAX_UNPROVEN },
		{ "none required", IAX_REGREQ, "alice", NO_TOKEN, 0, IAX_DOOR_PASS, IAX_OK, 0, IAX_UNPROVEN },
		{ "excused FWDOWNL", IAX_FWDOWNL, "alice", NO_TOKEN, EXCUSES, IAX_DOOR_ANSWER, IAX_ERR_ANSWERED,
		  IAX_UNSUPPORT, 0 },

		{ "POKE", IAX_POKE, NULL, NO_TOKEN, REQUIRES, IAX_DOOR_ANSWER, IAX_ERR_ANSWERED, IAX_PONG, 0 },
		{ "POKE with a token", IAX_POKE, NULL, OLD, REQUIRES, IAX_DOOR_ANSWER, IAX_ERR_ANSWERED, IAX_PONG, 0 },
		{ "POKE by stealth", IAX_POKE, NULL, EMPTY, STEALTH, IAX_DOOR_DROP, IAX_ERR_STEALTH, 0, 0 },
		{ "POKE by stealth from who is known", IAX_POKE, NULL, EMPTY, STEALTH | KNOWS, IAX_DOOR_ANSWER,
		  IAX_ERR_ANSWERED, IAX_PONG, 0 },

		{ "an early HANGUP", IAX_HANGUP, NULL, NO_TOKEN, REQUIRES, IAX_DOOR_EXISTING, IAX_OK, 0, 0 },
	};
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		uint8_t buffer[REQUEST_BYTES];
		const struct tg_span in = request(buffer, cases[i].subclass, cases[i].username, cases[i].token,
		                                  (cases[i].owner & IN_TEXT) != 0);
		struct iax_door_verdict verdict;
		struct asked asked;

		print_message("# %s\n", cases[i].name);
		CHECK_UINT(judge(&verdict, in, cases[i].owner, &asked), cases[i].want);
		CHECK_UINT(verdict.why, cases[i].why);
		CHECK_UINT(verdict.answered, cases[i].answered);
		CHECK_UINT(verdict.subclass, cases[i].subclass);
		if (cases[i].want == IAX_DOOR_PASS) {
			CHECK_UINT(verdict.proof, cases[i].proof);
		}
		/* R and ISeqno are not looked at: a client may repeat before it knows anything. */
		buffer[2] |= 0x80;
		buffer[9] = 7;
		CHECK_UINT(judge(&verdict, in, cases[i].owner, &asked), cases[i].want);
	}
}

static void test_everything_else_is_dropped(void **state)
{
	(void)state;

	for (unsigned subclass = 0; subclass <= UINT8_MAX; subclass++) {
		const bool known = subclass == IAX_NEW || subclass == IAX_REGREQ || subclass == IAX_REGREL ||
		                   subclass == IAX_FWDOWNL || subclass == IAX_POKE || subclass == IAX_HANGUP;
		uint8_t buffer[REQUEST_BYTES];
		const struct tg_span in = request(buffer, (uint8_t)subclass, "alice", GOOD, false);
		struct iax_door_verdict verdict;
		struct asked asked;

		CHECK_UINT(judge(&verdict, in, 0, &asked) == IAX_DOOR_DROP, !known);
		CHECK_UINT(verdict.why == IAX_ERR_NOT_OPENING, !known);
		buffer[10] = IAX_FRAME_CONTROL; /* the same octet in another type of frame */
		CHECK_UINT(judge(&verdict, in, 0, &asked), IAX_DOOR_DROP);
		CHECK_UINT(verdict.why, IAX_ERR_NOT_OPENING);
	}
}

static void test_headers_that_open_nothing(void **state)
{
	static const struct {
		const char *name;
		uint8_t subclass;
		uint8_t at, value;
		enum iax_door want;
		enum iax_err why;
	} cases[] = {
		{ "POKE from number 0", IAX_POKE, 1, 0, IAX_DOOR_DROP, IAX_ERR_SOURCE_ZERO },
		{ "NEW from number 0", IAX_NEW, 1, 0, IAX_DOOR_DROP, IAX_ERR_SOURCE_ZERO },
		{ "HANGUP from number 0", IAX_HANGUP, 1, 0, IAX_DOOR_DROP, IAX_ERR_SOURCE_ZERO },
		{ "PING from number 0", IAX_PING, 1, 0, IAX_DOOR_DROP, IAX_ERR_SOURCE_ZERO },
		{ "NEW from number 1, which some clients use", IAX_NEW, 1, 1, IAX_DOOR_PASS, IAX_OK },
		{ "NEW to a number", IAX_NEW, 3, 1, IAX_DOOR_DROP, IAX_ERR_NOT_OPENING },
		{ "NEW to the highest number", IAX_NEW, 2, 0x7f, IAX_DOOR_DROP, IAX_ERR_NOT_OPENING },
		{ "POKE to number 1", IAX_POKE, 3, 1, IAX_DOOR_DROP, IAX_ERR_NOT_OPENING },
		{ "NEW that is not the first", IAX_NEW, 8, 1, IAX_DOOR_DROP, IAX_ERR_NOT_OPENING },
		{ "POKE that is not the first", IAX_POKE, 8, 255, IAX_DOOR_DROP, IAX_ERR_NOT_OPENING },
		{ "HANGUP that is not the first", IAX_HANGUP, 8, 1, IAX_DOOR_EXISTING, IAX_OK },
		{ "a mini frame", IAX_NEW, 0, 0, IAX_DOOR_DROP, IAX_ERR_NOT_OPENING },
	};
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		uint8_t buffer[REQUEST_BYTES];
		const struct tg_span in = request(buffer, cases[i].subclass, "alice", GOOD, false);
		struct iax_door_verdict verdict;
		struct asked asked;

		buffer[0] = 0x80;
		buffer[1] = 2;
		buffer[cases[i].at] = cases[i].value;
		print_message("# %s\n", cases[i].name);
		CHECK_UINT(judge(&verdict, in, REQUIRES, &asked), cases[i].want);
		CHECK_UINT(verdict.why, cases[i].why);
		CHECK_UINT(asked.count, 0);
	}
}

static void test_undecodable_elements_are_dropped(void **state)
{
	static const uint8_t subclasses[] = { IAX_NEW, IAX_REGREQ, IAX_REGREL, IAX_FWDOWNL, IAX_POKE, IAX_HANGUP };
	(void)state;

	for (size_t i = 0; i < TG_COUNT(subclasses); i++) {
		uint8_t buffer[REQUEST_BYTES];
		const struct tg_span in = request(buffer, subclasses[i], "alice", GOOD, false);
		struct iax_door_verdict verdict;
		struct asked asked;

		for (size_t cut = 1; cut < in.len; cut++) {
			const size_t left = in.len - cut;
			const bool whole = left == 12 || left == 12 + 7; /* between two elements */

			judge(&verdict, (struct tg_span){ in.p, left }, REQUIRES, &asked);
			CHECK_UINT(verdict.why == IAX_ERR_TRUNCATED, left > 12 && !whole);
			CHECK_UINT(verdict.why == IAX_ERR_SHORT, left < 12);
		}
	}
}

static void test_too_many_elements_are_dropped(void **state)
{
	uint8_t bytes[IAX_FULL_BYTES + 2 * (IAX_IES_MAX + 1)] = { 0x80, 2, [10] = IAX_FRAME_IAX, [11] = IAX_NEW };
	struct iax_door_verdict verdict;
	struct asked asked;
	(void)state;

	CHECK_UINT(judge(&verdict, (struct tg_span){ bytes, sizeof(bytes) - 2 }, 0, &asked), IAX_DOOR_PASS);
	CHECK_UINT(judge(&verdict, (struct tg_span){ bytes, sizeof(bytes) }, 0, &asked), IAX_DOOR_DROP);
	CHECK_UINT(verdict.why, IAX_ERR_TOO_MANY);
}

/* Of two tokens or names, the door and the decoder must mean the same one. */
static void test_the_first_element_counts(void **state)
{
	uint8_t buffer[REQUEST_BYTES];
	struct iax_door_verdict verdict;
	struct asked asked;
	(void)state;

	struct tg_span in = request(buffer, IAX_NEW, "alice", GOOD, false);

	memcpy(buffer + in.len, "\x36\0", 2); /* an empty one behind the good one */
	in.len += 2;
	CHECK_UINT(judge(&verdict, in, REQUIRES, &asked), IAX_DOOR_PASS);
	in = request(buffer, IAX_NEW, "alice", EMPTY, false);
	memcpy(buffer + in.len, "\x36\1x", 3);
	in.len += 3;
	CHECK_UINT(judge(&verdict, in, REQUIRES, &asked), IAX_DOOR_ANSWER);
	in = request(buffer, IAX_NEW, "alice", NO_TOKEN, false);
	memcpy(buffer + in.len, "\6\3bob", 5);
	in.len += 5;
	CHECK_UINT(judge(&verdict, in, EXCUSES, &asked), IAX_DOOR_PASS);
	CHECK_SPAN(asked.username, TG_SPAN_LIT("alice"));
}

static void test_what_the_owner_is_asked(void **state)
{
	static const struct {
		uint8_t subclass;
		const char *username;
		enum token token;
		unsigned count;
		bool is_new;
		const char *want;
	} cases[] = {
		{ IAX_NEW, "alice", NO_TOKEN, 1, true, "alice" },
		{ IAX_REGREQ, "bob", NO_TOKEN, 1, false, "bob" },
		{ IAX_FWDOWNL, NULL, NO_TOKEN, 1, false, "" },
		{ IAX_NEW, "ali\nce", NO_TOKEN, 1, true, "" }, /* as the decoder has it: no name */
		{ IAX_NEW, "alice", GOOD, 0, false, "" },
		{ IAX_NEW, "alice", EMPTY, 0, false, "" },
		{ IAX_NEW, "bob", EMPTY, 0, false, "" },
		{ IAX_NEW, "alice", OLD, 0, false, "" },
		{ IAX_POKE, "alice", NO_TOKEN, 0, false, "" },
	};
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		uint8_t buffer[REQUEST_BYTES];
		const struct tg_span in = request(buffer, cases[i].subclass, cases[i].username, cases[i].token, false);
		struct iax_door_verdict verdict;
		struct asked asked;

		judge(&verdict, in, EXCUSES, &asked);
		CHECK_UINT(asked.count, cases[i].count);
		CHECK_UINT(asked.is_new, cases[i].is_new);
		CHECK_SPAN(asked.username, tg_span_text(cases[i].want));
		if (cases[i].count > 0) {
			CHECK_TRUE(tg_addr_equal(asked.remote, remote_addr(IAX_PORT)));
		}
	}
}

/* The bytes themselves, for each kind of answer. */
static void test_answers(void **state)
{
	static const struct {
		uint8_t subclass;
		enum token token;
		const char *want; /* what follows source 1, destination 1234, timestamp 77, 0, 1, IAX */
	} cases[] = {
		{ IAX_POKE, NO_TOKEN, "03" },
		{ IAX_NEW, NO_TOKEN,
		  "06"
		  "2a0132" },
		{ IAX_REGREQ, NO_TOKEN,
		  "10"
		  "2a011d" },
		{ IAX_FWDOWNL, GOOD,
		  "21"
		  "170124" },
	};
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		uint8_t buffer[REQUEST_BYTES], want[64];
		const struct tg_span in = request(buffer, cases[i].subclass, "alice", cases[i].token, false);
		struct iax_door_verdict verdict;
		struct asked asked;
		char hex[64] = "8001"
			       "04d2"
			       "0000004d"
			       "00"
			       "01"
			       "06";
		size_t len;

		CHECK_TRUE(strlen(cases[i].want) < sizeof(hex) - strlen(hex));
		memcpy(hex + strlen(hex), cases[i].want, strlen(cases[i].want) + 1);
		CHECK_TRUE(tg_hex_decode(want, sizeof(want), tg_span_text(hex), &len));
		CHECK_UINT(judge(&verdict, in, REQUIRES, &asked), IAX_DOOR_ANSWER);
		CHECK_SPAN(((struct tg_span){ verdict.answer, verdict.answer_len }), ((struct tg_span){ want, len }));
	}
}

/* The token given out lets the repeated request in, from the same port only. */
static void test_the_round_of_a_token(void **state)
{
	(void)state;

	for (unsigned owner = REQUIRES; owner <= (REQUIRES | IN_TEXT); owner += IN_TEXT) {
		const struct tg_addr other = remote_addr(IAX_PORT + 1), local = local_addr();
		const struct iax_door_policy policy = { .token_required = true };
		const struct iax_token_keys keys = keys_of((owner & IN_TEXT) != 0);
		uint8_t buffer[REQUEST_BYTES];
		struct tg_span in = request(buffer, IAX_NEW, "alice123", EMPTY, false);
		struct iax_door_verdict verdict;
		struct asked asked;

		CHECK_UINT(judge(&verdict, in, owner, &asked), IAX_DOOR_ANSWER);
		const size_t token_len = (owner & IN_TEXT) != 0 ? IAX_TOKEN_TEXT_BYTES : IAX_TOKEN_BYTES;

		CHECK_UINT(verdict.answer_len, IAX_FULL_BYTES + 2 + token_len);
		buffer[in.len - 1] = (uint8_t)token_len;
		memcpy(buffer + in.len, verdict.answer + IAX_FULL_BYTES + 2, token_len);
		in.len += token_len;
		CHECK_UINT(judge(&verdict, in, owner, &asked), IAX_DOOR_PASS);
		CHECK_UINT(verdict.proof, IAX_PROVEN);
		CHECK_UINT(iax_door_judge(&verdict, &policy, &keys, &other, &local, in, NOW_US), IAX_DOOR_DROP);
	}
}

/* A firmware request with a token of ours gets the very bytes of the vector. */
static void test_firmware_is_answered_as_the_vector_says(void **state)
{
	uint8_t in[VECTOR_BYTES_MAX], want[VECTOR_BYTES_MAX], token[64];
	size_t len = vector_read("fw-01-fwdownl", in);
	const size_t want_len = vector_read("fw-02-unsupport", want);
	const size_t token_len = token_bytes(GOOD, false, token);
	struct iax_door_verdict verdict;
	struct asked asked;
	(void)state;

	in[len - 1] = (uint8_t)token_len;
	memcpy(in + len, token, token_len);
	len += token_len;
	CHECK_UINT(judge(&verdict, (struct tg_span){ in, len }, REQUIRES, &asked), IAX_DOOR_ANSWER);
	CHECK_SPAN(((struct tg_span){ verdict.answer, verdict.answer_len }), ((struct tg_span){ want, want_len }));
}

/* An answer never outgrows its request: every vector and its mutants under every policy, by the fuzz target's property. */
static void test_whatever_comes(void **state)
{
	static const uint8_t seed[CRYPT_SEED_BYTES] = { 5 };
	static char names[VECTORS_MAX][VECTOR_NAME_BYTES];
	const size_t count = vector_names(names);
	struct crypt_random random;
	(void)state;

	crypt_random_init(&random, seed);
	for (size_t i = 0; i < count; i++) {
		uint8_t vector[VECTOR_BYTES_MAX], input[1 + VECTOR_BYTES_MAX];
		const size_t len = vector_read(names[i], vector);

		for (unsigned policy = 0; policy < 128; policy++) {
			input[0] = (uint8_t)policy;
			memcpy(input + 1, vector, len);
			LLVMFuzzerTestOneInput(input, 1 + len);
			for (int k = 0; k < 4; k++) {
				input[1 + crypt_random_below(&random, (uint32_t)len)] = (uint8_t)crypt_random_below(
					&random, 64);
				LLVMFuzzerTestOneInput(input, 1 + crypt_random_below(&random, (uint32_t)len + 1));
			}
		}
	}
}

static void test_every_length_of_request(void **state)
{
	static const uint8_t subclasses[] = { IAX_NEW, IAX_REGREQ, IAX_REGREL, IAX_FWDOWNL, IAX_POKE };
	static const enum token tokens[] = { NO_TOKEN, EMPTY, GOOD };
	char name[30] = "";
	(void)state;

	for (size_t len = 0; len < sizeof(name) - 1; len++) {
		for (size_t i = 0; i < TG_COUNT(subclasses) * TG_COUNT(tokens) * 128; i++) {
			const uint8_t subclass = subclasses[i % TG_COUNT(subclasses)];
			const enum token token = tokens[i / TG_COUNT(subclasses) % TG_COUNT(tokens)];
			const unsigned owner = (unsigned)(i / TG_COUNT(subclasses) / TG_COUNT(tokens));
			uint8_t buffer[REQUEST_BYTES];
			const struct tg_span in = request(buffer, subclass, name, token, (owner & IN_TEXT) != 0);
			struct iax_door_verdict verdict;
			struct asked asked;

			judge(&verdict, in, owner, &asked);
			CHECK_TRUE(verdict.answer_len <= in.len || (owner & DECLARES) != 0);
			CHECK_UINT(verdict.answer_len > 0, verdict.kind == IAX_DOOR_ANSWER);
		}
		name[len] = 'a';
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decisions),
		cmocka_unit_test(test_everything_else_is_dropped),
		cmocka_unit_test(test_headers_that_open_nothing),
		cmocka_unit_test(test_undecodable_elements_are_dropped),
		cmocka_unit_test(test_too_many_elements_are_dropped),
		cmocka_unit_test(test_the_first_element_counts),
		cmocka_unit_test(test_what_the_owner_is_asked),
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_the_round_of_a_token),
		cmocka_unit_test(test_firmware_is_answered_as_the_vector_says),
		cmocka_unit_test(test_whatever_comes),
		cmocka_unit_test(test_every_length_of_request),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/audit_judge.h"

#include <string.h>

#define BIT(probe) TOOL_AUDIT_BIT(probe)

#define ANY_PROBE (BIT(TOOL_AUDIT_PROBE_COUNT) - 1)

#define UNPROVEN                                                                                                       \
	(BIT(AUDIT_POKE) | BIT(AUDIT_POKE_ZERO) | BIT(AUDIT_CALL_BARE) | BIT(AUDIT_REG_BARE) | BIT(AUDIT_CALL_SHORT) | \
	 BIT(AUDIT_REG_SHORT) | BIT(AUDIT_CALL_NO_TOKEN) | BIT(AUDIT_REG_NO_TOKEN) | BIT(AUDIT_CALL_EMPTY) |           \
	 BIT(AUDIT_REG_EMPTY) | BIT(AUDIT_CALL_FORGED) | BIT(AUDIT_REG_FORGED) | BIT(AUDIT_CALL_OTHER_PORT) |          \
	 BIT(AUDIT_CALL_OLD_TOKEN) | BIT(AUDIT_FIRMWARE) | BIT(AUDIT_UNKNOWN_CALL))

#define TOKENS (BIT(AUDIT_CALL_SHORT) | BIT(AUDIT_REG_SHORT) | BIT(AUDIT_CALL_EMPTY) | BIT(AUDIT_REG_EMPTY))

/* What several rows have in common. */
#define TOKEN_WHY                                                                                                 \
	"A call token is the proof that a sender receives at his address. Without it anybody can open calls and " \
	"registrations in the name of any address, and have the answers sent there."
#define TOKEN_SETTING "in every account: requirecalltoken=yes; in [general]: no calltokenoptional="
#define TOKEN_UNDO \
	"put the old lines back, then reload: an old device without tokens needs requirecalltoken=no with permit="
#define TOKEN_VERIFY "no answer but a refusal, and `tollgate call` with an account still gets through"
#define UPDATE_SETTING "no setting: update the exchange, and until then let only known networks in"

const struct tool_audit_row tool_audit_rows[] = {
	{ "IA0", "IAX2 answers on this port", TOOL_AUDIT_INFO, TOOL_AUDIT_BY_DISABLING | TOOL_AUDIT_BY_FILTER,
	  audit_judge_present, ANY_PROBE,
	  "Whoever finds it can try. IAX2 is UDP, commonly port 4569; on the host, ss -lunp shows who has the port.",
	  "as you mean it to be", "", "", "no answer with --expect-silence" },
	{ "IA1", "POKE is answered to a stranger", TOOL_AUDIT_LOW, TOOL_AUDIT_BY_SETTING | TOOL_AUDIT_BY_FILTER,
	  audit_judge_answered, BIT(AUDIT_POKE),
	  "The exchange is found by whoever asks one packet of each address. Peers with qualify= need it.", "no answer",
	  "tollgate.conf, [general]: stealth=yes",
	  "stealth=no, then reload: peers that qualify this host without registering need it",
	  "IA1 is gone, and registered phones and qualify= of peers still work" },
	{ "IA1.zero", "POKE from call number 0 is answered", TOOL_AUDIT_LOW, TOOL_AUDIT_BY_FILTER, audit_judge_answered,
	  BIT(AUDIT_POKE_ZERO), "No client sends that; scanners do, and take the answer as a find.", "no answer",
	  UPDATE_SETTING, "remove the filter", "IA1.zero is gone, and a POKE with a number is answered" },
	{ "IA2.call", "a call is opened without a call token", TOOL_AUDIT_HIGH,
	  TOOL_AUDIT_BY_SETTING | TOOL_AUDIT_BY_FILTER, audit_judge_opened,
	  BIT(AUDIT_CALL_BARE) | BIT(AUDIT_CALL_NO_TOKEN), TOKEN_WHY, "REJECT, or no answer", TOKEN_SETTING, TOKEN_UNDO,
	  TOKEN_VERIFY },
	{ "IA2.registration", "a registration is opened without a call token", TOOL_AUDIT_HIGH,
	  TOOL_AUDIT_BY_SETTING | TOOL_AUDIT_BY_FILTER, audit_judge_opened,
	  BIT(AUDIT_REG_BARE) | BIT(AUDIT_REG_NO_TOKEN), TOKEN_WHY, "REGREJ, or no answer", TOKEN_SETTING, TOKEN_UNDO,
	  TOKEN_VERIFY },
	{ "IA2.offer", "a client that can use tokens is not asked for one", TOOL_AUDIT_HIGH,
	  TOOL_AUDIT_BY_SETTING | TOOL_AUDIT_BY_FILTER, audit_judge_opened, TOKENS, TOKEN_WHY, "CALLTOKEN",
	  TOKEN_SETTING, TOKEN_UNDO, TOKEN_VERIFY },
	{ "IA3.forged", "a forged call token is taken", TOOL_AUDIT_HIGH, TOOL_AUDIT_BY_FILTER,
	  audit_judge_taken_as_good, BIT(AUDIT_CALL_FORGED) | BIT(AUDIT_REG_FORGED), TOKEN_WHY, "no answer",
	  UPDATE_SETTING, "remove the filter", TOKEN_VERIFY },
	{ "IA3.port", "a call token of another port is taken", TOOL_AUDIT_HIGH, TOOL_AUDIT_BY_FILTER,
	  audit_judge_taken_as_good, BIT(AUDIT_CALL_OTHER_PORT),
	  "Behind one address there are many hosts: one that got a token can use it in the name of its neighbours.",
	  "no answer", UPDATE_SETTING, "remove the filter", TOKEN_VERIFY },
	{ "IA3.life", "an old call token is taken", TOOL_AUDIT_HIGH, TOOL_AUDIT_BY_SETTING | TOOL_AUDIT_BY_FILTER,
	  audit_judge_taken_as_good, BIT(AUDIT_CALL_OLD_TOKEN),
	  "A token that somebody saw, or had while he had the address, stays good.", "no answer",
	  "iax.conf, [general]: calltokenexpiration=8", "put the old value back, then reload", TOKEN_VERIFY },
	{ "IA3.short", "call tokens are short enough to guess", TOOL_AUDIT_MEDIUM, TOOL_AUDIT_BY_FILTER,
	  audit_judge_token_short, TOKENS, "A token is worth what it costs to guess it.", "6 octets or more",
	  UPDATE_SETTING, "remove the filter", "IA3.short is gone" },
	{ "IA3.clock", "a call token shows the host's time", TOOL_AUDIT_LOW, TOOL_AUDIT_BY_FILTER,
	  audit_judge_token_clock, TOKENS,
	  "What of a token is no secret does not protect it, and a clock is nobody's business.", "nothing readable",
	  UPDATE_SETTING, "remove the filter", "IA3.clock is gone" },
	{ "IA4", "an answer is larger than its request", TOOL_AUDIT_HIGH, TOOL_AUDIT_BY_SETTING | TOOL_AUDIT_BY_FILTER,
	  audit_judge_amplification, UNPROVEN,
	  "Requests in the name of a victim's address make this host send him more than the sender spends.",
	  "never more octets or packets than came", TOKEN_SETTING, TOKEN_UNDO, "IA4 is gone" },
	{ "IA5", "secrets are asked for in plaintext", TOOL_AUDIT_HIGH, TOOL_AUDIT_BY_SETTING, audit_judge_plaintext,
	  ANY_PROBE, "A client that obeys sends its secret readable to whoever listens on the way.",
	  "AUTHMETHODS with MD5 or RSA alone", "in every account: auth=md5", "put the old auth= back, then reload",
	  "IA5 is gone, and `tollgate call` with an account still gets through" },
	{ "IA6", "a call without a name is accepted", TOOL_AUDIT_CRITICAL, TOOL_AUDIT_BY_SETTING | TOOL_AUDIT_BY_FILTER,
	  audit_judge_guest,
	  BIT(AUDIT_GUEST) | BIT(AUDIT_CALL_BARE) | BIT(AUDIT_CALL_NO_TOKEN) | BIT(AUDIT_CALL_SHORT) |
	          BIT(AUDIT_CALL_EMPTY),
	  "Who can call without credentials calls at your cost as far as the context of guests reaches.",
	  "a challenge or a refusal",
	  "no account [guest] or account without a secret; else its context= only with numbers that cost nothing",
	  "put the account back, then reload", "IA6 is gone, and `tollgate call` with an account still gets through" },
	{ "IA6.numbers", "a guest learns which numbers exist", TOOL_AUDIT_LOW,
	  TOOL_AUDIT_BY_SETTING | TOOL_AUDIT_BY_FILTER, audit_judge_guest_tells, BIT(AUDIT_GUEST),
	  "Different answers to different numbers draw a map of the dialplan.", "the same answer to each number",
	  "no account for guests", "put the account back, then reload", "IA6.numbers is gone" },
	{ "IA6.login", "a wrong secret is let in", TOOL_AUDIT_CRITICAL, TOOL_AUDIT_BY_FILTER, audit_judge_login,
	  BIT(AUDIT_LOGIN), "A name that nobody has and an answer to the challenge that fits no secret opened a call.",
	  "REJECT", UPDATE_SETTING, "remove the filter", "IA6.login is gone" },
	{ "IA7.answers", "names that exist get other answers", TOOL_AUDIT_MEDIUM,
	  TOOL_AUDIT_BY_SETTING | TOOL_AUDIT_BY_FILTER, audit_judge_names_bytes,
	  BIT(AUDIT_NAME_CALL) | BIT(AUDIT_NAME_REG) | BIT(AUDIT_CALL_NO_TOKEN) | BIT(AUDIT_REG_NO_TOKEN),
	  "A list of names is half of what a guesser needs.", "the same answers for every name",
	  "iax.conf, [general]: delayreject=yes; the same auth= and requirecalltoken= in every account",
	  "put the old lines back, then reload", "IA7.answers is gone, asked with --names of accounts of each kind" },
	{ "IA7.times", "names that exist are answered sooner or later than others", TOOL_AUDIT_MEDIUM,
	  TOOL_AUDIT_BY_FILTER, audit_judge_names_time, BIT(AUDIT_NAME_CALL) | BIT(AUDIT_NAME_REG),
	  "A list of names is half of what a guesser needs.", "no difference of times", UPDATE_SETTING,
	  "remove the filter", "IA7.times is gone, asked with --samples 35" },
	{ "IA8", "answers are sent again to who gave no proof of his address", TOOL_AUDIT_MEDIUM,
	  TOOL_AUDIT_BY_SETTING | TOOL_AUDIT_BY_FILTER, audit_judge_repeats, UNPROVEN,
	  "Each request in the name of a victim's address has several packets sent to him.", "one answer, or none",
	  TOKEN_SETTING, TOKEN_UNDO, "IA8 is gone" },
	{ "IA9", "firmware or provisioning is given to strangers", TOOL_AUDIT_HIGH,
	  TOOL_AUDIT_BY_SETTING | TOOL_AUDIT_BY_FILTER, audit_judge_firmware, ANY_PROBE,
	  "Files of this host go to whoever asks, in large answers.", "UNSUPPORT, REJECT or no answer",
	  "iax.conf, [general]: allowfwdownload=no",
	  "allowfwdownload=yes, then reload: only devices that load firmware from here need it", "IA9 is gone" },
	{ "IA10", "challenges can be foreseen or repeat", TOOL_AUDIT_MEDIUM, TOOL_AUDIT_BY_FILTER,
	  audit_judge_challenge, ANY_PROBE,
	  "Whoever heard the right answer to a challenge can use it when the challenge comes again.",
	  "64 bits or more that nobody can foresee", UPDATE_SETTING, "remove the filter",
	  "IA10 is gone, asked with --samples 35" },
	{ "IA11", "encryption is not offered", TOOL_AUDIT_LOW, TOOL_AUDIT_BY_SETTING, audit_judge_encryption,
	  BIT(AUDIT_ENCRYPTION),
	  "Numbers and voices are readable on the way. A tunnel between the sites does the same.",
	  "ENCRYPTION in the challenge",
	  "where the exchange has it, in every trunk: encryption=yes, forceencryption=yes",
	  "encryption=no, then reload: a far end without it cannot call else",
	  "IA11 is gone, and trunks still carry calls" },
	{ "IA12", "each frame of a call that is not there is answered", TOOL_AUDIT_LOW, TOOL_AUDIT_BY_FILTER,
	  audit_judge_inval, BIT(AUDIT_UNKNOWN_CALL), "A flood of such frames makes a flood of answers.", "few of them",
	  UPDATE_SETTING, "remove the filter", "IA12 is gone" },
	{ "IA13", "the answers say what kind of host it is", TOOL_AUDIT_INFO, TOOL_AUDIT_BY_FILTER,
	  audit_judge_disclosure, ANY_PROBE,
	  "Versions and clocks help to choose an attack; causes in words tell programs apart.", "no such elements",
	  UPDATE_SETTING, "remove the filter", "IA13 is gone" },
	{ "AC1", "the account does not get in", TOOL_AUDIT_MEDIUM, TOOL_AUDIT_BY_SETTING, audit_judge_account,
	  BIT(AUDIT_ACCOUNT), "What keeps strangers out must let those in whom it is there for.",
	  "its call is accepted, or the number refused",
	  "the account, its secret, and permit= for the address that this was asked from",
	  "put the old lines back, then reload", "AC1 is gone" },
	{ 0 },
};

const char *tool_audit_severity_name(enum tool_audit_severity severity)
{
#define X(name, text, code) [name] = (text),
	static const char *const names[] = { TOOL_AUDIT_SEVERITIES(X) };
#undef X
	return names[severity];
}

enum tool_audit_presence tool_audit_presence(const struct tool_audit_record *record)
{
	for (size_t i = 0; i < record->count; i++) {
		if (record->exchanges[i].packets_back > 0) {
			return TOOL_AUDIT_ANSWERS;
		}
	}
	if (record->unreachable) {
		return TOOL_AUDIT_CLOSED;
	}
	return record->cut_short ? TOOL_AUDIT_BROKEN : TOOL_AUDIT_SILENT;
}

static bool was_asked(const struct tool_audit_row *row, const struct tool_audit_record *record)
{
	size_t at = 0;

	return audit_next(row, record, &at) != NULL;
}

size_t tool_audit_judge(const struct tool_audit_record *record, struct tool_audit_verdict verdicts[TOOL_AUDIT_ROWS_MAX])
{
	const bool answers = tool_audit_presence(record) == TOOL_AUDIT_ANSWERS;
	size_t count = 0;

	for (const struct tool_audit_row *row = tool_audit_rows; row->id != NULL; row++) {
		struct tool_audit_verdict *verdict = &verdicts[count++];

		assert(count <= TOOL_AUDIT_ROWS_MAX);
		*verdict = (struct tool_audit_verdict){ .severity = row->severity };
		if (!answers) {
			audit_untested(verdict, "the host does not answer");
		} else if (row->probes != BIT(AUDIT_ACCOUNT) && !was_asked(row, record)) {
			audit_untested(verdict, "it was not asked");
		} else {
			row->judge(row, record, verdict);
		}
	}
	return count;
}

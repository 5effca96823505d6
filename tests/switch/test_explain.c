/* SPDX-License-Identifier: Apache-2.0 */
#include "switch/explain.h"

#include "scene.h"
#include "worlds.h"

#include <stdio.h>
#include <string.h>

static const char iax_conf[] = "[general]\n"                                                           /* 1 */
			       "calltokenoptional=203.0.113.0/24\n"                                    /* 2 */
			       "maxcallnumbers=300\n"                                                  /* 3 */
			       "[callnumberlimits]\n198.51.100.64/26=0\n203.0.113.0/28=12\n"           /* 4 */
			       "[alice]\ntype=friend\nsecret=alice-secret\nhost=dynamic\n"             /* 7 */
			       "context=phones\ncontext=inside\n"                                      /* 11 */
			       "[fence]\ntype=friend\nsecret=fence-secret\nhost=dynamic\n"             /* 13 */
			       "context=phones\ndeny=0.0.0.0/0\npermit=198.51.100.0/24\n"              /* 17 */
			       "[trap]\ntype=friend\nsecret=trap-secret-1\nhost=dynamic\n"             /* 20 */
			       "context=phones\ndecoy=yes\n"                                           /* 24 */
			       "[older]\ntype=friend\nsecret=older-secret\nhost=dynamic\n"             /* 26 */
			       "context=phones\nrequirecalltoken=auto\n"                               /* 30 */
			       "[fixed]\ntype=peer\nsecret=fixed-secret\nhost=192.0.2.50\n"            /* 32 */
			       "maxcallnumbers=5\n"                                                    /* 36 */
			       "[bare]\ntype=peer\nhost=dynamic\n"                                     /* 37 */
			       "[user]\ntype=user\nsecret=user-secret1\ncontext=nowhere\n"             /* 40 */
			       "[gsm]\ntype=user\nsecret=only-gsm-secret\n"                            /* 44 */
			       "context=phones\ndisallow=all\nallow=gsm\n"                             /* 47 */
			       "[near]\ntype=user\ncontext=inside\ndeny=0.0.0.0/0\npermit=192.0.2.3\n" /* 50 */
			       "[guest]\ntype=user\ncontext=lobby\n"                                   /* 55 */
			       "[six]\ntype=user\nsecret=six-secret-1\ncontext=phones\npermit=2001:db8::/32\n"
			       "[asks]\ntype=user\nsecret=asks-secret1\ncontext=phones\n"
			       "disallow=all\nallow=gsm\nallow=ulaw\ncodecpriority=reqonly\n";

static const char extensions_conf[] = "[phones]\n"                    /* 1 */
				      "exten => 600,1,Wait(60)\n"     /* 2 */
				      "include => middle\n"           /* 3 */
				      "[middle]\n"                    /* 4 */
				      "include => inside\n"           /* 5 */
				      "[inside]\n"                    /* 6 */
				      "exten => _7XX,1,NoOp(here)\n"  /* 7 */
				      "same => n,Wait(60)\n"          /* 8 */
				      "exten => 900/123,1,Wait(60)\n" /* 9 */
				      "[lobby]\n"                     /* 10 */
				      "exten => s,1,Wait(60)\n";      /* 11 */

/* What was told: one line a step. */
struct heard {
	char lines[4096];
	size_t len;
	enum model_reason first_no;
};

static void on_step(void *owner, const struct switch_explain_step *step)
{
	struct heard *heard = owner;
	const size_t room = sizeof(heard->lines) - heard->len;
	const int len = snprintf(heard->lines + heard->len, room, "%s: %s: %s\n", step->what,
	                         switch_explain_verdict_name(step->verdict), step->text);

	CHECK_TRUE(len > 0 && (size_t)len < room);
	CHECK_UINT(step->verdict == SWITCH_EXPLAIN_NO, step->why != MODEL_WHY_OK);
	heard->len += (size_t)len;
	heard->first_no = heard->first_no == MODEL_WHY_OK ? step->why : heard->first_no;
}

static const struct {
	bool registration, no_token, latched;
	const char *name, *from, *number, *context, *caller;
	uint64_t codecs;
	enum model_reason why;
	const char *says; /* a line that is told */
} cases[] = {
	{ false, false, false, "alice", "192.0.2.1", "600", "", "", 0, MODEL_WHY_OK,
	  "account: ok: [alice], iax.conf:7.\n" },
	{ false, false, false, "alice", "192.0.2.1", "600", "", "", 0, MODEL_WHY_OK,
	  "extension: ok: 600 is 600 in phones; the first step is Wait(), extensions.conf:2.\n" },
	{ false, false, false, "alice", "192.0.2.1", "712", "", "", 0, MODEL_WHY_OK,
	  "extension: ok: 712 is _7XX in phones includes middle includes inside; the first step is NoOp(), "
	  "extensions.conf:7.\n" },
	{ false, false, false, "alice", "192.0.2.1", "600", "", "", 0, MODEL_WHY_OK,
	  "context: ok: None is asked for, so it is the account's first: phones.\n" },
	{ false, false, false, "alice", "192.0.2.1", "900", "inside", "123", 0, MODEL_WHY_OK,
	  "context: ok: inside is asked for; the account has: phones, inside.\n" },
	{ false, false, false, "alice", "192.0.2.1", "900", "inside", "124", 0, MODEL_WHY_NO_EXTEN,
	  "extension: no: 900 is not in inside.\n" },
	{ false, false, false, "alice", "192.0.2.1", "700", "lobby", "", 0, MODEL_WHY_CONTEXT,
	  "context: no: lobby is asked for; the account has: phones, inside.\n" },
	{ false, false, false, "user", "192.0.2.1", "600", "", "", 0, MODEL_WHY_NO_EXTEN,
	  "extension: no: 600 is not in nowhere, which extensions.conf does not have.\n" },
	{ false, false, false, "nobody", "192.0.2.1", "600", "", "", 0, MODEL_WHY_NO_ACCOUNT,
	  "account: no: There is no [nobody]; case counts.\n" },
	{ false, false, false, "fixed", "192.0.2.1", "600", "", "", 0, MODEL_WHY_NO_ACCOUNT,
	  "account: no: [fixed], iax.conf:32, is type=peer: calls need type=user or type=friend.\n" },
	{ false, false, false, "a\n\x80", "192.0.2.1", "600", "", "", 0, MODEL_WHY_NO_ACCOUNT,
	  "account: no: There is no [a??]; case counts.\n" },
	{ false, false, false, "fence", "192.0.2.1", "600", "", "", 0, MODEL_WHY_ACL,
	  "address: no: 192.0.2.1: deny=0.0.0.0/0, iax.conf:18, is the last rule that matches.\n" },
	{ false, false, false, "fence", "198.51.100.9", "600", "", "", 0, MODEL_WHY_OK,
	  "address: ok: 198.51.100.9: permit=198.51.100.0/24, iax.conf:19, is the last rule that matches.\n" },
	{ false, false, false, "fence", "2001:db8::1", "600", "", "", 0, MODEL_WHY_ACL,
	  "address: no: 2001:db8::1: the account has rules for IPv4 only.\n" },
	{ false, false, false, "six", "192.0.2.1", "600", "", "", 0, MODEL_WHY_ACL,
	  "address: no: 192.0.2.1: the account has rules for IPv6 only.\n" },
	{ false, false, false, "six", "2001:db9::1", "600", "", "", 0, MODEL_WHY_OK,
	  "address: ok: 2001:db9::1: no rule matches.\n" },
	{ false, false, false, "trap", "192.0.2.1", "600", "", "", 0, MODEL_WHY_DECOY,
	  "account: no: decoy=yes: no secret is right for it.\n" },
	{ false, true, false, "alice", "192.0.2.1", "600", "", "", 0, MODEL_WHY_NO_TOKEN,
	  "call token: no: The request has none (required: nothing says otherwise).\n" },
	{ false, true, false, "alice", "203.0.113.1", "600", "", "", 0, MODEL_WHY_OK,
	  "call token: ok: The request has none (not required: calltokenoptional=203.0.113.0/24, iax.conf:2).\n" },
	{ false, true, false, "older", "192.0.2.1", "600", "", "", 0, MODEL_WHY_OK,
	  "call token: note: requirecalltoken=auto: from its first call token with the right secret on, yes.\n" },
	{ false, true, true, "older", "192.0.2.1", "600", "", "", 0, MODEL_WHY_TOKEN,
	  "call token: no: requirecalltoken=auto became yes: the account used one before.\n" },
	{ false, false, true, "older", "192.0.2.1", "600", "", "", 0, MODEL_WHY_OK,
	  "call token: ok: The request has a valid one (required: requirecalltoken=auto, and the account used one "
	  "before).\n" },
	{ false, false, false, "gsm", "192.0.2.1", "600", "", "", IAX_FORMAT_ULAW, MODEL_WHY_NO_CODEC,
	  "codec: no: The account may have gsm; none of them is offered.\n" },
	{ false, false, false, "gsm", "192.0.2.1", "600", "", "", IAX_FORMAT_ULAW | IAX_FORMAT_GSM, MODEL_WHY_OK,
	  "codec: ok: The account may have gsm; gsm.\n" },
	{ false, false, false, "gsm", "192.0.2.1", "600", "", "", 0, MODEL_WHY_OK,
	  "codec: note: The account may have gsm.\n" },
	{ false, false, false, "asks", "192.0.2.1", "600", "", "", IAX_FORMAT_ULAW, MODEL_WHY_OK,
	  "codec: ok: The account may have gsm, ulaw; ulaw.\n" },
	{ false, false, false, "asks", "192.0.2.1", "600", "", "", IAX_FORMAT_ALAW, MODEL_WHY_NO_CODEC,
	  "codec: no: The account may have gsm, ulaw; none of them is offered.\n" },
	{ false, false, false, "asks", "192.0.2.1", "600", "", "", IAX_FORMAT_ALAW | IAX_FORMAT_G722,
	  MODEL_WHY_NO_CODEC, "codec: no: The account may have gsm, ulaw; none of them is offered.\n" },
	{ false, false, false, "asks", "192.0.2.1", "600", "", "", IAX_FORMAT_ALAW | IAX_FORMAT_ULAW, MODEL_WHY_OK,
	  "codec: note: The account may have gsm, ulaw; codecpriority=reqonly: only the one that the call asks "
	  "for.\n" },
	{ false, false, false, "alice", "198.51.100.65", "600", "", "", 0, MODEL_WHY_NUMBERS,
	  "call numbers: no: This address may have 0 at once ([callnumberlimits], range 198.51.100.64/26, iax.conf:5), "
	  "unless a "
	  "peer "
	  "registered there has a limit of its own.\n" },
	{ false, false, false, "alice", "192.0.2.50", "600", "", "", 0, MODEL_WHY_OK,
	  "call numbers: ok: This address may have 5 at once (maxcallnumbers of the peer fixed, iax.conf:32), unless a "
	  "peer "
	  "registered there has a limit of its own.\n" },
	{ false, false, false, "", "192.0.2.3", "700", "", "", 0, MODEL_WHY_OK,
	  "account: ok: [near], iax.conf:50, is the guest that callers without a name are taken for.\n" },
	{ false, false, false, "", "192.0.2.3", "700", "", "", 0, MODEL_WHY_OK,
	  "guest: note: Not [guest], iax.conf:55: another one goes first.\n" },
	{ false, false, false, "", "192.0.2.4", "", "", "", 0, MODEL_WHY_OK,
	  "guest: note: Not [near], iax.conf:50: address not permitted.\n" },
	{ false, false, false, "", "192.0.2.4", "", "", "", 0, MODEL_WHY_OK,
	  "extension: ok: s is s in lobby; the first step is Wait(), extensions.conf:11.\n" },
	{ false, false, false, "", "192.0.2.4", "", "phones", "", 0, MODEL_WHY_NO_GUEST,
	  "account: no: No name is sent, and no type=user without a secret takes such a call.\n" },
	{ false, false, false, "guest", "192.0.2.4", "", "", "", 0, MODEL_WHY_OK,
	  "secret: note: The account has none: nobody is asked for one.\n" },
	{ true, false, false, "alice", "192.0.2.1", "", "", "", 0, MODEL_WHY_OK,
	  "static host: ok: host=dynamic: it may register.\n" },
	{ true, false, false, "fixed", "192.0.2.50", "", "", "", 0, MODEL_WHY_STATIC,
	  "static host: no: host=192.0.2.50: only host=dynamic registers.\n" },
	{ true, false, false, "bare", "192.0.2.1", "", "", "", 0, MODEL_WHY_NO_SECRET,
	  "secret: no: The account has none, and nobody registers without.\n" },
	{ true, false, false, "trap", "192.0.2.1", "", "", "", 0, MODEL_WHY_DECOY, "account: no: decoy=yes: " },
	{ true, false, false, "fence", "192.0.2.1", "", "", "", 0, MODEL_WHY_ACL, "address: no: 192.0.2.1: deny=" },
	{ true, false, false, "user", "192.0.2.1", "", "", "", 0, MODEL_WHY_NO_ACCOUNT,
	  "account: no: [user], iax.conf:40, is type=user: registrations need type=peer or type=friend.\n" },
	{ true, false, false, "", "192.0.2.1", "", "", "", 0, MODEL_WHY_NO_ACCOUNT, "account: no: There is no []" },
	{ true, true, true, "older", "192.0.2.1", "", "", "", 0, MODEL_WHY_TOKEN, "call token: no: requirecall" },
	{ true, true, false, "fixed", "203.0.113.77", "", "", "", 0, MODEL_WHY_STATIC,
	  "call token: ok: The request has none (not required: calltokenoptional=203.0.113.0/24, iax.conf:2).\n" },
};

static void test_a_registration_that_must_be(void **state)
{
	const struct switch_explain_ask ask = {
		.name = TG_SPAN_LIT("a"),
		.number = TG_SPAN_LIT("b"),
		.has_token = true,
		.from = { .ip = { [10] = 0xff, [11] = 0xff, 192, 0, 2, 1 }, .port = 4569, .family = TG_IPV4 },
	};
	struct heard heard = { .len = 0 };
	struct conf_result conf;
	(void)state;

	world_read(&conf,
	           "[general]\nregcontext=phones\n[a]\ntype=user\nsecret=alice-secret\ncontext=phones\n"
	           "[b]\ntype=peer\nhost=dynamic\n[c]\ntype=peer\nhost=dynamic\nregexten=b\n",
	           "[phones]\n");
	CHECK_UINT(switch_explain(conf.world, &ask, on_step, &heard), MODEL_WHY_OK);
	CHECK_TRUE(strstr(heard.lines, "extension: ok: b is b in phones; the first step is NoOp(), iax.conf:7.\n"
	                               "registration: note: The extension is there while b or c is registered "
	                               "(regcontext).\n") != NULL);
	conf_result_free(&conf);
}

static void test_each_reason(void **state)
{
	struct conf_result conf;
	(void)state;

	world_read(&conf, iax_conf, extensions_conf);
	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		const struct switch_explain_ask ask = {
			.registration = cases[i].registration,
			.has_token = !cases[i].no_token,
			.latched = cases[i].latched,
			.from = world_addr(cases[i].from),
			.name = tg_span_text(cases[i].name),
			.number = tg_span_text(cases[i].number),
			.context = tg_span_text(cases[i].context),
			.caller = tg_span_text(cases[i].caller),
			.codecs = cases[i].codecs,
		};
		struct heard heard = { 0 };
		const enum model_reason why = switch_explain(conf.world, &ask, on_step, &heard);

		print_message("# %zu: %s\n%s", i, cases[i].name[0] == 'a' ? "a..." : cases[i].name, heard.lines);
		CHECK_TEXT(model_reason_code(why), model_reason_code(cases[i].why));
		CHECK_TEXT(model_reason_code(heard.first_no), model_reason_code(why));
		CHECK_TRUE(strstr(heard.lines, cases[i].says) != NULL);
	}
	conf_result_free(&conf);
}

/* ---- What is explained is what happens (ruling R22) --------------------------------------------------------------- */

static const char *pick(struct sim *sim, const char *const *of, size_t count)
{
	return of[crypt_random_below(&sim->random, (uint32_t)count)];
}

#define PICK(sim, of) pick((sim), (of), TG_COUNT(of))

/* One request at random: into the exchange with the right secret, and explained. */
static enum model_reason check_one(uint64_t seed)
{
	static const char *const names[] = { "alice", "fence", "trap", "older", "fixed", "bare",   "user", "gsm",
		                             "near",  "guest", "six",  "asks",  "ALICE", "nobody", "" };
	static const char *const secrets[] = { "alice-secret",
		                               "fence-secret",
		                               "trap-secret-1",
		                               "older-secret",
		                               "fixed-secret",
		                               "",
		                               "user-secret1",
		                               "only-gsm-secret",
		                               "",
		                               "",
		                               "six-secret-1",
		                               "asks-secret1",
		                               "alice-secret",
		                               "nobodys-secret",
		                               "" };
	static const char *const numbers[] = { "600", "601", "712", "900", "s", "", "7", "7123" };
	static const char *const contexts[] = { "", "", "", "", "phones", "inside", "lobby", "nowhere", "*" };
	static const uint64_t codecs[] = { IAX_FORMAT_ULAW, IAX_FORMAT_GSM, IAX_FORMAT_G722 };
	struct scene *s = scene_new(seed, iax_conf, extensions_conf);
	struct handset *phone = crypt_random_below(&s->sim.random, 2) == 0 ? &s->alice : &s->bob;
	const bool reg = crypt_random_below(&s->sim.random, 3) == 0;
	const size_t who = crypt_random_below(&s->sim.random,
	                                      TG_COUNT(names) - reg); /* nobody registers without a name */
	const char *number = PICK(&s->sim, numbers), *context = PICK(&s->sim, contexts);
	const uint64_t codec = codecs[crypt_random_below(&s->sim.random, TG_COUNT(codecs))];
	const struct switch_explain_ask ask = {
		.registration = reg,
		.has_token = true,
		.from = s->sim.nodes[phone->node].addr,
		.name = tg_span_text(names[who]),
		.number = tg_span_text(number),
		.context = tg_span_text(context),
		.codecs = codec,
	};
	struct heard heard = { 0 };

	phone->name = names[who];
	phone->secret = secrets[who];
	phone->capability = phone->format = codec;
	const enum model_reason why = switch_explain(s->house.conf[0].world, &ask, on_step, &heard);

	if (reg) {
		handset_register(phone, &s->house, 60);
	} else {
		handset_dial(phone, &s->house, &(struct handset_dial){ .number = number, .context = context });
	}
	sim_run_ms(&s->sim, 1500);
	if (house_decided(&s->house)->why != why) {
		print_error("seed %llu: %s %s dials %s in %s\n%s", (unsigned long long)seed, reg ? "register" : "call",
		            names[who], number, context, heard.lines);
	}
	CHECK_TEXT(model_reason_code(house_decided(&s->house)->why), model_reason_code(why));
	scene_free(s);
	return why;
}

static void test_what_is_explained_happens(void **state)
{
	unsigned seen[MODEL_REASON_COUNT] = { 0 };
	(void)state;

	for (uint64_t seed = 1; seed <= 600; seed++) {
		seen[check_one(seed)]++;
	}
	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		/* The door's and the latch's reasons do not come up with a token. */
		if (cases[i].why != MODEL_WHY_NO_TOKEN && cases[i].why != MODEL_WHY_TOKEN &&
		    cases[i].why != MODEL_WHY_NUMBERS) {
			print_message("# %s: %u\n", model_reason_code(cases[i].why), seen[cases[i].why]);
			CHECK_TRUE(seen[cases[i].why] > 0);
		}
	}
}

/* ---- Paid calls: what explain says is what the exchange does ----------------------------------------------------- */

static const char paid_iax[] = "[general]\n"
			       "[alice]\ntype=user\nsecret=alice-secret\ncontext=out\npolicy=office\n"
			       "[erin]\ntype=user\nsecret=erin-secret-1\ncontext=out\n"
			       "[door]\ntype=user\ncontext=out\n"
			       "[provider]\ntype=peer\nhost=192.0.2.1\n"
			       "[site]\ntype=peer\nhost=192.0.2.2\nchargeable=no\n"
			       "[phone]\ntype=peer\nhost=dynamic\nsecret=phone-secret-1\n";
static const char paid_tollgate[] = "[numbers]\ncountry=DE\n[policy office]\ndeny=international\nlongest=1h\n"
				    "daily=30m mobile\ntimes=fri 08:00-09:00 mobile\n";
static const char paid_extensions[] =
	"[globals]\nTRUNK=provider\n[out]\n"
	"exten => _0X.,1,Dial(IAX2/${TRUNK}/${EXTEN})\n"
	"exten => _1X.,1,Dial(IAX2/provider/0${EXTEN:1}&IAX2/site/${EXTEN},30)\n"
	"exten => _2X.,1,Set(W=provider)\n same => n,Dial(IAX2/${W}/${EXTEN:1})\n"
	"exten => _3X.,1,Dial(IAX2/phone)\n"
	"exten => _4X.,1,Dial(IAX2/${EXTEN:1}/1)\n"
	"exten => _5X.,1,Dial(IAX2/provider/00${EXTEN:1})\n same => n,Dial(IAX2/provider/030123)\n";

static const struct {
	const char *name, *number;
	int hours; /* after Friday, 08:00 UTC */
	enum model_reason why;
	const char *says;
} paid_cases[] = {
	{ "alice", "030123456", 0, MODEL_WHY_OK,
	  "paid call: ok: 030123456 to [provider], which is +4930123456 is national; allowed: accounts may call all "
	  "(built "
	  "in), 3600 s at most.\n" },
	{ "alice", "0033123456", 0, MODEL_WHY_PAID_DENIED,
	  "paid call: no: 0033123456 to [provider], which is +33123456 is intl-low; refused: [office] "
	  "deny=international, "
	  "tollgate.conf:4.\n" },
	{ "alice", "015112345", 0, MODEL_WHY_OK, ", 3600 s at most, 1800 s a day if nothing is used yet.\n" },
	{ "alice", "015112345", 1, MODEL_WHY_PAID_TIMES,
	  "refused: [office] times=fri 08:00-09:00 mobile, tollgate.conf:7.\n" },
	{ "erin", "0033123456", 0, MODEL_WHY_OK,
	  ", 4 at once, 14400 s at most, 7200 s a day if nothing is used yet.\n" },
	{ "erin", "0018765551234", 0, MODEL_WHY_OK,
	  ", 1 at once, 3 new ones an hour, 6 new ones a day, 1800 s at most, 900 s a day if nothing is used yet.\n" },
	{ "door", "0033123456", 0, MODEL_WHY_PAID_GUEST, "paid call: no: 0033123456 to [provider]" },
	{ "alice", "1033123456", 0, MODEL_WHY_OK, "paid call: no: 0033123456 to [provider]" },
	{ "alice", "1033123456", 0, MODEL_WHY_OK, "paid call: note: Calls to [site] cost nothing: chargeable=no.\n" },
	{ "alice", "20331", 0, MODEL_WHY_OK,
	  "paid call: note: Dial(IAX2/${W}/${EXTEN:1}) depends on what only a call knows.\n" },
	{ "alice", "311", 0, MODEL_WHY_OK,
	  "paid call: note: Calls to [phone] cost nothing: it registers, and has no chargeable=yes.\n" },
	{ "alice", "499", 0, MODEL_WHY_OK, "paid call: note: There is no peer [99].\n" },
	{ "alice", "533123456", 0, MODEL_WHY_OK, "paid call: ok: 030123 to [provider]" },
};

static void test_paid_calls_are_explained(void **state)
{
	unsigned broken = 0;
	struct conf_result conf;
	(void)state;

	world_read_with(&conf, paid_iax, paid_extensions, paid_tollgate);
	for (size_t i = 0; i < TG_COUNT(paid_cases); i++) {
		struct heard heard = { .len = 0 };
		const struct switch_explain_ask ask = {
			.has_token = true,
			.from = world_addr("192.0.2.9"),
			.name = tg_span_text(paid_cases[i].name),
			.number = tg_span_text(paid_cases[i].number),
			.wall_ms = UINT64_C(1800000000000) + (uint64_t)paid_cases[i].hours * 3600000,
		};
		const enum model_reason why = switch_explain(conf.world, &ask, on_step, &heard);

		if (why != paid_cases[i].why || strstr(heard.lines, paid_cases[i].says) == NULL) {
			print_error("%s: %s, not %s, says\n%s-- without --\n%s\n", paid_cases[i].number,
			            model_reason_code(why), model_reason_code(paid_cases[i].why), heard.lines,
			            paid_cases[i].says);
			broken++;
		}
	}
	CHECK_UINT(broken, 0);
	conf_result_free(&conf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_reason),
		cmocka_unit_test(test_a_registration_that_must_be),
		cmocka_unit_test(test_what_is_explained_happens),
		cmocka_unit_test(test_paid_calls_are_explained),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

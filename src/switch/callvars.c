/* SPDX-License-Identifier: Apache-2.0 */
#include "switch/callvars.h"

#include "iax/format.h"
#include "switch/args.h"
#include "switch/calls.h"
#include "switch/gosub.h"
#include "switch/party.h"

#include <string.h>

/* Who asks for a value. */
struct asker {
	const struct tg_switch *sw;
	const struct call *call;
};

typedef void value_fn(const struct asker *asker, struct tg_span argument, struct vars_text *out);

static void put_text(struct vars_text *out, const char *text)
{
	vars_put(out, tg_span_text(text));
}

static void put_exten(const struct asker *asker, struct tg_span argument, struct vars_text *out)
{
	(void)argument;
	put_text(out, asker->call->exten);
}

static void put_context(const struct asker *asker, struct tg_span argument, struct vars_text *out)
{
	const struct world *world = call_world(asker->sw, asker->call);
	(void)argument;

	if (world != NULL && asker->call->context < world_count(world, WORLD_CONTEXTS)) {
		const struct world_context *context = world_row(world, WORLD_CONTEXTS, asker->call->context);

		vars_put(out, world_span(world, context->name));
	}
}

static void put_priority(const struct asker *asker, struct tg_span argument, struct vars_text *out)
{
	(void)argument;
	vars_put_uint(out, asker->call->priority);
}

static void put_unique(const struct asker *asker, struct tg_span argument, struct vars_text *out)
{
	(void)argument;
	vars_put_uint(out, asker->call->record.unique);
}

static void put_epoch(const struct asker *asker, struct tg_span argument, struct vars_text *out)
{
	(void)argument;
	vars_put_uint(out, asker->sw->wall_us / TG_US_PER_S);
}

static void put_cause(const struct asker *asker, struct tg_span argument, struct vars_text *out)
{
	(void)argument;
	vars_put_uint(out, asker->call->dial_cause);
}

static void put_dnid(const struct asker *asker, struct tg_span argument, struct vars_text *out)
{
	(void)argument;
	put_text(out, asker->call->record.dialled);
}

static void put_channel_name(const struct asker *asker, struct vars_text *out)
{
	char name[CALL_CHANNEL_BYTES];

	put_text(out, call_channel(asker->sw, party_caller(asker->sw, asker->call), name));
}

static void put_caller_all(const struct call *call, struct vars_text *out)
{
	put_text(out, "\"");
	put_text(out, call->name);
	put_text(out, "\" <");
	put_text(out, call->record.caller_number);
	put_text(out, ">");
}

static void put_callerid(const struct asker *asker, struct tg_span argument, struct vars_text *out)
{
	const struct call *call = asker->call;

	if (tg_span_equal_nocase(argument, TG_SPAN_LIT("num"))) {
		put_text(out, call->record.caller_number);
	} else if (tg_span_equal_nocase(argument, TG_SPAN_LIT("name"))) {
		put_text(out, call->name);
	} else if (tg_span_equal_nocase(argument, TG_SPAN_LIT("all"))) {
		put_caller_all(call, out);
	} else if (tg_span_equal_nocase(argument, TG_SPAN_LIT("dnid"))) {
		put_text(out, call->record.dialled);
	}
}

/* What was set remembers whether a caller chose some of it. */
static void put_bag(const struct asker *asker, const struct bag *bag, enum bag_space space, struct tg_span name,
                    struct vars_text *out)
{
	uint8_t value[BAG_VALUE_MAX];
	bool foreign = false;
	const size_t len = bag_get(pieces_of(asker->sw), bag, space, name, value, &foreign);

	vars_put(out, (struct tg_span){ value, len });
	out->foreign |= foreign;
}

/* The innermost Gosub that has it; its arguments are its own alone. */
static void put_local(const struct asker *asker, struct tg_span name, struct vars_text *out)
{
	const struct bag *locals = gosub_locals(asker->sw, asker->call, name);

	if (locals != NULL) {
		put_bag(asker, locals, BAG_PLAIN, name, out);
	}
}

static void put_iaxvar(const struct asker *asker, struct tg_span argument, struct vars_text *out)
{
	put_bag(asker, &asker->call->bag, BAG_IAX, argument, out);
}

/* Set at run time, or else by [globals]. */
static void put_global(const struct asker *asker, struct tg_span argument, struct vars_text *out)
{
	const struct world *world = call_world(asker->sw, asker->call);
	const size_t before = out->len;

	put_bag(asker, &asker->sw->globals, BAG_PLAIN, argument, out);
	for (uint32_t i = 0; out->len == before && world != NULL && i < world_count(world, WORLD_GLOBALS); i++) {
		const struct world_variable *variable = world_row(world, WORLD_GLOBALS, i);

		if (tg_span_equal(world_span(world, variable->name), argument)) {
			vars_put(out, world_span(world, variable->value));
		}
	}
}

static void put_address(const struct asker *asker, struct vars_text *out)
{
	char text[TG_ADDR_TEXT_BYTES];

	put_text(out, tg_addr_format_host(asker->call->record.caller_addr, text));
}

static void put_channel(const struct asker *asker, struct tg_span argument, struct vars_text *out)
{
	if (argument.len == 0 || tg_span_equal_nocase(argument, TG_SPAN_LIT("name"))) {
		put_channel_name(asker, out);
	} else if (tg_span_equal_nocase(argument, TG_SPAN_LIT("peerip"))) {
		put_address(asker, out);
	} else if (tg_span_equal_nocase(argument, TG_SPAN_LIT("peername"))) {
		put_text(out, asker->call->record.caller);
	} else if (tg_span_equal_nocase(argument, TG_SPAN_LIT("language"))) {
		put_text(out, asker->call->language);
	} else if (tg_span_equal_nocase(argument, TG_SPAN_LIT("audioreadformat")) ||
	           tg_span_equal_nocase(argument, TG_SPAN_LIT("audionativeformat"))) {
		put_text(out, iax_format_name(asker->call->record.format));
	}
}

static void put_iaxpeer(const struct asker *asker, struct tg_span argument, struct vars_text *out)
{
	if (tg_span_equal_nocase(argument, TG_SPAN_LIT("CURRENTCHANNEL"))) {
		put_address(asker, out);
	}
}

static void put_cdr(const struct asker *asker, struct tg_span argument, struct vars_text *out)
{
	if (tg_span_equal_nocase(argument, TG_SPAN_LIT("accountcode"))) {
		put_text(out, asker->call->record.accountcode);
	} else if (tg_span_equal_nocase(argument, TG_SPAN_LIT("src"))) {
		put_text(out, asker->call->record.caller_number);
	} else if (tg_span_equal_nocase(argument, TG_SPAN_LIT("dst"))) {
		put_text(out, asker->call->record.dialled);
	}
}

/* Names that are no variables: NAME, or NAME(argument) where `calls` is set. Callers choose those that are foreign. */
static const struct {
	const char *name;
	bool calls, foreign;
	value_fn *put;
} names[] = {
	{ "EXTEN", false, true, put_exten },
	{ "CONTEXT", false, false, put_context },
	{ "PRIORITY", false, false, put_priority },
	{ "UNIQUEID", false, false, put_unique },
	{ "EPOCH", false, false, put_epoch },
	{ "HANGUPCAUSE", false, false, put_cause },
	{ "DNID", false, true, put_dnid },
	{ "CHANNEL", false, false, put_channel },
	{ "CALLERID", true, true, put_callerid },
	{ "CHANNEL", true, true, put_channel },
	{ "CDR", true, true, put_cdr },
	{ "GLOBAL", true, false, put_global },
	{ "IAXPEER", true, false, put_iaxpeer },
	{ "IAXVAR", true, true, put_iaxvar },
	{ "LOCAL", true, false, put_local },
};

/* NAME(argument) taken apart; without parentheses the argument's p is NULL. */
static struct tg_span take_argument(struct tg_span *name)
{
	const uint8_t *open = name->len > 0 ? memchr(name->p, '(', name->len) : NULL;

	if (open == NULL || name->p[name->len - 1] != ')') {
		return (struct tg_span){ 0 };
	}
	const size_t at = (size_t)(open - name->p);
	const struct tg_span argument = { open + 1, name->len - at - 2 };

	name->len = at;
	return argument;
}

static bool value_of(const void *owner, struct tg_span name, struct vars_text *out)
{
	const struct asker *asker = owner;
	const struct tg_span whole = name;
	const struct tg_span argument = take_argument(&name);
	const size_t before = out->len;

	for (size_t i = 0; i < TG_COUNT(names); i++) {
		if (names[i].calls == (argument.p != NULL) && tg_span_equal(name, tg_span_text(names[i].name))) {
			names[i].put(asker, argument, out);
			return names[i].foreign;
		}
	}
	put_local(asker, whole, out);
	if (out->len == before) {
		put_bag(asker, &asker->call->bag, BAG_PLAIN, whole, out);
	}
	if (out->len == before) {
		put_global(asker, whole, out);
	}
	return false;
}

void callvars_expand(const struct tg_switch *sw, const struct call *call, enum vars_use use, struct tg_span in,
                     struct vars_text *out)
{
	const struct asker asker = { sw, call };

	vars_expand(&(struct vars_source){ &asker, value_of }, use, in, out);
	if (out->cut) {
		tg_log(sw->outside.log, TG_WARNING, "dialplan.cut", TG_UINT("call", call->record.unique),
		       TG_BYTES("text", in), TG_UINT("octets", out->size_bytes));
	}
}

/* A value, and whether a caller chose some of it. */
struct setting {
	struct tg_span value;
	bool foreign;
};

typedef bool set_fn(struct tg_switch *sw, struct call *call, struct tg_span argument, const struct setting *setting);

static bool set_global(struct tg_switch *sw, struct call *call, struct tg_span argument, const struct setting *setting)
{
	(void)call;
	return bag_set(pieces_of(sw), &sw->globals, BAG_PLAIN, argument, setting->value, setting->foreign);
}

static bool set_iaxvar(struct tg_switch *sw, struct call *call, struct tg_span argument, const struct setting *setting)
{
	return bag_set(pieces_of(sw), &call->bag, BAG_IAX, argument, setting->value, true);
}

/* Seen until Return; without a Gosub it is as any other variable. */
static bool set_local(struct tg_switch *sw, struct call *call, struct tg_span argument, const struct setting *setting)
{
	struct frame *frame = gosub_frame(sw, call->frames);

	if (frame != NULL) {
		return gosub_set(sw, call, &frame->locals, argument, setting->value, setting->foreign);
	}
	return bag_set(pieces_of(sw), &call->bag, BAG_PLAIN, argument, setting->value, setting->foreign);
}

/* "Name" <number> */
static void set_caller_all(struct call *call, struct tg_span value)
{
	struct tg_span number = value;
	struct tg_span name = args_take(&number, '<');

	if (number.len > 0 && number.p[number.len - 1] == '>') {
		number.len--;
	}
	if (name.len >= 2 && name.p[0] == '"' && name.p[name.len - 1] == '"') {
		name = (struct tg_span){ name.p + 1, name.len - 2 };
	}
	tg_span_copy(call->name, sizeof(call->name), name);
	tg_span_copy(call->record.caller_number, sizeof(call->record.caller_number), args_trim(number));
}

static bool set_presentation(struct call *call, struct tg_span value)
{
	static const struct {
		const char *name;
		uint8_t value;
	} words[] = {
		{ "allowed_not_screened", IAX_PRES_ALLOWED },
		{ "allowed_passed_screen", IAX_PRES_ALLOWED_PASSED },
		{ "allowed_failed_screen", IAX_PRES_ALLOWED_FAILED },
		{ "allowed", IAX_PRES_ALLOWED_NETWORK },
		{ "prohib_not_screened", IAX_PRES_PROHIBITED },
		{ "prohib_passed_screen", IAX_PRES_PROHIBITED_PASSED },
		{ "prohib_failed_screen", IAX_PRES_PROHIBITED_FAILED },
		{ "prohib", IAX_PRES_PROHIBITED_NETWORK },
		{ "unavailable", IAX_PRES_UNAVAILABLE },
	};

	for (size_t i = 0; i < TG_COUNT(words); i++) {
		if (tg_span_equal_nocase(value, tg_span_text(words[i].name))) {
			call->presentation = words[i].value;
			return true;
		}
	}
	return false;
}

static bool set_callerid(struct tg_switch *sw, struct call *call, struct tg_span argument,
                         const struct setting *setting)
{
	(void)sw;
	if (tg_span_equal_nocase(argument, TG_SPAN_LIT("num"))) {
		tg_span_copy(call->record.caller_number, sizeof(call->record.caller_number), setting->value);
	} else if (tg_span_equal_nocase(argument, TG_SPAN_LIT("name"))) {
		tg_span_copy(call->name, sizeof(call->name), setting->value);
	} else if (tg_span_equal_nocase(argument, TG_SPAN_LIT("all"))) {
		set_caller_all(call, setting->value);
	} else {
		return tg_span_equal_nocase(argument, TG_SPAN_LIT("pres")) && set_presentation(call, setting->value);
	}
	return true;
}

static bool set_channel(struct tg_switch *sw, struct call *call, struct tg_span argument, const struct setting *setting)
{
	(void)sw;
	return tg_span_equal_nocase(argument, TG_SPAN_LIT("language")) &&
	       tg_span_copy(call->language, sizeof(call->language), setting->value);
}

static bool set_cdr(struct tg_switch *sw, struct call *call, struct tg_span argument, const struct setting *setting)
{
	(void)sw;
	return tg_span_equal_nocase(argument, TG_SPAN_LIT("accountcode")) &&
	       tg_span_copy(call->record.accountcode, sizeof(call->record.accountcode), setting->value);
}

/* Few calls have them: they lie beside the variables, under names that no variable has. */
static const struct {
	const char *argument, *name;
} waits[] = {
	[CALLVARS_FIRST_DIGIT] = { "response", "TIMEOUT(response)" },
	[CALLVARS_NEXT_DIGIT] = { "digit", "TIMEOUT(digit)" },
};

static bool set_timeout(struct tg_switch *sw, struct call *call, struct tg_span argument, const struct setting *setting)
{
	uint64_t after_us;

	if (!args_seconds(setting->value, &after_us)) {
		return false;
	}
	if (tg_span_equal_nocase(argument, TG_SPAN_LIT("absolute"))) {
		switch_timer(sw, TIMER_ABSOLUTE, tg_slab_ref(calls_of(sw), call).index,
		             after_us == 0 ? TG_NEVER : sw->now_us + after_us);
		return true;
	}
	for (size_t i = 0; i < TG_COUNT(waits); i++) {
		if (tg_span_equal_nocase(argument, tg_span_text(waits[i].argument))) {
			return bag_set(pieces_of(sw), &call->bag, BAG_PLAIN, tg_span_text(waits[i].name),
			               setting->value, false);
		}
	}
	return false;
}

uint64_t callvars_wait_us(const struct tg_switch *sw, const struct call *call, enum callvars_wait wait,
                          uint64_t usual_us)
{
	uint8_t value[BAG_VALUE_MAX];
	const size_t len = bag_get(pieces_of(sw), &call->bag, BAG_PLAIN, tg_span_text(waits[wait].name), value, NULL);
	uint64_t us;

	return args_seconds((struct tg_span){ value, len }, &us) && us > 0 ? us : usual_us;
}

static const struct {
	const char *name;
	set_fn *set;
} targets[] = {
	{ "CALLERID", set_callerid }, { "CDR", set_cdr },     { "CHANNEL", set_channel }, { "GLOBAL", set_global },
	{ "IAXVAR", set_iaxvar },     { "LOCAL", set_local }, { "TIMEOUT", set_timeout },
};

bool callvars_set(struct tg_switch *sw, struct call *call, struct tg_span name, struct tg_span value, bool foreign)
{
	const struct tg_span argument = take_argument(&name);

	if (argument.p != NULL) {
		for (size_t i = 0; i < TG_COUNT(targets); i++) {
			if (tg_span_equal(name, tg_span_text(targets[i].name))) {
				return targets[i].set(sw, call, argument, &(struct setting){ value, foreign });
			}
		}
		return false;
	}
	/* Inheritance marks: a callee has no dialplan here that could inherit. */
	for (int i = 0; i < 2 && name.len > 0 && name.p[0] == '_'; i++) {
		name.p++;
		name.len--;
	}
	struct bag *locals = gosub_locals(sw, call, name);

	if (locals != NULL) {
		return gosub_set(sw, call, locals, name, value, foreign);
	}
	return bag_set(pieces_of(sw), &call->bag, BAG_PLAIN, name, value, foreign);
}

void callvars_put(struct tg_switch *sw, struct call *call, const char *name, struct tg_span value)
{
	if (!bag_set(pieces_of(sw), &call->bag, BAG_PLAIN, tg_span_text(name), value, false)) {
		tg_log(sw->outside.log, TG_WARNING, "dialplan.no_room", TG_UINT("call", call->record.unique),
		       TG_TEXT("variable", name));
	}
}

void callvars_put_uint(struct tg_switch *sw, struct call *call, const char *name, uint64_t value)
{
	uint8_t bytes[24];
	struct vars_text text = { .p = bytes, .size_bytes = sizeof(bytes) };

	vars_put_uint(&text, value);
	callvars_put(sw, call, name, vars_span(&text));
}

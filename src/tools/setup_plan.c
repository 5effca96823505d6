/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/setup_party.h"

#include "base/text.h"
#include "crypt/hash.h"
#include "iax/wire.h"

#include <stdlib.h>
#include <string.h>

#define LISTEN_GAPS ", \t"

void setup_plan_init(struct setup_plan *plan)
{
	*plan = (struct setup_plan){ .port = IAX_PORT, .here = "main", .start = true, .call = true };
}

void setup_plan_deinit(struct setup_plan *plan)
{
	crypt_wipe(plan, sizeof(*plan));
}

/* ---- The rest ---- */

static bool listen_add(struct setup_plan *plan, const char *text, char wrong[TOOL_WRONG_BYTES])
{
	struct tg_addr addr;

	if (!tg_addr_parse(&addr, tg_span_text(text), 0)) {
		return setup_wrong(
			wrong, "%.64s is no address; expected all, both, or addresses with commas between them", text);
	}
	for (size_t i = 0; i < plan->listens; i++) {
		if (tg_addr_equal(plan->listen[i], addr)) {
			return setup_wrong(wrong, "%.64s stands there twice", text);
		}
	}
	if (plan->listens == SETUP_LISTEN_MAX) {
		return setup_wrong(wrong, "more than %d addresses", SETUP_LISTEN_MAX);
	}
	plan->listen[plan->listens++] = addr;
	return true;
}

static bool take_listen(struct setup_plan *plan, char *value, char wrong[TOOL_WRONG_BYTES])
{
	plan->listens = 0;
	if (strcmp(value, "all") == 0) {
		return listen_add(plan, "0.0.0.0", wrong);
	}
	if (strcmp(value, "both") == 0) {
		return listen_add(plan, "0.0.0.0", wrong) && listen_add(plan, "::", wrong);
	}
	for (value += strspn(value, LISTEN_GAPS); *value != '\0'; value += strspn(value, LISTEN_GAPS)) {
		if (!listen_add(plan, setup_word_cut(&value, LISTEN_GAPS), wrong)) {
			return false;
		}
	}
	return plan->listens > 0 || setup_wrong(wrong, "expected all, both, or addresses with commas between them");
}

static bool take_port(struct setup_plan *plan, char *value, char wrong[TOOL_WRONG_BYTES])
{
	uint64_t port = 0;

	if (!tg_text_uint(value, 1, UINT16_MAX, &port)) {
		return setup_wrong(wrong, "expected a number from 1 to 65535");
	}
	plan->port = (uint16_t)port;
	return true;
}

static bool take_here(struct setup_plan *plan, char *value, char wrong[TOOL_WRONG_BYTES])
{
	if (!setup_name_ok(value, wrong)) {
		return false;
	}
	snprintf(plan->here, sizeof(plan->here), "%s", value);
	return true;
}

static bool take_inbound(struct setup_plan *plan, char *value, char wrong[TOOL_WRONG_BYTES])
{
	if (!setup_number_ok(value, wrong)) {
		return false;
	}
	snprintf(plan->inbound, sizeof(plan->inbound), "%s", value);
	return true;
}

static bool take_country(struct setup_plan *plan, char *value, char wrong[TOOL_WRONG_BYTES])
{
	if (strlen(value) != 2 || !setup_is_made_of(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZ", 2)) {
		return setup_wrong(wrong, "expected two capital letters, such as DE");
	}
	snprintf(plan->country, sizeof(plan->country), "%s", value);
	return true;
}

static bool take_bool(bool *field, const char *value, char wrong[TOOL_WRONG_BYTES])
{
	*field = strcmp(value, "yes") == 0 || strcmp(value, "y") == 0;
	return *field || strcmp(value, "no") == 0 || strcmp(value, "n") == 0 ||
	       setup_wrong(wrong, "expected yes or no");
}

#define TAKE_BOOL(field)                                                                             \
	static bool take_##field(struct setup_plan *plan, char *value, char wrong[TOOL_WRONG_BYTES]) \
	{                                                                                            \
		return take_bool(&plan->field, value, wrong);                                        \
	}
TAKE_BOOL(paid)
TAKE_BOOL(registers)
TAKE_BOOL(replace)
TAKE_BOOL(start)
TAKE_BOOL(call)
TAKE_BOOL(show_secrets)
#undef TAKE_BOOL

const struct setup_key setup_key_table[] = {
	{ "listen", "ADDR[,ADDR]...", "where to listen: all (IPv4), both (IPv6, too) or addresses (all)", take_listen },
	{ "port", "N", "UDP port for addresses without one (4569)", take_port },
	{ "account", "NAME NUMBER [SECRET]", "a phone; repeatable (phone1 2001)", setup_take_account },
	{ "node", "NUMBER [SECRET]", "a node of a hub; repeatable", setup_take_node },
	{ "site", "NAME PREFIX HOST [SECRET]", "another site; dynamic: it registers here; repeatable",
	  setup_take_site },
	{ "here", "NAME", "how the other sites call this one (main)", take_here },
	{ "trunk", "NAME PREFIX HOST USER SECRET", "an exchange that carries calls on; repeatable", setup_take_trunk },
	{ "register", "yes|no", "register with trunks (no)", take_registers },
	{ "inbound", "NUMBER", "the phone that rings for calls from trunks (the first)", take_inbound },
	{ "paid", "yes|no", "whether calls that cost money are wanted (no)", take_paid },
	{ "country", "XX", "whose national numbers they are: two letters", take_country },
	{ "replace", "yes|no", "replace files that are there, and keep them as backup (no)", take_replace },
	{ "start", "yes|no", "start tollgated (yes)", take_start },
	{ "call", "yes|no", "place a test call once it runs (yes)", take_call },
	{ "show-secrets", "yes|no", "show them once at the end (on a terminal)", take_show_secrets },
	{ 0 },
};

static const char *key_name_at(const void *table, size_t index)
{
	return ((const struct setup_key *)table)[index].name;
}

static bool key_unknown(const char *key, char wrong[TOOL_WRONG_BYTES])
{
	const char *near = tg_text_nearest(key, key_name_at, setup_key_table);

	return setup_wrong(wrong, "%.64s is no key%s%s%s", key, near != NULL ? "; did you mean " : "",
	                   near != NULL ? near : "", near != NULL ? "?" : "");
}

bool setup_answer(struct setup_plan *plan, const char *key, const char *value, char wrong[TOOL_WRONG_BYTES])
{
	const struct setup_key *row = setup_key_table;
	char copy[SETUP_SECRET_BYTES + 512];
	bool ok = false;

	while (row->name != NULL && strcmp(row->name, key) != 0) {
		row++;
	}
	if (row->name == NULL) {
		return key_unknown(key, wrong);
	}
	if (strlen(value) >= sizeof(copy)) {
		return setup_wrong(wrong, "%s: too long", key);
	}
	snprintf(copy, sizeof(copy), "%s", value);
	ok = row->take(plan, copy, wrong);
	crypt_wipe(copy, sizeof(copy));
	return ok;
}

/* "key = value", without blanks around either. @return false if there is no "=" */
static bool line_cut(char *line, char **key, char **value)
{
	char *equals = strchr(line, '=');
	size_t len = 0;

	if (equals == NULL) {
		return false;
	}
	*equals = '\0';
	line[strcspn(line, " \t")] = '\0';
	*key = line;
	*value = equals + 1 + strspn(equals + 1, " \t");
	for (len = strlen(*value); len > 0 && strchr(" \t\r\n", (*value)[len - 1]) != NULL;) {
		(*value)[--len] = '\0';
	}
	return true;
}

static bool line_take(struct setup_plan *plan, char *line, char wrong[TOOL_WRONG_BYTES])
{
	char *key = NULL, *value = NULL;

	line += strspn(line, " \t\r\n");
	if (line[0] == '\0' || line[0] == '#' || line[0] == ';') {
		return true;
	}
	return line_cut(line, &key, &value) ? setup_answer(plan, key, value, wrong)
	                                    : setup_wrong(wrong, "expected key=value");
}

bool setup_answers_read(struct setup_plan *plan, FILE *file, char wrong[TOOL_WRONG_BYTES])
{
	char *line = NULL, why[TOOL_WRONG_BYTES];
	size_t room = 0;
	bool ok = true;

	for (unsigned number = 1; ok && getline(&line, &room, file) > 0; number++) {
		ok = line_take(plan, line, why) || setup_wrong(wrong, "line %u: %.400s", number, why);
	}
	if (line != NULL) {
		crypt_wipe(line, room);
	}
	free(line);
	return ok;
}

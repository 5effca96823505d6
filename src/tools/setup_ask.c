/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/setup.h"

#include "crypt/hash.h"
#include "sys/udp.h"
#include "tools/audit_consent.h"

#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

enum { FIELDS_MAX = 5, LINE_BYTES = SETUP_SECRET_BYTES };

/* One thing to ask for. */
struct field {
	const char *prompt, *otherwise;
	bool hidden;
};

/* ---- Single questions ---- */

/* The answer, or what stands in brackets. */
static bool ask(struct setup *setup, const struct field *field, const char *otherwise, char line[LINE_BYTES])
{
	if (otherwise[0] != '\0' && !field->hidden) {
		printf("   %s [%s]: ", field->prompt, otherwise);
	} else {
		printf("   %s: ", field->prompt);
	}
	if (!setup_io_line(&setup->io, field->hidden, line, LINE_BYTES)) {
		return false;
	}
	if (line[0] == '\0') {
		snprintf(line, LINE_BYTES, "%s", otherwise);
	}
	return true;
}

/* Until the answer is one. */
static bool ask_key(struct setup *setup, const char *key, const char *prompt, const char *otherwise)
{
	const struct field field = { prompt, otherwise, false };
	char line[LINE_BYTES], wrong[TOOL_WRONG_BYTES];

	while (ask(setup, &field, otherwise, line)) {
		if (setup_answer(&setup->plan, key, line, wrong)) {
			return true;
		}
		printf("   No: %s.\n", wrong);
	}
	return false;
}

bool setup_ask_yes(struct setup *setup, const char *question, bool otherwise, bool *answer)
{
	const struct field field = { question, otherwise ? "yes" : "no", false };
	char line[LINE_BYTES];

	*answer = otherwise;
	if (!setup->asks) {
		return !setup_io_interrupted(&setup->io);
	}
	while (ask(setup, &field, field.otherwise, line)) {
		*answer = line[0] == 'y' || line[0] == 'Y';
		if (*answer || line[0] == 'n' || line[0] == 'N') {
			return true;
		}
		puts("   Please answer yes or no.");
	}
	return false;
}

/* ---- Parties ---- */

struct asked {
	char words[FIELDS_MAX][LINE_BYTES];
};

static bool ask_fields(struct setup *setup, const struct field *fields, size_t count, struct asked *asked)
{
	for (size_t i = 0; i < count; i++) {
		char before[LINE_BYTES];

		snprintf(before, sizeof(before), "%s", fields[i].hidden ? "" : asked->words[i]);
		for (bool again = true; again;) {
			if (!ask(setup, &fields[i], before, asked->words[i])) {
				return false;
			}
			again = strpbrk(asked->words[i], " \t") != NULL;
			if (again) {
				puts("   No: one word, without blanks.");
			}
		}
	}
	return true;
}

/* As it would stand in the file of answers. What is wrong is asked for again, with the last answers in brackets. */
static bool ask_party(struct setup *setup, const char *key, const struct field *fields, size_t count,
                      struct asked *asked)
{
	char line[SETUP_SECRET_BYTES + 256], wrong[TOOL_WRONG_BYTES];
	bool asks = true, added = false;

	while (asks && !added) {
		int len = 0;

		asks = ask_fields(setup, fields, count, asked);
		line[0] = '\0';
		for (size_t i = 0; i < count && len >= 0 && (size_t)len < sizeof(line); i++) {
			len += snprintf(line + len, sizeof(line) - (size_t)len, "%s%s", i > 0 ? " " : "",
			                asked->words[i]);
		}
		added = asks && setup_answer(&setup->plan, key, line, wrong);
		if (asks && !added) {
			printf("   No: %s.\n", wrong);
		}
	}
	crypt_wipe(line, sizeof(line));
	crypt_wipe(asked->words[count - 1], LINE_BYTES);
	return added;
}

#define SECRET_FIELD                                             \
	{                                                        \
		"Secret (Enter: a random one is made)", "", true \
	}

static bool ask_phones(struct setup *setup)
{
	static const struct field name = { "Name of a phone, or Enter for no more", "", false };
	static const struct field fields[] = { { "Its number", "", false }, SECRET_FIELD };
	char proposed[LINE_BYTES] = "phone1";
	struct field first = { "Name of the first phone, or none", proposed, false };

	puts("\n2. Phones");
	for (unsigned i = 0; i < SETUP_PARTIES_MAX; i++) {
		struct asked asked = { { "" } };
		struct field all[] = { { "Name", "", false }, fields[0], fields[1] };

		if (!ask(setup, i == 0 ? &first : &name, i == 0 ? proposed : "", asked.words[0])) {
			return false;
		}
		if (asked.words[0][0] == '\0' || (i == 0 && strcmp(asked.words[0], "none") == 0)) {
			break;
		}
		snprintf(asked.words[1], LINE_BYTES, "%u", 2001 + i);
		all[0].prompt = "Its name";
		if (!ask_party(setup, "account", all, TG_COUNT(all), &asked)) {
			return false;
		}
	}
	return true;
}

static bool ask_more(struct setup *setup, const char *first, const char *next, const char *key,
                     const struct field *fields, size_t count)
{
	bool more = false;

	if (!setup_ask_yes(setup, first, false, &more)) {
		return false;
	}
	while (more) {
		struct asked asked = { { "" } };

		for (size_t i = 0; i < count; i++) {
			snprintf(asked.words[i], LINE_BYTES, "%s", fields[i].otherwise);
		}
		if (!ask_party(setup, key, fields, count, &asked) || !setup_ask_yes(setup, next, false, &more)) {
			return false;
		}
	}
	return true;
}

static bool ask_nodes(struct setup *setup)
{
	static const struct field fields[] = { { "Node number", "", false }, SECRET_FIELD };

	puts("\n3. A hub, as for AllStarLink: nodes register here and call each other by their numbers");
	return ask_more(setup, "Nodes?", "Another node?", "node", fields, TG_COUNT(fields));
}

static bool ask_sites(struct setup *setup)
{
	static const struct field fields[] = {
		{ "Its name, as it calls itself", "", false },
		{ "Its numbers begin with", "3", false },
		{ "Its address or host name, or dynamic if it registers here", "dynamic", false },
		{ "Secret, the same on both sides (Enter: a random one is made)", "", true },
	};

	puts("\n4. Another site with a Tollgate or Asterisk of yours");
	return ask_more(setup, "Another site?", "One more site?", "site", fields, TG_COUNT(fields)) &&
	       (setup_first(&setup->plan, SETUP_SITE) == NULL ||
	        ask_key(setup, "here", "What this exchange is called over there", setup->plan.here));
}

static bool ask_trunks(struct setup *setup)
{
	static const struct field fields[] = {
		{ "A name for it", "provider", false },    { "Numbers that go there begin with", "0", false },
		{ "Its address or host name", "", false }, { "Your user name there", "", false },
		{ "Your secret there", "", true },
	};
	const struct setup_plan *plan = &setup->plan;

	puts("\n5. A trunk: an exchange that carries calls on, such as a provider");
	if (!ask_more(setup, "A trunk?", "Another trunk?", "trunk", fields, TG_COUNT(fields))) {
		return false;
	}
	if (setup_first(plan, SETUP_TRUNK) == NULL) {
		return true;
	}
	return ask_key(setup, "register", "Register there, so that it finds this exchange", "no") &&
	       (setup_first(plan, SETUP_PHONE) == NULL ||
	        ask_key(setup, "inbound", "Which phone rings for its calls", setup_first(plan, SETUP_PHONE)->number)) &&
	       ask_key(setup, "paid", "Calls that cost money", "no") &&
	       (!plan->paid || ask_key(setup, "country", "Whose national numbers (two letters, such as DE)", ""));
}

/* ---- Where to listen ---- */

void setup_print_addresses(void)
{
	struct ifaddrs *list = NULL;
	char text[TG_ADDR_TEXT_BYTES];

	if (getifaddrs(&list) != 0) {
		return;
	}
	for (const struct ifaddrs *at = list; at != NULL; at = at->ifa_next) {
		const struct tg_addr addr = at->ifa_addr != NULL ? tg_addr_from_sockaddr(at->ifa_addr)
		                                                 : (struct tg_addr){ .family = TG_NO_ADDR };

		if (addr.family != TG_NO_ADDR && (at->ifa_flags & IFF_UP) != 0) {
			printf("     %-40s %s%s\n", tg_addr_format_host(addr, text), at->ifa_name,
			       (at->ifa_flags & IFF_LOOPBACK) != 0 ? ", this machine only"
			       : tg_addr_is_private(addr)          ? ", private"
			                                           : ", public");
		}
	}
	freeifaddrs(list);
}

bool setup_port_trouble(const struct setup_plan *plan, char text[TOOL_WRONG_BYTES])
{
	char name[TG_ADDR_TEXT_BYTES];

	for (size_t i = 0; i < plan->listens; i++) {
		struct tg_addr addr = plan->listen[i];

		addr.port = addr.port != 0 ? addr.port : plan->port;
		const int why = sys_udp_probe(addr);

		if (why != 0) {
			snprintf(text, TOOL_WRONG_BYTES, "UDP port %u of %s: %s%s", addr.port,
			         tg_addr_format_host(addr, name), strerror(why),
			         why == EADDRINUSE ? " (ss -lunp shows by whom)" : "");
			return true;
		}
	}
	return false;
}

static bool ask_listen(struct setup *setup)
{
	char port[8], trouble[TOOL_WRONG_BYTES];
	bool other = true;

	puts("\n1. Where to listen. This machine's addresses:");
	setup_print_addresses();
	while (other) {
		snprintf(port, sizeof(port), "%u", setup->plan.port);
		if (!ask_key(setup, "listen", "all (IPv4), both (IPv6, too), or addresses with commas", "all") ||
		    !ask_key(setup, "port", "UDP port", port)) {
			return false;
		}
		other = setup_port_trouble(&setup->plan, trouble);
		if (other) {
			printf("   %s.\n", trouble);
			if (!setup_ask_yes(setup, "Choose again?", true, &other)) {
				return false;
			}
		} else {
			printf("   Port %u is free.\n", setup->plan.port);
		}
	}
	return true;
}

bool setup_ask(struct setup *setup)
{
	puts("Tollgate: the first set-up. Enter takes what stands in brackets. ^C leaves, and nothing is written.");
	return ask_listen(setup) && ask_phones(setup) && ask_nodes(setup) && ask_sites(setup) && ask_trunks(setup);
}

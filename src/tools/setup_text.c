/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/setup_plan.h"

#include <stdlib.h>
#include <string.h>

static void put_head(const char *what, const char *pages, FILE *to)
{
	fprintf(to,
	        "; Written by `tollgate setup`. It is yours now: change what you like, then\n"
	        ";   tollgated --config DIR --check-config && tollgate -x \"iax2 reload\"\n"
	        "; Every %s is explained in %s.\n",
	        what, pages);
}

/* ---- iax.conf: who calls and is called ---- */

static void put_general(const struct setup_plan *plan, FILE *to)
{
	char addr[TG_ADDR_TEXT_BYTES];

	put_head("option", "tollgate-iax.conf(5) and tollgate.conf(5)", to);
	fputs("; This file has secrets: nobody but the exchange may read it.\n\n[general]\n", to);
	for (size_t i = 0; i < plan->listens; i++) {
		fprintf(to, "bindaddr=%s\n", tg_addr_format(plan->listen[i], addr));
	}
	fputs("; How often phones renew their registration, in seconds.\nminregexpire=60\nmaxregexpire=300\n", to);
	if (setup_first(plan, SETUP_PHONE) != NULL) {
		fputs("\n; What phones have in common.\n[phone](!)\ntype=friend\nhost=dynamic\ncontext=phones\n"
		      "disallow=all\nallow=ulaw,alaw,g722\nqualify=yes\n",
		      to);
	}
	if (setup_first(plan, SETUP_NODE) != NULL) {
		fputs("\n; What the nodes of the hub have in common. Voice passes unchanged, so they must share a "
		      "codec.\n"
		      "[node](!)\ntype=friend\nhost=dynamic\ncontext=nodes\ndisallow=all\nallow=ulaw,adpcm,gsm\n"
		      "qualify=yes\n",
		      to);
	}
}

/* An account that registers. */
static void put_account(const struct setup_party *party, FILE *to)
{
	fprintf(to, "\n[%s](%s)\nsecret=%s\n", party->name, party->kind == SETUP_PHONE ? "phone" : "node",
	        party->secret);
	fprintf(to, "callerid=\"%s\" <%s>\n", party->name, party->number);
}

/* Only an address can be permitted; behind a name or a registration there may be any. */
static void put_fence(const struct setup_party *party, FILE *to)
{
	struct tg_addr addr;
	char text[TG_ADDR_TEXT_BYTES];

	if (tg_addr_parse(&addr, tg_span_text(party->host), 0)) {
		fprintf(to, "deny=0.0.0.0/0,::/0\npermit=%s\n", tg_addr_format_host(addr, text));
	}
}

static void put_site(const struct setup_plan *plan, const struct setup_party *party, FILE *to)
{
	fprintf(to, "\n; Another site. Nothing behind it costs money.\n[%s]\ntype=friend\nhost=%s\nusername=%s\n",
	        party->name, party->host, plan->here);
	fprintf(to, "secret=%s\ncontext=from-%s\nchargeable=no\nqualify=yes\n", party->secret, party->name);
	put_fence(party, to);
	if (strcmp(party->host, "dynamic") == 0) {
		return;
	}
	fprintf(to,
	        "\n; If this site has no fixed address, it registers over there, where host=dynamic stands then:\n"
	        ";[at-%s]\n;type=registration\n;host=%s\n;username=%s\n;secret=the one above\n",
	        party->name, party->host, plan->here);
}

static void put_trunk(const struct setup_plan *plan, const struct setup_party *party, FILE *to)
{
	fprintf(to,
	        "\n; Calls to it may cost money: tollgate.conf says who may call what.\n[%s]\ntype=friend\nhost=%s\n",
	        party->name, party->host);
	fprintf(to, "username=%s\nsecret=%s\ncontext=from-%s\nqualify=yes\n", party->username, party->secret,
	        party->name);
	put_fence(party, to);
	if (plan->registers) {
		fprintf(to, "\n[at-%s]\ntype=registration\nhost=%s\nusername=%s\nsecret=%s\n", party->name, party->host,
		        party->username, party->secret);
	}
}

static void put_iax(const struct setup_plan *plan, FILE *to)
{
	put_general(plan, to);
	for (size_t i = 0; i < plan->count; i++) {
		const struct setup_party *party = &plan->parties[i];

		switch (party->kind) {
		case SETUP_PHONE:
		case SETUP_NODE:
			put_account(party, to);
			break;
		case SETUP_SITE:
			put_site(plan, party, to);
			break;
		case SETUP_TRUNK:
			put_trunk(plan, party, to);
			break;
		}
	}
}

/* ---- extensions.conf: who reaches whom ---- */

/* Each number of a kind; what stands behind a prefix is a pattern. */
static void put_numbers(const struct setup_plan *plan, enum setup_kind kind, FILE *to)
{
	for (size_t i = 0; i < plan->count; i++) {
		const struct setup_party *party = &plan->parties[i];

		if (party->kind != kind) {
			continue;
		}
		if (kind == SETUP_PHONE || kind == SETUP_NODE) {
			fprintf(to, "exten => %s,1,Dial(IAX2/%s/%s,30)\n", party->number, party->name, party->number);
		} else {
			fprintf(to, "exten => _%sX.,1,Dial(IAX2/%s/${EXTEN},60)\n", party->number, party->name);
		}
	}
}

static void put_phones(const struct setup_plan *plan, FILE *to)
{
	const bool nodes = setup_first(plan, SETUP_NODE) != NULL;

	fputs("\n; The phones of this exchange: what other sites reach, too.\n[local]\ninclude => tests\n", to);
	put_numbers(plan, SETUP_PHONE, to);
	fprintf(to, "\n; What phones reach.\n[phones]\ninclude => local\n%s", nodes ? "include => nodes\n" : "");
	put_numbers(plan, SETUP_SITE, to);
	put_numbers(plan, SETUP_TRUNK, to);
}

/* Where calls of another exchange begin: never where a trunk can be reached. */
static void put_outsider(const struct setup_plan *plan, const struct setup_party *party, FILE *to)
{
	if (party->kind == SETUP_SITE) {
		fprintf(to, "\n; What another site reaches: phones here, and no trunk.\n[from-%s]\ninclude => local\n",
		        party->name);
	} else if (party->kind == SETUP_TRUNK && plan->inbound[0] != '\0') {
		fprintf(to,
		        "\n; Calls from a trunk, whatever number they are for: one phone rings.\n[from-%s]\n"
		        "exten => s,1,Goto(local,%s,1)\nexten => _X.,1,Goto(local,%s,1)\n",
		        party->name, plan->inbound, plan->inbound);
	} else if (party->kind == SETUP_TRUNK) {
		fprintf(to,
		        "\n; Calls from a trunk: no phone is there that could ring.\n[from-%s]\n"
		        "exten => s,1,Congestion(5)\n",
		        party->name);
	}
}

static void put_extensions(const struct setup_plan *plan, FILE *to)
{
	put_head("application", "tollgate-extensions.conf(5)", to);
	fputs("\n[tests]\n; " SETUP_ECHO ": hear yourself. " SETUP_TONE ": a tone of 1004 Hz.\n"
	      "exten => " SETUP_ECHO ",1,Answer()\n same => n,Echo()\n"
	      "exten => " SETUP_TONE ",1,Answer()\n same => n,Milliwatt()\n",
	      to);
	if (setup_first(plan, SETUP_NODE) != NULL) {
		fputs("\n; The hub: a node calls another one by its number, and nobody else.\n[nodes]\ninclude => "
		      "tests\n",
		      to);
		put_numbers(plan, SETUP_NODE, to);
	}
	put_phones(plan, to);
	for (size_t i = 0; i < plan->count; i++) {
		put_outsider(plan, &plan->parties[i], to);
	}
}

/* ---- tollgate.conf: what may be spent ---- */

static const char free_calls[] =
	"; No calls that cost money: not from phones, and much less from anybody else. `paid` in tollgate-setup(1)\n"
	"; shows what to write here when they are wanted.\n"
	"[policy system]\nallow=emergency,internal,tollfree\n"
	"\n[policy guests]\nallow=emergency,internal,tollfree\n";

static const char paid_calls[] = "; What phones may call, two at once, for an hour each, and four hours a day: the "
				 "most that a stolen secret can cost.\n"
				 "[policy system]\n"
				 "allow=emergency,internal,tollfree,national,mobile,shared,intl-low\n"
				 "calls=2\ncalls=1 international\nlongest=1h\ndaily=4h\n"
				 "\n; Who calls without a secret spends nothing.\n"
				 "[policy guests]\nallow=emergency,internal,tollfree\n";

static void put_tollgate(const struct setup_plan *plan, FILE *to)
{
	put_head("option", "tollgate.conf(5)", to);
	fputs("\n[general]\nthreads=1\n\n", to);
	if (plan->country[0] != '\0') {
		fprintf(to, "[numbers]\ncountry=%s\n\n", plan->country);
	}
	fputs(plan->paid ? paid_calls : free_calls, to);
}

/* ---- All ---- */

const char *const setup_file_names[] = { "iax.conf", "extensions.conf", "tollgate.conf", NULL };

char *setup_file_text(const struct setup_plan *plan, const char *name)
{
	static void (*const put[])(const struct setup_plan *, FILE *) = { put_iax, put_extensions, put_tollgate };
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);
	bool ok = to != NULL;

	for (size_t i = 0; ok && setup_file_names[i] != NULL; i++) {
		if (strcmp(setup_file_names[i], name) == 0) {
			put[i](plan, to);
		}
	}
	ok = ok && ferror(to) == 0;
	ok = (to == NULL || fclose(to) == 0) && ok;
	if (!ok) {
		free(text);
		return NULL;
	}
	return text;
}

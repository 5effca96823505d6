/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_CONF_ACCOUNT_H
#define TG_CONF_ACCOUNT_H

#include "conf/files.h"
#include "conf/problem.h"
#include "conf/secrets.h"
#include "model/listen.h"
#include "model/world_build.h"

/**
 * What iax.conf and acl.conf say, between the lines of a file and the rows of a world. Texts are lent by
 * the dialect or the arena.
 */

struct conf_text {
	struct conf_text *next;
	const char *text;
	struct conf_place at;
};

struct conf_texts {
	struct conf_text *first, *last;
	uint32_t count;
};

struct conf_rule {
	struct conf_rule *next;
	struct tg_addr base;
	uint8_t bits;
	bool permit;
	struct conf_place at;
};

/** One ordered list of permit and deny. */
struct conf_acl {
	struct conf_rule *first, *last;
	bool v4, v6; /* has rules of this family */
};

struct conf_named_acl {
	struct conf_named_acl *next;
	const char *name;
	struct conf_place at;
	struct conf_acl acl;
};

struct conf_variable {
	struct conf_variable *next;
	const char *name, *value;
};

/** What [general] sets for all accounts and an account may set for itself. First member of whatever has it. */
struct conf_common {
	struct world_codecs codecs;
	uint8_t codec_priority;
	bool rsa_only; /* auth= names RSA and not MD5 */
	uint32_t max_auth_req;
	const char *accountcode, *language;
};

enum {
	CONF_OPTIONS_MAX = 256,
	CONF_BUCKETS = 1024, /* of tables by name */
};

enum conf_half {
	CONF_USER,
	CONF_PEER,
	CONF_REGISTRATION,
};

/** One user, peer or registration; a friend is two of them. */
struct conf_account {
	struct conf_common common;
	struct conf_account *next, *next_in_bucket;
	enum conf_half half;
	const char *name;
	struct conf_place at;
	struct conf_texts secrets, contexts, acl_names;
	struct conf_acl acl;
	struct conf_variable *variables;
	const char *callerid_name, *callerid_number;
	const char *host, *username, *peercontext, *description, *mailbox, *regexten;
	struct tg_addr default_ip, source;
	uint32_t port, qualify_ms, qualify_ok_ms, qualify_notok_ms, max_call_numbers, refresh_s;
	uint8_t require_call_token, qualify_smoothing, send_ani, immediate, decoy, roaming, may_spend;
	bool has_keys;                    /* inkeys */
	uint8_t chargeable;               /* enum world_tri */
	struct conf_text policy, numbers; /* names of sections of tollgate.conf; text NULL: none */
};

/** [policy NAME] of tollgate.conf. */
struct conf_policy_line {
	struct conf_policy_line *next;
	struct world_policy_rule rule; /* origin and text are not set */
	const char *text;
	struct conf_place at;
};

struct conf_policy {
	struct conf_policy *next;
	const char *name;
	struct conf_place at;
	struct conf_text parent; /* text NULL: none */
	struct conf_policy_line *first, *last;
	uint32_t row; /* + 1 */
};

/** [numbers] and [numbers NAME]. */
struct conf_numbers {
	struct conf_numbers *next;
	const char *name; /* "" for that of all */
	struct conf_place at, country_at;
	struct world_numbers row; /* name and origin are not set */
	bool has_national, has_international, has_bare;
	uint32_t place; /* row + 1 */
};

/** A `register =>` line, taken apart. */
struct conf_register {
	struct conf_register *next;
	struct conf_place at;
	const char *username, *secret, *host; /* secret may be NULL */
	uint32_t port;
};

/** [front] of tollgate.conf. */
struct conf_front {
	struct conf_place at; /* file NULL: there is none */
	struct conf_place backend_at, local_at;
	struct tg_addr backend, local;
};

/** [general], of iax.conf and tollgate.conf together. */
struct conf_general {
	struct conf_common common;
	struct world_settings settings;
	uint32_t bind_port;
	struct conf_place bind_port_at, first_bind_at; /* file NULL: not given */
	struct conf_register *registers, *last_register;
	const char *sounds;
	struct conf_text regcontext; /* text NULL or "": none */
	const char *fingerprints;
	struct conf_place fingerprints_at; /* file NULL: not given */
	struct conf_texts destinations;    /* files */
	struct model_listen metrics;
	struct conf_place metrics_at; /* file NULL: not given */
	uint8_t metrics_public;
	uint8_t strict;
};

struct conf_trace;

/** What all readers of one load share. */
struct conf_loading {
	const struct conf_trace *trace; /* NULL: nobody wants to know */
	const struct conf_files *files;
	struct conf_problems *problems;
	struct conf_arena *arena;
	struct world_build *build;
	struct conf_secrets *secrets;
	struct conf_named_acl *acls;
	struct conf_account *accounts, *last_account; /* in file order */
	struct conf_account *buckets[CONF_BUCKETS];   /* the same by name */
	struct conf_policy *policies;
	struct conf_numbers *numbers;
	struct conf_general general;
	struct conf_front front;
	bool has_accounts;               /* iax.conf could be read */
	uint8_t noted[CONF_OPTIONS_MAX]; /* options whose note was given */
};

/** Copies the text's descriptor, not the text. Without memory the arena latches. */
void conf_texts_add(struct conf_loading *loading, struct conf_texts *texts, const char *text, struct conf_place at);

void conf_acl_add(struct conf_loading *loading, struct conf_acl *acl, struct tg_addr base, uint8_t bits, bool permit,
                  struct conf_place at);

struct conf_named_acl *conf_named_acl_find(const struct conf_loading *loading, struct tg_span name);

/** The bucket of a name: below CONF_BUCKETS. */
uint32_t conf_bucket(struct tg_span name);

/** By exact name; NULL for none. */
struct conf_account *conf_account_find(const struct conf_loading *loading, enum conf_half half, struct tg_span name);

/** host=dynamic: it says by registering where it is. */
bool conf_account_is_dynamic(const struct conf_account *account);

/** A new one with the defaults of [general], at the end of the list; NULL without memory. */
struct conf_account *conf_account_new(struct conf_loading *loading, enum conf_half half, const char *name,
                                      struct conf_place at);

/** `; did you mean "x"?` if an account of this half has a similar name, else nothing. Returns hint. */
enum { CONF_HINT_BYTES = 128 };
const char *conf_account_hint(const struct conf_loading *loading, enum conf_half half, const char *name,
                              char hint[CONF_HINT_BYTES]);

#endif

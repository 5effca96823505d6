/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_CONF_SETTING_H
#define TG_CONF_SETTING_H

#include "conf/option.h"

/** One line on its way into one field. */
struct conf_setting {
	struct conf_loading *loading;
	const struct conf_option *option;
	const struct conf_line *line;
	void *base;         /* of the target */
	bool quiet;         /* the other half of a friend has said it already */
	char expected[192]; /* set by a parser that fails */
};

/** What would have been right, into s->expected. For `return conf_expected(...)`: always false. */
bool conf_expected(struct conf_setting *s, const char *format, ...) TG_PRINTF(2, 3);

/**
 * The parsers that rows of the option table name: one for each type of value. Each sets `field`, whose type is in the
 * comment, by s->line->value, or says in s->expected what would have been right.
 */
bool conf_parse_bool(struct conf_setting *s, void *field);           /* uint8_t */
bool conf_parse_u32(struct conf_setting *s, void *field);            /* uint32_t */
bool conf_parse_u8(struct conf_setting *s, void *field);             /* uint8_t */
bool conf_parse_text(struct conf_setting *s, void *field);           /* const char * */
bool conf_parse_tos(struct conf_setting *s, void *field);            /* uint8_t */
bool conf_parse_tri(struct conf_setting *s, void *field);            /* uint8_t, enum world_tri */
bool conf_parse_codec_priority(struct conf_setting *s, void *field); /* uint8_t */
bool conf_parse_allow(struct conf_setting *s, void *field);          /* struct world_codecs */
bool conf_parse_disallow(struct conf_setting *s, void *field);       /* struct world_codecs */
bool conf_parse_auth(struct conf_setting *s, void *field);           /* bool: RSA alone */
bool conf_parse_keys(struct conf_setting *s, void *field);           /* bool: there are some */
bool conf_parse_bind_port(struct conf_setting *s, void *field);      /* uint32_t */
bool conf_parse_bind_addr(struct conf_setting *s, void *field);      /* struct world_settings */
bool conf_parse_delay_reject(struct conf_setting *s, void *field);   /* none */
bool conf_parse_token_optional(struct conf_setting *s, void *field); /* none */
bool conf_parse_tokenless(struct conf_setting *s, void *field);      /* uint8_t, enum world_tokenless */
bool conf_parse_guard_mode(struct conf_setting *s, void *field);     /* uint32_t, enum world_guard_mode */
bool conf_parse_rate(struct conf_setting *s, void *field);           /* uint32_t[2]: so many, and at once */
bool conf_parse_fingerprints(struct conf_setting *s, void *field);   /* const char * */
bool conf_parse_never_ban(struct conf_setting *s, void *field);      /* none */
bool conf_parse_register(struct conf_setting *s, void *field);       /* struct conf_general */
bool conf_parse_type(struct conf_setting *s, void *field);           /* none */
bool conf_parse_secret(struct conf_setting *s, void *field);         /* struct conf_texts */
bool conf_parse_secret_file(struct conf_setting *s, void *field);    /* struct conf_texts */
bool conf_parse_context(struct conf_setting *s, void *field);        /* struct conf_texts */
bool conf_parse_permit(struct conf_setting *s, void *field);         /* struct conf_acl */
bool conf_parse_deny(struct conf_setting *s, void *field);           /* struct conf_acl */
bool conf_parse_acl(struct conf_setting *s, void *field);            /* struct conf_texts */
bool conf_parse_setvar(struct conf_setting *s, void *field);         /* struct conf_variable * */
bool conf_parse_callerid(struct conf_setting *s, void *field);       /* struct conf_account */
bool conf_parse_host(struct conf_setting *s, void *field);           /* const char * */
bool conf_parse_addr(struct conf_setting *s, void *field);           /* struct tg_addr */
bool conf_parse_qualify(struct conf_setting *s, void *field);        /* uint32_t */

bool conf_parse_listen(struct conf_setting *s, void *field); /* struct model_listen */

/* Paid calls: setting_policy.c. Fields of their own, or of s->base. */
bool conf_parse_destinations(struct conf_setting *s, void *field);  /* struct conf_texts */
bool conf_parse_utc_offset(struct conf_setting *s, void *field);    /* struct world_zone */
bool conf_parse_zone(struct conf_setting *s, void *field);          /* the same */
bool conf_parse_chargeable(struct conf_setting *s, void *field);    /* uint8_t, enum world_tri */
bool conf_parse_section_name(struct conf_setting *s, void *field);  /* struct conf_text */
bool conf_parse_country(struct conf_setting *s, void *field);       /* struct conf_numbers */
bool conf_parse_national(struct conf_setting *s, void *field);      /* struct conf_numbers */
bool conf_parse_international(struct conf_setting *s, void *field); /* struct conf_numbers */
bool conf_parse_bare(struct conf_setting *s, void *field);          /* struct conf_numbers */
bool conf_parse_policy_allow(struct conf_setting *s, void *field);  /* struct conf_policy */
bool conf_parse_policy_deny(struct conf_setting *s, void *field);   /* struct conf_policy */
bool conf_parse_policy_calls(struct conf_setting *s, void *field);  /* struct conf_policy */
bool conf_parse_policy_new_calls(struct conf_setting *s, void *field);
bool conf_parse_policy_longest(struct conf_setting *s, void *field); /* struct conf_policy */
bool conf_parse_policy_daily(struct conf_setting *s, void *field);   /* struct conf_policy */
bool conf_parse_policy_monthly(struct conf_setting *s, void *field); /* struct conf_policy */
bool conf_parse_policy_times(struct conf_setting *s, void *field);   /* struct conf_policy */

/* [front]: front.c. */
bool conf_parse_backend(struct conf_setting *s, void *field);     /* struct conf_front */
bool conf_parse_front_local(struct conf_setting *s, void *field); /* struct conf_front */

/** What the lines of [metrics] say together. */
void conf_metrics_check(struct conf_loading *loading, const struct conf_section *section);

#endif

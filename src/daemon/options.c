/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/options.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/text.h"

enum kind { FLAG, TEXT, NUMBER };

/* One option; place is where its value goes. Hidden ones are not proposed to people. */
struct rule {
	const char *name;
	enum kind kind;
	bool hidden;
	size_t place;
};

static const struct rule rules[] = {
	{ "--config", TEXT, false, offsetof(struct options, config_dir) },
	{ "--state", TEXT, false, offsetof(struct options, state_dir) },
	{ "--user", TEXT, false, offsetof(struct options, user) },
	{ "--refresh", NUMBER, false, offsetof(struct options, refresh_s) },
	{ "--foreground", FLAG, false, offsetof(struct options, foreground) },
	{ "--check-config", FLAG, false, offsetof(struct options, check_config) },
	{ "--help", FLAG, false, offsetof(struct options, help) },
	{ "--version", FLAG, false, offsetof(struct options, version) },
	{ "--role", TEXT, true, offsetof(struct options, role) },
	{ "--channel", NUMBER, true, offsetof(struct options, channel_fd) },
	{ "--generation", NUMBER, true, offsetof(struct options, generation) },
	{ "--syslog", FLAG, true, offsetof(struct options, syslog) },
};

const char options_help[] = "Usage: tollgated [OPTION]...\n"
			    "The IAX2 telephone exchange.\n"
			    "\n"
			    "  --config DIR    read iax.conf, extensions.conf, acl.conf, tollgate.conf and\n"
			    "                  fingerprints.conf in DIR (default /etc/tollgate)\n"
			    "  --state DIR     keep the database and the console's socket in DIR, which is made\n"
			    "                  if missing (default /var/lib/tollgate)\n"
			    "  --user NAME     started by root: run as this user\n"
			    "  --refresh SECONDS  look up host names of the configuration again so often (300)\n"
			    "  --foreground    stay in the foreground and log to standard error; otherwise go to\n"
			    "                  the background when ready, and log to DIR/tollgated.log\n"
			    "  --check-config  tell every problem of the configuration, offer a new secret for\n"
			    "                  each that is easy to guess; end: 0 if it can be used, 1 if not\n"
			    "  --help          this text\n"
			    "  --version       the version\n"
			    "\n"
			    "SIGHUP reads the configuration again; SIGTERM hangs up all calls and ends.\n"
			    "Exit status: 0 ended as asked, 1 could not start or run, 2 wrong usage.\n";

static const char *name_at(const void *owner, size_t index)
{
	(void)owner;
	return index < TG_COUNT(rules) && !rules[index].hidden ? rules[index].name : NULL;
}

static bool refuse_unknown(const char *word, char why[OPTIONS_WHY_BYTES])
{
	const char *nearest = tg_text_nearest(word, name_at, NULL);

	if (nearest != NULL) {
		snprintf(why, OPTIONS_WHY_BYTES, "unknown option \"%s\"; did you mean \"%s\"?", word, nearest);
	} else {
		snprintf(why, OPTIONS_WHY_BYTES, "unknown option \"%s\"; try --help", word);
	}
	return false;
}

static const struct rule *rule_find(struct tg_span name)
{
	for (size_t i = 0; i < TG_COUNT(rules); i++) {
		if (tg_span_equal(tg_span_text(rules[i].name), name)) {
			return &rules[i];
		}
	}
	return NULL;
}

/* @return false if the value is not what the option takes */
static bool store(struct options *options, const struct rule *rule, const char *value)
{
	void *place = (char *)options + rule->place;

	switch (rule->kind) {
	case FLAG:
		*(bool *)place = true;
		return true;
	case TEXT:
		*(const char **)place = value;
		return value[0] != '\0';
	case NUMBER:
		return tg_text_uint(value, 0, UINT64_MAX / TG_US_PER_S / 2, place);
	}
	return false;
}

bool options_parse(struct options *options, int argc, char *const argv[], char why[OPTIONS_WHY_BYTES])
{
	*options = (struct options){ .config_dir = "/etc/tollgate",
		                     .state_dir = "/var/lib/tollgate",
		                     .refresh_s = 300 };
	for (int i = 1; i < argc; i++) {
		const char *equals = strchr(argv[i], '=');
		const size_t len = equals != NULL ? (size_t)(equals - argv[i]) : strlen(argv[i]);
		const struct rule *rule = rule_find((struct tg_span){ (const uint8_t *)argv[i], len });

		if (rule == NULL) {
			return refuse_unknown(argv[i], why);
		}
		if (rule->kind == FLAG && equals != NULL) {
			snprintf(why, OPTIONS_WHY_BYTES, "%s takes no value", rule->name);
			return false;
		}
		const char *value = equals != NULL ? equals + 1 : rule->kind == FLAG ? "" : argv[++i];

		if (value == NULL || !store(options, rule, value)) {
			snprintf(why, OPTIONS_WHY_BYTES, "%s needs a value", rule->name);
			return false;
		}
	}
	return true;
}

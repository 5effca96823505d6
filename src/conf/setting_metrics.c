/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/setting.h"

#include <string.h>

enum { LOWEST_PORT = 1 };

static const char expected[] = "an address with a port such as 127.0.0.1:9469 or [::1]:9469, or unix:/path/of/a/socket";

/* An absolute path, short enough for a socket. */
static bool take_path(struct conf_setting *s, struct model_listen *listen, const char *path)
{
	if (path[0] != '/' || strlen(path) >= sizeof(listen->path)) {
		return conf_expected(s, "unix: and an absolute path of at most %u octets",
		                     (unsigned)sizeof(listen->path) - 1);
	}
	listen->kind = MODEL_LISTEN_UNIX;
	tg_span_copy(listen->path, sizeof(listen->path), tg_span_text(path));
	return true;
}

bool conf_parse_listen(struct conf_setting *s, void *field)
{
	struct conf_general *general = s->base;
	struct model_listen *listen = field;

	*listen = (struct model_listen){ .kind = MODEL_LISTEN_OFF };
	general->metrics_at = s->line->at;
	if (strcmp(s->line->value, "no") == 0) {
		return true;
	}
	if (strncmp(s->line->value, "unix:", 5) == 0) {
		return take_path(s, listen, s->line->value + 5);
	}
	if (!tg_addr_parse(&listen->addr, tg_span_text(s->line->value), 0) || listen->addr.port < LOWEST_PORT) {
		return conf_expected(s, "%s", expected);
	}
	listen->kind = MODEL_LISTEN_TCP;
	return true;
}

void conf_metrics_check(struct conf_loading *loading, const struct conf_section *section)
{
	const struct conf_general *general = &loading->general;

	(void)section;
	if (general->metrics.kind == MODEL_LISTEN_TCP && general->metrics_public == 0 &&
	    !tg_addr_is_loopback(general->metrics.addr)) {
		conf_error(
			loading->problems, general->metrics_at,
			"listen: other machines can reach this address, and whoever reads metrics learns the names of "
			"accounts; expected 127.0.0.1 or ::1, or public=yes beside it");
	}
}

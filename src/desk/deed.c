/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/net.h"
#include "desk/show.h"

#include <string.h>

/* What an operator wants of calls and registrations: the words, checked, as a record. */

static bool wrong(struct desk_out *out, const char *word, const char *why)
{
	desk_line(out, "%s: %s. Nothing was done.", word, why);
	return false;
}

static bool take(char *to, size_t size_bytes, struct tg_span text, const char *word, struct desk_out *out)
{
	if (text.len >= size_bytes || !tg_utf8_is_plain(text)) {
		return wrong(out, word, "too long, or no plain text");
	}
	tg_span_copy(to, size_bytes, text);
	return true;
}

bool desk_deed_unregister(int argc, const char *const *argv, struct ipc_engine_do *deed, struct desk_out *out)
{
	(void)argc;
	deed->what = IPC_ENGINE_UNREGISTER;
	return take(deed->name, sizeof(deed->name), tg_span_text(argv[0]), argv[0], out);
}

bool desk_deed_hang_up(int argc, const char *const *argv, struct ipc_engine_do *deed, struct desk_out *out)
{
	(void)argc;
	deed->what = IPC_ENGINE_HANG_UP;
	if (strcmp(argv[0], "all") == 0) {
		return true;
	}
	if (argv[0][0] == '\0') {
		return wrong(out, "\"\"", "expected a channel's name, or all");
	}
	return take(deed->name, sizeof(deed->name), tg_span_text(argv[0]), argv[0], out);
}

/* on, off, peer NAME, ip ADDR[:PORT] */
bool desk_deed_debug(int argc, const char *const *argv, struct ipc_engine_do *deed, struct desk_out *out)
{
	struct desk_net net;

	deed->what = IPC_ENGINE_DEBUG;
	deed->on = strcmp(argv[0], "off") != 0;
	if (argc == 1) {
		return true;
	}
	if (strcmp(argv[0], "peer") == 0) {
		return argv[1][0] != '\0' ? take(deed->name, IPC_NAME_BYTES, tg_span_text(argv[1]), argv[1], out)
		                          : wrong(out, "\"\"", "expected a peer's name");
	}
	if (!desk_net_parse(&net, argv[1]) || net.with_bits) {
		return wrong(out, argv[1], "expected an address, or address:port");
	}
	deed->addr = net.base;
	return true;
}

/* IAX2/PEER[/NUMBER] */
static bool take_resource(struct ipc_engine_do *deed, const char *word, struct desk_out *out)
{
	static const char tech[] = "IAX2/";
	const char *peer = word + sizeof(tech) - 1;
	const char *slash = NULL;

	if (strncmp(word, tech, sizeof(tech) - 1) != 0 || *peer == '\0') {
		return wrong(out, word, "expected IAX2/PEER or IAX2/PEER/NUMBER");
	}
	slash = strchr(peer, '/');
	const size_t len = slash != NULL ? (size_t)(slash - peer) : strlen(peer);

	return take(deed->name, sizeof(deed->name), (struct tg_span){ (const uint8_t *)peer, len }, word, out) &&
	       (slash == NULL || take(deed->number, sizeof(deed->number), tg_span_text(slash + 1), word, out));
}

/* EXTEN[@CONTEXT] */
static bool take_exten(struct ipc_engine_do *deed, const char *word, struct desk_out *out)
{
	const char *at = strchr(word, '@');
	const size_t len = at != NULL ? (size_t)(at - word) : strlen(word);

	return take(deed->exten, sizeof(deed->exten), (struct tg_span){ (const uint8_t *)word, len }, word, out) &&
	       take(deed->context, sizeof(deed->context), tg_span_text(at != NULL ? at + 1 : "default"), word, out);
}

/* The words behind the application, with one blank between them. */
static bool take_args(struct ipc_engine_do *deed, int argc, const char *const *argv, struct desk_out *out)
{
	size_t len = 0;

	for (int i = 0; i < argc; i++) {
		const struct tg_span word = tg_span_text(argv[i]);

		if (len + (i > 0 ? 1 : 0) + word.len >= sizeof(deed->args) || !tg_utf8_is_plain(word)) {
			return wrong(out, argv[i], "too long, or no plain text");
		}
		if (i > 0) {
			deed->args[len++] = ' ';
		}
		memcpy(deed->args + len, word.p, word.len);
		len += word.len;
	}
	return true;
}

bool desk_deed_originate(int argc, const char *const *argv, struct ipc_engine_do *deed, struct desk_out *out)
{
	deed->what = IPC_ENGINE_ORIGINATE;
	if (!take_resource(deed, argv[0], out)) {
		return false;
	}
	if (strcmp(argv[1], "extension") == 0) {
		return take_exten(deed, argv[2], out);
	}
	return take(deed->app, sizeof(deed->app), tg_span_text(argv[2]), argv[2], out) &&
	       take_args(deed, argc - 3, argv + 3, out);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/filter.h"
#include "desk/show.h"

#include "model/codec.h"

#include <stdio.h>
#include <string.h>

enum { NAME_BYTES = 2 * MODEL_NAME_BYTES, STATUS_BYTES = 40, LIST_BYTES = 512 };

static const char unspecified[] = "(Unspecified)";

static const struct ipc_peer_row *peer_state(const struct desk_rows *rows, const char *name)
{
	const struct ipc_peer_row *row = rows->rows;

	for (uint32_t i = 0; i < rows->count; i++) {
		if (strcmp(row[i].name, name) == 0) {
			return &row[i];
		}
	}
	return NULL;
}

enum watch {
	WATCH_OFF,
	WATCH_ONLINE,
	WATCH_OFFLINE,
};

static enum watch peer_status(const struct world_peer *peer, const struct ipc_peer_row *row, char text[STATUS_BYTES])
{
	const int32_t rtt_ms = row != NULL ? row->rtt_ms : -1;

	if (peer->qualify_ms == 0) {
		snprintf(text, STATUS_BYTES, "Unmonitored");
		return WATCH_OFF;
	}
	if (rtt_ms < 0) {
		snprintf(text, STATUS_BYTES, rtt_ms == -1 ? "UNKNOWN" : "UNREACHABLE");
		return WATCH_OFFLINE;
	}
	snprintf(text, STATUS_BYTES, (uint32_t)rtt_ms > peer->qualify_ms ? "LAGGED (%d ms)" : "OK (%d ms)",
	         (int)rtt_ms);
	return WATCH_ONLINE;
}

/* Where the peer is now: as it registered, or as configured. */
static struct tg_addr peer_addr(const struct world_peer *peer, const struct ipc_peer_row *row)
{
	if (row != NULL && row->addr.family != TG_NO_ADDR) {
		return row->addr;
	}
	return peer->host_kind == WORLD_HOST_STATIC ? peer->addr : (struct tg_addr){ 0 };
}

static const char *mask_text(struct tg_addr addr)
{
	return addr.family == TG_IPV6 ? "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" : "255.255.255.255";
}

static const struct desk_column peer_columns[] = {
	{ "Name/Username", 15, true, false },
	{ "Host", 40, true, false },
	{ "", 3, true, false },
	{ "Mask", 40, true, false },
	{ "Port", 6, true, false },
	{ "", 3, true, false },
	{ "", 3, true, false },
	{ "Status", 11, false, false },
	{ "Description", 32, true, false },
	{ 0 },
};

static enum watch peer_line(const struct desk_view *view, const struct world_peer *peer, struct desk_out *out)
{
	const char *username = world_text(view->world, peer->username);
	const struct ipc_peer_row *row = peer_state(&view->rows[0], world_text(view->world, peer->name));
	const struct tg_addr addr = peer_addr(peer, row);
	char name[NAME_BYTES], host[TG_ADDR_TEXT_BYTES], port[8], status[STATUS_BYTES];
	const enum watch watch = peer_status(peer, row, status);

	snprintf(name, sizeof(name), "%s%s%s", world_text(view->world, peer->name), username[0] != '\0' ? "/" : "",
	         username);
	snprintf(port, sizeof(port), "%u", (unsigned)addr.port);
	desk_table_row(out, peer_columns,
	               (const char *const[]){
			       name,
			       addr.family != TG_NO_ADDR ? tg_addr_format_host(addr, host) : unspecified,
			       peer->host_kind == WORLD_HOST_DYNAMIC ? "(D)" : "(S)",
			       mask_text(addr),
			       port,
			       peer->trunk != 0 ? "(T)" : "",
			       "",
			       status,
			       world_text(view->world, peer->description),
		       });
	return watch;
}

static bool peer_is_wanted(const struct desk_view *view, const struct world_peer *peer,
                           const struct desk_filter *filter)
{
	const char *name = world_text(view->world, peer->name);
	const bool registered = view->argc > 0 && strcmp(view->argv[0], "registered") == 0;

	return desk_filter_passes(filter, name) &&
	       (!registered || peer_addr(peer, peer_state(&view->rows[0], name)).family != TG_NO_ADDR);
}

int desk_show_peers(const struct desk_view *view, struct desk_out *out)
{
	struct desk_filter *filter = desk_filter_new(view->argc, view->argv, out);
	unsigned count[3] = { 0 };

	if (filter == NULL) {
		return DESK_USAGE;
	}
	desk_table_head(out, peer_columns);
	for (uint32_t i = 0; i < world_count(view->world, WORLD_PEERS); i++) {
		const struct world_peer *peer = world_row(view->world, WORLD_PEERS, i);

		if (peer_is_wanted(view, peer, filter)) {
			count[peer_line(view, peer, out)]++;
		}
	}
	desk_line(out, "%u iax2 peers [%u online, %u offline, %u unmonitored]",
	          count[WATCH_OFF] + count[WATCH_ONLINE] + count[WATCH_OFFLINE], count[WATCH_ONLINE],
	          count[WATCH_OFFLINE], count[WATCH_OFF]);
	desk_filter_free(filter);
	return DESK_OK;
}

/* ---- One peer ---- */

static void codec_mask(uint64_t mask, char text[LIST_BYTES])
{
	size_t len = (size_t)snprintf(text, LIST_BYTES, "(");

	for (unsigned bit = 0; bit < 64 && len < LIST_BYTES; bit++) {
		if ((mask >> bit & 1) != 0) {
			len += (size_t)snprintf(text + len, LIST_BYTES - len, "%s%s", len > 1 ? "|" : "",
			                        desk_codec_name(UINT64_C(1) << bit));
		}
	}
	if (len < LIST_BYTES) {
		snprintf(text + len, LIST_BYTES - len, len > 1 ? ")" : "nothing)");
	}
}

static void codec_order(const struct world_codecs *codecs, char text[LIST_BYTES])
{
	size_t len = (size_t)snprintf(text, LIST_BYTES, "(");

	for (uint32_t i = 0; i < codecs->count && len < LIST_BYTES; i++) {
		len += (size_t)snprintf(text + len, LIST_BYTES - len, "%s%s", i > 0 ? "|" : "",
		                        desk_codec_name(codecs->formats[i]));
	}
	if (len < LIST_BYTES) {
		snprintf(text + len, LIST_BYTES - len, ")");
	}
}

/* What holds for this peer now, and which line of the configuration says so. */
static void token_text(const struct world *world, const struct world_peer *peer, const struct ipc_peer_row *row,
                       struct tg_addr addr, char text[LIST_BYTES])
{
	static const char *const by_setting[WORLD_TRIS] = {
		[WORLD_NO] = "No (requirecalltoken)",
		[WORLD_YES] = "Yes (requirecalltoken)",
		[WORLD_AUTO] = "Auto (requirecalltoken)",
	};
	const struct world_range *range = addr.family != TG_NO_ADDR
	                                          ? world_range_find(world, WORLD_TOKEN_OPTIONAL, addr)
	                                          : NULL;
	char base[TG_ADDR_TEXT_BYTES];

	if (peer->require_call_token == WORLD_AUTO && row != NULL && (row->latched & 2) != 0) {
		snprintf(text, LIST_BYTES, "Yes (requirecalltoken=auto, and it used one)");
	} else if (peer->require_call_token != WORLD_DEFAULT) {
		snprintf(text, LIST_BYTES, "%s", by_setting[peer->require_call_token]);
	} else if (range != NULL) {
		snprintf(text, LIST_BYTES, "No (calltokenoptional %s/%u)", tg_addr_format_host(range->base, base),
		         (unsigned)range->bits);
	} else {
		snprintf(text, LIST_BYTES, "Yes (default)");
	}
}

/* What holds for this peer where it is now: its own limit, that of a range, or everybody's. */
static void limit_text(const struct world *world, const struct world_peer *peer, struct tg_addr addr,
                       char text[LIST_BYTES])
{
	const struct world_range *range = addr.family != TG_NO_ADDR ? world_range_find(world, WORLD_NUMBER_LIMITS, addr)
	                                                            : NULL;
	char base[TG_ADDR_TEXT_BYTES];

	if (peer->max_call_numbers != 0) {
		snprintf(text, LIST_BYTES, "%u (its maxcallnumbers)", peer->max_call_numbers);
	} else if (range != NULL) {
		snprintf(text, LIST_BYTES, "%u (callnumberlimits %s/%u)", range->value,
		         tg_addr_format_host(range->base, base), (unsigned)range->bits);
	} else {
		snprintf(text, LIST_BYTES, "%u (maxcallnumbers in general)", world->settings.max_call_numbers);
	}
}

static void fact(struct desk_out *out, const char *label, const char *value)
{
	desk_line(out, "  %-13s : %s", label, value);
}

static void addr_fact(struct desk_out *out, const char *label, struct tg_addr addr)
{
	char host[TG_ADDR_TEXT_BYTES];

	desk_line(out, "  %-13s : %s Port %u", label,
	          addr.family != TG_NO_ADDR ? tg_addr_format_host(addr, host) : unspecified, (unsigned)addr.port);
}

static void number_fact(struct desk_out *out, const char *label, uint64_t value, const char *unit)
{
	desk_line(out, "  %-13s : %llu%s", label, (unsigned long long)value, unit);
}

static void callerid_fact(const struct world *world, const struct world_peer *peer, struct desk_out *out)
{
	desk_line(out, "  %-13s : \"%s\" <%s>", "Callerid", world_text(world, peer->callerid_name),
	          world_text(world, peer->callerid_number));
}

int desk_show_peer(const struct desk_view *view, struct desk_out *out)
{
	const struct world *world = view->world;
	const struct world_peer *peer = world_peer_find(world, tg_span_text(view->argv[0]));
	char text[LIST_BYTES], status[STATUS_BYTES];

	if (peer == NULL) {
		desk_line(out, "Peer %s not found.", view->argv[0]);
		return DESK_FAILED;
	}
	const struct ipc_peer_row *row = peer_state(&view->rows[0], view->argv[0]);
	const struct tg_addr addr = peer_addr(peer, row);

	desk_line(out, "  * Name        : %s", world_text(world, peer->name));
	fact(out, "Description", world_text(world, peer->description));
	fact(out, "Secret", peer->has_secret != 0 ? "<Set>" : "<Not set>");
	fact(out, "Context", world_text(world, peer->peercontext));
	fact(out, "Parking lot", "");
	fact(out, "Mailbox", world_text(world, peer->mailbox));
	fact(out, "Dynamic", peer->host_kind == WORLD_HOST_DYNAMIC ? "Yes" : "No");
	limit_text(world, peer, addr, text);
	fact(out, "Callnum limit", text);
	token_text(world, peer, row, addr, text);
	fact(out, "Calltoken req", text);
	fact(out, "Trunk", peer->trunk != 0 ? "Yes" : "No");
	fact(out, "Encryption", "No");
	callerid_fact(world, peer, out);
	number_fact(out, "Expire", row != NULL ? row->expires_s : 0, " s left");
	fact(out, "ACL", peer->acl.count > 0 ? "Yes" : "No");
	addr_fact(out, "Addr->IP", addr);
	addr_fact(out, "Defaddr->IP", peer->default_ip);
	fact(out, "Username", world_text(world, peer->username));
	codec_mask(peer->codecs.mask, text);
	fact(out, "Codecs", text);
	codec_order(&peer->codecs, text);
	fact(out, "Codec Order", text);
	peer_status(peer, row, status);
	fact(out, "Status", status);
	desk_line(out, "  %-13s : every %u ms when OK, every %u ms when UNREACHABLE (smoothing %s)", "Qualify",
	          peer->qualify_ok_ms, peer->qualify_notok_ms, peer->qualify_smoothing != 0 ? "on" : "off");
	desk_line(out, "  %-13s : %s:%u", "Defined at", world_text(world, peer->origin.file), peer->origin.line);
	return DESK_OK;
}

/* ---- Users ---- */

static const struct desk_column user_columns[] = {
	{ "Username", 15, true, false },
	{ "Secret", 20, true, false },
	{ "Authen", 15, true, false },
	{ "Def.Context", 15, true, false },
	{ "A/C", 5, true, false },
	{ "Codec Pref", 10, true, false },
	{ 0 },
};

static const char *auth_words(uint16_t methods)
{
	static const char *const words[] = { "none", "md5", "rsa", "md5,rsa" };

	return words[((methods & WORLD_AUTH_MD5) != 0 ? 1 : 0) + ((methods & WORLD_AUTH_RSA) != 0 ? 2 : 0)];
}

static const char *secret_word(const struct world_user *user)
{
	if (user->has_secret != 0) {
		return "<Set>";
	}
	return (user->auth_methods & WORLD_AUTH_RSA) != 0 ? "Key: <Set>" : "-no secret-";
}

static const char *first_context(const struct world *world, const struct world_user *user)
{
	if (user->contexts.count == 0) {
		return "";
	}
	return world_text(world, *(const struct world_text *)world_row(world, WORLD_TEXTS, user->contexts.first));
}

int desk_show_users(const struct desk_view *view, struct desk_out *out)
{
	static const char *const priorities[WORLD_CODEC_PRIORITIES] = { "Host", "Caller", "Disabled", "REQ Only" };
	struct desk_filter *filter = desk_filter_new(view->argc, view->argv, out);

	if (filter == NULL) {
		return DESK_USAGE;
	}
	desk_table_head(out, user_columns);
	for (uint32_t i = 0; i < world_count(view->world, WORLD_USERS); i++) {
		const struct world_user *user = world_row(view->world, WORLD_USERS, i);
		const char *name = world_text(view->world, user->name);

		if (desk_filter_passes(filter, name)) {
			desk_table_row(out, user_columns,
			               (const char *const[]){
					       name,
					       secret_word(user),
					       auth_words(user->auth_methods),
					       first_context(view->world, user),
					       user->acl.count > 0 ? "Yes" : "No",
					       priorities[user->codec_priority],
				       });
		}
	}
	desk_filter_free(filter);
	return DESK_OK;
}

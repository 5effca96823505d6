/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/front.h"

#include "conf/option.h"
#include "conf/setting.h"

/* ---- lines ---- */

bool conf_parse_backend(struct conf_setting *s, void *field)
{
	struct conf_front *front = field;
	struct tg_addr addr;

	if (!tg_addr_parse(&addr, tg_span_text(s->line->value), 0) || addr.port == 0 || tg_addr_is_any(addr)) {
		return conf_expected(s, "the address and port of the exchange behind this one, such as 127.0.0.1:4570");
	}
	front->backend = addr;
	front->backend_at = s->line->at;
	return true;
}

bool conf_parse_front_local(struct conf_setting *s, void *field)
{
	struct conf_front *front = field;

	if (!tg_addr_parse(&front->local, tg_span_text(s->line->value), 0) || tg_addr_is_any(front->local)) {
		return conf_expected(s, "an address of this exchange as the backend knows it, such as 127.0.0.1");
	}
	front->local_at = s->line->at;
	return true;
}

void conf_front_section(struct conf_loading *loading, const struct conf_section *section)
{
	loading->front.at = section->at;
	if (loading->front.backend.family == TG_NO_ADDR && loading->problems->errors == 0) {
		conf_error(loading->problems, section->at, "[front]: expected a line backend=ADDRESS:PORT");
	}
}

bool conf_front_is_on(const struct conf_loading *loading)
{
	return loading->front.at.file != NULL;
}

/* ---- which of our addresses ---- */

/* The line of bindaddr that an address belongs to; NULL for none. */
static const struct tg_addr *bind_of(const struct conf_loading *loading, struct tg_addr addr)
{
	const struct world_settings *settings = world_build_settings(loading->build);

	for (uint32_t i = 0; i < settings->bind_count; i++) {
		const struct tg_addr *bind = &settings->binds[i];

		if (bind->family == addr.family && (addr.port == 0 || addr.port == bind->port) &&
		    (tg_addr_is_any(*bind) || tg_addr_same_host(*bind, addr))) {
			return bind;
		}
	}
	return NULL;
}

static bool has_family(const struct conf_loading *loading, struct tg_addr addr)
{
	const struct world_settings *settings = world_build_settings(loading->build);

	for (uint32_t i = 0; i < settings->bind_count; i++) {
		if (settings->binds[i].family == addr.family) {
			return true;
		}
	}
	return false;
}

/* A backend on this machine knows us by one address, whatever else we listen at. */
static void choose_local(struct conf_loading *loading)
{
	struct conf_front *front = &loading->front;
	const struct tg_addr *bind;

	if (front->local.family == TG_NO_ADDR && tg_addr_is_loopback(front->backend)) {
		const char *loopback = front->backend.family == TG_IPV4 ? "127.0.0.1" : "::1";

		if (!tg_addr_parse(&front->local, tg_span_text(loopback), 0) ||
		    bind_of(loading, front->local) == NULL) {
			front->local = (struct tg_addr){ 0 };
		}
	}
	bind = front->local.family != TG_NO_ADDR ? bind_of(loading, front->local) : NULL;
	if (bind != NULL) {
		front->local.port = bind->port;
	}
}

/* Of an address that is bound with all others it is known for this machine's own network alone that it is ours. */
static bool is_ours(const struct conf_loading *loading, struct tg_addr addr)
{
	const struct tg_addr *bind = addr.family != TG_NO_ADDR ? bind_of(loading, addr) : NULL;

	return bind != NULL && (!tg_addr_is_any(*bind) || tg_addr_is_loopback(addr));
}

void conf_front_check(struct conf_loading *loading)
{
	struct conf_front *front = &loading->front;

	if (front->backend.family == TG_NO_ADDR) {
		return; /* said already */
	}
	if (front->local.family != TG_NO_ADDR &&
	    (front->local.family != front->backend.family || bind_of(loading, front->local) == NULL)) {
		conf_error(loading->problems, front->local_at,
		           "local: this address is in no bindaddr line, or of another kind than that of the backend");
		return;
	}
	choose_local(loading);
	if (is_ours(loading, front->backend)) {
		conf_error(loading->problems, front->backend_at,
		           "backend: this is our own address and port; give the backend another port, such as 4570");
	} else if (!has_family(loading, front->backend)) {
		conf_error(loading->problems, front->backend_at,
		           "backend: no bindaddr line has an address of its kind to reach it from");
	} else if (!tg_addr_is_private(front->backend)) {
		conf_warning(loading->problems, front->backend_at,
		             "backend: this address is neither of this machine nor of a private network: what is said "
		             "goes there in clear, and the backend is open to everybody");
	}
}

bool conf_front_is_loop(const struct conf_loading *loading, struct tg_addr addr)
{
	return tg_addr_equal(addr, loading->front.backend) || is_ours(loading, addr);
}

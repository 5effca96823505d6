/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TOOLS_PHONE_H
#define TG_TOOLS_PHONE_H

#include "iax/endpoint.h"

/**
 * One IAX2 endpoint with its UDP socket, loop and clock: what every calling tool is built on. Whoever wants to call
 * it needs a call token. Belongs to one thread.
 */
struct tool_phone;

struct tool_phone_options {
	struct tg_addr local; /* port 0: any free one */
	uint32_t legs_max;
	uint32_t ping_period_ms; /* 0: as usual; a call that is measured wants it shorter */
};

/** @return NULL with a text for people in `wrong` */
struct tool_phone *tool_phone_new(const struct tool_phone_options *options, char *wrong, size_t wrong_bytes);
void tool_phone_free(struct tool_phone *phone);

/** Lent; its functions may be called at any time, also from on_event. */
struct iax_endpoint *tool_phone_endpoint(struct tool_phone *phone);

/** The address and port it is bound to. */
struct tg_addr tool_phone_local(const struct tool_phone *phone);

typedef void tool_phone_on(void *owner, const struct iax_event *event, uint64_t now_us);

/**
 * Send what waits, sleep until a datagram or signal comes or a deadline passes, take in what came.
 *
 * @param deadline_us  of the owner; the endpoint's own is heeded as well
 * @return the time now
 */
uint64_t tool_phone_turn(struct tool_phone *phone, uint64_t deadline_us, tool_phone_on *on_event, void *owner);

/** Send what the endpoint has to say now: for who acts between turns and ends. */
void tool_phone_flush(struct tool_phone *phone, uint64_t now_us);

/** Times that SIGINT, SIGTERM or SIGHUP came; from the first tool_phone_new() on they do not end the process. */
unsigned tool_phone_signals(const struct tool_phone *phone);

/**
 * @param family  the wanted family, TG_NO_ADDR for any
 * @return false with a text for people in `wrong`
 */
TG_MUST_USE bool tool_resolve(struct tg_addr *out, const char *host, uint16_t port, enum tg_family family, char *wrong,
                              size_t wrong_bytes);

/** The address of ours that packets to `remote` leave from, port 0. family TG_NO_ADDR if there is no way. */
struct tg_addr tool_local_towards(struct tg_addr remote);

#endif

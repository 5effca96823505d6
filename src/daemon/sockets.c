/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/sockets.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sys/udp.h"

/* Voice is not repeated: a relay may be late by some tens of milliseconds even when a million datagrams a second come. */
enum { RELAYS_AT = 2, BUFFER_BYTES = 4 << 20, RELAY_BUFFER_BYTES = 16 << 20 };

static uint32_t sockets_an_address(const struct ipc_listen *listening)
{
	return RELAYS_AT + (listening->threads > 3 ? listening->threads - 2 : 1); /* door, switch, relays */
}

static bool fail(char why[SOCKETS_WHY_BYTES], struct tg_addr local, int error)
{
	char text[TG_ADDR_TEXT_BYTES];

	tg_addr_format(local, text);
	if (error == EADDRINUSE) {
		snprintf(why, SOCKETS_WHY_BYTES, "UDP %s is taken by another program (%s)", text, strerror(error));
	} else if (error == EADDRNOTAVAIL) {
		snprintf(why, SOCKETS_WHY_BYTES, "UDP %s is no address of this machine (%s)", text, strerror(error));
	} else if (error == EACCES) {
		snprintf(why, SOCKETS_WHY_BYTES, "UDP %s may only be used by root (%s)", text, strerror(error));
	} else {
		snprintf(why, SOCKETS_WHY_BYTES, "UDP %s cannot be used: %s", text, strerror(error));
	}
	return false;
}

/* All of them before the first is opened: our own sockets must not stand in our way. */
static bool probe_all(const struct ipc_listen *listening, char why[SOCKETS_WHY_BYTES])
{
	for (uint32_t i = 0; i < listening->bind_count; i++) {
		const int error = sys_udp_probe(listening->binds[i]);

		if (error != 0) {
			return fail(why, listening->binds[i], error);
		}
	}
	return true;
}

static bool open_group(struct sockets *sockets, const struct ipc_listen *listening, uint32_t group,
                       char why[SOCKETS_WHY_BYTES])
{
	struct sys_udp_options options = {
		.local = listening->binds[group],
		.tos = (uint8_t)listening->tos,
		.cos = (uint8_t)listening->cos,
	};
	const uint32_t count = sockets_an_address(listening);

	for (uint32_t index = 0; index < count; index++) {
		options.buffer_bytes = index < RELAYS_AT ? BUFFER_BYTES : RELAY_BUFFER_BYTES;
		const int fd = sys_udp_open(&options);

		if (fd < 0) {
			return fail(why, options.local, errno);
		}
		options.local = sys_udp_local(fd); /* port 0: the first gets one, the others share it */
		sockets->all[sockets->count++] = (struct sockets_one){
			.fd = fd,
			.record = { .head.kind = IPC_SOCKET,
			            .local = options.local,
			            .group = group,
			            .groups = listening->bind_count,
			            .index = index,
			            .count = count },
		};
	}
	return true;
}

bool sockets_open(struct sockets *sockets, const struct ipc_listen *listening, char why[SOCKETS_WHY_BYTES])
{
	sockets->count = 0;
	if (!probe_all(listening, why)) {
		return false;
	}
	for (uint32_t group = 0; group < listening->bind_count; group++) {
		if (!open_group(sockets, listening, group, why)) {
			sockets_close(sockets);
			return false;
		}
	}
	return true;
}

void sockets_close(struct sockets *sockets)
{
	while (sockets->count > 0) {
		close(sockets->all[--sockets->count].fd);
	}
}

static bool has_port(const struct ipc_fence_ports *ports, uint16_t port)
{
	for (uint32_t i = 0; i < ports->count; i++) {
		if (ports->ports[i] == port) {
			return true;
		}
	}
	return false;
}

struct ipc_fence_ports sockets_ports(const struct sockets *sockets)
{
	struct ipc_fence_ports ports = { .head.kind = IPC_FENCE_PORTS };

	static_assert(TG_COUNT(ports.ports) == IPC_BINDS_MAX, "room for a port of each address");
	for (uint32_t i = 0; i < sockets->count; i++) {
		if (!has_port(&ports, sockets->all[i].record.local.port)) {
			ports.ports[ports.count++] = sockets->all[i].record.local.port;
		}
	}
	return ports;
}

bool sockets_fit(const struct ipc_listen *have, const struct ipc_listen *want)
{
	return have->bind_count == want->bind_count && have->threads == want->threads && have->tos == want->tos &&
	       have->cos == want->cos && memcmp(have->binds, want->binds, sizeof(have->binds)) == 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/selector.h"

#include <linux/filter.h>
#include <sys/socket.h>

enum {
	FULL_BIT = 0x8000,    /* RFC 5456, 8.1.1: first word */
	CALLNO_MASK = 0x7fff, /* second word, without R */
	IPV4_SOURCE_AT = 12,  /* RFC 791, 3.1 */
	IPV6_SOURCE_AT = 8,   /* RFC 8200, 3: 16 octets; the network's and the interface's halves both vary */
};

/*
 * The payload starts at offset 0; SKF_NET_OFF reaches the network header. A load beyond the end of the datagram ends the program
 * with 0, which is the door.
 */
bool selector_attach(int fd, enum tg_family family, uint32_t relays)
{
	const uint32_t source_at = SKF_NET_OFF + (family == TG_IPV4 ? IPV4_SOURCE_AT : IPV6_SOURCE_AT + 4);
	const uint32_t other_at = SKF_NET_OFF + (family == TG_IPV4 ? IPV4_SOURCE_AT : IPV6_SOURCE_AT + 12);
	struct sock_filter steps[] = {
		/* 0 */ BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 2), /* four octets at least */
		/* 1 */ BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 0),
		/* 2 */ BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, FULL_BIT, 8, 0),
		/* 3 */ BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 4),
		/* 4 meta */ BPF_STMT(BPF_LD | BPF_W | BPF_ABS, other_at),
		/* 5 */ BPF_STMT(BPF_MISC | BPF_TAX, 0),
		/* 6 */ BPF_STMT(BPF_LD | BPF_W | BPF_ABS, source_at),
		/* 7 */ BPF_STMT(BPF_ALU | BPF_ADD | BPF_X, 0),
		/* 8 mini */ BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, relays),
		/* 9 */ BPF_STMT(BPF_ALU | BPF_ADD | BPF_K, SELECTOR_RELAYS),
		/* 10 */ BPF_STMT(BPF_RET | BPF_A, 0),
		/* 11 full */ BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 2),
		/* 12 */ BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CALLNO_MASK, 1, 0),
		/* 13 */ BPF_STMT(BPF_RET | BPF_K, SELECTOR_DOOR),
		/* 14 */ BPF_STMT(BPF_RET | BPF_K, SELECTOR_SWITCH),
	};
	const struct sock_fprog program = { .len = TG_COUNT(steps), .filter = steps };

	assert(relays > 0);
	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program, sizeof(program)) == 0;
}

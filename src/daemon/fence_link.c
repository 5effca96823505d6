/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/fence_link.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <stdlib.h>

enum { ANSWER_BYTES = 16384, ANSWERS_MAX = 8192, BUFFER_BYTES = 1 << 20 };

struct fence_link {
	struct mnl_socket *socket;
	uint8_t answer[ANSWER_BYTES];
};

struct fence_link *fence_link_open(void)
{
	struct fence_link *link = calloc(1, sizeof(*link));
	int room = BUFFER_BYTES;

	if (link == NULL) {
		return NULL;
	}
	link->socket = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	if (link->socket == NULL || mnl_socket_bind(link->socket, 0, MNL_SOCKET_AUTOPID) < 0) {
		fence_link_close(link);
		return NULL;
	}
	/* What a system gives by default is enough as a rule; this makes sure, where it may. */
	(void)setsockopt(mnl_socket_get_fd(link->socket), SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room));
	(void)setsockopt(mnl_socket_get_fd(link->socket), SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	return link;
}

void fence_link_close(struct fence_link *link)
{
	if (link == NULL) {
		return;
	}
	if (link->socket != NULL) {
		mnl_socket_close(link->socket);
	}
	free(link);
}

/* @return -1 for an acknowledgement, 0 for anything else, or the error */
static int error_in(const struct nlmsghdr *head, const struct fence_refused *refused)
{
	if (head->nlmsg_type != NLMSG_ERROR || mnl_nlmsg_get_payload_len(head) < sizeof(struct nlmsgerr)) {
		return 0;
	}
	const struct nlmsgerr *body = mnl_nlmsg_get_payload(head);

	if (body->error != 0 && refused != NULL) {
		refused->on(refused->owner, body->msg.nlmsg_seq, -body->error);
	}
	return body->error == 0 ? -1 : -body->error;
}

static int first_error(struct fence_link *link, size_t len, const struct fence_refused *refused, bool *is_told)
{
	const struct nlmsghdr *head = (const struct nlmsghdr *)(const void *)link->answer;
	int left = (int)len, error = 0;

	while (mnl_nlmsg_ok(head, left)) {
		const int found = error_in(head, refused);

		error = error > 0 ? error : found;
		*is_told |= found != 0;
		head = mnl_nlmsg_next(head, &left);
	}
	return error > 0 ? error : 0;
}

/* Everything that was said, so that nothing is left for the next answer. */
static int take_answers(struct fence_link *link, const struct fence_refused *refused)
{
	const int fd = mnl_socket_get_fd(link->socket);
	bool is_told = false;
	int error = 0;

	for (unsigned i = 0; i < ANSWERS_MAX; i++) {
		const ssize_t n = recv(fd, link->answer, sizeof(link->answer), MSG_DONTWAIT);

		if (n < 0 && (errno == EINTR || errno == ENOBUFS)) {
			continue; /* more errors than there was room for: those that came first are here */
		}
		if (n <= 0) {
			break;
		}
		const int found = first_error(link, (size_t)n, refused, &is_told);

		error = error != 0 ? error : found;
	}
	return error != 0 || is_told ? error : ENOMSG;
}

int fence_link_do(struct fence_link *link, struct tg_span messages, const struct fence_refused *refused)
{
	if (mnl_socket_sendto(link->socket, messages.p, messages.len) < 0) {
		return errno;
	}
	return take_answers(link, refused);
}

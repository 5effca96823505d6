/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/clients.h"

#include "sys/clock.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FOLLOW_BYTES = 256 << 10, /* waiting for a console that follows */ ACCEPTS_A_TURN = 8, SEND_BYTES = 256 << 10 };

static void client_close(struct desk_clients *clients, struct desk_client *client)
{
	sys_loop_remove(clients->loop, client->fd);
	close(client->fd);
	desk_job_reset(&client->job);
	*client = (struct desk_client){ .fd = -1, .slow_us = TG_NEVER, .job.deadline_us = TG_NEVER };
}

/* @return false if the client is gone, or there is more to send than it takes now */
static bool client_send(struct desk_clients *clients, struct desk_client *client)
{
	const struct desk_out *out = &client->job.out;

	while (client->sent < out->len) {
		const size_t left = out->len - client->sent;
		const ssize_t sent = send(client->fd, out->text + client->sent, left < SEND_BYTES ? left : SEND_BYTES,
		                          MSG_NOSIGNAL | MSG_DONTWAIT);

		if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) {
			sys_loop_change(clients->loop, client->fd, SYS_LOOP_WRITE);
			return false;
		}
		if (sent < 0) {
			client_close(clients, client);
			return false;
		}
		client->sent += (size_t)sent;
		client->slow_us = sys_clock_us() + DESK_SLOW_US;
	}
	client->is_sending = false;
	client->slow_us = TG_NEVER;
	if (client->ends) {
		client_close(clients, client);
		return false;
	}
	sys_loop_change(clients->loop, client->fd, client->eof ? 0 : SYS_LOOP_READ);
	return true;
}

/* The job is done: its text leaves, with the end mark. @return as client_send() */
static bool client_finish(struct desk_clients *clients, struct desk_client *client)
{
	char end[32];

	if (client->job.out.cut) {
		desk_out_deinit(&client->job.out);
		desk_line(&client->job.out, "The answer is too long to be given");
		client->job.exit = DESK_FAILED;
	}
	snprintf(end, sizeof(end), "\001END %d\n", client->job.exit);
	desk_out_raw(&client->job.out, end, strlen(end));
	client->is_working = false;
	client->is_sending = true;
	client->sent = 0;
	client->slow_us = sys_clock_us() + DESK_SLOW_US;
	return client_send(clients, client);
}

static bool refuse(struct desk_clients *clients, struct desk_client *client, const char *why)
{
	desk_job_reset(&client->job);
	desk_line(&client->job.out, "%s", why);
	client->job.exit = DESK_USAGE;
	client->ends = true;
	return client_finish(clients, client);
}

/* One line of those that wait, if no job is under way. @return false if there is none to take now */
static bool client_take_line(struct desk_clients *clients, struct desk_client *client)
{
	char line[sizeof(client->in)];
	const char *end = memchr(client->in, '\n', client->in_len);

	if (client->is_working || client->is_sending) {
		return false;
	}
	if (end == NULL && client->eof) {
		client_close(clients, client);
		return false;
	}
	if (end == NULL) {
		return client->in_len == sizeof(client->in) - 1 &&
		       refuse(clients, client, "A command has at most 1023 octets");
	}
	const size_t len = (size_t)(end - client->in);

	if (memchr(client->in, '\0', len) != NULL) {
		return refuse(clients, client, "A command is text");
	}
	memcpy(line, client->in, len);
	line[len > 0 && line[len - 1] == '\r' ? len - 1 : len] = '\0';
	client->in_len -= len + 1;
	memmove(client->in, end + 1, client->in_len);
	client->is_working = true;
	return !desk_job_start(&client->job, clients->context, line, sys_clock_us()) || client_finish(clients, client);
}

static void client_take_lines(struct desk_clients *clients, struct desk_client *client)
{
	while (client_take_line(clients, client)) {
	}
}

static bool client_follows(const struct desk_client *client)
{
	return client->is_working && client->job.command != NULL && client->job.command->follows;
}

/* @return false if nothing more is to be read now, or the client is gone */
static bool client_read(struct desk_clients *clients, struct desk_client *client)
{
	const size_t room = sizeof(client->in) - 1 - client->in_len;
	const ssize_t got = room > 0 ? recv(client->fd, client->in + client->in_len, room, MSG_DONTWAIT) : -1;

	if (room == 0 || (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))) {
		return false;
	}
	if (got < 0) {
		client_close(clients, client);
		return false;
	}
	if (got == 0 && client_follows(client)) {
		client_close(clients, client);
		return false;
	}
	if (got == 0) {
		client->eof = true;
		sys_loop_change(clients->loop, client->fd, 0);
	}
	client->in_len += (size_t)got;
	return true;
}

static struct desk_client *client_of(struct desk_clients *clients, int fd)
{
	for (size_t i = 0; i < DESK_CLIENTS_MAX; i++) {
		if (clients->all[i].fd == fd) {
			return &clients->all[i];
		}
	}
	return NULL;
}

/* What was sent is gone; what waits moves to the front. */
static void follow_shrink(struct desk_client *client)
{
	struct desk_out *out = &client->job.out;

	if (client->sent > 0) {
		memmove(out->text, out->text + client->sent, out->len - client->sent);
		out->len -= client->sent;
		client->sent = 0;
	}
}

static void on_client(void *owner, int fd, unsigned ready)
{
	struct desk_clients *clients = owner;
	struct desk_client *client = client_of(clients, fd);

	if (client == NULL) {
		return;
	}
	if ((ready & SYS_LOOP_ENDED) != 0 && (ready & SYS_LOOP_READ) == 0) {
		client_close(clients, client);
		return;
	}
	if ((ready & SYS_LOOP_WRITE) != 0 && client->is_sending && !client_send(clients, client)) {
		return;
	}
	if ((ready & SYS_LOOP_READ) != 0 && !client->is_sending && !client_read(clients, client)) {
		/* A full line that waits for the job before it: not to be woken for more of them. */
		if (client->fd >= 0 && client->is_working && client->in_len == sizeof(client->in) - 1) {
			sys_loop_change(clients->loop, fd, 0);
		}
		return;
	}
	if (client_follows(client) && memchr(client->in, '\n', client->in_len) != NULL) {
		follow_shrink(client);
		desk_job_stop(&client->job); /* another line ends it */
		(void)client_finish(clients, client);
	}
	client_take_lines(clients, client);
}

/* Of the process at the other end, when it connected. */
static uint32_t uid_of(int fd)
{
	struct ucred who;
	socklen_t len = sizeof(who);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) == 0 ? who.uid : UINT32_MAX;
}

static void turn_away(int fd)
{
	static const char text[] = "Too many consoles are open\n\001END 1\n";

	/* Whether it is read or not: the socket is closed at once. */
	if (send(fd, text, sizeof(text) - 1, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
		errno = 0;
	}
	close(fd);
}

static void on_listener(void *owner, int fd, unsigned ready)
{
	struct desk_clients *clients = owner;

	(void)ready;
	for (unsigned i = 0; i < ACCEPTS_A_TURN; i++) {
		const int own = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		struct desk_client *client = own >= 0 ? client_of(clients, -1) : NULL;

		if (own < 0) {
			return;
		}
		if (client == NULL || !sys_loop_add(clients->loop, own, SYS_LOOP_READ, on_client, clients)) {
			turn_away(own);
			continue;
		}
		*client = (struct desk_client){ .fd = own, .slow_us = TG_NEVER, .job.deadline_us = TG_NEVER };
		client->job.uid = uid_of(own);
	}
}

void desk_clients_init(struct desk_clients *clients, struct sys_loop *loop, struct desk_context *context)
{
	*clients = (struct desk_clients){ .loop = loop, .context = context, .listener = -1 };
	for (size_t i = 0; i < DESK_CLIENTS_MAX; i++) {
		clients->all[i].fd = -1;
		clients->all[i].slow_us = TG_NEVER;
		clients->all[i].job.deadline_us = TG_NEVER;
	}
}

void desk_clients_deinit(struct desk_clients *clients)
{
	for (size_t i = 0; i < DESK_CLIENTS_MAX; i++) {
		if (clients->all[i].fd >= 0) {
			client_close(clients, &clients->all[i]);
		}
	}
	if (clients->listener >= 0) {
		close(clients->listener);
	}
}

bool desk_clients_listen(struct desk_clients *clients, int fd)
{
	if (clients->listener >= 0) {
		sys_loop_remove(clients->loop, clients->listener);
		close(clients->listener);
	}
	clients->listener = fd;
	return sys_loop_add(clients->loop, fd, SYS_LOOP_READ, on_listener, clients);
}

static void client_done(struct desk_clients *clients, struct desk_client *client)
{
	if (client_finish(clients, client)) {
		client_take_lines(clients, client);
	}
}

void desk_clients_on_record(struct desk_clients *clients, enum ipc_proc from, const union ipc_any *record)
{
	for (size_t i = 0; i < DESK_CLIENTS_MAX; i++) {
		struct desk_client *client = &clients->all[i];

		if (client->fd >= 0 && client->is_working &&
		    desk_job_on_record(&client->job, clients->context, from, record)) {
			client_done(clients, client);
		}
	}
}

void desk_clients_on_gone(struct desk_clients *clients, enum ipc_proc peer)
{
	for (size_t i = 0; i < DESK_CLIENTS_MAX; i++) {
		struct desk_client *client = &clients->all[i];

		if (client->fd >= 0 && client->is_working && desk_job_on_gone(&client->job, clients->context, peer)) {
			client_done(clients, client);
		}
	}
}

static void follow_add(struct desk_clients *clients, struct desk_client *client, const char *text)
{
	follow_shrink(client);
	if (client->job.out.len > FOLLOW_BYTES) {
		client->missed++;
		return;
	}
	if (client->missed > 0) {
		desk_line(&client->job.out, "(%u pieces were missed: this console did not read them)", client->missed);
		client->missed = 0;
	}
	desk_lines(&client->job.out, text);
	if (!client->is_sending) {
		client->is_sending = true;
		client->slow_us = sys_clock_us() + DESK_SLOW_US;
		(void)client_send(clients, client); /* what is left goes when it takes some */
	}
}

void desk_clients_on_trace(struct desk_clients *clients, const char *text)
{
	for (size_t i = 0; i < DESK_CLIENTS_MAX; i++) {
		if (clients->all[i].fd >= 0 && client_follows(&clients->all[i])) {
			follow_add(clients, &clients->all[i], text);
		}
	}
}

uint64_t desk_clients_deadline_us(const struct desk_clients *clients)
{
	uint64_t at = TG_NEVER;

	for (size_t i = 0; i < DESK_CLIENTS_MAX; i++) {
		at = tg_min_u64(at, tg_min_u64(clients->all[i].slow_us, clients->all[i].job.deadline_us));
	}
	return at;
}

void desk_clients_expire(struct desk_clients *clients, uint64_t now_us)
{
	for (size_t i = 0; i < DESK_CLIENTS_MAX; i++) {
		struct desk_client *client = &clients->all[i];

		if (client->fd >= 0 && now_us >= client->slow_us) {
			client_close(clients, client);
		} else if (client->fd >= 0 && client->is_working &&
		           desk_job_expire(&client->job, clients->context, now_us)) {
			client_done(clients, client);
		}
	}
}

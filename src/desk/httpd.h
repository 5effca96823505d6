/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_DESK_HTTPD_H
#define TG_DESK_HTTPD_H

#include "base/log.h"
#include "desk/job.h"
#include "sys/loop.h"

/**
 * GET /metrics at the listening socket that the parent hands over; libmicrohttpd reads HTTP. The library is opened when the process
 * starts, by this process alone: the others, which meet strangers, need not have it in their memory. Who asks again within
 * HTTPD_FRESH_US gets the same answer, so that however many ask, the engine is asked once in that time.
 */
enum {
	HTTPD_FRESH_US = TG_US_PER_S,
	HTTPD_CONNECTIONS = 16,       /* more wait in the socket's queue */
	HTTPD_TIMEOUT_S = 5,          /* of a connection that says nothing, or takes nothing */
	HTTPD_MEMORY_BYTES = 8 << 10, /* for all that one connection says */
};

struct httpd;

/** Before the sandbox. @return NULL without the library: metrics cannot be offered, and say so when they are wanted */
struct httpd *httpd_new(struct sys_loop *loop, const struct tg_log *log, const struct desk_context *context);
void httpd_free(struct httpd *httpd);

/** Listen here from now on. fd is owned from now on; -1: stop. @return false if that fails; then there is nothing */
TG_MUST_USE bool httpd_listen(struct httpd *httpd, int fd);

/** To the job that collects metrics. */
void httpd_on_record(struct httpd *httpd, enum ipc_proc from, const union ipc_any *record);
void httpd_on_gone(struct httpd *httpd, enum ipc_proc peer);

uint64_t httpd_deadline_us(const struct httpd *httpd);
void httpd_expire(struct httpd *httpd, uint64_t now_us);

#endif

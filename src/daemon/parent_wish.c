/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/parent_inside.h"
#include "sys/notify.h"

/* Stopping and starting as operators want it. `core stop now` and `core stop gracefully` are parent_stop(). */

static void tell_engine(struct parent *parent, enum ipc_stop how)
{
	const struct ipc_plain stop = { .head.kind = IPC_STOP, .value = how };

	family_send(&parent->family, PROC_ENGINE, &stop, sizeof(stop), -1);
}

static const char *end_engine(struct parent *parent, enum engine_end end, enum ipc_stop how)
{
	if (parent->phase != RUNNING) {
		return "error: it is stopping already";
	}
	if (!family_is_there(&parent->family, PROC_ENGINE)) {
		return "error: the engine is being started; try again in a moment";
	}
	parent->engine_end = end;
	parent->end_how = how;
	tell_engine(parent, how);
	tg_log(&parent->log, TG_NOTICE, end == ENGINE_ENDS_ALL ? "daemon.will_stop" : "engine.will_restart",
	       TG_TEXT("how", how == IPC_STOP_NOW          ? "now"
	                      : how == IPC_STOP_GRACEFULLY ? "gracefully"
	                                                   : "when convenient"));
	return NULL;
}

static const char *go_on(struct parent *parent)
{
	const bool waits = parent->phase == DRAINING ||
	                   (parent->phase == RUNNING && parent->engine_end != ENGINE_STAYS &&
	                    parent->end_how != IPC_STOP_NOW);

	if (!waits) {
		return parent->phase == RUNNING ? "error: no stop and no restart waits for calls"
		                                : "error: too late: it is ending";
	}
	if (!family_is_there(&parent->family, PROC_ENGINE)) {
		return "error: too late: the last call is over";
	}
	parent->engine_end = ENGINE_STAYS;
	tell_engine(parent, IPC_STOP_NOT);
	if (parent->phase == DRAINING) {
		parent_enter(parent, RUNNING, TG_NEVER);
	}
	tg_log(&parent->log, TG_NOTICE, "daemon.goes_on");
	return NULL;
}

const char *parent_obey(struct parent *parent, enum ipc_command_what what)
{
	static const struct {
		enum engine_end end;
		enum ipc_stop how;
	} rows[IPC_COMMANDS] = {
		[IPC_DO_STOP_WHEN_CONVENIENT] = { ENGINE_ENDS_ALL, IPC_STOP_WHEN_CONVENIENT },
		[IPC_DO_RESTART_NOW] = { ENGINE_BEGINS_ANEW, IPC_STOP_NOW },
		[IPC_DO_RESTART_GRACEFULLY] = { ENGINE_BEGINS_ANEW, IPC_STOP_GRACEFULLY },
		[IPC_DO_RESTART_WHEN_CONVENIENT] = { ENGINE_BEGINS_ANEW, IPC_STOP_WHEN_CONVENIENT },
	};

	return what == IPC_DO_ABORT ? go_on(parent) : end_engine(parent, rows[what].end, rows[what].how);
}

void parent_on_stopped(struct parent *parent)
{
	if (parent->phase == RUNNING && parent->engine_end == ENGINE_ENDS_ALL) {
		parent_enter(parent, DRAINING, TG_NEVER);
	}
	if (parent->phase >= DRAINING || parent->engine_end == ENGINE_BEGINS_ANEW) {
		family_hang_up(&parent->family, PROC_ENGINE); /* nothing keeps it any more */
	}
}

void parent_tell_wishes(struct parent *parent, enum ipc_proc proc)
{
	const struct ipc_plain level = { .head.kind = IPC_LOG, .value = parent->log_level };

	if (parent->log_level != TG_INFO) {
		family_send(&parent->family, proc, &level, sizeof(level), -1);
	}
	if (proc == PROC_ENGINE && parent->engine_end == ENGINE_BEGINS_ANEW) {
		parent->engine_end = ENGINE_STAYS; /* here it is */
	} else if (proc == PROC_ENGINE && parent->engine_end == ENGINE_ENDS_ALL) {
		tell_engine(parent, parent->end_how);
	}
}

void parent_set_log_level(struct parent *parent, enum tg_level level)
{
	const struct ipc_plain record = { .head.kind = IPC_LOG, .value = level };

	parent->log_level = level;
	tg_log_set_level(&parent->log, level);
	family_send_all(&parent->family, &record, sizeof(record));
}

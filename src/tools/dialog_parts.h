/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TOOLS_DIALOG_PARTS_H
#define TG_TOOLS_DIALOG_PARTS_H

#include "tools/dialog.h"

/* What the files of the dialog share. Every step gives the state the dialog is in afterwards. */

enum { TOOL_OWNER_REGISTRATION = 1, TOOL_OWNER_CALL = 2 };

void tool_dialog_say(const struct tool_dialog *d, const char *format, ...) TG_PRINTF(2, 3);

/** It is over: nothing more is played, and the registration is given back. */
enum tool_dialog_state tool_dialog_finish(struct tool_dialog *d, enum tool_exit exit, uint64_t now_us);

/** Hang up and finish; the leg's own IAX_EV_ENDED then finds a dialog that is over. */
enum tool_dialog_state tool_dialog_end(struct tool_dialog *d, uint8_t cause, enum tool_exit exit, uint64_t now_us);

/** Answered: both hear each other from now on. */
enum tool_dialog_state tool_dialog_go_up(struct tool_dialog *d, uint64_t now_us);

/* ---- Being called (dialog_answer.c) ---- */

enum tool_dialog_state tool_dialog_on_offered(struct tool_dialog *d, const struct iax_event *event, uint64_t now_us);
enum tool_dialog_state tool_dialog_on_verify(struct tool_dialog *d, const struct iax_event *event, uint64_t now_us);
enum tool_dialog_state tool_dialog_on_confirmed(struct tool_dialog *d, const struct iax_event *event, uint64_t now_us);

/** It has rung long enough. */
enum tool_dialog_state tool_dialog_answer(struct tool_dialog *d, uint64_t now_us);

/** Refuse a leg that is none of ours. */
void tool_dialog_reject(struct tool_dialog *d, const struct iax_event *event, uint8_t cause, uint64_t now_us);

#endif

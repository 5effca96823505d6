/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/debug.h"

#include "desk/show.h"

#include <string.h>

void desk_debug_deinit(struct desk_debug *debug)
{
	desk_out_deinit(&debug->text);
}

void desk_debug_add(struct desk_debug *debug, const char *text)
{
	struct desk_out *out = &debug->text;

	if (out->len > DESK_DEBUG_BYTES) {
		const char *half = out->text + out->len / 2;
		const size_t gone = (size_t)(half - out->text) + strcspn(half, "\n") + 1;

		memmove(out->text, out->text + gone, out->len - gone + 1);
		out->len -= gone;
	}
	desk_lines(out, text);
}

/* Where the last `lines` begin. */
static size_t tail_of(const struct desk_out *out, uint32_t lines)
{
	size_t at = out->len;

	while (at > 0) {
		if (out->text[at - 1] == '\n' && at < out->len && --lines == 0) {
			break;
		}
		at--;
	}
	return at;
}

int desk_show_debug(const struct desk_view *view, struct desk_out *out)
{
	const struct desk_out *text = view->debug != NULL ? &view->debug->text : NULL;
	const size_t from = text == NULL || view->argc == 0
	                            ? 0
	                            : tail_of(text, desk_records_wanted(view->argc, view->argv));

	if (text == NULL || text->len == 0) {
		desk_line(out, "No frames yet: iax2 set debug on");
		return DESK_OK;
	}
	desk_out_raw(out, text->text + from, text->len - from);
	return DESK_OK;
}

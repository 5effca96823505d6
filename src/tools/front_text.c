/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/front_text.h"

#include "conf/comment.h"

#include <string.h>

struct front_edit *front_edit_add(struct conf_arena *arena, struct front_edit **list, uint32_t line)
{
	while (*list != NULL && (*list)->line < line) {
		list = &(*list)->next;
	}
	if (*list != NULL && (*list)->line == line) {
		return NULL;
	}
	struct front_edit *edit = conf_arena_alloc(arena, sizeof(*edit));

	if (edit != NULL) {
		*edit = (struct front_edit){ .next = *list, .line = line, .act = FRONT_OFF };
		*list = edit;
	}
	return edit;
}

/* Where the next octets go; room was made for all of them. */
struct output {
	uint8_t *p;
	size_t len;
};

static void put(struct output *out, const void *p, size_t len)
{
	if (len > 0) {
		memcpy(out->p + out->len, p, len);
		out->len += len;
	}
}

static void put_text(struct output *out, const char *text)
{
	put(out, text, strlen(text));
}

static size_t room_for(struct tg_span text, const struct front_edit *edits, const char *append)
{
	size_t room = text.len + 2 + (append != NULL ? strlen(append) : 0);

	for (; edits != NULL; edits = edits->next) {
		room += sizeof(FRONT_OFF_MARK) + sizeof(FRONT_MARK) + (edits->text != NULL ? strlen(edits->text) : 0);
	}
	return room;
}

/* Step over a line's comments. @return false if a block comment begins, ends or goes on in it */
static bool is_whole(struct conf_comments *comments, struct tg_span line, uint32_t number)
{
	char copy[CONF_LINE_MAX];
	const uint32_t before = comments->depth;
	bool too_deep = false;

	if (line.len > sizeof(copy)) {
		return before == 0; /* the parser skips it, and its comments */
	}
	if (line.len > 0) {
		memcpy(copy, line.p, line.len);
	}
	(void)conf_comments_strip(comments, copy, line.len, number, &too_deep);
	explicit_bzero(copy, line.len);
	return before == 0 && comments->depth == 0;
}

static void put_edited(struct output *out, const struct front_edit *edit, struct tg_span line)
{
	const bool returns = line.len > 0 && line.p[line.len - 1] == '\r';

	if (edit->act == FRONT_OFF) {
		put_text(out, FRONT_OFF_MARK);
		put(out, line.p, line.len);
	} else {
		put_text(out, edit->text);
		put_text(out, " " FRONT_MARK);
		put(out, "\r", returns ? 1 : 0);
	}
}

bool front_text_edit(struct conf_arena *arena, struct tg_span text, const struct front_edit *edits, const char *append,
                     struct tg_span *out_text, uint32_t *wrong_line)
{
	struct output out = { .p = conf_arena_alloc(arena, room_for(text, edits, append)) };
	struct conf_comments comments = { .depth = 0 };
	uint32_t number = 0;

	*wrong_line = 0;
	for (size_t at = 0; out.p != NULL && at < text.len;) {
		const uint8_t *newline = memchr(text.p + at, '\n', text.len - at);
		const size_t len = newline != NULL ? (size_t)(newline - text.p) - at : text.len - at;
		const struct tg_span line = { text.p + at, len };
		const bool whole = is_whole(&comments, line, ++number);

		if (edits != NULL && edits->line == number) {
			if (!whole) {
				*wrong_line = number;
				return false;
			}
			put_edited(&out, edits, line);
			edits = edits->next;
		} else {
			put(&out, line.p, line.len);
		}
		put(&out, "\n", newline != NULL ? 1 : 0);
		at += len + 1;
	}
	if (out.p != NULL && append != NULL) {
		put(&out, "\n", out.len > 0 && out.p[out.len - 1] != '\n' ? 1 : 0);
		put_text(&out, append);
	}
	*out_text = (struct tg_span){ out.p, out.len };
	return out.p != NULL;
}

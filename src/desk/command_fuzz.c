/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/filter.h"
#include "desk/show.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What an operator types is taken apart, looked up, completed or refused; every text stays in harmless lines. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct desk_words words;
	struct desk_out out;
	char *line = malloc(size + 1);
	int used = 0;

	if (line == NULL) {
		return 0;
	}
	memcpy(line, data, size);
	line[size] = '\0';
	desk_out_init(&out);
	desk_complete(NULL, line, &out);
	if (desk_words_split(&words, line)) {
		const struct desk_command *command = desk_command_find(&words, &used);
		const char *const *rest = words.word + used;

		if (command == NULL) {
			desk_command_unknown(&words, &out);
		} else if (command->fits == NULL || !command->fits(words.count - used, rest)) {
			desk_command_usage(command, &out);
		} else {
			struct desk_filter *filter = desk_filter_new(words.count - used, rest, &out);

			desk_filter_free(filter);
		}
	}
	for (size_t i = 0; i < out.len; i++) {
		if ((unsigned char)out.text[i] < ' ' && out.text[i] != '\n') {
			abort();
		}
	}
	desk_out_deinit(&out);
	free(line);
	return 0;
}

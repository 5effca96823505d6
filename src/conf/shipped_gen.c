/* SPDX-License-Identifier: Apache-2.0 */
/* Writes conf/shipped.c while the project is built: etc/destinations.conf as it is, so that no installation is without it. */
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
	FILE *in = argc == 3 ? fopen(argv[1], "r") : NULL;
	FILE *out = in != NULL ? fopen(argv[2], "w") : NULL;
	unsigned long len = 0;
	int c;

	if (out == NULL) {
		perror(argc == 3 ? argv[1] : "usage: shipped_gen FROM TO");
		return EXIT_FAILURE;
	}
	fprintf(out, "/* SPDX-License-Identifier: Apache-2.0 */\n#include \"conf/shipped.h\"\n\n"
	             "const uint8_t conf_shipped_destinations[] = {");
	while ((c = getc(in)) != EOF) {
		fprintf(out, "%s%d,", len++ % 20 == 0 ? "\n\t" : " ", c);
	}
	fprintf(out, "\n};\nconst size_t conf_shipped_destinations_len = %lu;\n", len);
	return ferror(in) == 0 && fclose(in) == 0 && fclose(out) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

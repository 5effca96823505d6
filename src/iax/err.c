/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/err.h"

const char *iax_err_text(enum iax_err err)
{
#define X(name, text) [name] = text,
	static const char *const texts[] = { IAX_ERRORS(X) };
#undef X

	return texts[err];
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/names.h"

#include "iax/ies.h"

#define X(name, value, text) [value] = (text),
static const char *const frame_types[UINT8_MAX + 1] = { IAX_FRAME_TYPES(X) };
static const char *const subclasses[UINT8_MAX + 1] = { IAX_SUBCLASSES(X) };
static const char *const controls[UINT8_MAX + 1] = { IAX_CONTROLS(X) };
static const char *const htmls[UINT8_MAX + 1] = { IAX_HTMLS(X) };
static const char *const elements[UINT8_MAX + 1] = { IAX_IES(X) };
static const char *const causes[UINT8_MAX + 1] = { IAX_CAUSES(X) };
#undef X

const char *iax_frame_type_name(uint8_t type)
{
	return frame_types[type];
}

const char *iax_subclass_name(uint8_t subclass)
{
	return subclasses[subclass];
}

const char *iax_control_name(uint8_t subclass)
{
	return controls[subclass];
}

const char *iax_html_name(uint8_t subclass)
{
	return htmls[subclass];
}

const char *iax_ie_name(uint8_t element)
{
	return elements[element];
}

const char *iax_cause_text(uint8_t cause)
{
	return causes[cause];
}

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_IAX_NAMES_H
#define TG_IAX_NAMES_H

#include "iax/wire.h"

/** Names of wire numbers, for logs and people. NULL for a number without a name. For elements see iax_ie_name(). */
const char *iax_frame_type_name(uint8_t type);
const char *iax_subclass_name(uint8_t subclass);
const char *iax_control_name(uint8_t subclass);
const char *iax_html_name(uint8_t subclass);

/** Such as "user busy"; NULL for an unknown cause. */
const char *iax_cause_text(uint8_t cause);

#endif

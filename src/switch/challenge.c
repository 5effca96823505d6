/* SPDX-License-Identifier: Apache-2.0 */
#include "switch/challenge.h"

bool challenge_answer(struct tg_switch *sw, const struct challenged *who, const struct iax_event *event)
{
	const struct iax_ies *ies = event->ies;

	if (!tg_addr_equal(event->remote, who->called) || ies == NULL || (ies->auth_methods & IAX_AUTH_MD5) == 0 ||
	    ies->challenge.len == 0) {
		return false;
	}
	sw->outside.ops.ask_respond(sw->outside.ops.owner, who->owner, who->registers, who->name, ies->challenge);
	return true;
}

bool challenge_respond(struct tg_switch *sw, struct iax_leg_id leg, const uint8_t *md5)
{
	char digits[IAX_MD5_DIGITS + 1];

	if (md5 == NULL) {
		return false;
	}
	tg_hex_encode(digits, (struct tg_span){ md5, 16 });
	return iax_leg_respond_md5(sw->outside.ep, leg, tg_span_text(digits), sw->now_us) == IAX_OK;
}

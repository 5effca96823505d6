/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TESTS_IAX_RAW_LEGS_H
#define TG_TESTS_IAX_RAW_LEGS_H

#include "check.h"
#include "iax/inspect.h"
#include "sim/raw.h"

/* An endpoint of few legs, which is inspected after each opening. */

enum { LEGS = 256 };

static inline struct iax_config raw_legs_config(void)
{
	struct iax_config config = iax_config_default();

	config.legs_max = LEGS;
	config.frames_max = 4 * LEGS;
	return config;
}

static inline void raw_legs_whole(const struct raw *raw)
{
	const char *wrong = iax_inspect(raw->ep);

	CHECK_TEXT(wrong != NULL ? wrong : "whole", "whole");
}

static inline struct iax_pass raw_legs_pass(enum iax_proof proof, bool known)
{
	struct iax_pass pass = raw_pass();

	pass.proof = proof;
	pass.is_known = known;
	return pass;
}

static inline struct iax_leg_id raw_legs_open(struct raw *raw, const struct tg_addr *from, const struct iax_pass *pass,
                                              uint16_t number)
{
	CHECK_UINT(raw_open(raw, from, pass, number, IAX_NEW), IAX_OK);
	raw_legs_whole(raw);
	for (uint32_t i = 0; i < iax_endpoint_leg_max(raw->ep); i++) {
		struct iax_leg_id leg;
		struct iax_leg_info info;

		if (iax_endpoint_leg_at(raw->ep, i, &leg) && iax_leg_info(raw->ep, leg, &info) &&
		    info.remote_number == number && tg_addr_equal(info.remote, *from)) {
			return leg;
		}
	}
	CHECK_TEXT("none", "a leg");
	return (struct iax_leg_id){ 0 };
}

static inline bool raw_legs_alive(const struct raw *raw, struct iax_leg_id leg)
{
	struct iax_leg_info info;

	return iax_leg_info(raw->ep, leg, &info);
}

static inline void raw_legs_hang_up(struct raw *raw, const struct tg_addr *from, struct iax_leg_id leg,
                                    const struct iax_pass *pass)
{
	const struct raw_frame frame = raw_reply(raw, leg, IAX_FRAME_IAX, IAX_HANGUP);

	CHECK_UINT(raw_send(raw, from, pass, &frame), IAX_OK);
	CHECK_UINT(raw->last.kind, IAX_EV_ENDED);
	CHECK_TRUE(tg_ref_equal(raw->last.leg.ref, leg.ref));
}

#endif

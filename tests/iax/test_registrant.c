/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/registrant.h"

#include "check.h"

static const uint64_t SECOND = TG_US_PER_S;

/* Every pair that means something; all others must be ignored. */
static const struct {
	enum iax_registrant_state in;
	enum iax_registrant_input on;
	enum iax_registrant_state out;
} pairs[] = {
	{ IAX_REGISTRANT_UNREGISTERED, IAX_REGISTRANT_DUE, IAX_REGISTRANT_REQUEST_SENT },
	{ IAX_REGISTRANT_REGISTERED, IAX_REGISTRANT_DUE, IAX_REGISTRANT_REQUEST_SENT },
	{ IAX_REGISTRANT_REJECTED, IAX_REGISTRANT_DUE, IAX_REGISTRANT_REQUEST_SENT },
	{ IAX_REGISTRANT_TIMEOUT, IAX_REGISTRANT_DUE, IAX_REGISTRANT_REQUEST_SENT },
	{ IAX_REGISTRANT_NO_AUTH, IAX_REGISTRANT_DUE, IAX_REGISTRANT_REQUEST_SENT },
	{ IAX_REGISTRANT_REQUEST_SENT, IAX_REGISTRANT_CHALLENGED, IAX_REGISTRANT_AUTH_SENT },
	{ IAX_REGISTRANT_REQUEST_SENT, IAX_REGISTRANT_NO_SECRET, IAX_REGISTRANT_NO_AUTH },
	{ IAX_REGISTRANT_REQUEST_SENT, IAX_REGISTRANT_GRANTED, IAX_REGISTRANT_REGISTERED },
	{ IAX_REGISTRANT_REQUEST_SENT, IAX_REGISTRANT_REFUSED, IAX_REGISTRANT_REJECTED },
	{ IAX_REGISTRANT_REQUEST_SENT, IAX_REGISTRANT_NO_ANSWER, IAX_REGISTRANT_TIMEOUT },
	{ IAX_REGISTRANT_REQUEST_SENT, IAX_REGISTRANT_RELEASE, IAX_REGISTRANT_REQUEST_SENT },
	{ IAX_REGISTRANT_AUTH_SENT, IAX_REGISTRANT_CHALLENGED, IAX_REGISTRANT_AUTH_SENT },
	{ IAX_REGISTRANT_AUTH_SENT, IAX_REGISTRANT_NO_SECRET, IAX_REGISTRANT_NO_AUTH },
	{ IAX_REGISTRANT_AUTH_SENT, IAX_REGISTRANT_GRANTED, IAX_REGISTRANT_REGISTERED },
	{ IAX_REGISTRANT_AUTH_SENT, IAX_REGISTRANT_REFUSED, IAX_REGISTRANT_REJECTED },
	{ IAX_REGISTRANT_AUTH_SENT, IAX_REGISTRANT_NO_ANSWER, IAX_REGISTRANT_TIMEOUT },
	{ IAX_REGISTRANT_AUTH_SENT, IAX_REGISTRANT_RELEASE, IAX_REGISTRANT_AUTH_SENT },
	{ IAX_REGISTRANT_REGISTERED, IAX_REGISTRANT_RELEASE, IAX_REGISTRANT_REGISTERED },
	{ IAX_REGISTRANT_TIMEOUT, IAX_REGISTRANT_RELEASE, IAX_REGISTRANT_TIMEOUT },
};

static void test_every_pair(void **state)
{
	(void)state;
	for (int in = 0; in < IAX_REGISTRANT_STATE_COUNT; in++) {
		for (int on = 0; on < IAX_REGISTRANT_INPUT_COUNT; on++) {
			enum iax_registrant_state want = (enum iax_registrant_state)in, got;
			bool listed = false;

			for (size_t i = 0; i < TG_COUNT(pairs); i++) {
				if ((int)pairs[i].in == in && (int)pairs[i].on == on) {
					listed = true;
					want = pairs[i].out;
				}
			}
			CHECK_UINT(
				iax_registrant_next((enum iax_registrant_state)in, (enum iax_registrant_input)on, &got),
				listed);
			CHECK_UINT(got, want);
		}
	}
}

static void event(struct iax_registrant *r, enum iax_event_kind kind, uint16_t refresh_s, enum iax_end end,
                  uint64_t now_us)
{
	const struct iax_event ev = { .kind = kind, .refresh_s = refresh_s, .end = end };

	iax_registrant_on_event(r, &ev, now_us);
}

static void open_leg(struct iax_registrant *r, uint64_t now_us)
{
	CHECK_TRUE(iax_registrant_expire(r, now_us));
	iax_registrant_on_opened(r, IAX_OK, now_us);
	CHECK_UINT(iax_registrant_deadline_us(r), TG_NEVER);
	CHECK_TEXT(iax_registrant_state_text(r), "Request Sent");
}

static void grant(struct iax_registrant *r, uint16_t refresh_s, uint64_t now_us)
{
	event(r, IAX_EV_CHALLENGED, 0, IAX_END_LOCAL, now_us);
	CHECK_TEXT(iax_registrant_state_text(r), "Auth. Sent");
	event(r, IAX_EV_REG_ACKED, refresh_s, IAX_END_LOCAL, now_us);
	event(r, IAX_EV_ENDED, 0, IAX_END_DONE, now_us);
}

static void test_it_renews_between_three_quarters_and_five_sixths(void **state)
{
	uint64_t least = TG_NEVER, most = 0;

	(void)state;
	for (uint64_t seed = 0; seed < 200; seed++) {
		struct iax_registrant r;

		iax_registrant_init(&r, 0, seed, 5 * SECOND);
		CHECK_UINT(r.asked_s, 60);
		CHECK_FALSE(iax_registrant_expire(&r, 5 * SECOND - 1));
		open_leg(&r, 5 * SECOND);
		grant(&r, 120, 6 * SECOND);
		CHECK_TEXT(iax_registrant_state_text(&r), "Registered");
		CHECK_TRUE(iax_registrant_is_registered(&r, 126 * SECOND - 1));
		CHECK_FALSE(iax_registrant_is_registered(&r, 126 * SECOND));
		const uint64_t wait = iax_registrant_deadline_us(&r) - 6 * SECOND;

		CHECK_TRUE(wait <= 100 * SECOND && wait > 90 * SECOND - 1);
		least = tg_min_u64(least, wait);
		most = tg_max_u64(most, wait);
		open_leg(&r, iax_registrant_deadline_us(&r));
		CHECK_TRUE(iax_registrant_is_registered(&r, 110 * SECOND));
	}
	CHECK_TRUE(most - least > 8 * SECOND);
}

static void test_an_absent_refresh_means_sixty(void **state)
{
	struct iax_registrant r;

	(void)state;
	iax_registrant_init(&r, 300, 1, 0);
	open_leg(&r, 0);
	grant(&r, 0, 0);
	CHECK_UINT(r.granted_s, 60);
}

static void test_no_answer_backs_off(void **state)
{
	struct iax_registrant r;
	uint64_t now = 0, waits[6];

	(void)state;
	iax_registrant_init(&r, 60, 3, 0);
	for (size_t i = 0; i < TG_COUNT(waits); i++) {
		open_leg(&r, now);
		event(&r, IAX_EV_ENDED, 0, IAX_END_TIMEOUT, now);
		CHECK_TEXT(iax_registrant_state_text(&r), "Timeout");
		waits[i] = iax_registrant_deadline_us(&r) - now;
		now += waits[i];
	}
	CHECK_TRUE(waits[0] >= 60 * SECOND && waits[0] < 66 * SECOND);
	CHECK_TRUE(waits[1] >= 120 * SECOND && waits[1] < 132 * SECOND);
	CHECK_TRUE(waits[3] >= 480 * SECOND && waits[5] < 528 * SECOND);
	open_leg(&r, now);
	grant(&r, 60, now);
	open_leg(&r, iax_registrant_deadline_us(&r));
	now += 50 * SECOND;
	iax_registrant_on_event(&r, &(struct iax_event){ .kind = IAX_EV_ENDED, .end = IAX_END_TIMEOUT }, now);
	CHECK_TRUE(iax_registrant_deadline_us(&r) - now < 66 * SECOND);
	CHECK_TRUE(iax_registrant_is_registered(&r, now));
}

static void test_an_open_that_fails_counts_as_no_answer(void **state)
{
	struct iax_registrant r;

	(void)state;
	iax_registrant_init(&r, 60, 3, 0);
	CHECK_TRUE(iax_registrant_expire(&r, 0));
	iax_registrant_on_opened(&r, IAX_ERR_NO_ROOM, 0);
	CHECK_TEXT(iax_registrant_state_text(&r), "Timeout");
	CHECK_TRUE(iax_registrant_deadline_us(&r) >= 60 * SECOND);
}

static void test_refusals_rest_five_minutes(void **state)
{
	struct iax_registrant r;

	(void)state;
	iax_registrant_init(&r, 60, 3, 0);
	open_leg(&r, 0);
	event(&r, IAX_EV_ENDED, 0, IAX_END_REJECTED, 0);
	CHECK_TEXT(iax_registrant_state_text(&r), "Rejected");
	CHECK_TRUE(iax_registrant_deadline_us(&r) >= 300 * SECOND);
	const uint64_t now = iax_registrant_deadline_us(&r);

	open_leg(&r, now);
	iax_registrant_on_no_secret(&r, now);
	event(&r, IAX_EV_ENDED, 0, IAX_END_LOCAL, now);
	CHECK_TEXT(iax_registrant_state_text(&r), "No Authentication");
	CHECK_TRUE(iax_registrant_deadline_us(&r) >= now + 300 * SECOND);
}

static void test_release_asks_once_and_stays_away(void **state)
{
	static const enum iax_end ends[] = { IAX_END_DONE, IAX_END_REJECTED, IAX_END_TIMEOUT };

	(void)state;
	for (size_t i = 0; i < TG_COUNT(ends); i++) {
		struct iax_registrant r;

		iax_registrant_init(&r, 60, 3, 0);
		open_leg(&r, 0);
		grant(&r, 60, 0);
		iax_registrant_release(&r, 10 * SECOND);
		CHECK_UINT(iax_registrant_deadline_us(&r), 10 * SECOND);
		open_leg(&r, 10 * SECOND);
		CHECK_TRUE(iax_registrant_is_releasing(&r));
		if (ends[i] == IAX_END_DONE) {
			event(&r, IAX_EV_REG_ACKED, 0, IAX_END_LOCAL, 11 * SECOND);
		}
		event(&r, IAX_EV_ENDED, 0, ends[i], 11 * SECOND);
		CHECK_TEXT(iax_registrant_state_text(&r), "Unregistered");
		CHECK_UINT(iax_registrant_deadline_us(&r), TG_NEVER);
		CHECK_FALSE(iax_registrant_is_registered(&r, 11 * SECOND));
	}
}

static void test_a_release_waits_for_the_request_under_way(void **state)
{
	struct iax_registrant r;

	(void)state;
	iax_registrant_init(&r, 60, 3, 0);
	open_leg(&r, 0);
	iax_registrant_release(&r, 0);
	CHECK_UINT(iax_registrant_deadline_us(&r), TG_NEVER);
	grant(&r, 60, SECOND);
	CHECK_UINT(iax_registrant_deadline_us(&r), SECOND);
	open_leg(&r, SECOND);
	event(&r, IAX_EV_REG_ACKED, 0, IAX_END_LOCAL, SECOND);
	CHECK_TEXT(iax_registrant_state_text(&r), "Unregistered");

	iax_registrant_start(&r, 2 * SECOND);
	CHECK_FALSE(iax_registrant_is_releasing(&r));
	open_leg(&r, 2 * SECOND);
	iax_registrant_release(&r, 2 * SECOND);
	event(&r, IAX_EV_ENDED, 0, IAX_END_TIMEOUT, 3 * SECOND);
	CHECK_TEXT(iax_registrant_state_text(&r), "Unregistered");
	CHECK_UINT(iax_registrant_deadline_us(&r), TG_NEVER);
}

/* Whoever wants to be registered again while the release is under way is not, until he has asked again. */
static void test_a_start_during_a_release_asks_anew(void **state)
{
	struct iax_registrant r;

	(void)state;
	iax_registrant_init(&r, 60, 3, 0);
	open_leg(&r, 0);
	grant(&r, 60, 0);
	iax_registrant_release(&r, 10 * SECOND);
	open_leg(&r, 10 * SECOND);
	iax_registrant_start(&r, 10 * SECOND);
	event(&r, IAX_EV_REG_ACKED, 0, IAX_END_LOCAL, 11 * SECOND);
	CHECK_TEXT(iax_registrant_state_text(&r), "Unregistered");
	CHECK_FALSE(iax_registrant_is_registered(&r, 11 * SECOND));
	CHECK_UINT(iax_registrant_deadline_us(&r), 11 * SECOND);
	open_leg(&r, 11 * SECOND);
	grant(&r, 60, 11 * SECOND);
	CHECK_TEXT(iax_registrant_state_text(&r), "Registered");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_pair),
		cmocka_unit_test(test_it_renews_between_three_quarters_and_five_sixths),
		cmocka_unit_test(test_an_absent_refresh_means_sixty),
		cmocka_unit_test(test_no_answer_backs_off),
		cmocka_unit_test(test_an_open_that_fails_counts_as_no_answer),
		cmocka_unit_test(test_refusals_rest_five_minutes),
		cmocka_unit_test(test_release_asks_once_and_stays_away),
		cmocka_unit_test(test_a_release_waits_for_the_request_under_way),
		cmocka_unit_test(test_a_start_during_a_release_asks_anew),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "iax/core.h"
#include "raw_legs.h"

/* The inspector sees what goes wrong. */

static void miscount_used(struct iax_endpoint *ep, struct leg *leg)
{
	hosts_at(ep, leg->host - 1)->used++;
}

static void miscount_half_open(struct iax_endpoint *ep, struct leg *leg)
{
	hosts_at(ep, leg->host - 1)->half_open--;
}

static void miscount_unproven(struct iax_endpoint *ep, struct leg *leg)
{
	hosts_at(ep, leg->host - 1)->unproven++;
}

static void miscount_anonymous(struct iax_endpoint *ep, struct leg *leg)
{
	hosts_at(ep, leg->host - 1)->anonymous++;
}

static void miscount_all(struct iax_endpoint *ep, struct leg *leg)
{
	ep->unproven[leg->known]++;
}

static void forget_host(struct iax_endpoint *ep, struct leg *leg)
{
	(void)ep;
	leg->host = 0;
}

static void swap_trust(struct iax_endpoint *ep, struct leg *leg)
{
	(void)ep;
	leg->known = !leg->known;
}

static void leave_list(struct iax_endpoint *ep, struct leg *leg)
{
	(void)ep;
	leg->list = CORE_KNOWN;
}

static void leave_crowd(struct iax_endpoint *ep, struct leg *leg)
{
	hosts_at(ep, leg->host - 1)->crowd = 0;
}

static void test_the_inspector_sees_each_miscount(void **state)
{
	static void (*const spoilers[])(struct iax_endpoint *, struct leg *) = {
		miscount_used, miscount_half_open, miscount_unproven, miscount_anonymous, miscount_all,
		forget_host,   swap_trust,         leave_list,        leave_crowd,
	};
	const struct iax_config config = raw_legs_config();
	const struct iax_pass pass = raw_legs_pass(IAX_UNPROVEN, false);
	const struct tg_addr host = raw_host(1);
	(void)state;

	for (size_t i = 0; i < TG_COUNT(spoilers); i++) {
		struct raw raw;

		raw_init(&raw, &config);
		const struct iax_leg_id leg = raw_legs_open(&raw, &host, &pass, 100);

		spoilers[i](raw.ep, legs_find_id(raw.ep, leg));
		CHECK_TRUE(iax_inspect(raw.ep) != NULL);
		raw_free(&raw);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_inspector_sees_each_miscount),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "guard/bucket.h"

enum { NS_PER_US = 1000, NS_PER_S = 1000000000 };

/* All of it refills within 146 years, so that no sum of them overflows. */
static uint32_t fitting(uint64_t each_ns, uint64_t burst)
{
	const uint64_t most = each_ns == 0 ? UINT32_MAX : (UINT64_C(1) << 62) / each_ns;

	return (uint32_t)tg_max_u64(tg_min_u64(tg_min_u64(burst, most), UINT32_MAX), 1);
}

struct bucket_rule bucket_rule_of(uint32_t rate, uint32_t per_s, uint32_t burst)
{
	const uint64_t each_ns = rate == 0 ? 0 : tg_max_u64(1, (uint64_t)per_s * NS_PER_S / rate);

	return (struct bucket_rule){ .each_ns = each_ns, .burst = fitting(each_ns, burst) };
}

struct bucket_rule bucket_times(struct bucket_rule rule, uint32_t times)
{
	if (times == 0 || rule.each_ns == 0) {
		return rule;
	}
	const uint64_t each_ns = tg_max_u64(1, rule.each_ns / times);

	return (struct bucket_rule){ .each_ns = each_ns, .burst = fitting(each_ns, (uint64_t)rule.burst * times) };
}

/* What is used, in nanoseconds of refilling. */
static uint64_t used_ns(const struct bucket *bucket, uint64_t now_us)
{
	const uint64_t now_ns = now_us * NS_PER_US;

	return bucket->idle_ns > now_ns ? bucket->idle_ns - now_ns : 0;
}

bool bucket_has(const struct bucket *bucket, struct bucket_rule rule, uint32_t count, uint64_t now_us)
{
	return rule.each_ns == 0 ||
	       (count <= rule.burst && used_ns(bucket, now_us) <= rule.each_ns * (rule.burst - count));
}

void bucket_charge(struct bucket *bucket, struct bucket_rule rule, uint32_t ceiling, uint64_t now_us)
{
	const uint64_t used = used_ns(bucket, now_us) + rule.each_ns;

	const uint64_t most = tg_max_u64(rule.burst, ceiling);

	bucket->idle_ns = now_us * NS_PER_US + tg_min_u64(used, rule.each_ns * most);
}

uint32_t bucket_used(const struct bucket *bucket, struct bucket_rule rule, uint64_t now_us)
{
	if (rule.each_ns == 0) {
		return 0;
	}
	return (uint32_t)tg_min_u64((used_ns(bucket, now_us) + rule.each_ns - 1) / rule.each_ns, UINT32_MAX);
}

uint64_t bucket_when_us(const struct bucket *bucket, struct bucket_rule rule, uint32_t count, uint64_t now_us)
{
	if (bucket_has(bucket, rule, count, now_us)) {
		return now_us;
	}
	const uint64_t room_ns = count <= rule.burst ? rule.each_ns * (rule.burst - count) : 0;

	return now_us +
	       (used_ns(bucket, now_us) - tg_min_u64(room_ns, used_ns(bucket, now_us)) + NS_PER_US - 1) / NS_PER_US;
}

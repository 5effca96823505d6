/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "daemon/fence_batch.h"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdlib.h>

static const struct fence_element longest = {
	.set = 6, /* the longest name */
	.key_bytes = 16,
	.in = true,
	.key = { 0x20, 0x01, 0x0d, 0xb8 },
	.timeout_ms = 600000,
};

static struct fence_batch *batch_new(void)
{
	struct fence_batch *batch = malloc(sizeof(*batch));

	CHECK_TRUE(batch != NULL);
	fence_batch_begin(batch, "tollgate-01234567");
	return batch;
}

struct found {
	unsigned begins, ends, adds, deletes, others, acks;
	uint32_t last_seq;
	bool timeout_only_at_last; /* of an element's messages */
};

static bool has_timeout(const struct nlmsghdr *head)
{
	/* NFTA_SET_ELEM_TIMEOUT is the last thing in the message: 12 octets after the key */
	const uint8_t *end = (const uint8_t *)head + head->nlmsg_len;
	const uint8_t want[] = { 0, 0, 0, 0, 0, 9, 0x27, 0xc0 };

	return memcmp(end - sizeof(want), want, sizeof(want)) == 0;
}

static void look_at(struct found *found, const struct nlmsghdr *head)
{
	const unsigned type = head->nlmsg_type, what = type & 0xff;

	CHECK_UINT(head->nlmsg_seq, found->last_seq + 1);
	found->last_seq = head->nlmsg_seq;
	found->acks += (head->nlmsg_flags & NLM_F_ACK) != 0;
	if (type == NFNL_MSG_BATCH_BEGIN || type == NFNL_MSG_BATCH_END) {
		const struct nfgenmsg *body = mnl_nlmsg_get_payload(head);

		CHECK_UINT(ntohs(body->res_id), NFNL_SUBSYS_NFTABLES);
		found->begins += type == NFNL_MSG_BATCH_BEGIN;
		found->ends += type == NFNL_MSG_BATCH_END;
		return;
	}
	const struct nfgenmsg *body = mnl_nlmsg_get_payload(head);

	CHECK_UINT(type >> 8, NFNL_SUBSYS_NFTABLES);
	CHECK_UINT(body->nfgen_family, NFPROTO_INET);
	found->adds += what == NFT_MSG_NEWSETELEM;
	found->deletes += what == NFT_MSG_DELSETELEM;
	found->others += what != NFT_MSG_NEWSETELEM && what != NFT_MSG_DELSETELEM;
	found->timeout_only_at_last = has_timeout(head);
}

static struct found walk(struct tg_span bytes)
{
	const struct nlmsghdr *head = (const struct nlmsghdr *)(const void *)bytes.p;
	int left = (int)bytes.len;
	struct found found = { 0 };

	while (mnl_nlmsg_ok(head, left)) {
		look_at(&found, head);
		head = mnl_nlmsg_next(head, &left);
	}
	CHECK_INT(left, 0); /* nothing but whole messages */
	return found;
}

static void test_a_ban_is_three_messages(void **state)
{
	struct fence_batch *batch = batch_new();

	(void)state;
	CHECK_TRUE(fence_batch_add(batch, &longest));
	const struct found found = walk(fence_batch_end(batch));

	CHECK_UINT(found.begins, 1);
	CHECK_UINT(found.adds, 2);
	CHECK_UINT(found.deletes, 1);
	CHECK_UINT(found.others, 0);
	CHECK_UINT(found.ends, 1);
	CHECK_UINT(found.acks, 1);
	CHECK_TRUE(found.timeout_only_at_last);
	free(batch);
}

static void test_the_end_of_a_ban_is_two(void **state)
{
	struct fence_batch *batch = batch_new();
	struct fence_element element = longest;

	(void)state;
	element.in = false;
	CHECK_TRUE(fence_batch_add(batch, &element));
	const struct found found = walk(fence_batch_end(batch));

	CHECK_UINT(found.adds, 1);
	CHECK_UINT(found.deletes, 1);
	CHECK_FALSE(found.timeout_only_at_last);
	free(batch);
}

static void test_a_batch_is_bounded(void **state)
{
	struct fence_batch *batch = batch_new();

	(void)state;
	for (unsigned round = 0; round < 2; round++) {
		unsigned added = 0;

		while (fence_batch_add(batch, &longest)) {
			added++;
		}
		CHECK_UINT(added, FENCE_BATCH_ELEMENTS);
		const struct tg_span bytes = fence_batch_end(batch);
		const struct found found = walk(bytes);

		CHECK_TRUE(bytes.len <= FENCE_BATCH_BYTES);
		CHECK_UINT(found.adds + found.deletes, 3 * FENCE_BATCH_ELEMENTS);
		CHECK_TRUE(found.adds + found.deletes <= 4096);
		CHECK_UINT(found.acks, 1);
		fence_batch_begin(batch, "tollgate-01234567");
	}
	free(batch);
}

static void test_an_empty_one_is_nothing(void **state)
{
	struct fence_batch *batch = batch_new();

	(void)state;
	CHECK_UINT(fence_batch_end(batch).len, 0);
	free(batch);
}

static void test_the_table_is_deleted_or_asked_for(void **state)
{
	struct fence_batch *batch = batch_new();
	struct found found = walk(fence_batch_delete_table(batch, "tollgate"));

	(void)state;
	CHECK_UINT(found.begins, 1);
	CHECK_UINT(found.others, 1);
	CHECK_UINT(found.ends, 1);
	CHECK_UINT(found.acks, 1);
	found = walk(fence_batch_ask_table(batch, "tollgate"));
	CHECK_UINT(found.begins + found.ends, 0);
	CHECK_UINT(found.others, 1);
	CHECK_UINT(found.acks, 1);
	free(batch);
}

/* The kernel names messages; what is about them is left out, and the rest is as it was. */
static void test_what_is_refused_is_left_out(void **state)
{
	struct fence_batch *batch = batch_new();
	struct fence_element element = longest;

	(void)state;
	for (uint8_t i = 0; i < 4; i++) {
		element.key[15] = i;
		element.in = i != 1;
		CHECK_TRUE(fence_batch_add(batch, &element)); /* messages 2-4, 5-6, 7-9, 10-12 */
	}
	CHECK_UINT(walk(fence_batch_end(batch)).last_seq, 13);
	CHECK_TRUE(fence_batch_refuse(batch, 1) == NULL); /* about none of them */
	CHECK_UINT(fence_batch_refuse(batch, 6)->key[15], 1);
	CHECK_TRUE(fence_batch_refuse(batch, 5) == NULL); /* once */
	CHECK_UINT(fence_batch_refuse(batch, 7)->key[15], 2);
	const struct found found = walk(fence_batch_again(batch));

	CHECK_UINT(found.adds, 4);
	CHECK_UINT(found.deletes, 2);
	CHECK_UINT(found.acks, 1);
	CHECK_UINT(found.ends, 1);
	CHECK_UINT(fence_batch_refuse(batch, 5)->key[15], 3); /* the second by now */
	CHECK_UINT(walk(fence_batch_again(batch)).adds, 2);
	CHECK_UINT(fence_batch_again(batch).len, 0); /* without a refusal it would go on for ever */
	free(batch);
}

static void test_all_sets_are_emptied(void **state)
{
	struct fence_batch *batch = batch_new();
	const struct found found = walk(fence_batch_empty_sets(batch, "tollgate"));

	(void)state;
	CHECK_UINT(found.deletes, FENCE_SETS);
	CHECK_UINT(found.adds + found.others, 0);
	CHECK_UINT(found.acks, 1);
	CHECK_UINT(fence_batch_again(batch).len, 0);
	free(batch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_ban_is_three_messages),
		cmocka_unit_test(test_the_end_of_a_ban_is_two),
		cmocka_unit_test(test_a_batch_is_bounded),
		cmocka_unit_test(test_an_empty_one_is_nothing),
		cmocka_unit_test(test_the_table_is_deleted_or_asked_for),
		cmocka_unit_test(test_what_is_refused_is_left_out),
		cmocka_unit_test(test_all_sets_are_emptied),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

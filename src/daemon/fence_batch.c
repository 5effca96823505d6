/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/fence_batch.h"

#include <arpa/inet.h>
#include <assert.h>
#include <endian.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdio.h>
#include <string.h>

enum {
	MESSAGE_BYTES = 160, /* the longest: names of table and set, a key of 16 octets, a timeout */
	END_BYTES = 32,
};

static struct nlmsghdr *message(struct fence_batch *batch, uint16_t type, uint16_t flags, uint8_t family,
                                uint16_t about)
{
	struct nlmsghdr *head = mnl_nlmsg_put_header(batch->bytes + batch->len);

	head->nlmsg_type = type;
	head->nlmsg_flags = NLM_F_REQUEST | flags;
	head->nlmsg_seq = ++batch->messages;
	struct nfgenmsg *body = mnl_nlmsg_put_extra_header(head, sizeof(*body));

	body->nfgen_family = family;
	body->version = NFNETLINK_V0;
	body->res_id = htons(about);
	batch->last = batch->len;
	return head;
}

static void close_message(struct fence_batch *batch, const struct nlmsghdr *head)
{
	assert(head->nlmsg_len <= MESSAGE_BYTES);
	batch->len += head->nlmsg_len;
}

static struct nlmsghdr *table_message(struct fence_batch *batch, unsigned what, uint16_t flags)
{
	return message(batch, (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | what), flags, NFPROTO_INET, 0);
}

static void put_bound(struct fence_batch *batch, uint16_t type)
{
	close_message(batch, message(batch, type, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES));
}

static void put_element(struct fence_batch *batch, unsigned what, const struct fence_element *element,
                        uint64_t timeout_ms)
{
	struct nlmsghdr *head = table_message(batch, what, what == NFT_MSG_NEWSETELEM ? NLM_F_CREATE : 0);

	mnl_attr_put_strz(head, NFTA_SET_ELEM_LIST_TABLE, batch->table);
	mnl_attr_put_strz(head, NFTA_SET_ELEM_LIST_SET, fence_sets[element->set].name);
	struct nlattr *list = mnl_attr_nest_start(head, NFTA_SET_ELEM_LIST_ELEMENTS);
	struct nlattr *one = mnl_attr_nest_start(head, NFTA_LIST_ELEM);
	struct nlattr *key = mnl_attr_nest_start(head, NFTA_SET_ELEM_KEY);

	mnl_attr_put(head, NFTA_DATA_VALUE, element->key_bytes, element->key);
	mnl_attr_nest_end(head, key);
	if (timeout_ms != 0) {
		mnl_attr_put_u64(head, NFTA_SET_ELEM_TIMEOUT, htobe64(timeout_ms));
	}
	mnl_attr_nest_end(head, one);
	mnl_attr_nest_end(head, list);
	close_message(batch, head);
}

static struct tg_span span_of(const struct fence_batch *batch)
{
	return (struct tg_span){ batch->bytes, batch->len };
}

static void want_answer(struct fence_batch *batch)
{
	((struct nlmsghdr *)(void *)(batch->bytes + batch->last))->nlmsg_flags |= NLM_F_ACK;
}

static void start(struct fence_batch *batch, const char *table)
{
	snprintf(batch->table, sizeof(batch->table), "%s", table);
	batch->elements = 0;
	batch->refused = 0;
	batch->messages = 0;
	batch->last = 0;
	batch->len = 0;
}

void fence_batch_begin(struct fence_batch *batch, const char *table)
{
	start(batch, table);
	put_bound(batch, NFNL_MSG_BATCH_BEGIN);
}

bool fence_batch_add(struct fence_batch *batch, const struct fence_element *element)
{
	if (batch->elements == FENCE_BATCH_ELEMENTS || FENCE_BATCH_BYTES - batch->len < 3 * MESSAGE_BYTES + END_BYTES) {
		return false;
	}
	batch->put[batch->elements].element = *element;
	batch->put[batch->elements].first = batch->messages + 1;
	batch->put[batch->elements].is_refused = false;
	batch->elements++;
	put_element(batch, NFT_MSG_NEWSETELEM, element, 0);
	put_element(batch, NFT_MSG_DELSETELEM, element, 0);
	if (element->in) {
		put_element(batch, NFT_MSG_NEWSETELEM, element, element->timeout_ms);
	}
	return true;
}

struct tg_span fence_batch_end(struct fence_batch *batch)
{
	if (batch->elements == 0) {
		return (struct tg_span){ NULL, 0 };
	}
	want_answer(batch);
	put_bound(batch, NFNL_MSG_BATCH_END);
	return span_of(batch);
}

const struct fence_element *fence_batch_refuse(struct fence_batch *batch, uint32_t seq)
{
	uint32_t at = batch->elements;

	while (at > 0 && batch->put[at - 1].first > seq) {
		at--;
	}
	if (at == 0 || batch->put[at - 1].is_refused) {
		return NULL;
	}
	batch->put[at - 1].is_refused = true;
	batch->refused++;
	return &batch->put[at - 1].element;
}

struct tg_span fence_batch_again(struct fence_batch *batch)
{
	const uint32_t count = batch->refused == 0 ? 0 : batch->elements;
	char table[FENCE_NAME_BYTES];

	memcpy(table, batch->table, sizeof(table));
	fence_batch_begin(batch, table);
	for (uint32_t i = 0; i < count; i++) {
		/* It writes at most at its own place: what is read comes no earlier. */
		const struct fence_element element = batch->put[i].element;
		const bool is_in = batch->put[i].is_refused || fence_batch_add(batch, &element);

		assert(is_in);
		(void)is_in;
	}
	return fence_batch_end(batch);
}

struct tg_span fence_batch_empty_sets(struct fence_batch *batch, const char *table)
{
	fence_batch_begin(batch, table);
	for (size_t i = 0; i < FENCE_SETS; i++) {
		struct nlmsghdr *head = table_message(batch, NFT_MSG_DELSETELEM, 0);

		mnl_attr_put_strz(head, NFTA_SET_ELEM_LIST_TABLE, batch->table);
		mnl_attr_put_strz(head, NFTA_SET_ELEM_LIST_SET, fence_sets[i].name);
		close_message(batch, head);
	}
	want_answer(batch);
	put_bound(batch, NFNL_MSG_BATCH_END);
	return span_of(batch);
}

struct tg_span fence_batch_delete_table(struct fence_batch *batch, const char *table)
{
	fence_batch_begin(batch, table);
	struct nlmsghdr *head = table_message(batch, NFT_MSG_DELTABLE, NLM_F_ACK);

	mnl_attr_put_strz(head, NFTA_TABLE_NAME, table);
	close_message(batch, head);
	put_bound(batch, NFNL_MSG_BATCH_END);
	return span_of(batch);
}

struct tg_span fence_batch_ask_table(struct fence_batch *batch, const char *table)
{
	start(batch, table);
	struct nlmsghdr *head = table_message(batch, NFT_MSG_GETTABLE, NLM_F_ACK);

	mnl_attr_put_strz(head, NFTA_TABLE_NAME, table);
	close_message(batch, head);
	return span_of(batch);
}

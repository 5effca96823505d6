/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/keeper.h"

#include <string.h>

enum { A_TURN = 64 };

void keeper_init(struct keeper *keeper, struct guard *guard)
{
	memset(keeper, 0, sizeof(*keeper));
	keeper->guard = guard;
	keeper->with_kernel = true;
	keeper->fence.is_fence = true;
}

/* From where it is: what it was told already in this round, it is told again last. */
static void start_again(struct keeper_reader *reader)
{
	reader->is_behind = true;
	reader->has_turned = false;
	reader->stop = reader->cursor;
}

/* The same, but who is allowed comes before any ban: the filter must not drop him meanwhile. */
static void start_with_allowed(struct keeper_reader *reader)
{
	start_again(reader);
	reader->is_allowing = reader->is_fence;
	reader->allowed = 0;
}

static void begin_anew(struct keeper_reader *reader)
{
	start_with_allowed(reader);
	reader->anew = KEEPER_ANEW_DUE;
	reader->end_count = 0;
}

void keeper_set_kernel(struct keeper *keeper, bool with_kernel)
{
	if (keeper->with_kernel != with_kernel) {
		keeper->with_kernel = with_kernel;
		start_with_allowed(&keeper->fence);
	}
}

void keeper_on_store(struct keeper *keeper)
{
	begin_anew(&keeper->store);
	keeper->accounts_again = keeper->account_count;
}

void keeper_on_fence(struct keeper *keeper)
{
	begin_anew(&keeper->fence);
}

static uint32_t id_place(struct tg_addr base)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < sizeof(base.ip); i++) {
		sum = sum * 31 + base.ip[i];
	}
	return sum % KEEPER_IDS;
}

void keeper_note_id(struct keeper *keeper, struct tg_addr base, uint32_t bits, struct model_event_id id)
{
	keeper->ids[id_place(base)] = (struct keeper_id){ .base = base, .bits = bits, .id = id };
}

struct model_event_id keeper_id_of(const struct keeper *keeper, struct tg_addr base, uint32_t bits)
{
	const struct keeper_id *row = &keeper->ids[id_place(base)];

	return row->bits == bits && tg_addr_same_host(row->base, base) ? row->id : (struct model_event_id){ 0 };
}

bool keeper_restore_ban(struct keeper *keeper, const struct model_ban *ban, struct terms_now now)
{
	struct guard_ban mine;

	if (keeper->is_restored || !terms_guard_ban(&mine, ban, now)) {
		return false;
	}
	keeper_note_id(keeper, mine.base, mine.bits, ban->id);
	guard_restore_ban(keeper->guard, &mine, now.now_us);
	return true;
}

bool keeper_restore_account(struct keeper *keeper, const struct model_guard_account *account, struct terms_now now)
{
	if (keeper->is_restored) {
		return false;
	}
	const struct guard_account mine = terms_guard_account(account);

	guard_restore_account(keeper->guard, &mine, now.now_us);
	return true;
}

void keeper_restored(struct keeper *keeper)
{
	if (!keeper->is_restored) {
		keeper->is_restored = true;
		start_with_allowed(&keeper->fence);
	}
}

/* ---- Sending ---- */

static bool is_over(const struct model_ban *ban, struct terms_now now)
{
	return ban->until_ms != 0 && ban->until_ms <= now.wall_us / TG_US_PER_MS;
}

/* What is nothing for the fence, is over for it. */
static void for_fence(const struct keeper *keeper, struct model_ban *ban)
{
	if ((ban->kind == MODEL_BAN && ban->in_kernel == 0) || !keeper->with_kernel) {
		ban->in_kernel = 0;
		ban->until_ms = 1;
	}
}

static bool send_ban(const struct keeper *keeper, const struct keeper_reader *reader, struct link *link,
                     const struct model_ban *ban)
{
	struct ipc_ban message = { .head.kind = IPC_BAN, .ban = *ban };

	if (reader->is_fence) {
		for_fence(keeper, &message.ban);
	}
	return link_is_clear(link) && link_send(link, &message, sizeof(message));
}

static void keep_end(struct keeper_reader *reader, const struct model_ban *ban)
{
	if (reader->end_count == KEEPER_ENDS) {
		begin_anew(reader);
		return;
	}
	reader->ends[(reader->first_end + reader->end_count) % KEEPER_ENDS] = *ban;
	reader->end_count++;
}

/* While allowances are told, the round tells a ban after them. */
static bool is_for_later(const struct keeper_reader *reader, const struct model_ban *ban, struct terms_now now)
{
	return reader->is_allowing && ban->kind == MODEL_BAN && !is_over(ban, now);
}

/* The same address may be banned again by now: then the end is no news any more, and the round tells the ban after it. */
static void tell(struct keeper *keeper, struct keeper_reader *reader, struct link *link, const struct model_ban *ban,
                 struct terms_now now)
{
	if (is_for_later(reader, ban, now) || (reader->end_count == 0 && send_ban(keeper, reader, link, ban)) ||
	    link->channel == NULL || reader->anew == KEEPER_ANEW_DUE) {
		return; /* whoever comes, or begins anew, gets all there is */
	}
	if (is_over(ban, now)) {
		keep_end(reader, ban);
	} else if (ban->kind == MODEL_ALLOW) {
		start_with_allowed(reader);
	} else {
		start_again(reader);
	}
}

/* @return false if nothing more fits now */
static bool send_ends(struct keeper *keeper, struct keeper_reader *reader, struct link *link)
{
	for (int i = 0; i < A_TURN && reader->end_count > 0; i++) {
		if (!send_ban(keeper, reader, link, &reader->ends[reader->first_end])) {
			return false;
		}
		reader->first_end = (reader->first_end + 1) % KEEPER_ENDS;
		reader->end_count--;
	}
	return reader->end_count == 0;
}

/* Who begins anew hears of the steps that are remembered, too, or forgets them. The filter has no use for them. */
static bool next_row(const struct keeper *keeper, const struct keeper_reader *reader, struct guard_ban *ban,
                     uint32_t *cursor, struct terms_now now)
{
	return reader->anew == KEEPER_AS_IT_IS || reader->is_fence
	               ? guard_ban_row(keeper->guard, cursor, now.now_us, ban)
	               : guard_kept_ban(keeper->guard, cursor, ban);
}

/* The next one of the round; false at its end. */
static bool next_of_round(const struct keeper *keeper, struct keeper_reader *reader, struct guard_ban *ban,
                          uint32_t *cursor, struct terms_now now)
{
	*cursor = reader->allowed;
	if (reader->is_allowing && guard_allowed_row(keeper->guard, cursor, now.now_us, ban)) {
		return true;
	}
	reader->is_allowing = false;
	*cursor = reader->cursor;
	if (!next_row(keeper, reader, ban, cursor, now)) {
		if (reader->has_turned) {
			return false;
		}
		reader->has_turned = true;
		*cursor = reader->cursor = 0;
		if (!next_row(keeper, reader, ban, cursor, now)) {
			return false;
		}
	}
	return !reader->has_turned || reader->cursor < reader->stop;
}

static bool is_by_hand(const struct model_ban *ban)
{
	return ban->kind == MODEL_ALLOW || ban->who[0] != '\0';
}

/* Lengths that the fence has a set for. Another one shares its elements with other networks, see daemon/fence.h. */
static bool is_even(const struct model_ban *ban)
{
	return ban->base.family == TG_IPV4
	               ? ban->bits % 8 == 0 && ban->bits >= 16
	               : ban->bits == 128 || ban->bits == 64 || ban->bits == 56 || ban->bits == 48 || ban->bits == 32;
}

/* Among what is active now; the guard's own bans are even. */
static bool has_odd(const struct keeper *keeper, uint8_t family)
{
	struct model_ban row = { .base.family = family };
	uint64_t words[GUARD_LENGTH_WORDS];
	bool found = false;

	guard_ban_lengths(keeper->guard, family != TG_IPV4, words);
	for (row.bits = 0; row.bits <= 128; row.bits++) {
		found = found || ((words[row.bits / 64] >> row.bits % 64 & 1) != 0 && !is_even(&row));
	}
	return found;
}

/* Whether elements of others may have gone with it: it was several of them, or one of a network that is several. */
static bool takes_along(const struct keeper *keeper, const struct model_ban *change, struct terms_now now)
{
	return is_by_hand(change) &&
	       (!is_even(change) || (is_over(change, now) && has_odd(keeper, change->base.family)));
}

/* The operator may have banned what was allowed, or allowed what was banned: what it was before is in another set. */
static void tell_fence(struct keeper *keeper, struct link *fence, const struct model_ban *change, struct terms_now now)
{
	if (is_by_hand(change)) {
		struct model_ban before = *change;

		before.kind = change->kind == MODEL_ALLOW ? MODEL_BAN : MODEL_ALLOW;
		before.in_kernel = 0;
		before.until_ms = 1;
		tell(keeper, &keeper->fence, fence, &before, now);
	}
	tell(keeper, &keeper->fence, fence, change, now);
	if (takes_along(keeper, change, now)) {
		start_with_allowed(&keeper->fence);
	}
}

/* What the store remembers is not forgotten before it has told it. */
static bool may_go_round(const struct keeper *keeper, const struct keeper_reader *reader)
{
	return reader->is_behind && (reader->anew != KEEPER_ANEW_DUE || reader->is_fence || keeper->is_restored);
}

static bool send_mark(struct keeper_reader *reader, struct link *link, enum keeper_anew from, enum keeper_anew to)
{
	const struct ipc_plain mark = { .head.kind = from == KEEPER_ANEW_DUE ? IPC_BANS_ANEW : IPC_BANS_ALL };

	if (reader->anew == from) {
		if (!link_is_clear(link) || !link_send(link, &mark, sizeof(mark))) {
			return false;
		}
		reader->anew = to;
	}
	return true;
}

/* First what is over, then all that is not, the fence's allowances before its bans. */
static void catch_up(struct keeper *keeper, struct keeper_reader *reader, struct link *link, struct terms_now now)
{
	struct guard_ban ban;
	uint32_t cursor;

	if (!send_ends(keeper, reader, link) || !may_go_round(keeper, reader) ||
	    !send_mark(reader, link, KEEPER_ANEW_DUE, KEEPER_ANEW_SENT)) {
		return;
	}
	for (int i = 0; i < A_TURN; i++) {
		if (!next_of_round(keeper, reader, &ban, &cursor, now)) {
			reader->is_behind = !send_mark(reader, link, KEEPER_ANEW_SENT, KEEPER_AS_IT_IS);
			return;
		}
		const struct model_ban row = terms_ban(&ban, keeper_id_of(keeper, ban.base, ban.bits), now);

		if (!send_ban(keeper, reader, link, &row)) {
			return;
		}
		if (reader->is_allowing) {
			reader->allowed = cursor;
		} else {
			reader->cursor = cursor;
		}
	}
}

static bool send_account(struct link *store, const struct model_guard_account *account)
{
	const struct ipc_guard_account message = { .head.kind = IPC_GUARD_ACCOUNT, .account = *account };

	return link_is_clear(store) && link_send(store, &message, sizeof(message));
}

static void tell_accounts_again(struct keeper *keeper, struct link *store)
{
	while (keeper->accounts_again > 0) {
		const uint32_t place = (keeper->account_next + KEEPER_ACCOUNTS - keeper->accounts_again) %
		                       KEEPER_ACCOUNTS;

		if (!send_account(store, &keeper->accounts[place])) {
			return;
		}
		keeper->accounts_again--;
	}
}

static void tell_accounts(struct keeper *keeper, struct link *store, uint64_t now_us)
{
	struct guard_account account;

	tell_accounts_again(keeper, store);
	for (int i = 0; i < A_TURN && keeper->accounts_again == 0 && link_is_clear(store) &&
	                guard_next_account(keeper->guard, &account, now_us);
	     i++) {
		keeper->accounts[keeper->account_next] = terms_account(&account);
		/* A record that the channel does not take now is told again with the next ones. */
		keeper->accounts_again += send_account(store, &keeper->accounts[keeper->account_next]) ? 0 : 1;
		keeper->account_next = (keeper->account_next + 1) % KEEPER_ACCOUNTS;
		keeper->account_count = (uint32_t)tg_min_u64(keeper->account_count + 1, KEEPER_ACCOUNTS);
	}
}

void keeper_turn(struct keeper *keeper, struct link *store, struct link *fence, struct terms_now now)
{
	struct guard_ban ban;
	int changes = 0;

	catch_up(keeper, &keeper->store, store, now);
	catch_up(keeper, &keeper->fence, fence, now);
	keeper->has_more = true;
	for (; changes < A_TURN; changes++) {
		if (!guard_next_ban(keeper->guard, &ban)) {
			keeper->has_more = false;
			break;
		}
		if (keeper->on_change != NULL) {
			keeper->on_change(keeper->owner, &ban, now.now_us);
		}
		const struct model_ban change = terms_ban(&ban, keeper_id_of(keeper, ban.base, ban.bits), now);

		tell(keeper, &keeper->store, store, &change, now);
		tell_fence(keeper, fence, &change, now);
	}
	tell_accounts(keeper, store, now.now_us);
}

static bool reader_waits(const struct keeper *keeper, const struct keeper_reader *reader, const struct link *link)
{
	return (may_go_round(keeper, reader) || reader->end_count > 0) && link_is_clear(link);
}

bool keeper_wait(const struct keeper *keeper, const struct link *store, const struct link *fence)
{
	return keeper->has_more || reader_waits(keeper, &keeper->store, store) ||
	       reader_waits(keeper, &keeper->fence, fence) || (keeper->accounts_again > 0 && link_is_clear(store));
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/core.h"

/* Legs of those who have not shown yet who they are: rulings R7 and R11. */

enum {
	PORTS_MAX = 32,    /* of one host that are told apart */
	REFUSED_SHARE = 4, /* R7: the smaller budget of those who only wait for their refusal to arrive */
};

/* ---- Lists ----------------------------------------------------------------------------------------------------- */

static void leave(struct iax_endpoint *ep, struct leg *leg)
{
	struct core_queue *list = &ep->lists[leg->list];

	if (leg->list == CORE_NO_LIST) {
		return;
	}
	if (leg->older != 0) {
		core_leg_at(ep, leg->older - 1)->younger = leg->younger;
	} else {
		list->oldest = leg->younger;
	}
	if (leg->younger != 0) {
		core_leg_at(ep, leg->younger - 1)->older = leg->older;
	} else {
		list->youngest = leg->older;
	}
	list->count--;
	leg->older = leg->younger = 0;
	leg->list = CORE_NO_LIST;
}

static void join(struct iax_endpoint *ep, struct leg *leg, enum core_list which)
{
	struct core_queue *list = &ep->lists[which];
	const uint32_t self = core_leg_index(ep, leg) + 1;

	leg->list = (uint8_t)which;
	leg->older = list->youngest;
	if (list->youngest != 0) {
		core_leg_at(ep, list->youngest - 1)->younger = self;
	} else {
		list->oldest = self;
	}
	list->youngest = self;
	list->count++;
}

static void leave_host_list(struct iax_endpoint *ep, struct leg *leg, struct core_host *host)
{
	if (leg->host_older != 0) {
		core_leg_at(ep, leg->host_older - 1)->host_younger = leg->host_younger;
	} else {
		host->oldest = leg->host_younger;
	}
	if (leg->host_younger != 0) {
		core_leg_at(ep, leg->host_younger - 1)->host_older = leg->host_older;
	} else {
		host->youngest = leg->host_older;
	}
	leg->host_older = leg->host_younger = 0;
	host->half_open--;
}

static void join_host_list(struct iax_endpoint *ep, struct leg *leg, struct core_host *host)
{
	const uint32_t self = core_leg_index(ep, leg) + 1;

	leg->host_older = host->youngest;
	if (host->youngest != 0) {
		core_leg_at(ep, host->youngest - 1)->host_younger = self;
	} else {
		host->oldest = self;
	}
	host->youngest = self;
	host->half_open++;
}

uint32_t legs_half_open(const struct iax_endpoint *ep, bool of_strangers)
{
	const struct core_queue *lists = ep->lists;
	const uint32_t strangers = lists[CORE_STRANGER].count + lists[CORE_STRANGER_UNPROVEN].count +
	                           lists[CORE_STRANGER_ANSWERED].count;

	return of_strangers ? strangers
	                    : strangers + lists[CORE_KNOWN].count + lists[CORE_KNOWN_UNPROVEN].count +
	                              lists[CORE_KNOWN_ANSWERED].count;
}

/* ---- Coming and going ------------------------------------------------------------------------------------------ */

static bool is_half_open(const struct leg *leg)
{
	return leg->list != CORE_NO_LIST && leg->list != CORE_REFUSED;
}

static enum core_list list_of(const struct leg *leg)
{
	if (leg->known) {
		return leg->proof == IAX_PROVEN ? CORE_KNOWN : CORE_KNOWN_UNPROVEN;
	}
	return leg->proof == IAX_PROVEN ? CORE_STRANGER : CORE_STRANGER_UNPROVEN;
}

bool legs_doubt(struct iax_endpoint *ep, struct leg *leg, const struct iax_pass *pass)
{
	struct core_host *host = hosts_of(ep, &leg->remote);
	const bool unproven = pass->proof != IAX_PROVEN;

	if (host == NULL) {
		return false;
	}
	leg->host = hosts_index(ep, host) + 1;
	leg->proof = (uint8_t)pass->proof;
	leg->known = host->known = pass->is_known;
	host->limit = pass->numbers_max;
	host->proven |= !unproven;
	host->used++;
	host->unproven += unproven;
	host->anonymous += unproven;
	ep->unproven[leg->known] += unproven;
	join(ep, leg, list_of(leg));
	join_host_list(ep, leg, host);
	hosts_settle(ep, host);
	return true;
}

void legs_answered(struct iax_endpoint *ep, struct leg *leg)
{
	if (is_half_open(leg)) {
		leave(ep, leg);
		join(ep, leg, leg->known ? CORE_KNOWN_ANSWERED : CORE_STRANGER_ANSWERED);
	}
}

void legs_prove(struct iax_endpoint *ep, struct leg *leg)
{
	if (!is_half_open(leg)) {
		return;
	}
	struct core_host *host = hosts_at(ep, leg->host - 1);

	leave(ep, leg);
	leave_host_list(ep, leg, host);
	if (leg->authenticated && leg->proof != IAX_PROVEN) {
		host->anonymous--;
	}
	hosts_settle(ep, host);
}

static void uncount(struct iax_endpoint *ep, struct leg *leg)
{
	struct core_host *host = hosts_at(ep, leg->host - 1);
	const bool unproven = leg->proof != IAX_PROVEN;

	host->used--;
	host->unproven -= unproven;
	host->anonymous -= unproven && !leg->authenticated;
	ep->unproven[leg->known] -= unproven;
	leg->host = 0;
	hosts_settle(ep, host);
}

void legs_leave(struct iax_endpoint *ep, struct leg *leg)
{
	legs_prove(ep, leg);
	leave(ep, leg);
	if (leg->host != 0) {
		uncount(ep, leg);
	}
}

void legs_refuse(struct iax_endpoint *ep, struct leg *leg, uint64_t now_us)
{
	const struct core_queue *refused = &ep->lists[CORE_REFUSED];

	if (!is_half_open(leg)) {
		return;
	}
	legs_leave(ep, leg);
	if (refused->count > 0 && refused->count >= ep->config.legs_max / REFUSED_SHARE) {
		legs_free(ep, core_leg_at(ep, refused->oldest - 1), now_us);
	}
	join(ep, leg, CORE_REFUSED);
}

/* ---- Making room ----------------------------------------------------------------------------------------------- */

static struct leg *first_of(const struct iax_endpoint *ep, enum core_list which)
{
	const uint32_t oldest = ep->lists[which].oldest;

	return oldest == 0 ? NULL : core_leg_at(ep, oldest - 1);
}

struct leg *legs_oldest(const struct iax_endpoint *ep, enum core_list one, enum core_list other)
{
	struct leg *a = first_of(ep, one), *b = first_of(ep, other);

	if (a == NULL || b == NULL) {
		return a != NULL ? a : b;
	}
	return a->epoch_us <= b->epoch_us ? a : b;
}

/* Half-open legs of a host from one port, and the oldest that is unanswered. */
struct port {
	uint16_t port;
	uint16_t count;
	struct leg *oldest;
};

static struct port *port_of(struct port *ports, size_t *count, uint16_t port)
{
	size_t i = 0;

	while (i < *count && ports[i].port != port) {
		i++;
	}
	if (i == PORTS_MAX) {
		return NULL;
	}
	if (i == *count) {
		ports[(*count)++] = (struct port){ .port = port };
	}
	return &ports[i];
}

/* Ports are noted in the order of their oldest legs: of ports alike, who waits longest gives. */
static struct leg *oldest_of_most(const struct port *ports, size_t count)
{
	const struct port *most = NULL;

	for (size_t i = 0; i < count; i++) {
		if (ports[i].oldest != NULL &&
		    (most == NULL || ports[i].count > most->count ||
		     (ports[i].count == most->count && ports[i].oldest->epoch_us < most->oldest->epoch_us))) {
			most = &ports[i];
		}
	}
	return most == NULL ? NULL : most->oldest;
}

struct leg *legs_to_give_of(const struct iax_endpoint *ep, const struct core_host *host)
{
	struct port ports[PORTS_MAX];
	size_t count = 0;

	/* Not more than half_open_host of them. */
	for (uint32_t at = host->oldest; at != 0;) {
		struct leg *leg = core_leg_at(ep, at - 1);
		struct port *port = port_of(ports, &count, leg->remote.port);

		if (port != NULL) {
			port->count++;
			if (port->oldest == NULL && leg->list < CORE_STRANGER_ANSWERED) {
				port->oldest = leg;
			}
		}
		at = leg->host_younger;
	}
	return oldest_of_most(ports, count);
}

/* Who holds many gives first. */
static struct leg *of_a_crowd(const struct iax_endpoint *ep, bool known)
{
	for (unsigned count = HOSTS_CROWDS; count > 1; count--) {
		const struct core_host *host = hosts_first(ep, known, count);
		struct leg *leg = host == NULL ? NULL : legs_to_give_of(ep, host);

		if (leg != NULL) {
			return leg;
		}
	}
	return NULL;
}

static struct leg *strangers_to_give(const struct iax_endpoint *ep)
{
	struct leg *leg = of_a_crowd(ep, false);

	return leg != NULL ? leg : legs_oldest(ep, CORE_STRANGER, CORE_STRANGER_UNPROVEN);
}

static struct leg *known_to_give(const struct iax_endpoint *ep)
{
	struct leg *leg = of_a_crowd(ep, true);

	return leg != NULL ? leg : legs_oldest(ep, CORE_KNOWN, CORE_KNOWN_UNPROVEN);
}

struct leg *legs_half_open_to_give(const struct iax_endpoint *ep, bool for_known)
{
	struct leg *leg = strangers_to_give(ep);

	return leg != NULL || !for_known ? leg : known_to_give(ep);
}

struct leg *legs_to_give(const struct iax_endpoint *ep, bool for_known)
{
	struct leg *leg = strangers_to_give(ep);

	if (leg == NULL) {
		leg = first_of(ep, CORE_REFUSED);
	}
	return leg != NULL || !for_known ? leg : known_to_give(ep);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/setup_plan.h"

#include <string.h>

const struct setup_party *setup_first(const struct setup_plan *plan, enum setup_kind kind)
{
	for (size_t i = 0; i < plan->count; i++) {
		if (plan->parties[i].kind == kind) {
			return &plan->parties[i];
		}
	}
	return NULL;
}

const struct setup_party *setup_caller(const struct setup_plan *plan)
{
	const struct setup_party *phone = setup_first(plan, SETUP_PHONE);

	return phone != NULL ? phone : setup_first(plan, SETUP_NODE);
}

static bool has_phone(const struct setup_plan *plan, const char *number)
{
	for (size_t i = 0; i < plan->count; i++) {
		if (plan->parties[i].kind == SETUP_PHONE && strcmp(plan->parties[i].number, number) == 0) {
			return true;
		}
	}
	return false;
}

static bool fill_in(struct setup_plan *plan, char wrong[TOOL_WRONG_BYTES])
{
	if (plan->listens == 0 && !setup_answer(plan, "listen", "all", wrong)) {
		return false;
	}
	if (setup_caller(plan) == NULL && !setup_answer(plan, "account", "phone1 2001", wrong)) {
		return false;
	}
	if (plan->inbound[0] == '\0' && setup_first(plan, SETUP_PHONE) != NULL) {
		snprintf(plan->inbound, sizeof(plan->inbound), "%s", setup_first(plan, SETUP_PHONE)->number);
	}
	return true;
}

static bool fits_together(const struct setup_plan *plan, char wrong[TOOL_WRONG_BYTES])
{
	const struct setup_party *trunk = setup_first(plan, SETUP_TRUNK);

	for (size_t i = 0; i < plan->count; i++) {
		if (plan->parties[i].kind == SETUP_SITE && strcmp(plan->parties[i].name, plan->here) == 0) {
			return setup_wrong(wrong,
			                   "this site and another one are both called %s: say here=", plan->here);
		}
	}
	if (plan->inbound[0] != '\0' && !has_phone(plan, plan->inbound)) {
		return setup_wrong(wrong, "inbound: %s is the number of no account", plan->inbound);
	}
	if (plan->paid && trunk == NULL) {
		return setup_wrong(wrong, "paid: there is no trunk that could carry such calls");
	}
	return !plan->paid || plan->country[0] != '\0' ||
	       setup_wrong(wrong, "paid: the country is needed, to know which numbers are dear");
}

bool setup_plan_finish(struct setup_plan *plan, char wrong[TOOL_WRONG_BYTES])
{
	if (!fill_in(plan, wrong) || !fits_together(plan, wrong)) {
		return false;
	}
	for (size_t i = 0; i < plan->listens; i++) {
		plan->listen[i].port = plan->listen[i].port != 0 ? plan->listen[i].port : plan->port;
	}
	for (size_t i = 0; i < plan->count; i++) {
		if (plan->parties[i].secret[0] == '\0') {
			setup_secret_make(plan->parties[i].secret);
		}
	}
	return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "model/guardstate.h"

const char *model_ban_kind_name(uint32_t kind)
{
	static const char *const names[MODEL_BAN_KINDS] = { [MODEL_BAN] = "ban", [MODEL_ALLOW] = "allow" };

	return kind < MODEL_BAN_KINDS ? names[kind] : "?";
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/roles.h"

/* Of rooms that this one does not include: the program is put together by name. */
int engine_main(int parent_fd);
int desk_main(int parent_fd);

static int engine_role(const struct role_args *args)
{
	return engine_main(args->channel_fd);
}

static int desk_role(const struct role_args *args)
{
	return desk_main(args->channel_fd);
}

const struct role roles[] = {
	{ PROC_ENGINE, "engine", engine_role }, { PROC_VAULT, "vault", vault_main },
	{ PROC_STORE, "store", store_main },    { PROC_LOADER, "loader", loader_main },
	{ PROC_DESK, "desk", desk_role },       { PROC_FENCE, "fence", fence_main },
};
const size_t role_count = TG_COUNT(roles);

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TOOLS_FRONT_MANIFEST_H
#define TG_TOOLS_FRONT_MANIFEST_H

#include "tools/front_keep.h"

/**
 * STATE/front/manifest: a line a file or folder, in the order in which they are written.
 *
 *     tollgate front 1
 *     folder UID GID MODE PATH
 *     new SHA256 UID GID MODE PATH
 *     old SHA256-BEFORE SHA256-NOW UID GID MODE MTIME.NANOSECONDS BACKUP PATH
 *     copy, added  as old: what of ours that was there
 *     end COUNT
 */

/** Into keep->entries. No manifest is no entries. */
TG_MUST_USE bool front_manifest_read(struct front_keep *keep, char why[FRONT_WHY_BYTES]);

/** All of keep->entries; on disk when this returns. */
TG_MUST_USE bool front_manifest_write(const struct front_keep *keep, char why[FRONT_WHY_BYTES]);

TG_MUST_USE bool front_manifest_remove(const struct front_keep *keep, char why[FRONT_WHY_BYTES]);

/** The entries. */
void front_manifest_free(struct front_keep *keep);

#endif

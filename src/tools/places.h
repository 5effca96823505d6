/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TOOLS_PLACES_H
#define TG_TOOLS_PLACES_H

/** Where things are and whose they are, unless somebody says otherwise: as tollgated has it, and the packages. */

#define TOOL_CONFIG_DIR "/etc/tollgate"
#define TOOL_STATE_DIR "/var/lib/tollgate"
#define TOOL_DAEMON "tollgate" /* its user, and the group that may read the configuration */

#endif

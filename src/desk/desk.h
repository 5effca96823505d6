/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_DESK_DESK_H
#define TG_DESK_DESK_H

/**
 * The desk process: answers the console at STATE/tollgate.ctl. Its parent makes that unix stream socket (bound,
 * listening) and hands it over with IPC_LISTENER; then IPC_WORLD images and one IPC_CHANNEL each to the engine and the
 * store come, now and whenever one of them was started again. It asks them with IPC_QUERY,
 * passes reload and stop to the parent with IPC_COMMAND, and owns nothing itself.
 *
 * @param parent_fd  our end of the SOCK_SEQPACKET pair with the parent; closed before the return
 * @return the process's exit code: 0 after IPC_STOP or when the parent is gone
 */
int desk_main(int parent_fd);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_ENGINE_ENGINE_H
#define TG_ENGINE_ENGINE_H

/**
 * The process with the UDP port: door, switch and relay, in as many threads as the world says. Returns when told to stop
 * or when the parent is gone.
 *
 * The parent first sends, in any order: every IPC_SOCKET, IPC_OUTBOX, the channels to vault and store, IPC_PROMPTS; then IPC_WORLD.
 * With the first world the engine enters its sandbox, starts its threads and answers IPC_READY. Later come IPC_PROMPTS and
 * IPC_WORLD again (a reload: prompts first), IPC_CHANNEL for processes that were started anew, and IPC_STOP, answered by
 * IPC_STOPPED when no call is left.
 *
 * @param parent_fd  the channel to the parent
 * @return the exit code of the process
 */
int engine_main(int parent_fd);

#endif

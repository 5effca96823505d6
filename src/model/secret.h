/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_MODEL_SECRET_H
#define TG_MODEL_SECRET_H

/** Whose secret it is: a secret is found by this and a name. The same four, in the same order, as enum ipc_identity. */
enum model_identity {
	MODEL_CALLER,       /* a user that calls us; may have several */
	MODEL_REGISTRANT,   /* a peer that registers with us */
	MODEL_OUR_PEER,     /* we answer a challenge of a peer we call */
	MODEL_OUR_REGISTER, /* we answer a registrar; the name is that of a struct world_registration */
	MODEL_IDENTITIES,
};

enum { MODEL_SECRET_MAX = 255 };

#endif

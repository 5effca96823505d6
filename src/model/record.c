/* SPDX-License-Identifier: Apache-2.0 */
#include "model/record.h"

const char *model_disposition_name(enum model_disposition disposition)
{
	switch (disposition) {
	case MODEL_NO_ANSWER:
		return "NO ANSWER";
	case MODEL_ANSWERED:
		return "ANSWERED";
	case MODEL_BUSY:
		return "BUSY";
	case MODEL_FAILED:
		return "FAILED";
	case MODEL_DISPOSITIONS:
		break;
	}
	return "(unknown)";
}

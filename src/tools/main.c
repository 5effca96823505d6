/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/tool.h"

int main(int argc, char **argv)
{
	return tool_main(argc, argv);
}

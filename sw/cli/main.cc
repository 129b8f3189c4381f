// SPDX-License-Identifier: Apache-2.0
#include "sw/cli/cli.h"

int main(int argc, char** argv) { return systole::RunCommandLine(argc, argv); }

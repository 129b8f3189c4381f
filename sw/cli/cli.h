// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace systole {

/// The program: parses the command line and runs the command. Returns the exit status: 0 done, 1 a
/// run that failed, 2 a bad request.
int RunCommandLine(int argc, const char* const* argv);

}  // namespace systole

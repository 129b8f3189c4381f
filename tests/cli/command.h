// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "sw/ir/network.h"

namespace systole {

/// What a command line did.
struct Outcome {
  int status = 0;
  std::string out, err;
};

/// Runs the program's command line in this process; `words` without "systole".
Outcome RunCommand(const std::vector<std::string>& words);

/// A folder of this test's own, empty.
std::filesystem::path TestFolder();

/// Names of the files below a folder, sorted; empty when there is none.
std::vector<std::string> FilesIn(const std::filesystem::path& folder);

/// A float classifier of 1x2x6x6 inputs "x" (batch open): Conv "conv", Relu, depthwise 1x3 Conv
/// "line", Flatten, Gemm "score" to 3 classes "y". Weights from `seed`.
Network SmallFloatNetwork(unsigned seed = 1);

/// The same shape of network in QOperator form.
Network SmallQuantizedNetwork(unsigned seed = 1);

}  // namespace systole

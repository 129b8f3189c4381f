// SPDX-License-Identifier: Apache-2.0
#include "sw/cli/workloads.h"

#include <fmt/format.h>

#include "base/error.h"

namespace systole {

ArrayWorkload LeNetWorkload(const std::filesystem::path& models) {
  const std::filesystem::path folder = models / "lenet";
  if (!std::filesystem::exists(folder / "lenet5.onnx")) {
    throw RequestError(fmt::format("{} does not exist: LeNet is read from there", folder.string()),
                       "run in Systole's folder, or pass --models DIR");
  }
  return FileWorkload("lenet", folder / "lenet5.onnx", folder / "digits.npy");
}

}  // namespace systole

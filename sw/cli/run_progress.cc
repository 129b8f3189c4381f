// SPDX-License-Identifier: Apache-2.0
#include "sw/cli/run_progress.h"

#include <fmt/format.h>

#include "sw/cli/interrupt.h"

namespace systole {
namespace {

std::string ProgressText(const RunProgress& progress) {
  const double speed =
      progress.seconds > 0 ? static_cast<double>(progress.cycles_done) / progress.seconds : 0;
  const auto left = static_cast<double>(progress.cycles - progress.cycles_done);
  return fmt::format("{} of {} layers, {}: tile {} of {}, {} cycles/s, {} left",
                     progress.layers_done, progress.layers, progress.layer, progress.tiles_done,
                     progress.tiles, Short(speed), speed > 0 ? Duration(left / speed) : "?");
}

}  // namespace

RunHooks ProgressHooks(ProgressLine& line, const std::string& prefix) {
  RunHooks hooks;
  hooks.on_build = [&line](const std::string& what) {
    line.Clear();
    fmt::print(stderr, "compiling the simulation of the {} core; it is kept for the next run\n",
               what);
  };
  hooks.on_progress = [&line, prefix](const RunProgress& progress) {
    line.Show(prefix + ProgressText(progress));
  };
  hooks.stop = WasInterrupted;
  return hooks;
}

}  // namespace systole

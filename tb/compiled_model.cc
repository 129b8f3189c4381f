// SPDX-License-Identifier: Apache-2.0
#include "tb/compiled_model.h"

#include <fmt/format.h>

#include "gen/systolic/systolic_core.h"
#include "harness_sources.h"
#include "tb/frame_ports.h"

namespace systole {
namespace {

std::vector<std::string> Defines(const ArrayConfig& config) {
  int rows_width = 0;
  while ((1 << rows_width) < config.rows + 1) ++rows_width;
  const auto define = [](const char* name, int value) {
    return fmt::format("SYSTOLE_{}={}", name, value);
  };
  return {define("ROWS", config.rows),
          define("COLS", config.cols),
          define("LANES", WeightLanes(config)),
          define("DATA_WIDTH", config.data_width),
          define("ACC_WIDTH", config.acc_width),
          define("COUNT_WIDTH", config.count_width),
          define("ROWS_WIDTH", rows_width),
          define("STOS", config.dataflow == Dataflow::kOsStos ? 1 : 0)};
}

ModelSource Source(const ArrayConfig& config, std::vector<rtl::File> verilog) {
  if (auto problems = Check(config); !problems.empty()) throw RequestError(std::move(problems));
  std::vector<rtl::File> harness = HarnessFiles(harness_sources(), "tb/harness");
  harness.push_back(PortsHeader(BuildSystolicCore(config)));
  return {.kind = "core",
          .name = ToString(config),
          .top = "systolic_core",
          .verilog = std::move(verilog),
          .harness = std::move(harness),
          .main = "tb/harness/harness.cc",
          .defines = Defines(config)};
}

}  // namespace

CompiledModel::CompiledModel(const ArrayConfig& config, const ModelOptions& options)
    : CompiledModel(config, rtl::VerilogFiles(BuildSystolicCore(config)), options) {}

CompiledModel::CompiledModel(const ArrayConfig& config, std::vector<rtl::File> verilog,
                             const ModelOptions& options)
    : library_(Source(config, std::move(verilog)), options),
      entry_(reinterpret_cast<HarnessEntry>(library_.Symbol(kHarnessEntry))) {}

}  // namespace systole

// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "gen/systolic/systolic_core.h"
#include "sw/cli/array_options.h"
#include "sw/cli/commands.h"
#include "sw/cli/output.h"

namespace systole {
namespace {

void GenArray(Options& options) {
  const ArrayConfig config = ReadArrayOptions(options);
  options.Require("-o", "DIR");
  options.ThrowIfBad();
  const std::filesystem::path folder = options.Text("-o");
  const rtl::Design design = BuildSystolicCore(config);
  rtl::WriteDesign(design, config, folder);
  std::string text;
  nlohmann::json names = nlohmann::json::array();
  for (const rtl::File& file : rtl::DesignFiles(design, config)) {
    const std::string path = (folder / file.name).string();
    text += path + "\n";
    names.push_back(path);
  }
  text += fmt::format("{}: {}\n", design.top, ToString(config));
  WriteOutput(
      options, text,
      {{"systole", SYSTOLE_VERSION}, {"array", config}, {"top", design.top}, {"files", names}});
}

}  // namespace

void AddGenCommand(CLI::App& app) {
  CLI::App* gen = app.add_subcommand("gen", "Generate hardware");
  gen->require_subcommand(1);
  CLI::App* command = gen->add_subcommand(
      "array",
      "Verilog of a systolic array core, with file list, FuseSoC core file, JSON "
      "description and C header");
  auto options = std::make_shared<Options>(*command);
  DeclareArrayOptions(*options);
  options->Declare("-o", "DIR", "folder of the files; made if need be", "Output");
  DeclareJson(*options);
  command->footer(
      "Examples:\n"
      "  systole gen array -o build/core16\n"
      "  systole gen array --rows 32 --cols 32 --dataflow os -o core32\n"
      "  systole gen array --config core.toml --acc-width 24 -o core");
  command->final_callback([options] { GenArray(*options); });
}

}  // namespace systole

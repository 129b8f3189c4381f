// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "gen/nullcache/data_cache.h"
#include "gen/systolic/systolic_core.h"
#include "sw/cli/array_options.h"
#include "sw/cli/cache_options.h"
#include "sw/cli/commands.h"
#include "sw/cli/output.h"

namespace systole {
namespace {

/// Writes the design into -o and prints its files and `summary`.
void WriteFiles(const Options& options, const rtl::Design& design, const char* kind,
                const nlohmann::json& config, const std::string& summary) {
  const std::filesystem::path folder = options.Text("-o");
  rtl::WriteDesign(design, config, folder);
  std::string text;
  nlohmann::json names = nlohmann::json::array();
  for (const rtl::File& file : rtl::DesignFiles(design, config)) {
    const std::string path = (folder / file.name).string();
    text += path + "\n";
    names.push_back(path);
  }
  text += fmt::format("{}: {}\n", design.top, summary);
  WriteOutput(
      options, text,
      {{"systole", SYSTOLE_VERSION}, {kind, config}, {"top", design.top}, {"files", names}});
}

void GenArray(Options& options) {
  const ArrayConfig config = ReadArrayOptions(options);
  options.Require("-o", "DIR");
  options.ThrowIfBad();
  WriteFiles(options, BuildSystolicCore(config), "array", config, ToString(config));
}

void GenCache(Options& options) {
  const CacheConfig config = ReadCacheOptions(options);
  const bool axi4 = options.Has("--axi4");
  options.Require("-o", "DIR");
  options.ThrowIfBad();
  WriteFiles(options, axi4 ? BuildDataCacheAxi4(config) : BuildDataCache(config), "cache", config,
             ToString(config));
}

void AddGenArray(const Command& gen) {
  const Command command =
      gen.Add("array",
              "Verilog of a systolic array core, with file list, FuseSoC core file, JSON "
              "description and C header");
  auto options = std::make_shared<Options>(command);
  DeclareArrayOptions(*options);
  options->Declare("-o", "DIR", "folder of the files; made if need be", "Output");
  DeclareJson(*options);
  command.SetFooter(
      "Examples:\n"
      "  systole gen array -o build/core16\n"
      "  systole gen array --rows 32 --cols 32 --dataflow os -o core32\n"
      "  systole gen array --config core.toml --acc-width 24 -o core");
  command.SetRun([options] { GenArray(*options); });
}

void AddGenCache(const Command& gen) {
  const Command command = gen.Add(
      "cache",
      "Verilog of a data cache, with or without a null cache, with file list, FuseSoC core file, "
      "JSON description and C header");
  auto options = std::make_shared<Options>(command);
  DeclareCacheOptions(*options);
  options->DeclareFlag("--axi4", "an AXI4 manager at the memory side: data_cache_axi4", "Output");
  options->Declare("-o", "DIR", "folder of the files; made if need be", "Output");
  DeclareJson(*options);
  command.SetFooter(
      "Examples:\n"
      "  systole gen cache --null-cache -o build/cache\n"
      "  systole gen cache --size 32K --ways 8 --line 64 -o baseline\n"
      "  systole gen cache --null-cache --null-entries 256 --merge-search parallel -o cache256");
  command.SetRun([options] { GenCache(*options); });
}

}  // namespace

void AddGenCommand(const Command& app) {
  const Command gen = app.Add("gen", "Generate hardware");
  gen.NeedCommand();
  AddGenArray(gen);
  AddGenCache(gen);
}

}  // namespace systole

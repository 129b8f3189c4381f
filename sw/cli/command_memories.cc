// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <array>
#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "sw/cli/band_json.h"
#include "sw/cli/cache_options.h"
#include "sw/cli/commands.h"
#include "sw/cli/options.h"
#include "sw/cli/output.h"
#include "sw/cli/table.h"
#include "synth/macros/cache_cost.h"

namespace systole {
namespace {

constexpr MacroNode kDefaultNode = {0.18, 1.8};  // OSU 0.18, the default library of `systole synth`

struct Row {
  CacheConfig config;
  CacheMemories memories;
  CacheCost cost;
};

std::string Text(const Band& band, double unit) {
  const auto one = [unit](double value) {
    const double scaled = value / unit;
    return scaled >= 1000 ? Grouped(static_cast<std::uint64_t>(std::llround(scaled)))
                          : fmt::format("{:.3g}", scaled);
  };
  if (band.high == 0) return "-";
  if (band.low == band.high) return one(band.typical);
  return fmt::format("{} ({} to {})", one(band.typical), one(band.low), one(band.high));
}

nlohmann::json Json(const CacheMemory& memory) {
  return {{"depth", memory.shape.depth},
          {"width", memory.shape.width},
          {"count", memory.count},
          {"macro", memory.macro}};
}

/// The cache, the cache with the null cache, and one of twice the size.
std::vector<Row> Rows(CacheConfig config, const MacroNode& node, SramReading reading) {
  CacheConfig null = config;
  null.null_cache = true;
  config.null_cache = false;
  CacheConfig twice = config;
  twice.size_bytes *= 2;
  std::vector<Row> rows;
  for (const CacheConfig& one : {config, null, twice}) {
    if (!Check(one).empty()) continue;  // twice the largest
    rows.push_back({one, MemoriesOf(one, node, reading), CostOf(one, node, reading)});
  }
  return rows;
}

std::string MemoryLines(const Row& row) {
  std::string text;
  const auto add = [&](const char* name, const CacheMemory& memory) {
    text += fmt::format("  {:<5} {} x {} x {} bits: {}\n", name, memory.count, memory.shape.depth,
                        memory.shape.width, memory.macro);
  };
  add("tags", row.memories.tags);
  add("data", row.memories.data);
  if (row.memories.tcam) add("TCAM", *row.memories.tcam);
  return text;
}

constexpr std::array<const char*, 3> kTitles = {"this cache", "with null cache",
                                                "of twice the size"};

std::string ReportText(const std::vector<Row>& rows, const MacroNode& node, SramReading reading) {
  struct Line {
    const char* name;
    Band CacheCost::*band;
    double unit;
  };
  constexpr Line kLines[] = {{"L1, um2", &CacheCost::l1_area, 1},
                             {"TCAM, um2", &CacheCost::tcam_area, 1},
                             {"load that hits, pJ", &CacheCost::load, 1e-12},
                             {"store that hits, pJ", &CacheCost::store, 1e-12},
                             {"leakage, uW", &CacheCost::leakage, 1e-6},
                             {"slowest memory, ns", &CacheCost::access, 1e-9}};
  TextTable table;
  table.columns = {{"typical (low to high)"}};
  std::string memories;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    table.columns.push_back({kTitles.at(i), true});
    memories +=
        fmt::format("{}: {}\n{}", kTitles.at(i), ToString(rows[i].config), MemoryLines(rows[i]));
  }
  for (const Line& line : kLines) {
    std::vector<std::string>& cells = table.rows.emplace_back();
    cells.emplace_back(line.name);
    for (const Row& row : rows) cells.push_back(Text(row.cost.*line.band, line.unit));
  }
  return fmt::format("memories of a data cache at {:.4g} um and {:.4g} V, SRAM {}\n\n",
                     node.feature, node.voltage,
                     reading == SramReading::kReal ? "of macros that exist" : "modelled") +
         ToText(table) + "\n" + memories +
         "\nMemories only, without logic. The TCAM is a custom macro, modelled. A load reads all "
         "ways and\nsearches the TCAM, whichever has the line. docs/synthesis-memories.md has "
         "formulas and sources.\n";
}

nlohmann::json ReportJson(const std::vector<Row>& rows, const MacroNode& node,
                          SramReading reading) {
  nlohmann::json json = {{"systole", SYSTOLE_VERSION},
                         {"feature", node.feature},
                         {"voltage", node.voltage},
                         {"sram", reading == SramReading::kReal ? "real" : "modelled"}};
  for (const Row& row : rows) {
    nlohmann::json item = {{"cache", row.config},
                           {"l1_area", Json(row.cost.l1_area)},
                           {"tcam_area", Json(row.cost.tcam_area)},
                           {"load", Json(row.cost.load)},
                           {"store", Json(row.cost.store)},
                           {"leakage", Json(row.cost.leakage)},
                           {"access", Json(row.cost.access)},
                           {"tags", Json(row.memories.tags)},
                           {"data", Json(row.memories.data)}};
    if (row.memories.tcam) item["tcam"] = Json(*row.memories.tcam);
    json["caches"].push_back(item);
  }
  for (const auto& [name, source] : Macros().sources) {
    json["sources"][name] = {
        {"title", source.title}, {"where", source.where}, {"checked", source.checked}};
  }
  return json;
}

void RunMemories(Options& options) {
  const CacheConfig config = ReadCacheOptions(options);
  MacroNode node = {options.Number("--feature", kDefaultNode.feature, 0.01, 2),
                    options.Number("--voltage", kDefaultNode.voltage, 0.3, 10)};
  const SramReading reading = options.Choice("--sram", {"modelled", "real"}, "modelled") == "real"
                                  ? SramReading::kReal
                                  : SramReading::kModelled;
  options.ThrowIfBad();
  if (options.Has("--liberty")) {
    const Library library = ReadLiberty(options.Text("--liberty"));
    if (!options.Has("--feature")) node.feature = NodeOf(library).feature;
    if (!options.Has("--voltage") && library.voltage > 0) node.voltage = library.voltage;
  }
  const std::vector<Row> rows = Rows(config, node, reading);
  if (options.Has("--rams")) {
    WriteFile(options.Text("--rams"),
              MacroLiberty("cache_rams", RamCells(rows.front().memories), node));
  }
  WriteOutput(options, ReportText(rows, node, reading), ReportJson(rows, node, reading));
}

}  // namespace

void AddMemoriesCommand(const Command& app) {
  const Command command = app.Add(
      "memories", "Area and energy of a data cache's memories, beside a cache of twice the size");
  command.SetFooter(
      "Examples:\n"
      "  systole memories\n"
      "  systole memories --null-cache --null-entries 64 --feature 0.13 --voltage 1.2 --sram real\n"
      "  systole memories --size 8K --rams rams.lib && systole synth cache --size 8K --liberty "
      "cells.lib --liberty rams.lib\n"
      "  systole memories --liberty osu035_stdcells.lib --json memories.json");
  const auto options = std::make_shared<Options>(command);
  options->Declare("--liberty", "FILE", "the cell library whose node is meant");
  options->Declare("--feature", "UM", "feature size, um [that of the library, or 0.18]");
  options->Declare("--voltage", "V", "supply [that of the library, or 1.8]");
  options->Declare("--sram", "modelled|real",
                   "SRAM by formula, or put together from IHP's macros at 0.13 um and 1.2 V "
                   "[modelled]");
  options->Declare("--rams", "FILE",
                   "writes the cache's SRAM as cells of a Liberty file, for systole synth and "
                   "OpenSTA");
  DeclareCacheOptions(*options);
  DeclareJson(*options);
  command.SetRun([options] { RunMemories(*options); });
}

}  // namespace systole

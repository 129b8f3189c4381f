// SPDX-License-Identifier: Apache-2.0
#include "sw/cli/synth_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "sw/cli/table.h"

namespace systole {
namespace {

/// The modules of one block added up, over all their instances.
struct BlockArea {
  std::string block;
  std::uint64_t variants = 0, instances = 0;
  ModuleArea sum;
};

ModuleArea Times(const ModuleArea& module, std::uint64_t times) {
  ModuleArea sum;
  const double factor = static_cast<double>(times);
  sum.cells = module.cells * times;
  sum.registers = module.registers * times;
  sum.buffers = module.buffers * times;
  sum.clock_buffers = module.clock_buffers * times;
  sum.area = module.area * factor;
  sum.buffer_area = module.buffer_area * factor;
  sum.clock_buffer_area = module.clock_buffer_area * factor;
  sum.macro_area = module.macro_area * factor;
  return sum;
}

/// The largest first.
std::vector<BlockArea> Blocks(const DesignArea& design) {
  std::map<std::string, BlockArea> by_name;
  for (const ModuleArea& module : design.modules) {
    BlockArea& block = by_name[module.block];
    block.block = module.block;
    ++block.variants;
    block.instances += module.instances;
    block.sum += Times(module, module.instances);
  }
  std::vector<BlockArea> blocks;
  for (auto& [name, block] : by_name) blocks.push_back(std::move(block));
  std::stable_sort(blocks.begin(), blocks.end(),
                   [](const BlockArea& a, const BlockArea& b) { return a.sum.area > b.sum.area; });
  return blocks;
}

std::vector<std::string> Row(const std::string& name, const std::string& variants,
                             const std::string& instances, const ModuleArea& area,
                             const SynthReport& report) {
  const double total = report.synthesis.area.total.area;
  return {name,
          variants,
          instances,
          Grouped(area.cells),
          Grouped(area.registers),
          Rounded(area.buffer_area),
          Rounded(area.clock_buffer_area),
          Rounded(area.area),
          fmt::format("{:.2f}", area.area / report.nand2_area / 1000),
          fmt::format("{:.1f} %", total > 0 ? 100 * area.area / total : 0)};
}

std::string MacroText(const DesignArea& area) {
  std::string text;
  for (const MacroCount& macro : area.macros) {
    text += macro.area ? fmt::format("macro {}: {} of {} um2\n", macro.type, macro.instances,
                                     Rounded(*macro.area))
                       : fmt::format("macro {}: {}, NOT COUNTED: no library has it\n", macro.type,
                                     macro.instances);
  }
  return text;
}

nlohmann::json ToJson(const ModuleArea& area, double nand2) {
  return {{"cells", area.cells},
          {"registers", area.registers},
          {"buffers", area.buffers},
          {"clock_buffers", area.clock_buffers},
          {"area_um2", area.area},
          {"buffer_area_um2", area.buffer_area},
          {"clock_buffer_area_um2", area.clock_buffer_area},
          {"macro_area_um2", area.macro_area},
          {"kge", area.area / nand2 / 1000}};
}

nlohmann::json ToJson(const Provenance& provenance) {
  return {{"systole", SYSTOLE_VERSION},
          {"yosys", provenance.yosys},
          {"libraries", provenance.libraries},
          {"options", provenance.options},
          {"rtl_hash", provenance.rtl_hash}};
}

std::string ToText(const TimingResult& timing) {
  std::string text = fmt::format("clock: {:.1f} MHz ({:.3f} ns)", 1e-6 / timing.min_period,
                                 timing.min_period * 1e9);
  if (timing.slack)
    text += fmt::format("; slack {:.3f} ns at the clock asked for", *timing.slack * 1e9);
  text += fmt::format("\nworst path: {} to {}, {} cells, setup {:.3f} ns\n", timing.from, timing.to,
                      timing.stages.size() < 2 ? 0 : timing.stages.size() - 2, timing.setup * 1e9);
  TextTable table;
  table.columns = {
      {"ns", true}, {"edge", false}, {"cell", false}, {"instance", false}, {"net", false}};
  for (const TimingStage& stage : timing.stages) {
    table.rows.push_back({fmt::format("{:.3f}", stage.arrival * 1e9),
                          stage.rises ? "rises" : "falls", stage.cell, stage.instance, stage.net});
  }
  text += ToText(table);
  if (!timing.left_out.empty()) {
    text +=
        fmt::format("timing of a part: OpenSTA was not shown {}; the ones that stay are examples\n",
                    timing.left_out);
  }
  for (const std::string& macro : timing.unknown_macros) {
    text += fmt::format("timing without {}: no library has it, its paths are not seen\n", macro);
  }
  return text;
}

nlohmann::json ToJson(const TimingResult& timing) {
  nlohmann::json stages = nlohmann::json::array();
  for (const TimingStage& stage : timing.stages) {
    stages.push_back({{"instance", stage.instance},
                      {"pin", stage.pin},
                      {"cell", stage.cell},
                      {"net", stage.net},
                      {"edge", stage.rises ? "rise" : "fall"},
                      {"arrival_ns", stage.arrival * 1e9}});
  }
  nlohmann::json json = {{"min_period_ns", timing.min_period * 1e9},
                         {"max_clock_mhz", 1e-6 / timing.min_period},
                         {"from", timing.from},
                         {"to", timing.to},
                         {"setup_ns", timing.setup * 1e9},
                         {"stages", stages},
                         {"left_out", timing.left_out},
                         {"unknown_macros", timing.unknown_macros},
                         {"tool", timing.tool},
                         {"seconds", timing.seconds}};
  if (timing.slack) json["slack_ns"] = *timing.slack * 1e9;
  return json;
}

}  // namespace

std::string ToText(const SynthReport& report) {
  const SynthesisResult& synthesis = report.synthesis;
  TextTable table;
  table.columns = {{"block", false},    {"variants", true},  {"instances", true},
                   {"cells", true},     {"registers", true}, {"buffers um2", true},
                   {"clock um2", true}, {"area um2", true},  {"kGE", true},
                   {"share", true}};
  for (const BlockArea& block : Blocks(synthesis.area)) {
    table.rows.push_back(
        Row(block.block, Grouped(block.variants), Grouped(block.instances), block.sum, report));
  }
  table.rows.push_back({"-"});
  table.rows.push_back(Row("total", "", "", synthesis.area.total, report));
  std::string text = fmt::format("{}: {}\n{}{}", synthesis.area.total.block, report.design,
                                 ToText(table), MacroText(synthesis.area));
  text += fmt::format("mapped, without buffers: {} um2 in {} cells\n",
                      Rounded(synthesis.mapped.total.area), Grouped(synthesis.mapped.total.cells));
  if (report.timing) text += ToText(*report.timing);
  const Provenance& provenance = synthesis.provenance;
  for (const std::string& library : provenance.libraries) {
    text += fmt::format("library {}\n", library);
  }
  text += fmt::format("{}; {}\n", provenance.yosys, provenance.options);
  if (report.timing) text += fmt::format("{}; ideal clock, slowest delays\n", report.timing->tool);
  text += fmt::format("RTL {}; Yosys {:.1f} s for {} modules, the others kept from before",
                      provenance.rtl_hash, synthesis.seconds, synthesis.modules_made);
  if (report.timing) text += fmt::format("; OpenSTA {:.1f} s", report.timing->seconds);
  text += "\n";
  for (const std::string& warning : synthesis.warnings) {
    text += fmt::format("Yosys warns: {}\n", warning);
  }
  return text;
}

nlohmann::json ToJson(const SynthReport& report) {
  const SynthesisResult& synthesis = report.synthesis;
  nlohmann::json blocks = nlohmann::json::array(), modules = nlohmann::json::array(),
                 macros = nlohmann::json::array();
  for (const BlockArea& block : Blocks(synthesis.area)) {
    nlohmann::json json = ToJson(block.sum, report.nand2_area);
    json["block"] = block.block;
    json["variants"] = block.variants;
    json["instances"] = block.instances;
    blocks.push_back(std::move(json));
  }
  for (const ModuleArea& module : synthesis.area.modules) {
    nlohmann::json json = ToJson(module, report.nand2_area);
    json["module"] = module.module;
    json["block"] = module.block;
    json["instances"] = module.instances;
    modules.push_back(std::move(json));
  }
  for (const MacroCount& macro : synthesis.area.macros) {
    nlohmann::json json = {{"type", macro.type}, {"instances", macro.instances}};
    if (macro.area) json["area_um2"] = *macro.area;
    macros.push_back(std::move(json));
  }
  nlohmann::json json = {
      {report.kind, report.config},
      {"top", synthesis.area.total.block},
      {"blocks", blocks},
      {"modules", modules},
      {"macros", macros},
      {"total", ToJson(synthesis.area.total, report.nand2_area)},
      {"mapped",
       {{"area_um2", synthesis.mapped.total.area}, {"cells", synthesis.mapped.total.cells}}},
      {"cell_types", synthesis.area.total.types},
      {"nand2_area_um2", report.nand2_area},
      {"provenance", ToJson(synthesis.provenance)},
      {"warnings", synthesis.warnings},
      {"modules_made", synthesis.modules_made},
      {"seconds", synthesis.seconds}};
  if (report.timing) json["timing"] = ToJson(*report.timing);
  return json;
}

}  // namespace systole

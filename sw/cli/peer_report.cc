// SPDX-License-Identifier: Apache-2.0
#include "sw/cli/peer_report.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "sw/cli/table.h"

namespace systole {
namespace {

using nlohmann::json;

std::string Picojoules(double joules) { return fmt::format("{:.2f}", joules * 1e12); }
/// `value` over that of the first array, ours.
std::string Ratio(double value, double ours) { return fmt::format("{:.2f}", value / ours); }

std::string ElementTable(const PeerStudy& study) {
  const bool power = study.peers.front().results > 0;
  TextTable table;
  table.columns = {
      {"one element"}, {"um2", true}, {"kGE", true}, {"over ours", true}, {"ns", true}};
  if (power) table.columns.insert(table.columns.end(), {{"pJ/MAC", true}, {"over ours", true}});
  const PeerFigures& ours = study.peers.front();
  for (const PeerFigures& peer : study.peers) {
    std::vector<std::string> row = {
        peer.request.name, Rounded(peer.element_area),
        fmt::format("{:.3f}", peer.element_area / study.nand2_area / 1e3),
        Ratio(peer.element_area, ours.element_area), Nanoseconds(peer.element_period)};
    if (power) {
      row.push_back(Picojoules(peer.element_energy_per_mac));
      row.push_back(Ratio(peer.element_energy_per_mac, ours.element_energy_per_mac));
    }
    table.rows.push_back(std::move(row));
  }
  return ToText(table);
}

std::string ArrayTable(const PeerStudy& study) {
  const PeerConfig& size = study.peers.front().request.config;
  const bool power = study.peers.front().results > 0;
  TextTable table;
  table.columns = {{fmt::format("array {}x{}", size.rows, size.cols)},
                   {"um2", true},
                   {"kGE", true},
                   {"registers", true},
                   {"ns", true},
                   {"cycles", true},
                   {"MAC/cycle", true},
                   {"GMAC/s", true},
                   {"GMAC/s/mm2", true}};
  if (power) table.columns.insert(table.columns.end(), {{"pJ/MAC", true}, {"no glitches", true}});
  for (const PeerFigures& peer : study.peers) {
    const double speed = peer.MacsPerSecond() * 1e-9;
    std::vector<std::string> row = {
        peer.request.name,
        Rounded(peer.area),
        fmt::format("{:.1f}", peer.area / study.nand2_area / 1e3),
        Grouped(peer.registers),
        Nanoseconds(peer.period),
        Grouped(peer.cycles),
        fmt::format("{:.1f}", static_cast<double>(peer.macs) / static_cast<double>(peer.cycles)),
        fmt::format("{:.2f}", speed),
        fmt::format("{:.2f}", speed / (peer.area * 1e-6))};
    if (power) {
      row.push_back(Picojoules(peer.energy_per_mac));
      row.push_back(Picojoules(peer.energy_per_mac_zero_delay));
    }
    table.rows.push_back(std::move(row));
  }
  return ToText(table);
}

std::string MemoryText(const PeerFigures& peer) {
  if (!peer.memory) return "";
  const SumMemory& memory = *peer.memory;
  std::string text = fmt::format("{} keeps {} bits of sums in a memory outside, not counted above",
                                 peer.request.name, Grouped(memory.bits));
  if (!memory.area) return text + "; its cost is not known in this library\n";
  return text + fmt::format(
                    ": as an SRAM with one port, modelled, {} um2 ({} to {}) and {} pJ a MAC "
                    "({} to {})\n",
                    Rounded(memory.area->typical), Rounded(memory.area->low),
                    Rounded(memory.area->high), Picojoules(memory.energy_per_mac->typical),
                    Picojoules(memory.energy_per_mac->low),
                    Picojoules(memory.energy_per_mac->high));
}

json BandJson(const std::optional<Band>& band) {
  if (!band) return nullptr;
  return {{"low", band->low}, {"typical", band->typical}, {"high", band->high}};
}

json PeerJson(const PeerFigures& peer) {
  json object = {{"name", peer.request.name},
                 {"synth_options", peer.request.synth_options},
                 {"element_area_um2", peer.element_area},
                 {"element_min_period_s", peer.element_period},
                 {"area_um2", peer.area},
                 {"cells", peer.cells},
                 {"registers", peer.registers},
                 {"min_period_s", peer.period},
                 {"worst_path", peer.from + " to " + peer.to},
                 {"cycles", peer.cycles},
                 {"macs", peer.macs},
                 {"macs_per_second", peer.MacsPerSecond()}};
  if (peer.results > 0) {
    object["exact_rows_of_results"] = peer.results;
    object["energy_per_mac_j"] = peer.energy_per_mac;
    object["energy_per_mac_without_glitches_j"] = peer.energy_per_mac_zero_delay;
    object["element_energy_per_mac_j"] = peer.element_energy_per_mac;
  }
  if (peer.memory) {
    object["sum_memory"] = {{"bits", peer.memory->bits},
                            {"area_um2", BandJson(peer.memory->area)},
                            {"energy_per_mac_j", BandJson(peer.memory->energy_per_mac)}};
  }
  return object;
}

}  // namespace

std::string ToText(const PeerStudy& study) {
  std::string text = fmt::format("{}: {} x {} by {} x {} of {} {}\n", study.library, study.m,
                                 study.k, study.k, study.n, study.workload, study.layer);
  text += ElementTable(study) + "\n" + ArrayTable(study);
  for (const PeerFigures& peer : study.peers) text += MemoryText(peer);
  if (study.peers.front().results > 0) {
    text += fmt::format(
        "energies at {:.2f} ns, of the product from the first operand to the last "
        "result; every result was exact\n",
        study.period * 1e9);
  }
  text += "Yosys 0.23 has neither `booth` nor a choice of adders: those are written out\n";
  text += fmt::format("{}; {}; {}, ideal clock\n", study.provenance.yosys, study.provenance.options,
                      study.sta);
  return text;
}

json ToJson(const PeerStudy& study) {
  json peers = json::array();
  for (const PeerFigures& peer : study.peers) peers.push_back(PeerJson(peer));
  return {{"library", study.library},
          {"library_hash", study.library_hash},
          {"nand2_area_um2", study.nand2_area},
          {"energy_period_s", study.period},
          {"network", study.workload},
          {"layer", study.layer},
          {"m", study.m},
          {"k", study.k},
          {"n", study.n},
          {"rows", study.peers.front().request.config.rows},
          {"cols", study.peers.front().request.config.cols},
          {"yosys", study.provenance.yosys},
          {"options", study.provenance.options},
          {"sta", study.sta},
          {"arrays", peers}};
}

}  // namespace systole

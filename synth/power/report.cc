// SPDX-License-Identifier: Apache-2.0
#include "synth/power/report.h"

#include <fmt/format.h>

#include <algorithm>

namespace systole {

namespace {

using Json = nlohmann::ordered_json;

Json PartsJson(const PowerParts& parts) {
  return {{"switching_w", parts.switching},
          {"internal_w", parts.internal},
          {"leakage_w", parts.leakage}};
}

/// The groups that take anything.
Json GroupsJson(const GroupedPower& power) {
  Json groups = Json::object();
  for (std::size_t i = 0; i < kPowerGroups; ++i) {
    const auto group = static_cast<PowerGroup>(i);
    if (power[group].total() != 0) groups[PowerGroupName(group)] = PartsJson(power[group]);
  }
  return groups;
}

std::string Row(const std::string& name, const PowerParts& parts, double watts) {
  return fmt::format("{:<28} {:>12.6g} {:>12.6g} {:>12.6g} {:>12.6g} {:>6.1f} %\n", name,
                     1e3 * parts.switching, 1e3 * parts.internal, 1e3 * parts.leakage,
                     1e3 * parts.total(), watts > 0 ? 100 * parts.total() / watts : 0);
}

std::string Head(const std::string& name) {
  return fmt::format("{:<28} {:>12} {:>12} {:>12} {:>12} {:>8}\n", name, "switching", "internal",
                     "leakage", "mW", "share");
}

}  // namespace

Json PowerJson(const PowerReport& report) {
  Json json = {{"cycles", report.cycles},
               {"period_s", report.period},
               {"glitches", report.glitches},
               {"watts", report.watts()},
               {"energy_per_cycle_j", report.energy_per_cycle()},
               {"total", PartsJson(report.total.sum())},
               {"groups", GroupsJson(report.total)},
               {"modules", Json::array()},
               {"blocks", Json::array()},
               {"warnings", report.warnings}};
  for (const ModulePower& module : report.modules) {
    json["modules"].push_back({{"module", module.module},
                               {"instances", module.instances},
                               {"watts", module.own.sum().total()},
                               {"groups", GroupsJson(module.own)}});
  }
  for (const BlockPower& block : report.blocks) {
    json["blocks"].push_back({{"path", block.path},
                              {"module", block.module},
                              {"own_watts", block.own.sum().total()},
                              {"whole_watts", block.whole.sum().total()},
                              {"groups", GroupsJson(block.own)}});
  }
  return json;
}

std::string PowerText(const PowerReport& report) {
  const double watts = report.watts();
  std::string text =
      fmt::format("{:.6g} mW over {} cycles of {:.6g} ns, {}: {:.6g} pJ a cycle\n\n", 1e3 * watts,
                  report.cycles, 1e9 * report.period,
                  report.glitches ? "with cell delays (glitches count)" : "without cell delays",
                  1e12 * report.energy_per_cycle());
  text += Head("");
  for (std::size_t i = 0; i < kPowerGroups; ++i) {
    const auto group = static_cast<PowerGroup>(i);
    if (report.total[group].total() != 0)
      text += Row(PowerGroupName(group), report.total[group], watts);
  }
  text += Row("total", report.total.sum(), watts);
  std::vector<const ModulePower*> modules;
  for (const ModulePower& module : report.modules) modules.push_back(&module);
  std::stable_sort(modules.begin(), modules.end(), [](const auto* a, const auto* b) {
    return a->own.sum().total() > b->own.sum().total();
  });
  constexpr std::size_t kShown = 16;
  text += fmt::format("\n{}", Head("module (instances)"));
  for (std::size_t i = 0; i < std::min(modules.size(), kShown); ++i) {
    text += Row(fmt::format("{} ({})", modules[i]->module, modules[i]->instances),
                modules[i]->own.sum(), watts);
  }
  for (const std::string& warning : report.warnings) text += fmt::format("note: {}\n", warning);
  return text;
}

}  // namespace systole

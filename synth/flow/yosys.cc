// SPDX-License-Identifier: Apache-2.0
#include "synth/flow/yosys.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <regex>
#include <set>

#include "base/error.h"
#include "base/file.h"
#include "synth/flow/clock_gate.h"

namespace systole {
namespace fs = std::filesystem;
namespace {

/// Verilog without comments and strings.
std::string Code(const std::string& text) {
  static const std::regex noise(R"re(//[^\n]*|/\*[^*]*\*+(?:[^/*][^*]*\*+)*/|"[^"\n]*")re");
  return std::regex_replace(text, noise, " ");
}

/// Identifiers of a text.
std::set<std::string> Words(const std::string& text) {
  static const std::regex word(R"([A-Za-z_][A-Za-z0-9_$]*)");
  std::set<std::string> words;
  for (auto at = std::sregex_iterator(text.begin(), text.end(), word); at != std::sregex_iterator();
       ++at) {
    words.insert(at->str());
  }
  return words;
}

std::string Bits(std::int64_t value) {
  std::string bits = "32'b";
  for (int i = 31; i >= 0; --i) bits += (value >> i) & 1 ? '1' : '0';
  return bits;
}

std::string ReadCommands(const YosysJob& job) {
  std::string script;
  for (const std::string& name : job.outside) {
    script += fmt::format("read_verilog -lib ../{}.v\n", name);
  }
  for (const std::string& name : job.read) script += fmt::format("read_verilog ../{}.v\n", name);
  script += fmt::format("hierarchy -check -top {}", job.module);
  for (const auto& [name, value] : job.parameters) {
    script += fmt::format(" -chparam {} {}", name, Bits(value));
  }
  return script + "\n";
}

/// Words of registers with an enable get a gated clock, words with the same enable the same one.
/// Memories of registers get one for all their words: which is written differs from cycle to cycle.
/// Before `synth`, which would take the words apart. Synchronous resets stay logic, so that a word
/// with an enable in front of one is found.
std::string GateClocks(const SynthesisOptions& options) {
  return fmt::format(
      "read_verilog -lib ../clock_gate_ports.v\nproc\n{}opt_expr\nopt_clean\nopt -nosdff\n"
      "memory -nomap\ntechmap -max_iter 1 -map ../clock_gate_registers.v t:$mem_v2 r:SIZE>={} %i\n"
      "techmap -map ../clock_gate_registers.v t:$dffe r:WIDTH>={} %i t:$adffe r:WIDTH>={} %i %u\n"
      "opt_merge -share_all t:{}\nopt_clean\nrename -enumerate -pattern {}% t:{}\n",
      options.flatten ? "flatten\n" : "", options.clock_gating, options.clock_gating,
      options.clock_gating, kClockGateModule, kClockGatePrefix, kClockGateModule);
}

std::string MapCommands(const YosysJob& job, const SynthesisOptions& options,
                        const std::string& library) {
  const bool gating = options.clock_gating > 0;
  return fmt::format(
      "{}synth -noabc -top {}{} {}\n{}\ndfflibmap -liberty {}\nabc -liberty {} {}\n{}setundef "
      "-zero\nopt_clean -purge\n",
      gating ? GateClocks(options) : "", job.module, options.flatten ? " -flatten" : "",
      options.synth_options, options.pre_map, library, library, options.abc_options,
      gating ? fmt::format("techmap -map ../clock_gate_cells.v t:{}\n", kClockGateModule) : "");
}

/// What Yosys says and Systole does not accept.
void RefuseDefects(const std::string& log, const std::string& module) {
  static const std::regex latch(R"(Latch inferred for signal `([^']*)')");
  static const std::pair<const char*, const char*> kDefects[] = {
      {"multiple conflicting drivers", "a net has several drivers"},
      {"found logic loop", "a combinational loop"},
      {"is used but has no driver", "a net is read and driven by nothing"},
  };
  std::smatch match;
  if (std::regex_search(log, match, latch)) {
    throw RunError(fmt::format("module {} has a latch that its text does not ask for: {}", module,
                               match[1].str()));
  }
  for (const auto& [words, meaning] : kDefects) {
    const std::size_t at = log.find(words);
    if (at == std::string::npos) continue;
    const std::size_t begin = log.rfind('\n', at) + 1;
    throw RunError(fmt::format("module {}: {}: {}", module, meaning,
                               log.substr(begin, log.find('\n', at) - begin)));
  }
}

std::vector<std::string> Warnings(const std::string& log) {
  std::vector<std::string> warnings;
  for (std::size_t at = 0; at < log.size();) {
    const std::size_t end = std::min(log.find('\n', at), log.size());
    if (log.compare(at, 9, "Warning: ") == 0) {
      std::string line = log.substr(at + 9, end - at - 9);
      // Yosys' way of saying that a loop over an array was unrolled, and that dfflibmap leaves out
      // registers with logic before them: nothing to be warned of.
      if (line.find("with list of registers") == std::string::npos &&
          line.find("Found unsupported expression") == std::string::npos) {
        warnings.push_back(std::move(line));
      }
    }
    at = end + 1;
  }
  return warnings;
}

/// Runs a script in `folder`; its log, if Yosys went through it whole and without an error.
std::string RunYosys(const YosysContext& context, const fs::path& folder,
                     const std::string& script) {
  WriteFile(folder / "run.ys", script);
  std::string log =
      RunTool({context.tool.program.string(), "-Q", "-s", "run.ys"}, folder, context.cancelled);
  const std::string error = FindLine(log, "ERROR");
  if (!error.empty()) throw RunError(fmt::format("Yosys says {}", error));
  if (FindLine(log, "End of script.").empty()) {
    throw RunError("Yosys ended before the end of its script");
  }
  return log;
}

std::string ReadResult(const fs::path& file) {
  std::error_code error;
  if (!fs::is_regular_file(file, error) || fs::file_size(file, error) == 0) {
    throw RunError(fmt::format("Yosys wrote no {} (is the disk full?)", file.filename().string()));
  }
  return ReadFile(file);
}

fs::path JobFolder(const YosysContext& context, const YosysJob& job) {
  fs::path folder = context.folder / VariantName(job.module, job.parameters);
  std::error_code error;
  fs::create_directory(folder, error);
  if (error) {
    throw RunError(fmt::format("cannot make {}: {}", folder.string(), error.message()));
  }
  return folder;
}

}  // namespace

Sources ReadSources(const std::vector<rtl::File>& files) {
  static const std::regex module(R"(\bmodule\s+([A-Za-z_][A-Za-z0-9_$]*))");
  Sources sources;
  for (const rtl::File& file : files) {
    const std::string code = Code(file.text);
    auto at = std::sregex_iterator(code.begin(), code.end(), module);
    if (at == std::sregex_iterator() || std::next(at) != std::sregex_iterator()) {
      throw RequestError(fmt::format("{} does not have exactly one module", file.name),
                         "write each module into a file of its own");
    }
    if (!sources.emplace((*at)[1].str(), file.text).second) {
      throw RequestError(fmt::format("module {} is there twice", (*at)[1].str()));
    }
  }
  return sources;
}

std::vector<std::string> ChildrenOf(const Sources& sources, const std::string& module) {
  const std::set<std::string> words = Words(Code(sources.at(module)));
  std::vector<std::string> children;
  for (const auto& [name, text] : sources) {
    if (name != module && words.contains(name)) children.push_back(name);
  }
  return children;
}

std::string Describe(const YosysJob& job, const Sources& sources, const SynthesisOptions& options) {
  std::string text =
      "systole synthesis 1\n" + ReadCommands(job) + MapCommands(job, options, "LIBRARY");
  for (const auto* list : {&job.outside, &job.read}) {
    for (const std::string& name : *list) text += fmt::format("\n{}\n", sources.at(name));
  }
  if (options.clock_gating > 0) text += ClockGateRegisters();
  return text;
}

YosysOutcome MapModule(const YosysContext& context, const YosysJob& job,
                       const SynthesisOptions& options) {
  const fs::path folder = JobFolder(context, job);
  const std::string library = "../" + context.library.filename().string();
  const std::string log =
      RunYosys(context, folder,
               ReadCommands(job) + MapCommands(job, options, library) +
                   fmt::format("tee -q -o stat.txt stat -liberty {}\nsetattr -unset src\n"
                               "setattr -unset src */w:* */c:*\nwrite_json mapped.json\n",
                               library));
  RefuseDefects(log, job.module);
  YosysOutcome outcome;
  outcome.json = ReadResult(folder / "mapped.json");
  outcome.stat = ReadResult(folder / "stat.txt");
  outcome.warnings = Warnings(log);
  fs::remove_all(folder);
  return outcome;
}

std::vector<YosysJob> ListModules(const YosysContext& context, const Sources& sources,
                                  const std::string& top,
                                  const std::vector<std::string>& black_boxes) {
  const std::set<std::string> outside(black_boxes.begin(), black_boxes.end());
  YosysJob whole{top, {}, {}, {}};
  for (const auto& [name, text] : sources) {
    (outside.contains(name) ? whole.outside : whole.read).push_back(name);
  }
  const fs::path folder = JobFolder(context, whole);
  RunYosys(context, folder, ReadCommands(whole) + "blackbox *\nwrite_json modules.json\n");
  std::vector<YosysJob> jobs;
  for (ModuleVariant& variant : ReadYosysVariants(ReadResult(folder / "modules.json"))) {
    if (outside.contains(variant.block)) continue;
    YosysJob job{variant.block, std::move(variant.parameters), {variant.block}, {}};
    job.outside = ChildrenOf(sources, job.module);
    jobs.push_back(std::move(job));
  }
  fs::remove_all(folder);
  return jobs;
}

void CheckMapped(const NetlistModule& module) {
  std::map<std::string, int> unmapped;
  for (const NetlistInstance& instance : module.instances) {
    if (instance.type.starts_with('$')) ++unmapped[instance.type];
  }
  if (!unmapped.empty()) {
    std::string list;
    for (const auto& [type, count] : unmapped) {
      list += fmt::format("{}{} {}", list.empty() ? "" : ", ", count, type);
    }
    throw RunError(fmt::format("module {}: the library has nothing for {}", module.name, list));
  }
}

void CheckStat(const NetlistModule& module, const std::string& stat, double area) {
  static const std::regex line(R"(Chip area for (?:top )?module '\\?([^']*)': ([0-9.eE+-]+))");
  double said = 0;
  bool found = false;
  for (auto at = std::sregex_iterator(stat.begin(), stat.end(), line); at != std::sregex_iterator();
       ++at) {
    if ((*at)[1].str() != module.block) continue;
    said = std::strtod((*at)[2].str().c_str(), nullptr);
    found = true;
  }
  // It prints none for a module without cells.
  if (!found && area == 0) return;
  if (!found || std::abs(said - area) > 1e-6 + 1e-12 * area) {
    throw RunError(fmt::format("module {}: {} um2 by counts and Liberty areas, {} by Yosys' stat",
                               module.name, area, found ? fmt::format("{}", said) : "none"));
  }
}

}  // namespace systole

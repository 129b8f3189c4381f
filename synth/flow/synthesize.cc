// SPDX-License-Identifier: Apache-2.0
#include "synth/flow/synthesize.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "synth/flow/amend_cells.h"
#include "synth/flow/clock_gate.h"
#include "synth/flow/result_cache.h"
#include "synth/flow/yosys.h"
#include "synth/liberty/group.h"
#include "synth/netlist/cells.h"

namespace systole {
namespace {

std::string InWords(const SynthesisOptions& options) {
  std::string text = options.flatten ? "flat" : "hierarchical";
  const auto add = [&](const char* what, const std::string& value) {
    if (!value.empty()) text += fmt::format(", {} {}", what, value);
  };
  add("synth", options.synth_options);
  add("before mapping", options.pre_map);
  add("abc", options.abc_options);
  if (options.clock_gating > 0) {
    text += fmt::format(", clock gates from {} bits on", options.clock_gating);
  }
  return text;
}

/// How long a module may take, in no unit: the longest should start first.
double Effort(const YosysJob& job, const Sources& sources) {
  double sizes = 1;
  for (const auto& [name, value] : job.parameters) sizes += static_cast<double>(value);
  return static_cast<double>(sources.at(job.module).size()) * sizes;
}

/// One synthesis from sources to mapped modules.
class Mapper {
 public:
  Mapper(const SynthesisRequest& request, Tool tool)
      : request_(request),
        libraries_(*request.libraries),
        amendments_(Amendments(libraries_[0])),
        sources_(ReadSources(request.files)),
        cache_(request.use_cache ? ResultCache(request.cache_dir) : ResultCache()) {
    context_.tool = std::move(tool);
    context_.folder = work_.path();
    context_.library = work_.path() / "library.lib";
    context_.cancelled = request.cancelled;
    if (request.options.clock_gating > 0) clock_gate_cells_ = ClockGateCells(libraries_[0]);
    if (!sources_.contains(request.top)) {
      throw RequestError(fmt::format("no file has the top module {}", request.top));
    }
    for (const std::string& name : request.black_boxes) {
      if (name == request.top || !sources_.contains(name)) {
        throw RequestError(fmt::format("{} cannot be a black box: it is {}", name,
                                       name == request.top ? "the top" : "no module"));
      }
    }
  }

  Netlist Map() {
    std::vector<YosysJob> jobs = request_.options.flatten ? FlatJob() : Modules();
    std::stable_sort(jobs.begin(), jobs.end(), [&](const YosysJob& a, const YosysJob& b) {
      return Effort(a, sources_) > Effort(b, sources_);
    });
    Run(jobs);
    std::vector<NetlistModule> modules;
    for (std::optional<NetlistModule>& module : modules_) modules.push_back(std::move(*module));
    return LinkModules(std::move(modules), request_.top);
  }

  std::uint64_t made() const { return made_; }
  std::vector<std::string> warnings() const { return {warnings_.begin(), warnings_.end()}; }

 private:
  std::string Key(const std::string& what) const {
    return ContentHash(fmt::format("{}\n{}{}\n{}{}", context_.tool.version, libraries_[0].hash,
                                   fmt::join(amendments_, " "), clock_gate_cells_, what));
  }

  /// Yosys needs files; they are written when it is needed.
  void WriteInputs() {
    std::call_once(written_, [&] {
      for (const auto& [name, text] : sources_) WriteFile(work_.path() / (name + ".v"), text);
      WriteFile(context_.library, AmendCells(ReadMaybeGzip(libraries_[0].path), amendments_));
      if (clock_gate_cells_.empty()) return;
      WriteFile(work_.path() / "clock_gate_ports.v", ClockGatePorts());
      WriteFile(work_.path() / "clock_gate_registers.v", ClockGateRegisters());
      WriteFile(work_.path() / "clock_gate_cells.v", clock_gate_cells_);
    });
  }

  std::vector<YosysJob> FlatJob() const {
    YosysJob job{request_.top, {}, {}, request_.black_boxes};
    for (const auto& [name, text] : sources_) {
      if (std::find(job.outside.begin(), job.outside.end(), name) == job.outside.end()) {
        job.read.push_back(name);
      }
    }
    return {std::move(job)};
  }

  /// The distinct modules; their list is a result of its own, kept like the others.
  std::vector<YosysJob> Modules() {
    Progress("finding the distinct modules");
    WriteInputs();
    return ListModules(context_, sources_, request_.top, request_.black_boxes);
  }

  void Progress(const std::string& line) {
    if (request_.on_progress) request_.on_progress(line);
  }

  void Run(const std::vector<YosysJob>& jobs) {
    modules_.resize(jobs.size());
    std::atomic<std::size_t> next = 0;
    std::atomic<bool> failed = false;
    std::exception_ptr first;
    const Cancelled asked = request_.cancelled;
    context_.cancelled = [&failed, asked] { return failed || (asked && asked()); };
    const auto work = [&] {
      for (std::size_t i; !failed && (i = next++) < jobs.size();) {
        try {
          RunJob(jobs[i], i, jobs.size());
        } catch (...) {
          const std::lock_guard lock(mutex_);
          if (!failed) first = std::current_exception();
          failed = true;
        }
      }
    };
    std::vector<std::thread> threads;
    for (int i = 1; i < std::min<int>(request_.jobs, static_cast<int>(jobs.size())); ++i) {
      threads.emplace_back(work);
    }
    work();
    for (std::thread& thread : threads) thread.join();
    if (first) std::rethrow_exception(first);
  }

  void RunJob(const YosysJob& job, std::size_t index, std::size_t count) {
    const std::string key = Key(Describe(job, sources_, request_.options));
    const std::string name = VariantName(job.module, job.parameters);
    if (const auto kept = cache_.Read(key)) {
      try {
        Netlist netlist = ReadYosysJson(*kept);
        modules_[index] = std::move(netlist.modules.back());
        return;
      } catch (const RunError&) {
        // Kept by a program that wrote something else: made again.
      }
    }
    {
      const std::lock_guard lock(mutex_);
      Progress(fmt::format("Yosys: {} of {} modules, {}", ++done_, count, name));
    }
    WriteInputs();
    const YosysOutcome outcome = MapModule(context_, job, request_.options);
    Netlist netlist = ReadYosysJson(outcome.json);
    CheckArea(netlist, outcome.stat);
    cache_.Write(key, outcome.json);
    const std::lock_guard lock(mutex_);
    modules_[index] = std::move(netlist.modules.back());
    warnings_.insert(outcome.warnings.begin(), outcome.warnings.end());
    ++made_;
  }

  void CheckArea(const Netlist& netlist, const std::string& stat) const {
    CheckMapped(netlist.top());
    const DesignArea area = MeasureArea(netlist, libraries_);
    CheckStat(netlist.top(), stat, area.total.area - area.total.macro_area);
  }

  const SynthesisRequest& request_;
  const std::vector<Library>& libraries_;
  const CellAttributes amendments_;  // to what Yosys reads of the library
  std::string clock_gate_cells_;     // empty: no clock gates
  const Sources sources_;
  const ResultCache cache_;
  const WorkFolder work_;
  YosysContext context_;
  std::once_flag written_;
  std::mutex mutex_;
  std::vector<std::optional<NetlistModule>> modules_;
  std::set<std::string> warnings_;
  std::size_t done_ = 0;
  std::uint64_t made_ = 0;
};

Provenance ProvenanceOf(const SynthesisRequest& request, const Tool& yosys,
                        const std::vector<Library>& libraries) {
  Provenance provenance;
  provenance.yosys = yosys.version;
  for (const Library& library : libraries) {
    provenance.libraries.push_back(fmt::format("{} {}", library.name, library.hash));
  }
  provenance.options =
      fmt::format("{}, fan-out at most {}, {} fF of wire a pin", InWords(request.options),
                  request.buffers.max_fanout, request.buffers.wire_capacitance * 1e15);
  std::string text;
  for (const rtl::File& file : request.files) text += file.name + "\n" + file.text + "\n";
  provenance.rtl_hash = ContentHash(text);
  return provenance;
}

/// The libraries, and a file of the macros that they lack.
void CollectLibraries(const SynthesisRequest& request, SynthesisResult& result) {
  result.libraries = *request.libraries;
  if (!request.macro_liberty) return;
  const CellFinder cells(result.libraries);
  std::map<std::string, MacroUse> missing;
  for (const NetlistModule& module : result.netlist.modules) {
    for (const NetlistInstance& instance : module.instances) {
      if (instance.block.empty() || cells.Find(instance.type) != nullptr) continue;
      missing[instance.type] = {instance.type, instance.block, instance.parameters};
    }
  }
  std::vector<MacroUse> uses;
  for (auto& [type, use] : missing) uses.push_back(std::move(use));
  if (uses.empty()) return;
  const std::string text = request.macro_liberty(uses);
  if (text.empty()) return;
  result.files = std::make_shared<WorkFolder>();
  WriteFile(result.files->path() / "macros.lib", text);
  result.libraries.push_back(ReadLiberty(result.files->path() / "macros.lib"));
}

}  // namespace

SynthesisResult Synthesize(const SynthesisRequest& request) {
  const auto start = std::chrono::steady_clock::now();
  if (request.libraries == nullptr || request.libraries->empty()) {
    throw RequestError("no library is given", "pass --liberty FILE");
  }
  const Tool yosys = FindYosys(request.yosys);
  SynthesisResult result;
  Mapper mapper(request, yosys);
  result.netlist = mapper.Map();
  result.warnings = mapper.warnings();
  result.modules_made = mapper.made();
  CollectLibraries(request, result);
  result.mapped = MeasureArea(result.netlist, result.libraries);
  InsertBuffers(result.netlist, result.libraries, request.buffers);
  result.area = MeasureArea(result.netlist, result.libraries);
  result.provenance = ProvenanceOf(request, yosys, result.libraries);
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

}  // namespace systole

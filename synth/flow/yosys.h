// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "synth/flow/synthesize.h"
#include "synth/flow/tools.h"
#include "synth/netlist/netlist.h"

namespace systole {

/// Verilog by module.
using Sources = std::map<std::string, std::string>;

/// The files as modules. Throws RequestError for a file that has not exactly one module, and for
/// two of one name.
Sources ReadSources(const std::vector<rtl::File>& files);

/// Names of `sources` that occur in the text of `module`, which is among them, in order.
std::vector<std::string> ChildrenOf(const Sources& sources, const std::string& module);

/// One run of Yosys: a module with its parameters.
struct YosysJob {
  std::string module;
  Parameters parameters;             ///< all in force; empty: the defaults
  std::vector<std::string> read;     ///< modules whose text is read, `module` among them
  std::vector<std::string> outside;  ///< modules of which only the ports are read
};

/// Everything that decides a job's result but the library and the tool, as text.
std::string Describe(const YosysJob& job, const Sources& sources, const SynthesisOptions& options);

/// What Yosys made of a job.
struct YosysOutcome {
  std::string json;  ///< the mapped netlist
  std::string stat;  ///< what `stat -liberty` says
  std::vector<std::string> warnings;
};

struct YosysContext {
  Tool tool;
  std::filesystem::path library;  ///< not compressed
  /// The sources are there as MODULE.v, and with clock gates their texts as clock_gate_ports.v,
  /// clock_gate_registers.v and clock_gate_cells.v; every job gets a subfolder.
  std::filesystem::path folder;
  Cancelled cancelled;
};

YosysOutcome MapModule(const YosysContext& context, const YosysJob& job,
                       const SynthesisOptions& options);

/// The distinct modules of the design below `top`, black boxes not among them.
std::vector<YosysJob> ListModules(const YosysContext& context, const Sources& sources,
                                  const std::string& top,
                                  const std::vector<std::string>& black_boxes);

/// Throws RunError that counts the cells that are none of the library.
void CheckMapped(const NetlistModule& module);

/// Throws RunError unless `stat` has the area for the module, to the digits that it prints.
void CheckStat(const NetlistModule& module, const std::string& stat, double area);

}  // namespace systole

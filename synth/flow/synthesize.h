// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gen/emit/design.h"
#include "synth/flow/tools.h"
#include "synth/liberty/library.h"
#include "synth/netlist/area.h"
#include "synth/netlist/buffer.h"
#include "synth/netlist/netlist.h"

namespace systole {

/// The shortest word of registers that is worth a clock gate: what it saves in multiplexers is then
/// more than the gate takes (docs/synthesis.md).
inline constexpr int kClockGatingBits = 8;

/// How a design is mapped. The fields are part of every result's key.
struct SynthesisOptions {
  bool flatten = false;            ///< one module; else the hierarchy of the RTL is kept
  std::string synth_options = {};  ///< further options of Yosys' `synth`, e.g. "-noalumacc"
  std::string abc_options = {};    ///< further options of Yosys' `abc`
  std::string pre_map = {};  ///< Yosys commands between `synth` and the mapping, each ending in ;
  /// A word of at least so many register bits with one enable gets a gated clock; 0: none does.
  int clock_gating = 0;
};

/// A memory or other macro that the design instantiates.
struct MacroUse {
  std::string type;  ///< the cell that a library has to have, e.g. cache_ram_Depth512_Width64
  std::string block;
  Parameters parameters;
};

struct SynthesisRequest {
  std::vector<rtl::File> files;  ///< Verilog, one module a file
  std::string top;
  /// Modules that stay black boxes: macros of the netlist (NetlistInstance::block).
  std::vector<std::string> black_boxes;
  /// The first one is mapped to; the others may have cells for macros. They outlive the call.
  const std::vector<Library>* libraries = nullptr;
  /// Asked once for the text of a Liberty file with the macros that no library has; may be empty.
  std::function<std::string(const std::vector<MacroUse>&)> macro_liberty = {};
  SynthesisOptions options;
  BufferOptions buffers;
  std::string yosys;                ///< program; empty: `yosys` of PATH
  bool use_cache = true;            ///< keep what each module gave, by content
  std::filesystem::path cache_dir;  ///< empty: DefaultCacheDir()
  int jobs = 2;                     ///< Yosys processes at the same time
  std::function<bool()> cancelled;  ///< asked now and then; true: RunError "interrupted"
  std::function<void(const std::string&)> on_progress;  ///< one line
};

/// Where a result comes from.
struct Provenance {
  std::string yosys;                   ///< its version
  std::vector<std::string> libraries;  ///< name and content hash
  std::string options;                 ///< of the mapping, in words
  std::string rtl_hash;                ///< of all Verilog
};

struct SynthesisResult {
  /// The request's, and one of what macro_liberty gave. `files` keeps the file of the latter.
  std::vector<Library> libraries;
  std::shared_ptr<WorkFolder> files;
  Netlist netlist;    ///< with buffers
  DesignArea mapped;  ///< before buffers: what Yosys' `stat` counts
  DesignArea area;    ///< with buffers
  Provenance provenance;
  std::vector<std::string> warnings;  ///< of Yosys, each once
  std::uint64_t modules_made = 0;     ///< by Yosys in this call; the others came from the cache
  double seconds = 0;
};

/// Maps a design to a library: each distinct module by a Yosys process of its own, several at the
/// same time, in which the modules below it are known from outside only. So a module's result
/// depends on its text, its parameters, its children's ports, the library and the options, and is
/// kept under their hash. Flat designs are one process.
///
/// Throws RequestError for a request that cannot be met: a file with several modules, an unknown
/// top, a cell without an area. Throws RunError when Yosys is missing, fails, says ERROR, leaves a
/// cell unmapped or a result out; when the RTL has a latch, a net with several drivers or none, or
/// a combinational loop; when the area differs from that of Yosys' `stat`; and for a full disk.
SynthesisResult Synthesize(const SynthesisRequest& request);

}  // namespace systole

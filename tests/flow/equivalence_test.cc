// SPDX-License-Identifier: Apache-2.0
// Mapped netlists, with buffers, against the RTL, by Yosys' equivalence prover.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cctype>
#include <functional>
#include <sstream>

#include "gen/config/cache_config.h"
#include "gen/nullcache/data_cache.h"
#include "gen/systolic/systolic_core.h"
#include "synth/netlist/write_verilog.h"
#include "tests/flow/fixture.h"

namespace systole {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLibrary = "/usr/share/qflow/tech/osu018/osu018_stdcells.lib";

/// The text with the defaults of parameters replaced.
std::string WithDefaults(std::string text, const std::map<std::string, int>& defaults) {
  for (const auto& [name, value] : defaults) {
    const std::size_t at = text.find("parameter integer " + name);
    EXPECT_NE(at, std::string::npos) << name;
    const std::size_t equals = text.find('=', at);
    std::size_t end = equals + 2;
    while (end < text.size() && std::isdigit(static_cast<unsigned char>(text[end])) != 0) ++end;
    text.replace(equals, end - equals, fmt::format("= {}", value));
  }
  return text;
}

/// The modules that `top` needs, the top with other defaults.
std::vector<rtl::File> FilesOf(const rtl::Design& design, const std::string& top,
                               const std::map<std::string, int>& defaults) {
  std::vector<rtl::File> files = rtl::VerilogFiles(design);
  for (rtl::File& file : files) {
    if (file.name == top + ".v") file.text = WithDefaults(file.text, defaults);
  }
  return files;
}

/// What Yosys printed, and the first lines of its log that name what it could not prove.
std::string Unproven(std::string output, const std::string& log) {
  std::istringstream in(log);
  int lines = 0;
  for (std::string line; lines < 10 && std::getline(in, line);) {
    if (line.find("Unproven $equiv") == std::string::npos) continue;
    output += line + "\n";
    ++lines;
  }
  return output.empty() ? "no answer in time" : output;
}

using Damage = std::function<void(Netlist&)>;

/// Ties a pin of the first cell of a type in the top to 0.
Damage TieDown(const std::string& type, const std::string& port) {
  return [=](Netlist& netlist) {
    for (NetlistInstance& instance : netlist.modules.back().instances) {
      if (instance.type != type) continue;
      for (auto& connection : instance.connections) {
        if (connection.port == port) connection.bits = {kConstant0};
      }
      return;
    }
    FAIL() << "no " << type;
  };
}

/// Maps `top`, damages the netlist and writes it as mapped.v beside the RTL. The files of the RTL
/// for read_verilog; empty if there are not the clock gates that are asked for.
std::string WriteBoth(const fs::path& folder, const std::vector<rtl::File>& files,
                      const std::string& top, int clock_gating, const Damage& damage) {
  const std::vector<Library> libraries = {ReadLiberty(kLibrary)};
  SynthesisRequest request = RequestOf(files, top);
  request.libraries = &libraries;
  request.options.clock_gating = clock_gating;
  request.buffers.max_fanout = 4;  // so that there are some
  SynthesisResult result = Synthesize(request);
  if ((clock_gating > 0) != result.area.total.types.contains("LATCH")) return "";
  if (damage) damage(result.netlist);
  std::string read;
  for (const rtl::File& file : files) {
    WriteFile(folder / file.name, file.text);
    read += " " + file.name;
  }
  WriteFile(folder / "mapped.v", WriteVerilog(result.netlist));
  return read;
}

/// Empty if the prover shows that the netlist does what the RTL does. With clock gates the clock is
/// a signal like any other (clk2fflogic): what a gated register does is proved, not assumed.
std::string Difference(const std::vector<rtl::File>& files, const std::string& top,
                       int clock_gating = 0, const Damage& damage = {}) {
  const ScratchFolder folder;
  const std::string read = WriteBoth(folder.path(), files, top, clock_gating, damage);
  if (read.empty()) return "no clock gates";
  WriteFile(folder.path() / "prove.ys",
            fmt::format("read_verilog{0}\nhierarchy -check -top {1}\nproc\nflatten\nmemory\n"
                        "{3}\nopt -full\nsplitnets\nopt_clean -purge\nrename {1} gold\n"
                        "design -stash gold\n"
                        "read_liberty -ignore_miss_func {2}\nread_verilog mapped.v\n"
                        "hierarchy -check -top {1}\nproc\nflatten\n{3}\nopt_clean\n"
                        "rename {1} gate\ndesign -stash gate\n"
                        "design -copy-from gold gold\ndesign -copy-from gate gate\n"
                        "equiv_make gold gate equiv\nhierarchy -top equiv\nopt_clean\n"
                        "equiv_simple -undef\nequiv_induct -undef\nequiv_status -assert\n",
                        read, top, kLibrary, clock_gating > 0 ? "clk2fflogic" : "async2sync"));
  const ToolResult yosys = RunTool(folder.path(), "timeout 600 yosys -q -l prove.log prove.ys");
  return yosys.status == 0 ? "" : Unproven(yosys.output, ReadFile(folder.path() / "prove.log"));
}

/// The same for a module without registers, by ABC: it looks for nodes that are equal inside, where
/// Yosys' prover has but the outputs to compare.
std::string CombinationalDifference(const std::vector<rtl::File>& files, const std::string& top,
                                    const Damage& damage = {}) {
  const ScratchFolder folder;
  const std::string read = WriteBoth(folder.path(), files, top, 0, damage);
  const auto write = [&](const std::string& source, const std::string& name) {
    return fmt::format(
        "{}\nhierarchy -check -top {}\nproc\nflatten\nopt_clean\ntechmap\n"
        "splitnets -ports\nopt_clean\nabc -g AND\nwrite_aiger -symbols {}\n",
        source, top, name);
  };
  WriteFile(
      folder.path() / "prove.ys",
      write("read_verilog" + read, "rtl.aig") + "design -reset\n" +
          write(fmt::format("read_liberty -ignore_miss_func {}\nread_verilog mapped.v", kLibrary),
                "mapped.aig"));
  const ToolResult yosys = RunTool(folder.path(), "yosys -q prove.ys");
  if (yosys.status != 0) return yosys.output;
  const ToolResult abc = RunTool(folder.path(), "yosys-abc -c 'cec -T 600 rtl.aig mapped.aig'");
  return abc.output.find("Networks are equivalent.") != std::string::npos ? "" : abc.output;
}

bool Present() { return fs::exists(kLibrary); }
bool Deep() { return std::getenv("SYSTOLE_DEEP") != nullptr; }

ArrayConfig SmallArray() {
  ArrayConfig config;
  config.rows = 1;
  config.cols = 2;
  config.data_width = 4;
  config.acc_width = 8;
  return config;
}

/// A null cache of four entries beside the smallest L1.
CacheConfig SmallCache() {
  CacheConfig config;
  config.size_bytes = 64;
  config.ways = 2;
  config.line_bytes = 16;
  config.address_width = 10;
  config.counter_width = 16;
  config.null_cache = true;
  config.null.entries = 4;
  config.null.approximation = true;
  return config;
}

/// A module of a design, with parameters that keep it small.
struct Part {
  std::string name;
  std::function<rtl::Design()> design;
  std::string module;
  std::map<std::string, int> parameters = {};
  bool deep = false;  ///< takes minutes
};

rtl::Design Core(Dataflow dataflow) {
  ArrayConfig config = SmallArray();
  config.rows = 2;
  config.dataflow = dataflow;
  return BuildSystolicCore(config);
}
rtl::Design Os() { return Core(Dataflow::kOs); }
rtl::Design Stos() { return Core(Dataflow::kOsStos); }
rtl::Design Cache() { return BuildDataCache(SmallCache()); }
rtl::Design ParallelCache() {
  CacheConfig config = SmallCache();
  config.counter_width = 0;
  config.null.approximation = false;
  config.null.merge_search = MergeSearch::kParallel;
  config.null.replacement = NullReplacement::kLru;
  return BuildDataCache(config);
}

std::vector<Part> Parts() {
  return {{"DelayLine1", Os, "delay_line", {{"Width", 3}, {"Depth", 1}}},
          {"DelayLine4", Os, "delay_line", {{"Width", 3}, {"Depth", 4}}},
          {"RowOs", Os, "systolic_row"},
          {"RowStos", Stos, "systolic_row"},
          {"SequencerOs", Os, "systolic_sequencer", {{"CountW", 4}}},
          {"SequencerStos", Stos, "systolic_sequencer", {{"CountW", 4}}},
          {"ParameterBank", Stos, "parameter_bank"},
          {"TcamColumn", Cache, "tcam_column"},
          {"TcamColumnParallel", ParallelCache, "tcam_column"},
          {"Tcam", Cache, "tcam"},
          {"LowestBit1", Cache, "lowest_bit", {{"Width", 1}}},
          {"LowestBit37", Cache, "lowest_bit", {{"Width", 37}}},
          {"AddressMerger", Cache, "address_merger"},
          {"AddressMergerParallel", ParallelCache, "address_merger"},
          {"NullReplacementCoverage", Cache, "null_replacement"},
          {"NullReplacementLru", ParallelCache, "null_replacement"},
          {"ZeroDetector", ParallelCache, "zero_detector"},
          {"WayReplacement", Cache, "way_replacement"},
          {"CacheRegisters", ParallelCache, "cache_registers"},
          {"CacheRegistersCounters", Cache, "cache_registers", {}, true}};
}

class Equivalence : public ::testing::TestWithParam<Part> {};
INSTANTIATE_TEST_SUITE_P(Mapped, Equivalence, ::testing::ValuesIn(Parts()),
                         [](const auto& info) { return info.param.name; });

TEST_P(Equivalence, ToTheRtlIsProved) {
  if (!Present()) GTEST_SKIP() << "qflow-tech-osu018 is not installed";
  const Part& part = GetParam();
  if (part.deep && !Deep()) GTEST_SKIP() << "minutes: set SYSTOLE_DEEP=1";
  EXPECT_EQ(Difference(FilesOf(part.design(), part.module, part.parameters), part.module), "");
}

/// With gates for words of two bits.
std::vector<Part> GatedParts() {
  return {{"DelayLine4", Os, "delay_line", {{"Width", 3}, {"Depth", 4}}},
          {"RowStos", Stos, "systolic_row"},
          {"SequencerStos", Stos, "systolic_sequencer", {{"CountW", 4}}},
          {"ParameterBank", Stos, "parameter_bank"},
          {"TcamColumn", Cache, "tcam_column"},
          {"Tcam", Cache, "tcam"},
          {"AddressMerger", Cache, "address_merger"},
          {"NullReplacementCoverage", Cache, "null_replacement"}};
}

class GatedEquivalence : public ::testing::TestWithParam<Part> {};
INSTANTIATE_TEST_SUITE_P(Mapped, GatedEquivalence, ::testing::ValuesIn(GatedParts()),
                         [](const auto& info) { return info.param.name; });

TEST_P(GatedEquivalence, ToTheRtlIsProved) {
  if (!Present()) GTEST_SKIP() << "qflow-tech-osu018 is not installed";
  const Part& part = GetParam();
  EXPECT_EQ(Difference(FilesOf(part.design(), part.module, part.parameters), part.module, 2), "");
}

TEST(EquivalenceProof, ShowsTheZeroDetectorWithApproximation) {
  if (!Present()) GTEST_SKIP() << "qflow-tech-osu018 is not installed";
  const std::vector<int> sizes = Deep() ? std::vector{16, 32, 64} : std::vector{16};
  for (const int bytes : sizes) {
    const auto files = FilesOf(Cache(), "zero_detector", {{"LineBytes", bytes}});
    EXPECT_EQ(CombinationalDifference(files, "zero_detector"), "") << bytes;
  }
}

TEST(EquivalenceProof, FindsAnInputOfTheZeroDetectorThatIsCutOff) {
  if (!Present()) GTEST_SKIP() << "qflow-tech-osu018 is not installed";
  const auto files = FilesOf(Cache(), "zero_detector", {});
  EXPECT_THAT(CombinationalDifference(files, "zero_detector", TieDown("NOR2X1", "A")),
              ::testing::HasSubstr("NOT EQUIVALENT"));
}

TEST(EquivalenceProof, FindsAGateThatIsAlwaysOpen) {
  if (!Present()) GTEST_SKIP() << "qflow-tech-osu018 is not installed";
  const auto damage = [](Netlist& netlist) {
    for (NetlistInstance& instance : netlist.modules.back().instances) {
      for (auto& connection : instance.connections) {
        if (instance.type == "LATCH" && connection.port == "D") connection.bits = {kConstant1};
      }
    }
  };
  const rtl::Design design = BuildSystolicCore(SmallArray());
  EXPECT_THAT(Difference(FilesOf(design, "delay_line", {{"Width", 2}, {"Depth", 2}}), "delay_line",
                         2, damage),
              ::testing::HasSubstr("Unproven"));
}

TEST(EquivalenceProof, FindsADamagedNetlist) {
  if (!Present()) GTEST_SKIP() << "qflow-tech-osu018 is not installed";
  const rtl::Design design = BuildSystolicCore(SmallArray());
  EXPECT_NE(Difference(FilesOf(design, "delay_line", {{"Width", 2}, {"Depth", 2}}), "delay_line", 0,
                       TieDown("DFFPOSX1", "D")),
            "");
}

}  // namespace
}  // namespace systole

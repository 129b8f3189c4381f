// SPDX-License-Identifier: Apache-2.0
// Mapped netlists, with buffers, against the RTL, by Yosys' equivalence prover.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cctype>
#include <functional>

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

/// Empty if the prover shows that the netlist does what the RTL does.
std::string Difference(const std::vector<rtl::File>& files, const std::string& top,
                       const std::function<void(Netlist&)>& damage = {}) {
  const std::vector<Library> libraries = {ReadLiberty(kLibrary)};
  SynthesisRequest request = RequestOf(files, top);
  request.libraries = &libraries;
  request.buffers.max_fanout = 4;  // so that there are some
  SynthesisResult result = Synthesize(request);
  if (damage) damage(result.netlist);
  const ScratchFolder folder;
  std::string read;
  for (const rtl::File& file : files) {
    WriteFile(folder.path() / file.name, file.text);
    read += " " + file.name;
  }
  WriteFile(folder.path() / "mapped.v", WriteVerilog(result.netlist));
  WriteFile(
      folder.path() / "prove.ys",
      fmt::format("read_verilog{0}\nhierarchy -check -top {1}\nproc\nflatten\nmemory\n"
                  "opt -full\nsplitnets\nopt_clean -purge\nrename {1} gold\ndesign -stash gold\n"
                  "read_liberty -ignore_miss_func {2}\nread_verilog mapped.v\n"
                  "hierarchy -check -top {1}\nproc\nflatten\nopt_clean\nrename {1} gate\n"
                  "design -stash gate\n"
                  "design -copy-from gold gold\ndesign -copy-from gate gate\n"
                  "equiv_make gold gate equiv\nhierarchy -top equiv\nopt_clean\n"
                  "equiv_simple -undef\nequiv_induct -undef\nequiv_status -assert\n",
                  read, top, kLibrary));
  const ToolResult yosys = RunTool(folder.path(), "yosys -q -l prove.log prove.ys");
  return yosys.status == 0 ? "" : yosys.output + ReadFile(folder.path() / "prove.log");
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

TEST(Equivalence, DelayLine) {
  if (!Present()) GTEST_SKIP() << "qflow-tech-osu018 is not installed";
  const rtl::Design design = BuildSystolicCore(SmallArray());
  for (const int depth : {1, 4}) {
    EXPECT_EQ(
        Difference(FilesOf(design, "delay_line", {{"Width", 3}, {"Depth", depth}}), "delay_line"),
        "");
  }
}

TEST(Equivalence, TcamColumn) {
  if (!Present()) GTEST_SKIP() << "qflow-tech-osu018 is not installed";
  CacheConfig config;
  config.null_cache = true;
  EXPECT_EQ(
      Difference(FilesOf(BuildDataCache(config), "tcam_column", {{"Entries", 4}}), "tcam_column"),
      "");
}

TEST(Equivalence, RequantizeLane) {
  if (!Present()) GTEST_SKIP() << "qflow-tech-osu018 is not installed";
  if (!Deep()) GTEST_SKIP() << "minutes: set SYSTOLE_DEEP=1";
  EXPECT_EQ(Difference(FilesOf(BuildSystolicCore(SmallArray()), "requantize_lane",
                               {{"DataW", 4}, {"AccW", 8}}),
                       "requantize_lane"),
            "");
}

TEST(Equivalence, ADamagedNetlistIsFound) {
  if (!Present()) GTEST_SKIP() << "qflow-tech-osu018 is not installed";
  const rtl::Design design = BuildSystolicCore(SmallArray());
  const auto damage = [](Netlist& netlist) {
    for (NetlistInstance& instance : netlist.modules.back().instances) {
      if (instance.type != "DFFPOSX1") continue;
      for (auto& connection : instance.connections) {
        if (connection.port == "D") connection.bits = {kConstant0};
      }
      return;
    }
  };
  EXPECT_NE(
      Difference(FilesOf(design, "delay_line", {{"Width", 2}, {"Depth", 2}}), "delay_line", damage),
      "");
}

}  // namespace
}  // namespace systole

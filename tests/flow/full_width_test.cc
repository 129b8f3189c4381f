// SPDX-License-Identifier: Apache-2.0
// Mapped modules at the widths that are used, multipliers and all, against the gates that Yosys
// gives to ABC: combinational equivalence with registers cut, by ABC's `cec`. Sequential proofs
// against the RTL itself are for small widths (equivalence_test.cc): no SAT solver compares two
// multipliers of 24 bits that are built differently. Here both come from one expansion of `*`.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gen/systolic/systolic_core.h"
#include "synth/gates/cell_logic.h"
#include "synth/gates/flat_netlist.h"
#include "tests/flow/fixture.h"

namespace systole {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr const char* kLibrary = "/usr/share/qflow/tech/osu018/osu018_stdcells.lib";

std::string Name(const FlatNetlist& flat, std::int32_t net) {
  if (net == kConstant0) return "constant_0";
  if (net == kConstant1) return "constant_1";
  return flat.NetName(static_cast<std::uint32_t>(net));
}

/// A table as a BLIF node: the input rows of which the value is 1.
std::string Node(const CellLogic::Table& table, const std::vector<std::string>& inputs,
                 const std::string& output) {
  std::string text = ".names";
  for (const std::string& input : inputs) text += " " + input;
  text += " " + output + "\n";
  for (std::size_t index = 0; index < std::size_t{1} << inputs.size(); ++index) {
    if ((table[index / 64] >> (index % 64) & 1) == 0) continue;
    for (std::size_t k = 0; k < inputs.size(); ++k) text += index >> k & 1 ? '1' : '0';
    text += inputs.empty() ? "1\n" : " 1\n";
  }
  return text;
}

/// The netlist in ABC's format, from our own reading of netlist and library. Flip-flops without
/// clear and preset, whose output is their state.
std::string ToBlif(const FlatNetlist& flat) {
  std::string inputs = ".inputs", outputs = ".outputs",
              body = ".names constant_0\n.names constant_1\n1\n";
  for (const FlatPort& port : flat.ports) {
    for (std::size_t bit = 0; bit < port.bits.size(); ++bit) {
      const std::string pin =
          port.bits.size() == 1 ? port.name : fmt::format("{}[{}]", port.name, bit);
      (port.direction == PortDirection::kInput ? inputs : outputs) += " " + pin;
      const std::string net = Name(flat, port.bits[bit]);
      if (net == pin) continue;
      body += port.direction == PortDirection::kInput ? ".names " + pin + " " + net + "\n1 1\n"
                                                      : ".names " + net + " " + pin + "\n1 1\n";
    }
  }
  for (std::size_t i = 0; i < flat.cells.size(); ++i) {
    const FlatCell& cell = flat.cells[i];
    const CellLogic logic = MakeCellLogic(*flat.types[cell.cell]);
    const auto net = [&](std::uint32_t pin) {
      return Name(flat, flat.pin_nets[cell.first_pin + pin]);
    };
    std::vector<std::string> names;
    for (const std::uint32_t pin : logic.inputs) names.push_back(net(pin));
    if (logic.sequential) {
      EXPECT_EQ(logic.outputs.size(), 1U) << flat.types[cell.cell]->name;
      const std::string output = net(logic.outputs[0].pin), next = fmt::format("next_{}", i);
      names.push_back(output);
      body += Node(logic.next_state, names, next);
      body += fmt::format(".latch {} {} 2\n", next, output);
      continue;
    }
    for (const CellLogic::Output& output : logic.outputs) {
      body += Node(output.function, names, net(output.pin));
    }
  }
  return fmt::format(".model mapped\n{}\n{}\n{}.end\n", inputs, outputs, body);
}

/// What ABC says of the module `top` of a core: its gates before mapping against the mapped netlist
/// with buffers, changed by `damage`.
std::string Compare(const ArrayConfig& config, const std::string& top, bool damage = false) {
  const std::vector<Library> libraries = {ReadLiberty(kLibrary)};
  SynthesisRequest request;
  for (rtl::File& file : rtl::VerilogFiles(BuildSystolicCore(config))) {
    if (file.name == top + ".v") request.files = {file};
  }
  request.top = top;
  request.libraries = &libraries;
  request.cache_dir = SYSTOLE_BINARY_DIR "/test-cache";
  SynthesisResult result = Synthesize(request);
  if (damage) {
    for (NetlistInstance& instance : result.netlist.modules.back().instances) {
      if (instance.type != "NAND2X1") continue;
      instance.type = "NOR2X1";
      break;
    }
  }
  const FlatNetlist flat = Flatten(result.netlist, libraries);
  const ScratchFolder folder;
  WriteFile(folder.path() / request.files[0].name, request.files[0].text);
  WriteFile(folder.path() / "mapped.blif", ToBlif(flat));
  WriteFile(folder.path() / "register.v",
            "module DFFPOSX1 (input D, input CLK, output Q);\n"
            "  \\$_DFF_P_ _TECHMAP_REPLACE_ (.D(D), .C(CLK), .Q(Q));\nendmodule\n");
  // The beginning of what Synthesize runs, registers included, so that they have the same names.
  const std::string script = fmt::format(
      "read_verilog {0}.v; hierarchy -check -top {0}; synth -noabc; dfflibmap -liberty {1}; "
      "setundef -zero; opt_clean -purge; splitnets -ports; opt_clean -purge; "
      "techmap -map register.v; write_blif gates.blif",
      top, kLibrary);
  const ToolResult yosys = RunTool(folder.path(), "yosys -q -p '" + script + "'");
  if (yosys.status != 0) return yosys.output;
  return RunTool(folder.path(), "yosys-abc -c 'cec -T 100 gates.blif mapped.blif'").output;
}

constexpr const char* kEqual = "Networks are equivalent";

class FullWidth : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(kLibrary)) GTEST_SKIP() << "qflow-tech-osu018 is not installed";
  }
};

TEST_F(FullWidth, RequantizerOf32BitSumsIsMappedExactly) {
  EXPECT_THAT(Compare({}, "requantize_lane"), HasSubstr(kEqual));
}

TEST_F(FullWidth, RowsOfInt8AreMappedExactly) {
  if (std::getenv("SYSTOLE_DEEP") == nullptr) GTEST_SKIP() << "minutes: set SYSTOLE_DEEP=1";
  for (const Dataflow dataflow : {Dataflow::kOs, Dataflow::kOsStos}) {
    EXPECT_THAT(Compare({.rows = 1, .cols = 2, .dataflow = dataflow}, "systolic_row"),
                HasSubstr(kEqual));
  }
}

TEST_F(FullWidth, OneWrongGateIsFound) {
  EXPECT_THAT(Compare({.rows = 1, .cols = 2}, "systolic_row", true), HasSubstr("NOT EQUIVALENT"));
}

}  // namespace
}  // namespace systole

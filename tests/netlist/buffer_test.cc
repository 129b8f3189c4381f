// SPDX-License-Identifier: Apache-2.0
#include "synth/netlist/buffer.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "base/error.h"
#include "synth/netlist/area.h"
#include "synth/netlist/cells.h"
#include "synth/netlist/loads.h"
#include "synth/netlist/write_verilog.h"
#include "tests/netlist/make.h"

namespace systole {
namespace {

using ::testing::HasSubstr;

/// An inverter that drives `count` others, whose outputs are ports.
NetlistModule Fan(int count) {
  ModuleBuilderForTests module("fan");
  module.In("a").Cell("root", "INV", {{"A", "a"}, {"Y", "n"}});
  for (int i = 0; i < count; ++i) {
    const std::string name = fmt::format("y{}", i);
    module.Cell("leaf" + name, "INV", {{"A", "n"}, {"Y", name}}).Out(name, name);
  }
  return module.Done();
}

std::size_t Buffers(const Netlist& netlist) {
  return MeasureArea(netlist, ThreeCells()).total.buffers;
}

/// Checks that no driver in the module has more pins or farads than it may have.
void ExpectWithinLimits(const Netlist& netlist, const BufferOptions& options) {
  const CellFinder cells(ThreeCells());
  LoadRules rules{options.wire_capacitance, static_cast<std::size_t>(options.max_fanout), 0.01e-12,
                  0.2e-12};
  std::map<std::string, PortLoads> loads;
  for (const NetlistModule& module : netlist.modules) {
    const std::vector<NetUse> uses = FindUses(module, cells, loads, rules);
    for (std::size_t net = 0; net < uses.size(); ++net) {
      double sum = 0;
      for (const Sink& sink : uses[net].sinks) sum += sink.capacitance;
      EXPECT_LE(sum, uses[net].drive * (1 + 1e-9)) << module.name << " " << module.nets[net];
      EXPECT_LE(uses[net].sinks.size(), uses[net].drive_pins)
          << module.name << " " << module.nets[net];
    }
    loads[module.name] = LoadsOfPorts(module, uses, rules);
  }
}

/// The input or cell output behind a net, buffers looked through.
Net Origin(const NetlistModule& module, Net net) {
  for (const NetlistInstance& instance : module.instances) {
    if (!instance.name.starts_with("buffer_") && !instance.name.starts_with("clock_buffer_")) {
      continue;
    }
    if (instance.connections[1].bits[0] == net) {
      return Origin(module, instance.connections[0].bits[0]);
    }
  }
  return net;
}

TEST(InsertBuffers, LeavesAloneWhatIsWithinLimits) {
  Netlist netlist{{Fan(4)}};
  const std::string before = WriteVerilog(netlist);
  InsertBuffers(netlist, ThreeCells(), {4, 0});
  EXPECT_EQ(WriteVerilog(netlist), before);
}

TEST(InsertBuffers, OnePinTooManyGetsATreeOfTwo) {
  Netlist netlist{{Fan(5)}};
  InsertBuffers(netlist, ThreeCells(), {4, 0});
  EXPECT_EQ(Buffers(netlist), 2u);
  EXPECT_EQ(MeasureArea(netlist, ThreeCells()).total.buffer_area, 2 * 4);
  ExpectWithinLimits(netlist, {4, 0});
}

TEST(InsertBuffers, LoadCountsAsWellAsPins) {
  // INV may drive 0.1 pF, ten pins of 0.01 pF.
  Netlist ten{{Fan(10)}}, eleven{{Fan(11)}};
  InsertBuffers(ten, ThreeCells(), {100, 0});
  EXPECT_EQ(Buffers(ten), 0u);
  InsertBuffers(eleven, ThreeCells(), {100, 0});
  EXPECT_EQ(Buffers(eleven), 1u);
  // A buffer of 0.2 pF drives 20 pins; more take the large one.
  Netlist many{{Fan(30)}};
  InsertBuffers(many, ThreeCells(), {100, 0});
  EXPECT_EQ(MeasureArea(many, ThreeCells()).total.types.at("BUF_LARGE"), 1u);
  ExpectWithinLimits(many, {100, 0});
}

TEST(InsertBuffers, WireCountsAsLoad) {
  Netlist netlist{{Fan(6)}};
  InsertBuffers(netlist, ThreeCells(), {100, 0.01e-12});  // 0.02 pF a pin
  EXPECT_EQ(Buffers(netlist), 1u);
}

TEST(InsertBuffers, EveryPinKeepsItsOrigin) {
  for (const int count : {5, 16, 17, 100, 1000}) {
    SCOPED_TRACE(count);
    Netlist netlist{{Fan(count)}};
    const Net root = netlist.top().instances[0].connections[1].bits[0];
    InsertBuffers(netlist, ThreeCells(), {4, 0});
    int leaves = 0;
    for (const NetlistInstance& instance : netlist.top().instances) {
      if (!instance.name.starts_with("leaf")) continue;
      ++leaves;
      ASSERT_EQ(Origin(netlist.top(), instance.connections[0].bits[0]), root);
    }
    EXPECT_EQ(leaves, count);
    ExpectWithinLimits(netlist, {4, 0});
  }
}

TEST(InsertBuffers, TheSameNetlistGetsTheSameBuffers) {
  Netlist a{{Fan(100)}}, b{{Fan(100)}};
  InsertBuffers(a, ThreeCells(), {8, 0});
  InsertBuffers(b, ThreeCells(), {8, 0});
  EXPECT_EQ(WriteVerilog(a), WriteVerilog(b));
}

/// A clock, an enable and data for `count` registers.
NetlistModule Registers(int count) {
  ModuleBuilderForTests module("registers");
  module.In("clk").In("en");
  for (int i = 0; i < count; ++i) {
    const std::string q = fmt::format("q{}", i), d = fmt::format("d{}", i);
    module.Cell("g" + q, "NAND2", {{"A", "en"}, {"B", q}, {"Y", d}});
    module.Cell(q + "_reg", "DFF", {{"CK", "clk"}, {"D", d}, {"Q", q}}).Out("o" + q, q);
  }
  return module.Done();
}

TEST(InsertBuffers, TheClockGetsATreeOfItsOwnName) {
  Netlist netlist{{Registers(16)}};
  InsertBuffers(netlist, ThreeCells(), {4, 0});
  const ModuleArea total = MeasureArea(netlist, ThreeCells()).total;
  EXPECT_EQ(total.clock_buffers, 4u);
  EXPECT_EQ(total.buffers, 4u);  // the enable's
  EXPECT_EQ(total.clock_buffer_area, 16);
  EXPECT_EQ(total.area, 16 * 13 + 16 + 16);
}

TEST(InsertBuffers, TheClockIsOneAlsoInFrontOfItsGates) {
  ModuleBuilderForTests module("gated");
  module.In("clk").In("en").In("d");
  for (int i = 0; i < 16; ++i) {
    const std::string clock = fmt::format("clock{}", i), low = "low" + clock;
    module.Cell("nand" + clock, "NAND2", {{"A", "clk"}, {"B", "en"}, {"Y", low}});
    module.Cell("inv" + clock, "INV", {{"A", low}, {"Y", clock}});
    module.Cell(clock + "_reg", "DFF", {{"CK", clock}, {"D", "d"}, {"Q", "q" + clock}});
    module.Out("o" + clock, "q" + clock);
  }
  Netlist netlist{{module.Done()}};
  InsertBuffers(netlist, ThreeCells(), {4, 0});
  const ModuleArea total = MeasureArea(netlist, ThreeCells()).total;
  EXPECT_EQ(total.clock_buffers, 8u);  // the clock's and the gates' enable's
  EXPECT_EQ(total.buffers, 4u);        // the data's
}

TEST(InsertBuffers, AParentSeesOnlyWhatIsBeforeTheBuffersInside) {
  ModuleBuilderForTests top("top");
  top.In("clk").In("x").Cell("u_en", "INV", {{"A", "x"}, {"Y", "en"}});
  for (int i = 0; i < 2; ++i) {
    std::map<std::string, std::string> pins = {{"clk", "clk"}, {"en", "en"}};
    for (int k = 0; k < 64; ++k) pins[fmt::format("oq{}", k)] = fmt::format("o{}_{}", i, k);
    top.Cell(fmt::format("u{}", i), "registers", pins, true);
  }
  Netlist netlist{{Registers(64), top.Done()}};
  InsertBuffers(netlist, ThreeCells(), {4, 0});
  // 64 pins: 16 buffers, 4 before them; the parent's two nets of 2 x 4 pins need one buffer each.
  const DesignArea area = MeasureArea(netlist, ThreeCells());
  EXPECT_EQ(area.modules[0].buffers, 20u);
  EXPECT_EQ(area.modules[0].clock_buffers, 20u);
  ExpectWithinLimits(netlist, {4, 0});
}

TEST(InsertBuffers, ANetThatRunsThroughAModuleGetsABuffer) {
  Netlist netlist{{ModuleBuilderForTests("wire").In("a").Out("y", "a").Done()}};
  InsertBuffers(netlist, ThreeCells(), {16, 0});
  EXPECT_EQ(Buffers(netlist), 1u);
  EXPECT_NE(netlist.top().ports[0].bits[0], netlist.top().ports[1].bits[0]);
}

std::string ErrorOf(const NetlistModule& module, const std::vector<Library>& libraries) {
  Netlist netlist{{module}};
  try {
    InsertBuffers(netlist, libraries, {4, 0});
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "none";
}

TEST(InsertBuffers, RefusesWhatCannotBeBuffered) {
  const NetlistModule two = ModuleBuilderForTests("two")
                                .In("a")
                                .Out("y", "n")
                                .Cell("u0", "INV", {{"A", "a"}, {"Y", "n"}})
                                .Cell("u1", "INV", {{"A", "a"}, {"Y", "n"}})
                                .Done();
  EXPECT_THAT(ErrorOf(two, ThreeCells()), HasSubstr("net n of module two has two drivers"));
  const NetlistModule none = ModuleBuilderForTests("none").Out("y", "n").Done();
  EXPECT_THAT(ErrorOf(none, ThreeCells()), HasSubstr("net n of module none is driven by nothing"));
  std::vector<Library> libraries = ThreeCells();
  for (Cell& cell : libraries[0].cells) {
    if (cell.name.starts_with("BUF")) cell.dont_use = true;
  }
  EXPECT_THAT(ErrorOf(Fan(5), libraries), HasSubstr("no library has a buffer"));
}

TEST(BufferCells, AreTheLibrarysSmallestFirst) {
  const std::vector<BufferCell> buffers = BufferCells(ThreeCells());
  ASSERT_EQ(buffers.size(), 2u);
  EXPECT_EQ(buffers[0].cell->name, "BUF");
  EXPECT_EQ(buffers[1].cell->name, "BUF_LARGE");
  EXPECT_DOUBLE_EQ(buffers[1].max_capacitance, 0.8e-12);
}

TEST(AsOneInput, KnowsAnInputItsInverseAndNothingElse) {
  Cell cell;
  for (const auto& [name, direction] : {std::pair{"A", CellPin::Direction::kInput},
                                        {"B", CellPin::Direction::kInput},
                                        {"Y", CellPin::Direction::kOutput}}) {
    cell.pins.emplace_back().name = name;
    cell.pins.back().direction = direction;
  }
  cell.sequential.emplace();
  cell.sequential->state = "IQ";
  cell.sequential->inverted_state = "IQN";
  for (const char* text : {"A", "(A)", "!!A", "A''"}) {
    const auto one = AsOneInput(cell, text);
    ASSERT_TRUE(one.has_value()) << text;
    EXPECT_EQ(one->pin, "A") << text;
    EXPECT_FALSE(one->inverted) << text;
  }
  EXPECT_TRUE(AsOneInput(cell, "!B").value().inverted);
  for (const char* text : {"", "A B", "A+B", "Y", "IQ", "1", "C", "(A"}) {
    EXPECT_FALSE(AsOneInput(cell, text).has_value()) << text;
  }
}

}  // namespace
}  // namespace systole

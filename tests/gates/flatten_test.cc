// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "synth/gates/flat_netlist.h"
#include "tests/gates/hand_made.h"

namespace systole {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::vector<Library>& Libraries() {
  static const std::vector<Library> libraries = {
      MakeLibrary({Gate("INV", {"A"}, "!A"), Gate("NAND2", {"A", "B"}, "!(A B)")}),
      MakeLibrary({Gate("BUF", {"A"}, "A")})};
  return libraries;
}

std::string ErrorOf(const Netlist& netlist, const std::vector<MemoryType>& memories = {}) {
  try {
    Flatten(netlist, Libraries(), memories);
  } catch (const RequestError& error) {
    return error.what();
  }
  return "none";
}

/// pair: y = !(a b) in a block that stands twice in top, one behind the other.
Netlist TwoPairs() {
  ModuleMaker pair("pair"), top("top");
  pair.In("a", {"a"}).In("b", {"b"}).Out("y", {"y"});
  pair.Add("u_nand", "NAND2", {{"A", {"a"}}, {"B", {"b"}}, {"Y", {"n"}}});
  pair.Add("u_buf", "BUF", {{"A", {"n"}}, {"Y", {"y"}}});
  top.In("x", {"x[0]", "x[1]"}).Out("z", {"z"});
  top.Add("u_first", "pair", {{"a", {"x[0]"}}, {"b", {"x[1]"}}, {"y", {"m"}}}, true);
  top.Add("u_second", "pair", {{"a", {"m"}}, {"b", {"1"}}, {"y", {"z"}}}, true);
  return {{pair, top}};
}

TEST(Flatten, NamesEveryNetAndCellOnce) {
  const Netlist netlist = TwoPairs();
  const FlatNetlist flat = Flatten(netlist, Libraries());
  std::vector<std::string> nets, cells, blocks;
  for (std::uint32_t i = 0; i < flat.nets; ++i) nets.push_back(flat.NetName(i));
  for (std::uint32_t i = 0; i < flat.cells.size(); ++i) cells.push_back(flat.CellName(i));
  for (std::uint32_t i = 0; i < flat.blocks.size(); ++i) blocks.push_back(flat.BlockName(i));
  EXPECT_THAT(nets, ElementsAre("x[0]", "x[1]", "z", "m", "u_first.n", "u_second.n"));
  EXPECT_THAT(cells,
              ElementsAre("u_first.u_nand", "u_first.u_buf", "u_second.u_nand", "u_second.u_buf"));
  EXPECT_THAT(blocks, ElementsAre("", "u_first", "u_second"));
  EXPECT_EQ(flat.blocks[2].module, "pair");
  EXPECT_EQ(flat.net_block[5], 2u);
}

TEST(Flatten, ConnectsPinsAcrossModules) {
  const Netlist netlist = TwoPairs();
  const FlatNetlist flat = Flatten(netlist, Libraries());
  EXPECT_THAT(flat.pin_nets, ElementsAre(0, 1, 4, 4, 3, 3, kConstant1, 5, 5, 2));
  EXPECT_THAT(flat.drivers, ElementsAre(-1, -1, 9, 4, 2, 7));
  ASSERT_EQ(flat.types.size(), 2u);
  EXPECT_EQ(flat.types[flat.cells[3].cell]->name, "BUF");
}

TEST(Flatten, PassesNetsAndConstantsThroughModules) {
  ModuleMaker wires("wires"), top("top");
  wires.In("a", {"a"}).Out("y", {"a"}).Out("z", {"a"}).Out("one", {"1"});
  top.In("x", {"x"}).Out("q", {"q"}).Out("r", {"r"});
  top.Add("u_wires", "wires", {{"a", {"x"}}, {"y", {"y"}}, {"z", {"q"}}, {"one", {"r"}}}, true);
  top.Add("u_inv", "INV", {{"A", {"y"}}, {"Y", {"n"}}});
  const Netlist netlist{{wires, top}};
  const FlatNetlist flat = Flatten(netlist, Libraries());
  EXPECT_EQ(flat.nets, 2u);
  EXPECT_EQ(flat.NetName(0), "x");
  EXPECT_THAT(flat.pin_nets, ElementsAre(0, 1));
  EXPECT_THAT(flat.ports[1].bits, ElementsAre(0));
  EXPECT_THAT(flat.ports[2].bits, ElementsAre(kConstant1));
}

TEST(Flatten, GivesANetThatDrivesTwoPortsItsOlderName) {
  ModuleMaker inner("inner"), top("top");
  inner.In("a", {"a"}).Out("y", {"n"}).Out("z", {"n"});
  inner.Add("u_inv", "INV", {{"A", {"a"}}, {"Y", {"n"}}});
  top.In("x", {"x"}).Out("q", {"q"});
  top.Add("u_inner", "inner", {{"a", {"x"}}, {"y", {"m"}}, {"z", {"q"}}}, true);
  top.Add("u_buf", "BUF", {{"A", {"m"}}, {"Y", {"b"}}});
  const Netlist netlist{{inner, top}};
  const FlatNetlist flat = Flatten(netlist, Libraries());
  ASSERT_EQ(flat.nets, 3u);
  EXPECT_EQ(flat.NetName(1), "q");
  EXPECT_THAT(flat.pin_nets, ElementsAre(0, 1, 1, 2));
  EXPECT_THAT(flat.drivers, ElementsAre(-1, 1, 3));
}

TEST(Flatten, LeavesUnusedOutputsUnconnected) {
  ModuleMaker inner("inner"), top("top");
  inner.In("a", {"a"}).Out("y", {"y"});
  inner.Add("u_inv", "INV", {{"A", {"a"}}, {"Y", {"y"}}});
  top.In("x", {"x"});
  top.Add("u_inner", "inner", {{"a", {"x"}}}, true);
  top.Add("u_inv", "INV", {{"A", {"x"}}, {"Y", {""}}});
  const Netlist netlist{{inner, top}};
  const FlatNetlist flat = Flatten(netlist, Libraries());
  EXPECT_THAT(flat.pin_nets, ElementsAre(0, 1, 0, kUnconnected));
  EXPECT_EQ(flat.NetName(1), "u_inner.y");
}

TEST(Flatten, TakesAnEmptyModule) {
  const Netlist netlist{{ModuleMaker("top")}};
  const FlatNetlist flat = Flatten(netlist, Libraries());
  EXPECT_EQ(flat.nets, 0u);
  EXPECT_TRUE(flat.cells.empty());
}

TEST(Flatten, KeepsMemoriesWhole) {
  ModuleMaker top("top");
  top.In("clk", {"c"}).In("w", {"w"}).In("a", {"a0", "a1"}).In("d", {"d"}).Out("q", {"q"});
  top.Add("u_file", "file_4x1",
          {{"clk_i", {"c"}},
           {"write_i", {"w"}},
           {"waddr_i", {"a0", "a1"}},
           {"raddr_i", {"a1", "0"}},
           {"wdata_i", {"d"}},
           {"rdata_o", {"q"}}});
  const Netlist netlist{{top}};
  const FlatNetlist flat = Flatten(netlist, Libraries(), {{"file_4x1", MemoryKind::kRegisterFile}});
  ASSERT_EQ(flat.memories.size(), 1u);
  EXPECT_EQ(flat.memories[0].name, "u_file");
  EXPECT_EQ(flat.memories[0].ports[4].name, "raddr_i");
  EXPECT_THAT(flat.memories[0].ports[4].bits, ElementsAre(3, kConstant0));
  EXPECT_EQ(flat.drivers[5], -1);
  EXPECT_THAT(ErrorOf(netlist), HasSubstr("file_4x1"));
  EXPECT_THAT(ErrorOf(netlist, {{"file_4x1", MemoryKind::kCacheRam}}), HasSubstr("en_i"));
}

TEST(Flatten, RefusesWhatIsNoNetlistOfGates) {
  EXPECT_EQ(ErrorOf({}), "the netlist has no module");
  ModuleMaker unmapped("top");
  unmapped.In("a", {"a"}).Add("u1", "$add", {{"A", {"a"}}});
  EXPECT_THAT(ErrorOf({{unmapped}}),
              HasSubstr("u1 ($add) of module top is in no library: it was not mapped"));
  ModuleMaker missing("top");
  missing.In("a", {"a"}).Add("u1", "NAND2", {{"A", {"a"}}, {"Y", {"y"}}});
  EXPECT_EQ(ErrorOf({{missing}}), "instance u1 (NAND2) of module top: input B is not connected");
  ModuleMaker other("top");
  other.In("a", {"a"}).Add("u1", "INV", {{"A", {"a"}}, {"Z", {"y"}}});
  EXPECT_THAT(ErrorOf({{other}}), HasSubstr("has no pin Z"));
  ModuleMaker twice("top");
  twice.In("a", {"a"});
  twice.Add("u1", "INV", {{"A", {"a"}}, {"Y", {"y"}}});
  twice.Add("u2", "INV", {{"A", {"a"}}, {"Y", {"y"}}});
  EXPECT_EQ(ErrorOf({{twice}}), "net y has two drivers");
  ModuleMaker port("top");
  port.In("a", {"a"}).In("b", {"b"}).Add("u1", "INV", {{"A", {"a"}}, {"Y", {"b"}}});
  EXPECT_EQ(ErrorOf({{port}}), "net b has two drivers");
  ModuleMaker floating("top");
  floating.Add("u1", "INV", {{"A", {"a"}}, {"Y", {"b"}}});
  EXPECT_EQ(ErrorOf({{floating}}), "net a, read by cell u1, has no driver");
  ModuleMaker constant("top");
  constant.In("a", {"a"}).Add("u1", "INV", {{"A", {"a"}}, {"Y", {"0"}}});
  EXPECT_EQ(ErrorOf({{constant}}), "cell u1 drives a constant");
}

TEST(Flatten, RefusesModulesThatDoNotFit) {
  ModuleMaker inner("inner"), top("top");
  inner.In("a", {"a", "b"});
  top.In("x", {"x"}).Add("u", "inner", {{"a", {"x"}}}, true);
  EXPECT_EQ(ErrorOf({{inner, top}}),
            "instance u (inner) of module top: port a has 2 bits, 1 are connected");
  ModuleMaker itself("top");
  itself.Add("u", "top", {}, true);
  EXPECT_THAT(ErrorOf({{itself}}), HasSubstr("before those that use it"));
}

}  // namespace
}  // namespace systole

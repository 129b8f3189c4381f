// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "synth/netlist/netlist.h"

namespace systole {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// A register behind an inverter, as Yosys 0.23 writes it.
constexpr const char* kLeaf = R"({
  "attributes": {"hdlname": "\\leaf"},
  "parameter_default_values": {"Width": "00000000000000000000000000000011"},
  "ports": {
    "clk_i": {"direction": "input", "bits": [2]},
    "d_i": {"direction": "input", "bits": [3, 4]},
    "q_o": {"direction": "output", "bits": [5, "1"]}
  },
  "cells": {
    "$abc$7$auto$blifparse.cc:381:parse_blif$8": {"hide_name": 1, "type": "INV",
      "connections": {"A": [3], "Y": [6]}},
    "$auto$ff.cc:266:slice$9": {"hide_name": 1, "type": "DFF",
      "connections": {"CK": [2], "D": [6], "Q": [5]}}
  },
  "netnames": {
    "$abc$7$new_n6": {"hide_name": 1, "bits": [6]},
    "clk_i": {"hide_name": 0, "bits": [2]},
    "d_i": {"hide_name": 0, "bits": [3, 4]},
    "line_q": {"hide_name": 0, "bits": [5], "offset": 4},
    "q_o": {"hide_name": 0, "bits": [5, "1"]}
  }
})";

std::string Top(const std::string& cells) {
  return fmt::format(R"({{
    "attributes": {{"top": "00000000000000000000000000000001"}},
    "ports": {{"clk_i": {{"direction": "input", "bits": [2]}}}},
    "cells": {{{}}},
    "netnames": {{"clk_i": {{"hide_name": 0, "bits": [2]}}}}
  }})",
                     cells);
}

std::string Use(const std::string& name, const std::string& type) {
  return fmt::format(R"("{}": {{"hide_name": 0, "type": "{}",
    "connections": {{"clk_i": [2], "d_i": ["0", "x"]}}}})",
                     name, type);
}

std::string Json(const std::string& modules) {
  return "{\"creator\": \"Yosys\", \"modules\": {" + modules + "}}";
}

std::string LeafOfWidth(int width) {
  std::string text = kLeaf;
  text.replace(text.find("0000000000000000000000000000001"), 32, fmt::format("{:032b}", width));
  return text;
}

std::string ErrorOf(const std::string& text) {
  try {
    ReadYosysJson(text);
  } catch (const RunError& error) {
    return error.what();
  }
  return "none";
}

TEST(ReadYosysJson, NamesNetsAndRegistersAfterTheRtl) {
  const Netlist netlist =
      ReadYosysJson(Json("\"$paramod$1\\\\leaf\": " + std::string(kLeaf) +
                         ", \"top\": " + Top(Use("u_leaf", "$paramod$1\\\\leaf"))));
  ASSERT_EQ(netlist.modules.size(), 2u);
  const NetlistModule& leaf = netlist.modules[0];
  EXPECT_EQ(leaf.name, "leaf");
  EXPECT_EQ(leaf.block, "leaf");
  EXPECT_EQ(leaf.parameters, (Parameters{{"Width", 3}}));
  ASSERT_EQ(leaf.instances.size(), 2u);
  EXPECT_EQ(leaf.instances[1].name, "line_q[4]_reg");
  EXPECT_EQ(leaf.instances[1].type, "DFF");
  EXPECT_FALSE(leaf.instances[1].is_module);
  const Net q = leaf.instances[1].connections[2].bits[0];
  EXPECT_EQ(leaf.nets[static_cast<std::size_t>(q)], "line_q[4]");  // the register's own name
  ASSERT_EQ(leaf.ports.size(), 3u);
  EXPECT_THAT(leaf.ports[2].bits, ElementsAre(q, kConstant1));
}

TEST(ReadYosysJson, ModulesThatDifferInParametersAreNamedByThem) {
  const Netlist netlist = ReadYosysJson(Json(
      "\"$paramod$1\\\\leaf\": " + LeafOfWidth(3) + ", \"$paramod$2\\\\leaf\": " + LeafOfWidth(12) +
      ", \"top\": " + Top(Use("a", "$paramod$2\\\\leaf") + "," + Use("b", "$paramod$1\\\\leaf"))));
  std::vector<std::string> names;
  for (const NetlistModule& module : netlist.modules) names.push_back(module.name);
  EXPECT_THAT(names, ElementsAre("leaf_Width12", "leaf_Width3", "top"));
  EXPECT_EQ(netlist.top().instances[0].type, "leaf_Width12");
  EXPECT_TRUE(netlist.top().instances[0].is_module);
}

TEST(ReadYosysJson, UndefinedBitsAreZero) {
  const Netlist netlist = ReadYosysJson(Json("\"$paramod$1\\\\leaf\": " + std::string(kLeaf) +
                                             ", \"top\": " + Top(Use("u", "$paramod$1\\\\leaf"))));
  for (const auto& connection : netlist.top().instances[0].connections) {
    if (connection.port == "d_i") {
      EXPECT_THAT(connection.bits, ElementsAre(kConstant0, kConstant0));
    }
  }
}

TEST(ReadYosysJson, ABlackBoxIsAMacroWithAllItsParameters) {
  std::string box = kLeaf;
  box.replace(box.find("\"hdlname\""), 9, "\"blackbox\": \"1\", \"hdlname\"");
  const std::string use = R"("u_ram": {"type": "leaf", "parameters": {"Depth": 9},
    "port_directions": {"clk_i": "input", "q_o": "output"},
    "connections": {"clk_i": [2], "q_o": [7, 8]}})";
  const Netlist netlist = ReadYosysJson(Json("\"leaf\": " + box + ", \"top\": " + Top(use)));
  ASSERT_EQ(netlist.modules.size(), 1u);
  const NetlistInstance& macro = netlist.top().instances[0];
  EXPECT_EQ(macro.type, "leaf_Depth9_Width3");
  EXPECT_EQ(macro.block, "leaf");
  EXPECT_EQ(macro.parameters, (Parameters{{"Depth", 9}, {"Width", 3}}));
  EXPECT_FALSE(macro.is_module);
  EXPECT_EQ(macro.connections[1].direction, PortDirection::kOutput);
}

TEST(ReadYosysJson, TheSameTextGivesTheSameNetlist) {
  const std::string text =
      Json("\"l\": " + std::string(kLeaf) + ", \"top\": " + Top(Use("u", "l")));
  const Netlist a = ReadYosysJson(text), b = ReadYosysJson(text);
  EXPECT_EQ(a.modules[0].nets, b.modules[0].nets);
  EXPECT_EQ(a.modules[0].instances[0].name, b.modules[0].instances[0].name);
}

TEST(ReadYosysJson, EveryCutOfTheTextIsRefused) {
  const std::string text =
      Json("\"l\": " + std::string(kLeaf) + ", \"top\": " + Top(Use("u", "l")));
  for (std::size_t size = 0; size < text.size(); size += 7) {
    EXPECT_THAT(ErrorOf(text.substr(0, size)), HasSubstr("cannot be used")) << size;
  }
}

TEST(ReadYosysJson, WhatIsNoNetlistIsRefused) {
  EXPECT_THAT(ErrorOf("{}"), HasSubstr("no modules"));
  EXPECT_THAT(ErrorOf("[]"), HasSubstr("no modules"));
  EXPECT_THAT(ErrorOf(Json("\"l\": " + std::string(kLeaf))), HasSubstr("no top"));
  EXPECT_THAT(ErrorOf(Json("\"top\": " + Top(Use("u", "top")))), HasSubstr("instantiates itself"));
  std::string inout = kLeaf;
  inout.replace(inout.find("\"input\""), 7, "\"inout\"");
  EXPECT_THAT(ErrorOf(Json("\"l\": " + inout + ", \"top\": " + Top(Use("u", "l")))),
              HasSubstr("port clk_i is an \"inout\""));
}

TEST(VariantName, WritesEveryParameter) {
  EXPECT_EQ(VariantName("ram", {{"Depth", 512}, {"Width", 64}}), "ram_Depth512_Width64");
  EXPECT_EQ(VariantName("ram", {{"Offset", -3}}), "ram_Offsetm3");
  EXPECT_EQ(VariantName("ram", {}), "ram");
}

}  // namespace
}  // namespace systole

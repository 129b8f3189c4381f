// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "gen/emit/scan.h"
#include "tests/emit/sample.h"

namespace systole::rtl {
namespace {

using ::testing::HasSubstr;
using ::testing::Optional;

/// A good instance of the sample `mac` in a parent whose parameters are W = 8 and A = 20.
Instance GoodInstance() {
  return {.module = SampleMac(),
          .name = "u_mac",
          .params = {{"DataW", "W"}, {"AccW", "A"}},
          .ports = {{"clk_i", "clk_i"},
                    {"rst_ni", "rst_ni"},
                    {"en_i", "1'b1"},
                    {"a_i", "a_i"},
                    {"b_i", "{W{1'b1}}"},
                    {"sum_o", "sum"},
                    {"zero_o", ""}}};
}

/// What the builder of the parent says; empty if it has no objection.
std::string ErrorOf(const std::function<void(Instance&)>& change) {
  Instance instance = GoodInstance();
  change(instance);
  ModuleBuilder m("parent", "parent of an instance", "tests/emit/instance_test.cc");
  const Expr w = m.Param("W", 8, "Operand width, bits"), a = m.Param("A", 20, "Sum width, bits");
  m.ClockAndReset();
  m.In("a_i", w, "Operand");
  m.Out("sum_o", a, "Sum");
  m.Body("wire [A-1:0] sum;\n${mac}\nassign sum_o = sum;");
  m.Set("mac", instance);
  try {
    std::move(m).Finish();
  } catch (const EmitError& error) {
    return error.what();
  }
  return "";
}

std::string ErrorOfPort(const std::string& port, const std::string& actual) {
  return ErrorOf([&](Instance& instance) {
    for (auto& [name, value] : instance.ports) {
      if (name == port) value = actual;
    }
  });
}

TEST(Instance, HasNoObjectionToAGoodOne) {
  EXPECT_EQ(ErrorOf([](Instance&) {}), "");
}

TEST(Instance, WantsEveryPortAndParameter) {
  EXPECT_THAT(ErrorOf([](Instance& i) { i.ports.pop_back(); }),
              HasSubstr("parent: instance u_mac of mac: port zero_o is missing"));
  EXPECT_THAT(ErrorOf([](Instance& i) { i.params.pop_back(); }),
              HasSubstr("instance u_mac of mac: parameter AccW is missing"));
}

TEST(Instance, RejectsUnknownPortsAndParameters) {
  EXPECT_THAT(ErrorOf([](Instance& i) {
                i.ports.push_back({"c_i", "a_i"});
              }),
              HasSubstr("there is no port c_i"));
  EXPECT_THAT(ErrorOf([](Instance& i) {
                i.params.push_back({"Depth", 3});
              }),
              HasSubstr("there is no parameter Depth"));
}

TEST(Instance, RejectsWhatIsGivenTwice) {
  EXPECT_THAT(ErrorOf([](Instance& i) {
                i.ports.push_back({"a_i", "a_i"});
              }),
              HasSubstr("port a_i is given twice"));
}

TEST(Instance, RejectsAnOpenInput) {
  EXPECT_THAT(ErrorOfPort("a_i", ""), HasSubstr("input a_i is open"));
}

TEST(Instance, RejectsConnectionsOfAnotherWidth) {
  EXPECT_THAT(ErrorOfPort("a_i", "{2{a_i}}"),
              HasSubstr("port a_i has 8 bits (DataW), \"{2{a_i}}\" has 16"));
  EXPECT_THAT(ErrorOfPort("en_i", "a_i"), HasSubstr("port en_i has 1 bits (1), \"a_i\" has 8"));
  EXPECT_THAT(ErrorOf([](Instance& i) { i.params[1].second = 24; }),
              HasSubstr("port sum_o has 24 bits (AccW), \"sum\" has 20"));
}

TEST(Instance, RejectsParametersThatBreakTheChildsRules) {
  EXPECT_THAT(ErrorOf([](Instance& i) { i.params[1].second = 15; }),
              HasSubstr("its parameters break the rule AccW_holds_one_product: AccW >= 2*DataW"));
}

TEST(Instance, DrivesOnlyWhatItsOutputsAreConnectedTo) {
  ModuleBuilder m("parent", "parent of an instance", "tests/emit/instance_test.cc");
  m.ClockAndReset();
  m.In("a_i", 8, "Operand");
  m.Out("b_o", 8, "Nothing drives it: it is only read by the instance");
  m.Out("sum_o", 20, "Sum");
  m.Body("${mac}");
  Instance instance = GoodInstance();
  instance.params = {{"DataW", 8}, {"AccW", 20}};
  instance.ports[4].second = "b_o";
  instance.ports[5].second = "sum_o";
  m.Set("mac", instance);
  try {
    std::move(m).Finish();
    FAIL() << "no error";
  } catch (const EmitError& error) {
    EXPECT_STREQ(error.what(),
                 "parent: output b_o is not driven: assign it, or connect it to an "
                 "instance's output");
  }
}

TEST(WidthOf, FollowsTheDeclarationsOfTheBody) {
  const Scope scope = ScopeOf(SampleMac(), Tokens(R"v(
    localparam integer N = DataW > 4 ? 3 : 2, M = 2*N;
    localparam Z = DataW'(3);
    wire bit_x, bit_y = bit_x;
    wire signed [N*DataW-1:0] bus = {N{a_i}};
    reg [(N > M ? N : M)-1:0] p, q;
    reg [4:0] mem [0:7];
    generate
      if (N > 1) begin : g_a wire [3:0] twice; end
      else begin : g_b wire [4:0] twice; end
    endgenerate
  )v"));
  const std::pair<const char*, std::int64_t> known[] = {
      {"bit_x", 1},
      {"bit_y", 1},
      {"bus", 24},
      {"p", 6},
      {"q", 6},
      {"mem[2]", 5},
      {"mem[2][1]", 1},
      {"bus[3]", 1},
      {"bus[7:4]", 4},
      {"bus[i*8 +: DataW]", 8},
      {"bus[i -: 3]", 3},
      {"{a_i, p}", 14},
      {"{N{a_i, p[2:0]}}", 33},
      {"~a_i", 8},
      {"8'hff", 8},
      {"(a_i)", 8},
      {"{2{1'b0}}", 2},
      {"sum_o", 24},
      {"bus[(N > 2 ? 1 : 0)]", 1},
      {"{{2{p}}, q}", 18},
      {"{N{a_i[0]}}", 3},
  };
  for (const auto& [text, bits] : known) EXPECT_THAT(WidthOf(text, scope), Optional(bits)) << text;
  for (const char* text :
       {"", "twice", "a_i + p", "unknown", "mem", "{a_i, 1}", "12", "bus[M:0][1]", "bus[x:y]",
        "bus[3 +: 0]", "{Z{a_i}}", "f(a_i)", "a_i ? p : q"}) {
    EXPECT_EQ(WidthOf(text, scope), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace systole::rtl

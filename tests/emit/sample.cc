// SPDX-License-Identifier: Apache-2.0
#include "tests/emit/sample.h"

namespace systole::rtl {

Module SampleMac() {
  ModuleBuilder m("mac", "signed multiply-accumulate element", "tests/emit/sample.cc");
  m.Doc(R"(
      a_i, b_i ──> product ──> sum_q ──> sum_o
                                 ^──────────┘
  )");
  const Expr data_w = m.Param("DataW", 8, "Operand width, bits");
  const Expr acc_w = m.Param("AccW", 24, "Accumulator width, bits");
  m.Require("AccW >= 2*DataW", "AccW_holds_one_product");
  m.Require("DataW >= 2", "DataW_has_a_sign");
  m.ClockAndReset();
  m.Group("Operands: taken while en_i is high");
  m.Bit("en_i", "Enable");
  m.In("a_i", Signed(data_w), "Left factor");
  m.In("b_i", Signed(data_w), "Right factor");
  m.Group("Result");
  m.Out("sum_o", Signed(acc_w), Latency{1}, "Sum since reset");
  m.Bit("zero_o", Latency{0}, "The operands' product is zero");
  m.Body(R"v(
    localparam integer ProdW = 2*DataW;

    // The product has its own width: it is extended by hand.
    wire signed [ProdW-1:0] prod   = a_i * b_i;
    wire signed [AccW-1:0]  prod_x = {{(AccW-ProdW){prod[ProdW-1]}}, prod};
    reg  signed [AccW-1:0]  sum_q;
  )v");
  m.Body(R"v(
    always @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni)   sum_q <= {AccW{1'b0}};
      else if (en_i) sum_q <= sum_q + prod_x;
    end

    assign sum_o  = sum_q;
    assign zero_o = prod == ${zero};
  )v");
  m.Set("zero", "{ProdW{1'b0}}");
  return std::move(m).Finish();
}

Module SamplePair() {
  ModuleBuilder m("mac_pair", "two multiply-accumulate elements", "tests/emit/sample.cc");
  const Expr data_w = m.Param("DataW", 8, "Operand width, bits");
  const Expr acc_w = m.Param("AccW", 24, "Accumulator width, bits");
  m.ClockAndReset();
  m.Bit("en_i", "Enable");
  m.In("a_i", 2 * data_w, "Left factors, lane i for element i");
  m.In("b_i", Signed(data_w), "Right factor");
  m.Out("sum_o", 2 * acc_w, Latency{1}, "Sums");
  m.Out("zero_o", 2, Latency{0}, "Products that are zero");
  m.Body(R"v(
    genvar i;
    generate
      for (i = 0; i < 2; i = i + 1) begin : g_element
        ${element}
      end
    endgenerate
  )v");
  m.Set("element", Instance{.module = SampleMac(),
                            .name = "u_mac",
                            .params = {{"DataW", data_w}, {"AccW", acc_w}},
                            .ports = {{"clk_i", "clk_i"},
                                      {"rst_ni", "rst_ni"},
                                      {"en_i", "en_i"},
                                      {"a_i", "a_i[i*DataW +: DataW]"},
                                      {"b_i", "b_i"},
                                      {"sum_o", "sum_o[i*AccW +: AccW]"},
                                      {"zero_o", "zero_o[i]"}}});
  return std::move(m).Finish();
}

Design SampleDesign() { return {.top = "mac_pair", .modules = {SampleMac(), SamplePair()}}; }

}  // namespace systole::rtl

// SPDX-License-Identifier: Apache-2.0
#include "gen/systolic/blocks.h"

namespace systole {
namespace {

constexpr const char* kBody = R"v(
  // Four stages that move together; a stage with nothing in it rests.
  reg  [3:0]         valid_q;
  reg  [3:0]         last_q;
  wire               move     = ready_i | ~valid_q[3];
  wire [3:0]         entering = {valid_q[2:0], valid_i};
  wire [3:0]         stage_en = entering & {4{move}};
  reg  [Cols*31-1:0] scale_q;
  reg  [3*DataW-1:0] output0_q;
  reg  [3*DataW-1:0] output1_q;
  reg  [3*DataW-1:0] output2_q;
  genvar             i;

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni)   valid_q <= 4'b0;
    else if (move) valid_q <= entering;
  end

  always @(posedge clk_i) begin
    if (move) last_q <= {last_q[2:0], last_i};
    if (stage_en[0]) begin
      scale_q   <= scale_i;
      output0_q <= {zero_i, min_i, max_i};
    end
    if (stage_en[1]) output1_q <= output0_q;
    if (stage_en[2]) output2_q <= output1_q;
  end

  generate
    for (i = 0; i < Cols; i = i + 1) begin : g_lane
      ${lane}
    end
  endgenerate

  assign ready_o = move;
  assign valid_o = valid_q[3];
  assign last_o  = last_q[3];
)v";

}  // namespace

rtl::Module BuildRequantizer(const ArrayConfig& config) {
  rtl::ModuleBuilder m("requantizer", "sums to outputs, a lane a column",
                       "gen/systolic/requantizer.cc");
  const rtl::Expr cols = m.Param("Cols", config.cols, "Columns");
  const rtl::Expr data_w = m.Param("DataW", config.data_width, "Output width, bits");
  const rtl::Expr acc_w = m.Param("AccW", config.acc_width, "Sum width, bits");
  m.ClockAndReset();
  m.Group("Sums with bias, and their parameters");
  m.Bit("valid_i", "A beat is offered");
  m.Bit("ready_o", rtl::Latency{0}, "It is taken");
  m.Bit("last_i", "Last beat of a tile");
  m.In("sum_i", cols * acc_w, "Sums, a lane a column");
  m.In("scale_i", cols * 31, "float32 scales without their sign");
  m.In("zero_i", data_w, "Output zero point");
  m.In("min_i", data_w, "Lower bound of the output");
  m.In("max_i", data_w, "Upper bound of the output");
  m.Group("Outputs");
  m.Bit("valid_o", rtl::Latency{4}, "A beat is offered");
  m.Bit("ready_i", "It is taken");
  m.Bit("last_o", rtl::Latency{4}, "Last beat of a tile");
  m.Out("data_o", cols * data_w, rtl::Latency{4}, "Outputs, a lane a column");
  m.Body(kBody);
  m.Set("lane", rtl::Instance{.module = Prim("requantize_lane"),
                              .name = "u_lane",
                              .params = {{"DataW", "DataW"}, {"AccW", "AccW"}},
                              .ports = {{"clk_i", "clk_i"},
                                        {"stage_en_i", "stage_en"},
                                        {"sum_i", "sum_i[i*AccW +: AccW]"},
                                        {"scale_i", "scale_q[i*31 +: 31]"},
                                        {"zero_i", "output2_q[2*DataW +: DataW]"},
                                        {"min_i", "output2_q[DataW +: DataW]"},
                                        {"max_i", "output2_q[0 +: DataW]"},
                                        {"data_o", "data_o[i*DataW +: DataW]"}}});
  return std::move(m).Finish();
}

}  // namespace systole

// SPDX-License-Identifier: Apache-2.0
#include "gen/peers/elements.h"

#include "gen/emit/builder.h"
#include "gen/peers/mac.h"

namespace systole {
namespace {

constexpr const char* kSource = "gen/peers/elements.cc";

void AddWidths(rtl::ModuleBuilder& m, const PeerConfig& config, int acc_width,
               const std::string& what) {
  m.Param("DataW", config.data_width, "Activation and weight width, bits");
  m.Param("AccW", acc_width, what);
  m.Require("AccW > 2*DataW", "AccW_holds_sums_of_products");
}

}  // namespace

rtl::Module BuildInPlaceElement(const PeerConfig& config) {
  rtl::ModuleBuilder m("peer_element_in_place", "output stationary, drained through the sums",
                       kSource);
  AddWidths(m, config, config.acc_width, "Sum width, bits");
  m.Clock();
  m.Group("Operands move on; a weight of 0 keeps the sum");
  m.In("act_i", "DataW", "From the left");
  m.Out("act_o", "DataW", rtl::Latency{1}, "To the right");
  m.In("wgt_i", "DataW", "From above");
  m.Out("wgt_o", "DataW", rtl::Latency{1}, "Down");
  m.Group("Results");
  m.Bit("drain_i", "Take the sum above");
  m.In("sum_i", "AccW", "It; 0 above the first row, so that a drain clears the array");
  m.Out("sum_o", "AccW", rtl::Latency{1}, "The sum here");
  m.Body(R"v(
    reg  [DataW-1:0] act_q;
    reg  [DataW-1:0] wgt_q;
    reg  [AccW-1:0]  sum_q;
    wire [DataW-1:0] act = act_i;
    wire [DataW-1:0] wgt = wgt_i;
    wire [AccW-1:0]  sum = sum_q;
  )v");
  m.Body(MacText(config.mac));
  m.Body(R"v(
    always @(posedge clk_i) begin
      act_q <= act_i;
      wgt_q <= wgt_i;
      sum_q <= drain_i ? sum_i : next;
    end

    assign act_o = act_q;
    assign wgt_o = wgt_q;
    assign sum_o = sum_q;
  )v");
  return std::move(m).Finish();
}

rtl::Module BuildBroadcastElement(const PeerConfig& config) {
  rtl::ModuleBuilder m("peer_element_broadcast", "output stationary, operands from buses", kSource);
  AddWidths(m, config, config.acc_width, "Sum width, bits");
  m.Clock();
  m.Group("Step: a weight of 0 keeps the sum");
  m.Bit("first_i", "A new sum starts");
  m.Bit("last_i", "The sum becomes the result");
  m.In("act_i", "DataW", "Of the row");
  m.In("wgt_i", "DataW", "Of the column");
  m.Group("Results: a chain down the column");
  m.Bit("shift_i", "Take the result above");
  m.In("res_i", "AccW", "It");
  m.Out("res_o", "AccW", rtl::Latency{1}, "The result here");
  m.Body(R"v(
    reg  [AccW-1:0]  sum_q;
    reg  [AccW-1:0]  res_q;
    wire [DataW-1:0] act = act_i;
    wire [DataW-1:0] wgt = wgt_i;
    wire [AccW-1:0]  sum = first_i ? {AccW{1'b0}} : sum_q;
  )v");
  m.Body(MacText(config.mac));
  m.Body(R"v(
    always @(posedge clk_i) begin
      sum_q <= next;
      if (last_i)       res_q <= next;
      else if (shift_i) res_q <= res_i;
    end

    assign res_o = res_q;
  )v");
  return std::move(m).Finish();
}

rtl::Module BuildWeightStationaryElement(const PeerConfig& config) {
  rtl::ModuleBuilder m("peer_element_ws", "weight stationary, with the next weight behind",
                       kSource);
  AddWidths(m, config, PartialSumWidth(config), "Partial sum width, bits");
  m.Clock();
  m.Group("The next weight: a chain down the column");
  m.Bit("load_i", "It moves");
  m.In("wgt_i", "DataW", "From above");
  m.Out("wgt_o", "DataW", rtl::Latency{1}, "Down");
  m.Group("Operands; the swap comes a cycle before the first activation of the next weight");
  m.Bit("swap_i", "The next weight becomes the weight");
  m.Bit("swap_o", rtl::Latency{1}, "To the right");
  m.In("act_i", "DataW", "From the left");
  m.Out("act_o", "DataW", rtl::Latency{1}, "To the right");
  m.Group("Partial sums");
  m.In("sum_i", "AccW", "From above");
  m.Out("sum_o", "AccW", rtl::Latency{1}, "Down");
  m.Body(R"v(
    reg  [DataW-1:0] next_wgt_q;
    reg  [DataW-1:0] wgt_q;
    reg              swap_q;
    reg  [DataW-1:0] act_q;
    reg  [AccW-1:0]  sum_q;
    wire [DataW-1:0] act = act_i;
    wire [DataW-1:0] wgt = wgt_q;
    wire [AccW-1:0]  sum = sum_i;
  )v");
  m.Body(MacText(config.mac));
  m.Body(R"v(
    always @(posedge clk_i) begin
      if (load_i) next_wgt_q <= wgt_i;
      if (swap_i) wgt_q <= next_wgt_q;
      swap_q <= swap_i;
      act_q  <= act_i;
      sum_q  <= next;
    end

    assign wgt_o  = next_wgt_q;
    assign swap_o = swap_q;
    assign act_o  = act_q;
    assign sum_o  = sum_q;
  )v");
  return std::move(m).Finish();
}

}  // namespace systole

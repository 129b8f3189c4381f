// SPDX-License-Identifier: Apache-2.0
#include "gen/peers/arrays.h"

#include "gen/peers/elements.h"
#include "gen/systolic/blocks.h"

namespace systole {
namespace {

constexpr const char* kSource = "gen/peers/arrays.cc";

rtl::ModuleBuilder Begin(const PeerConfig& config, const std::string& summary) {
  rtl::ModuleBuilder m("peer_array", summary, kSource);
  m.Param("Rows", config.rows, "Rows");
  m.Param("Cols", config.cols, "Columns");
  m.Param("DataW", config.data_width, "Activation and weight width, bits");
  m.Param("AccW", config.acc_width, "Sum width, bits");
  return m;
}

void AddStep(rtl::ModuleBuilder& m) {
  m.Group("The step of this cycle");
  m.Bit("valid_i", "There is one");
  m.In("act_i", rtl::Expr("Rows") * "DataW", "Activations, lane r for row r");
  m.In("wgt_i", rtl::Expr("Cols") * "DataW", "Weights, lane c for column c");
}

void AddResults(rtl::ModuleBuilder& m) {
  m.Out("res_o", rtl::Expr("Cols") * "AccW", "A whole row of results");
}

/// Edge registers: a cycle without a step has weight 0 and the old activations.
constexpr const char* kEdges = R"v(
  reg  [Rows*DataW-1:0] act_q;
  reg  [Cols*DataW-1:0] wgt_q;
  genvar                r;
  genvar                c;

  always @(posedge clk_i) begin
    if (valid_i) act_q <= act_i;
    wgt_q <= valid_i ? wgt_i : {(Cols*DataW){1'b0}};
  end
)v";

}  // namespace

ArrayConfig SystoleArray(const PeerConfig& config) {
  ArrayConfig array;
  array.rows = config.rows;
  array.cols = config.cols;
  array.dataflow = Dataflow::kOs;
  array.data_width = config.data_width;
  array.acc_width = config.acc_width;
  return array;
}

rtl::Module BuildSystolePeer(const PeerConfig& config) {
  const rtl::Module inner = BuildArray(SystoleArray(config));
  rtl::ModuleBuilder m = Begin(config, "systolic_array with the deskew of result_drain");
  m.ClockAndReset();
  AddStep(m);
  m.Bit("first_i", "It starts new sums");
  m.Bit("last_i", "It ends the sums");
  m.Group("Results");
  m.Bit("start_i", "All rows start to drain");
  m.Bit("moving_i", "The deskew moves");
  AddResults(m);
  m.Body(R"v(
    wire [Cols*AccW-1:0] res;
    genvar               c;

    ${array}

    generate
      for (c = 0; c < Cols; c = c + 1) begin : g_deskew
        ${deskew}
      end
    endgenerate
  )v");
  m.Set("array", Use(inner, "u_array",
                     {{"en_i", "1'b1"},
                      {"step_i", "valid_i"},
                      {"tap_i", "valid_i"},
                      {"first_i", "first_i"},
                      {"last_i", "last_i"},
                      {"act_i", "act_i"},
                      {"wgt_i", "wgt_i"},
                      {"start_i", "{Rows{start_i}}"},
                      {"res_o", "res"}},
                     {{"Lanes", "Cols"}}));
  m.Set("deskew", DelayLine("u_delay", "AccW", "Cols - 1 - c", "moving_i", "res[c*AccW +: AccW]",
                            "res_o[c*AccW +: AccW]"));
  return std::move(m).Finish();
}

rtl::Module BuildInPlacePeer(const PeerConfig& config) {
  rtl::ModuleBuilder m = Begin(config, "output stationary, drained through the sums");
  m.Clock();
  AddStep(m);
  m.Group("Results");
  m.Bit("drain_i", "Sums move down");
  AddResults(m);
  m.Body(kEdges);
  m.Body(R"v(
    // Lane i enters i cycles after lane 0. Element (r, c) has its own slice of every bus, and one
    // more at the right and at the bottom.
    wire [Rows*(Cols+1)*DataW-1:0] act;
    wire [(Rows+1)*Cols*DataW-1:0] wgt;
    wire [(Rows+1)*Cols*AccW-1:0]  sum;
    wire [Rows*DataW-1:0]          right;
    wire unused_ends = &{1'b0, right, wgt[Rows*Cols*DataW +: Cols*DataW]};

    assign sum[0 +: Cols*AccW] = {(Cols*AccW){1'b0}};
    assign res_o               = sum[Rows*Cols*AccW +: Cols*AccW];

    generate
      for (c = 0; c < Cols; c = c + 1) begin : g_wgt_skew
        ${wgt_skew}
      end
      for (r = 0; r < Rows; r = r + 1) begin : g_row
        ${act_skew}
        assign right[r*DataW +: DataW] = act[(r*(Cols+1)+Cols)*DataW +: DataW];
        for (c = 0; c < Cols; c = c + 1) begin : g_col
          ${element}
        end
      end
    endgenerate
  )v");
  m.Set("wgt_skew", DelayLine("u_wgt_delay", "DataW", "c", "1'b1", "wgt_q[c*DataW +: DataW]",
                              "wgt[c*DataW +: DataW]"));
  m.Set("act_skew", DelayLine("u_act_delay", "DataW", "r", "1'b1", "act_q[r*DataW +: DataW]",
                              "act[r*(Cols+1)*DataW +: DataW]"));
  m.Set("element", Use(BuildInPlaceElement(config), "u_element",
                       {{"act_i", "act[(r*(Cols+1)+c)*DataW +: DataW]"},
                        {"act_o", "act[(r*(Cols+1)+c+1)*DataW +: DataW]"},
                        {"wgt_i", "wgt[(r*Cols+c)*DataW +: DataW]"},
                        {"wgt_o", "wgt[((r+1)*Cols+c)*DataW +: DataW]"},
                        {"drain_i", "drain_i"},
                        {"sum_i", "sum[(r*Cols+c)*AccW +: AccW]"},
                        {"sum_o", "sum[((r+1)*Cols+c)*AccW +: AccW]"}}));
  return std::move(m).Finish();
}

rtl::Module BuildBroadcastPeer(const PeerConfig& config) {
  rtl::ModuleBuilder m = Begin(config, "output stationary, operands on buses, no pipelining");
  m.Clock();
  AddStep(m);
  m.Bit("first_i", "It starts new sums");
  m.Bit("last_i", "It ends the sums");
  m.Group("Results");
  m.Bit("shift_i", "Results move down");
  AddResults(m);
  m.Body(kEdges);
  m.Body(R"v(
    reg                           first_q;
    reg                           last_q;
    wire [(Rows+1)*Cols*AccW-1:0] res;

    always @(posedge clk_i) begin
      first_q <= first_i;
      last_q  <= last_i;
    end

    assign res[0 +: Cols*AccW] = {(Cols*AccW){1'b0}};
    assign res_o               = res[Rows*Cols*AccW +: Cols*AccW];

    generate
      for (r = 0; r < Rows; r = r + 1) begin : g_row
        for (c = 0; c < Cols; c = c + 1) begin : g_col
          ${element}
        end
      end
    endgenerate
  )v");
  m.Set("element", Use(BuildBroadcastElement(config), "u_element",
                       {{"first_i", "first_q"},
                        {"last_i", "last_q"},
                        {"act_i", "act_q[r*DataW +: DataW]"},
                        {"wgt_i", "wgt_q[c*DataW +: DataW]"},
                        {"shift_i", "shift_i"},
                        {"res_i", "res[(r*Cols+c)*AccW +: AccW]"},
                        {"res_o", "res[((r+1)*Cols+c)*AccW +: AccW]"}}));
  return std::move(m).Finish();
}

rtl::Module BuildWeightStationaryPeer(const PeerConfig& config) {
  rtl::ModuleBuilder m = Begin(config, "weight stationary, sums in a memory outside");
  const rtl::Expr sum_w =
      m.Param("SumW", PartialSumWidth(config), "Width of a partial sum in the array, bits");
  m.Clock();
  AddStep(m);
  m.Bit("load_i", "Weights enter: the bottom row's first");
  m.Bit("swap_i", "The next step is the first with the new weights");
  m.Group("Results");
  m.In("acc_i", rtl::Expr("Cols") * "AccW", "Sums so far, from the memory");
  AddResults(m);
  m.Body(R"v(
    reg  [Rows*DataW-1:0] act_q;
    reg  [Cols*DataW-1:0] wgt_q;
    reg                   swap_q;
    reg                   load_q;
    genvar                r;
    genvar                c;

    always @(posedge clk_i) begin
      if (valid_i) act_q <= act_i;
      if (load_i)  wgt_q <= wgt_i;
      swap_q <= swap_i;
      load_q <= load_i;
    end

    // Lane i enters i cycles after lane 0. Element (r, c) has its own slice of every bus, and one
    // more at the right and at the bottom.
    wire [Rows*(Cols+1)*DataW-1:0] act;
    wire [Rows*(Cols+1)-1:0]       swap;
    wire [(Rows+1)*Cols*DataW-1:0] wgt;
    wire [(Rows+1)*Cols*SumW-1:0]  sum;
    wire [Cols*SumW-1:0]           whole;
    wire [Rows*DataW+Rows-1:0]     right;
    wire unused_ends = &{1'b0, right, wgt[Rows*Cols*DataW +: Cols*DataW]};

    assign wgt[0 +: Cols*DataW] = wgt_q;
    assign sum[0 +: Cols*SumW]  = {(Cols*SumW){1'b0}};

    generate
      for (r = 0; r < Rows; r = r + 1) begin : g_row
        ${act_skew}
        assign right[r*(DataW+1) +: DataW+1] = {swap[r*(Cols+1)+Cols],
                                                act[(r*(Cols+1)+Cols)*DataW +: DataW]};
        for (c = 0; c < Cols; c = c + 1) begin : g_col
          ${element}
        end
      end
    endgenerate

    // Whole rows of partial sums, added to what the memory has.
    reg [Cols*AccW-1:0] res_q;

    generate
      for (c = 0; c < Cols; c = c + 1) begin : g_sum
        ${deskew}
        always @(posedge clk_i) begin
          res_q[c*AccW +: AccW] <= acc_i[c*AccW +: AccW] +
              {{(AccW-SumW){whole[c*SumW+SumW-1]}}, whole[c*SumW +: SumW]};
        end
      end
    endgenerate

    assign res_o = res_q;
  )v");
  m.Set("act_skew", DelayLine("u_act_delay", rtl::Expr("DataW") + 1, "r", "1'b1",
                              "{swap_q, act_q[r*DataW +: DataW]}",
                              "{swap[r*(Cols+1)], act[r*(Cols+1)*DataW +: DataW]}"));
  m.Set("deskew", DelayLine("u_delay", sum_w, "Cols - 1 - c", "1'b1",
                            "sum[(Rows*Cols+c)*SumW +: SumW]", "whole[c*SumW +: SumW]"));
  m.Set("element", Use(BuildWeightStationaryElement(config), "u_element",
                       {{"load_i", "load_q"},
                        {"swap_i", "swap[r*(Cols+1)+c]"},
                        {"swap_o", "swap[r*(Cols+1)+c+1]"},
                        {"act_i", "act[(r*(Cols+1)+c)*DataW +: DataW]"},
                        {"act_o", "act[(r*(Cols+1)+c+1)*DataW +: DataW]"},
                        {"wgt_i", "wgt[(r*Cols+c)*DataW +: DataW]"},
                        {"wgt_o", "wgt[((r+1)*Cols+c)*DataW +: DataW]"},
                        {"sum_i", "sum[(r*Cols+c)*SumW +: SumW]"},
                        {"sum_o", "sum[((r+1)*Cols+c)*SumW +: SumW]"}},
                       {{"AccW", "SumW"}}));
  return std::move(m).Finish();
}

}  // namespace systole

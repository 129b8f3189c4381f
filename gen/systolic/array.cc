// SPDX-License-Identifier: Apache-2.0
#include "gen/systolic/blocks.h"

namespace systole {
namespace {

constexpr const char* kEdges = R"v(
  // Edge registers. A step without a tap has weight 0, so it changes no sum; activations stay.
  wire [Lanes*DataW-1:0] tap_wgt = tap_i ? wgt_i : {(Lanes*DataW){1'b0}};
  reg  [Rows*DataW-1:0]  act_q;

  always @(posedge clk_i) begin
    if (en_i & step_i) act_q <= act_i;
  end
)v";

constexpr const char* kControlOs = R"v(
  // Control moves down one row a cycle, with the skew of the activations.
  reg  [Rows-1:0] first_q;
  reg  [Rows-1:0] last_q;
  wire [Rows:0]   first_next = {first_q, first_i};
  wire [Rows:0]   last_next  = {last_q, last_i};
  wire            unused_ends = &{1'b0, first_next[Rows], last_next[Rows]};

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      first_q <= {Rows{1'b0}};
      last_q  <= {Rows{1'b0}};
    end else if (en_i) begin
      first_q <= first_next[Rows-1:0];
      last_q  <= last_next[Rows-1:0];
    end
  end
)v";

constexpr const char* kControlStos = R"v(
  // Control moves down one row a cycle, with the skew of the activations.
  reg  [Rows-1:0] first_q;
  reg  [Rows-1:0] last_q;
  reg  [Rows-1:0] stos_q;
  reg  [Rows-1:0] step_q;
  wire [Rows:0]   first_next = {first_q, first_i};
  wire [Rows:0]   last_next  = {last_q, last_i};
  wire [Rows:0]   stos_next  = {stos_q, stos_i};
  wire [Rows:0]   step_next  = {step_q, step_i};
  wire            unused_ends = &{1'b0, first_next[Rows], last_next[Rows], stos_next[Rows],
                                  step_next[Rows]};

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      first_q <= {Rows{1'b0}};
      last_q  <= {Rows{1'b0}};
      stos_q  <= {Rows{1'b0}};
      step_q  <= {Rows{1'b0}};
    end else if (en_i) begin
      first_q <= first_next[Rows-1:0];
      last_q  <= last_next[Rows-1:0];
      stos_q  <= stos_next[Rows-1:0];
      step_q  <= step_next[Rows-1:0];
    end
  end
)v";

constexpr const char* kSkew = R"v(
  // Lane i enters i cycles after lane 0.
  wire [Rows*DataW-1:0]  act;
  wire [Lanes*DataW-1:0] wgt;

  ${act_skew}
  ${wgt_skew}

  // The weights that row 0 gets; the last register of the skew.
  reg [Cols*DataW-1:0] wgt_q;

  always @(posedge clk_i) begin
    if (en_i) wgt_q <= ${top_weight};
  end
  ${broadcast}
)v";

constexpr const char* kRows = R"v(
  // The rows: slice r of a bus is what row r gets from above, slice r + 1 what it hands down.
  wire [(Rows+1)*Cols*DataW-1:0] down;
  wire [(Rows+1)*Cols*AccW-1:0]  res;
  wire [Rows:0]                  shift;
  ${shift_all}
  wire                           unused_bottom = &{1'b0, down[Rows*Cols*DataW +: Cols*DataW],
                                                   ${bottom}};

  assign down[0 +: Cols*DataW] = wgt_q;
  assign res[0 +: Cols*AccW]   = {(Cols*AccW){1'b0}};
  assign shift[0]              = 1'b0;
  ${shift_all_top}
  genvar                         i;

  generate
    for (i = 0; i < Rows; i = i + 1) begin : g_row
      ${row}
    end
  endgenerate

  assign res_o = res[Rows*Cols*AccW +: Cols*AccW];
)v";

rtl::Instance Skew(const std::string& signal, const std::string& lanes, const std::string& from) {
  return {.module = Prim("skew_lines"),
          .name = "u_" + signal + "_skew",
          .params = {{"Lanes", lanes}, {"Width", "DataW"}, {"LastFirst", 0}},
          .ports = {{"clk_i", "clk_i"}, {"en_i", "en_i"}, {"data_i", from}, {"data_o", signal}}};
}

rtl::Instance Row(const ArrayConfig& config) {
  const rtl::Module row = BuildRow(config);
  return {.module = row,
          .name = "u_row",
          .params = {{"Cols", "Cols"}, {"DataW", "DataW"}, {"AccW", "AccW"}},
          .ports = Connect(row, {{"en_i", "en_i"},
                                 {"stos_i", "stos_q[i]"},
                                 {"step_i", "step_q[i]"},
                                 {"first_i", "first_q[i]"},
                                 {"last_i", "last_q[i]"},
                                 {"act_i", "act[i*DataW +: DataW]"},
                                 {"wgt_i", "down[i*Cols*DataW +: Cols*DataW]"},
                                 {"wgt_o", "down[(i+1)*Cols*DataW +: Cols*DataW]"},
                                 {"bcast_i", "bcast[i*DataW +: DataW]"},
                                 {"start_i", "start_i[i]"},
                                 {"shift_i", "shift[i]"},
                                 {"shift_o", "shift[i+1]"},
                                 {"start_all_i", "start_all_i[i]"},
                                 {"shift_all_i", "shift_all[i]"},
                                 {"shift_all_o", "shift_all[i+1]"},
                                 {"res_i", "res[i*Cols*AccW +: Cols*AccW]"},
                                 {"res_o", "res[(i+1)*Cols*AccW +: Cols*AccW]"}})};
}

void AddInterface(rtl::ModuleBuilder& m, bool stos) {
  const rtl::Expr rows = "Rows", cols = "Cols", data_w = "DataW", acc_w = "AccW";
  m.ClockAndReset();
  m.Bit("en_i", "The array advances");
  m.Group("The step of this cycle; row 0 works on it in the next");
  m.Bit("step_i", "There is one: activations are taken");
  m.Bit("tap_i", "It is a tap: weights are taken");
  m.Bit("first_i", "The tap starts new sums");
  m.Bit("last_i", "The tap ends the sums");
  if (stos) m.Bit("stos_i", "ST-OS; holds between steps");
  m.In("act_i", rows * data_w, "Activations, lane i for row i");
  m.In("wgt_i", rtl::Expr("Lanes") * data_w,
       stos ? "Weights, lane i for column i; ST-OS: row i" : "Weights, lane i for column i");
  m.Group("Results");
  m.In("start_i", rows, "Rows that start to drain");
  if (stos) m.In("start_all_i", rows, "ST-OS: all columns at once");
  m.Out("res_o", cols * acc_w, "Results of the bottom row");
}

}  // namespace

rtl::Module BuildArray(const ArrayConfig& config) {
  const bool stos = HasStos(config);
  rtl::ModuleBuilder m("systolic_array", "rows of processing elements with skewed edges",
                       "gen/systolic/array.cc");
  m.Doc(R"(
    Row r works r cycles after row 0. In GEMM column c works c cycles after column 0: PE (r, c) does
    the step that is issued in cycle t in cycle t + 1 + r + c.
  )");
  if (stos) m.Doc("In ST-OS all columns of a row work in cycle t + 1 + r.");
  m.Param("Rows", config.rows, "Rows");
  m.Param("Cols", config.cols, "Columns");
  m.Param("Lanes", LaneCount(config),
          stos ? "Weight lanes: max(Rows, Cols)" : "Weight lanes: Cols");
  m.Param("DataW", config.data_width, "Activation and weight width, bits");
  m.Param("AccW", config.acc_width, "Sum width, bits");
  AddInterface(m, stos);
  m.Body(kEdges);
  m.Body(stos ? kControlStos : kControlOs);
  m.Body(kSkew);
  m.Body(kRows);
  m.Set("broadcast", stos ? R"v(

    // ST-OS: row r hands lane r + 1 to the row below, which needs it one cycle later.
    wire [Rows*DataW-1:0] bcast = wgt[Rows*DataW-1:0] >> DataW;
  )v"
                          : "");
  m.Set("top_weight", stos ? "stos_i ? {Cols{wgt[0 +: DataW]}} : wgt[0 +: Cols*DataW]" : "wgt");
  m.Set("act_skew", Skew("act", "Rows", "act_q"));
  m.Set("wgt_skew", Skew("wgt", "Lanes", "tap_wgt"));
  m.Set("row", Row(config));
  m.Set("bottom", stos ? "shift[Rows], shift_all[Rows]" : "shift[Rows]");
  m.Set("shift_all", stos ? "wire [Rows:0]                  shift_all;" : "");
  m.Set("shift_all_top", stos ? "assign shift_all[0]          = 1'b0;" : "");
  return std::move(m).Finish();
}

}  // namespace systole

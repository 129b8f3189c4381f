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
  // The rows stand in parts of at most 32 columns: whoever works on each distinct module once has
  // none of more to work on. Slice r of a bus is what row r gets from above, slice r + 1 what it
  // hands down.
  localparam integer PartCols = 32;
  localparam integer Parts    = (Cols + PartCols - 1) / PartCols;

  wire [(Rows+1)*Cols*DataW-1:0] down;
  wire [(Rows+1)*Cols*AccW-1:0]  res;
  wire [Parts*(Rows+1)-1:0]      shift;
  ${shift_all}

  // From part to part, a register as between columns: slice p*Rows + r goes to part p of row r.
  wire [Parts*Rows*DataW-1:0]     right_act;
  wire [Parts*Rows-1:0]           right_first;
  wire [Parts*Rows-1:0]           right_last;
  wire [Parts*Rows-1:0]           right_shift;
  reg  [Parts*Rows*DataW-1:0]     right_act_q;
  reg  [Parts*Rows-1:0]           right_first_q;
  reg  [Parts*Rows-1:0]           right_last_q;
  reg  [Parts*Rows-1:0]           right_shift_q;
  wire [(Parts+1)*Rows*DataW-1:0] left_act   = {right_act_q, act};
  wire [(Parts+1)*Rows-1:0]       left_first = {right_first_q, first_q${gemm}};
  wire [(Parts+1)*Rows-1:0]       left_last  = {right_last_q, last_q${gemm}};
  wire [(Parts+1)*Rows-1:0]       left_shift = {right_shift_q, shift[Rows-1:0]};
  ${all}

  wire unused_right = &{1'b0, left_act[Parts*Rows*DataW +: Rows*DataW],
                        left_first[Parts*Rows +: Rows], left_last[Parts*Rows +: Rows],
                        left_shift[Parts*Rows +: Rows]};
  wire unused_bottom = &{1'b0, down[Rows*Cols*DataW +: Cols*DataW], ${bottom}};

  always @(posedge clk_i) begin
    if (en_i) begin
      right_first_q <= right_first;
      right_last_q  <= right_last;
      right_shift_q <= right_shift;
    end
  end

  assign down[0 +: Cols*DataW] = wgt_q;
  assign res[0 +: Cols*AccW]   = {(Cols*AccW){1'b0}};

  genvar p;
  genvar i;

  generate
    for (p = 0; p < Parts; p = p + 1) begin : g_part
      localparam integer First = p*PartCols;
      localparam integer Width = Cols - First < PartCols ? Cols - First : PartCols;

      assign shift[p*(Rows+1)] = 1'b0;
      ${shift_all_top}

      for (i = 0; i < Rows; i = i + 1) begin : g_row
        always @(posedge clk_i) begin
          if (en_i${move}) begin
            right_act_q[(p*Rows+i)*DataW +: DataW] <= right_act[(p*Rows+i)*DataW +: DataW];
          end
        end

        ${row}
      end
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
          .params = {{"Cols", "Width"}, {"DataW", "DataW"}, {"AccW", "AccW"}},
          .ports = Connect(row, {{"en_i", "en_i"},
                                 {"stos_i", "stos_q[i]"},
                                 {"step_i", "step_q[i]"},
                                 {"first_i", "left_first[p*Rows+i]"},
                                 {"last_i", "left_last[p*Rows+i]"},
                                 {"first_all_i", "first_all[i]"},
                                 {"last_all_i", "last_all[i]"},
                                 {"act_i", "left_act[(p*Rows+i)*DataW +: DataW]"},
                                 {"wgt_i", "down[(i*Cols+First)*DataW +: Width*DataW]"},
                                 {"wgt_o", "down[((i+1)*Cols+First)*DataW +: Width*DataW]"},
                                 {"bcast_i", "bcast[i*DataW +: DataW]"},
                                 {"start_i", "start_i[i]"},
                                 {"shift_i", "left_shift[p*Rows+i]"},
                                 {"shift_o", "shift[p*(Rows+1)+i+1]"},
                                 {"start_all_i", "start_all_i[i]"},
                                 {"shift_all_i", "shift_all[p*(Rows+1)+i]"},
                                 {"shift_all_o", "shift_all[p*(Rows+1)+i+1]"},
                                 {"res_i", "res[(i*Cols+First)*AccW +: Width*AccW]"},
                                 {"res_o", "res[((i+1)*Cols+First)*AccW +: Width*AccW]"},
                                 {"right_act_o", "right_act[(p*Rows+i)*DataW +: DataW]"},
                                 {"right_first_o", "right_first[p*Rows+i]"},
                                 {"right_last_o", "right_last[p*Rows+i]"},
                                 {"right_shift_o", "right_shift[p*Rows+i]"}})};
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
  m.Set("gemm", stos ? " & ~stos_q" : "");
  m.Set("all", stos ? R"v(
    wire [Rows-1:0] first_all = first_q & stos_q;
    wire [Rows-1:0] last_all  = last_q & stos_q;
  )v"
                    : "");
  m.Set("move", stos ? " & (step_q[i] | ~stos_q[i])" : "");
  m.Set("bottom", stos ? "shift, shift_all" : "shift");
  m.Set("shift_all", stos ? "wire [Parts*(Rows+1)-1:0]      shift_all;" : "");
  m.Set("shift_all_top", stos ? "assign shift_all[p*(Rows+1)] = 1'b0;" : "");
  return std::move(m).Finish();
}

}  // namespace systole

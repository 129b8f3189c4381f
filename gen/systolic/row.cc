// SPDX-License-Identifier: Apache-2.0
#include "gen/systolic/blocks.h"

namespace systole {
namespace {

void AddInterface(rtl::ModuleBuilder& m, bool stos) {
  const rtl::Expr cols = "Cols", data_w = "DataW", acc_w = "AccW";
  m.Clock();
  m.Bit("en_i", "The row advances");
  m.Group(stos ? "Control: GEMM moves it along the columns, ST-OS gives it to all at once"
               : "Control of column 0; it moves along the columns");
  if (stos) {
    m.Bit("stos_i", "ST-OS: the broadcast weight counts");
    m.Bit("step_i", "ST-OS: activations move");
  }
  m.Bit("first_i", "A new sum starts");
  m.Bit("last_i", "The sum ends and becomes the result");
  if (stos) {
    m.Bit("first_all_i", "ST-OS: a new sum starts in all columns");
    m.Bit("last_all_i", "ST-OS: the sums of all columns end");
  }
  m.Group("Operands");
  m.In("act_i", rtl::Signed(data_w), "Activation, moves right");
  m.In("wgt_i", cols * data_w, "Weights from above, a lane a column");
  m.Out("wgt_o", cols * data_w, rtl::Latency{1}, "Weights to the row below");
  if (stos) m.In("bcast_i", data_w, "ST-OS: weight of all columns of the row below");
  m.Group("Results: a chain down every column");
  m.Bit("start_i", "This row starts to hand down, column 0 first");
  m.Bit("shift_i", "The row above hands down in column 0");
  m.Bit("shift_o", "This row does");
  if (stos) {
    m.Bit("start_all_i", "ST-OS: starts in all columns");
    m.Bit("shift_all_i", "ST-OS: above, in all columns");
    m.Bit("shift_all_o", "ST-OS: this row, in all columns");
  }
  m.In("res_i", cols * acc_w, "Results of the row above");
  m.Out("res_o", cols * acc_w, rtl::Latency{1}, "Results of this row");
  m.Group("What the last column works on; a column at its right does so a cycle later");
  m.Out("right_act_o", data_w, "Activation");
  m.Bit("right_first_o", "A new sum starts");
  m.Bit("right_last_o", "The sum ends");
  m.Bit("right_shift_o", "The results move down");
}

constexpr const char* kFlagsOs = R"v(
  // Column c sees the flags c cycles after column 0. No reset: what the registers hold at the start
  // runs ahead of the first tile.
  reg  [Cols-1:0] first_q;
  reg  [Cols-1:0] last_q;
  reg  [Cols-1:0] shift_q;
  wire [Cols:0]   first_chain = {first_q, first_i};
  wire [Cols:0]   last_chain  = {last_q, last_i};
  wire [Cols:0]   shift_chain = {shift_q, shift_i};
  wire            unused_ends = &{1'b0, first_chain[Cols], last_chain[Cols], shift_chain[Cols]};
  wire [Cols-1:0] first = first_chain[Cols-1:0];
  wire [Cols-1:0] last  = last_chain[Cols-1:0];
  wire [Cols-1:0] shift = shift_chain[Cols-1:0];
)v";

constexpr const char* kFlagsStos = R"v(
  // GEMM: column c sees the flags c cycles after column 0. No reset: what the registers hold at the
  // start runs ahead of the first tile. ST-OS: all columns see them now, and they do not travel.
  reg  [Cols-1:0] first_q;
  reg  [Cols-1:0] last_q;
  reg  [Cols-1:0] shift_q;
  reg             shift_all_q;
  wire [Cols:0]   first_chain = {first_q, first_i};
  wire [Cols:0]   last_chain  = {last_q, last_i};
  wire [Cols:0]   shift_chain = {shift_q, shift_i};
  wire            unused_ends = &{1'b0, first_chain[Cols], last_chain[Cols], shift_chain[Cols]};
  wire [Cols-1:0] first = first_chain[Cols-1:0] | {Cols{first_all_i}};
  wire [Cols-1:0] last  = last_chain[Cols-1:0] | {Cols{last_all_i}};
  wire [Cols-1:0] shift = shift_chain[Cols-1:0] | {Cols{shift_all_i}};
  wire            move  = step_i | ~stos_i;
)v";

constexpr const char* kElements = R"v(
  // Operands: lane c for column c.
  reg  [Cols*DataW-1:0]     act_q;
  reg  [Cols*DataW-1:0]     wgt_q;
  wire [(Cols+1)*DataW-1:0] act_chain = {act_q, act_i};
  wire [Cols*DataW-1:0]     act       = act_chain[Cols*DataW-1:0];
  wire                      unused_act = &{1'b0, act_chain[Cols*DataW +: DataW]};

  // The processing elements. Only this block reads the sums: they are written with =. The product
  // has its own width and is extended by hand: an adder, not a wide multiplier.
  localparam integer ProdW = 2*DataW;

  reg  signed [AccW-1:0]  sum_q [0:Cols-1];
  reg  signed [ProdW-1:0] prod;
  reg  [Cols*AccW-1:0]    res_q;
  integer                 c;

  always @(posedge clk_i) begin
    if (en_i) begin
      if (|first) begin
        for (c = 0; c < Cols; c = c + 1) begin
          if (first[c]) sum_q[c] = {AccW{1'b0}};
        end
      end
      for (c = 0; c < Cols; c = c + 1) begin
        prod     = $signed(act[c*DataW +: DataW]) * $signed(wgt_i[c*DataW +: DataW]);
        sum_q[c] = sum_q[c] + {{(AccW-ProdW){prod[ProdW-1]}}, prod};
      end
      if (|{last, shift}) begin
        for (c = 0; c < Cols; c = c + 1) begin
          if (last[c])       res_q[c*AccW +: AccW] <= sum_q[c];
          else if (shift[c]) res_q[c*AccW +: AccW] <= res_i[c*AccW +: AccW];
        end
      end
      ${if_move}act_q <= act;
      wgt_q <= ${weight};
      ${flags}
    end
  end

  assign wgt_o   = wgt_q;
  assign res_o   = res_q;
  assign shift_o = start_i | shift_q[0];
  ${shift_all}
  assign right_act_o   = act[(Cols-1)*DataW +: DataW];
  assign right_first_o = first_chain[Cols-1];
  assign right_last_o  = last_chain[Cols-1];
  assign right_shift_o = shift_chain[Cols-1];
)v";

}  // namespace

rtl::Module BuildRow(const ArrayConfig& config) {
  const bool stos = HasStos(config);
  rtl::ModuleBuilder m("systolic_row", "a row of processing elements, or a part of one",
                       "gen/systolic/row.cc");
  m.Doc(stos ? R"(
                wgt_i, Cols lanes
                  |     |     |
      act_i --> [PE0] [PE1] [PE2] ...      PE: sum = (first ? 0 : sum) + act * weight
                  |     |     |            last: the sum goes to the result register
                wgt_o, Cols lanes          shift: the result register takes the one above

    A step without work has weight 0: nothing else keeps the sums. ST-OS: the weight registers take
    bcast_i in every column, the weight with which the row below does the same step one cycle later.
    So the multiplexer stands before a register, and every multiplier has its operands from registers
    in both modes: no longer path, no more glitches.
  )"
             : R"(
                wgt_i, Cols lanes
                  |     |     |
      act_i --> [PE0] [PE1] [PE2] ...      PE: sum = (first ? 0 : sum) + act * weight
                  |     |     |            last: the sum goes to the result register
                wgt_o, Cols lanes          shift: the result register takes the one above

    A step without work has weight 0: nothing else keeps the sums.
  )");
  m.Param("Cols", config.cols, "Columns");
  m.Param("DataW", config.data_width, "Activation and weight width, bits");
  m.Param("AccW", config.acc_width, "Sum width, bits");
  m.Require("AccW >= 2*DataW", "AccW_holds_one_product");
  AddInterface(m, stos);
  m.Body(stos ? kFlagsStos : kFlagsOs);
  m.Body(kElements);
  m.Set("weight", stos ? "stos_i ? {Cols{bcast_i}} : wgt_i" : "wgt_i");
  m.Set("if_move", stos ? "if (move) " : "");
  m.Set("flags", stos ? R"v(
    first_q     <= first_chain[Cols-1:0];
    last_q      <= last_chain[Cols-1:0];
    shift_q     <= shift_chain[Cols-1:0];
    shift_all_q <= shift_all_i;
  )v"
                      : R"v(
    first_q <= first;
    last_q  <= last;
    shift_q <= shift;
  )v");
  m.Set("shift_all", stos ? "assign shift_all_o = start_all_i | shift_all_q;" : "");
  return std::move(m).Finish();
}

}  // namespace systole

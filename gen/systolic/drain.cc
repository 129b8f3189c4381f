// SPDX-License-Identifier: Apache-2.0
#include "gen/systolic/blocks.h"

namespace systole {
namespace {

void AddInterface(rtl::ModuleBuilder& m, bool stos) {
  const rtl::Expr rows = "Rows", cols = "Cols", acc_w = "AccW", rows_w = "$clog2(Rows + 1)";
  m.ClockAndReset();
  m.Bit("en_i", "The array advances");
  m.Group("The step of this cycle");
  m.Bit("last_i", "It ends a tile's sums");
  m.In("rows_i", rows_w, "Rows to drain");
  m.Bit("raw_i", "They leave as sums");
  m.Bit("params_i", "They need the next bank");
  if (stos) {
    m.Bit("stos_i", "ST-OS");
    m.Bit("by_row_i", "Their channels go by row");
  }
  m.Group("The array");
  m.Out("start_o", rows, rtl::Latency{1}, "Rows that start to drain");
  if (stos) m.Out("start_all_o", rows, rtl::Latency{1}, "ST-OS: all columns at once");
  m.In("res_i", cols * acc_w, "Results of the bottom row");
  m.Group("Beats: whole rows of results");
  m.Bit("switch_o", "The next cycle's beat needs the next bank");
  m.Bit("valid_o", "There is a beat");
  m.Bit("last_o", "It is the tile's last");
  m.Bit("raw_o", "It leaves as sums");
  if (stos) {
    m.Bit("by_row_o", "Its channel is that of its row");
    m.Bit("next_by_row_o", "The next cycle's beat is one by row");
    m.Out("next_index_o", rows_w, "Its number in the tile");
  }
  m.Out("data_o", cols * acc_w, "Sums");
}

constexpr const char* kTokens = R"v(
  localparam integer RowsW  = $clog2(Rows + 1);
  localparam integer TokenW = RowsW + ${token_flags};

  // A token travels with the end of a tile to the bottom row.
  reg  [Rows-1:0]  travel_q;
  wire [Rows:0]    travel = {travel_q, last_i};
  wire             tail   = travel[Rows];
  wire [RowsW-1:0] tail_rows;
  wire             tail_raw;
  wire             tail_params;
  ${tail_stos}

  ${token_line}

  // The rows to drain are the bottom ones. They all start in the cycle after the bottom row's end.
  wire [Rows-1:0] bottom;
  genvar          i;

  generate
    for (i = 0; i < Rows; i = i + 1) begin : g_bottom
      localparam integer FromBelow = Rows - i;
      assign bottom[i] = tail_rows >= FromBelow[RowsW-1:0];
    end
  endgenerate

  // The result that the bottom row's first column hands out in the next cycle.
  reg  [RowsW-1:0] left_q;  // rows still to come
  reg              raw_q;
  ${stos_reg}
  wire             next_valid  = tail | (left_q != {RowsW{1'b0}});
  wire [RowsW-1:0] next_left   = (tail ? tail_rows : left_q) - 1'b1;
  wire             next_last   = next_left == {RowsW{1'b0}};
  wire             next_raw    = tail ? tail_raw : raw_q;
  wire             next_switch = tail & tail_params;
  ${next_stos}

  ${start_regs}

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      travel_q    <= {Rows{1'b0}};
      start_q     <= {Rows{1'b0}};
      ${start_all_reset}
      left_q      <= {RowsW{1'b0}};
    end else if (en_i) begin
      travel_q    <= travel[Rows-1:0];
      start_q     <= bottom & {Rows{tail${gemm_only_start}}};
      ${start_all_next}
      if (next_valid) left_q <= next_left;
    end
  end

  always @(posedge clk_i) begin
    if (en_i & tail) begin
      ${token_regs}
    end
  end
)v";

constexpr const char* kFlags = R"v(
  // GEMM: the last column hands out its part Cols - 1 cycles after the first.
  wire skewed = next_valid${gemm_only};
  wire whole_switch;
  wire whole_valid;
  wire whole_last;
  wire whole_raw;
  ${whole_by_row}
  wire moving;

  generate
    if (Cols == 1) begin : g_one_column
      assign whole_switch = next_switch & skewed;
      assign whole_valid  = skewed;
      assign whole_last   = next_last;
      assign whole_raw    = next_raw;
      ${one_by_row}
      assign moving       = 1'b0;
    end else begin : g_columns
      reg  [Cols-2:0] skewed_q;
      wire [Cols-1:0] skewed_next = {skewed_q, skewed};
      wire            late_switch;

      always @(posedge clk_i or negedge rst_ni) begin
        if (!rst_ni)   skewed_q <= {(Cols-1){1'b0}};
        else if (en_i) skewed_q <= skewed_next[Cols-2:0];
      end

      ${flag_line}

      assign whole_switch = late_switch & whole_valid;
      assign whole_valid  = skewed_next[Cols-1];
      assign moving       = |skewed_q;
    end
  endgenerate
)v";

constexpr const char* kBeatOs = R"v(
  reg valid_q;
  reg beat_last_q;
  reg beat_raw_q;

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni)   valid_q <= 1'b0;
    else if (en_i) valid_q <= whole_valid;
  end

  always @(posedge clk_i) begin
    if (en_i & whole_valid) begin
      beat_last_q <= whole_last;
      beat_raw_q  <= whole_raw;
    end
  end

  assign switch_o = whole_switch;
)v";

constexpr const char* kBeatStos = R"v(
  // ST-OS: all columns hand out their parts at once.
  reg              valid_q;
  reg              beat_last_q;
  reg              beat_raw_q;
  reg              direct_q;
  reg              beat_by_row_q;
  reg  [RowsW-1:0] index_q;
  wire             direct = next_valid & next_stos;
  wire [RowsW-1:0] next_index = (direct ? tail : whole_first) ? {RowsW{1'b0}} : index_q + 1'b1;

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni)   valid_q <= 1'b0;
    else if (en_i) valid_q <= whole_valid | direct;
  end

  always @(posedge clk_i) begin
    if (en_i & (whole_valid | direct)) begin
      beat_last_q   <= direct ? next_last : whole_last;
      beat_raw_q    <= direct ? next_raw : whole_raw;
      direct_q      <= direct;
      beat_by_row_q <= direct | whole_by_row;
      index_q       <= next_index;
    end
  end

  assign switch_o      = whole_switch | (next_switch & next_stos);
  assign by_row_o      = beat_by_row_q;
  assign next_by_row_o = en_i & (direct | (whole_valid & whole_by_row));
  assign next_index_o  = next_index;
)v";

constexpr const char* kDeskew = R"v(
  // Columns wait for the last one; the registers rest while nothing is between them.
  wire [Cols*AccW-1:0] whole;

  ${deskew}

  assign start_o = start_q;
  ${start_all}
  assign valid_o = valid_q;
  assign last_o  = beat_last_q;
  assign raw_o   = beat_raw_q;
  assign data_o  = ${data};
)v";

constexpr const char* kAssertions = R"v(
  `ifdef SYSTOLE_ASSERT
  always @(posedge clk_i) begin
    if (rst_ni && en_i) begin
      assert (!tail || left_q == 0) else $error("a tile drains before the one ahead has drained");
      ${assert_stos}
    end
  end
  `endif
)v";

void SetStos(rtl::ModuleBuilder& m, bool stos) {
  const auto set = [&](const char* name, const char* text) { m.Set(name, stos ? text : ""); };
  set("tail_stos", "wire             tail_stos;\nwire             tail_by_row;");
  set("stos_reg", "reg              stos_q;\nreg              by_row_q;");
  set("next_stos",
      "wire             next_stos   = tail ? tail_stos : stos_q;\n"
      "wire             next_by_row = tail ? tail_by_row : by_row_q;");
  set("whole_by_row", "wire whole_first;\nwire whole_by_row;");
  set("one_by_row", "assign whole_first  = tail;\nassign whole_by_row = next_by_row;");
  set("start_all_reset", "start_all_q <= {Rows{1'b0}};");
  set("start_all_next", "start_all_q <= bottom & {Rows{tail & tail_stos}};");
  set("start_all", "assign start_all_o = start_all_q;");
  set("assert_stos",
      "assert (!(whole_valid && direct)) else $error(\"ST-OS results overtake GEMM results\");");
  m.Set("start_regs",
        stos ? "reg [Rows-1:0] start_q;\nreg [Rows-1:0] start_all_q;" : "reg [Rows-1:0] start_q;");
  m.Set("token_regs",
        stos ? "raw_q    <= tail_raw;\nstos_q   <= tail_stos;\nby_row_q <= tail_by_row;"
             : "raw_q <= tail_raw;");
  m.Set("data", stos ? "direct_q ? res_i : whole" : "whole");
}

}  // namespace

rtl::Instance DelayLine(std::string name, rtl::Expr width, rtl::Expr depth, std::string enable,
                        std::string in, std::string out) {
  return {.module = Prim("delay_line"),
          .name = std::move(name),
          .params = {{"Width", std::move(width)}, {"Depth", std::move(depth)}},
          .ports = {{"clk_i", "clk_i"},
                    {"en_i", std::move(enable)},
                    {"data_i", std::move(in)},
                    {"data_o", std::move(out)}}};
}

rtl::Module BuildDrain(const ArrayConfig& config) {
  const bool stos = HasStos(config);
  rtl::ModuleBuilder m("result_drain", "shift waves and whole beats of results",
                       "gen/systolic/drain.cc");
  m.Doc(R"(
    A tile that ends in cycle t starts its bottom rows in cycle t + Rows + 1. From then on the bottom
    row's first column hands out one result a cycle, column c its part c cycles later.
  )");
  m.Param("Rows", config.rows, "Rows of the array");
  m.Param("Cols", config.cols, "Columns of the array");
  m.Param("AccW", config.acc_width, "Sum width, bits");
  AddInterface(m, stos);
  const std::string flags = stos ? "raw_i, params_i, stos_i, by_row_i" : "raw_i, params_i";
  const std::string tail_flags =
      stos ? "tail_raw, tail_params, tail_stos, tail_by_row" : "tail_raw, tail_params";
  const std::string late = "next_switch, next_last, next_raw";
  const std::string late_out = "late_switch, whole_last, whole_raw";
  m.Body(kTokens);
  m.Body(kFlags);
  m.Body(stos ? kBeatStos : kBeatOs);
  m.Body(kDeskew);
  m.Body(kAssertions);
  m.Set("token_flags", stos ? 4 : 2);
  m.Set("token_line", DelayLine("u_token", "TokenW", "Rows", "en_i", "{rows_i, " + flags + "}",
                                "{tail_rows, " + tail_flags + "}"));
  m.Set("gemm_only_start", stos ? " & ~tail_stos" : "");
  m.Set("gemm_only", stos ? " & ~next_stos" : "");
  m.Set("flag_line", DelayLine("u_flags", stos ? 5 : 3, "Cols - 1", "en_i",
                               "{" + late + (stos ? ", tail, next_by_row}" : "}"),
                               "{" + late_out + (stos ? ", whole_first, whole_by_row}" : "}")));
  m.Set("deskew", rtl::Instance{.module = Prim("skew_lines"),
                                .name = "u_deskew",
                                .params = {{"Lanes", "Cols"}, {"Width", "AccW"}, {"LastFirst", 1}},
                                .ports = {{"clk_i", "clk_i"},
                                          {"en_i", "en_i & moving"},
                                          {"data_i", "res_i"},
                                          {"data_o", "whole"}}});
  SetStos(m, stos);
  return std::move(m).Finish();
}

}  // namespace systole

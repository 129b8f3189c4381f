// SPDX-License-Identifier: Apache-2.0
#include "gen/systolic/blocks.h"

namespace systole {
namespace {

void AddInterface(rtl::ModuleBuilder& m, bool stos) {
  const rtl::Expr count_w = "CountW", rows_w = "$clog2(Rows + 1)";
  m.ClockAndReset();
  m.Bit("en_i", "The array advances");
  m.Group("Commands");
  m.Bit("cmd_valid_i", "A pass is offered");
  m.Bit("cmd_ready_o", rtl::Latency{0}, "It is taken");
  if (stos) {
    m.Bit("cmd_stos_i", "ST-OS");
    m.In("cmd_fill_i", count_w, "Steps before the first tap");
    m.In("cmd_spacing_i", count_w, "Steps from tap to tap, at least 1");
  }
  m.In("cmd_taps_i", count_w, "Taps, at least 1");
  m.Bit("cmd_first_i", "The first tap starts new sums");
  m.Bit("cmd_last_i", "The last tap ends the sums");
  m.In("cmd_rows_i", rows_w, "Rows to drain then, 1 to Rows");
  m.Bit("cmd_raw_i", "They leave as sums");
  m.Bit("cmd_params_i", "They need the next bank");
  if (stos) m.Bit("cmd_by_row_i", "Their channels go by row");
  m.Group("Operand streams: a step takes an activation beat, a tap a weight beat as well");
  m.Bit("act_valid_i", "Activations are offered");
  m.Bit("act_ready_o", rtl::Latency{0}, "They are taken");
  m.Bit("wgt_valid_i", "Weights are offered");
  m.Bit("wgt_ready_o", rtl::Latency{0}, "They are taken");
  m.Group("The step of this cycle");
  m.Bit("step_o", rtl::Latency{0}, "There is one");
  m.Bit("tap_o", rtl::Latency{0}, "It is a tap");
  m.Bit("first_o", rtl::Latency{0}, "The tap starts new sums");
  m.Bit("last_o", rtl::Latency{0}, "The tap ends the sums");
  if (stos) m.Bit("stos_o", rtl::Latency{0}, "ST-OS; kept between steps");
  m.Out("rows_o", rows_w, "With last_o: rows to drain");
  m.Bit("raw_o", "With last_o: they leave as sums");
  m.Bit("params_o", "With last_o: they need the next bank");
  if (stos) m.Bit("by_row_o", "With last_o: their channels go by row");
}

constexpr const char* kState = R"v(
  localparam integer RowsW = $clog2(Rows + 1);
  ${wait_width}

  // The pass in hand: what is left of it.
  reg              busy_q;
  reg [CountW-1:0] taps_q;   // taps to come
  reg              first_q;  // the next one starts new sums
  reg              last_q;
  reg [RowsW-1:0]  rows_q;
  reg              raw_q;
  reg              params_q;
  ${stos_state}

  // Cycles until the sums of another tile may end: the result registers drain one row a cycle.
  reg [RowsW-1:0]  hold_q;

  ${tap}
  wire last_tap = ${tap_and}taps_q == {{(CountW-1){1'b0}}, 1'b1};
  wire held     = ${held};
  wire go       = en_i & busy_q & ~held;
  wire step     = go & act_valid_i${weight_there};
  wire done     = step & last_tap;
  wire ends     = done & last_q;

  // The next pass is taken with the last step of the one in hand: none is lost between them.
  assign cmd_ready_o = ~busy_q | done;
  assign act_ready_o = go${weight_there};
  assign wgt_ready_o = go & act_valid_i${tap_only};
)v";

constexpr const char* kRegistersOs = R"v(
  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      busy_q <= 1'b0;
      hold_q <= {RowsW{1'b0}};
    end else begin
      if (cmd_ready_o) busy_q <= cmd_valid_i;
      if (en_i) begin
        if (ends)                         hold_q <= rows_q - 1'b1;
        else if (hold_q != {RowsW{1'b0}}) hold_q <= hold_q - 1'b1;
      end
    end
  end

  always @(posedge clk_i) begin
    if (cmd_valid_i & cmd_ready_o) begin
      taps_q   <= cmd_taps_i;
      first_q  <= cmd_first_i;
      last_q   <= cmd_last_i;
      rows_q   <= cmd_rows_i;
      raw_q    <= cmd_raw_i;
      params_q <= cmd_params_i;
    end else if (step) begin
      taps_q  <= taps_q - 1'b1;
      first_q <= 1'b0;
    end
  end

  assign step_o   = step;
  assign tap_o    = step;
  assign first_o  = step & first_q;
  assign last_o   = ends;
  assign rows_o   = rows_q;
  assign raw_o    = raw_q;
  assign params_o = params_q;
)v";

constexpr const char* kRegistersStos = R"v(
  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      busy_q <= 1'b0;
      mode_q <= 1'b0;
      hold_q <= {RowsW{1'b0}};
      wait_q <= {WaitW{1'b0}};
    end else begin
      if (cmd_ready_o) busy_q <= cmd_valid_i;
      if (en_i) begin
        if (step) mode_q <= stos_q;
        if (ends)                         hold_q <= rows_q - 1'b1;
        else if (hold_q != {RowsW{1'b0}}) hold_q <= hold_q - 1'b1;
        if (ends & ~stos_q)               wait_q <= drained;
        else if (wait_q != {WaitW{1'b0}}) wait_q <= wait_q - 1'b1;
      end
    end
  end

  always @(posedge clk_i) begin
    if (cmd_valid_i & cmd_ready_o) begin
      stos_q    <= cmd_stos_i;
      gap_q     <= cmd_fill_i;
      spacing_q <= cmd_spacing_i;
      taps_q    <= cmd_taps_i;
      first_q   <= cmd_first_i;
      last_q    <= cmd_last_i;
      rows_q    <= cmd_rows_i;
      raw_q     <= cmd_raw_i;
      params_q  <= cmd_params_i;
      by_row_q  <= cmd_stos_i | cmd_by_row_i;
    end else if (step) begin
      gap_q <= (tap ? spacing_q : gap_q) - 1'b1;
      if (tap) begin
        taps_q  <= taps_q - 1'b1;
        first_q <= 1'b0;
      end
    end
  end

  assign step_o   = step;
  assign tap_o    = step & tap;
  assign first_o  = step & tap & first_q;
  assign last_o   = ends;
  assign stos_o   = step ? stos_q : mode_q;
  assign rows_o   = rows_q;
  assign raw_o    = raw_q;
  assign params_o = params_q;
  assign by_row_o = by_row_q;
)v";

constexpr const char* kAssertions = R"v(
  `ifdef SYSTOLE_ASSERT
  always @(posedge clk_i) begin
    if (rst_ni && cmd_valid_i && cmd_ready_o) begin
      assert (cmd_taps_i != 0) else $error("command: taps is 0");
      assert (cmd_rows_i != 0 && cmd_rows_i <= Rows[RowsW-1:0])
          else $error("command: rows is not 1 to Rows");
      ${assert_stos}
    end
  end
  `endif
)v";

}  // namespace

rtl::Module BuildSequencer(const ArrayConfig& config) {
  const bool stos = HasStos(config);
  rtl::ModuleBuilder m("systolic_sequencer", "commands to steps", "gen/systolic/sequencer.cc");
  m.Doc(stos ? R"(
    A pass lasts fill + (taps - 1) * spacing + 1 steps. Two ends of sums keep as many cycles apart as
    the earlier tile has rows to drain; ST-OS after GEMM waits until the columns have drained.
  )"
             : R"(
    A pass lasts taps steps. Two ends of sums keep as many cycles apart as the earlier tile has rows
    to drain.
  )");
  m.Param("Rows", config.rows, "Rows of the array");
  if (stos) m.Param("Cols", config.cols, "Columns of the array");
  m.Param("CountW", config.count_width, "Width of the step counters, bits");
  AddInterface(m, stos);
  m.Body(kState);
  m.Body(stos ? kRegistersStos : kRegistersOs);
  m.Body(kAssertions);
  m.Set("wait_width", stos ? R"v(
    localparam integer WaitW  = $clog2(Rows + Cols) + 1;
    localparam integer Across = Cols - 2;
  )v"
                           : "");
  m.Set("stos_state", stos ? R"v(
    reg              stos_q;
    reg              by_row_q;
    reg [CountW-1:0] gap_q;  // steps until the next tap
    reg [CountW-1:0] spacing_q;

    reg              mode_q;  // ST-OS in the latest step
    reg [WaitW-1:0]  wait_q;  // cycles until ST-OS may follow GEMM
    wire [WaitW-1:0] drained = {{(WaitW-RowsW){1'b0}}, rows_q} + Across[WaitW-1:0];
  )v"
                           : "");
  m.Set("tap", stos ? "wire tap      = gap_q == {CountW{1'b0}};" : "");
  m.Set("tap_and", stos ? "tap & " : "");
  m.Set("held", stos ? R"v(
    (last_tap & last_q & (hold_q != {RowsW{1'b0}})) |
                    (stos_q & (wait_q != {WaitW{1'b0}}))
  )v"
                     : "last_tap & last_q & (hold_q != {RowsW{1'b0}})");
  m.Set("weight_there", stos ? " & (wgt_valid_i | ~tap)" : " & wgt_valid_i");
  m.Set("tap_only", stos ? " & tap" : "");
  m.Set("assert_stos", stos ? R"v(
    assert (cmd_spacing_i != 0) else $error("command: spacing is 0");
    assert (cmd_stos_i || cmd_fill_i == 0) else $error("command: GEMM with fill");
    assert (cmd_stos_i || cmd_spacing_i == 1) else $error("command: GEMM with spacing");
    // A tile stays in its mode: the first pass after a change starts new sums.
    assert (cmd_first_i || cmd_stos_i == (busy_q ? stos_q : mode_q))
        else $error("command: the mode changes within a tile");
  )v"
                            : "");
  return std::move(m).Finish();
}

}  // namespace systole

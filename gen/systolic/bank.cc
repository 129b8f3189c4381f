// SPDX-License-Identifier: Apache-2.0
#include "gen/systolic/blocks.h"

namespace systole {
namespace {

void AddInterface(rtl::ModuleBuilder& m, bool stos) {
  const rtl::Expr cols = "Cols", data_w = "DataW", acc_w = "AccW";
  m.ClockAndReset();
  m.Group("Parameters, one channel a beat; prm_end_i completes the bank");
  m.Bit("prm_valid_i", "A channel is offered");
  m.Bit("prm_ready_o", "It is taken");
  m.In("prm_bias_i", acc_w, "Added to the sum");
  m.In("prm_scale_i", 32, "float32, positive and normal");
  m.In("prm_zero_i", data_w, "With prm_end_i: output zero point");
  m.In("prm_min_i", data_w, "With prm_end_i: lower bound of the output");
  m.In("prm_max_i", data_w, "With prm_end_i: upper bound of the output");
  m.Bit("prm_end_i", "Last channel of the bank");
  m.Group("Switch");
  m.Bit("switch_i", "The next cycle's beat needs the next bank");
  m.Bit("wait_o", "The beat of this cycle waits for its bank");
  m.Group("The bank in use");
  if (stos) {
    m.Bit("by_row_i", "This cycle's beat has one channel for all columns");
    m.Bit("next_by_row_i", "So has the next cycle's");
    m.In("next_index_i", "IndexW", "The channel of that one; 0 with a switch");
  }
  m.Out("bias_o", cols * acc_w, "Bias, a lane a column");
  m.Out("scale_o", cols * 31, "Scale without its sign, a lane a column");
  m.Out("zero_o", data_w, "Output zero point");
  m.Out("min_o", data_w, "Lower bound of the output");
  m.Out("max_o", data_w, "Upper bound of the output");
}

constexpr const char* kBody = R"v(
  localparam integer FillW = $clog2(Channels + 1);

  reg                      full_q;  // the next bank is complete
  reg                      wait_q;
  reg  [FillW-1:0]         fill_q;  // channels of it
  reg  [Channels*AccW-1:0] next_bias_q;
  reg  [Channels*31-1:0]   next_scale_q;
  reg  [3*DataW-1:0]       next_output_q;
  reg  [Channels*AccW-1:0] bias_q;
  reg  [Channels*31-1:0]   scale_q;
  reg  [3*DataW-1:0]       output_q;
  wire                     take = prm_valid_i & ~full_q;
  wire                     use_next = full_q & (switch_i | wait_q);
  wire                     unused_sign = &{1'b0, prm_scale_i[31]};
  genvar                   i;

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      full_q <= 1'b0;
      wait_q <= 1'b0;
      fill_q <= {FillW{1'b0}};
    end else begin
      wait_q <= (switch_i | wait_q) & ~full_q;
      if (take) begin
        full_q <= prm_end_i;
        fill_q <= prm_end_i ? {FillW{1'b0}} : fill_q + 1'b1;
      end else if (use_next) begin
        full_q <= 1'b0;
      end
    end
  end

  generate
    for (i = 0; i < Channels; i = i + 1) begin : g_channel
      always @(posedge clk_i) begin
        if (take && fill_q == i[FillW-1:0]) begin
          next_bias_q[i*AccW +: AccW] <= prm_bias_i;
          next_scale_q[i*31 +: 31]    <= prm_scale_i[30:0];
        end
      end
    end
  endgenerate

  always @(posedge clk_i) begin
    if (take & prm_end_i) next_output_q <= {prm_zero_i, prm_min_i, prm_max_i};
    if (use_next) begin
      bias_q   <= next_bias_q;
      scale_q  <= next_scale_q;
      output_q <= next_output_q;
    end
  end

  assign prm_ready_o = ~full_q;
  assign wait_o      = wait_q;
)v";

constexpr const char* kOutputsOs = R"v(
  assign bias_o  = bias_q;
  assign scale_o = scale_q;
  assign {zero_o, min_o, max_o} = output_q;
)v";

constexpr const char* kOutputsStos = R"v(
  // By row: the words of one channel, chosen a cycle ahead: the adder of the bias comes after a
  // register. Masked and joined, a third smaller than a shift. The choice rests while no one asks
  // for it.
  localparam integer Reach = (1 << IndexW) < Channels ? (1 << IndexW) : Channels;

  wire [IndexW-1:0] channel = next_by_row_i ? next_index_i : {IndexW{1'b0}};
  reg               chosen;
  reg  [AccW-1:0]   row_bias;
  reg  [30:0]       row_scale;
  reg  [AccW-1:0]   row_bias_q;
  reg  [30:0]       row_scale_q;
  integer           c;

  always @* begin
    row_bias  = {AccW{1'b0}};
    row_scale = 31'd0;
    for (c = 0; c < Reach; c = c + 1) begin
      chosen    = channel == c[IndexW-1:0];
      row_bias  = row_bias | (chosen ? bias_q[c*AccW +: AccW] : {AccW{1'b0}});
      row_scale = row_scale | (chosen ? scale_q[c*31 +: 31] : 31'd0);
    end
  end

  always @(posedge clk_i) begin
    if (use_next) begin  // a tile's first beat
      row_bias_q  <= next_bias_q[AccW-1:0];
      row_scale_q <= next_scale_q[30:0];
    end else if (next_by_row_i) begin
      row_bias_q  <= row_bias;
      row_scale_q <= row_scale;
    end
  end

  assign bias_o  = by_row_i ? {Cols{row_bias_q}} : bias_q[Cols*AccW-1:0];
  assign scale_o = by_row_i ? {Cols{row_scale_q}} : scale_q[Cols*31-1:0];
  assign {zero_o, min_o, max_o} = output_q;
)v";

constexpr const char* kAssertions = R"v(
  `ifdef SYSTOLE_ASSERT
  always @(posedge clk_i) begin
    if (rst_ni && take) begin
      assert (fill_q < Channels[FillW-1:0])
          else $error("parameters: more channels than a bank has");
      assert (prm_scale_i[31] == 0 && prm_scale_i[30:23] != 0 && prm_scale_i[30:23] != 255)
          else $error("parameters: the scale is no positive normal float32");
      assert (!prm_end_i || $signed(prm_min_i) <= $signed(prm_max_i))
          else $error("parameters: min is greater than max");
    end
  end
  `endif
)v";

}  // namespace

rtl::Module BuildBank(const ArrayConfig& config) {
  const bool stos = HasStos(config);
  rtl::ModuleBuilder m("parameter_bank", "channel parameters, double-buffered",
                       "gen/systolic/bank.cc");
  m.Doc(R"(
    prm --> next bank --(switch)--> bank in use --> bias, scale, output range
  )");
  m.Param("Cols", config.cols, "Columns of the array");
  m.Param("Channels", LaneCount(config), "Channels of a bank");
  if (stos) m.Param("IndexW", 8, "Width of a channel's number, bits");
  m.Param("DataW", config.data_width, "Output width, bits");
  m.Param("AccW", config.acc_width, "Sum width, bits");
  AddInterface(m, stos);
  m.Body(kBody);
  m.Body(stos ? kOutputsStos : kOutputsOs);
  m.Body(kAssertions);
  return std::move(m).Finish();
}

}  // namespace systole

// SPDX-License-Identifier: Apache-2.0
#include "gen/systolic/systolic_core.h"

#include "gen/systolic/blocks.h"

namespace systole {
namespace {

void AddCommandPorts(rtl::ModuleBuilder& m, bool stos) {
  const rtl::Expr count_w = "CountW";
  m.Group("Commands: a pass each");
  m.Bit("cmd_valid_i", "A pass is offered");
  m.Bit("cmd_ready_o", rtl::Latency{0}, "It is taken");
  if (stos) {
    m.Bit("cmd_stos_i", "ST-OS: weights are broadcast along rows");
    m.In("cmd_fill_i", count_w, "Steps before the first tap; GEMM: 0");
    m.In("cmd_spacing_i", count_w, "Steps from tap to tap, at least 1; GEMM: 1");
  }
  m.In("cmd_taps_i", count_w, "Multiply-accumulate steps, at least 1");
  m.Bit("cmd_first_i", "The first tap starts new sums");
  m.Bit("cmd_last_i", "The last tap ends the sums: rows drain");
  m.In("cmd_rows_i", "$clog2(Rows + 1)", "How many: the bottom ones, 1 to Rows");
  m.Bit("cmd_raw_i", "They leave on the acc stream");
  m.Bit("cmd_params_i", "They need the next bank");
  if (stos) m.Bit("cmd_by_row_i", "GEMM: channels by row, as ST-OS has them");
}

void AddStreamPorts(rtl::ModuleBuilder& m, const ArrayConfig& config) {
  const rtl::Expr rows = "Rows", cols = "Cols", data_w = "DataW", acc_w = "AccW";
  m.Group("Activations: lane r for row r, a beat every step");
  m.Bit("act_valid_i", "A beat is offered");
  m.Bit("act_ready_o", rtl::Latency{0}, "It is taken");
  m.In("act_data_i", rows * data_w, "Rows lanes");
  m.Group(HasStos(config)
              ? "Weights: lane c for column c, in ST-OS lane r for row r, a beat every tap"
              : "Weights: lane c for column c, a beat every tap");
  m.Bit("wgt_valid_i", "A beat is offered");
  m.Bit("wgt_ready_o", rtl::Latency{0}, "It is taken");
  m.In("wgt_data_i", Lanes(config, rows, cols) * data_w,
       HasStos(config) ? "max(Rows, Cols) lanes" : "Cols lanes");
  m.Group("Channel parameters: a channel a beat, prm_end_i completes a bank");
  m.Bit("prm_valid_i", "A channel is offered");
  m.Bit("prm_ready_o", rtl::Latency{0}, "It is taken");
  m.In("prm_bias_i", acc_w, "Added to the sum");
  m.In("prm_scale_i", 32, "float32, positive and normal");
  m.In("prm_zero_i", data_w, "With prm_end_i: output zero point");
  m.In("prm_min_i", data_w, "With prm_end_i: lower bound of the output");
  m.In("prm_max_i", data_w, "With prm_end_i: upper bound of the output");
  m.Bit("prm_end_i", "Last channel of the bank");
  m.Group("Requantized rows");
  m.Bit("out_valid_o", "A row is offered");
  m.Bit("out_ready_i", "It is taken");
  m.Out("out_data_o", cols * data_w, "Cols lanes");
  m.Bit("out_last_o", "The tile's last row");
  m.Group("Raw rows: sums with bias");
  m.Bit("acc_valid_o", "A row is offered");
  m.Bit("acc_ready_i", "It is taken");
  m.Out("acc_data_o", cols * acc_w, "Cols lanes");
  m.Bit("acc_last_o", "The tile's last row");
}

constexpr const char* kControl = R"v(
  localparam integer RowsW = $clog2(Rows + 1);
  ${lanes}

  // The array stands still while a row of results cannot leave.
  wire             en;
  wire             step;
  wire             tap;
  wire             first;
  wire             last;
  wire [RowsW-1:0] rows;
  wire             raw;
  wire             params;
  ${stos_wire}

  ${sequencer}
)v";

constexpr const char* kArray = R"v(
  wire [Rows-1:0]      start;
  ${start_all_wire}
  wire [Cols*AccW-1:0] res;

  ${array}
)v";

constexpr const char* kDrain = R"v(
  wire                 beat_switch;
  wire                 beat_valid;
  wire                 beat_last;
  wire                 beat_raw;
  ${beat_stos_wires}
  wire [Cols*AccW-1:0] beat_data;

  ${drain}
)v";

constexpr const char* kBank = R"v(
  wire                 bank_wait;
  wire [Cols*AccW-1:0] bias;
  wire [Cols*31-1:0]   scale;
  wire [DataW-1:0]     zero;
  wire [DataW-1:0]     min;
  wire [DataW-1:0]     max;

  ${bank}
)v";

constexpr const char* kOutputs = R"v(
  // Sums with bias: they leave as they are, or through the requantizer.
  reg                  sum_valid_q;
  reg                  sum_last_q;
  reg                  sum_raw_q;
  reg [Cols*AccW-1:0]  sum_q;
  reg [Cols*31-1:0]    scale_q;
  reg [3*DataW-1:0]    output_q;
  wire                 requantizer_ready;
  wire                 sum_ready = ~sum_valid_q |
                                   (sum_raw_q ? acc_ready_i : requantizer_ready);
  wire                 beat      = beat_valid & ~bank_wait;
  integer              c;

  assign en = ~bank_wait & (~beat_valid | sum_ready);

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni)        sum_valid_q <= 1'b0;
    else if (sum_ready) sum_valid_q <= beat;
  end

  always @(posedge clk_i) begin
    if (beat & sum_ready) begin
      sum_last_q <= beat_last;
      sum_raw_q  <= beat_raw;
      for (c = 0; c < Cols; c = c + 1) begin
        sum_q[c*AccW +: AccW] <= beat_data[c*AccW +: AccW] + bias[c*AccW +: AccW];
      end
      if (!beat_raw) begin
        scale_q  <= scale;
        output_q <= {zero, min, max};
      end
    end
  end

  ${requantizer}

  assign acc_valid_o = sum_valid_q & sum_raw_q;
  assign acc_data_o  = sum_q;
  assign acc_last_o  = sum_last_q;
)v";

/// Streams keep their port names on the way to the block that serves them.
Connections Streams(const rtl::Module& module, const std::vector<std::string>& prefixes) {
  Connections connections;
  for (const rtl::Port& port : module.ports) {
    for (const std::string& prefix : prefixes) {
      if (port.name.starts_with(prefix)) connections.emplace_back(port.name, port.name);
    }
  }
  return connections;
}

void SetInstances(rtl::ModuleBuilder& m, const ArrayConfig& config) {
  const rtl::Module sequencer = BuildSequencer(config), bank = BuildBank(config);
  m.Set("sequencer", Use(sequencer, "u_sequencer", Streams(sequencer, {"cmd_", "act_", "wgt_"})));
  m.Set("array",
        Use(BuildArray(config), "u_array", {{"act_i", "act_data_i"}, {"wgt_i", "wgt_data_i"}}));
  m.Set("drain", Use(BuildDrain(config), "u_drain",
                     {{"switch_o", "beat_switch"},
                      {"valid_o", "beat_valid"},
                      {"last_o", "beat_last"},
                      {"raw_o", "beat_raw"},
                      {"by_row_o", "beat_by_row"},
                      {"next_by_row_o", "next_by_row"},
                      {"next_index_o", "next_index"},
                      {"data_o", "beat_data"}}));
  Connections bank_ports = Streams(bank, {"prm_"});
  bank_ports.insert(bank_ports.end(), {{"switch_i", "beat_switch & en"},
                                       {"wait_o", "bank_wait"},
                                       {"by_row_i", "beat_by_row"},
                                       {"next_by_row_i", "next_by_row"},
                                       {"next_index_i", "next_index"}});
  m.Set("bank", Use(bank, "u_bank", bank_ports,
                    {{"Channels", HasStos(config) ? "Lanes" : "Cols"}, {"IndexW", "RowsW"}}));
  m.Set("requantizer", Use(BuildRequantizer(config), "u_requantizer",
                           {{"valid_i", "sum_valid_q & ~sum_raw_q"},
                            {"ready_o", "requantizer_ready"},
                            {"last_i", "sum_last_q"},
                            {"sum_i", "sum_q"},
                            {"scale_i", "scale_q"},
                            {"zero_i", "output_q[2*DataW +: DataW]"},
                            {"min_i", "output_q[DataW +: DataW]"},
                            {"max_i", "output_q[0 +: DataW]"},
                            {"valid_o", "out_valid_o"},
                            {"ready_i", "out_ready_i"},
                            {"last_o", "out_last_o"},
                            {"data_o", "out_data_o"}}));
}

}  // namespace

rtl::Module BuildCore(const ArrayConfig& config) {
  const bool stos = HasStos(config);
  rtl::ModuleBuilder m("systolic_core",
                       stos ? "integer matrix products and 1-D convolutions, streams in and out"
                            : "integer matrix products, streams in and out",
                       "gen/systolic/systolic_core.cc");
  m.Doc(R"(
    cmd ------> sequencer --> array <-- wgt        A stream moves a beat in a cycle in which its
    act ------------------>     |                  valid and ready are both high; any stream may
                              drain                pause in any cycle.
    prm --> parameter bank -->  + bias ---> acc
                                |                  docs/systolic-core.md has the passes, the cycle
                           requantizer ---> out    behaviour and the equations.
  )");
  m.Param("Rows", config.rows, "Rows of processing elements");
  m.Param("Cols", config.cols, "Columns of processing elements");
  m.Param("DataW", config.data_width, "Activation, weight and output width, bits");
  m.Param("AccW", config.acc_width, "Sum width, bits");
  m.Param("CountW", config.count_width, "Width of a pass's step counts, bits");
  m.Require("Rows >= 1 && Rows <= 256", "Rows_is_1_to_256");
  m.Require("Cols >= 1 && Cols <= 256", "Cols_is_1_to_256");
  m.Require("DataW >= 4 && DataW <= 16", "DataW_is_4_to_16");
  m.Require("AccW >= 2*DataW && AccW <= 48", "AccW_is_2_DataW_to_48");
  m.ClockAndReset();
  AddCommandPorts(m, stos);
  AddStreamPorts(m, config);
  for (const char* body : {kControl, kArray, kDrain, kBank, kOutputs}) m.Body(body);
  const auto set = [&](const char* name, const char* text) { m.Set(name, stos ? text : ""); };
  m.Set("lanes", stos ? "localparam integer Lanes = Rows > Cols ? Rows : Cols;"
                      : "localparam integer Lanes = Cols;");
  set("stos_wire", "wire             stos;\nwire             by_row;");
  set("start_all_wire", "wire [Rows-1:0]      start_all;");
  set("beat_stos_wires",
      "wire                 beat_by_row;\n"
      "wire                 next_by_row;\n"
      "wire [RowsW-1:0]     next_index;");
  SetInstances(m, config);
  return std::move(m).Finish();
}

rtl::Design BuildSystolicCore(const ArrayConfig& config) {
  std::vector<Problem> problems = Check(config);
  if (!problems.empty()) throw RequestError(std::move(problems));
  return {
      .top = "systolic_core",
      .modules = {Prim("delay_line"), Prim("skew_lines"), Prim("requantize_lane"),
                  BuildSequencer(config), BuildRow(config), BuildArray(config), BuildDrain(config),
                  BuildBank(config), BuildRequantizer(config), BuildCore(config)}};
}

}  // namespace systole

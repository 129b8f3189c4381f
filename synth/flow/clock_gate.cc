// SPDX-License-Identifier: Apache-2.0
#include "synth/flow/clock_gate.h"

#include <fmt/format.h>

#include <optional>
#include <utility>
#include <vector>

#include "base/error.h"
#include "synth/liberty/function.h"
#include "synth/netlist/cells.h"

namespace systole {
namespace {

/// `systole_clock_gate` is kClockGateModule.
constexpr const char* kRegisters = R"((* techmap_celltype = "$dffe" *)
module gated_dff (CLK, EN, D, Q);
  parameter WIDTH = 0;
  parameter CLK_POLARITY = 1;
  parameter EN_POLARITY = 1;
  input CLK, EN;
  input [WIDTH-1:0] D;
  output [WIDTH-1:0] Q;
  wire _TECHMAP_FAIL_ = !CLK_POLARITY;
  wire clk;
  systole_clock_gate gate (.clk_i(CLK), .enable_i(EN_POLARITY ? EN : ~EN), .clk_o(clk));
  \$dff #(.WIDTH(WIDTH), .CLK_POLARITY(1)) _TECHMAP_REPLACE_ (.CLK(clk), .D(D), .Q(Q));
endmodule

(* techmap_celltype = "$adffe" *)
module gated_adff (CLK, ARST, EN, D, Q);
  parameter WIDTH = 0;
  parameter CLK_POLARITY = 1;
  parameter EN_POLARITY = 1;
  parameter ARST_POLARITY = 1;
  parameter ARST_VALUE = 0;
  input CLK, ARST, EN;
  input [WIDTH-1:0] D;
  output [WIDTH-1:0] Q;
  wire _TECHMAP_FAIL_ = !CLK_POLARITY;
  wire clk;
  systole_clock_gate gate (.clk_i(CLK), .enable_i(EN_POLARITY ? EN : ~EN), .clk_o(clk));
  \$adff #(
    .WIDTH(WIDTH), .CLK_POLARITY(1), .ARST_POLARITY(ARST_POLARITY), .ARST_VALUE(ARST_VALUE)
  ) _TECHMAP_REPLACE_ (.CLK(clk), .ARST(ARST), .D(D), .Q(Q));
endmodule

// A memory that will become registers; its read ports have no clock.
(* techmap_celltype = "$mem_v2" *)
module gated_mem (RD_CLK, RD_EN, RD_ARST, RD_SRST, RD_ADDR, RD_DATA, WR_CLK, WR_EN, WR_ADDR, WR_DATA);
  parameter MEMID = "";
  parameter SIZE = 0;
  parameter OFFSET = 0;
  parameter ABITS = 1;
  parameter WIDTH = 1;
  parameter INIT = 0;
  parameter RD_PORTS = 1;
  parameter RD_CLK_ENABLE = 0;
  parameter RD_CLK_POLARITY = 0;
  parameter RD_TRANSPARENCY_MASK = 0;
  parameter RD_COLLISION_X_MASK = 0;
  parameter RD_WIDE_CONTINUATION = 0;
  parameter RD_CE_OVER_SRST = 0;
  parameter RD_ARST_VALUE = 0;
  parameter RD_SRST_VALUE = 0;
  parameter RD_INIT_VALUE = 0;
  parameter WR_PORTS = 1;
  parameter WR_CLK_ENABLE = 0;
  parameter WR_CLK_POLARITY = 0;
  parameter WR_PRIORITY_MASK = 0;
  parameter WR_WIDE_CONTINUATION = 0;
  input [RD_PORTS-1:0] RD_CLK, RD_EN, RD_ARST, RD_SRST;
  input [RD_PORTS*ABITS-1:0] RD_ADDR;
  output [RD_PORTS*WIDTH-1:0] RD_DATA;
  input [WR_PORTS-1:0] WR_CLK;
  input [WR_PORTS*WIDTH-1:0] WR_EN, WR_DATA;
  input [WR_PORTS*ABITS-1:0] WR_ADDR;
  wire _TECHMAP_FAIL_ =
      WR_PORTS != 1 || RD_CLK_ENABLE != 0 || WR_CLK_ENABLE != 1 || WR_CLK_POLARITY != 1;
  wire clk;
  systole_clock_gate gate (.clk_i(WR_CLK), .enable_i(|WR_EN), .clk_o(clk));
  \$mem_v2 #(.MEMID(MEMID), .SIZE(SIZE), .OFFSET(OFFSET), .ABITS(ABITS), .WIDTH(WIDTH), .INIT(INIT),
    .RD_PORTS(RD_PORTS), .RD_CLK_ENABLE(RD_CLK_ENABLE), .RD_CLK_POLARITY(RD_CLK_POLARITY),
    .RD_TRANSPARENCY_MASK(RD_TRANSPARENCY_MASK), .RD_COLLISION_X_MASK(RD_COLLISION_X_MASK),
    .RD_WIDE_CONTINUATION(RD_WIDE_CONTINUATION), .RD_CE_OVER_SRST(RD_CE_OVER_SRST),
    .RD_ARST_VALUE(RD_ARST_VALUE), .RD_SRST_VALUE(RD_SRST_VALUE), .RD_INIT_VALUE(RD_INIT_VALUE),
    .WR_PORTS(WR_PORTS), .WR_CLK_ENABLE(WR_CLK_ENABLE), .WR_CLK_POLARITY(WR_CLK_POLARITY),
    .WR_PRIORITY_MASK(WR_PRIORITY_MASK), .WR_WIDE_CONTINUATION(WR_WIDE_CONTINUATION))
    _TECHMAP_REPLACE_ (.RD_CLK(RD_CLK), .RD_EN(RD_EN), .RD_ARST(RD_ARST), .RD_SRST(RD_SRST),
      .RD_ADDR(RD_ADDR), .RD_DATA(RD_DATA), .WR_CLK(clk), .WR_EN(WR_EN), .WR_ADDR(WR_ADDR), .WR_DATA(WR_DATA));
endmodule
)";

bool Usable(const Cell& cell) {
  return !cell.dont_use && !cell.power_management && !cell.memory && cell.area.value_or(0) > 0;
}

struct Gate {
  const Cell* cell = nullptr;
  std::vector<std::string> inputs;
  std::string output;
};

/// What decides between cells of one area.
enum class Prefer { kDrive, kLightInput };

double Merit(const Gate& gate, Prefer prefer) {
  return prefer == Prefer::kDrive ? gate.cell->FindPin(gate.output)->max_capacitance.value_or(0)
                                  : -gate.cell->FindPin(gate.inputs[0])->capacitance;
}

/// The smallest cell with `inputs` inputs and one output of the given truth table (bit i: the
/// output at inputs i).
std::optional<Gate> SmallestGate(const Library& library, std::size_t inputs, std::uint64_t truth,
                                 Prefer prefer) {
  constexpr std::uint64_t kInputs[] = {0b1010, 0b1100};
  std::optional<Gate> best;
  for (const Cell& cell : library.cells) {
    if (!Usable(cell) || cell.sequential || cell.pins.size() != inputs + 1) continue;
    Gate gate{&cell, {}, {}};
    std::string text;
    std::vector<std::uint64_t> values;
    std::vector<std::string> names;
    for (const CellPin& pin : cell.pins) {
      names.push_back(pin.name);
      values.push_back(0);
      if (pin.direction == CellPin::Direction::kOutput) {
        gate.output = pin.name;
        text = pin.three_state.empty() ? pin.function : "";
      } else if (gate.inputs.size() < inputs) {
        values.back() = kInputs[gate.inputs.size()];
        gate.inputs.push_back(pin.name);
      }
    }
    if (gate.inputs.size() != inputs || text.empty()) continue;
    const std::uint64_t rows = (std::uint64_t{1} << (std::size_t{1} << inputs)) - 1;
    if ((LogicFunction(text, names).Evaluate(values) & rows) != truth) continue;
    const bool better =
        !best || *cell.area < *best->cell->area ||
        (*cell.area == *best->cell->area && Merit(gate, prefer) > Merit(*best, prefer));
    if (better) best = std::move(gate);
  }
  return best;
}

struct Latch {
  const Cell* cell = nullptr;
  std::string data, enable, output;
  bool low = false;  ///< open while `enable` is 0
};

/// Nothing unless the cell is a latch without clear and preset.
std::optional<Latch> AsLatch(const Cell& cell) {
  if (!Usable(cell) || !cell.sequential || !cell.sequential->latch) return {};
  const Sequential& state = *cell.sequential;
  if (!state.clear.empty() || !state.preset.empty()) return {};
  const auto enable = AsOneInput(cell, state.clocked_on);
  const auto data = AsOneInput(cell, state.next_state);
  if (!enable || !data || data->inverted) return {};
  for (const CellPin& pin : cell.pins) {
    if (pin.direction != CellPin::Direction::kOutput || pin.function != state.state) continue;
    return Latch{&cell, data->pin, enable->pin, pin.name, enable->inverted};
  }
  return {};
}

/// The latch for which latch and inverter together are smallest.
std::optional<Latch> SmallestLatch(const Library& library, double inverter) {
  const auto area = [&](const Latch& latch) {
    return *latch.cell->area + (latch.low ? 0 : inverter);
  };
  std::optional<Latch> best;
  for (const Cell& cell : library.cells) {
    const std::optional<Latch> latch = AsLatch(cell);
    if (latch && (!best || area(*latch) < area(*best))) best = latch;
  }
  return best;
}

struct Parts {
  std::optional<Gate> both, inverter;
  std::optional<Latch> latch;

  /// What a gate lacks, in words; null: nothing.
  const char* missing() const {
    if (!latch) return "latch without clear and preset";
    if (!both) return "AND of two inputs";
    return latch->low || inverter ? nullptr : "inverter";
  }
};

Parts FindParts(const Library& library) {
  Parts parts{SmallestGate(library, 2, 0b1000, Prefer::kDrive),
              SmallestGate(library, 1, 0b01, Prefer::kLightInput),
              {}};
  parts.latch = SmallestLatch(library, parts.inverter ? *parts.inverter->cell->area : 0);
  return parts;
}

}  // namespace

std::string ClockGatePorts() {
  return fmt::format(
      "(* blackbox *)\nmodule {} (input clk_i, input enable_i, output clk_o);\nendmodule\n",
      kClockGateModule);
}

std::string ClockGateRegisters() { return kRegisters; }

std::string ClockGateCells(const Library& library) {
  const Parts parts = FindParts(library);
  if (const char* missing = parts.missing()) {
    throw RequestError(fmt::format("{} has no {} with an area, of which clock gates are made",
                                   library.name, missing),
                       "use --clock-gating 0");
  }
  const Latch& latch = *parts.latch;
  const Gate& both = *parts.both;
  std::string text = fmt::format(
      "module {} (input clk_i, input enable_i, output clk_o);\n  wire enable;\n", kClockGateModule);
  std::string open = "clk_i";
  if (!latch.low) {
    const Gate& inverter = *parts.inverter;
    open = "clk_low";
    text += fmt::format("  wire clk_low;\n  {} inverter (.{}(clk_i), .{}(clk_low));\n",
                        inverter.cell->name, inverter.inputs[0], inverter.output);
  }
  text += fmt::format("  {} latch (.{}({}), .{}(enable_i), .{}(enable));\n", latch.cell->name,
                      latch.enable, open, latch.data, latch.output);
  text += fmt::format("  {} both (.{}(clk_i), .{}(enable), .{}(clk_o));\nendmodule\n",
                      both.cell->name, both.inputs[0], both.inputs[1], both.output);
  return text;
}

}  // namespace systole

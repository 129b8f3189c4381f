// SPDX-License-Identifier: Apache-2.0
#include "synth/peers/schedule.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "base/error.h"

namespace systole {
namespace {

/// Grows the schedule as far as it is written.
class Writer {
 public:
  Writer(const PeerConfig& config, const GemmOperands& operands)
      : rows_(static_cast<std::size_t>(config.rows)),
        cols_(static_cast<std::size_t>(config.cols)),
        operands_(operands) {
    schedule_.begin = 2 * (rows_ + cols_);
    schedule_.macs = operands.m * operands.k * operands.n;
  }

  PeerCycle& At(std::size_t cycle) {
    if (schedule_.cycles.size() <= cycle) schedule_.cycles.resize(cycle + 1);
    return schedule_.cycles[cycle];
  }
  /// An output-stationary step: column `step` of a block of rows, row `step` of b.
  void Step(std::size_t cycle, std::size_t first_row, std::size_t step) {
    PeerCycle& at = At(cycle);
    at.valid = true;
    at.first = step == 0;
    at.last = step + 1 == operands_.k;
    for (std::size_t r = 0; r < rows_; ++r) at.act.push_back(operands_.A(first_row + r, step));
    for (std::size_t c = 0; c < cols_; ++c) at.wgt.push_back(operands_.B(step, c));
  }
  /// The rows of a block leave from `cycle` on, the last one first.
  void Results(std::size_t cycle, std::size_t first_row) {
    for (std::size_t j = 0; j < rows_; ++j) {
      for (std::size_t c = 0; c < cols_; ++c) {
        At(cycle + j).result.push_back(operands_.Sum(first_row + rows_ - 1 - j, c, operands_.k));
      }
    }
  }
  PeerSchedule Take() { return std::move(schedule_); }

  std::size_t rows() const { return rows_; }
  std::size_t cols() const { return cols_; }
  std::size_t begin() const { return schedule_.begin; }
  const GemmOperands& operands() const { return operands_; }

 private:
  std::size_t rows_, cols_;
  const GemmOperands& operands_;
  PeerSchedule schedule_;
};

/// Blocks of rows one after the other. `finish` writes what follows a block's last step, given its
/// cycle and the first row, and returns the cycle of the next block's first step.
void WriteBlocks(Writer& writer,
                 const std::function<std::size_t(std::size_t, std::size_t)>& finish) {
  std::size_t cycle = writer.begin();
  for (std::size_t row = 0; row < writer.operands().m; row += writer.rows()) {
    for (std::size_t step = 0; step < writer.operands().k; ++step) {
      writer.Step(cycle + step, row, step);
    }
    cycle = finish(cycle + writer.operands().k - 1, row);
  }
}

/// Element (r, c) does the step of cycle t in cycle t + 1 + r + c; the sums leave behind it while
/// the next block runs.
void WriteSystole(Writer& writer) {
  const std::size_t rows = writer.rows(), cols = writer.cols();
  WriteBlocks(writer, [&](std::size_t last, std::size_t row) {
    writer.At(last + rows + 1).drain = true;
    for (std::size_t i = 0; i + 2 < rows + cols; ++i) writer.At(last + rows + 1 + i).moving = true;
    writer.Results(last + rows + cols, row);
    return last + 1;
  });
}

/// The same, but the sums stay until all elements are done, and the next block waits for them.
void WriteInPlace(Writer& writer, bool pipelined) {
  const std::size_t rows = writer.rows(), cols = writer.cols();
  for (std::size_t j = 1; j <= rows; ++j) writer.At(writer.begin() - j).drain = true;
  WriteBlocks(writer, [&](std::size_t last, std::size_t row) {
    const std::size_t done = last + rows + cols + (pipelined ? 1 : 0);
    for (std::size_t j = 0; j < rows; ++j) writer.At(done + j).drain = true;
    writer.Results(done, row);
    return last + 2 * rows + cols - 1;
  });
}

/// All elements do the step of cycle t in cycle t + 1.
void WriteBroadcast(Writer& writer) {
  const std::size_t rows = writer.rows();
  WriteBlocks(writer, [&](std::size_t last, std::size_t row) {
    for (std::size_t j = 0; j + 1 < rows; ++j) writer.At(last + 2 + j).drain = true;
    writer.Results(last + 2, row);
    return last + 1;
  });
}

/// Row r of the array works on step first_step + r, for all rows of a. Element (r, c) sees what
/// enters in cycle t in cycle t + 1 + r + c, and the sums leave Rows + Cols + 1 cycles after it.
void WriteWeightStationary(Writer& writer) {
  const GemmOperands& gemm = writer.operands();
  const std::size_t rows = writer.rows(), cols = writer.cols();
  std::size_t load = writer.begin(), free = 0;  // `free`: the first cycle without a step
  for (std::size_t first_step = 0; first_step < gemm.k; first_step += rows) {
    const auto inside = [&](std::size_t r) { return first_step + r < gemm.k; };
    for (std::size_t i = 0; i < rows; ++i) {
      PeerCycle& at = writer.At(load + i);
      at.load = true;
      const std::size_t r = rows - 1 - i;
      for (std::size_t c = 0; c < cols; ++c) {
        at.wgt.push_back(inside(r) ? gemm.B(first_step + r, c) : 0);
      }
    }
    const std::size_t swap = std::max(load + rows, free == 0 ? 0 : free - 1);
    writer.At(swap).swap = true;
    for (std::size_t row = 0; row < gemm.m; ++row) {
      const std::size_t cycle = swap + 1 + row, sum = cycle + rows + cols;
      writer.At(sum + 1);
      PeerCycle& at = writer.At(cycle);
      at.valid = true;
      for (std::size_t r = 0; r < rows; ++r) {
        at.act.push_back(inside(r) ? gemm.A(row, first_step + r) : 0);
      }
      for (std::size_t c = 0; c < cols; ++c) {
        writer.At(sum).acc.push_back(gemm.Sum(row, c, first_step));
        writer.At(sum + 1).result.push_back(gemm.Sum(row, c, std::min(first_step + rows, gemm.k)));
      }
    }
    free = swap + 1 + gemm.m;
    // The next weights may move when the last element has taken the ones before.
    load = swap + rows + cols - 2;
  }
}

}  // namespace

std::int64_t GemmOperands::Sum(std::size_t row, std::size_t column, std::size_t steps) const {
  std::int64_t sum = 0;
  for (std::size_t step = 0; step < steps; ++step) {
    sum += std::int64_t{A(row, step)} * B(step, column);
  }
  return sum;
}

PeerSchedule MakeSchedule(const PeerConfig& config, const GemmOperands& operands) {
  const auto rows = static_cast<std::size_t>(config.rows);
  if (operands.m == 0 || operands.m % rows != 0 || operands.k < rows ||
      operands.n != static_cast<std::size_t>(config.cols) ||
      operands.a.size() != operands.m * operands.k ||
      operands.b.size() != operands.k * operands.n) {
    throw RequestError(
        fmt::format("a product of {} x {} by {} x {} does not fit an array of {} x {}", operands.m,
                    operands.k, operands.k, operands.n, config.rows, config.cols));
  }
  Writer writer(config, operands);
  switch (config.kind) {
    case PeerKind::kSystole:
      WriteSystole(writer);
      break;
    case PeerKind::kInPlace:
      WriteInPlace(writer, config.mac == MacStyle::kPipelined);
      break;
    case PeerKind::kBroadcast:
      WriteBroadcast(writer);
      break;
    case PeerKind::kWeightStationary:
      WriteWeightStationary(writer);
      break;
  }
  return writer.Take();
}

PeerPorts::PeerPorts(const PeerConfig& config)
    : data_width_(static_cast<std::uint32_t>(config.data_width)),
      acc_width_(static_cast<std::uint32_t>(config.acc_width)),
      reset_(config.kind == PeerKind::kSystole),
      memory_(config.kind == PeerKind::kWeightStationary),
      act_(static_cast<std::size_t>(config.rows)),
      wgt_(static_cast<std::size_t>(config.cols)),
      acc_(static_cast<std::size_t>(config.cols)) {
  AddFlag("valid_i", &PeerCycle::valid);
  switch (config.kind) {
    case PeerKind::kSystole:
      AddFlag("first_i", &PeerCycle::first);
      AddFlag("last_i", &PeerCycle::last);
      AddFlag("start_i", &PeerCycle::drain);
      AddFlag("moving_i", &PeerCycle::moving);
      break;
    case PeerKind::kInPlace:
      AddFlag("drain_i", &PeerCycle::drain);
      break;
    case PeerKind::kBroadcast:
      AddFlag("first_i", &PeerCycle::first);
      AddFlag("last_i", &PeerCycle::last);
      AddFlag("shift_i", &PeerCycle::drain);
      break;
    case PeerKind::kWeightStationary:
      AddFlag("load_i", &PeerCycle::load);
      AddFlag("swap_i", &PeerCycle::swap);
      break;
  }
  const auto lanes = [this](const char* name, std::size_t count, std::uint32_t width,
                            PortDirection direction) {
    ports_.push_back({name, static_cast<std::uint32_t>(count) * width, direction});
  };
  lanes("act_i", act_.size(), data_width_, PortDirection::kInput);
  lanes("wgt_i", wgt_.size(), data_width_, PortDirection::kInput);
  if (memory_) lanes("acc_i", acc_.size(), acc_width_, PortDirection::kInput);
  if (reset_) lanes("rst_ni", 1, 1, PortDirection::kInput);
  lanes("res_o", acc_.size(), acc_width_, PortDirection::kOutput);
}

void PeerPorts::AddFlag(const char* name, Flag flag) {
  ports_.push_back({name, 1, PortDirection::kInput});
  flags_.push_back(flag);
}

void PeerPorts::Add(PortRecording& recording, const PeerCycle& cycle) {
  recording.AddCycle();
  std::size_t port = 0;
  for (const Flag flag : flags_) recording.Set(port++, 0, 1, cycle.*flag ? 1 : 0);
  if (!cycle.act.empty()) act_ = cycle.act;
  if (!cycle.wgt.empty()) wgt_ = cycle.wgt;
  if (!cycle.acc.empty()) acc_ = cycle.acc;
  const auto set = [&](std::uint32_t width, const auto& lanes) {
    for (std::size_t i = 0; i < lanes.size(); ++i) {
      recording.Set(port, static_cast<std::uint32_t>(i) * width, width,
                    static_cast<std::uint64_t>(std::int64_t{lanes[i]}));
    }
    ++port;
  };
  set(data_width_, act_);
  set(data_width_, wgt_);
  if (memory_) set(acc_width_, acc_);
  if (reset_) recording.Set(port, 0, 1, 1);
}

}  // namespace systole

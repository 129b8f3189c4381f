// SPDX-License-Identifier: Apache-2.0
#include "sw/ref/core_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/error.h"
#include "sw/ref/requantize.h"

namespace systole {
namespace {

std::int64_t SignExtend(std::uint64_t value, int bits) {
  return static_cast<std::int64_t>(value << (64 - bits)) >> (64 - bits);
}

void CheckPass(const ArrayConfig& config, const Pass& pass, std::size_t index) {
  const auto fail = [&](const std::string& what) {
    throw RequestError(fmt::format("pass {} of a tile: {}", index, what));
  };
  const std::uint64_t limit = std::uint64_t{1} << config.count_width;
  if (pass.taps < 1) fail("no taps");
  if (pass.taps >= limit) {
    fail(fmt::format("{} taps do not fit --count-width {}", pass.taps, config.count_width));
  }
  if (pass.last != 0 && (pass.rows < 1 || pass.rows > static_cast<std::uint32_t>(config.rows))) {
    fail(fmt::format("{} rows to drain of {}", pass.rows, config.rows));
  }
  if (pass.by_row != 0 && config.dataflow != Dataflow::kOsStos) {
    fail("channels by row on a core without ST-OS");
  }
  if (pass.stos == 0) {
    if (pass.fill != 0 || pass.spacing != 1) fail("a GEMM pass has fill 0 and spacing 1");
    return;
  }
  if (config.dataflow != Dataflow::kOsStos) fail("ST-OS on a core without it");
  if (pass.spacing < 1) fail("spacing 0");
  if (pass.fill >= limit || pass.spacing >= limit) {
    fail(fmt::format("fill {} or spacing {} does not fit --count-width {}", pass.fill, pass.spacing,
                     config.count_width));
  }
}

void CheckBank(const ArrayConfig& config, const std::vector<ChannelParam>& bank) {
  if (bank.empty() || bank.size() > static_cast<std::size_t>(WeightLanes(config))) {
    throw RequestError(
        fmt::format("a bank of {} channels: 1 to {} fit", bank.size(), WeightLanes(config)));
  }
  for (std::size_t i = 0; i < bank.size(); ++i) {
    if ((bank[i].end != 0) != (i + 1 == bank.size())) {
      throw RequestError(
          fmt::format("channel {} of a bank of {}: `end` is for the last", i, bank.size()));
    }
    if (!std::isnormal(bank[i].scale) || bank[i].scale < 0) {
      throw RequestError(fmt::format("channel {} of a bank: scale {} is no positive normal float32",
                                     i, bank[i].scale));
    }
  }
  const ChannelParam& last = bank.back();
  const std::int32_t high = (std::int32_t{1} << (config.data_width - 1)) - 1, low = -high - 1;
  if (std::min(last.min, last.zero) < low || std::max(last.max, last.zero) > high ||
      last.min > last.max) {
    throw RequestError(fmt::format("a bank with outputs {} to {} and zero point {}: {} to {} exist",
                                   last.min, last.max, last.zero, low, high));
  }
}

}  // namespace

void CheckTile(const ArrayConfig& config, const TileStream& tile) {
  if (tile.passes.empty()) throw RequestError("a tile without a pass");
  std::uint64_t steps = 0, taps = 0;
  for (std::size_t i = 0; i < tile.passes.size(); ++i) {
    const Pass& pass = tile.passes[i];
    CheckPass(config, pass, i);
    if (pass.stos != tile.passes[0].stos) throw RequestError("a tile of both modes");
    if (pass.last != 0 && i + 1 != tile.passes.size()) {
      throw RequestError(fmt::format("pass {} of a tile of {} drains", i, tile.passes.size()));
    }
    steps += Steps(pass);
    taps += pass.taps;
  }
  const auto bytes = static_cast<std::uint64_t>(ElementBytes(config));
  const std::uint64_t activations = steps * config.rows * bytes;
  const std::uint64_t weights = taps * WeightLanes(config) * bytes;
  if (tile.activations.size() != activations || tile.weights.size() != weights) {
    throw RequestError(fmt::format(
        "a tile of {} steps and {} taps has {} bytes of activations and {} of weights: {} and {} "
        "are "
        "needed",
        steps, taps, tile.activations.size(), tile.weights.size(), activations, weights));
  }
  if (tile.passes.back().last != 0 && tile.passes.back().params != 0) {
    CheckBank(config, tile.params);
  } else if (!tile.params.empty()) {
    throw RequestError("a tile that does not switch banks has channel parameters");
  }
}

CoreModel::CoreModel(const ArrayConfig& config) : config_(config) {
  if (auto problems = Check(config); !problems.empty()) throw RequestError(std::move(problems));
  const auto rows = static_cast<std::size_t>(config.rows);
  const auto cols = static_cast<std::size_t>(config.cols);
  sums_.assign(rows * cols, 0);
  history_.assign(rows * (cols - 1), 0);
}

std::int64_t CoreModel::Element(const std::int8_t* packed, std::uint64_t index) const {
  if (config_.data_width <= 8) {
    return SignExtend(static_cast<std::uint64_t>(packed[index]), config_.data_width);
  }
  const auto low = static_cast<std::uint8_t>(packed[2 * index]);
  return static_cast<std::int64_t>(packed[2 * index + 1]) * 256 + low;
}

std::vector<std::int32_t> CoreModel::Run(const TileStream& tile) {
  CheckTile(config_, tile);
  if (tile.passes.back().params != 0 && tile.passes.back().last != 0) bank_ = tile.params;
  const std::int8_t* activations = tile.activations.data();
  const std::int8_t* weights = tile.weights.data();
  const auto bytes = static_cast<std::uint64_t>(ElementBytes(config_));
  for (const Pass& pass : tile.passes) {
    if (pass.first != 0) std::fill(sums_.begin(), sums_.end(), 0);
    if (pass.stos != 0) {
      Stos(pass, activations, weights);
    } else {
      Gemm(pass, activations, weights);
    }
    activations += Steps(pass) * config_.rows * bytes;
    weights += std::uint64_t{pass.taps} * WeightLanes(config_) * bytes;
  }
  return tile.passes.back().last != 0 ? Drain(tile.passes.back()) : std::vector<std::int32_t>{};
}

// sum[r][c] += sum over k of A[r][k] * B[k][c]
void CoreModel::Gemm(const Pass& pass, const std::int8_t* activations, const std::int8_t* weights) {
  const auto rows = static_cast<std::size_t>(config_.rows);
  const auto cols = static_cast<std::size_t>(config_.cols);
  const auto lanes = static_cast<std::size_t>(WeightLanes(config_));
  std::vector<std::int64_t> weight(cols);
  for (std::uint64_t k = 0; k < pass.taps; ++k) {
    for (std::size_t c = 0; c < cols; ++c) weight[c] = Element(weights, k * lanes + c);
    for (std::size_t r = 0; r < rows; ++r) {
      const std::int64_t activation = Element(activations, k * rows + r);
      std::uint64_t* sum = &sums_[r * cols];
      for (std::size_t c = 0; c < cols; ++c) {
        sum[c] += static_cast<std::uint64_t>(activation * weight[c]);
      }
    }
  }
  std::fill(history_.begin(), history_.end(), 0);
}

// sum[r][j] += sum over k of w[k] * x[t_k - j] with t_k = fill + k * spacing
void CoreModel::Stos(const Pass& pass, const std::int8_t* activations, const std::int8_t* weights) {
  const auto rows = static_cast<std::size_t>(config_.rows);
  const auto cols = static_cast<std::size_t>(config_.cols);
  const auto lanes = static_cast<std::size_t>(WeightLanes(config_));
  const std::uint64_t steps = Steps(pass), past = cols - 1;
  std::vector<std::int64_t> line(past + steps);  // x[t] stands at past + t
  for (std::size_t r = 0; r < rows; ++r) {
    const auto history = history_.begin() + static_cast<std::ptrdiff_t>(r * past);
    std::copy(history, history + static_cast<std::ptrdiff_t>(past), line.begin());
    for (std::uint64_t t = 0; t < steps; ++t) line[past + t] = Element(activations, t * rows + r);
    for (std::uint64_t k = 0; k < pass.taps; ++k) {
      const std::int64_t weight = Element(weights, k * lanes + r);
      const std::int64_t* x = &line[past + pass.fill + k * pass.spacing];
      for (std::size_t j = 0; j < cols; ++j) {
        sums_[r * cols + j] +=
            static_cast<std::uint64_t>(weight * *(x - static_cast<std::ptrdiff_t>(j)));
      }
    }
    std::copy(line.end() - static_cast<std::ptrdiff_t>(past), line.end(), history);
  }
}

std::vector<std::int32_t> CoreModel::Drain(const Pass& pass) const {
  const auto rows = static_cast<std::size_t>(config_.rows);
  const auto cols = static_cast<std::size_t>(config_.cols);
  const ChannelParam bounds = bank_.empty() ? ChannelParam{} : bank_.back();
  std::vector<std::int32_t> beats;
  beats.reserve(pass.rows * cols);
  for (std::size_t beat = 0; beat < pass.rows; ++beat) {
    const std::size_t r = rows - 1 - beat;
    for (std::size_t c = 0; c < cols; ++c) {
      const std::size_t channel = pass.stos != 0 || pass.by_row != 0 ? beat : c;
      const ChannelParam param = channel < bank_.size() ? bank_[channel] : ChannelParam{};
      const std::uint64_t sum = sums_[r * cols + c] + static_cast<std::uint64_t>(param.bias);
      const std::int64_t value = SignExtend(sum, config_.acc_width);
      beats.push_back(pass.raw != 0
                          ? static_cast<std::int32_t>(value)
                          : Requantize(value, param.scale, bounds.zero, bounds.min, bounds.max));
    }
  }
  return beats;
}

}  // namespace systole

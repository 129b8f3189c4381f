// SPDX-License-Identifier: Apache-2.0
#include "tests/core/tiles.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sw/ref/core_model.h"

namespace systole {
namespace {

class Maker {
 public:
  Maker(const ArrayConfig& config, const TileMix& mix, std::uint64_t seed)
      : config_(config), mix_(mix), random_(seed) {}

  TileStream Next() {
    const bool has_stos = config_.dataflow == Dataflow::kOsStos;
    const bool stos = has_stos && random_.Chance(mix_.stos);
    TileStream tile;
    const std::size_t passes = random_.Chance(mix_.several) ? random_.Between(2, 4) : 1;
    for (std::size_t i = 0; i < passes; ++i) tile.passes.push_back(MakePass(stos, i == 0));
    Pass& last = tile.passes.back();
    last.last = 1;
    last.rows = static_cast<std::uint32_t>(
        random_.Chance(mix_.all_rows) ? config_.rows : random_.Between(1, config_.rows));
    last.raw = random_.Chance(mix_.raw);
    last.by_row = has_stos && random_.Chance(mix_.by_row);
    last.params = first_ || random_.Chance(mix_.params);
    if (last.params != 0) MakeBank(tile);
    FillStreams(tile);
    first_ = false;
    return tile;
  }

 private:
  Pass MakePass(bool stos, bool first) {
    Pass pass;
    pass.taps = static_cast<std::uint32_t>(random_.Between(1, mix_.longest));
    // The sums of the tile before may go on in the same mode, even though they have drained.
    const bool goes_on = !first_ && stos == continued_ && random_.Chance(mix_.go_on);
    pass.first = (first && !goes_on) || random_.Chance(mix_.restart);
    pass.last = 0;
    pass.stos = stos;
    if (stos) {
      pass.spacing = static_cast<std::uint32_t>(random_.Between(1, mix_.widest));
      // What the chains hold at the start and after GEMM is not defined.
      pass.fill = continued_ ? 0 : static_cast<std::uint32_t>(config_.cols - 1);
      if (random_.Chance(mix_.rest)) {
        pass.fill += static_cast<std::uint32_t>(random_.Between(1, config_.cols + 2));
      }
    }
    continued_ = stos;
    return pass;
  }

  void MakeBank(TileStream& tile) {
    const int lanes = WeightLanes(config_);
    const int channels =
        random_.Chance(mix_.short_bank) ? static_cast<int>(random_.Between(1, lanes)) : lanes;
    for (int i = 0; i < channels; ++i) {
      ChannelParam param;
      // Biases of all sizes: most leave the sums in charge, some make them wrap.
      param.bias = random_.Signed(static_cast<int>(random_.Between(2, config_.acc_width)));
      param.scale = MakeScale();
      const std::int64_t a = random_.Signed(config_.data_width);
      const std::int64_t b = random_.Signed(config_.data_width);
      param.min = static_cast<std::int32_t>(std::min(a, b));
      param.max = static_cast<std::int32_t>(std::max(a, b));
      param.zero = static_cast<std::int32_t>(random_.Signed(config_.data_width));
      tile.params.push_back(param);
    }
    tile.params.back().end = 1;
  }

  /// Powers of two (which make ties) and others, so that most results fall into the output's range.
  float MakeScale() {
    const int exponent = static_cast<int>(random_.Between(-2 * config_.data_width, 2));
    const auto mantissa = random_.Chance(64)
                              ? 1.0F
                              : 1.0F + std::ldexp(static_cast<float>(random_.Below(1 << 23)), -23);
    if (random_.Chance(2)) return random_.Chance(128) ? 0x1p-126F : 0x1.fffffep+127F;
    return std::ldexp(mantissa, exponent);
  }

  void FillStreams(TileStream& tile) {
    std::uint64_t steps = 0, taps = 0;
    for (const Pass& pass : tile.passes) {
      steps += Steps(pass);
      taps += pass.taps;
    }
    const bool extreme = random_.Chance(mix_.extreme);
    const auto fill = [&](std::vector<std::int8_t>& stream, std::uint64_t count) {
      stream.reserve(count * ElementBytes(config_));
      for (std::uint64_t i = 0; i < count; ++i) {
        const std::int64_t value = extreme ? -(std::int64_t{1} << (config_.data_width - 1))
                                           : random_.Signed(config_.data_width);
        stream.push_back(static_cast<std::int8_t>(value));
        if (ElementBytes(config_) == 2) stream.push_back(static_cast<std::int8_t>(value >> 8));
      }
    };
    fill(tile.activations, steps * config_.rows);
    fill(tile.weights, taps * WeightLanes(config_));
  }

  const ArrayConfig& config_;
  const TileMix& mix_;
  Stimulus random_;
  bool first_ = true;
  bool continued_ = false;  ///< the latest pass was ST-OS
};

}  // namespace

TileList::TileList(const ArrayConfig& config, const TileMix& mix, std::uint64_t seed,
                   std::size_t count) {
  Maker maker(config, mix, seed);
  for (std::size_t i = 0; i < count; ++i) tiles_.push_back(maker.Next());
  Expect(config);
}

TileList::TileList(const ArrayConfig& config, std::vector<TileStream> tiles)
    : tiles_(std::move(tiles)) {
  Expect(config);
}

void TileList::Expect(const ArrayConfig& config) {
  CoreModel model(config);
  std::size_t channels = 0;
  const auto cols = static_cast<std::size_t>(config.cols);
  for (const TileStream& tile : tiles_) {
    if (!tile.params.empty()) channels = tile.params.size();
    expected_.push_back(model.Run(tile));
    std::vector<bool> defined(expected_.back().size());
    for (std::size_t i = 0; i < defined.size(); ++i) {
      const bool by_row = tile.passes[0].stos != 0 || tile.passes.back().by_row != 0;
      defined[i] = (by_row ? i / cols : i % cols) < channels;
    }
    defined_.push_back(std::move(defined));
  }
  collected_.resize(tiles_.size());
  times_.resize(tiles_.size());
}

void TileList::Collect(std::uint64_t index, const std::vector<std::int32_t>& beats) {
  collected_[index] = beats;
  ++times_[index];
}

std::string TileList::Describe(std::uint64_t index) const {
  const TileStream& tile = tiles_[index];
  std::string text = tile.passes[0].stos != 0 ? "ST-OS" : "GEMM";
  for (const Pass& pass : tile.passes) {
    text += fmt::format(" [fill {} taps {} spacing {}{}]", pass.fill, pass.taps, pass.spacing,
                        pass.first != 0 ? " first" : "");
  }
  const Pass& last = tile.passes.back();
  return text + fmt::format(" rows {}{}{}{}", last.rows, last.raw != 0 ? " raw" : "",
                            last.by_row != 0 ? " by row" : "",
                            last.params != 0 ? fmt::format(" bank of {}", tile.params.size()) : "");
}

std::string TileList::Difference() const {
  for (std::size_t i = 0; i < tiles_.size(); ++i) {
    if (times_[i] != 1) {
      return fmt::format("tile {} was collected {} times: {}", i, times_[i], Describe(i));
    }
    if (collected_[i].size() != expected_[i].size()) {
      return fmt::format("tile {} has {} values, not {}: {}", i, collected_[i].size(),
                         expected_[i].size(), Describe(i));
    }
    for (std::size_t at = 0; at < expected_[i].size(); ++at) {
      if (defined_[i][at] && collected_[i][at] != expected_[i][at]) {
        return fmt::format("tile {} value {}: {}, model {}: {}", i, at, collected_[i][at],
                           expected_[i][at], Describe(i));
      }
    }
  }
  return "";
}

}  // namespace systole

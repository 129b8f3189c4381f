// SPDX-License-Identifier: Apache-2.0
//
// Runs the Verilated core behind the C border of abi.h. Built together with the model by
// tb/compiled_model.cc, which defines the SYSTOLE_ macros; everything that happens every cycle
// happens here.
#include <algorithm>
#include <cstdio>
#include <deque>
#include <exception>
#include <string>
#include <vector>

#include "Vcore.h"
#include "tb/harness/lanes.h"
#include "tb/harness/runtime_hooks.h"
#include "tb/harness/sim.h"
#include "tb/harness/streams.h"

namespace systole {
namespace {

constexpr int kRows = SYSTOLE_ROWS, kCols = SYSTOLE_COLS, kLanes = SYSTOLE_LANES;
constexpr int kDataWidth = SYSTOLE_DATA_WIDTH, kSumWidth = SYSTOLE_ACC_WIDTH;
constexpr int kCountWidth = SYSTOLE_COUNT_WIDTH;
constexpr std::size_t kElementBytes = kDataWidth <= 8 ? 1 : 2;
/// The core is taken for dead after so many cycles in which no beat moved at all.
constexpr std::uint64_t kPatience = 100'000;

struct OpenTile {
  std::uint64_t index;
  std::uint32_t rows;
};

/// A stream out of the core: gathers the rows of its tiles and checks the rules of the protocol.
class Sink {
 public:
  Sink(const HarnessHost& host, const HarnessOptions& options, int stream)
      : host_(host), name_(stream == kResults ? "out" : "acc"), stall_(options, stream) {
    values_.reserve(static_cast<std::size_t>(kRows) * kCols);
  }

  void Open(OpenTile tile) { tiles_.push_back(tile); }
  bool idle() const { return tiles_.empty(); }
  bool Ready() { return !stall_.Pauses(); }

  /// Looks at the stream in a cycle; returns true when a beat moved.
  template <int width>
  bool Watch(bool valid, bool ready, bool last, const void* port, std::uint64_t cycle) {
    if (!valid) {
      if (held_) Fail("withdrew a beat that was not taken", cycle);
      return false;
    }
    if (tiles_.empty()) Fail("gives a row that no command asked for", cycle);
    const std::size_t start = values_.size();
    values_.resize(start + kCols);
    UnpackLanes<width>(&values_[start], port, kCols);
    if (held_ && (last != held_last_ ||
                  !std::equal(held_values_.begin(), held_values_.end(), &values_[start]))) {
      Fail("changed a beat that was not taken", cycle);
    }
    held_ = !ready;
    if (held_) {
      held_last_ = last;
      held_values_.assign(values_.begin() + static_cast<std::ptrdiff_t>(start), values_.end());
      values_.resize(start);
      return false;
    }
    Taken(last, cycle);
    return true;
  }

 private:
  void Taken(bool last, std::uint64_t cycle) {
    const OpenTile tile = tiles_.front();
    const bool complete = values_.size() == std::size_t{tile.rows} * kCols;
    if (last != complete) {
      Fail(complete ? "does not mark the last row of a tile" : "marks a row as last that is not",
           cycle);
    }
    if (!complete) return;
    tiles_.pop_front();
    if (host_.collect(host_.context, tile.index, values_.data(), values_.size(), cycle) ==
        kHostFailed) {
      throw HostFailed{};
    }
    values_.clear();
  }
  [[noreturn]] void Fail(const char* what, std::uint64_t cycle) const {
    std::string text =
        std::string("stream ") + name_ + " " + what + ", cycle " + std::to_string(cycle);
    if (!tiles_.empty()) text += ", tile " + std::to_string(tiles_.front().index);
    throw std::runtime_error(text);
  }

  const HarnessHost& host_;
  const char* name_;
  Stall stall_;
  std::deque<OpenTile> tiles_;
  std::vector<std::int32_t> values_, held_values_;
  bool held_ = false, held_last_ = false;
};

class Harness {
 public:
  Harness(const HarnessHost& host, const HarnessOptions& options)
      : host_(host),
        sim_(options.seed),
        commands_(host, options, kCommands, sizeof(Pass)),
        activations_(host, options, kActivations, kRows * kElementBytes),
        weights_(host, options, kWeights, kLanes * kElementBytes),
        params_(host, options, kParams, sizeof(ChannelParam)),
        results_(host, options, kResults),
        sums_(host, options, kSums) {
    if (options.trace_path != nullptr) {
      sim_.Trace(options.trace_path, options.trace_from, options.trace_to);
    }
    sim_.Record(options.record, options.record_context);
  }

  std::uint64_t Run() {
    std::uint64_t still = 0;
    while (!commands_.ended() || !results_.idle() || !sums_.idle()) {
      still = Cycle() ? 0 : still + 1;
      if (still == kPatience) throw std::runtime_error(DeadText());
      if (sim_.cycle() % kProgressInterval == 0 &&
          host_.progress(host_.context, sim_.cycle()) == kHostFailed) {
        throw HostFailed{};
      }
    }
    if (!activations_.ended() || !weights_.ended() || !params_.ended()) {
      throw std::runtime_error("every result has left, but beats are left over: " + Counts());
    }
    return sim_.cycle();
  }

 private:
  /// One cycle; returns true when a beat moved on any stream.
  bool Cycle() {
    OfferCommand();
    const bool act = OfferElements(activations_, &sim_->act_data_i, kRows);
    sim_->act_valid_i = act;
    const bool wgt = OfferElements(weights_, &sim_->wgt_data_i, kLanes);
    sim_->wgt_valid_i = wgt;
    OfferParam();
    const bool out_ready = results_.Ready(), acc_ready = sums_.Ready();
    sim_->out_ready_i = out_ready;
    sim_->acc_ready_i = acc_ready;
    sim_.Settle();
    bool moved = false;
    if (sim_->cmd_valid_i && sim_->cmd_ready_o) {
      TakeCommand();
      moved = true;
    }
    if (act && sim_->act_ready_o) {
      activations_.Take();
      moved = true;
    }
    if (wgt && sim_->wgt_ready_o) {
      weights_.Take();
      moved = true;
    }
    if (sim_->prm_valid_i && sim_->prm_ready_o) {
      params_.Take();
      moved = true;
    }
    moved |= results_.Watch<kDataWidth>(sim_->out_valid_o, out_ready, sim_->out_last_o,
                                        &sim_->out_data_o, sim_.cycle());
    moved |= sums_.Watch<kSumWidth>(sim_->acc_valid_o, acc_ready, sim_->acc_last_o,
                                    &sim_->acc_data_o, sim_.cycle());
    sim_.Tick();
    return moved;
  }

  void OfferCommand() {
    const auto* beat = reinterpret_cast<const Pass*>(commands_.Offer());
    sim_->cmd_valid_i = beat != nullptr;
    if (beat == nullptr && !commands_.noisy()) return;
    Pass pass;
    if (beat != nullptr) {
      pass = *beat;
    } else {
      Noise(commands_, &pass, sizeof(pass));
    }
    sim_->cmd_taps_i = LowBits(pass.taps, kCountWidth);
    sim_->cmd_rows_i = LowBits(pass.rows, SYSTOLE_ROWS_WIDTH);
    sim_->cmd_first_i = pass.first & 1;
    sim_->cmd_last_i = pass.last & 1;
    sim_->cmd_raw_i = pass.raw & 1;
    sim_->cmd_params_i = pass.params & 1;
#if SYSTOLE_STOS
    sim_->cmd_stos_i = pass.stos & 1;
    sim_->cmd_by_row_i = pass.by_row & 1;
    sim_->cmd_fill_i = LowBits(pass.fill, kCountWidth);
    sim_->cmd_spacing_i = LowBits(pass.spacing, kCountWidth);
#endif
  }

  void TakeCommand() {
    const Pass& pass = *reinterpret_cast<const Pass*>(commands_.Offer());
    if (pass.last != 0) (pass.raw != 0 ? sums_ : results_).Open({next_tile_++, pass.rows});
    commands_.Take();
  }

  void OfferParam() {
    const auto* beat = reinterpret_cast<const ChannelParam*>(params_.Offer());
    sim_->prm_valid_i = beat != nullptr;
    if (beat == nullptr && !params_.noisy()) return;
    ChannelParam param;
    if (beat != nullptr) {
      param = *beat;
    } else {
      Noise(params_, &param, sizeof(param));
    }
    std::uint32_t scale;
    std::memcpy(&scale, &param.scale, sizeof(scale));
    sim_->prm_bias_i = LowBits(static_cast<std::uint64_t>(param.bias), kSumWidth);
    sim_->prm_scale_i = scale;
    sim_->prm_zero_i = LowBits(static_cast<std::uint64_t>(param.zero), kDataWidth);
    sim_->prm_min_i = LowBits(static_cast<std::uint64_t>(param.min), kDataWidth);
    sim_->prm_max_i = LowBits(static_cast<std::uint64_t>(param.max), kDataWidth);
    sim_->prm_end_i = param.end & 1;
  }

  static bool OfferElements(Source& source, void* port, int lanes) {
    const std::uint8_t* beat = source.Offer();
    if (beat != nullptr) {
      PackLanes<kDataWidth>(port, beat, lanes);
    } else if (source.noisy()) {
      std::uint8_t noise[static_cast<std::size_t>(std::max(kRows, kLanes)) * kElementBytes];
      Noise(source, noise, sizeof(noise));
      PackLanes<kDataWidth>(port, noise, lanes);
    }
    return beat != nullptr;
  }

  static void Noise(Source& source, void* to, std::size_t bytes) {
    const std::uint64_t noise = source.random().Next();
    for (std::size_t i = 0; i < bytes; i += sizeof(noise)) {
      std::memcpy(static_cast<char*>(to) + i, &noise, std::min(sizeof(noise), bytes - i));
    }
  }

  std::string Counts() const {
    return "taken so far: " + std::to_string(commands_.taken()) + " cmd, " +
           std::to_string(activations_.taken()) + " act, " + std::to_string(weights_.taken()) +
           " wgt, " + std::to_string(params_.taken()) + " prm beats of " +
           std::to_string(next_tile_) + " tiles";
  }
  std::string DeadText() {
    return "the core stands still: no beat moved in the " + std::to_string(kPatience) +
           " cycles before cycle " + std::to_string(sim_.cycle()) + "; " + Counts();
  }

  const HarnessHost& host_;
  Sim<Vcore> sim_;
  Source commands_, activations_, weights_, params_;
  Sink results_, sums_;
  std::uint64_t next_tile_ = 0;
};

}  // namespace
}  // namespace systole

extern "C" __attribute__((visibility("default"))) void SystoleHarnessRun(
    const systole::HarnessHost* host, const systole::HarnessOptions* options,
    systole::HarnessResult* result) {
  *result = {};
  runtime_text.clear();
  try {
    result->cycles = systole::Harness(*host, *options).Run();
  } catch (const systole::HostFailed&) {
    result->failed = systole::kHostFailed;
  } catch (const std::exception& error) {
    result->failed = 1;
    std::snprintf(result->error, sizeof(result->error), "%s", error.what());
  }
}

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <stdexcept>

#include "base/stimulus.h"
#include "tb/harness/abi.h"

namespace systole {

/// Thrown through the harness when a callback reported that it failed.
struct HostFailed {};

/// Seeded random pauses of one stream.
class Stall {
 public:
  Stall(const HarnessOptions& options, int stream)
      : random_(options.seed * kStreamCount + static_cast<std::uint64_t>(stream)),
        chance_(options.stall[stream]),
        longest_(options.longest_stall) {}

  bool possible() const { return chance_ != 0; }
  /// Whether the stream pauses in this cycle.
  bool Pauses() {
    if (chance_ == 0) return false;
    if (left_ > 0) return left_-- > 0;
    if (!random_.Chance(chance_)) return false;
    left_ = random_.Below(longest_);
    return true;
  }
  Stimulus& random() { return random_; }

 private:
  Stimulus random_;
  unsigned chance_;
  std::uint64_t longest_, left_ = 0;
};

/// A stream into the core: pulls buffers from the program, offers their beats one by one, and holds
/// an offered beat until it is taken.
class Source {
 public:
  Source(const HarnessHost& host, const HarnessOptions& options, int stream, std::size_t beat_bytes)
      : host_(host), stream_(stream), beat_bytes_(beat_bytes), stall_(options, stream) {
    Pull();
  }

  /// The beat that is offered in this cycle; null while the stream pauses or after its end.
  const std::uint8_t* Offer() {
    if (offers_) return data_;
    if (later_) Pull();
    offers_ = left_ > 0 && !stall_.Pauses();
    return offers_ ? data_ : nullptr;
  }
  /// The offered beat was taken.
  void Take() {
    offers_ = false;
    ++taken_;
    data_ += beat_bytes_;
    if (--left_ == 0) Pull();
  }

  bool ended() const { return left_ == 0 && !later_; }
  std::uint64_t taken() const { return taken_; }
  /// While a stream with pauses offers nothing, its data is noise.
  bool noisy() const { return stall_.possible(); }
  Stimulus& random() { return stall_.random(); }

 private:
  void Pull() {
    const void* data = nullptr;
    left_ = host_.pull(host_.context, stream_, &data);
    if (left_ == kHostFailed) throw HostFailed{};
    later_ = left_ == kHostLater;
    if (later_) left_ = 0;
    data_ = static_cast<const std::uint8_t*>(data);
  }

  const HarnessHost& host_;
  int stream_;
  std::size_t beat_bytes_;
  Stall stall_;
  const std::uint8_t* data_ = nullptr;
  std::uint64_t left_ = 0, taken_ = 0;
  bool offers_ = false, later_ = false;
};

}  // namespace systole

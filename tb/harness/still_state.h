// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>

namespace systole {

/// Tells whether a cycle changed anything in a Verilated model: registers, memories, wires and
/// inputs are compared, byte by byte. A synchronous circuit that was left as it was by one cycle is
/// left so by all that follow, until an input changes: they need not be computed.
///
/// One register may change, a counter that nothing but a register port reads (`counter`, an
/// accessor of the model's root): what it gained in the cycle it gains in each that follows.
template <typename Model, typename Counter>
class StillState {
 public:
  /// Remembers the state.
  void Keep(const Model& model) {
    std::memcpy(kept_.get(), model.rootp, kBytes);
    count_ = *Counter::Of(*model.rootp);
  }

  /// Whether the model is as it was, but for the counter.
  bool Same(const Model& model) const {
    const auto* now = reinterpret_cast<const unsigned char*>(model.rootp);
    const auto* counter = reinterpret_cast<const unsigned char*>(Counter::Of(*model.rootp));
    const auto before = static_cast<std::size_t>(counter - now);
    const std::size_t after = before + sizeof(*Counter::Of(*model.rootp));
    return std::memcmp(now, kept_.get(), before) == 0 &&
           std::memcmp(now + after, kept_.get() + after, kBytes - after) == 0;
  }

  /// What `cycles` more cycles would do to a model that is the Same.
  void Repeat(const Model& model, std::uint64_t cycles) const {
    auto& counter = *Counter::Of(*model.rootp);
    counter = Counter::Wrapped(counter + (counter - count_) * cycles);
  }

 private:
  static constexpr std::size_t kBytes = sizeof(*Model::rootp);
  std::unique_ptr<unsigned char[]> kept_{new unsigned char[kBytes]};
  std::uint64_t count_ = 0;
};

}  // namespace systole

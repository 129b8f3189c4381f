// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "sw/cache/access.h"
#include "sw/cache/memory_image.h"
#include "sw/trace/instruction_costs.h"
#include "sw/trace/operation.h"

// Kernels are templates over a machine:
//   T Load<T>(Address)            one data access
//   void Store<T>(Address, T)     one data access
//   void Execute<T>(Loop)         the instructions of a loop over T that touch no data
//   void Call(n), Return(n)       n registers go to the stack and come back

namespace systole {

/// The low bytes of an access's value, from and to the type that a kernel uses.
template <typename T>
inline std::uint64_t ToBits(T value) {
  if constexpr (std::is_same_v<T, float>) {
    return std::bit_cast<std::uint32_t>(value);
  } else {
    return static_cast<std::make_unsigned_t<T>>(value);
  }
}
template <typename T>
inline T FromBits(std::uint64_t bits) {
  if constexpr (std::is_same_v<T, float>) {
    return std::bit_cast<float>(static_cast<std::uint32_t>(bits));
  } else {
    return static_cast<T>(bits);
  }
}

/// Accesses and instructions of a piece of a program.
struct TraceCounts {
  std::uint64_t accesses = 0;
  std::uint64_t instructions = 0;

  friend bool operator==(const TraceCounts&, const TraceCounts&) = default;
};

/// Hands every data access to a sink, as sw/cache/access.h defines it:
///   std::uint64_t Sink::Access(const systole::Access&)
/// returns the value that the program sees. A load reads the image before the sink is called, a
/// store is applied to the image after the sink has returned. Instructions behind the last access
/// of the program belong to no access: Pending().
template <typename Sink>
class TracedMachine {
 public:
  TracedMachine(MemoryImage& image, Sink& sink, Address stack)
      : base_(image.At(0)), sink_(sink), stack_(stack) {}

  template <typename T>
  T Load(Address address) {
    T value;
    std::memcpy(&value, base_ + address, sizeof(T));
    return FromBits<T>(Send<T>(address, value, false));
  }
  template <typename T>
  void Store(Address address, T value) {
    Send<T>(address, value, true);
    std::memcpy(base_ + address, &value, sizeof(T));
  }
  template <typename T>
  void Execute(Loop loop) {
    pending_ += InstructionsOf<T>(loop);
  }
  /// The values on the stack are made up: no register of a kernel is known here. They are addresses
  /// of the stack, as saved frame pointers would be, never 0.
  void Call(std::uint32_t registers) {
    stack_ -= 8 * registers;
    for (std::uint32_t i = 0; i < registers; ++i) {
      Store<std::uint64_t>(stack_ + 8 * i, stack_ + 8 * i);
    }
  }
  void Return(std::uint32_t registers) {
    for (std::uint32_t i = 0; i < registers; ++i) Load<std::uint64_t>(stack_ + 8 * i);
    stack_ += 8 * registers;
  }

  std::uint32_t Pending() const { return pending_; }
  /// What ran so far, Pending() included.
  TraceCounts counts() const { return {counts_.accesses, counts_.instructions + pending_}; }

 private:
  template <typename T>
  std::uint64_t Send(Address address, T value, bool write) {
    const std::uint32_t instructions = pending_ + 1;
    pending_ = 0;
    ++counts_.accesses;
    counts_.instructions += instructions;
    return sink_.Access({.address = address,
                         .value = ToBits(value),
                         .instructions = instructions,
                         .bytes = sizeof(T),
                         .write = write});
  }

  std::uint8_t* base_;
  Sink& sink_;
  Address stack_;
  std::uint32_t pending_ = 0;
  TraceCounts counts_;
};

/// Computes on the image without a sink, and counts what a sink would have seen.
class NativeMachine {
 public:
  explicit NativeMachine(MemoryImage& image) : base_(image.At(0)) {}

  template <typename T>
  T Load(Address address) {
    T value;
    std::memcpy(&value, base_ + address, sizeof(T));
    ++counts_.accesses;
    return value;
  }
  template <typename T>
  void Store(Address address, T value) {
    std::memcpy(base_ + address, &value, sizeof(T));
    ++counts_.accesses;
  }
  template <typename T>
  void Execute(Loop loop) {
    counts_.instructions += InstructionsOf<T>(loop);
  }
  void Call(std::uint32_t registers) { counts_.accesses += registers; }
  void Return(std::uint32_t registers) { counts_.accesses += registers; }

  /// Each access is one instruction.
  TraceCounts counts() const { return {counts_.accesses, counts_.instructions + counts_.accesses}; }

 private:
  std::uint8_t* base_;
  TraceCounts counts_;
};

}  // namespace systole

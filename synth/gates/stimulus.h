// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "synth/netlist/netlist.h"

namespace systole {

/// A port of a recorded design. Clocks are not recorded: a cycle is what lies between two rising
/// edges.
struct RecordedPort {
  std::string name;
  std::uint32_t width = 0;  ///< bits, 1 or more
  PortDirection direction = PortDirection::kInput;

  bool operator==(const RecordedPort&) const = default;
};

/// The values of a design's ports, cycle by cycle: inputs as the rising edge that ends the cycle
/// sees them, outputs as they have settled before that edge. Cycle 0 is the first after power-up,
/// so that a replay begins with the reset.
class PortRecording {
 public:
  PortRecording() = default;
  /// Throws RequestError when there is no port, one has no bits, or two have one name.
  explicit PortRecording(std::vector<RecordedPort> ports);

  const std::vector<RecordedPort>& ports() const { return ports_; }
  std::uint64_t cycles() const { return cycles_; }
  /// Index of a port, or nothing.
  std::optional<std::size_t> Find(std::string_view name) const;

  /// Begins a new cycle, all bits 0. Set then writes into it.
  void AddCycle();
  /// Writes the lowest `width` bits of `value` at bits [first, first + width) of a port in the last
  /// cycle; width 1 to 64.
  void Set(std::size_t port, std::uint32_t first, std::uint32_t width, std::uint64_t value);
  /// The same for a whole port from 32-bit words, word 0 lowest (as Verilator's wide ports are
  /// laid out); bits beyond the port are dropped.
  void SetWords(std::size_t port, const std::uint32_t* words);

  bool Bit(std::uint64_t cycle, std::size_t port, std::uint32_t bit) const {
    const std::uint64_t at = cycle * cycle_words_ * 64 + first_bit_[port] + bit;
    return words_[at / 64] >> (at % 64) & 1;
  }
  /// Bits [first, first + width) of a port; width 1 to 64.
  std::uint64_t Bits(std::uint64_t cycle, std::size_t port, std::uint32_t first,
                     std::uint32_t width) const;

 private:
  friend std::string EncodeRecording(const PortRecording& recording);
  friend PortRecording DecodeRecording(std::string_view bytes);

  std::vector<RecordedPort> ports_;
  std::vector<std::uint64_t> first_bit_;  ///< of each port in its cycle
  std::uint64_t cycle_words_ = 0;
  std::uint64_t cycles_ = 0;
  std::vector<std::uint64_t> words_;  ///< cycle_words_ of each cycle
};

/// The file format, little-endian: "SYSTPORT", u32 version (1), u32 ports; for each port u32 length
/// of the name, the name, u32 width, u32 direction (0 in, 1 out); u64 cycles; then for each cycle
/// all ports' bits in order, bit 0 first, filled up to a multiple of 64 bits; at the end the
/// first 8 bytes of the content hash of everything before it. A cut or changed file is an error.
std::string EncodeRecording(const PortRecording& recording);
/// Throws RequestError when the bytes are no recording.
PortRecording DecodeRecording(std::string_view bytes);

/// Throws RunError when the file cannot be written; RequestError, which names the file, when it
/// cannot be read or is no recording.
void WriteRecording(const std::filesystem::path& path, const PortRecording& recording);
PortRecording ReadRecording(const std::filesystem::path& path);

}  // namespace systole

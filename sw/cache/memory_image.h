// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstring>

namespace systole {

/// Byte-addressed memory of 2^address_width bytes, zero at the start. The addresses are reserved at
/// once, pages cost memory only when they are written.
///
/// A program and the caches that watch it share one image. It is memory and caches together as the
/// program sees them *before* the access that a cache is given: a store is applied after the cache
/// has seen it.
class MemoryImage {
 public:
  /// address_width 1 to 46. Throws RequestError beyond, RunError when the system refuses.
  explicit MemoryImage(int address_width);
  ~MemoryImage();
  MemoryImage(const MemoryImage&) = delete;
  MemoryImage& operator=(const MemoryImage&) = delete;

  std::uint64_t size() const { return size_; }
  std::uint8_t* At(std::uint64_t address) { return bytes_ + address; }
  const std::uint8_t* At(std::uint64_t address) const { return bytes_ + address; }

  /// Little-endian value of 1 to 8 bytes.
  std::uint64_t Load(std::uint64_t address, int bytes) const {
    std::uint64_t value = 0;
    std::memcpy(&value, At(address), static_cast<std::size_t>(bytes));
    return value;
  }
  void Store(std::uint64_t address, int bytes, std::uint64_t value) {
    std::memcpy(At(address), &value, static_cast<std::size_t>(bytes));
  }

 private:
  std::uint64_t size_;
  std::uint8_t* bytes_;
};

}  // namespace systole

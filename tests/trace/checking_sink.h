// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "sw/trace/run.h"

namespace systole {

/// Checks what every stream promises: accesses are aligned and inside the program's segments, a
/// load's value is what was stored there last (a memory of its own, not the image), and a store
/// reaches the image after the sink.
class CheckingSink {
 public:
  CheckingSink(const Program& program, MemoryImage& image)
      : program_(program), image_(image), shadow_(32) {
    for (const Segment& segment : program.segments) {
      if (segment.name == "stack") continue;
      std::memcpy(shadow_.At(segment.begin), image.At(segment.begin), segment.end - segment.begin);
    }
  }

  std::uint64_t Access(const systole::Access& access) {
    ++accesses_;
    instructions_ += access.instructions;
    const int bytes = access.bytes;
    if (bytes != 1 && bytes != 2 && bytes != 4 && bytes != 8) Fail("size", access);
    if (access.address % access.bytes != 0) Fail("alignment", access);
    if (access.instructions < 1) Fail("instructions", access);
    if (bytes < 8 && access.value >> (8 * bytes) != 0) Fail("high bytes", access);
    if (!Inside(access)) Fail("outside of the segments", access);
    if (image_.Load(access.address, bytes) != shadow_.Load(access.address, bytes))
      Fail("image", access);
    if (access.write) {
      if (access.address < program_.segments[0].end &&
          access.address >= program_.segments[0].begin) {
        Fail("store to the weights", access);
      }
      shadow_.Store(access.address, bytes, access.value);
    } else if (access.value != shadow_.Load(access.address, bytes)) {
      Fail("stale value", access);
    }
    return access.value;
  }

  int errors() const { return errors_; }
  const std::string& first_error() const { return first_error_; }
  std::uint64_t accesses() const { return accesses_; }
  std::uint64_t instructions() const { return instructions_; }

 private:
  bool Inside(const systole::Access& access) const {
    for (const Segment& s : program_.segments) {
      if (access.address >= s.begin && access.address + access.bytes <= s.end) return true;
    }
    return false;
  }
  void Fail(const char* what, const systole::Access& access) {
    if (errors_++ == 0) {
      first_error_ = fmt::format("{}: access {}, address {:#x}, {} bytes, value {:#x}", what,
                                 accesses_, access.address, access.bytes, access.value);
    }
  }

  const Program& program_;
  MemoryImage& image_;
  MemoryImage shadow_;
  int errors_ = 0;
  std::string first_error_;
  std::uint64_t accesses_ = 0, instructions_ = 0;
};

}  // namespace systole

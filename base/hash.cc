// SPDX-License-Identifier: Apache-2.0
#include "base/hash.h"

#include <fmt/format.h>

namespace systole {

std::string ContentHash(std::string_view bytes) {
  constexpr std::uint64_t kPrime = 0x100000001b3ULL;  // FNV-1a, 64 bits
  std::uint64_t a = 0xcbf29ce484222325ULL, b = ~a;
  for (const char c : bytes) {
    a = (a ^ static_cast<unsigned char>(c)) * kPrime;
    b = (b ^ static_cast<unsigned char>(c) ^ (b >> 47)) * kPrime;
  }
  return fmt::format("{:016x}{:016x}", a, b);
}

}  // namespace systole

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace systole {

/// One data access of a program, as the data cache sees it.
struct Access {
  std::uint64_t address = 0;  ///< bytes, naturally aligned to `bytes`
  /// Little endian, the low `bytes` bytes: of a load what memory holds, of a store what is written.
  std::uint64_t value = 0;
  /// Instructions executed since the previous access, this one included: at least 1.
  std::uint32_t instructions = 1;
  std::uint8_t bytes = 4;  ///< 1, 2, 4 or 8
  bool write = false;

  friend bool operator==(const Access&, const Access&) = default;
};

}  // namespace systole

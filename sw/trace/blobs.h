// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "sw/trace/operation.h"

namespace systole {

/// Memory of one segment, given out at aligned addresses: first fit, so that the same requests give
/// the same addresses.
class BlobArena {
 public:
  BlobArena(std::string name, Address begin, Address limit, std::int64_t alignment)
      : name_(std::move(name)), begin_(begin), limit_(limit), alignment_(alignment), end_(begin) {}

  /// Throws RequestError when the segment is full. `bytes` 0 takes no memory.
  Address Allocate(std::int64_t bytes);
  /// Gives an allocation back.
  void Free(Address address);

  const std::string& name() const { return name_; }
  Address begin() const { return begin_; }
  /// The end of the highest allocation that there ever was.
  Address end() const { return end_; }

 private:
  std::string name_;
  Address begin_, limit_;
  std::int64_t alignment_;
  Address end_;
  std::map<Address, Address> used_;  ///< begin to end
};

}  // namespace systole

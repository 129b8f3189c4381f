// SPDX-License-Identifier: Apache-2.0
#include "sw/trace/blobs.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"

namespace systole {

Address BlobArena::Allocate(std::int64_t bytes) {
  const auto align = static_cast<Address>(alignment_);
  const Address size = (static_cast<Address>(bytes) + align - 1) / align * align;
  Address at = begin_;
  for (const auto& [begin, end] : used_) {
    if (begin - at >= size) break;
    at = end;
  }
  if (limit_ - at < size) {
    throw RequestError(
        fmt::format("the program's {} take more than {} MiB", name_, (limit_ - begin_) >> 20),
        "give the network a smaller batch or input (--shape)");
  }
  if (size > 0) used_.emplace(at, at + size);
  end_ = std::max(end_, at + size);
  return at;
}

void BlobArena::Free(Address address) { used_.erase(address); }

}  // namespace systole

// SPDX-License-Identifier: Apache-2.0
#include "sw/ref/broadcast.h"

#include <algorithm>

namespace systole::ref {

Shape BroadcastShape(const Shape& a, const Shape& b) {
  const std::size_t rank = std::max(a.size(), b.size());
  Shape out(rank);
  for (std::size_t i = 0; i < rank; ++i) {
    const std::int64_t x = i < rank - a.size() ? 1 : a[i - (rank - a.size())];
    const std::int64_t y = i < rank - b.size() ? 1 : b[i - (rank - b.size())];
    if (x != y && x != 1 && y != 1) {
      Fail("the shapes " + ToString(a) + " and " + ToString(b) + " do not broadcast");
    }
    out[i] = x == 1 ? y : x;
  }
  return out;
}

std::vector<std::int64_t> BroadcastIndex(const Shape& in, const Shape& out) {
  const std::size_t rank = out.size(), lead = rank - in.size();
  MakeTensor(ElementType::kInt64, out);
  std::vector<std::int64_t> index = {0};
  // From the outermost dimension inwards: each step repeats every index over one more dimension.
  for (std::size_t i = 0; i < rank; ++i) {
    const std::int64_t extent = i < lead ? 1 : in[i - lead];
    std::vector<std::int64_t> next;
    next.reserve(index.size() * static_cast<std::size_t>(out[i]));
    for (const std::int64_t base : index) {
      for (std::int64_t k = 0; k < out[i]; ++k) {
        next.push_back(base * extent + (extent == 1 ? 0 : k));
      }
    }
    index = std::move(next);
  }
  return index;
}

}  // namespace systole::ref

// SPDX-License-Identifier: Apache-2.0
#include "base/math.h"

#include <gtest/gtest.h>

#include <limits>

namespace systole {
namespace {

TEST(CeilDiv, RoundsUpOnBothSidesOfZero) {
  for (std::int64_t b = 1; b <= 5; ++b) {
    for (std::int64_t a = -12; a <= 12; ++a) {
      const std::int64_t quotient = CeilDiv(a, b);
      EXPECT_GE(quotient * b, a) << a << " / " << b;
      EXPECT_LT((quotient - 1) * b, a) << a << " / " << b;
    }
  }
  EXPECT_EQ(CeilDiv(std::numeric_limits<std::int64_t>::max(), 2), std::int64_t{1} << 62);
}

}  // namespace
}  // namespace systole

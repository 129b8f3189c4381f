// SPDX-License-Identifier: Apache-2.0
#include "sw/cache/memory_image.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace systole {
namespace {

TEST(MemoryImage, IsZeroAtTheStartAndKeepsWhatIsStored) {
  MemoryImage image(40);
  EXPECT_EQ(image.size(), std::uint64_t{1} << 40);
  const std::uint64_t last = image.size() - 8;
  EXPECT_EQ(image.Load(last, 8), 0u);
  image.Store(last, 4, 0x8899aabbccddeeffULL);
  EXPECT_EQ(image.Load(last, 8), 0xccddeeffu);
  EXPECT_EQ(image.Load(last + 1, 2), 0xddeeu);
  EXPECT_EQ(*image.At(last + 3), 0xccu);
}

TEST(MemoryImage, RefusesWidthsThatNoProcessHas) {
  EXPECT_THROW(MemoryImage(0), RequestError);
  EXPECT_THROW(MemoryImage(47), RequestError);
}

}  // namespace
}  // namespace systole

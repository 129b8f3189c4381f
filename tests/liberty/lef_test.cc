// SPDX-License-Identifier: Apache-2.0
// Areas from LEF files, by hand.
#include "synth/liberty/lef.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "synth/liberty/library.h"
#include "tests/support/tool.h"

namespace systole {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr const char* kLef = R"(VERSION 5.4 ;
SITE core
  SIZE 1 BY 2 ;  # of no macro
END core
MACRO LATCH
  SIZE 5.6 BY 10 ;
  PIN D
  END D
END LATCH
MACRO BROKEN
  SIZE 5.6 TIMES 10 ;
END BROKEN
MACRO EMPTY
END EMPTY
SITE other
  SIZE 3 BY 4 ;
END other
# MACRO COMMENT SIZE 1 BY 1 ;
MACRO A SIZE 2 BY 3 ; END A
)";

/// A latch of area 0 and a filler, which has no output.
constexpr const char* kLiberty = R"(library (lib) {
  cell (LATCH) {
    area : 0;
    latch (IQ, IQN) { enable : "G"; data_in : "D"; }
    pin (G) { direction : input; capacitance : 1; }
    pin (D) { direction : input; capacitance : 1; }
    pin (Q) { direction : output; function : "IQ"; }
  }
  cell (A) { pin (Y) { direction : output; function : "1"; } }
  cell (INV) {
    area : 7;
    pin (A) { direction : input; capacitance : 1; }
    pin (Y) { direction : output; function : "!A"; }
  }
  cell (EMPTY) { area : 0; }
}
)";

TEST(ReadLefAreas, TakesTheSizesOfMacros) {
  EXPECT_THAT(ReadLefAreas(kLef), ElementsAre(Pair("A", 6), Pair("LATCH", 56)));
  EXPECT_THAT(ReadLefAreas(""), IsEmpty());
  EXPECT_THAT(ReadLefAreas("MACRO A SIZE 2 BY"), IsEmpty());
  EXPECT_THAT(ReadLefAreas("MACRO A SIZE -2 BY 3 ; SIZE 1e999 BY 2"), IsEmpty());
}

TEST(ReadLiberty, TakesAreasThatItLacksFromTheLefFileBesideIt) {
  const ScratchFolder folder;
  WriteFile(folder.path() / "cells.lib", kLiberty);
  const Library alone = ReadLiberty(folder.path() / "cells.lib");
  EXPECT_EQ(alone.Find("LATCH")->area, 0);
  EXPECT_FALSE(alone.Find("A")->area);

  WriteFile(folder.path() / "other_name.lef", kLef);
  const Library both = ReadLiberty(folder.path() / "cells.lib");
  EXPECT_EQ(both.Find("LATCH")->area, 56);
  EXPECT_TRUE(both.Find("LATCH")->area_of_lef);
  EXPECT_EQ(both.Find("A")->area, 6);
  EXPECT_EQ(both.Find("INV")->area, 7);
  EXPECT_FALSE(both.Find("INV")->area_of_lef);
  EXPECT_EQ(both.Find("EMPTY")->area, 0);
  EXPECT_NE(both.hash, alone.hash);  // results with other areas are other results

  // Of several the one of the library's name; none when there is none of it.
  WriteFile(folder.path() / "third.lef", "MACRO LATCH SIZE 1 BY 1 ; END LATCH");
  EXPECT_EQ(ReadLiberty(folder.path() / "cells.lib").Find("LATCH")->area, 0);
  WriteFile(folder.path() / "cells.lef", "MACRO LATCH SIZE 2 BY 1 ; END LATCH");
  EXPECT_EQ(ReadLiberty(folder.path() / "cells.lib").Find("LATCH")->area, 2);
}

TEST(ReadLiberty, TakesTheAreaOfOsusLatchFromItsLef) {
  const std::filesystem::path path = "/usr/share/qflow/tech/osu018/osu018_stdcells.lib";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "no qflow-tech-osu018";
  EXPECT_DOUBLE_EQ(ReadLiberty(path).Find("LATCH")->area.value(), 56);
}

}  // namespace
}  // namespace systole

// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "base/file.h"
#include "gen/systolic/systolic_core.h"

namespace systole {
namespace {

struct Reference {
  const char* folder;
  ArrayConfig config;
};

const Reference kReferences[] = {
    {"core_4x4_os", {.rows = 4, .cols = 4, .dataflow = Dataflow::kOs}},
    {"core_4x4_os_stos", {.rows = 4, .cols = 4, .dataflow = Dataflow::kOsStos}},
    {"core_16x16_os_stos", {.rows = 16, .cols = 16, .dataflow = Dataflow::kOsStos}},
};

// `make rtl` sets SYSTOLE_UPDATE_GOLDEN=1, which rewrites rtl/ref; the difference is reviewed.
TEST(ReferenceDesigns, AreWhatTheGeneratorEmits) {
  const char* update = std::getenv("SYSTOLE_UPDATE_GOLDEN");
  for (const Reference& reference : kReferences) {
    SCOPED_TRACE(reference.folder);
    const rtl::Design design = BuildSystolicCore(reference.config);
    const std::filesystem::path folder =
        std::filesystem::path(SYSTOLE_SOURCE_DIR) / "rtl/ref" / reference.folder;
    if (update && *update == '1') {
      std::filesystem::remove_all(folder);
      rtl::WriteDesign(design, reference.config, folder);
    }
    std::set<std::string> expected, found;
    for (const rtl::File& file : rtl::DesignFiles(design, reference.config)) {
      expected.insert(file.name);
      EXPECT_EQ(file.text, ReadFile(folder / file.name)) << file.name << ": run `make rtl`";
    }
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      found.insert(entry.path().filename());
    }
    EXPECT_EQ(expected, found);
  }
}

}  // namespace
}  // namespace systole

// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "base/file.h"
#include "gen/nullcache/data_cache.h"

namespace systole {
namespace {

struct Reference {
  const char* folder;
  CacheConfig config;
};

const Reference kReferences[] = {
    {"cache_16k", {}},
    {"cache_16k_null_148", {.null_cache = true}},
};

// `make rtl` sets SYSTOLE_UPDATE_GOLDEN=1, which rewrites rtl/ref; the difference is reviewed.
TEST(ReferenceCaches, AreWhatTheGeneratorEmits) {
  const char* update = std::getenv("SYSTOLE_UPDATE_GOLDEN");
  for (const Reference& reference : kReferences) {
    SCOPED_TRACE(reference.folder);
    const rtl::Design design = BuildDataCache(reference.config);
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

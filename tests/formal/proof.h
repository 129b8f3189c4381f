// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <ostream>
#include <string>
#include <vector>

#include "gen/config/cache_config.h"
#include "tests/support/tool.h"

namespace systole {

/// A text that stands once in a Verilog file, and what stands there instead.
struct Edit {
  const char *name, *file, *from, *to;

  friend void PrintTo(const Edit& edit, std::ostream* out) { *out << edit.name; }
};

/// Tests that are skipped where Yosys is missing.
class YosysTest : public ::testing::Test {
 protected:
  void SetUp() override;
};

/// SYSTOLE_DEEP=1: the larger instances as well.
bool Deep();

/// Yosys command that connects a wire of the harness to registers, most significant first.
std::string Connect(const std::string& wire, const std::string& registers);

/// The commands that connect the wires of `entries`, the harness's null_entries, to the registers
/// of the flattened null cache, whose names begin with `null_cache`.
std::string ConnectEntries(const CacheConfig& config, const std::string& null_cache);

/// What null_entries.v needs to know of the configuration: read_verilog's -D options.
std::string EntriesDefines(const CacheConfig& config);

/// Writes the files of the cache, one edited if `edit` is not null, and copies the harness files to
/// `folder`. Returns the names of all, for read_verilog. Throws std::runtime_error if the edited
/// text does not stand once in its file.
std::string WriteProofFiles(const std::filesystem::path& folder, const CacheConfig& config,
                            const std::vector<std::string>& harness, const Edit* edit);

}  // namespace systole

// SPDX-License-Identifier: Apache-2.0
#include "tests/formal/proof.h"

#include <fmt/format.h>

#include <cstdlib>
#include <stdexcept>

#include "base/file.h"
#include "gen/nullcache/data_cache.h"

namespace systole {

void YosysTest::SetUp() {
  if (std::system("command -v yosys >/dev/null") != 0) GTEST_SKIP() << "yosys is not installed";
}

bool Deep() {
  const char* const deep = std::getenv("SYSTOLE_DEEP");
  return deep != nullptr && *deep == '1';
}

std::string Connect(const std::string& wire, const std::string& registers) {
  return fmt::format("connect -nounset -set \\{} {}\n", wire, registers);
}

std::string ConnectEntries(const CacheConfig& config, const std::string& null_cache) {
  std::string text;
  const auto connect = [&](const std::string& wire, const std::string& registers) {
    text += Connect("entries." + wire, registers);
  };
  for (const char* name : {"valid", "match"}) {
    connect(name, fmt::format("{}.{}_q", null_cache, name));
  }
  if (config.null.store_policy == NullStorePolicy::kSplit) {
    for (const char* name : {"leave_read", "leave_value", "leave_mask", "leave_first"}) {
      connect(name, fmt::format("{}.{}_q", null_cache, name));
    }
  }
  const std::string merger = null_cache + ".u_merger.";
  connect("merging", merger + "busy_q");
  connect("current", merger + "current_q");
  connect("current_value", merger + "value_q");
  connect("current_mask", merger + "mask_q");
  const bool marks = config.null.merge_trigger != MergeTrigger::kInsert;
  const int entries = config.null.entries;
  connect("loaded", marks ? merger + "loaded_q" : "1'b1");
  connect("mark", marks ? merger + "mark_q" : fmt::format("{}'b{:0{}}", entries, 0, entries));
  if (config.null.merge_search == MergeSearch::kSerial) connect("position", merger + "position_q");
  if (config.null.replacement == NullReplacement::kLru) {
    connect("ranks", null_cache + ".u_replacement.rank_q");
  }
  for (const char* cell : {"zero", "one"}) {
    std::string columns;
    for (int bit = LineAddressBits(config) - 1; bit >= 0; --bit) {
      columns += fmt::format("{}{}.u_tcam.g_node[{}].g_column.u_column.{}_q",
                             columns.empty() ? "" : ",", null_cache, bit, cell);
    }
    connect(fmt::format("{}_cells", cell), columns);
  }
  return text;
}

std::string EntriesDefines(const CacheConfig& config) {
  return fmt::format("-DENTRIES={}{}{}{}", config.null.entries,
                     config.null.merge_search == MergeSearch::kSerial ? " -DSERIAL" : "",
                     config.null.store_policy == NullStorePolicy::kSplit ? " -DSPLIT" : "",
                     config.null.replacement == NullReplacement::kLru ? " -DLRU" : "");
}

std::string WriteProofFiles(const std::filesystem::path& folder, const CacheConfig& config,
                            const std::vector<std::string>& harness, const Edit* edit) {
  std::string names;
  bool changed = edit == nullptr;
  for (rtl::File& file : rtl::VerilogFiles(BuildDataCache(config))) {
    if (edit != nullptr && file.name == edit->file) {
      const std::string from = edit->from;
      const std::size_t at = file.text.find(from);
      if (at == std::string::npos || file.text.find(from, at + 1) != std::string::npos) {
        throw std::runtime_error(fmt::format("{} does not have once: {}", file.name, from));
      }
      file.text.replace(at, from.size(), edit->to);
      changed = true;
    }
    WriteFile(folder / file.name, file.text);
    names += " " + file.name;
  }
  if (!changed) throw std::runtime_error(fmt::format("no file {}", edit->file));
  for (const std::string& name : harness) {
    std::filesystem::copy_file(std::filesystem::path(SYSTOLE_SOURCE_DIR "/tests/formal") / name,
                               folder / name);
    names += " " + name;
  }
  return names;
}

}  // namespace systole

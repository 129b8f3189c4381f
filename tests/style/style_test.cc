// SPDX-License-Identifier: Apache-2.0
// What holds for every source file of the repository.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "base/file.h"

namespace systole {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// What each folder's files may include beside their own folder and base/: docs/architecture.md.
const std::map<std::string, std::set<std::string>> kMayInclude = {
    {"base", {}},
    {"gen/config", {}},
    {"gen/emit", {}},
    {"gen/prim", {"gen/emit"}},
    {"gen/systolic", {"gen/config", "gen/emit", "gen/prim"}},
    {"gen/nullcache", {"gen/config", "gen/emit", "gen/prim"}},
    {"gen/peers", {"gen/config", "gen/emit", "gen/systolic"}},
    {"sw/cache", {"gen/config"}},
    {"sw/ir", {}},
    {"models", {"sw/ir"}},
    {"sw/onnx", {"sw/ir"}},
    {"sw/map", {"sw/ir", "gen/config"}},
    {"sw/cost", {"sw/ir", "sw/map", "gen/config"}},
    {"sw/ref", {"sw/ir", "sw/map", "gen/config"}},
    {"sw/quant", {"sw/ir", "sw/ref"}},
    {"sw/fuse", {"sw/ir"}},
    {"sw/prune", {"sw/ir"}},
    {"sw/cache_study",
     {"gen/config", "models", "sw/cache", "sw/ir", "sw/onnx", "sw/prune", "sw/quant", "sw/study",
      "sw/trace"}},
    {"sw/trace", {"sw/cache", "sw/ir", "sw/ref", "gen/config"}},
    {"sw/scale_sim", {"sw/ir", "sw/map", "sw/cost", "gen/config"}},
    {"sw/study", {"gen/config", "models", "sw/ir", "sw/onnx", "sw/map", "sw/cost", "sw/fuse"}},
    {"tb",
     {"gen/config", "gen/emit", "gen/systolic", "gen/nullcache", "sw/cache", "sw/ir", "sw/map",
      "sw/cost", "sw/ref", "sw/trace", "tb/cache_harness", "tb/harness"}},
    {"tb/harness", {"sw/map"}},
    {"tb/cache_harness", {"sw/cache", "tb/harness"}},
    {"synth/liberty", {}},
    {"synth/netlist", {"synth/liberty"}},
    {"synth/gates", {"synth/liberty", "synth/netlist"}},
    {"synth/power", {"synth/gates", "synth/liberty", "synth/netlist"}},
    {"synth/macros", {"gen/config", "sw/cache", "synth/liberty"}},
    {"synth/flow", {"gen/config", "gen/emit", "synth/liberty", "synth/netlist", "tb"}},
    {"synth/overhead", {"gen/config",     "gen/emit",
                        "gen/nullcache",  "gen/systolic",
                        "models",         "sw/cache",
                        "sw/cache_study", "sw/cost",
                        "sw/ir",          "sw/map",
                        "sw/onnx",        "sw/quant",
                        "sw/ref",         "sw/study",
                        "sw/trace",       "synth/flow",
                        "synth/gates",    "synth/liberty",
                        "synth/macros",   "synth/netlist",
                        "synth/power",    "tb"}},
    {"synth/peers",
     {"gen/config", "gen/emit", "gen/peers", "sw/ir", "sw/map", "sw/ref", "synth/flow",
      "synth/gates", "synth/liberty", "synth/macros", "synth/netlist", "synth/overhead",
      "synth/power"}},
    {"sw/cli", {"gen/config",    "gen/nullcache",  "synth/flow",
                "synth/gates",   "synth/liberty",  "synth/macros",
                "synth/netlist", "synth/overhead", "synth/peers",
                "synth/power",   "gen/peers",      "gen/systolic",
                "models",        "sw/cache",       "sw/cache_study",
                "sw/ir",         "sw/onnx",        "sw/map",
                "sw/cost",       "sw/ref",         "sw/prune",
                "sw/quant",      "sw/fuse",        "sw/scale_sim",
                "sw/study",      "sw/trace",       "tb"}},
};

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

/// Every include of `text` that the file `path` may not have.
std::vector<std::string> WrongIncludes(const std::string& path, const std::string& text) {
  static const std::regex include(R"re(^\s*#\s*include\s*"([^"]*)".*)re");
  const std::string folder = fs::path(path).parent_path().string();
  const auto rule = kMayInclude.find(folder);
  if (rule == kMayInclude.end()) return {path + ": its folder has no include rule"};
  std::vector<std::string> wrong;
  std::smatch match;
  for (const std::string& line : Lines(text)) {
    if (!std::regex_match(line, match, include)) continue;
    const std::string target = fs::path(match[1].str()).parent_path().string();
    const bool embedded = target.empty();  // cmake/systole.cmake writes those
    if (embedded || target == folder || target == "base" || rule->second.contains(target)) continue;
    wrong.push_back(fmt::format("{} includes {}", path, match[1].str()));
  }
  return wrong;
}

/// Paths, relative to the repository, of the files with one of the endings below the folders;
/// golden files and fetched packages are not written by hand.
std::vector<std::string> Files(const std::vector<std::string>& folders,
                               const std::set<std::string>& endings) {
  const fs::path root = SYSTOLE_SOURCE_DIR;
  std::vector<std::string> files;
  for (const std::string& folder : folders) {
    if (!fs::exists(root / folder)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
      if (!entry.is_regular_file() || !endings.contains(entry.path().extension().string()))
        continue;
      const std::string path = entry.path().lexically_relative(root).string();
      if (path.find("/golden/") != std::string::npos) continue;
      if (path.find("/node_modules/") == std::string::npos) files.push_back(path);
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string Text(const std::string& path) { return ReadFile(fs::path(SYSTOLE_SOURCE_DIR) / path); }

const std::vector<std::string> kCode = {"base", "gen", "models", "sw", "synth", "tb"};
const std::vector<std::string> kAllCode = {"base", "bench", "gen", "models", "rtl/prim",
                                           "sw",   "synth", "tb",  "tests"};

TEST(IncludeRule, HoldsForEveryFile) {
  const auto files = Files(kCode, {".h", ".cc"});
  ASSERT_GT(files.size(), 20u);
  std::vector<std::string> wrong;
  for (const std::string& path : files) {
    for (const std::string& problem : WrongIncludes(path, Text(path))) wrong.push_back(problem);
  }
  EXPECT_THAT(wrong, IsEmpty());
}

TEST(IncludeRule, FindsAWrongInclude) {
  EXPECT_THAT(WrongIncludes("sw/map/a.cc",
                            "#include <vector>\n#include \"sw/map/a.h\"\n"
                            "  #  include \"gen/emit/builder.h\"  // why\n"
                            "#include \"base/error.h\"\n"),
              ElementsAre("sw/map/a.cc includes gen/emit/builder.h"));
  EXPECT_THAT(WrongIncludes("gen/emit/a.cc", "#include \"gen/config/array_config.h\"\n"),
              ElementsAre("gen/emit/a.cc includes gen/config/array_config.h"));
  EXPECT_THAT(WrongIncludes("sw/new/a.cc", ""),
              ElementsAre("sw/new/a.cc: its folder has no include rule"));
}

TEST(SourceFiles, NameTheirLicense) {
  for (const std::string& path : Files(kAllCode, {".h", ".cc"})) {
    EXPECT_EQ(Text(path).substr(0, 38), "// SPDX-License-Identifier: Apache-2.0") << path;
  }
  for (const std::string& path : Files(kAllCode, {".v", ".py", ".sh"})) {
    EXPECT_NE(Text(path).find("SPDX-License-Identifier: Apache-2.0"), std::string::npos) << path;
  }
}

TEST(SourceFiles, StayShortAndTidy) {
  for (const std::string& path : Files(kAllCode, {".h", ".cc", ".v"})) {
    const std::string text = Text(path);
    EXPECT_LT(Lines(text).size(), 500u) << path;
    EXPECT_EQ(text.find('\t'), std::string::npos) << path << " has a tab";
    EXPECT_EQ(text.find('\r'), std::string::npos) << path << " has a carriage return";
  }
}

TEST(SourceFiles, LeaveNothingForLater) {
  static const std::regex later(
      "\\b(TO"
      "DO|FIX"
      "ME|XX"
      "X|HA"
      "CK)\\b");
  for (const std::string& path : Files(kAllCode, {".h", ".cc", ".v", ".py", ".sh"})) {
    EXPECT_FALSE(std::regex_search(Text(path), later)) << path;
  }
}

/// Two types of one name in one namespace are one to the linker, which then mixes their code.
TEST(SourceFiles, NoTwoHeadersDefineTypesOfOneName) {
  static const std::regex scope(R"re(^namespace ([a-z:]+) \{.*)re");
  static const std::regex type(R"re(^(?:struct|class|enum class) (\w+)(?: .*\{|\s*\{).*)re");
  std::map<std::string, std::string> defined;
  std::vector<std::string> twice;
  for (const std::string& path : Files(kCode, {".h"})) {
    // A harness is compiled into a library of its own.
    if (path.find("harness/") != std::string::npos) continue;
    std::string inside;
    for (const std::string& line : Lines(Text(path))) {
      std::smatch match;
      if (std::regex_match(line, match, scope)) inside = match[1];
      if (!std::regex_match(line, match, type)) continue;
      const std::string name = inside + "::" + match[1].str();
      const auto [at, fresh] = defined.emplace(name, path);
      if (!fresh) twice.push_back(fmt::format("{}: {} and {}", name, at->second, path));
    }
  }
  EXPECT_GT(defined.size(), 100U);
  EXPECT_THAT(twice, IsEmpty());
}

}  // namespace
}  // namespace systole

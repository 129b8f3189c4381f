// SPDX-License-Identifier: Apache-2.0
// TensorFlow Lite files that are broken, or made to break a reader.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <functional>

#include "base/error.h"
#include "base/file.h"
#include "base/stimulus.h"
#include "models/tflite.h"
#include "tests/models/tflite_writer.h"

namespace systole {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr int kConv = 3, kReshape = 22, kResize = 23, kPad = 34, kDensify = 124;

/// The one line that a file is refused with; empty when it is read.
std::string Refusal(const std::string& bytes) {
  try {
    CheckNetwork(ParseTfliteNetwork(bytes, "evil.tflite"));
    return "";
  } catch (const RequestError& error) {
    EXPECT_EQ(error.problems().size(), 1U);
    EXPECT_EQ(error.problems()[0].what.find('\n'), std::string::npos);
    return error.problems()[0].what;
  }
}

/// A model whose parts a test may replace.
struct Parts {
  std::vector<std::int64_t> input = {1, 4, 4, 2}, kernel = {3, 1, 1, 2}, output = {1, 4, 4, 3};
  std::string weights = Floats32({1, 2, 3, 4, 5});
  FlatNode::Field traversal = Ints({0, 1, 2, 3}), blocks = Ints({});
  FlatNode::Tables levels = {DenseLevel(3), DenseLevel(1), DenseLevel(1),
                             SparseLevelOf({0, 2, 4, 5}, {0, 1, 0, 1, 1})};
  FlatNode options = {{{0, Byte(0)}, {1, Word(1)}, {2, Word(1)}}};
  std::string bias = Floats32({0, 0, 0});
  std::vector<std::int64_t> pads = {0, 0, 0, 0, 0, 0, 0, 0};
  int code = kConv, type = 0;

  std::string Write() const {
    TfliteWriter writer;
    const auto x = writer.Tensor("x", input);
    const auto stored = writer.Tensor("stored", kernel, type, weights);
    writer.Sparse({{{0, traversal}, {1, blocks}, {2, levels}}});
    const auto w = writer.Tensor("w", kernel);
    const auto b = writer.Tensor("b", {3}, 0, bias);
    const auto p = writer.Tensor("p", {4, 2}, 2, Ints32({pads.begin(), pads.end()}));
    const auto padded = writer.Tensor("padded", input);
    const auto y = writer.Tensor("y", output);
    writer.Operator(kDensify, {stored}, {w});
    writer.Operator(kPad, {x, p}, {padded});
    writer.Operator(code, {padded, w, b}, {y}, options);
    return writer.Write({x}, {y});
  }
};

struct Break {
  std::string expected;
  std::function<void(Parts&)> change;
};

TEST(HostileTflite, TheUnbrokenOneIsRead) { EXPECT_EQ(Refusal(Parts().Write()), ""); }

TEST(HostileTflite, EveryBrokenPartIsOneErrorThatNamesIt) {
  const std::vector<Break> breaks = {
      {"sparse form", [](Parts& p) { p.levels.pop_back(); }},
      {"sparse form",
       [](Parts& p) {
         p.traversal = Ints({0, 1, 2, 2});
       }},
      {"sparse form",
       [](Parts& p) {
         p.traversal = Ints({0, 1, 2, 4});
       }},
      {"sparse form",
       [](Parts& p) {
         p.levels[3] = SparseLevelOf({0, 2, 4, 5}, {0, 1, 0, 1, 2});
       }},
      {"sparse form",
       [](Parts& p) {
         p.levels[3] = SparseLevelOf({0, 2, 4, 6}, {0, 1, 0, 1, 1});
       }},
      {"sparse form",
       [](Parts& p) {
         p.levels[3] = SparseLevelOf({0, 2, 1, 5}, {0, 1, 0, 1, 1});
       }},
      {"sparse form",
       [](Parts& p) {
         p.levels[3] = SparseLevelOf({0, 2, 4}, {0, 1, 0, 1, 1});
       }},
      {"sparse form", [](Parts& p) { p.levels[0] = DenseLevel(0x7fffffff); }},
      {"sparse form", [](Parts& p) { p.levels[0] = DenseLevel(-1); }},
      {"sparse form", [](Parts& p) { p.blocks = Ints({3}); }},
      {"sparse form",
       [](Parts& p) {
         p.weights = Floats32({1, 2, 3, 4, 5, 6});
       }},
      {"sparse form",
       [](Parts& p) {
         p.weights = Floats32({1, 2, 3, 4});
       }},
      {"no indices", [](Parts& p) { p.levels[3].fields.erase(5); }},
      {"no indices", [](Parts& p) { p.levels[3].fields[2] = Byte(9); }},
      {"do not fit", [](Parts& p) { p.weights += "x"; }},
      {"do not fit",
       [](Parts& p) {
         p.kernel = {1 << 13, 1 << 13, 1, 1};
       }},
      {"element type", [](Parts& p) { p.type = 9; }},
      {"sparse integers", [](Parts& p) { p.type = 2; }},
      {"not finite",
       [](Parts& p) {
         p.weights = Floats32({1, 2, 3, 4, 1.0F / 0.0F});
       }},
      {"its bias does not fit",
       [](Parts& p) {
         p.bias = Floats32({0, 0, 0});
         p.kernel = {4, 1, 1, 2};
         p.levels[0] = DenseLevel(4);
         p.levels[3] = SparseLevelOf({0, 2, 4, 5, 5}, {0, 1, 0, 1, 1});
       }},
      {"its output is 1x4x4x3",
       [](Parts& p) {
         p.output = {1, 4, 4, 4};
       }},
      {"its output is 1x4x4x3", [](Parts& p) { p.output = {}; }},
      {"the input is no float32",
       [](Parts& p) {
         p.input = {1, 4, 4};
       }},
      {"the input is no float32",
       [](Parts& p) {
         p.input = {1, 4, -4, 2};
       }},
      {"the input is no float32",
       [](Parts& p) {
         p.input = {1, 4, 1 << 30, 2};
       }},
      {"a stride or a dilation", [](Parts& p) { p.options.fields[1] = Word(0); }},
      {"a stride or a dilation", [](Parts& p) { p.options.fields[5] = Word(1 << 30); }},
      {"neither SAME nor VALID", [](Parts& p) { p.options.fields[0] = Byte(7); }},
      {"fused activation 4", [](Parts& p) { p.options.fields[3] = Byte(4); }},
      {"padding of batch or channels", [](Parts& p) { p.pads[7] = 1; }},
      {"its padding is out of range", [](Parts& p) { p.pads[2] = -1; }},
      {"is not supported", [](Parts& p) { p.code = 99; }},
      {"its weights are no constant that fits",
       [](Parts& p) {
         p.input = p.output = {1, 4, 4, 3};
       }},
      {"input 1 is no constant of int32", [](Parts& p) { p.code = kResize; }},
      {"is no shape for",
       [](Parts& p) {
         p.code = kReshape;
         p.output = {1, 33};
       }},
  };
  for (const Break& broken : breaks) {
    Parts parts;
    broken.change(parts);
    EXPECT_THAT(Refusal(parts.Write()), HasSubstr(broken.expected));
  }
}

TEST(HostileTflite, EveryTruncationIsAnError) {
  const std::string bytes = Parts().Write();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_NE(Refusal(bytes.substr(0, size)), "") << size << " of " << bytes.size() << " bytes";
  }
}

TEST(HostileTflite, DeepBlocksAreRefusedBeforeTheyAreFollowed) {
  Parts parts;
  parts.blocks = Ints(std::vector<std::int64_t>(100'000, 0));
  parts.traversal = Ints(std::vector<std::int64_t>(100'004, 0));
  parts.levels.resize(100'004, DenseLevel(1));
  EXPECT_THAT(Refusal(parts.Write()), HasSubstr("sparse form"));
}

TEST(HostileTflite, TablesThatShareBytesDoNotMultiplyTheWork) {
  // A vector of tables that all are one table with a long vector of numbers.
  TfliteWriter writer;
  writer.Tensor("x", std::vector<std::int64_t>(20'000, 1));
  std::string bytes = writer.Write({}, {});
  FlatNode graph = std::get<FlatNode::Tables>(writer.root.fields[2])[0];
  auto& tensors = std::get<FlatNode::Tables>(graph.fields[0]);
  tensors.resize(20'000, FlatNode{});
  writer.root.fields[2] = FlatNode::Tables{graph};
  bytes = WriteFlat(writer.root, "TFL3");
  // The 20,000 entries lie behind their count; let all of them be the first.
  const std::string count = Ints32({20'000});
  const std::size_t at = bytes.find(count) + 4;
  std::uint32_t first = 0;
  std::memcpy(&first, bytes.data() + at, 4);
  for (std::uint32_t i = 0; i < 20'000; ++i) {
    const std::uint32_t offset = first - 4 * i;
    std::memcpy(bytes.data() + at + 4 * i, &offset, 4);
  }
  EXPECT_THAT(Refusal(bytes), HasSubstr("evil.tflite is broken"));
}

/// Changes a few bytes, mostly to values that matter.
std::string Mutated(std::string bytes, Stimulus& random) {
  for (std::int64_t changes = random.Between(1, 4); changes > 0; --changes) {
    const std::size_t at = random.Below(bytes.size());
    constexpr char kEdges[] = {0, 1, 2, 4, 0x7f, static_cast<char>(0x80), static_cast<char>(0xff)};
    bytes[at] = random.Chance(128) ? kEdges[random.Below(std::size(kEdges))]
                                   : static_cast<char>(random.Next());
  }
  return bytes;
}

TEST(HostileTflite, MutatedFilesAreReadOrRefused) {
  constexpr std::uint64_t kSeed = 11;
  Stimulus random(kSeed);
  const std::string bytes = Parts().Write();
  int refused = 0;
  for (int trial = 0; trial < 4'000; ++trial) {
    SCOPED_TRACE(fmt::format("seed {}, trial {}", kSeed, trial));
    refused += Refusal(Mutated(bytes, random)).empty() ? 0 : 1;
  }
  EXPECT_GT(refused, 1'000);
}

TEST(HostileTflite, MutationsOfTheTrainedNetworkAreReadOrRefused) {
  const fs::path trained =
      fs::path(SYSTOLE_SOURCE_DIR) / "models" / "face" / "full_range_sparse.tflite";
  if (!fs::exists(trained)) GTEST_SKIP() << "the face detector was not fetched: models/fetch.sh";
  const std::string whole = ReadFile(trained);
  constexpr std::uint64_t kSeed = 12;
  Stimulus random(kSeed);
  for (int trial = 0; trial < 60; ++trial) {
    SCOPED_TRACE(fmt::format("seed {}, trial {}", kSeed, trial));
    std::string bytes = whole;
    for (int i = 0; i < 200; ++i) bytes = Mutated(std::move(bytes), random);
    Refusal(bytes);
    Refusal(whole.substr(0, random.Below(whole.size())));
  }
}

}  // namespace
}  // namespace systole

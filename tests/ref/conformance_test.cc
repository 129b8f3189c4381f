// SPDX-License-Identifier: Apache-2.0
// Every case of ONNX's own tests (libonnx-testdata) that uses only operators the project supports:
// it passes, or stands in docs/onnx-coverage.md with the reason.
// SYSTOLE_UPDATE_GOLDEN=1 rewrites that page; the difference is reviewed.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "sw/onnx/onnx_io.h"
#include "sw/ref/execute.h"

namespace systole {
namespace {

namespace fs = std::filesystem;

const fs::path kData = "/usr/share/libonnx-testdata/data";
const fs::path kPage = fs::path(SYSTOLE_SOURCE_DIR) / "docs" / "onnx-coverage.md";

/// The tolerance of ONNX's own backend test.
constexpr double kRelative = 1e-3, kAbsolute = 1e-7;

/// What is wrong with a tensor, or nothing.
template <typename T>
std::string Compare(const Tensor& got, const Tensor& expected) {
  const auto g = got.As<T>(), e = expected.As<T>();
  for (std::size_t i = 0; i < g.size(); ++i) {
    bool good = g[i] == e[i];
    if constexpr (std::is_floating_point_v<T>) {
      good = good || (std::isnan(g[i]) && std::isnan(e[i])) ||
             std::fabs(double{g[i]} - double{e[i]}) <= kAbsolute + kRelative * std::fabs(e[i]);
    }
    if (!good) return fmt::format("element {} is {}, expected {}", i, g[i], e[i]);
  }
  return "";
}

std::string CompareTensors(const Tensor& got, const Tensor& expected) {
  if (got.type() != expected.type() || got.shape() != expected.shape()) {
    return fmt::format("{} of {}, expected {} of {}", ToString(got.shape()), ToString(got.type()),
                       ToString(expected.shape()), ToString(expected.type()));
  }
  switch (expected.type()) {
    case ElementType::kFloat32:
      return Compare<float>(got, expected);
    case ElementType::kFloat64:
      return Compare<double>(got, expected);
    default:
      return got == expected ? "" : "the elements differ";
  }
}

std::size_t CountFiles(const fs::path& folder, const std::string& prefix) {
  std::size_t count = 0;
  while (fs::exists(folder / fmt::format("{}{}.pb", prefix, count))) ++count;
  return count;
}

/// Runs one data set; an empty string if every output is right.
std::string RunDataSet(const Network& network, const fs::path& folder) {
  Tensors inputs;
  if (CountFiles(folder, "input_") != network.inputs.size()) return "the inputs do not match";
  for (std::size_t i = 0; i < network.inputs.size(); ++i) {
    inputs.emplace(network.inputs[i], ReadTensor(folder / fmt::format("input_{}.pb", i)));
  }
  const Tensors results = ExecuteNetwork(network, inputs);
  for (std::size_t i = 0; i < network.outputs.size(); ++i) {
    const Tensor expected = ReadTensor(folder / fmt::format("output_{}.pb", i));
    const auto found = results.find(network.outputs[i]);
    const Tensor* got =
        found == results.end() ? network.Constant(network.outputs[i]) : &found->second;
    if (got == nullptr) return "output " + network.outputs[i] + " is missing";
    const std::string difference = CompareTensors(*got, expected);
    if (!difference.empty()) return "output " + network.outputs[i] + ": " + difference;
  }
  return "";
}

/// Messages name the file that was read; the page must not.
std::string WithoutPath(std::string text, const fs::path& folder) {
  const std::string path = folder.string() + "/";
  for (std::size_t at = 0; (at = text.find(path)) != std::string::npos;) {
    text.erase(at, path.size());
  }
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

/// An empty string if the case passes, otherwise the reason.
std::string RunCase(const fs::path& folder) {
  try {
    const Network network = ReadOnnx(folder / "model.onnx");
    for (std::size_t set = 0; fs::exists(folder / fmt::format("test_data_set_{}", set)); ++set) {
      const std::string wrong = RunDataSet(network, folder / fmt::format("test_data_set_{}", set));
      if (!wrong.empty()) return "WRONG: " + wrong;
    }
    return "";
  } catch (const RequestError& error) {
    return WithoutPath(error.problems().front().what, folder);
  }
}

/// The operators of a model, Constant left out.
std::set<std::string> OperatorsOf(const fs::path& folder) {
  onnx::ModelProto model;
  model.ParseFromString(ReadFile(folder / "model.onnx"));
  std::set<std::string> names;
  for (const auto& node : model.graph().node()) {
    if (node.op_type() != "Constant") names.insert(node.op_type());
  }
  if (names.empty() && model.graph().node_size() > 0) names.insert("Constant");
  return names;
}

struct Coverage {
  std::map<std::string, int> passed;                            ///< by operator
  std::vector<std::pair<std::string, std::string>> not_passed;  ///< case and reason
  int cases = 0;
};

Coverage RunAll() {
  Coverage coverage;
  const auto& supported = SupportedOperators();
  for (const char* group : {"node", "pytorch-converted", "pytorch-operator"}) {
    std::set<fs::path> folders;
    for (const auto& entry : fs::directory_iterator(kData / group)) folders.insert(entry.path());
    for (const fs::path& folder : folders) {
      const std::set<std::string> names = OperatorsOf(folder);
      if (names.empty() ||
          !std::includes(supported.begin(), supported.end(), names.begin(), names.end())) {
        continue;
      }
      ++coverage.cases;
      const std::string reason = RunCase(folder);
      const std::string name = std::string(group) + "/" + folder.filename().string();
      if (!reason.empty()) {
        coverage.not_passed.emplace_back(name, reason);
      } else {
        for (const std::string& op : names) ++coverage.passed[op];
      }
    }
  }
  return coverage;
}

std::string Page(const Coverage& coverage) {
  std::string text = fmt::format(
      "# ONNX's own test cases\n\n"
      "The cases of Debian's libonnx-testdata (folders node, pytorch-converted, pytorch-operator)\n"
      "whose operators are all among those that the reference executes: {} cases, {} pass. "
      "Integers\nand bools are compared exactly, floats with the tolerance of ONNX's own backend "
      "test (relative\n1e-3, absolute 1e-7).\n\n"
      "`tests/ref/conformance_test.cc` runs them and checks this page; it is rewritten with\n"
      "`SYSTOLE_UPDATE_GOLDEN=1 build/test_ref --gtest_filter='Conformance*'`.\n\n"
      "## Cases that do not pass\n\n| case | reason |\n|---|---|\n",
      coverage.cases, coverage.cases - static_cast<int>(coverage.not_passed.size()));
  for (const auto& [name, reason] : coverage.not_passed) {
    text += fmt::format("| {} | {} |\n", name, reason);
  }
  text +=
      "\n## Cases that pass, by operator\n\nA case with several operators counts for each.\n\n"
      "| operator | cases |\n|---|---|\n";
  for (const auto& [op, count] : coverage.passed) text += fmt::format("| {} | {} |\n", op, count);
  return text;
}

class Conformance : public testing::Test {
 protected:
  static void SetUpTestSuite() { coverage_ = new Coverage(RunAll()); }
  static void TearDownTestSuite() { delete coverage_; }
  static Coverage* coverage_;
};
Coverage* Conformance::coverage_ = nullptr;

TEST_F(Conformance, NoCaseGivesAWrongResult) {
  EXPECT_GE(coverage_->cases, 400);
  for (const auto& [name, reason] : coverage_->not_passed) {
    EXPECT_NE(reason.substr(0, 6), "WRONG:") << name << ": " << reason;
  }
}

TEST_F(Conformance, EveryCaseOfAnIntegerProductPasses) {
  for (const auto& [op, count] : std::map<std::string, int>{
           {"ConvInteger", 3}, {"MatMulInteger", 1}, {"QLinearConv", 1}, {"QLinearMatMul", 2}}) {
    EXPECT_EQ(coverage_->passed[op], count) << op;
  }
}

TEST_F(Conformance, ThePageSaysWhatDoesNotPass) {
  const std::string page = Page(*coverage_);
  if (std::getenv("SYSTOLE_UPDATE_GOLDEN") != nullptr) WriteFile(kPage, page);
  EXPECT_EQ(ReadFile(kPage), page);
}

}  // namespace
}  // namespace systole

// SPDX-License-Identifier: Apache-2.0
#include "synth/flow/sta_report.h"

#include <fmt/format.h>

#include <cstdlib>
#include <regex>

#include "base/error.h"
#include "synth/flow/tools.h"

namespace systole {
namespace {

/// The numbers behind a word at the beginning of a line.
std::vector<double> Numbers(const std::string& log, const std::string& word, std::size_t count) {
  const std::string line = FindLine(log, word + " ");
  std::vector<double> numbers;
  const char* at = line.c_str() + std::min(line.size(), word.size());
  for (char* end = nullptr;; at = end) {
    const double value = std::strtod(at, &end);
    if (end == at) break;
    numbers.push_back(value);
  }
  if (numbers.size() != count) {
    throw RunError(
        fmt::format("OpenSTA's answer is not whole: no line {} with {} numbers", word, count));
  }
  return numbers;
}

/// "u_array/g_row[3].u_row/sum_q[7]_reg" as "u_array/g_row[3].u_row sum_q[7]".
std::string InWords(const std::string& instance) {
  std::string text = instance;
  if (text.ends_with("_reg")) text.erase(text.size() - 4);
  const std::size_t slash = text.rfind('/');
  if (slash != std::string::npos) text[slash] = ' ';
  return text;
}

/// "a/b/Y" as instance and pin; a port is an instance without one.
void SplitPin(const std::string& path, TimingStage& stage) {
  const std::size_t slash = path.rfind('/');
  const bool port = stage.cell == "in" || stage.cell == "out" || slash == std::string::npos;
  stage.instance = port ? path : path.substr(0, slash);
  stage.pin = port ? "" : path.substr(slash + 1);
}

struct WorstSlack {
  std::string path;  ///< as OpenSTA wrote it; empty: none
  double slack = 0;  ///< ns
};

/// Of the worst paths of all groups (clock, asynchronous resets), the one with the least slack.
WorstSlack WorstPath(const std::string& paths) {
  static const std::regex slack(R"((-?[0-9.]+)\s+slack \()");
  WorstSlack worst;
  for (std::size_t at = paths.find("Startpoint:"); at != std::string::npos;) {
    const std::size_t next = paths.find("Startpoint:", at + 1);
    const std::string path = paths.substr(at, next - at);
    at = next;
    std::smatch match;
    if (!std::regex_search(path, match, slack)) continue;
    const double value = std::strtod(match[1].str().c_str(), nullptr);
    if (worst.path.empty() || value < worst.slack) worst = {path, value};
  }
  return worst;
}

TimingPath ReadPath(const std::string& text) {
  TimingPath result;
  static const std::regex pin(R"(([-0-9.]+)\s+([\^v])\s+(\S+)\s+\((\S+)\)\s*$)");
  static const std::regex net(R"(\s(\S+)\s+\(net\)\s*$)");
  static const std::regex setup(R"((-?[0-9.]+)\s+[-0-9.]+\s+library (?:setup|recovery) time)");
  std::vector<TimingStage> pins;
  std::smatch match;
  bool arrived = false;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string line = text.substr(at, end - at);
    at = end + 1;
    if (line.find("data arrival time") != std::string::npos) arrived = true;
    if (std::regex_search(line, match, setup)) {
      result.setup = -std::strtod(match[1].str().c_str(), nullptr) * kNanosecond;
    }
    if (arrived) continue;
    if (std::regex_search(line, match, net)) {
      if (!pins.empty()) pins.back().net = match[1].str();
    } else if (std::regex_search(line, match, pin)) {
      TimingStage stage;
      stage.arrival = std::strtod(match[1].str().c_str(), nullptr) * kNanosecond;
      stage.rises = match[2].str() == "^";
      stage.cell = match[4].str();
      SplitPin(match[3].str(), stage);
      pins.push_back(std::move(stage));
    }
  }
  if (pins.size() < 2 || !arrived) throw RunError("OpenSTA's answer is not whole: no worst path");
  // Of a cell that the path goes through, only the output; of the last, its input.
  for (std::size_t i = 0; i < pins.size(); ++i) {
    const bool passes =
        i + 1 < pins.size() && pins[i + 1].instance == pins[i].instance && !pins[i + 1].pin.empty();
    if (!passes) result.stages.push_back(pins[i]);
  }
  result.from = InWords(result.stages.front().instance);
  result.to = InWords(result.stages.back().instance);
  return result;
}

/// What lies between two lines.
std::string Section(const std::string& log, const std::string& first, const std::string& last) {
  const std::size_t begin = log.find(first + "\n"), end = log.find(last + "\n");
  if (begin == std::string::npos || end == std::string::npos) {
    throw RunError("OpenSTA's answer is not whole: no path");
  }
  return log.substr(begin, end - begin);
}

std::optional<TimingPath> ReadQuery(const std::string& text, double period) {
  const WorstSlack worst = WorstPath(text);
  if (worst.path.empty()) return std::nullopt;
  TimingPath path = ReadPath(worst.path);
  path.period = period - worst.slack * kNanosecond;
  return path;
}

}  // namespace

void ReadStaReport(const std::string& log, bool with_slack, std::size_t queries,
                   TimingResult& result) {
  if (log.find("@done") == std::string::npos) {
    throw RunError("OpenSTA's answer is not whole: it ended before the end of its script");
  }
  const std::vector<double> below = Numbers(log, "@below", 2);
  const std::vector<double> period = Numbers(log, "@period", 2);
  const std::string path = Section(log, "@paths", "@end");
  if (path.find("No paths found") != std::string::npos) {
    throw RunError("the design has no path between registers: there is no clock to be found");
  }
  constexpr double kNoise = -2e-6;  // as the script has it
  if (period[1] < kNoise || below[1] >= kNoise || period[0] - below[0] > 0.0015) {
    throw RunError(fmt::format("no shortest period was found: slack {} ns at {} ns, {} ns at {} ns",
                               period[1], period[0], below[1], below[0]));
  }
  result.min_period = period[0] * kNanosecond;
  if (with_slack) result.slack = Numbers(log, "@slack", 1)[0] * kNanosecond;
  TimingPath worst = ReadPath(WorstPath(path).path);
  result.from = std::move(worst.from);
  result.to = std::move(worst.to);
  result.stages = std::move(worst.stages);
  result.setup = worst.setup;
  for (std::size_t i = 0; i < queries; ++i) {
    result.paths.push_back(
        ReadQuery(Section(log, fmt::format("@query {}", i), fmt::format("@queried {}", i)),
                  result.min_period));
  }
}

}  // namespace systole

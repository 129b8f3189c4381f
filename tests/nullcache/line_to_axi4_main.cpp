// SPDX-License-Identifier: Apache-2.0
// Random line reads and writes through line_to_axi4 into an AXI4 memory whose five channels stall
// at random. Checked: the lines that are read, AXI4's rules for a manager, the error flag. Usage:
// Vline_to_axi4 TRANSFERS SEED STALL(percent) ERRORS(percent)
#include <verilated.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <random>
#include <vector>

#include "Vline_to_axi4.h"
#include "axi4_memory.h"

namespace {

constexpr int kWords = LINE_BYTES / 8;
constexpr std::uint64_t kLines = 8;  // few: reads and writes of one line meet

using Line = std::vector<std::uint64_t>;

template <typename Port>
Line Get(const Port& port) {
  Line line(kWords);
  std::memcpy(line.data(), &port, LINE_BYTES);
  return line;
}

class Bench {
 public:
  Bench(std::uint64_t seed, int stall, int errors)
      : stall_(stall), memory_(RandomWords(seed), seed, stall, errors) {
    for (auto word = memory_.words().begin(); word != memory_.words().end(); word += kWords) {
      expected_.emplace_back(word, word + kWords);
    }
    m_.rst_ni = 0;
    m_.eval();
    m_.clk_i = 1;
    m_.eval();
    m_.clk_i = 0;
    m_.rst_ni = 1;
  }

  void Run(std::uint64_t transfers) {
    std::uint64_t last = 0, seen = 0;
    while (answers_ < transfers) {
      Drive();
      m_.eval();
      LineSide();
      memory_.Observe(m_, cycle_);
      m_.clk_i = 1;
      m_.eval();
      m_.clk_i = 0;
      ++cycle_;
      if (static_cast<bool>(m_.error_o) != memory_.error()) Fail("error flag", cycle_);
      if (answers_ + writes_ != seen) {
        seen = answers_ + writes_;
        last = cycle_;
      }
      if (cycle_ - last > 10000) Fail("nothing moves", cycle_);
    }
    std::printf("%llu reads equal\n", static_cast<unsigned long long>(answers_));
  }

 private:
  static std::vector<std::uint64_t> RandomWords(std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::vector<std::uint64_t> words(kLines * kWords);
    for (std::uint64_t& word : words) word = random();
    return words;
  }
  std::uint64_t Random() { return memory_.random()(); }
  bool Chance(int percent) { return memory_.Chance(percent); }
  Line RandomLine() {
    Line line(kWords);
    for (std::uint64_t& word : line) word = Random();
    return line;
  }

  void Drive() {
    if (!requested_ && !Chance(stall_)) {
      requested_ = true;
      write_ = Chance(50);
      line_ = Random() % kLines;
      data_ = RandomLine();
    }
    m_.req_valid_i = requested_;
    m_.req_write_i = write_;
    m_.req_line_i = line_;
    std::memcpy(&m_.req_wdata_i, data_.empty() ? RandomLine().data() : data_.data(), LINE_BYTES);
    m_.resp_ready_i = !Chance(stall_);
    memory_.Drive(m_);
  }

  /// What the requester sees.
  void LineSide() {
    if (m_.resp_valid_o && m_.resp_ready_i) {
      if (reads_.empty()) Fail("an answer without a read", cycle_);
      if (Get(m_.resp_rdata_o) != reads_.front()) Fail("another line", cycle_);
      reads_.pop_front();
      ++answers_;
    }
    if (!requested_ || !m_.req_ready_o) return;
    requested_ = false;
    if (write_) {
      expected_[line_] = data_;
      ++writes_;
    } else {
      reads_.push_back(expected_[line_]);
    }
  }

  int stall_;
  Axi4Memory<Vline_to_axi4, kWords> memory_;
  Vline_to_axi4 m_;
  std::uint64_t cycle_ = 0, answers_ = 0, writes_ = 0, line_ = 0;
  std::vector<Line> expected_;
  std::deque<Line> reads_;
  bool requested_ = false, write_ = false;
  Line data_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) return 2;
  Bench bench(std::strtoull(argv[2], nullptr, 10), std::atoi(argv[3]), std::atoi(argv[4]));
  bench.Run(std::strtoull(argv[1], nullptr, 10));
}

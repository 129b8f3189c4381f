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

namespace {

constexpr int kWords = LINE_BYTES / 8;
constexpr std::uint64_t kLines = 8;  // few: reads and writes of one line meet

using Line = std::vector<std::uint64_t>;

[[noreturn]] void Fail(const char* what, std::uint64_t cycle) {
  std::printf("%s in cycle %llu\n", what, static_cast<unsigned long long>(cycle));
  std::exit(1);
}

template <typename Port>
Line Get(const Port& port) {
  Line line(kWords);
  std::memcpy(line.data(), &port, LINE_BYTES);
  return line;
}

/// A channel of the manager: once valid, it stays with the same payload until it is ready.
class Held {
 public:
  void Check(bool valid, bool ready, std::uint64_t payload, const char* what, std::uint64_t cycle) {
    if (waits_ && (!valid || payload != payload_)) Fail(what, cycle);
    waits_ = valid && !ready;
    payload_ = payload;
  }

 private:
  bool waits_ = false;
  std::uint64_t payload_ = 0;
};

class Bench {
 public:
  Bench(std::uint64_t seed, int stall, int errors)
      : random_(seed), stall_(stall), errors_(errors), kind_(seed % 3) {
    for (std::uint64_t i = 0; i < kLines; ++i) expected_.push_back(RandomLine());
    memory_ = expected_;
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
      CheckManager();
      LineSide();
      Memory();
      m_.clk_i = 1;
      m_.eval();
      m_.clk_i = 0;
      ++cycle_;
      if (m_.error_o != expected_error_) Fail("error flag", cycle_);
      if (answers_ + writes_ != seen) {
        seen = answers_ + writes_;
        last = cycle_;
      }
      if (cycle_ - last > 10000) Fail("nothing moves", cycle_);
    }
    std::printf("%llu reads equal\n", static_cast<unsigned long long>(answers_));
  }

 private:
  bool Chance(int percent) { return static_cast<int>(random_() % 100) < percent; }
  /// An error of this kind now: a run has one kind, because the flag stays.
  bool Wrong(int kind) { return kind == kind_ && Chance(errors_); }
  Line RandomLine() {
    Line line(kWords);
    for (std::uint64_t& word : line) word = random_();
    return line;
  }

  void Drive() {
    if (!requested_ && !Chance(stall_)) {
      requested_ = true;
      write_ = Chance(50);
      line_ = random_() % kLines;
      data_ = RandomLine();
    }
    m_.req_valid_i = requested_;
    m_.req_write_i = write_;
    m_.req_line_i = line_;
    std::memcpy(&m_.req_wdata_i, data_.empty() ? RandomLine().data() : data_.data(), LINE_BYTES);
    m_.resp_ready_i = !Chance(stall_);
    m_.axi_awready_i = !Chance(stall_);
    m_.axi_wready_i = !Chance(stall_);
    m_.axi_arready_i = !Chance(stall_);
    // What the memory offers stays until it is taken.
    if (!b_offered_ && b_pending_ && !Chance(stall_)) {
      b_offered_ = true;
      m_.axi_bresp_i = Wrong(0) ? 2 + random_() % 2 : 0;
    }
    m_.axi_bvalid_i = b_offered_;
    if (!r_offered_ && !r_beats_.empty() && !Chance(stall_)) {
      r_offered_ = true;
      m_.axi_rdata_i = r_beats_.front();
      m_.axi_rlast_i = r_beats_.size() == 1;
      m_.axi_rresp_i = Wrong(1) ? 2 + random_() % 2 : 0;
      if (Wrong(2)) m_.axi_rlast_i = !m_.axi_rlast_i;
    }
    m_.axi_rvalid_i = r_offered_;
  }

  void CheckManager() {
    aw_.Check(m_.axi_awvalid_o, m_.axi_awready_i, m_.axi_awaddr_o, "write address moves", cycle_);
    ar_.Check(m_.axi_arvalid_o, m_.axi_arready_i, m_.axi_araddr_o, "read address moves", cycle_);
    w_.Check(m_.axi_wvalid_o, m_.axi_wready_i, m_.axi_wdata_o, "write data moves", cycle_);
    if (m_.axi_awlen_o != kWords - 1 || m_.axi_arlen_o != kWords - 1 || m_.axi_awsize_o != 3 ||
        m_.axi_arsize_o != 3 || m_.axi_awburst_o != 1 || m_.axi_arburst_o != 1 ||
        m_.axi_wstrb_o != 255) {
      Fail("another burst", cycle_);
    }
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

  /// The memory: a write counts when it is answered, a read when it begins to be.
  void Memory() {
    if (m_.axi_awvalid_o && m_.axi_awready_i) {
      if (aw_taken_) Fail("a second write address", cycle_);
      aw_taken_ = true;
      aw_address_ = m_.axi_awaddr_o;
    }
    if (m_.axi_wvalid_o && m_.axi_wready_i) {
      if (w_taken_) Fail("beats after the last", cycle_);
      w_beats_.push_back(m_.axi_wdata_o);
      if ((w_beats_.size() == kWords) != (m_.axi_wlast_o != 0)) Fail("last beat", cycle_);
      w_taken_ = m_.axi_wlast_o;
    }
    if (b_offered_ && m_.axi_bready_o) {
      b_offered_ = b_pending_ = aw_taken_ = w_taken_ = false;
      expected_error_ |= (m_.axi_bresp_i & 2) != 0;
      memory_[aw_address_ / LINE_BYTES] = w_beats_;
      w_beats_.clear();
    } else if (aw_taken_ && w_taken_) {
      b_pending_ = true;
    }
    if (r_offered_ && m_.axi_rready_o) {
      const bool last = r_beats_.size() == 1;
      expected_error_ |= (m_.axi_rresp_i & 2) != 0 || (m_.axi_rlast_i != 0) != last;
      r_beats_.pop_front();
      r_offered_ = false;
    }
    if (m_.axi_arvalid_o && m_.axi_arready_i) {
      if (!r_beats_.empty()) Fail("a second read address", cycle_);
      if (m_.axi_araddr_o % LINE_BYTES != 0) Fail("an address inside a line", cycle_);
      const Line& line = memory_[m_.axi_araddr_o / LINE_BYTES];
      r_beats_.assign(line.begin(), line.end());
    }
  }

  std::mt19937_64 random_;
  int stall_, errors_, kind_;
  Vline_to_axi4 m_;
  std::uint64_t cycle_ = 0, answers_ = 0, writes_ = 0;
  std::vector<Line> memory_, expected_;
  std::deque<Line> reads_;
  Held aw_, ar_, w_;
  bool requested_ = false, write_ = false, expected_error_ = false;
  std::uint64_t line_ = 0, aw_address_ = 0;
  Line data_, w_beats_;
  bool aw_taken_ = false, w_taken_ = false, b_pending_ = false, b_offered_ = false;
  bool r_offered_ = false;
  std::deque<std::uint64_t> r_beats_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) return 2;
  Bench bench(std::strtoull(argv[2], nullptr, 10), std::atoi(argv[3]), std::atoi(argv[4]));
  bench.Run(std::strtoull(argv[1], nullptr, 10));
}

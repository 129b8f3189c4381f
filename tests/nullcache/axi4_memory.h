// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <random>
#include <vector>

/// For the Verilated benches of this folder: they need nothing but Verilator.
[[noreturn]] inline void Fail(const char* what, std::uint64_t cycle) {
  std::printf("%s in cycle %llu\n", what, static_cast<unsigned long long>(cycle));
  std::exit(1);
}

/// A channel of the manager: once valid, it stays with the same payload until it is ready.
class HeldChannel {
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

/// An AXI4 memory whose five channels stall at random, behind a manager that moves lines of
/// `line_words` words of 8 bytes. It checks AXI4's rules for the manager. A write counts when its
/// response is taken, a read's data are those of the cycle that takes its address. A cycle: Drive()
/// before the outputs follow the inputs, Observe() after it.
template <typename Model, int line_words>
class Axi4Memory {
 public:
  /// `stall`, `errors`: percent; a memory makes errors of one kind, because the flag stays.
  Axi4Memory(std::vector<std::uint64_t> words, std::uint64_t seed, int stall, int errors)
      : words_(std::move(words)), random_(seed), stall_(stall), errors_(errors), kind_(seed % 3) {}

  std::mt19937_64& random() { return random_; }
  bool Chance(int percent) { return static_cast<int>(random_() % 100) < percent; }
  /// Whether an error response or a wrong last beat has been taken.
  bool error() const { return error_; }
  const std::vector<std::uint64_t>& words() const { return words_; }
  std::uint64_t reads() const { return reads_; }
  std::uint64_t writes() const { return writes_; }

  void Drive(Model& m) {
    m.axi_awready_i = !Chance(stall_);
    m.axi_wready_i = !Chance(stall_);
    m.axi_arready_i = !Chance(stall_);
    // What the memory offers stays until it is taken.
    if (!b_offered_ && b_pending_ && !Chance(stall_)) {
      b_offered_ = true;
      m.axi_bresp_i = Wrong(0) ? 2 + random_() % 2 : 0;
    }
    m.axi_bvalid_i = b_offered_;
    if (!r_offered_ && !r_beats_.empty() && !Chance(stall_)) {
      r_offered_ = true;
      m.axi_rdata_i = r_beats_.front();
      m.axi_rlast_i = r_beats_.size() == 1;
      m.axi_rresp_i = Wrong(1) ? 2 + random_() % 2 : 0;
      if (Wrong(2)) m.axi_rlast_i = !m.axi_rlast_i;
    }
    m.axi_rvalid_i = r_offered_;
  }

  void Observe(const Model& m, std::uint64_t cycle) {
    CheckManager(m, cycle);
    Write(m, cycle);
    Read(m, cycle);
  }

 private:
  bool Wrong(int kind) { return kind == kind_ && Chance(errors_); }

  void CheckManager(const Model& m, std::uint64_t cycle) {
    aw_.Check(m.axi_awvalid_o, m.axi_awready_i, m.axi_awaddr_o, "write address moves", cycle);
    ar_.Check(m.axi_arvalid_o, m.axi_arready_i, m.axi_araddr_o, "read address moves", cycle);
    w_.Check(m.axi_wvalid_o, m.axi_wready_i, m.axi_wdata_o, "write data moves", cycle);
    if (m.axi_awlen_o != line_words - 1 || m.axi_arlen_o != line_words - 1 || m.axi_awsize_o != 3 ||
        m.axi_arsize_o != 3 || m.axi_awburst_o != 1 || m.axi_arburst_o != 1 ||
        m.axi_wstrb_o != 255) {
      Fail("another burst", cycle);
    }
  }

  void Write(const Model& m, std::uint64_t cycle) {
    if (m.axi_awvalid_o && m.axi_awready_i) {
      if (aw_taken_) Fail("a second write address", cycle);
      if (m.axi_awaddr_o % (8 * line_words) != 0) Fail("an address inside a line", cycle);
      aw_taken_ = true;
      aw_word_ = m.axi_awaddr_o / 8;
    }
    if (m.axi_wvalid_o && m.axi_wready_i) {
      if (w_taken_) Fail("beats after the last", cycle);
      w_beats_.push_back(m.axi_wdata_o);
      if ((w_beats_.size() == line_words) != (m.axi_wlast_o != 0)) Fail("last beat", cycle);
      w_taken_ = m.axi_wlast_o;
    }
    if (b_offered_ && m.axi_bready_o) {
      b_offered_ = b_pending_ = aw_taken_ = w_taken_ = false;
      error_ |= (m.axi_bresp_i & 2) != 0;
      for (int i = 0; i < line_words; ++i) words_.at(aw_word_ + i) = w_beats_[i];
      w_beats_.clear();
      ++writes_;
    } else if (aw_taken_ && w_taken_) {
      b_pending_ = true;
    }
  }

  void Read(const Model& m, std::uint64_t cycle) {
    if (r_offered_ && m.axi_rready_o) {
      const bool last = r_beats_.size() == 1;
      error_ |= (m.axi_rresp_i & 2) != 0 || (m.axi_rlast_i != 0) != last;
      r_beats_.pop_front();
      r_offered_ = false;
    }
    if (m.axi_arvalid_o && m.axi_arready_i) {
      if (!r_beats_.empty()) Fail("a second read address", cycle);
      if (m.axi_araddr_o % (8 * line_words) != 0) Fail("an address inside a line", cycle);
      for (int i = 0; i < line_words; ++i) r_beats_.push_back(words_.at(m.axi_araddr_o / 8 + i));
      ++reads_;
    }
  }

  std::vector<std::uint64_t> words_, w_beats_;
  std::deque<std::uint64_t> r_beats_;
  std::mt19937_64 random_;
  int stall_, errors_, kind_;
  HeldChannel aw_, ar_, w_;
  std::uint64_t aw_word_ = 0, reads_ = 0, writes_ = 0;
  bool aw_taken_ = false, w_taken_ = false, b_pending_ = false, b_offered_ = false;
  bool r_offered_ = false, error_ = false;
};

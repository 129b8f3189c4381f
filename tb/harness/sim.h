// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <verilated.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "tb/harness/ports.h"

#if SYSTOLE_TRACE
#include <verilated_fst_c.h>
#endif

namespace systole {

/// Owns a Verilated model with ports `clk_i` and `rst_ni`, its clock and its reset; comes up out of
/// reset. A cycle: set inputs, Settle(), read outputs, Tick(). In a model that was Verilated with
/// --x-initial unique, registers without reset start with noise of the seed.
template <typename Model>
class Sim {
 public:
  explicit Sim(std::uint64_t seed) : context_(seed), model_(&context_) {
    model_.rst_ni = 1;
    model_.clk_i = 0;
    model_.eval();  // so that the reset is an edge
    model_.rst_ni = 0;
    for (int i = 0; i < 2; ++i) {
      model_.eval();
      model_.clk_i = 1;
      model_.eval();
      model_.clk_i = 0;
    }
    model_.rst_ni = 1;
  }
  ~Sim() {
    CloseTrace();
    // Verilator 5.006 takes a model's scopes out of the thread's context, the last one evaluated.
    Verilated::threadContextp(&context_);
    model_.final();
  }
  Sim(const Sim&) = delete;
  Sim& operator=(const Sim&) = delete;

  Model* operator->() { return &model_; }
  std::uint64_t cycle() const { return cycle_; }
  std::uint64_t computed_cycles() const { return cycle_ - skipped_; }

  /// Lets the outputs follow the inputs within the cycle.
  void Settle() {
    model_.eval();
    Dump(5);
  }
  /// The same for a cycle in which no output that is read depends on the inputs: half the work. The
  /// outputs are those of the inputs of the cycle before.
  void SkipSettle() {
    if constexpr (requires { model_.rootp->__Vtrigrprev__TOP__clk_i; }) {
      model_.rootp->__Vtrigrprev__TOP__clk_i = 0;  // all that the falling edge does
    } else {
      model_.eval();
    }
  }
  /// The rising edge that ends the cycle.
  void Tick() {
    if (record_ != nullptr) {
      PackFrame(model_, frame_.data());
      record_(record_context_, frame_.data());
    }
    model_.clk_i = 1;
    model_.eval();
    ++cycle_;
    Dump(0);
    model_.clk_i = 0;
  }

  /// Counts cycles that are not computed, because they would change nothing; neither recorded nor
  /// traced.
  void Skip(std::uint64_t cycles) {
    cycle_ += cycles;
    skipped_ += cycles;
  }

  /// Calls `record` with the frame of every cycle; null: with none.
  void Record(void (*record)(void* context, const std::uint8_t* frame), void* context) {
    record_ = record;
    record_context_ = context;
  }

#if SYSTOLE_TRACE
  /// Writes cycles [from, to) to an FST file; call once, before the first cycle. A cycle is 10 time
  /// units: registers change at 0, inputs at 5.
  void Trace(const char* path, std::uint64_t from, std::uint64_t to) {
    from_ = from;
    to_ = to;
    context_.traceEverOn(true);
    trace_ = std::make_unique<VerilatedFstC>();
    model_.trace(trace_.get(), 99);
    trace_->open(path);
  }

 private:
  void CloseTrace() {
    if (trace_ != nullptr) trace_->close();
  }
  void Dump(std::uint64_t offset) {
    if (trace_ == nullptr || cycle_ < from_ || cycle_ >= to_) return;
    trace_->dump(cycle_ * 10 + offset);
  }

  std::uint64_t from_ = 0, to_ = 0;
  std::unique_ptr<VerilatedFstC> trace_;
#else
  void Trace(const char*, std::uint64_t, std::uint64_t) {}

 private:
  void CloseTrace() {}
  void Dump(std::uint64_t) {}
#endif

  struct Context : VerilatedContext {
    explicit Context(std::uint64_t seed) {
      randReset(2);
      randSeed(static_cast<int>(seed % 0x7fffffff) + 1);  // 0 would ask the system's clock
    }
  };

  std::uint64_t cycle_ = 0, skipped_ = 0;
  void (*record_)(void*, const std::uint8_t*) = nullptr;
  void* record_context_ = nullptr;
  std::vector<std::uint8_t> frame_ = std::vector<std::uint8_t>(kFrameBytes);
  Context context_;
  Model model_;
};

}  // namespace systole

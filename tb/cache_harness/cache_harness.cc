// SPDX-License-Identifier: Apache-2.0
//
// Runs the Verilated data cache behind the C border of abi.h. Built together with the model by
// tb/cache_library.cc, which defines the SYSTOLE_ macros; everything that happens every cycle
// happens here.
#include <verilated_sym_props.h>
#include <verilated_syms.h>

#include <algorithm>
#include <exception>
#include <memory>
#include <string>

#include "Vcache.h"
#include "tb/cache_harness/abi.h"
#include "tb/cache_harness/line_memory.h"
#include "tb/harness/runtime_hooks.h"
#include "tb/harness/sim.h"
#include "tb/harness/still_state.h"

namespace systole {
namespace {

constexpr int kLineBytes = SYSTOLE_LINE_BYTES;
constexpr std::uint64_t kAddressMask = (std::uint64_t{1} << SYSTOLE_ADDRESS_WIDTH) - 1;
/// The cache is taken for dead after so many cycles without a response, beyond what memory takes.
constexpr std::uint64_t kPatience = 100'000;
constexpr std::uint64_t kNullHit = 1;
/// Cycles that are left when it is worth to look whether anything happens in them.
constexpr std::uint64_t kLongWait = 24;
/// Cycles after which it may have ended what a request brought about.
constexpr std::uint64_t kSettling = 8;
constexpr std::uint64_t kCounterMask = SYSTOLE_COUNTER_MASK;

/// The counter of stalls, the only one that counts while nothing happens.
struct StallCounter {
  template <typename Root>
  static auto* Of(Root& root) {
    if constexpr (requires { root.data_cache__DOT__u_registers__DOT__stalls_q; }) {
      return &root.data_cache__DOT__u_registers__DOT__stalls_q;
    } else {
      return &root.rst_ni;  // no counters: any register that never changes
    }
  }
  static std::uint64_t Wrapped(std::uint64_t count) { return count & kCounterMask; }
};

class CacheHarness {
 public:
  explicit CacheHarness(const CacheHarnessOptions& options)
      : whole_(SYSTOLE_CHECKED != 0 || SYSTOLE_TRACE != 0 || SYSTOLE_ONE_CLASS == 0 ||
               options.record != nullptr),
        sim_(options.seed),
        memory_(options.memory, options.timing, !whole_),
        patience_(kPatience +
                  std::uint64_t{8} * (options.timing.latency + options.timing.extra_latency +
                                      options.timing.extra_accept)) {
    if (options.trace_path != nullptr) {
      sim_.Trace(options.trace_path, options.trace_from, options.trace_to);
    }
    sim_.Record(options.record, options.record_context);
    // Inputs start with noise, as registers do.
    sim_->req_valid_i = sim_->reg_valid_i = 0;
    sim_->mem_req_ready_i = sim_->mem_resp_valid_i = 0;
    sim_.Settle();
  }

  void Run(const Access* accesses, std::uint64_t count, CacheReply* responses) {
    for (const Access* access = accesses; access != accesses + count; ++access, ++responses) {
      WaitUntil(ready_at_ + access->instructions - 1);
      Present(*access);
      const std::uint64_t limit = sim_.cycle() + patience_;
      for (bool taken = Cycle(); !taken; taken = Step(limit)) {
        if (sim_.cycle() > limit) Dead("takes no request");
      }
      sim_->req_valid_i = 0;
      look_at_ = sim_.cycle() + kSettling;
      while (!sim_->resp_valid_o) {
        Step(limit);
        if (sim_.cycle() > limit) Dead("gives no response");
      }
      *responses = Take(*access);
    }
  }

  std::uint64_t WriteRegister(std::uint32_t address, std::uint64_t value) {
    sim_->reg_valid_i = 1;
    sim_->reg_write_i = 1;
    sim_->reg_addr_i = address;
    sim_->reg_wdata_i = value;
    const std::uint64_t limit = sim_.cycle() + patience_;
    bool taken = false;
    FollowRegisterPort();
    while (!taken) {
      if (sim_.cycle() > limit) Dead("takes no register write");
      Cycle(&taken);
    }
    sim_->reg_valid_i = 0;
    FollowRegisterPort();
    if (address == 0 && (value & 0xc) != 0) approximates_ = true;
    ready_at_ = sim_.cycle();
    return sim_.cycle() - 1;
  }

  std::uint64_t ReadRegister(std::uint32_t address) {
    sim_->reg_valid_i = 1;
    sim_->reg_write_i = 0;
    sim_->reg_addr_i = address;
    sim_.Settle();
    const std::uint64_t value = sim_->reg_rdata_o;
    sim_->reg_valid_i = 0;
    sim_.Settle();
    return value;
  }

  void WaitUntil(std::uint64_t cycle) {
    while (sim_.cycle() < cycle) Step(cycle);
  }
  std::uint64_t cycle() const { return sim_.cycle(); }
  std::uint64_t computed_cycles() const { return sim_.computed_cycles(); }

  bool Variable(const char* scope_name, const char* name, CacheVariable& out) {
    const std::string full = std::string("TOP.") + scope_name;
    const VerilatedScope* const scope = sim_->contextp()->scopeFind(full.c_str());
    const VerilatedVar* const variable = scope == nullptr ? nullptr : scope->varFind(name);
    if (variable == nullptr) return false;
    out.data = variable->datap();
    out.bits = static_cast<std::uint32_t>(variable->packed().elements());
    out.elements =
        variable->udims() == 0 ? 1 : static_cast<std::uint32_t>(variable->unpacked().elements());
    out.element_bytes = variable->entSize();
    return true;
  }

  std::string error;

 private:
  /// One cycle, or all up to `end` or to the next change of an input, if it is found that nothing
  /// happens in them; returns whether the request was taken.
  bool Step(std::uint64_t end) {
    if (whole_ || sim_.cycle() < look_at_) return Cycle();
    if (std::min(end, memory_.NextChange()) < sim_.cycle() + kLongWait) return Cycle();
    still_.Keep(*sim_.operator->());
    if (Cycle()) return true;
    // Only now: in this cycle the memory may have seen a request.
    end = std::min(end, memory_.NextChange());
    if (sim_->resp_valid_o || end <= sim_.cycle() || !still_.Same(*sim_.operator->())) {
      look_at_ = sim_.cycle() + kSettling;
      return false;
    }
    still_.Repeat(*sim_.operator->(), end - sim_.cycle());
    sim_.Skip(end - sim_.cycle());
    return false;
  }

  /// Only the register port has outputs that follow inputs within the cycle.
  void FollowRegisterPort() {
    if (!whole_) sim_.Settle();
  }

  /// One cycle; returns whether it took the request.
  bool Cycle(bool* register_taken = nullptr) {
    const bool responds = sim_->resp_valid_o;
    memory_.Drive(*sim_.operator->(), sim_.cycle());
    if (whole_) {
      sim_.Settle();
    } else {
      sim_.SkipSettle();
    }
    memory_.Observe(*sim_.operator->(), sim_.cycle());
    if (responds != static_cast<bool>(sim_->resp_valid_o)) Dead("changes a response in its cycle");
    if (responds && sim_.cycle() != answered_) Dead("gives a response that nobody asked for");
    const bool taken = sim_->req_valid_i && sim_->req_ready_o;
    if (register_taken != nullptr) *register_taken = sim_->reg_ready_o;
    sim_.Tick();
    return taken;
  }

  void Present(const Access& access) {
    const unsigned lane = access.address & 7;
    sim_->req_valid_i = 1;
    sim_->req_write_i = access.write;
    sim_->req_addr_i = access.address & kAddressMask;
    sim_->req_be_i = ((1U << access.bytes) - 1) << lane & 0xff;
    sim_->req_wdata_i = access.value << (8 * lane);
  }

  /// The response of this cycle, which is not over: the next request may be presented in it.
  CacheReply Take(const Access& access) {
    answered_ = ready_at_ = sim_.cycle();
    CacheReply response = {.cycle = answered_, .data = 0, .source = sim_->resp_source_o};
    if (!access.write) {
      const std::uint64_t word = sim_->resp_rdata_o >> (8 * (access.address & 7));
      response.data =
          access.bytes == 8 ? word : word & ((std::uint64_t{1} << 8 * access.bytes) - 1);
    }
    if (response.source == kNullHit && !approximates_) {
      const std::uint64_t line = (access.address & kAddressMask) / kLineBytes;
      if (!memory_.IsZero(*sim_.operator->(), line)) {
        Dead("hits the null cache for a line that is not zero in memory");
      }
    }
    return response;
  }

  [[noreturn]] void Dead(const char* what) {
    throw std::runtime_error(std::string("the cache ") + what + ", cycle " +
                             std::to_string(sim_.cycle()));
  }

  /// Every cycle is computed, and outputs are looked at before and after they follow its inputs.
  const bool whole_;
  Sim<Vcache> sim_;
  LineMemory<Vcache, kLineBytes> memory_;
  StillState<Vcache, StallCounter> still_;
  std::uint64_t look_at_ = 0;  ///< cycle from which it may be that nothing happens any more
  std::uint64_t patience_;
  std::uint64_t ready_at_ = 0;                  ///< cycle from which the next instruction counts
  std::uint64_t answered_ = ~std::uint64_t{0};  ///< cycle of the last response
  bool approximates_ = false;  ///< lanes were chosen once: lines count as zero that are not
};

/// Runs `action`; an exception becomes the simulation's error.
template <typename Action>
int Guarded(void* self, Action action) {
  CacheHarness& harness = *static_cast<CacheHarness*>(self);
  if (!harness.error.empty()) return 1;
  runtime_text.clear();
  try {
    action(harness);
    return 0;
  } catch (const std::exception& error) {
    harness.error = error.what();
    return 1;
  }
}

thread_local std::string create_error;

constexpr CacheHarnessApi kApi = {
    .create = [](const CacheHarnessOptions* options) -> void* {
      try {
        return new CacheHarness(*options);
      } catch (const std::exception& error) {
        create_error = error.what();
        return nullptr;
      }
    },
    .destroy = [](void* self) { delete static_cast<CacheHarness*>(self); },
    .run =
        [](void* self, const Access* accesses, std::uint64_t count, CacheReply* responses) {
          return Guarded(self,
                         [&](CacheHarness& harness) { harness.Run(accesses, count, responses); });
        },
    .write_register =
        [](void* self, std::uint32_t address, std::uint64_t value, std::uint64_t* cycle) {
          return Guarded(
              self, [&](CacheHarness& harness) { *cycle = harness.WriteRegister(address, value); });
        },
    .read_register =
        [](void* self, std::uint32_t address) {
          return static_cast<CacheHarness*>(self)->ReadRegister(address);
        },
    .advance =
        [](void* self, std::uint64_t cycle) {
          return Guarded(self, [&](CacheHarness& harness) { harness.WaitUntil(cycle); });
        },
    .cycle = [](void* self) { return static_cast<CacheHarness*>(self)->cycle(); },
    .computed_cycles =
        [](void* self) { return static_cast<CacheHarness*>(self)->computed_cycles(); },
    .variable =
        [](void* self, const char* scope, const char* name, CacheVariable* out) {
          return static_cast<CacheHarness*>(self)->Variable(scope, name, *out) ? 0 : 1;
        },
    .error =
        [](void* self) {
          return self == nullptr ? create_error.c_str()
                                 : static_cast<CacheHarness*>(self)->error.c_str();
        },
};

}  // namespace
}  // namespace systole

extern "C" __attribute__((visibility("default"))) const systole::CacheHarnessApi*
SystoleCacheHarness() {
  return &systole::kApi;
}

// SPDX-License-Identifier: Apache-2.0
//
// Runs the Verilated data cache behind the C border of abi.h. Built together with the model by
// tb/cache_library.cc, which defines the SYSTOLE_ macros; everything that happens every cycle
// happens here.
#include <verilated_sym_props.h>
#include <verilated_syms.h>

#include <exception>
#include <memory>
#include <string>

#include "Vcache.h"
#include "tb/cache_harness/abi.h"
#include "tb/cache_harness/line_memory.h"
#include "tb/harness/runtime_hooks.h"
#include "tb/harness/sim.h"

namespace systole {
namespace {

constexpr int kLineBytes = SYSTOLE_LINE_BYTES;
constexpr std::uint64_t kAddressMask = (std::uint64_t{1} << SYSTOLE_ADDRESS_WIDTH) - 1;
/// The cache is taken for dead after so many cycles without a response, beyond what memory takes.
constexpr std::uint64_t kPatience = 100'000;
constexpr std::uint64_t kNullHit = 1;

class CacheHarness {
 public:
  explicit CacheHarness(const CacheHarnessOptions& options)
      : sim_(options.seed),
        memory_(options.memory, options.timing),
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
      while (!Cycle()) {
        if (sim_.cycle() > limit) Dead("takes no request");
      }
      sim_->req_valid_i = 0;
      while (!sim_->resp_valid_o) {
        Cycle();
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
    while (!taken) {
      if (sim_.cycle() > limit) Dead("takes no register write");
      Cycle(&taken);
    }
    sim_->reg_valid_i = 0;
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
    while (sim_.cycle() < cycle) Cycle();
  }
  std::uint64_t cycle() const { return sim_.cycle(); }

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
  /// One cycle; returns whether it took the request.
  bool Cycle(bool* register_taken = nullptr) {
    const bool responds = sim_->resp_valid_o;
    memory_.Drive(*sim_.operator->(), sim_.cycle());
    sim_.Settle();
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

  Sim<Vcache> sim_;
  LineMemory<Vcache, kLineBytes> memory_;
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

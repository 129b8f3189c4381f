// SPDX-License-Identifier: Apache-2.0
#include "tb/cache_sim.h"

#include <fmt/format.h>

#include "base/error.h"
#include "cache_harness_sources.h"
#include "gen/nullcache/data_cache.h"

namespace systole {
namespace {

/// Lets the program read the RTL's state by name.
constexpr const char* kStateControl = R"v(`verilator_config
public_flat_rd -module "*" -var "*_q"
)v";

std::uint64_t CounterMask(const CacheConfig& config) {
  return config.counter_width == 0 ? 0 : ~std::uint64_t{0} >> (64 - config.counter_width);
}

ModelSource Source(const CacheConfig& config, std::vector<rtl::File> verilog, bool state) {
  if (auto problems = Check(config); !problems.empty()) throw RequestError(std::move(problems));
  std::vector<rtl::File> harness = HarnessFiles(cache_harness_sources(), "tb/cache_harness");
  harness.push_back(PortsHeader(BuildDataCache(config)));
  if (state) verilog.insert(verilog.begin(), {"state.vlt", kStateControl});
  return {.kind = "cache",
          .name = ToString(config),
          .top = "data_cache",
          .verilog = std::move(verilog),
          .harness = std::move(harness),
          .main = "tb/cache_harness/cache_harness.cc",
          .defines = {fmt::format("SYSTOLE_LINE_BYTES={}", config.line_bytes),
                      fmt::format("SYSTOLE_ADDRESS_WIDTH={}", config.address_width),
                      fmt::format("SYSTOLE_COUNTER_MASK={:#x}ULL", CounterMask(config))},
          .flatten = true};
}

}  // namespace

CacheLibrary::CacheLibrary(const CacheConfig& config, const ModelOptions& options, bool state)
    : CacheLibrary(config, rtl::VerilogFiles(BuildDataCache(config)), options, state) {}

CacheLibrary::CacheLibrary(const CacheConfig& config, std::vector<rtl::File> verilog,
                           const ModelOptions& options, bool state)
    : config_(config),
      state_(state),
      library_(Source(config, std::move(verilog), state), options),
      api_(reinterpret_cast<CacheHarnessEntry>(library_.Symbol(kCacheHarnessEntry))()) {}

CacheSim::CacheSim(const CacheLibrary& library, MemoryImage& memory, const CacheSimOptions& options)
    : library_(library), record_(options.record) {
  if (memory.size() < std::uint64_t{1} << library.config().address_width) {
    throw RequestError("the memory is smaller than the addresses of the cache");
  }
  const std::string trace = options.trace.string();
  const CacheHarnessOptions harness = {.memory = memory.At(0),
                                       .timing = options.timing,
                                       .seed = options.seed,
                                       .trace_path = trace.empty() ? nullptr : trace.c_str(),
                                       .trace_from = options.trace_from,
                                       .trace_to = options.trace_to,
                                       .record = record_ ? CallFrameSink : nullptr,
                                       .record_context = &record_};
  self_ = library.api().create(&harness);
  if (self_ == nullptr) Check(1);
}

CacheSim::~CacheSim() { library_.api().destroy(self_); }

void CacheSim::Check(int status) const {
  if (status == 0) return;
  throw RunError(fmt::format("simulation of the {} cache: {}", ToString(library_.config()),
                             library_.api().error(self_)));
}

void CacheSim::Run(std::span<const Access> accesses, std::vector<CacheReply>& responses) {
  responses.resize(accesses.size());
  Check(library_.api().run(self_, accesses.data(), accesses.size(), responses.data()));
}

std::uint64_t CacheSim::WriteRegister(std::uint32_t address, std::uint64_t value) {
  std::uint64_t cycle = 0;
  Check(library_.api().write_register(self_, address, value, &cycle));
  return cycle;
}

std::uint64_t CacheSim::ReadRegister(std::uint32_t address) const {
  return library_.api().read_register(self_, address);
}

void CacheSim::Advance(std::uint64_t cycle) { Check(library_.api().advance(self_, cycle)); }

std::uint64_t CacheSim::cycle() const { return library_.api().cycle(self_); }

std::uint64_t CacheSim::computed_cycles() const { return library_.api().computed_cycles(self_); }

CacheVariable CacheSim::Variable(const std::string& scope, const std::string& name) const {
  CacheVariable variable = {};
  if (library_.api().variable(self_, scope.c_str(), name.c_str(), &variable) != 0) {
    throw RunError(fmt::format("the simulation of the cache has no {}.{} to read", scope, name));
  }
  return variable;
}

}  // namespace systole

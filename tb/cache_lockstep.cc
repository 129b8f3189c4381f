// SPDX-License-Identifier: Apache-2.0
#include "tb/cache_lockstep.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <utility>

#include "base/error.h"
#include "tb/cache_state.h"

namespace systole {
namespace {

constexpr std::size_t kBatch = 4096;
/// An entry that covers more lines than this is looked at in as many places.
constexpr std::uint64_t kSampledLines = 4096;

std::string Describe(const Access& access) {
  return fmt::format("{} of {} bytes at {:#x}{}, {} instructions", access.write ? "store" : "load",
                     access.bytes, access.address,
                     access.write ? fmt::format(" of {:#x}", access.value) : "",
                     access.instructions);
}

std::string Describe(std::uint64_t cycle, std::uint64_t source, std::uint64_t value) {
  return fmt::format("cycle {} source {} value {:#x}", cycle, source, value);
}

/// Register addresses and what the model counts for them.
std::vector<std::pair<std::uint32_t, std::uint64_t>> Expected(const CacheCounters& c,
                                                              bool null_cache) {
  std::vector<std::pair<std::uint32_t, std::uint64_t>> list = {{2, c.accesses},  {3, c.l1_hits},
                                                               {4, c.null_hits}, {5, c.write_backs},
                                                               {6, c.stalls},    {12, c.fills}};
  if (!null_cache) return list;
  list.insert(list.end(), {{7, c.null.insertions},
                           {8, c.null.splits},
                           {9, c.null.drops},
                           {10, c.null.evictions},
                           {11, c.approximated},
                           {13, c.null.covered_stores}});
  for (std::uint32_t order = 0; order < 8; ++order) {
    list.emplace_back(16 + order, c.null.merges[order]);
  }
  return list;
}

/// Spreads the low bits of `index` over the set bits of `mask`.
std::uint64_t Deposit(std::uint64_t index, std::uint64_t mask) {
  std::uint64_t spread = 0;
  for (; mask != 0; mask &= mask - 1, index >>= 1) {
    if ((index & 1) != 0) spread |= mask & (~mask + 1);
  }
  return spread;
}

}  // namespace

CacheLockstep::CacheLockstep(const CacheLibrary& library, MemoryImage& image,
                             const LockstepOptions& options)
    : library_(library),
      image_(image),
      memory_(library.config().address_width),
      touched_(std::max(1, LineAddressBits(library.config()) - 3)),
      model_(library.config(), image, options.timing),
      sim_(library, memory_,
           {.timing = options.timing,
            .seed = options.seed,
            .trace = options.trace,
            .record = options.record}),
      options_(options),
      next_check_(options.state_every) {
  batch_.reserve(kBatch);
  expected_.reserve(kBatch);
}

std::uint64_t CacheLockstep::Access(const systole::Access& access) {
  if (batch_.size() == kBatch) Flush();
  if (options_.state_every != 0 && accesses_ == next_check_) CheckState();
  systole::Access now = access;
  // Time has passed while the state was looked at.
  if (model_.cycle() + now.instructions - 1 < checked_at_) {
    now.instructions = static_cast<std::uint32_t>(checked_at_ - model_.cycle() + 1);
  }
  Touch(now.address);
  batch_.push_back(now);
  last_ = model_.Respond(now);
  expected_.push_back(last_);
  ++accesses_;
  return last_.value;
}

void CacheLockstep::WriteRegister(int address, std::uint64_t value) {
  Flush();
  if (checked_at_ > model_.cycle()) {
    throw RunError(
        "a register is written in the cycle of the last response: not after a look at "
        "the state");
  }
  const std::uint64_t expected = model_.WriteRegister(address, value);
  const std::uint64_t cycle = sim_.WriteRegister(static_cast<std::uint32_t>(address), value);
  if (address == 0 && (value & 0xc) != 0) approximates_ = true;
  if (cycle != expected) {
    throw RunError(
        fmt::format("write of {:#x} to register {} after access {}: RTL in cycle {}, "
                    "model in {}",
                    value, address, accesses_, cycle, expected));
  }
  if (options_.state_every != 0) CheckState();
}

void CacheLockstep::Touch(std::uint64_t address) {
  const CacheConfig& config = library_.config();
  const std::uint64_t line = address >> OffsetBits(config);
  std::uint8_t& bits = *touched_.At(line / 8);
  const auto bit = static_cast<std::uint8_t>(1U << (line % 8));
  if ((bits & bit) != 0) return;
  bits |= bit;
  lines_.push_back(line);
  const std::uint64_t start = line << OffsetBits(config);
  if (IsZeroLine(image_.At(start), config.line_bytes)) return;  // as the memory is; costs no page
  std::memcpy(memory_.At(start), image_.At(start), static_cast<std::size_t>(config.line_bytes));
}

void CacheLockstep::Flush() {
  const auto start = std::chrono::steady_clock::now();
  sim_.Run(batch_, replies_);
  rtl_seconds_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  for (std::size_t i = 0; i < batch_.size(); ++i) {
    const CacheReply& rtl = replies_[i];
    const CacheResponse& model = expected_[i];
    const auto source = static_cast<std::uint64_t>(model.source);
    const std::uint64_t value = batch_[i].write ? 0 : model.value;
    if (rtl.cycle == model.cycle && rtl.source == source && rtl.data == value) continue;
    throw RunError(fmt::format(
        "access {} ({}) of the {} cache: RTL {}, model {}", accesses_ - batch_.size() + i,
        Describe(batch_[i]), ToString(library_.config()), Describe(rtl.cycle, rtl.source, rtl.data),
        Describe(model.cycle, source, value)));
  }
  batch_.clear();
  expected_.clear();
}

void CacheLockstep::CheckState() {
  Flush();
  next_check_ = accesses_ + options_.state_every;
  const std::uint64_t cycle = std::max(model_.settled_cycle(), sim_.cycle());
  sim_.Advance(cycle);
  checked_at_ = cycle;
  ++checks_;
  CheckCounters(cycle);
  if (!library_.state()) return;
  const CacheState model = model_.State(cycle);
  const std::string difference =
      Difference(ReadState(sim_, library_.config()), model, library_.config());
  if (!difference.empty()) {
    throw RunError(fmt::format("state of the {} cache before access {}, cycle {}: {}",
                               ToString(library_.config()), accesses_, cycle, difference));
  }
  CheckLaw(model);
}

void CacheLockstep::CheckCounters(std::uint64_t cycle) {
  const CacheConfig& config = library_.config();
  if (config.counter_width == 0) return;
  const std::uint64_t mask = ~std::uint64_t{0} >> (64 - config.counter_width);
  for (const auto& [address, count] : Expected(model_.Counters(cycle), config.null_cache)) {
    const std::uint64_t rtl = sim_.ReadRegister(address);
    if (rtl == (count & mask)) continue;
    throw RunError(
        fmt::format("register {} of the {} cache after {} accesses, cycle {}: RTL {}, "
                    "model {}",
                    address, ToString(config), accesses_, cycle, rtl, count & mask));
  }
}

void CacheLockstep::CheckLaw(const CacheState& state) {
  const CacheConfig& config = library_.config();
  const std::optional<WaitingLine> waiting = ReadWriteBuffer(sim_, config);
  const auto fail = [&](std::uint64_t line, const char* what) {
    throw RunError(fmt::format("the one law is broken before access {}: line {:#x} is covered {}",
                               accesses_, line, what));
  };
  for (std::size_t i = 0; i < state.entries.size(); ++i) {
    const NullEntry& entry = state.entries[i];
    if (!entry.valid) continue;
    for (std::size_t j = 0; j < i; ++j) {
      const NullEntry& other = state.entries[j];
      const bool meet = ((entry.value ^ other.value) & ~entry.mask & ~other.mask) == 0;
      if (other.valid && meet) fail(entry.value, "twice");
    }
    for (const CacheLineState& held : state.lines) {
      if (held.valid && ((held.line ^ entry.value) & ~entry.mask) == 0) {
        fail(held.line, "and in the L1");
      }
    }
    const int order = std::popcount(entry.mask);
    const std::uint64_t count = order > 62 ? kSampledLines : std::uint64_t{1} << order;
    for (std::uint64_t k = 0; k < std::min(count, kSampledLines); ++k) {
      const std::uint64_t index = count <= kSampledLines ? k : k * (count / kSampledLines) + k;
      const std::uint64_t line = entry.value | Deposit(index, entry.mask);
      if ((*touched_.At(line / 8) >> (line % 8) & 1) == 0) fail(line, "and was never accessed");
      if (approximates_) continue;
      const std::uint8_t* bytes = waiting && waiting->line == line
                                      ? waiting->bytes.data()
                                      : memory_.At(line << OffsetBits(config));
      if (!IsZeroLine(bytes, config.line_bytes)) fail(line, "and not zero in memory");
    }
  }
}

void CacheLockstep::CheckMemory(const CacheState& state) {
  const CacheConfig& config = library_.config();
  const auto bytes = static_cast<std::size_t>(config.line_bytes);
  // Memory as it would be if the write buffer and all dirty lines were written back.
  if (const auto waiting = ReadWriteBuffer(sim_, config)) {
    std::memcpy(memory_.At(waiting->line * bytes), waiting->bytes.data(), bytes);
  }
  for (std::size_t i = 0; i < state.lines.size(); ++i) {
    if (!state.lines[i].valid) continue;
    const int set = static_cast<int>(i) / config.ways, way = static_cast<int>(i) % config.ways;
    const std::vector<std::uint8_t> held = ReadDataLine(sim_, config, set, way);
    const std::uint64_t at = state.lines[i].line * bytes;
    if (!state.lines[i].dirty && std::memcmp(held.data(), memory_.At(at), bytes) != 0) {
      throw RunError(fmt::format("the clean line {:#x} differs from memory", state.lines[i].line));
    }
    std::memcpy(memory_.At(at), held.data(), bytes);
  }
  for (const std::uint64_t line : lines_) {
    if (std::memcmp(memory_.At(line * bytes), image_.At(line * bytes), bytes) == 0) continue;
    throw RunError(
        fmt::format("after {} accesses, memory and the {} cache together differ from "
                    "the program's image in line {:#x}",
                    accesses_, ToString(config), line));
  }
}

void CacheLockstep::Finish() {
  CheckState();
  if (library_.state() && accesses_ != 0) CheckMemory(ReadState(sim_, library_.config()));
}

}  // namespace systole

// SPDX-License-Identifier: Apache-2.0
#include "sw/cache/cache_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <tuple>

#include "base/error.h"

namespace systole {
namespace {

constexpr std::uint64_t kInvalid = ~std::uint64_t{0};

const CacheConfig& Checked(const CacheConfig& config) {
  std::vector<Problem> problems = Check(config);
  if (!problems.empty()) throw RequestError(std::move(problems));
  return config;
}

std::uint64_t LowBytes(std::uint64_t value, int bytes) {
  return bytes == 8 ? value : value & ((std::uint64_t{1} << (8 * bytes)) - 1);
}

}  // namespace

CacheModel::CacheModel(const CacheConfig& config, MemoryImage& image, const MemoryTiming& timing,
                       const CacheExtras& extras)
    : config_(Checked(config)),
      image_(image),
      timing_(timing),
      order_(config.replacement, config.ways),
      offset_bits_(OffsetBits(config)),
      set_mask_(static_cast<std::uint64_t>(Sets(config)) - 1),
      ways_(config.ways),
      tags_(static_cast<std::size_t>(Sets(config)) * static_cast<std::size_t>(config.ways),
            kInvalid),
      last_lines_(static_cast<std::size_t>(Sets(config)), kInvalid),
      dirty_(tags_.size()),
      orders_(static_cast<std::size_t>(Sets(config))),
      extras_(extras),
      enabled_(config.null_cache),
      free_cycle_(static_cast<std::uint64_t>(Sets(config))),
      idle_cycle_(free_cycle_) {
  if (image.size() < std::uint64_t{1} << config.address_width) {
    throw RequestError(fmt::format("the memory image of {} bytes is smaller than {} address bits",
                                   image.size(), config.address_width));
  }
  if (extras.ideal_null && (!config.null_cache || config.null.zero_at_store)) {
    throw RequestError("an ideal null cache needs a null cache without zero_at_store");
  }
  if ((extras.filter_insertions || extras.zero_prefetch != 0) &&
      (!config.null_cache || extras.ideal_null || extras.zero_prefetch < 0 ||
       config.null.replacement != NullReplacement::kCoverage)) {
    throw RequestError("filter and prefetch need a null cache with coverage replacement");
  }
  if (extras.victim_lines < 0 || (extras.victim_lines > 0 && config.null_cache)) {
    throw RequestError("a victim cache has no null cache beside it");
  }
  if (config.null_cache) null_.emplace(config);
  if (extras.victim_lines > 0) victims_.emplace(extras.victim_lines);
}

CacheResponse CacheModel::Look(const systole::Access& access) {
  const std::uint64_t accepted = Accept(access);
  const std::uint64_t line = access.address >> offset_bits_;
  const std::size_t set = line & set_mask_;
  const std::uint64_t* tags = tags_.data() + set * static_cast<std::size_t>(ways_);
  for (int way = 0; way < ways_; ++way) {
    if (tags[way] == line) return HitL1(access, accepted, set, way);
  }

  const CacheResponse response{accepted, accepted + 1, access.value, ResponseSource::kMiss};
  if (enabled_) {
    if (prefetches_left_ > 0) FinishPrefetches(accepted);
    SyncMerger(accepted + 1);
    ++merger_busy_;  // LOOKUP
    const int entry = FindNull(line);
    if (entry >= 0) {
      const bool non_zero_store = access.write && LowBytes(access.value, access.bytes) != 0;
      return non_zero_store ? CoveredStore(response, line, entry)
                            : NullHit(access, response, entry);
    }
  }
  if (victims_ && victims_->Has(line)) return VictimHit(access, response, line);
  return Miss(access, response, line);
}

int CacheModel::FindNull(std::uint64_t line) const {
  if (extras_.ideal_null) return IsDetectedZero(line) ? 0 : -1;
  return null_->Find(line);
}

CacheResponse CacheModel::VictimHit(const systole::Access& access, CacheResponse response,
                                    std::uint64_t line) {
  ++counters_.victim_hits;
  const std::size_t set = line & set_mask_;
  const int way = VictimWay(set);
  const bool dirty = victims_->Take(line);
  if (!access.write) {
    ++response.cycle;
    ++counters_.stalls;
  }
  response.source = ResponseSource::kL1Hit;
  response_cycle_ = response.cycle;
  Allocate(set, way, line, dirty || access.write,
           response.accepted + 1 + static_cast<std::uint64_t>(LineWords(config_)));
  return response;
}

CacheResponse CacheModel::NullHit(const systole::Access& access, CacheResponse response,
                                  int entry) {
  if (!extras_.ideal_null) null_->Hit(entry);
  ++counters_.null_hits;
  if (!access.write) response.value = 0;
  response.source = ResponseSource::kNullHit;
  response_cycle_ = free_cycle_ = response.cycle;
  idle_cycle_ = touch_cycle_ = response.cycle + 1;
  return response;
}

CacheResponse CacheModel::HitL1(const systole::Access& access, std::uint64_t accepted,
                                std::size_t set, int way) {
  ++counters_.l1_hits;
  ++merger_busy_;  // LOOKUP
  orders_[set] = order_.Touch(orders_[set], way);
  last_lines_[set] = access.address >> offset_bits_;
  response_cycle_ = accepted + 1;
  idle_cycle_ = accepted + 2;
  free_cycle_ = accepted + (access.write ? 2 : 1);
  if (access.write) {
    ++use_.store_hits;
    const std::size_t index = set * static_cast<std::size_t>(ways_) + static_cast<std::size_t>(way);
    dirty_[index] = 1;
    if (config_.null.zero_at_store && enabled_ && LowBytes(access.value, access.bytes) == 0) {
      const std::uint64_t line = access.address >> offset_bits_;
      std::uint8_t bytes[64];
      std::memcpy(bytes, image_.At(line << offset_bits_),
                  static_cast<std::size_t>(config_.line_bytes));
      std::memset(bytes + (access.address - (line << offset_bits_)), 0, access.bytes);
      if (IsZeroLine(bytes, config_.line_bytes)) MoveZeroLine(set, way, line, accepted + 1);
    }
  }
  return {accepted, accepted + 1, access.value, ResponseSource::kL1Hit};
}

CacheResponse CacheModel::Miss(const systole::Access& access, CacheResponse response,
                               std::uint64_t line) {
  const std::size_t set = line & set_mask_;
  const int way = VictimWay(set);
  const std::uint64_t request = std::max(response.accepted + 2, buffer_empty_);
  const std::uint64_t taken = request + timing_.AcceptDelay(transactions_);
  const std::uint64_t answered = taken + timing_.Latency(transactions_);
  ++transactions_;
  ++counters_.fills;
  const std::uint64_t decide = std::max(answered, taken + 1 + CopyVictim(set, way)) + 1;
  if (!access.write) {
    response.cycle = decide;
    counters_.stalls += decide - (response.accepted + 1);
  }
  response_cycle_ = response.cycle;
  const bool non_zero_store = access.write && LowBytes(access.value, access.bytes) != 0;
  if (enabled_ && !non_zero_store && IsDetectedZero(line) &&
      (!extras_.filter_insertions || null_->Admit())) {
    InsertNull(line, decide);
    ++merger_busy_;  // DECIDE
    CountApproximated(line);
    if (extras_.zero_prefetch > 0) {
      prefetch_line_ = line + 1;
      prefetch_answer_ = decide + timing_.latency;
      prefetches_left_ = extras_.zero_prefetch;
    }
    free_cycle_ = idle_cycle_ = decide + 1;
    if (!access.write) {
      response.value = 0;
      response.source = ResponseSource::kZeroFill;
    }
    return response;
  }
  Allocate(set, way, line, access.write, decide);
  return response;
}

CacheResponse CacheModel::CoveredStore(CacheResponse response, std::uint64_t line, int entry) {
  const std::size_t set = line & set_mask_;
  const int way = VictimWay(set);
  const auto split =
      static_cast<std::uint64_t>(extras_.ideal_null ? 1 : null_->CoveredStore(entry, line));
  merger_busy_ += split;
  const std::uint64_t left = std::max(response.accepted + 2 + split, buffer_empty_);
  // What the entry took for zero is zero from now on.
  if (config_.null.approximation) {
    std::memset(image_.At(line << offset_bits_), 0, static_cast<std::size_t>(config_.line_bytes));
  }
  Allocate(set, way, line, true, left + 2 + CopyVictim(set, way));
  response_cycle_ = response.cycle;
  return response;
}

std::uint64_t CacheModel::WriteRegister(int address, std::uint64_t value) {
  if (address != 0 && address != 1) {
    throw RequestError(fmt::format("register {} cannot be written: 0 or 1", address));
  }
  const std::uint64_t written = std::max(response_cycle_, idle_cycle_);
  if (null_) SyncMerger(written);
  if (address == 0 && null_) {
    enabled_ = (value & 1) != 0;
    const bool empty = !enabled_ || (value & 2) != 0;
    if (empty) null_->Empty();
    if (config_.null.approximation) detector_.lanes = static_cast<ZeroLanes>(value >> 2 & 3);
  } else if (address == 1) {
    detector_.threshold = static_cast<std::uint32_t>(value);
  }
  response_cycle_ = free_cycle_ = idle_cycle_ = written + 1;
  if (null_) SyncMerger(written + 1);
  if (address == 0 && (value & 16) != 0) {
    counters_ = {};
    if (null_) null_->ClearCounters();
  }
  return written;
}

CacheCounters CacheModel::Counters(std::uint64_t cycle) {
  if (!null_) return counters_;
  SyncMerger(cycle);
  CacheCounters counters = counters_;
  counters.null = null_->counters();
  return counters;
}

CacheState CacheModel::State(std::uint64_t cycle) {
  CacheState state;
  for (std::size_t i = 0; i < tags_.size(); ++i) {
    const bool valid = tags_[i] != kInvalid;
    state.lines.push_back({valid, dirty_[i] != 0, valid ? tags_[i] : 0});
  }
  state.way_orders = orders_;
  if (!null_) return state;
  SyncMerger(cycle);
  state.entries = null_->Entries();
  state.merger = null_->merger();
  return state;
}

CacheArrayUse CacheModel::ArrayUse() {
  CacheArrayUse use = use_;
  if (!null_) return use;
  SyncMerger(idle_cycle_);
  use.tcam = null_->use();
  return use;
}

int CacheModel::VictimWay(std::size_t set) const {
  const std::uint64_t* tags = tags_.data() + set * static_cast<std::size_t>(ways_);
  for (int way = 0; way < ways_; ++way) {
    if (tags[way] == kInvalid) return way;
  }
  return order_.Victim(orders_[set]);
}

/// The cycles that it takes.
std::uint64_t CacheModel::CopyVictim(std::size_t set, int way) {
  const std::size_t index = set * static_cast<std::size_t>(ways_) + static_cast<std::size_t>(way);
  // A victim cache gets clean lines as well.
  const bool copied = tags_[index] != kInvalid && (dirty_[index] != 0 || victims_);
  if (!copied) return 0;
  ++use_.victim_copies;
  return static_cast<std::uint64_t>(LineWords(config_));
}

void CacheModel::Allocate(std::size_t set, int way, std::uint64_t line, bool dirty,
                          std::uint64_t decide) {
  const std::size_t index = set * static_cast<std::size_t>(ways_) + static_cast<std::size_t>(way);
  ++use_.installs;
  std::uint64_t victim = tags_[index];
  bool write_back = victim != kInvalid && dirty_[index] != 0;
  tags_[index] = last_lines_[set] = line;
  dirty_[index] = dirty ? 1 : 0;
  orders_[set] = order_.Touch(orders_[set], way);
  free_cycle_ = idle_cycle_ = decide + 1 + static_cast<std::uint64_t>(LineWords(config_));
  if (victims_ && victim != kInvalid)
    std::tie(victim, write_back) = victims_->Put(victim, write_back);
  if (write_back) {
    FillWriteBuffer(decide + 1);
    if (config_.null.zero_at_eviction && enabled_ && IsDetectedZero(victim)) {
      InsertNull(victim, decide);  // in FILL's first cycle; the merger waits from DECIDE on
      CountApproximated(victim);
    }
  }
  merger_busy_ += free_cycle_ - decide;  // DECIDE, FILL
}

void CacheModel::MoveZeroLine(std::size_t set, int way, std::uint64_t line,
                              std::uint64_t looked_up) {
  ++use_.zero_moves;
  const std::uint64_t moved = std::max(looked_up + 1, buffer_empty_);
  tags_[set * static_cast<std::size_t>(ways_) + static_cast<std::size_t>(way)] = kInvalid;
  last_lines_[set] = kInvalid;
  FillWriteBuffer(moved + 1);
  InsertNull(line, looked_up + 1);  // at the end of ZAP; the merger waits from its begin on
  merger_busy_ += moved - looked_up;
  free_cycle_ = idle_cycle_ = moved + 1;
}

void CacheModel::InsertNull(std::uint64_t line, std::uint64_t cycle) {
  SyncMerger(cycle);
  null_->Insert(line);
}

void CacheModel::CountApproximated(std::uint64_t line) {
  if (config_.null.approximation &&
      !IsZeroLine(image_.At(line << offset_bits_), config_.line_bytes)) {
    ++counters_.approximated;
  }
}

void CacheModel::FillWriteBuffer(std::uint64_t offered) {
  ++counters_.write_backs;
  buffer_empty_ = offered + timing_.AcceptDelay(transactions_++) + 1;
}

void CacheModel::SyncMerger(std::uint64_t cycle) {
  if (merger_cycle_ <= touch_cycle_ && touch_cycle_ < cycle) ++merger_busy_;
  if (null_->MergerHasWork()) null_->RunMerger(cycle - merger_cycle_ - merger_busy_);
  merger_cycle_ = cycle;
  merger_busy_ = 0;
}

bool CacheModel::IsInL1(std::uint64_t line) const {
  const std::uint64_t* tags = tags_.data() + (line & set_mask_) * static_cast<std::size_t>(ways_);
  return std::find(tags, tags + ways_, line) != tags + ways_;
}

/// Takes the answers that came up to `cycle`. A store to a prefetched line misses the L1 and so
/// comes here first: the image is as old as the answers.
void CacheModel::FinishPrefetches(std::uint64_t cycle) {
  while (prefetches_left_ > 0 && prefetch_answer_ <= cycle) {
    const std::uint64_t line = prefetch_line_;
    const bool inside = line >> LineAddressBits(config_) == 0;
    if (!inside || IsInL1(line) || null_->Find(line) >= 0) {
      prefetches_left_ = 0;
      return;
    }
    ++counters_.fills;
    ++counters_.prefetches;
    if (!IsDetectedZero(line)) {
      prefetches_left_ = 0;
      return;
    }
    InsertNull(line, std::max(prefetch_answer_, merger_cycle_ + merger_busy_));
    ++merger_busy_;
    CountApproximated(line);
    ++prefetch_line_;
    prefetch_answer_ += timing_.latency;
    --prefetches_left_;
  }
}

bool CacheModel::IsDetectedZero(std::uint64_t line) const {
  return detector_.IsZero(image_.At(line << offset_bits_), config_.line_bytes);
}

}  // namespace systole

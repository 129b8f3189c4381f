// SPDX-License-Identifier: Apache-2.0
#include "sw/cache/null_cache_model.h"

#include <algorithm>
#include <bit>

namespace systole {
namespace {

constexpr int kMaxCredit = 7;

std::uint64_t Bit(int position) { return std::uint64_t{1} << position; }

}  // namespace

NullCacheModel::NullCacheModel(const CacheConfig& config)
    : config_(config.null),
      line_bits_(LineAddressBits(config)),
      order_limit_(MergeOrderLimit(config)),
      words_((static_cast<std::size_t>(config.null.entries) + 63) / 64) {
  const auto entries = static_cast<std::size_t>(config_.entries);
  planes_.resize(2 * static_cast<std::size_t>(line_bits_) * words_);
  valid_.resize(words_);
  value_.resize(entries);
  mask_.resize(entries);
  mark_.resize(entries);
  credit_.resize(entries);
  partner_.resize(static_cast<std::size_t>(line_bits_));
  for (std::size_t i = 0; i < entries; ++i) stamp_.push_back(entries - i);  // entry 0 has rank 0
  clock_ = entries;
}

int NullCacheModel::Search(std::uint64_t line) const {
  for (std::size_t w = 0; w < words_; ++w) {
    std::uint64_t match = valid_[w];
    const std::uint64_t* plane = planes_.data() + w;
    for (int bit = 0; bit < line_bits_ && match != 0; ++bit, plane += 2 * words_) {
      match &= plane[((line >> bit) & 1) * words_];
    }
    if (match == 0) continue;
    const int entry = static_cast<int>(64 * w) + std::countr_zero(match);
    guesses_[line % kGuesses] = static_cast<std::int16_t>(entry);
    return entry;
  }
  return -1;
}

void NullCacheModel::Hit(int entry) { Touch(entry, kMaxCredit); }

bool NullCacheModel::Admit() {
  if (LowestInvalid() >= 0) return true;
  if (*std::min_element(credit_.begin(), credit_.end()) == 0) return true;
  for (std::uint8_t& credit : credit_) --credit;
  return false;
}

void NullCacheModel::Insert(std::uint64_t line) {
  int slot = LowestInvalid();
  if (slot < 0) {
    slot = Victim();
    ++counters_.evictions;
  }
  ++counters_.insertions;
  const bool idle = !merger_.busy;
  Write(slot, line, 0);
  Touch(slot, 1);
  if (order_limit_ == 0) return;
  if (idle && config_.merge_trigger != MergeTrigger::kSweep) {
    Mark(slot, false);
    TakeInserted(slot, line);
  } else {
    if (merger_.busy && merger_.current == slot) merger_ = {};
    Mark(slot, config_.merge_trigger != MergeTrigger::kInsert);
  }
}

int NullCacheModel::CoveredStore(int entry, std::uint64_t line) {
  ++counters_.covered_stores;
  ++use_.reads;
  if (merger_.busy && merger_.current == entry) merger_ = {};
  std::uint64_t value = value_[entry], mask = mask_[entry];
  if (config_.store_policy == NullStorePolicy::kDrop) {
    if (mask != 0) ++counters_.drops;
    Invalidate(entry);
    return 1;
  }
  if (mask == 0) {
    Invalidate(entry);
    return 2;
  }
  ++counters_.splits;
  const bool marks = order_limit_ > 0 && config_.merge_trigger != MergeTrigger::kInsert;
  int cycles = 1;  // the entry is read
  for (int slot = entry; mask != 0; slot = LowestInvalid()) {
    ++cycles;
    if (slot < 0) {
      ++counters_.drops;
      break;
    }
    const std::uint64_t bit = std::bit_floor(mask);
    mask ^= bit;
    Write(slot, value | (~line & bit), mask);
    Touch(slot, 1 + std::popcount(mask));
    if (marks) Mark(slot, true);
    value |= line & bit;
  }
  return cycles;
}

void NullCacheModel::Empty() {
  std::fill(valid_.begin(), valid_.end(), 0);
  std::fill(mark_.begin(), mark_.end(), false);
  marks_ = 0;
  merger_ = {};
}

void NullCacheModel::RunMerger(std::uint64_t free_cycles) {
  while (free_cycles > 0 && MergerHasWork()) {
    if (!merger_.busy) {
      --free_cycles;
      int entry = 0;
      while (!mark_[entry]) ++entry;
      Mark(entry, false);
      merger_ = {.busy = true, .current = entry};
      continue;
    }
    if (!merger_.loaded) {
      --free_cycles;
      Load();
      continue;
    }
    const bool parallel = config_.merge_search == MergeSearch::kParallel;
    const bool at_limit = std::popcount(merger_.mask) >= order_limit_;
    const Partner partner = at_limit ? Partner{} : NextPartner();
    const int end = at_limit || parallel ? merger_.position + 1
                    : partner.entry < 0  ? line_bits_
                                         : partner.bit + 1;
    const auto steps = static_cast<std::uint64_t>(end - merger_.position);
    const std::uint64_t made = std::min(steps, free_cycles);
    (parallel ? use_.compares : use_.searches) += made;
    free_cycles -= made;
    if (made < steps) {
      merger_.position += static_cast<int>(made);
      return;
    }
    if (parallel) ++use_.reads;
    if (partner.entry < 0) {
      merger_ = {};
    } else {
      if (!parallel) ++use_.reads;
      Merge(partner);
    }
  }
}

std::vector<NullEntry> NullCacheModel::Entries() const {
  std::vector<NullEntry> entries(value_.size());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    NullEntry& entry = entries[i];
    entry = {(valid_[i / 64] >> (i % 64) & 1) != 0, value_[i], mask_[i], mark_[i], credit_[i]};
    if (config_.replacement == NullReplacement::kLru) {
      entry.recency = static_cast<std::uint32_t>(std::count_if(
          stamp_.begin(), stamp_.end(), [&](std::uint64_t stamp) { return stamp > stamp_[i]; }));
    }
  }
  return entries;
}

NullCacheModel::Coverage NullCacheModel::Covered() const {
  Coverage coverage;
  for (std::size_t i = 0; i < value_.size(); ++i) {
    if ((valid_[i / 64] >> (i % 64) & 1) == 0) continue;
    ++coverage.entries;
    coverage.lines += static_cast<double>(Bit(std::popcount(mask_[i])));
  }
  return coverage;
}

void NullCacheModel::Write(int entry, std::uint64_t value, std::uint64_t mask) {
  ++use_.writes;
  const auto word = static_cast<std::size_t>(entry) / 64;
  const std::uint64_t own = Bit(entry % 64);
  valid_[word] |= own;
  value_[entry] = value;
  mask_[entry] = mask;
  for (int bit = 0; bit < line_bits_; ++bit) {
    std::uint64_t* plane = planes_.data() + 2 * static_cast<std::size_t>(bit) * words_ + word;
    const bool any = (mask >> bit & 1) != 0, one = (value >> bit & 1) != 0;
    plane[0] = any || !one ? plane[0] | own : plane[0] & ~own;
    plane[words_] = any || one ? plane[words_] | own : plane[words_] & ~own;
  }
  partners_known_ = false;
}

void NullCacheModel::Invalidate(int entry) {
  valid_[static_cast<std::size_t>(entry) / 64] &= ~Bit(entry % 64);
  Mark(entry, false);
  partners_known_ = false;
}

void NullCacheModel::Mark(int entry, bool mark) {
  marks_ += static_cast<int>(mark) - static_cast<int>(mark_[entry]);
  mark_[entry] = mark;
}

void NullCacheModel::Touch(int entry, int credit) {
  stamp_[entry] = ++clock_;
  credit_[entry] = static_cast<std::uint8_t>(std::min(credit, kMaxCredit));
}

int NullCacheModel::LowestInvalid() const {
  for (std::size_t w = 0; w < words_; ++w) {
    if (~valid_[w] == 0) continue;
    const int entry = static_cast<int>(64 * w) + std::countr_one(valid_[w]);
    return entry < config_.entries ? entry : -1;
  }
  return -1;
}

int NullCacheModel::Victim() {
  if (config_.replacement == NullReplacement::kLru) {
    return static_cast<int>(std::min_element(stamp_.begin(), stamp_.end()) - stamp_.begin());
  }
  const auto least = std::min_element(credit_.begin(), credit_.end());
  const std::uint8_t credit = *least;
  for (std::uint8_t& other : credit_) other = static_cast<std::uint8_t>(other - credit);
  return static_cast<int>(least - credit_.begin());
}

NullCacheModel::Partner NullCacheModel::NextPartner() {
  if (!partners_known_) {
    std::fill(partner_.begin(), partner_.end(), -1);
    Partner lowest;
    for (int i = 0; i < config_.entries; ++i) {
      if (mask_[i] != merger_.mask) continue;
      const std::uint64_t difference = value_[i] ^ merger_.value;
      if (!std::has_single_bit(difference)) continue;
      if ((valid_[static_cast<std::size_t>(i) / 64] >> (i % 64) & 1) == 0) continue;
      const int bit = std::countr_zero(difference);
      partner_[bit] = i;
      if (lowest.entry < 0) lowest = {i, bit};
    }
    partners_known_ = true;
    if (config_.merge_search == MergeSearch::kParallel) return lowest;
  }
  for (int bit = merger_.position; bit < line_bits_; ++bit) {
    if (partner_[bit] >= 0) return {partner_[bit], bit};
  }
  return {};
}

void NullCacheModel::Merge(Partner partner) {
  Invalidate(partner.entry);
  merger_.value &= ~Bit(partner.bit);
  merger_.mask |= Bit(partner.bit);
  merger_.position = 0;
  Write(merger_.current, merger_.value, merger_.mask);
  const int order = std::popcount(merger_.mask);
  Touch(merger_.current, 1 + order);
  ++counters_.merges[std::min(order, 8) - 1];
}

void NullCacheModel::Load() {
  ++use_.reads;
  merger_.loaded = true;
  merger_.value = value_[merger_.current];
  merger_.mask = mask_[merger_.current];
  partners_known_ = false;
}

void NullCacheModel::TakeInserted(int entry, std::uint64_t line) {
  merger_ = {.busy = true, .current = entry, .loaded = true, .value = line};
  partners_known_ = false;
}

}  // namespace systole

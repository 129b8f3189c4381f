// SPDX-License-Identifier: Apache-2.0
#include "tests/cache_rtl/hostile_stream.h"

#include <algorithm>
#include <bit>
#include <iterator>

namespace systole {
HostileStream::HostileStream(const CacheConfig& config, const StreamMix& mix, std::uint64_t seed,
                             MemoryImage& image)
    : config_(config), mix_(mix), random_(seed), image_(image) {
  const auto line_bits = static_cast<std::uint64_t>(LineAddressBits(config));
  lines_ = std::min(std::uint64_t{1} << line_bits, mix.footprint);
  bits_ = lines_ - 1;
  if (mix.scattered) {
    bits_ = std::uint64_t{1} << (line_bits - 1);
    while (std::popcount(bits_) < static_cast<int>(std::bit_width(lines_ - 1))) {
      bits_ |= std::uint64_t{1} << random_.Below(line_bits);
    }
  }
  FillMemory();
}

std::uint64_t HostileStream::AddressOf(std::uint64_t line) const {
  std::uint64_t address = 0;
  for (std::uint64_t left = bits_; left != 0; left &= left - 1, line >>= 1) {
    if ((line & 1) != 0) address |= left & (~left + 1);
  }
  return address << OffsetBits(config_);
}

void HostileStream::FillMemory() {
  const auto bytes = static_cast<std::uint64_t>(config_.line_bytes);
  for (std::uint64_t line = 0; line < lines_; ++line) {
    if (random_.Chance(mix_.zero_lines)) continue;
    if (random_.Chance(24)) {  // all but zero: the highest bit alone
      image_.Store(AddressOf(line) + bytes - 4, 4, 0x80000000);
      continue;
    }
    const bool small = random_.Chance(mix_.small_lines);
    for (std::uint64_t at = 0; at < bytes; at += 4) {
      // Small: float16 and int8 lanes of magnitude 8, and as float32 nearly nothing.
      const std::uint64_t value =
          small ? random_.Below(2) * (random_.Chance(128) ? 0x00080008 : 0x80080008)
                : random_.Next();
      image_.Store(AddressOf(line) + at, 4, value & 0xffffffff);
    }
  }
}

void HostileStream::Run(CacheLockstep& lockstep, std::uint64_t accesses) {
  for (std::uint64_t i = 0; i < accesses; ++i) {
    if (left_-- == 0) NextPhase(lockstep);
    const Access access = NextAccess();
    lockstep.Access(access);
    // A store of zeros to a line that is only taken for zero changes nothing in memory: the image
    // is what memory and cache together hold.
    const std::uint64_t line = access.address >> OffsetBits(config_);
    const bool lost = config_.null.approximation &&
                      lockstep.last().source != ResponseSource::kL1Hit &&
                      lockstep.model().null_cache().Find(line) >= 0;
    if (access.write && !lost) image_.Store(access.address, access.bytes, access.value);
  }
}

void HostileStream::NextPhase(CacheLockstep& lockstep) {
  if (random_.Chance(mix_.registers)) WriteRegister(lockstep);
  pattern_ = static_cast<Pattern>(random_.Below(kPatterns));
  left_ = random_.Below(60);
  line_ = random_.Below(lines_);
  step_ = std::uint64_t{1} << random_.Below(static_cast<std::uint64_t>(std::bit_width(lines_ - 1)));
  if (random_.Chance(160)) step_ = 1;
  word_ = 0;
  for (std::uint64_t& line : few_) line = random_.Below(lines_);
}

std::uint64_t HostileStream::NextAddress() {
  const auto words = static_cast<std::uint64_t>(LineWords(config_));
  const auto sets = static_cast<std::uint64_t>(Sets(config_));
  std::uint64_t word = random_.Below(words);
  switch (pattern_) {
    case kFew:
      line_ = few_[random_.Below(4)];
      break;
    case kAliases:
      line_ = line_ % sets + sets * random_.Below(std::max<std::uint64_t>(lines_ / sets, 1));
      break;
    case kStride:
      line_ += step_;
      break;
    case kNeighbours:
      line_ ^=
          std::uint64_t{1} << random_.Below(static_cast<std::uint64_t>(std::bit_width(lines_ - 1)));
      break;
    case kClear:
    case kRange:
      word = word_++ % words;
      if (word == 0) line_ += step_;
      break;
    default:
      line_ = random_.Below(lines_);
  }
  line_ %= lines_;
  return AddressOf(line_) + word * kCacheWordBytes;
}

std::uint64_t HostileStream::NonZero(int bytes) {
  if (mix_.small_lines != 0 && random_.Chance(128)) return random_.Between(1, 8);
  if (random_.Chance(32)) return std::uint64_t{1} << (8 * bytes - 1);  // the float -0
  const std::uint64_t value = random_.Next() >> (64 - 8 * bytes);
  return value == 0 ? 1 : value;
}

Access HostileStream::NextAccess() {
  Access access;
  access.address = NextAddress();
  const int size = pattern_ == kClear ? 3 : static_cast<int>(random_.Below(4));
  access.bytes = static_cast<std::uint8_t>(1U << size);
  access.address += access.bytes * random_.Below(8U / access.bytes);
  access.write = pattern_ == kClear || (pattern_ != kRange && random_.Chance(mix_.stores));
  if (access.write) {
    const bool zero = pattern_ == kClear ? !random_.Chance(8) : random_.Chance(mix_.zero_stores);
    access.value = zero ? 0 : NonZero(access.bytes);
  } else {
    access.value = image_.Load(access.address, access.bytes);
  }
  if (random_.Chance(mix_.gaps)) {
    access.instructions = static_cast<std::uint32_t>(random_.Between(2, mix_.longest_gap));
  }
  return access;
}

void HostileStream::WriteRegister(CacheLockstep& lockstep) {
  if (config_.null.approximation && random_.Chance(100)) {
    const std::uint64_t thresholds[] = {0, 1, 8, 127, 0x00080008, 0x80080008, 0xffffffff};
    lockstep.WriteRegister(1, thresholds[random_.Below(std::size(thresholds))]);
    return;
  }
  if (random_.Chance(128)) lanes_ = static_cast<unsigned>(random_.Below(4));
  const std::uint64_t enable = random_.Chance(200) ? 1 : 0, flush = random_.Chance(80) ? 2 : 0;
  const std::uint64_t clear = random_.Chance(40) ? 16 : 0;
  lockstep.WriteRegister(0, enable | flush | clear | lanes_ << 2);
}

}  // namespace systole

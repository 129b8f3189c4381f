// SPDX-License-Identifier: Apache-2.0
#include "synth/gates/stimulus.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <set>
#include <type_traits>

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"

namespace systole {
namespace {

static_assert(std::endian::native == std::endian::little, "the format is the memory's layout");

constexpr std::string_view kMagic = "SYSTPORT";
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kHashBytes = 8;

template <typename T>
void Put(std::string& bytes, T value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

/// Takes values from the front of a text.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  std::string_view Take(std::size_t count) {
    if (count > bytes_.size()) throw RequestError("the recording is cut short");
    const std::string_view taken = bytes_.substr(0, count);
    bytes_.remove_prefix(count);
    return taken;
  }
  template <typename T>
  T Get() {
    static_assert(std::is_integral_v<T>);
    T value;
    std::memcpy(&value, Take(sizeof value).data(), sizeof value);
    return value;
  }
  std::size_t left() const { return bytes_.size(); }

 private:
  std::string_view bytes_;
};

std::uint64_t Mask(std::uint32_t width) { return width >= 64 ? ~0ULL : (1ULL << width) - 1; }

}  // namespace

PortRecording::PortRecording(std::vector<RecordedPort> ports) : ports_(std::move(ports)) {
  if (ports_.empty()) throw RequestError("a recording needs a port");
  std::set<std::string_view> names;
  std::uint64_t bits = 0;
  for (const RecordedPort& port : ports_) {
    if (port.width == 0) throw RequestError(fmt::format("port {} has no bits", port.name));
    if (!names.insert(port.name).second) {
      throw RequestError(fmt::format("port {} is recorded twice", port.name));
    }
    first_bit_.push_back(bits);
    bits += port.width;
  }
  cycle_words_ = (bits + 63) / 64;
}

std::optional<std::size_t> PortRecording::Find(std::string_view name) const {
  for (std::size_t i = 0; i < ports_.size(); ++i) {
    if (ports_[i].name == name) return i;
  }
  return std::nullopt;
}

void PortRecording::AddCycle() {
  words_.resize(words_.size() + cycle_words_);
  ++cycles_;
}

void PortRecording::Set(std::size_t port, std::uint32_t first, std::uint32_t width,
                        std::uint64_t value) {
  const std::uint64_t mask = Mask(width);
  const std::uint64_t at = (cycles_ - 1) * cycle_words_ * 64 + first_bit_[port] + first;
  const std::uint64_t shift = at % 64;
  std::uint64_t* word = &words_[at / 64];
  value &= mask;
  word[0] = (word[0] & ~(mask << shift)) | value << shift;
  if (shift + width > 64) {
    word[1] = (word[1] & ~(mask >> (64 - shift))) | value >> (64 - shift);
  }
}

void PortRecording::SetWords(std::size_t port, const std::uint32_t* words) {
  const std::uint32_t width = ports_[port].width;
  for (std::uint32_t first = 0; first < width; first += 32) {
    Set(port, first, std::min<std::uint32_t>(32, width - first), words[first / 32]);
  }
}

std::uint64_t PortRecording::Bits(std::uint64_t cycle, std::size_t port, std::uint32_t first,
                                  std::uint32_t width) const {
  const std::uint64_t at = cycle * cycle_words_ * 64 + first_bit_[port] + first;
  const std::uint64_t shift = at % 64;
  std::uint64_t value = words_[at / 64] >> shift;
  if (shift + width > 64) value |= words_[at / 64 + 1] << (64 - shift);
  return value & Mask(width);
}

std::string EncodeRecording(const PortRecording& recording) {
  std::string bytes(kMagic);
  Put(bytes, kVersion);
  Put(bytes, static_cast<std::uint32_t>(recording.ports_.size()));
  for (const RecordedPort& port : recording.ports_) {
    Put(bytes, static_cast<std::uint32_t>(port.name.size()));
    bytes += port.name;
    Put(bytes, port.width);
    Put(bytes, static_cast<std::uint32_t>(port.direction == PortDirection::kOutput));
  }
  Put(bytes, recording.cycles_);
  bytes.append(reinterpret_cast<const char*>(recording.words_.data()), recording.words_.size() * 8);
  return bytes + ContentHash(bytes).substr(0, kHashBytes);
}

PortRecording DecodeRecording(std::string_view bytes) {
  if (!bytes.starts_with(kMagic)) throw RequestError("not a recording of ports");
  if (bytes.size() < kMagic.size() + kHashBytes ||
      ContentHash(bytes.substr(0, bytes.size() - kHashBytes)).substr(0, kHashBytes) !=
          bytes.substr(bytes.size() - kHashBytes)) {
    throw RequestError("the recording is damaged: its hash differs");
  }
  Reader reader(bytes.substr(kMagic.size(), bytes.size() - kMagic.size() - kHashBytes));
  if (const auto version = reader.Get<std::uint32_t>(); version != kVersion) {
    throw RequestError(
        fmt::format("recording of version {}; this program reads {}", version, kVersion));
  }
  std::vector<RecordedPort> ports;
  for (auto left = reader.Get<std::uint32_t>(); left > 0; --left) {
    RecordedPort port;
    port.name = reader.Take(reader.Get<std::uint32_t>());
    port.width = reader.Get<std::uint32_t>();
    port.direction =
        reader.Get<std::uint32_t>() == 0 ? PortDirection::kInput : PortDirection::kOutput;
    ports.push_back(std::move(port));
  }
  PortRecording recording(std::move(ports));
  recording.cycles_ = reader.Get<std::uint64_t>();
  if (reader.left() % (recording.cycle_words_ * 8) != 0 ||
      reader.left() / (recording.cycle_words_ * 8) != recording.cycles_) {
    throw RequestError("the recording has another length than its number of cycles says");
  }
  recording.words_.resize(reader.left() / 8);
  const std::string_view words = reader.Take(reader.left());
  std::memcpy(recording.words_.data(), words.data(), words.size());
  return recording;
}

void WriteRecording(const std::filesystem::path& path, const PortRecording& recording) {
  WriteFile(path, EncodeRecording(recording));
}

PortRecording ReadRecording(const std::filesystem::path& path) {
  const std::string bytes = ReadFile(path);
  try {
    return DecodeRecording(bytes);
  } catch (const RequestError& error) {
    throw RequestError(fmt::format("{}: {}", path.string(), error.what()));
  }
}

}  // namespace systole

// SPDX-License-Identifier: Apache-2.0
#include "models/flatbuffer.h"

#include <utility>

#include "base/error.h"

namespace systole::models {

FlatTable FlatTable::Root(std::string_view bytes, std::string_view identifier,
                          const std::string& format, const std::string& origin) {
  constexpr std::size_t kIdentifier = 4;
  if (bytes.size() < 2 * kIdentifier ||
      bytes.substr(kIdentifier, identifier.size()) != identifier) {
    throw RequestError(origin + " is no " + format + ": the letters " + std::string(identifier) +
                       " are not in their place");
  }
  constexpr std::uint64_t kReadsAByte = 64;
  const auto file = std::make_shared<File>(File{bytes, origin, kReadsAByte * bytes.size()});
  return {file, FlatTable(file, 0).Follow(0)};
}

FlatTable::FlatTable(std::shared_ptr<File> file, std::size_t at) : file_(std::move(file)), at_(at) {
  if (at == 0) return;  // the file itself
  const auto back = static_cast<std::int32_t>(Read(at, 4));
  const std::int64_t fields = static_cast<std::int64_t>(at) - back;
  if (fields < 0) Fail();
  fields_ = static_cast<std::size_t>(fields);
  fields_size_ = Read(fields_, 2);
  Read(at + Read(fields_ + 2, 2) - 1, 1);  // the table itself must end inside the file
}

void FlatTable::Fail() const {
  throw RequestError(file_->origin + " is broken: an offset in it leads out of the file");
}

std::uint64_t FlatTable::Read(std::size_t at, std::size_t bytes) const {
  const std::string_view all = file_->bytes;
  if (at > all.size() || bytes > all.size() - at) Fail();
  if (file_->reads_left-- == 0) {
    throw RequestError(file_->origin + " is broken: its tables share too many bytes");
  }
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes; ++i) {
    value |= std::uint64_t{static_cast<unsigned char>(all[at + i])} << (8 * i);
  }
  return value;
}

std::size_t FlatTable::FieldAt(int field) const {
  const std::size_t entry = 4 + 2 * static_cast<std::size_t>(field);
  if (entry + 2 > fields_size_) return 0;
  const std::size_t offset = Read(fields_ + entry, 2);
  return offset == 0 ? 0 : at_ + offset;
}

std::uint64_t FlatTable::Scalar(int field, std::size_t bytes) const {
  return Read(FieldAt(field), bytes);
}

std::int64_t FlatTable::Int8(int field, std::int64_t fallback) const {
  return Has(field) ? static_cast<std::int8_t>(Scalar(field, 1)) : fallback;
}

std::int64_t FlatTable::Uint8(int field, std::int64_t fallback) const {
  return Has(field) ? static_cast<std::int64_t>(Scalar(field, 1)) : fallback;
}

std::int64_t FlatTable::Int32(int field, std::int64_t fallback) const {
  return Has(field) ? static_cast<std::int32_t>(Scalar(field, 4)) : fallback;
}

std::int64_t FlatTable::Uint32(int field, std::int64_t fallback) const {
  return Has(field) ? static_cast<std::int64_t>(Scalar(field, 4)) : fallback;
}

std::size_t FlatTable::Follow(std::size_t at) const {
  const std::size_t target = at + Read(at, 4);
  if (target == 0 || target >= file_->bytes.size()) Fail();
  return target;
}

std::optional<FlatTable> FlatTable::Table(int field) const {
  if (!Has(field)) return std::nullopt;
  return FlatTable(file_, Follow(FieldAt(field)));
}

FlatTable::Elements FlatTable::Vector(int field, std::size_t bytes) const {
  if (!Has(field)) return {};
  const std::size_t at = Follow(FieldAt(field));
  const std::size_t count = Read(at, 4);
  if (count > (file_->bytes.size() - at - 4) / bytes) Fail();
  return {at + 4, count};
}

std::vector<FlatTable> FlatTable::Tables(int field) const {
  const Elements elements = Vector(field, 4);
  std::vector<FlatTable> tables;
  for (std::size_t i = 0; i < elements.count; ++i) {
    tables.push_back(FlatTable(file_, Follow(elements.begin + 4 * i)));
  }
  return tables;
}

std::vector<std::int64_t> FlatTable::Numbers(int field, int bytes) const {
  const auto size = static_cast<std::size_t>(bytes);
  const Elements elements = Vector(field, size);
  std::vector<std::int64_t> numbers;
  for (std::size_t i = 0; i < elements.count; ++i) {
    const std::uint64_t value = Read(elements.begin + size * i, size);
    numbers.push_back(bytes == 4 ? static_cast<std::int32_t>(value)
                                 : static_cast<std::int64_t>(value));
  }
  return numbers;
}

std::string_view FlatTable::Bytes(int field) const {
  const Elements elements = Vector(field, 1);
  return elements.count == 0 ? std::string_view()
                             : file_->bytes.substr(elements.begin, elements.count);
}

}  // namespace systole::models

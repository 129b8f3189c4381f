// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace systole::models {

/// A table of a FlatBuffer, read where it lies. Every offset and length is checked against the
/// file, so that no file makes a reader leave it: what does not fit throws RequestError with the
/// file's name. So does a file whose tables lead to the same bytes again and again: reads are
/// counted. Fields are named by their number in the schema; an absent one has its default.
class FlatTable {
 public:
  /// The root table of a file; `bytes` must outlive all tables. `identifier` are the four letters
  /// that mark the format, whose name and `origin` stand in messages.
  static FlatTable Root(std::string_view bytes, std::string_view identifier,
                        const std::string& format, const std::string& origin);

  std::int64_t Int8(int field, std::int64_t fallback) const;
  std::int64_t Uint8(int field, std::int64_t fallback) const;
  std::int64_t Int32(int field, std::int64_t fallback) const;
  std::int64_t Uint32(int field, std::int64_t fallback) const;
  bool Has(int field) const { return FieldAt(field) != 0; }
  std::optional<FlatTable> Table(int field) const;
  std::vector<FlatTable> Tables(int field) const;
  /// A vector of numbers of 1, 2 or 4 bytes; those of 4 are signed, the others are not.
  std::vector<std::int64_t> Numbers(int field, int bytes) const;
  /// A vector of bytes, or a string.
  std::string_view Bytes(int field) const;

 private:
  struct File {
    std::string_view bytes;
    std::string origin;
    std::uint64_t reads_left = 0;
  };
  FlatTable(std::shared_ptr<File> file, std::size_t at);
  [[noreturn]] void Fail() const;
  /// An unsigned little-endian number.
  std::uint64_t Read(std::size_t at, std::size_t bytes) const;
  /// Where the field lies; 0 if it is absent.
  std::size_t FieldAt(int field) const;
  std::uint64_t Scalar(int field, std::size_t bytes) const;
  /// Follows the offset that lies there.
  std::size_t Follow(std::size_t at) const;
  /// The elements of a vector field: where they begin and how many they are.
  struct Elements {
    std::size_t begin = 0, count = 0;
  };
  Elements Vector(int field, std::size_t bytes) const;

  std::shared_ptr<File> file_;
  std::size_t at_;
  std::size_t fields_ = 0;       ///< where the table of field offsets lies
  std::size_t fields_size_ = 0;  ///< its bytes
};

}  // namespace systole::models

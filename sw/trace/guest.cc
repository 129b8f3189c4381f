// SPDX-License-Identifier: Apache-2.0
#include "sw/trace/guest.h"

#include <fmt/format.h>

#include <cstring>
#include <type_traits>

#include "base/error.h"
#include "base/file.h"

namespace systole {
namespace {

// The file holds them as they lie in memory, here and in the guest.
static_assert(std::is_trivially_copyable_v<TraceOp>);

void Append(std::string& out, const void* bytes, std::size_t size) {
  out.append(static_cast<const char*>(bytes), size);
}

}  // namespace

void WriteGuestProgram(const Program& program, const MemoryImage& image,
                       const std::filesystem::path& path) {
  std::string out;
  std::vector<Segment> ranges;
  for (const Segment& segment : program.segments) {
    if (segment.name != "stack" && segment.begin < segment.end) ranges.push_back(segment);
  }
  const GuestHeader header{ranges.size(), program.ops.size()};
  Append(out, &header, sizeof(header));
  for (const Segment& range : ranges) {
    const std::uint64_t ends[] = {range.begin, range.end};
    Append(out, ends, sizeof(ends));
  }
  Append(out, program.ops.data(), program.ops.size() * sizeof(TraceOp));
  for (const Segment& range : ranges) Append(out, image.At(range.begin), range.end - range.begin);
  WriteFile(path, out);
}

std::string GuestPluginArguments(const std::filesystem::path& records) {
  constexpr std::uint64_t kEnd = 0x7ff0'0000;
  return fmt::format("out={},low={:#x},high={:#x}", records.string(), kGuestMarker, kEnd);
}

std::vector<GuestOp> ReadGuestOps(const std::filesystem::path& path) {
  const std::string bytes = ReadFile(path);
  std::vector<GuestOp> ops;
  bool inside = false;
  for (std::size_t at = 0; at + sizeof(GuestRecord) <= bytes.size(); at += sizeof(GuestRecord)) {
    GuestRecord record;
    std::memcpy(&record, bytes.data() + at, sizeof(record));
    if (record.address == kGuestMarker) {
      inside = record.value % 2 == 0;
      if (inside) {
        ops.emplace_back();
      } else if (!ops.empty()) {
        // The marker's own two or three instructions count: they are few.
        ops.back().instructions += record.instructions;
        ops.back().others += record.others;
      }
    } else if (inside) {
      ops.back().records.push_back(record);
      ops.back().instructions += record.instructions;
      ops.back().others += record.others;
    }
  }
  if (bytes.size() % sizeof(GuestRecord) != 0 || inside) {
    throw RequestError("the records " + path.string() + " are cut off");
  }
  return ops;
}

}  // namespace systole

// SPDX-License-Identifier: Apache-2.0
#include "sw/onnx/names.h"

#include <fmt/format.h>

#include "base/error.h"

namespace systole {
namespace {

constexpr std::size_t kMaxNameLength = 4096;

/// Length of the UTF-8 sequence that starts at `at`; 0 if it is none or a control character.
std::size_t SequenceLength(const std::string& text, std::size_t at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  if (lead < 0x80) return lead < 0x20 || lead == 0x7f ? 0 : 1;
  const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || at + length > text.size()) return 0;
  const auto second = static_cast<unsigned char>(text[at + 1]);
  // Overlong forms, surrogates, beyond U+10FFFF, and the control characters U+0080 to U+009F.
  if ((lead == 0xe0 && second < 0xa0) || (lead == 0xed && second > 0x9f) ||
      (lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second > 0x8f) ||
      (lead == 0xc2 && second < 0xa0)) {
    return 0;
  }
  for (std::size_t i = 1; i < length; ++i) {
    if ((static_cast<unsigned char>(text[at + i]) & 0xc0) != 0x80) return 0;
  }
  return length;
}

}  // namespace

const std::string& CheckedName(const std::string& name, const char* what) {
  if (name.size() > kMaxNameLength) {
    throw RequestError(fmt::format("{} has {} bytes, more than the limit of {}", what, name.size(),
                                   kMaxNameLength));
  }
  for (std::size_t at = 0; at < name.size();) {
    const std::size_t length = SequenceLength(name, at);
    if (length == 0) {
      throw RequestError(fmt::format(
          "{} '{}...' goes on with byte 0x{:02x}: control characters and bytes that are not UTF-8 "
          "are not allowed in names",
          what, name.substr(0, at), static_cast<unsigned char>(name[at])));
    }
    at += length;
  }
  return name;
}

}  // namespace systole

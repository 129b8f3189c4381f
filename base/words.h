// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"

namespace systole {

/// The words of an enumeration, each once.
template <typename Enum, std::size_t N>
using EnumWords = std::array<std::pair<Enum, std::string_view>, N>;

template <typename Enum, std::size_t N>
std::string WordOf(const EnumWords<Enum, N>& words, Enum value) {
  for (const auto& [known, word] : words) {
    if (known == value) return std::string(word);
  }
  return {};
}

/// Throws RequestError "WHAT TEXT is unknown" that lists the words.
template <typename Enum, std::size_t N>
Enum ParseWord(const EnumWords<Enum, N>& words, std::string_view what, std::string_view text) {
  std::string list;
  for (const auto& [known, word] : words) {
    if (word == text) return known;
    list += (list.empty() ? "" : ", ") + std::string(word);
  }
  throw RequestError(fmt::format("{} {} is unknown", what, text), "use one of " + list);
}

}  // namespace systole

// SPDX-License-Identifier: Apache-2.0
#include "synth/flow/amend_cells.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <iterator>
#include <string_view>

namespace systole {
namespace {

bool IsSpace(char letter) { return std::isspace(static_cast<unsigned char>(letter)) != 0; }
bool IsName(char letter) {
  return std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '_';
}

/// Reads `cell ( NAME ) {` from the `cell` at `at` on; the place behind the brace, or npos.
std::size_t ReadHead(const std::string& text, std::size_t at, std::string& name) {
  const auto skip = [&] {
    while (at < text.size() && (IsSpace(text[at]) || text[at] == '"')) ++at;
  };
  const auto take = [&](char letter) {
    skip();
    if (at >= text.size() || text[at] != letter) return false;
    ++at;
    return true;
  };
  at += 4;
  if (!take('(')) return std::string::npos;
  skip();
  const std::size_t begin = at;
  while (at < text.size() && IsName(text[at])) ++at;
  name = text.substr(begin, at - begin);
  return take(')') && take('{') ? at : std::string::npos;
}

}  // namespace

CellAttributes Amendments(const Library& library) {
  CellAttributes attributes;
  for (const Cell& cell : library.cells) {
    if (cell.power_management) attributes[cell.name] = "dont_use : true;";
    if (cell.area_of_lef) attributes[cell.name] += fmt::format("area : {};", *cell.area);
  }
  return attributes;
}

std::string AmendCells(const std::string& liberty, const CellAttributes& attributes) {
  if (attributes.empty()) return liberty;
  std::string text, name;
  std::size_t done = 0;
  for (std::size_t at = 0; (at = liberty.find("cell", at)) != std::string::npos; at += 4) {
    if (at > 0 && IsName(liberty[at - 1])) continue;
    const std::size_t body = ReadHead(liberty, at, name);
    if (body == std::string::npos || !attributes.contains(name)) continue;
    text += liberty.substr(done, body - done) + " " + attributes.at(name);
    done = body;
  }
  return text + liberty.substr(done);
}

std::string WithoutWireLoads(const std::string& liberty) {
  static constexpr std::string_view kChoices[] = {"default_wire_load_selection",
                                                  "default_wire_load", "wire_load_selection"};
  std::string text;
  std::size_t done = 0;
  for (std::size_t at = 0; (at = liberty.find("wire_load", at)) != std::string::npos; ++at) {
    std::size_t begin = at, end = at;
    while (begin > 0 && IsName(liberty[begin - 1])) --begin;
    while (end < liberty.size() && IsName(liberty[end])) ++end;
    const auto word = std::string_view(liberty).substr(begin, end - begin);
    if (std::find(std::begin(kChoices), std::end(kChoices), word) == std::end(kChoices)) continue;
    text += liberty.substr(done, begin - done) + "unused_";
    done = begin;
  }
  return text + liberty.substr(done);
}

}  // namespace systole

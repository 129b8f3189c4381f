// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace systole {

/// The Liberty grammar without its meaning (Liberty User Guide, volume 1, chapter 1): groups,
/// simple and complex attributes. All texts are views of what was parsed, strings without their
/// quotes and with their escapes; see LibertyText.

struct LibertyAttribute {
  std::string_view name;
  std::vector<std::string_view> values;  ///< one of a simple attribute (name : value;)
  std::size_t line = 0;
};

struct LibertyGroup {
  std::string_view name;
  std::vector<std::string_view> arguments;
  std::size_t line = 0;
  std::vector<LibertyAttribute> attributes;
  std::vector<LibertyGroup> groups;

  /// The last attribute of that name (a later one overrides), or null.
  const LibertyAttribute* Find(std::string_view attribute) const;
};

/// The `library` group of a file. `text` has to outlive the result; `path` is for messages. Throws
/// RequestError with path and line.
LibertyGroup ParseLiberty(std::string_view text, const std::filesystem::path& path);

/// A value with its escapes resolved: a backslash before the end of a line joins the lines, before
/// another character it stands for that character.
std::string LibertyText(std::string_view value);

/// Reads a file; unpacks it when it is gzip-compressed. Throws RequestError.
std::string ReadMaybeGzip(const std::filesystem::path& path);

}  // namespace systole

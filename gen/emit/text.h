// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace systole::rtl {

std::vector<std::string> SplitLines(std::string_view text);

/// A raw string literal's text moved so that its least indented line starts in column `indent`:
/// blank lines become empty, those at the ends go. Ends with a newline unless it is empty.
std::string Reindent(std::string_view text, int indent);

/// `text` with every `${name}` replaced. A value of several lines is indented like the line that
/// names it; a line that holds nothing but a placeholder with an empty value goes. Throws EmitError
/// that names `module` for a name without a value, a value without a use and a `${` without `}`.
std::string Substitute(const std::string& module, const std::string& text,
                       const std::map<std::string, std::string>& values);

/// Throws EmitError for tabs, trailing spaces and lines longer than 100 characters, and names the
/// module and the line.
void CheckLayout(const std::string& module, const std::string& text);

}  // namespace systole::rtl

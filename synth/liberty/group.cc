// SPDX-License-Identifier: Apache-2.0
#include "synth/liberty/group.h"

#include <fmt/format.h>

#include "base/error.h"

namespace systole {

namespace {

/// Real libraries nest seven deep; the bound keeps a hostile file from exhausting the stack.
constexpr int kMaxDepth = 64;

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f'; }

bool IsNameEnd(char c) {
  return IsBlank(c) || c == '(' || c == ')' || c == '{' || c == '}' || c == ':' || c == ';' ||
         c == ',' || c == '"';
}

class Parser {
 public:
  Parser(std::string_view text, const std::filesystem::path& path) : text_(text), path_(path) {}

  LibertyGroup Parse() {
    SkipBlanks();
    if (AtEnd()) Fail("is empty: no Liberty library");
    const std::size_t line = line_;
    const std::string_view name = Name();
    if (name != "library") Fail("is no Liberty file: it does not begin with library (NAME) {");
    LibertyGroup library;
    library.name = name;
    library.line = line;
    SkipBlanks();
    library.arguments = Arguments();
    SkipBlanks();
    if (AtEnd() || Peek() != '{') Fail("has no { after library (NAME)");
    ++position_;
    Body(library, 1);
    for (SkipBlanks(); !AtEnd() && Peek() == ';'; SkipBlanks()) ++position_;
    if (!AtEnd()) Fail("has text after the library's closing }");
    return library;
  }

 private:
  [[noreturn]] void Fail(const std::string& what) const {
    throw RequestError(fmt::format("{}:{} {}", path_.string(), line_, what),
                       "give a file in the Liberty format (.lib or .lib.gz)");
  }
  bool AtEnd() const { return position_ >= text_.size(); }
  char Peek(std::size_t ahead = 0) const {
    return position_ + ahead < text_.size() ? text_[position_ + ahead] : '\0';
  }
  void Advance() {
    if (text_[position_] == '\n') ++line_;
    ++position_;
  }

  /// A backslash with nothing but blanks behind it on its line: the line goes on.
  bool AtContinuation() const {
    if (Peek() != '\\') return false;
    std::size_t i = position_ + 1;
    while (i < text_.size() && (text_[i] == ' ' || text_[i] == '\t' || text_[i] == '\r')) ++i;
    return i >= text_.size() || text_[i] == '\n';
  }

  void SkipComment() {
    const std::size_t begin = line_;
    position_ += 2;
    while (!AtEnd() && !(Peek() == '*' && Peek(1) == '/')) Advance();
    if (AtEnd()) {
      line_ = begin;
      Fail("begins a comment that does not end");
    }
    position_ += 2;
  }

  /// Blanks, continuations and comments. With `lines` false it stops before the end of a line.
  void SkipBlanks(bool lines = true) {
    while (!AtEnd()) {
      const char c = Peek();
      if (c == '\n' && !lines) return;
      if (IsBlank(c)) {
        Advance();
      } else if (c == '/' && Peek(1) == '*') {
        SkipComment();
      } else if (c == '/' && Peek(1) == '/') {
        while (!AtEnd() && Peek() != '\n') ++position_;
      } else if (AtContinuation()) {
        while (!AtEnd() && Peek() != '\n') ++position_;
        if (!AtEnd()) Advance();
      } else {
        return;
      }
    }
  }

  std::string_view Name() {
    const std::size_t begin = position_;
    while (!AtEnd() && !IsNameEnd(Peek())) {
      const auto c = static_cast<unsigned char>(Peek());
      if (c < 0x20 || c == 0x7f) Fail("is no Liberty file: it holds binary data");
      ++position_;
    }
    if (position_ == begin) {
      Fail(AtEnd() ? std::string("ends in the middle: a } is missing")
                   : fmt::format("has '{}' where a name has to stand", Peek()));
    }
    return text_.substr(begin, position_ - begin);
  }

  std::string_view Quoted() {
    const std::size_t first_line = line_, begin = ++position_;
    while (!AtEnd() && Peek() != '"') {
      if (Peek() == '\\' && position_ + 1 < text_.size()) ++position_;
      Advance();
    }
    if (AtEnd()) {
      line_ = first_line;
      Fail("begins a string that does not end");
    }
    return text_.substr(begin, position_++ - begin);
  }

  std::vector<std::string_view> Arguments() {
    if (AtEnd() || Peek() != '(') Fail("has no ( where one has to stand");
    ++position_;
    std::vector<std::string_view> arguments;
    for (SkipBlanks(); !AtEnd() && Peek() != ')'; SkipBlanks()) {
      if (Peek() == ',') {
        ++position_;
      } else if (Peek() == '"') {
        arguments.push_back(Quoted());
      } else {
        arguments.push_back(Word());
      }
    }
    if (AtEnd()) Fail("ends in the middle: a ) is missing");
    ++position_;
    return arguments;
  }

  /// An unquoted argument; it may hold a colon (bus[7:0]).
  std::string_view Word() {
    const std::size_t begin = position_;
    while (!AtEnd() && (Peek() == ':' || !IsNameEnd(Peek()))) ++position_;
    if (position_ == begin) Fail(fmt::format("has '{}' between ( and )", Peek()));
    return text_.substr(begin, position_ - begin);
  }

  /// The value of a simple attribute. Its semicolon may be missing: then the line ends it.
  std::string_view Value() {
    SkipBlanks(false);
    std::string_view value;
    if (!AtEnd() && Peek() == '"') {
      value = Quoted();
    } else {
      const std::size_t begin = position_;
      while (!AtEnd() && Peek() != ';' && Peek() != '\n' && Peek() != '}') {
        if (Peek() == '/' && Peek(1) == '*') break;
        ++position_;
      }
      value = text_.substr(begin, position_ - begin);
      while (!value.empty() && IsBlank(value.back())) value.remove_suffix(1);
    }
    SkipBlanks(false);
    if (!AtEnd() && Peek() == ';') {
      ++position_;
    } else if (!AtEnd() && Peek() != '\n' && Peek() != '}') {
      Fail("has a value without a semicolon after it");
    }
    return value;
  }

  void Body(LibertyGroup& group, int depth) {
    if (depth > kMaxDepth) Fail(fmt::format("nests groups more than {} deep", kMaxDepth));
    while (true) {
      SkipBlanks();
      if (AtEnd()) {
        Fail(fmt::format("ends in the middle: the group {} of line {} has no }}", group.name,
                         group.line));
      }
      if (Peek() == '}') {
        ++position_;
        return;
      }
      if (Peek() == ';') {
        ++position_;
        continue;
      }
      Statement(group, depth);
    }
  }

  void Statement(LibertyGroup& group, int depth) {
    const std::size_t line = line_;
    const std::string_view name = Name();
    SkipBlanks();
    if (!AtEnd() && Peek() == ':') {
      ++position_;
      group.attributes.push_back({name, {Value()}, line});
      return;
    }
    auto arguments = Arguments();
    SkipBlanks();
    if (AtEnd() || Peek() != '{') {
      group.attributes.push_back({name, std::move(arguments), line});
      return;
    }
    ++position_;
    auto& child = group.groups.emplace_back();
    child.name = name;
    child.arguments = std::move(arguments);
    child.line = line;
    Body(child, depth + 1);
  }

  std::string_view text_;
  const std::filesystem::path& path_;
  std::size_t position_ = 0, line_ = 1;
};

}  // namespace

const LibertyAttribute* LibertyGroup::Find(std::string_view attribute) const {
  for (auto it = attributes.rbegin(); it != attributes.rend(); ++it) {
    if (it->name == attribute) return &*it;
  }
  return nullptr;
}

LibertyGroup ParseLiberty(std::string_view text, const std::filesystem::path& path) {
  return Parser(text, path).Parse();
}

std::string LibertyText(std::string_view value) {
  std::string text;
  text.reserve(value.size());
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] != '\\') {
      text += value[i];
      continue;
    }
    std::size_t end = i + 1;
    while (end < value.size() && (value[end] == ' ' || value[end] == '\t' || value[end] == '\r'))
      ++end;
    if (end >= value.size() || value[end] == '\n') {
      i = end;
    } else {
      text += value[++i];
    }
  }
  return text;
}

}  // namespace systole

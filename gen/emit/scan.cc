// SPDX-License-Identifier: Apache-2.0
#include "gen/emit/scan.h"

#include <algorithm>
#include <cctype>

namespace systole::rtl {
namespace {

bool IsWordStart(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$' || c == '`';
}
bool IsWordPart(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$';
}

/// Cuts Verilog into tokens.
class Lexer {
 public:
  Lexer(std::string_view text, std::map<int, std::string>* comments)
      : text_(text), comments_(comments) {}

  std::vector<Token> Run() {
    while (position_ < text_.size()) Step();
    return std::move(tokens_);
  }

 private:
  bool At(std::string_view what) const { return text_.substr(position_, what.size()) == what; }

  void SkipPast(std::string_view end) {
    const std::size_t found = text_.find(end, position_);
    const std::size_t next = found == std::string_view::npos ? text_.size() : found + end.size();
    line_ += static_cast<int>(std::count(text_.begin() + static_cast<std::ptrdiff_t>(position_),
                                         text_.begin() + static_cast<std::ptrdiff_t>(next), '\n'));
    position_ = next;
  }

  void Add(std::size_t end) {
    tokens_.push_back({std::string(text_.substr(position_, end - position_)), line_});
    position_ = end;
  }

  void LineComment() {
    const std::size_t end = std::min(text_.find('\n', position_), text_.size());
    std::size_t start = position_ + 2;
    while (start < end && text_[start] == ' ') ++start;
    if (comments_ != nullptr) (*comments_)[line_] = text_.substr(start, end - start);
    position_ = end;
  }

  /// `12`, `8'hff`, `'0`.
  void Number() {
    std::size_t end = position_;
    while (end < text_.size() && IsWordPart(text_[end])) ++end;
    if (end < text_.size() && text_[end] == '\'') {
      ++end;
      while (end < text_.size() && IsWordPart(text_[end])) ++end;
    }
    Add(end);
  }

  void Step() {
    const char c = text_[position_];
    if (c == '\n') ++line_;
    if (std::isspace(static_cast<unsigned char>(c)) != 0) {
      ++position_;
    } else if (At("//")) {
      LineComment();
    } else if (At("/*")) {
      SkipPast("*/");
    } else if (At("(*") && !At("(*)")) {
      SkipPast("*)");
    } else if (c == '"') {
      std::size_t end = position_ + 1;
      while (end < text_.size() && text_[end] != '"') end += text_[end] == '\\' ? 2 : 1;
      Add(std::min(end + 1, text_.size()));
    } else if (IsWordStart(c)) {
      std::size_t end = position_ + 1;
      while (end < text_.size() && IsWordPart(text_[end])) ++end;
      Add(end);
    } else if (std::isdigit(static_cast<unsigned char>(c)) != 0 || c == '\'') {
      Number();
    } else if (At("+:") || At("-:") || At("<=") || At(">=") || At("==") || At("!=") || At("&&") ||
               At("||") || At("<<") || At(">>")) {
      Add(position_ + 2);
    } else {
      Add(position_ + 1);
    }
  }

  std::string_view text_;
  std::map<int, std::string>* comments_;
  std::size_t position_ = 0;
  int line_ = 1;
  std::vector<Token> tokens_;
};

using TokenList = std::vector<Token>;

/// The names in [begin, end) that are outside of `[...]`: those that a left side drives.
void AddTargets(const TokenList& tokens, std::size_t begin, std::size_t end,
                std::set<std::string>& names) {
  for (std::size_t i = begin; i < end; ++i) {
    if (tokens[i].text == "[") {
      i = Closing(tokens, i);
    } else if (IsName(tokens[i])) {
      names.insert(tokens[i].text);
    }
  }
}

std::size_t Find(const TokenList& tokens, std::size_t from, std::string_view text) {
  while (from < tokens.size() && tokens[from].text != text) ++from;
  return from;
}

/// Index of the first `text` in [from, end) that is outside of brackets; `end` if there is none.
std::size_t FindOutside(const TokenList& tokens, std::size_t from, std::size_t end,
                        std::string_view text) {
  for (std::size_t i = from; i < end; ++i) {
    if (tokens[i].text == text) return i;
    if (tokens[i].text == "(" || tokens[i].text == "[" || tokens[i].text == "{") {
      i = Closing(tokens, i);
    }
  }
  return end;
}

std::string Text(const TokenList& tokens, std::size_t begin, std::size_t end) {
  std::string text;
  for (std::size_t i = begin; i < std::min(end, tokens.size()); ++i) {
    if (!text.empty()) text += ' ';
    text += tokens[i].text;
  }
  return text;
}

/// The value of the tokens as a constant expression; empty if they are none.
std::optional<std::int64_t> Constant(const TokenList& tokens, std::size_t begin, std::size_t end,
                                     const Values& values) {
  try {
    return Evaluate(Text(tokens, begin, end), values);
  } catch (const EmitError&) {
    return std::nullopt;  // a function call, say: Verilog, but nothing to reason about here
  }
}

/// Index of the first of `, ; = )` that is outside of brackets, from `from` on.
std::size_t EndOfDeclarator(const TokenList& tokens, std::size_t from) {
  for (std::size_t i = from; i < tokens.size(); ++i) {
    const std::string& text = tokens[i].text;
    if (text == "," || text == ";" || text == "=" || text == ")") return i;
    if (text == "(" || text == "[" || text == "{") i = Closing(tokens, i);
  }
  return tokens.size();
}

/// Index of the first of `, ;` that is outside of brackets, from `from` on.
std::size_t EndOfValue(const TokenList& tokens, std::size_t from) {
  std::size_t end = EndOfDeclarator(tokens, from);
  while (end < tokens.size() && tokens[end].text == "=") end = EndOfDeclarator(tokens, end + 1);
  return end;
}

bool IsDeclaration(std::string_view word) {
  return word == "wire" || word == "reg" || word == "integer" || word == "localparam" ||
         word == "genvar";
}

/// One declaration statement: calls `declare(index of the name, index after its declarator)` for
/// each of its names and returns the index of the token that ends it.
template <typename Declare>
std::size_t ForEachDeclarator(const TokenList& tokens, std::size_t from, Declare declare) {
  while (from < tokens.size()) {
    const std::size_t end = EndOfDeclarator(tokens, from);
    if (from < tokens.size() && IsName(tokens[from])) declare(from, end);
    const std::size_t next = EndOfValue(tokens, end);
    if (next >= tokens.size() || tokens[next].text != ",") return next;
    from = next + 1;
  }
  return from;
}

/// Index after the type words and the range of the declaration at `keyword`; `range` is where the
/// range's `[` is, or 0.
std::size_t SkipType(const TokenList& tokens, std::size_t keyword, std::size_t& range) {
  std::size_t i = keyword + 1;
  range = 0;
  while (i < tokens.size() &&
         (tokens[i].text == "signed" || tokens[i].text == "integer" || tokens[i].text == "[")) {
    if (tokens[i].text == "[") {
      range = i;
      i = Closing(tokens, i);
    }
    ++i;
  }
  return i;
}

std::optional<std::int64_t> RangeWidth(const TokenList& tokens, std::size_t open,
                                       const Values& values) {
  const std::size_t close = Closing(tokens, open);
  const std::size_t colon = FindOutside(tokens, open + 1, close, ":");
  if (colon >= close) return std::nullopt;
  const auto high = Constant(tokens, open + 1, colon, values);
  const auto low = Constant(tokens, colon + 1, close, values);
  if (!high || !low || *high < *low) return std::nullopt;
  return *high - *low + 1;
}

}  // namespace

std::vector<Token> Tokens(std::string_view verilog, std::map<int, std::string>* comments) {
  return Lexer(verilog, comments).Run();
}

bool IsName(const Token& token) {
  const char c = token.text.front();
  return (std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_') && !IsKeyword(token.text);
}

std::size_t Closing(const std::vector<Token>& tokens, std::size_t open) {
  int depth = 0;
  for (std::size_t i = open; i < tokens.size(); ++i) {
    const char c = tokens[i].text.front();
    if (c == '(' || c == '[' || c == '{') ++depth;
    if ((c == ')' || c == ']' || c == '}') && --depth == 0) return i;
  }
  return tokens.size();
}

std::set<std::string> Targets(const std::vector<Token>& tokens) {
  std::set<std::string> names;
  AddTargets(tokens, 0, tokens.size(), names);
  return names;
}

Scan ScanVerilog(const std::vector<Token>& tokens) {
  Scan scan;
  const auto text = [&](std::size_t i) { return i < tokens.size() ? tokens[i].text : ""; };
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const bool is_member = i > 0 && tokens[i - 1].text == ".";
    if (IsName(tokens[i]) && !is_member) {
      scan.names.insert(tokens[i].text);
      const bool named = i + 1 < tokens.size() && IsName(tokens[i + 1]) && text(i + 2) == "(";
      if (named || (text(i + 1) == "#" && text(i + 2) == "(")) {
        auto& modules = scan.instantiated;
        if (std::find(modules.begin(), modules.end(), text(i)) == modules.end()) {
          modules.push_back(text(i));
        }
      }
    }
    if (text(i) == "assign") AddTargets(tokens, i + 1, Find(tokens, i, "="), scan.assigned);
    if (is_member && text(i + 1) == "(") {
      AddTargets(tokens, i + 1, Closing(tokens, i + 1), scan.connected);
    }
    if (IsDeclaration(text(i))) {
      std::size_t range = 0;
      ForEachDeclarator(tokens, SkipType(tokens, i, range), [&](std::size_t name, std::size_t) {
        scan.declared.insert(tokens[name].text);
      });
    }
  }
  return scan;
}

Scope ScopeOf(const Module& module, const std::vector<Token>& body) {
  Scope scope;
  scope.constants = module.Defaults();
  for (const Port& port : module.ports) {
    const auto width = port.width ? Evaluate(*port.width, scope.constants) : 1;
    if (width) scope.widths[port.name] = *width;
  }
  std::set<std::string> seen;
  for (std::size_t i = 0; i < body.size(); ++i) {
    const std::string& keyword = body[i].text;
    if (!IsDeclaration(keyword)) continue;
    std::size_t range = 0;
    const std::size_t first = SkipType(body, i, range);
    ForEachDeclarator(body, first, [&](std::size_t at, std::size_t end) {
      const std::string& name = body[at].text;
      if (!seen.insert(name).second) {  // in two blocks: which one is meant is not followed
        scope.constants.erase(name);
        scope.widths.erase(name);
      } else if (keyword == "localparam") {
        const auto value = Constant(body, end + 1, EndOfValue(body, end), scope.constants);
        if (value) scope.constants[name] = *value;
      } else if (keyword == "wire" || keyword == "reg") {
        const auto width = range > 0 ? RangeWidth(body, range, scope.constants) : 1;
        if (width) scope.widths[name] = *width;
        if (end > at + 1) scope.memories.insert(name);
      }
    });
    i = first - 1;  // the `integer` of `localparam integer` is no declaration of its own
  }
  return scope;
}

namespace {

using Width = std::optional<std::int64_t>;

Width WidthOfTokens(const TokenList& tokens, std::size_t begin, std::size_t end,
                    const Scope& scope);

/// The sum of the widths of a list's members.
Width WidthOfList(const TokenList& tokens, std::size_t begin, std::size_t end, const Scope& scope) {
  std::int64_t sum = 0;
  for (std::size_t start = begin; start < end;) {
    const std::size_t stop = std::min(EndOfDeclarator(tokens, start), end);
    const Width width = WidthOfTokens(tokens, start, stop, scope);
    if (!width) return std::nullopt;
    sum += *width;
    start = stop + 1;
  }
  return sum;
}

/// `{a, b}` or `{n{a, b}}`.
Width WidthOfBraces(const TokenList& tokens, std::size_t open, std::size_t close,
                    const Scope& scope) {
  const std::size_t inner = Find(tokens, open + 1, "{");
  if (inner > open + 1 && inner < close && Closing(tokens, inner) + 1 == close) {
    const auto count = Constant(tokens, open + 1, inner, scope.constants);
    if (count) {
      const Width width = WidthOfList(tokens, inner + 1, close - 1, scope);
      return width ? Width(*count * *width) : std::nullopt;
    }
  }
  return WidthOfList(tokens, open + 1, close, scope);
}

/// `[i]`, `[base +: width]` or `[high:low]` at `open`.
Width WidthOfSelect(const TokenList& tokens, std::size_t open, const Scope& scope) {
  const std::size_t close = Closing(tokens, open);
  for (const char* part : {"+:", "-:"}) {
    const std::size_t at = FindOutside(tokens, open + 1, close, part);
    if (at < close) return Constant(tokens, at + 1, close, scope.constants);
  }
  if (FindOutside(tokens, open + 1, close, "?") < close) return 1;
  const bool is_range = FindOutside(tokens, open + 1, close, ":") < close;
  return is_range ? RangeWidth(tokens, open, scope.constants) : 1;
}

Width WidthOfName(const TokenList& tokens, std::size_t begin, std::size_t end, const Scope& scope) {
  const std::string& name = tokens[begin].text;
  const auto found = scope.widths.find(name);
  const Width whole = found == scope.widths.end() ? Width() : Width(found->second);
  std::size_t select = begin + 1;
  if (scope.memories.contains(name)) {
    if (select >= end) return std::nullopt;
    select = Closing(tokens, select) + 1;
  }
  if (select >= end) return whole;
  if (tokens[select].text != "[" || Closing(tokens, select) + 1 != end) return std::nullopt;
  return WidthOfSelect(tokens, select, scope);
}

Width WidthOfTokens(const TokenList& tokens, std::size_t begin, std::size_t end,
                    const Scope& scope) {
  if (begin >= end) return std::nullopt;
  const Token& first = tokens[begin];
  if (first.text == "~") return WidthOfTokens(tokens, begin + 1, end, scope);
  if (IsName(first)) return WidthOfName(tokens, begin, end, scope);
  if ((first.text == "{" || first.text == "(") && Closing(tokens, begin) + 1 == end) {
    return first.text == "{" ? WidthOfBraces(tokens, begin, end - 1, scope)
                             : WidthOfTokens(tokens, begin + 1, end - 1, scope);
  }
  const std::size_t tick = first.text.find('\'');
  if (begin + 1 == end && tick != std::string::npos && tick > 0) {
    return Evaluate(first.text.substr(0, tick), {});
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::int64_t> WidthOf(std::string_view actual, const Scope& scope) {
  const TokenList tokens = Tokens(actual);
  const Width width = WidthOfTokens(tokens, 0, tokens.size(), scope);
  return width && *width > 0 ? width
                             : std::nullopt;  // not positive: a block that is not elaborated
}

}  // namespace systole::rtl

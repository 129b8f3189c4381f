// SPDX-License-Identifier: Apache-2.0
#include "sw/study/svg.h"

#include <fmt/format.h>

namespace systole {
namespace {

/// Two digits behind the point at most, none where there is nothing to say.
std::string Number(double value) {
  std::string text = fmt::format("{:.2f}", value);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text == "-0" ? "0" : text;
}

std::string Escaped(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '&') {
      escaped += "&amp;";
    } else if (c == '<') {
      escaped += "&lt;";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

}  // namespace

Svg::Svg(int width, int height) : width_(width), height_(height) {
  Rect(0, 0, width, height, "#ffffff");
}

void Svg::Rect(double x, double y, double width, double height, const std::string& fill) {
  body_ += fmt::format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{}\"/>\n",
                       Number(x), Number(y), Number(width), Number(height), fill);
}

void Svg::Line(double x1, double y1, double x2, double y2, const std::string& stroke,
               double width) {
  body_ += fmt::format(
      "<line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\" stroke=\"{}\" stroke-width=\"{}\"/>\n",
      Number(x1), Number(y1), Number(x2), Number(y2), stroke, Number(width));
}

void Svg::Polyline(const std::vector<std::pair<double, double>>& points,
                   const std::string& stroke) {
  std::string list;
  for (const auto& [x, y] : points) {
    list += fmt::format("{}{},{}", list.empty() ? "" : " ", Number(x), Number(y));
  }
  body_ += fmt::format("<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"2\"/>\n",
                       list, stroke);
}

void Svg::Circle(double x, double y, double radius, const std::string& fill) {
  body_ += fmt::format("<circle cx=\"{}\" cy=\"{}\" r=\"{}\" fill=\"{}\"/>\n", Number(x), Number(y),
                       Number(radius), fill);
}

void Svg::Text(double x, double y, const std::string& text, int size, Anchor anchor, double degrees,
               bool bold) {
  const char* const anchors[] = {"start", "middle", "end"};
  const std::string turn = degrees == 0 ? ""
                                        : fmt::format(" transform=\"rotate({} {} {})\"",
                                                      Number(degrees), Number(x), Number(y));
  body_ +=
      fmt::format("<text x=\"{}\" y=\"{}\" font-size=\"{}\" text-anchor=\"{}\"{}{}>{}</text>\n",
                  Number(x), Number(y), size, anchors[static_cast<int>(anchor)],
                  bold ? " font-weight=\"bold\"" : "", turn, Escaped(text));
}

std::string Svg::ToString() const {
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" "
      "viewBox=\"0 0 {0} {1}\" font-family=\"sans-serif\" fill=\"#000000\">\n{2}</svg>\n",
      width_, height_, body_);
}

const std::vector<std::string>& PlotColours() {
  static const std::vector<std::string> colours = {"#0072b2", "#e69f00", "#009e73", "#cc79a7",
                                                   "#56b4e9", "#d55e00", "#000000", "#f0e442"};
  return colours;
}

}  // namespace systole

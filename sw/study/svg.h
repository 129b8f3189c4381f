// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace systole {

/// A drawing in SVG 1.1, in pixels from the upper left corner. The same calls give the same bytes
/// on every machine.
class Svg {
 public:
  enum class Anchor { kStart, kMiddle, kEnd };

  Svg(int width, int height);

  void Rect(double x, double y, double width, double height, const std::string& fill);
  void Line(double x1, double y1, double x2, double y2, const std::string& stroke,
            double width = 1);
  void Polyline(const std::vector<std::pair<double, double>>& points, const std::string& stroke);
  void Circle(double x, double y, double radius, const std::string& fill);
  /// `y` is the base line. Turned by `degrees` around (x, y), clockwise.
  void Text(double x, double y, const std::string& text, int size = 12,
            Anchor anchor = Anchor::kStart, double degrees = 0, bool bold = false);

  /// The document.
  std::string ToString() const;

 private:
  int width_, height_;
  std::string body_;
};

/// Colours that people with any colour vision tell apart (Okabe and Ito, "Color Universal Design",
/// 2008), in the order in which a plot uses them.
const std::vector<std::string>& PlotColours();

}  // namespace systole

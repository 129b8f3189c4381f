// SPDX-License-Identifier: Apache-2.0
#include "sw/study/plots.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

#include "sw/study/chart.h"
#include "sw/study/svg.h"

namespace systole {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(Svg, IsPlainTextOfWhatWasDrawn) {
  Svg svg(20, 10);
  svg.Line(0, 0.5, 1.0 / 3, -0.001, "#000000");
  svg.Text(1, 2, "a < b & c", 9, Svg::Anchor::kEnd, -45);
  EXPECT_EQ(
      svg.ToString(),
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"20\" height=\"10\" "
      "viewBox=\"0 0 20 10\" font-family=\"sans-serif\" fill=\"#000000\">\n"
      "<rect x=\"0\" y=\"0\" width=\"20\" height=\"10\" fill=\"#ffffff\"/>\n"
      "<line x1=\"0\" y1=\"0.5\" x2=\"0.33\" y2=\"0\" stroke=\"#000000\" stroke-width=\"1\"/>\n"
      "<text x=\"1\" y=\"2\" font-size=\"9\" text-anchor=\"end\" transform=\"rotate(-45 1 "
      "2)\">a &lt; b &amp; c</text>\n</svg>\n");
}

/// Heights of the rectangles of one colour.
std::vector<double> Heights(const std::string& svg, const std::string& colour) {
  const std::regex rect("height=\"([0-9.]+)\" fill=\"" + colour + "\"");
  std::vector<double> heights;
  for (std::sregex_iterator it(svg.begin(), svg.end(), rect), end; it != end; ++it) {
    heights.push_back(std::stod((*it)[1]));
  }
  return heights;
}

TEST(Chart, BarsAreAsHighAsTheirValues) {
  Chart chart;
  chart.categories = {"a", "b", "c"};
  chart.series = {{"one", {1.0, 4.0, std::nullopt}}, {"two", {2.0, 0.5, 3.0}}};
  for (const auto draw : {DrawBars, DrawStacks}) {
    const std::string svg = draw(chart);
    std::vector<double> one = Heights(svg, PlotColours()[0]), two = Heights(svg, PlotColours()[1]);
    ASSERT_EQ(one.size(), 3u);  // the first is the legend's
    ASSERT_EQ(two.size(), 4u);
    EXPECT_NEAR(one[2] / one[1], 4, 0.01);
    EXPECT_NEAR(two[1] / one[1], 2, 0.01);
    EXPECT_NEAR(two[3] / two[2], 6, 0.05);
  }
}

TEST(Plots, AreTheSameBytesEachTimeAndHoldTheNetworks) {
  const std::vector<StudyNetwork> networks =
      BuildStudyNetworks({ModelName::kMobileNetV2, ModelName::kMnasNetB1},
                         {NetworkVariant::kBaseline, NetworkVariant::kHalf}, 224);
  const StudyReport report = Evaluate(networks, 64, 64), again = Evaluate(networks, 64, 64);
  const StudyReport small = Evaluate(networks, 8, 8);
  EXPECT_EQ(PlotSpeedups(report), PlotSpeedups(again));
  for (const std::string& svg :
       {PlotSpeedups(report), PlotBaselines(report), PlotKinds(report), PlotSizes({small, report}),
        PlotBlockSpeedups(report, report.networks[0])}) {
    EXPECT_THAT(svg, StartsWith("<svg "));
    EXPECT_THAT(svg, EndsWith("</svg>\n"));
    EXPECT_THAT(svg, HasSubstr("MobileNet-V2"));
    EXPECT_EQ(svg.find("nan"), std::string::npos);
    EXPECT_EQ(svg.find("inf"), std::string::npos);
  }
  EXPECT_THAT(PlotBlockSpeedups(report, report.networks[0]), HasSubstr(">t6_c160_3<"));
}

}  // namespace
}  // namespace systole

// SPDX-License-Identifier: Apache-2.0
#include "sw/scale_sim/depthwise_rows.h"

#include <fmt/format.h>

#include <cctype>

namespace systole {
namespace {

/// "Conv2_dw", "conv3/DW", "dwconv_1", "Depthwise 4": a part between other than letters that begins
/// or ends with "dw", or the whole word.
bool NameSaysDepthwise(const std::string& name) {
  std::string part;
  for (std::size_t i = 0; i <= name.size(); ++i) {
    const auto c = static_cast<unsigned char>(i < name.size() ? name[i] : '.');
    if (std::isalpha(c) != 0) {
      part += static_cast<char>(std::tolower(c));
      continue;
    }
    const bool of_dw = part == "dw" || part == "dwconv" || part == "convdw";
    if (of_dw || part.find("depthwise") != std::string::npos) return true;
    part.clear();
  }
  return false;
}

bool Pointwise(const TopologyRow& row) {
  return !row.product && row.filter_height == 1 && row.filter_width == 1;
}

/// The next row sums over as many channels as this one has, though this one makes a single one.
bool NextReadsTheChannels(const std::vector<TopologyRow>& rows, std::size_t i) {
  return i + 1 < rows.size() && Pointwise(rows[i + 1]) && rows[i].channels > 1 &&
         rows[i].filters == 1 && rows[i + 1].channels == rows[i].channels;
}

RowChannels Depthwise(std::int64_t channels, std::int64_t multiplier) {
  return {channels, channels * multiplier, channels};
}

/// A depthwise row of one channel and one filter: the neighbours know how many there are.
ChannelChoice OfNeighbours(const std::vector<TopologyRow>& rows, std::size_t i) {
  ChannelChoice choice;
  std::int64_t channels = 1;
  int line = 0;
  if (i + 1 < rows.size() && Pointwise(rows[i + 1])) {
    channels = rows[i + 1].channels;
    line = rows[i + 1].line;
  } else if (i > 0 && !rows[i - 1].product) {
    channels = rows[i - 1].filters;
    line = rows[i - 1].line;
  }
  if (channels == 1) {
    choice.warning = fmt::format(
        "{} is a depthwise layer of one channel, and no neighbour tells of more: taken as written",
        rows[i].name);
    return choice;
  }
  choice.meant = Depthwise(channels, 1);
  choice.warning = fmt::format(
      "{} is a depthwise layer, of which SCALE-Sim counts one channel: taken with the {} channels "
      "of line {}",
      rows[i].name, channels, line);
  return choice;
}

}  // namespace

ChannelChoice ChooseChannels(const std::vector<TopologyRow>& rows, std::size_t i) {
  const TopologyRow& row = rows[i];
  ChannelChoice choice;
  choice.meant = choice.written = {row.channels, row.filters, 1};
  if (row.product) return choice;
  if (row.name.find("DP") != std::string::npos) {  // counted as layers of one channel
    choice.meant = choice.written = Depthwise(row.channels, row.filters);
    if (row.filters > 1 && row.filters == row.channels) {
      choice.meant = Depthwise(row.channels, 1);
      choice.warning = fmt::format(
          "{} is a depthwise layer, for which SCALE-Sim counts {} filters a channel: taken as one",
          row.name, row.filters);
    }
    return choice;
  }
  if (!row.marked_depthwise && !NameSaysDepthwise(row.name) && !NextReadsTheChannels(rows, i)) {
    return choice;
  }
  if (row.channels == 1 && row.filters == 1) return OfNeighbours(rows, i);
  std::string counted;
  if (row.filters == 1) {
    choice.meant = Depthwise(row.channels, 1);
    counted = "one filter over all channels";
  } else if (row.channels == 1) {
    choice.meant = Depthwise(row.filters, 1);
    counted = "one channel for all filters";
  } else if (row.filters % row.channels == 0) {
    choice.meant = Depthwise(row.channels, row.filters / row.channels);
    counted = "every filter over all channels";
  } else {
    choice.warning = fmt::format(
        "{} is named depthwise, but {} filters are no multiple of {} channels: taken as written",
        row.name, row.filters, row.channels);
    return choice;
  }
  choice.warning = fmt::format(
      "{} is a depthwise layer, for which SCALE-Sim counts {}: taken as {} channels of their own",
      row.name, counted, choice.meant.in);
  return choice;
}

}  // namespace systole

// SPDX-License-Identifier: Apache-2.0
#include "sw/scale_sim/topology_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <sstream>

#include "base/error.h"
#include "base/text.h"

namespace systole {
namespace {

constexpr std::int64_t kMaxValue = std::int64_t{1} << 24;
constexpr const char* kHeaders =
    "begin with `Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num "
    "Filter, Strides,` or `Layer, M, N, K,`";

std::vector<std::string> Fields(const std::string& line) {
  std::vector<std::string> fields;
  std::istringstream in(line);
  for (std::string field; std::getline(in, field, ',');) fields.push_back(Trim(field));
  return fields;
}

bool IsNumber(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](unsigned char c) { return std::isdigit(c) != 0; });
}

/// Reads one file.
class Reader {
 public:
  Reader(std::string origin, std::vector<std::string>& warnings)
      : origin_(std::move(origin)), warnings_(warnings) {}

  std::vector<TopologyRow> Read(const std::string& text) {
    std::istringstream in(text.starts_with("\xEF\xBB\xBF") ? text.substr(3) : text);
    std::vector<TopologyRow> rows;
    bool header = false;
    for (std::string line; std::getline(in, line);) {
      ++line_;
      const std::string content = Trim(line);
      if (content.find_first_not_of(", \t") == std::string::npos) continue;
      const std::vector<std::string> fields = Fields(content);
      if (!header) {
        ReadHeader(fields);
        header = true;
      } else if (!content.starts_with('#')) {
        rows.push_back(product_ ? ReadProduct(fields) : ReadConvolution(fields));
      }
    }
    if (rows.empty()) {
      throw RequestError(fmt::format("{} has no layers", origin_), kHeaders);
    }
    return rows;
  }

 private:
  [[noreturn]] void Fail(const std::string& what, const std::string& fix = "") const {
    throw RequestError(fmt::format("{}, line {}: {}", origin_, line_, what), fix);
  }

  void ReadHeader(const std::vector<std::string>& fields) {
    const auto column = [&](std::size_t i) {
      return i < fields.size() ? Lower(fields[i]) : std::string();
    };
    if (column(1) == "m" && column(2) == "n" && column(3) == "k") {
      product_ = true;
    } else if (fields.size() < 8 || std::any_of(fields.begin() + 1, fields.end(), IsNumber)) {
      Fail("the header of a SCALE-Sim topology is missing", kHeaders);
    }
  }

  std::int64_t Number(const std::vector<std::string>& fields, std::size_t i,
                      const char* what) const {
    if (i >= fields.size() || fields[i].empty()) {
      Fail(fmt::format("{} is missing", what),
           product_ ? "write name, M, N, K" : "write eight or nine columns, as the header says");
    }
    std::int64_t value = 0;
    const std::string& text = fields[i];
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < 1 ||
        value > kMaxValue) {
      Fail(fmt::format("{} \"{}\" is no whole number from 1 to 2^24", what, text.substr(0, 40)));
    }
    return value;
  }

  TopologyRow Named(const std::vector<std::string>& fields) const {
    TopologyRow row;
    row.line = line_;
    row.name = fields.front();
    if (row.name.empty()) Fail("the layer has no name");
    return row;
  }

  TopologyRow ReadProduct(const std::vector<std::string>& fields) {
    TopologyRow row = Named(fields);
    row.product = true;
    row.m = Number(fields, 1, "M");
    row.n = Number(fields, 2, "N");
    row.k = Number(fields, 3, "K");
    for (std::size_t i = 4; i < fields.size(); ++i) ReadExtra(row, fields[i]);
    return row;
  }

  TopologyRow ReadConvolution(const std::vector<std::string>& fields) {
    TopologyRow row = Named(fields);
    row.ifmap_height = Number(fields, 1, "IFMAP Height");
    row.ifmap_width = Number(fields, 2, "IFMAP Width");
    row.filter_height = Number(fields, 3, "Filter Height");
    row.filter_width = Number(fields, 4, "Filter Width");
    row.channels = Number(fields, 5, "Channels");
    row.filters = Number(fields, 6, "Num Filter");
    row.stride_height = row.stride_width = Number(fields, 7, "Strides");
    std::size_t next = 8;
    if (next < fields.size() && IsNumber(fields[next])) {
      row.stride_width = Number(fields, next++, "Stride Width");
    }
    for (; next < fields.size(); ++next) ReadExtra(row, fields[next]);
    if (row.filter_height > row.ifmap_height || row.filter_width > row.ifmap_width) {
      Fail(fmt::format("the filter {}x{} is larger than the input {}x{}", row.filter_height,
                       row.filter_width, row.ifmap_height, row.ifmap_width),
           "write the size of the padded input");
    }
    return row;
  }

  void ReadExtra(TopologyRow& row, const std::string& field) {
    if (field.empty()) return;
    if (field.starts_with('#')) {
      row.marked_depthwise = Lower(field).find("dw") != std::string::npos;
    } else if (field.find(':') != std::string::npos) {
      warnings_.push_back(fmt::format("{}, line {}: sparsity {} is not modelled, {} is dense",
                                      origin_, line_, field.substr(0, 40), row.name));
    } else {
      Fail(fmt::format("\"{}\" is one column too many", field.substr(0, 40)));
    }
  }

  std::string origin_;
  std::vector<std::string>& warnings_;
  int line_ = 0;
  bool product_ = false;
};

}  // namespace

std::vector<TopologyRow> ParseTopologyRows(const std::string& text, const std::string& origin,
                                           std::vector<std::string>& warnings) {
  return Reader(origin, warnings).Read(text);
}

}  // namespace systole

// SPDX-License-Identifier: Apache-2.0
#include "gen/nullcache/blocks.h"

namespace systole {
namespace {

constexpr const char* kExact = R"v(
  assign zero_o = detect_i & ~|line_i;
)v";

constexpr const char* kApproximate = R"v(
  // IEEE 754 orders magnitudes as the numbers that their bits are. |-128| is 128.
  reg       exact;
  reg       zero;
  reg [7:0] magnitude;
  integer   i;

  always @* begin
    exact     = 1'b0;
    zero      = 1'b0;
    magnitude = 8'd0;
    i         = 0;
    if (detect_i) begin
      exact = ~|line_i;
      zero  = exact;
      if (lanes_i == 2'd1) begin
        zero = 1'b1;
        for (i = 0; i < LineBytes/4; i = i + 1) begin
          if ({1'b0, line_i[i*32 +: 31]} > threshold_i) zero = 1'b0;
        end
      end else if (lanes_i == 2'd2) begin
        zero = 1'b1;
        for (i = 0; i < LineBytes/2; i = i + 1) begin
          if ({17'd0, line_i[i*16 +: 15]} > threshold_i) zero = 1'b0;
        end
      end else if (lanes_i == 2'd3) begin
        zero = 1'b1;
        for (i = 0; i < LineBytes; i = i + 1) begin
          magnitude = line_i[i*8 + 7] ? 8'd0 - line_i[i*8 +: 8] : line_i[i*8 +: 8];
          if ({24'd0, magnitude} > threshold_i) zero = 1'b0;
        end
      end
    end
  end

  assign zero_o = zero;
  ${exact}
)v";

}  // namespace

rtl::Module BuildZeroDetector(const CacheConfig& config) {
  const bool approximates = Approximates(config);
  rtl::ModuleBuilder m("zero_detector",
                       approximates ? "is a line zero, or near enough" : "is a line zero",
                       "gen/nullcache/zero_detector.cc");
  const rtl::Expr bytes = m.Param("LineBytes", config.line_bytes, "Bytes of a line");
  m.Bit("detect_i", "There is a line");
  m.In("line_i", 8 * bytes, "The line");
  if (approximates) {
    m.In("lanes_i", 2, "0 exact, 1 float32, 2 float16, 3 int8");
    m.In("threshold_i", 32, "Largest magnitude that counts as zero");
    if (config.counter_width > 0) m.Bit("exact_o", rtl::Latency{0}, "Every bit is 0");
  }
  m.Bit("zero_o", rtl::Latency{0}, approximates ? "It is taken for zeros" : "Every bit is 0");
  m.Body(approximates ? kApproximate : kExact);
  if (approximates) m.Set("exact", config.counter_width > 0 ? "assign exact_o = exact;" : "");
  return std::move(m).Finish();
}

}  // namespace systole

// SPDX-License-Identifier: Apache-2.0
#include "gen/peers/mac.h"

namespace systole {
namespace {

constexpr const char* kProduct = R"v(
  localparam integer ProdW = 2*DataW;

  wire signed [ProdW-1:0] prod = $signed(act) * $signed(wgt);
)v";

constexpr const char* kProductRegister = R"v(
  localparam integer ProdW = 2*DataW;

  reg signed [ProdW-1:0] prod;

  always @(posedge clk_i) prod <= $signed(act) * $signed(wgt);
)v";

constexpr const char* kBooth = R"v(
  localparam integer ProdW  = 2*DataW;
  localparam integer Digits = DataW/2;

  // Digit d of the weight is -2, -1, 0, 1 or 2: a multiple of the activation. A negative one is
  // complemented here; the 1 that it lacks is in `ones`.
  wire [DataW:0]   coded = {wgt, 1'b0};
  reg  [2:0]       triple;
  reg  [DataW:0]   multiple;
  reg  [ProdW-1:0] ones;
  reg  [ProdW-1:0] prod;
  integer          d;

  always @* begin
    prod = {ProdW{1'b0}};
    ones = {ProdW{1'b0}};
    for (d = 0; d < Digits; d = d + 1) begin
      triple = coded[2*d +: 3];
      if (triple[1] != triple[0])      multiple = {act[DataW-1], act};
      else if (triple[2] != triple[1]) multiple = {act, 1'b0};
      else                             multiple = {(DataW+1){1'b0}};
      multiple  = multiple ^ {(DataW+1){triple[2]}};
      ones[2*d] = triple[2];
      prod      = prod + ({{(ProdW-DataW-1){multiple[DataW]}}, multiple} << 2*d);
    end
    prod = prod + ones;
  end
)v";

constexpr const char* kAddend = R"v(
  wire [AccW-1:0] addend = {{(AccW-ProdW){prod[ProdW-1]}}, prod};
)v";

constexpr const char* kAdder = R"v(
  wire [AccW-1:0] next = sum + addend;
)v";

constexpr const char* kRipple = R"v(
  reg  [AccW-1:0] next;
  reg             carry;
  integer         i;

  always @* begin
    carry = 1'b0;
    for (i = 0; i < AccW; i = i + 1) begin
      next[i] = sum[i] ^ addend[i] ^ carry;
      carry   = (sum[i] & addend[i]) | (carry & (sum[i] | addend[i]));
    end
  end
)v";

constexpr const char* kKoggeStone = R"v(
  // Bit i generates or propagates a carry over the `distance` bits that end at it.
  reg  [AccW-1:0] generates;
  reg  [AccW-1:0] propagates;
  wire [AccW-1:0] next = sum ^ addend ^ {generates[AccW-2:0], 1'b0};
  wire            unused_carry = &{1'b0, generates[AccW-1]};
  integer         i;
  integer         distance;

  always @* begin
    generates  = sum & addend;
    propagates = sum ^ addend;
    for (distance = 1; distance < AccW; distance = 2*distance) begin
      for (i = AccW - 1; i >= distance; i = i - 1) begin
        generates[i]  = generates[i] | (propagates[i] & generates[i-distance]);
        propagates[i] = propagates[i] & propagates[i-distance];
      end
    end
  end
)v";

constexpr const char* kFused = R"v(
  wire signed [AccW-1:0] next = $signed(sum) + $signed(act) * $signed(wgt);
)v";

}  // namespace

std::string MacText(MacStyle style) {
  switch (style) {
    case MacStyle::kFused:
      return kFused;
    case MacStyle::kBooth:
      return std::string(kBooth) + kAddend + kAdder;
    case MacStyle::kRipple:
      return std::string(kProduct) + kAddend + kRipple;
    case MacStyle::kKoggeStone:
      return std::string(kProduct) + kAddend + kKoggeStone;
    case MacStyle::kPipelined:
      return std::string(kProductRegister) + kAddend + kAdder;
    case MacStyle::kOwnWidth:
      break;
  }
  return std::string(kProduct) + kAddend + kAdder;
}

}  // namespace systole

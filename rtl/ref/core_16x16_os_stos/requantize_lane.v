// requantize_lane - one sum to one output value, in float32 as ONNX Runtime computes it
//
//   f = float32(sum)                              round to nearest even
//   f = f * scale                                 one float32 multiplication, round to nearest even
//   y = clamp(round_half_even(f) + zero, min, max)
//
//             stage 0          stage 1       stage 2          stage 3
//   sum_i --> sign, leading -> float32  ---> round to ------> round to -----> data_o
//             one to the top   x scale       float32          integer,
//                                                             + zero, clamp
//
// A product too small for a normal float32 rounds to 0, one too large saturates: both are what the
// exact arithmetic gives after clamping. Stage i moves when stage_en_i[i] is high: stage 0 takes
// sum_i, stage 1 scale_i, stage 3 zero_i, min_i and max_i, each with the sum that is there then.
//
// SPDX-License-Identifier: Apache-2.0
`default_nettype none

module requantize_lane #(
  parameter integer DataW = 8,  // Output width, bits
  parameter integer AccW  = 32  // Sum width, bits
) (
  input  wire                    clk_i,       // Clock
  input  wire [3:0]              stage_en_i,  // Stage i moves
  input  wire signed [AccW-1:0]  sum_i,       // Sum with bias
  input  wire [30:0]             scale_i,     // float32 without its sign: positive, normal
  input  wire signed [DataW-1:0] zero_i,      // Output zero point
  input  wire signed [DataW-1:0] min_i,       // Clamp bounds
  input  wire signed [DataW-1:0] max_i,
  output wire signed [DataW-1:0] data_o       // Latency 4
);

  // The magnitude, with the leading one moved to the top: at least a mantissa of 24 bits, a guard
  // bit and one bit below it.
  localparam integer NormW  = (AccW < 26) ? 26 : AccW;
  localparam integer ShiftW = $clog2(NormW);
  // Binary exponents of float32 fit, with room for what the roundings add.
  localparam integer ExpW   = 10;
  // Integer bits that matter: anything beyond saturates even after the zero point is added.
  localparam integer IntW   = DataW + 2;
  localparam integer RoundW = $clog2(IntW + 1);
  localparam integer SumW   = DataW + 4;
  localparam integer Bias   = NormW - 127;
  localparam integer TopInt = DataW + 1;

  // Stage 0: magnitude, normalized.
  reg                    sign_q;
  reg  [NormW-1:0]       norm_q;
  reg  [ShiftW-1:0]      zeros_q;  // leading zeros that were shifted out
  reg  [NormW-1:0]       norm;
  reg  [ShiftW-1:0]      zeros;
  wire [AccW-1:0]        magnitude = sum_i[AccW-1] ? -sum_i : sum_i;
  wire [NormW:0]         padded    = {{(NormW+1-AccW){1'b0}}, magnitude};
  wire                   unused_padding = padded[NormW];
  integer                i;

  always @* begin
    norm  = padded[NormW-1:0];
    zeros = {ShiftW{1'b0}};
    for (i = ShiftW - 1; i >= 0; i = i - 1) begin
      if ((norm >> (NormW - (1 << i))) == {NormW{1'b0}}) begin
        norm     = norm << (1 << i);
        zeros[i] = 1'b1;
      end
    end
  end

  always @(posedge clk_i) begin
    if (stage_en_i[0]) begin
      sign_q  <= sum_i[AccW-1];
      norm_q  <= norm;
      zeros_q <= zeros;
    end
  end

  // Stage 1: the sum as float32, times the scale. A mantissa that rounds up to 2^24 becomes 2^23.
  // The exponent is that of the product's integer part: the value is product * 2^(exponent - 47).
  wire            up1       = norm_q[NormW-25] & (norm_q[NormW-24] | (|norm_q[NormW-26:0]));
  wire [24:0]     rounded1  = {1'b0, norm_q[NormW-1 -: 24]} + {24'b0, up1};
  wire [23:0]     mantissa1 = {rounded1[24] | rounded1[23], rounded1[22:0]};
  wire [23:0]     factor1   = {1'b1, scale_i[22:0]};
  wire [47:0]     product1  = mantissa1 * factor1;
  wire [ExpW-1:0] exp1      = {2'b0, scale_i[30:23]} + Bias[ExpW-1:0] + {9'b0, rounded1[24]}
                              - {{(ExpW-ShiftW){1'b0}}, zeros_q};

  reg             sign1_q;
  reg  [47:0]     product_q;
  reg  [ExpW-1:0] exp1_q;

  always @(posedge clk_i) begin
    if (stage_en_i[1]) begin
      sign1_q   <= sign_q;
      product_q <= product1;
      exp1_q    <= exp1;
    end
  end

  // Stage 2: the product as float32. The value is mantissa * 2^(exponent - 24).
  wire            high2     = product_q[47];
  wire [23:0]     cut2      = high2 ? product_q[47:24] : product_q[46:23];
  wire            guard2    = high2 ? product_q[23] : product_q[22];
  wire            sticky2   = (|product_q[21:0]) | (high2 & product_q[22]);
  wire            up2       = guard2 & (cut2[0] | sticky2);
  wire [24:0]     rounded2  = {1'b0, cut2} + {24'b0, up2};
  wire [23:0]     mantissa2 = {rounded2[24] | rounded2[23], rounded2[22:0]};
  wire [ExpW-1:0] exp2      = exp1_q + {9'b0, high2} + {9'b0, rounded2[24]};

  reg             sign2_q;
  reg  [23:0]     mantissa_q;
  reg  [ExpW-1:0] exp2_q;

  always @(posedge clk_i) begin
    if (stage_en_i[2]) begin
      sign2_q    <= sign1_q;
      mantissa_q <= mantissa2;
      exp2_q     <= exp2;
    end
  end

  // Stage 3: round to an integer, add the zero point, clamp. A negative exponent is below one half.
  wire                    below3   = exp2_q[ExpW-1];
  wire                    beyond3  = ~below3 & (exp2_q[ExpW-2:0] > TopInt[ExpW-2:0]) &
                                     mantissa_q[23];
  wire [IntW+23:0]        fixed3   = {{IntW{1'b0}}, mantissa_q} << exp2_q[RoundW-1:0];
  wire                    up3      = fixed3[23] & (fixed3[24] | (|fixed3[22:0]));
  wire [IntW-1:0]         integer3 = below3 ? {IntW{1'b0}}
                                            : fixed3[24 +: IntW] + {{(IntW-1){1'b0}}, up3};
  wire signed [SumW-1:0]  value3   = {{(SumW-IntW){1'b0}}, integer3};
  wire signed [SumW-1:0]  zero3    = {{(SumW-DataW){zero_i[DataW-1]}}, zero_i};
  wire signed [SumW-1:0]  min3     = {{(SumW-DataW){min_i[DataW-1]}}, min_i};
  wire signed [SumW-1:0]  max3     = {{(SumW-DataW){max_i[DataW-1]}}, max_i};
  wire signed [SumW-1:0]  sum3     = sign2_q ? zero3 - value3 : zero3 + value3;

  reg  signed [DataW-1:0] data_q;

  always @(posedge clk_i) begin
    if (stage_en_i[3]) begin
      if (beyond3)          data_q <= sign2_q ? min_i : max_i;
      else if (sum3 < min3) data_q <= min_i;
      else if (sum3 > max3) data_q <= max_i;
      else                  data_q <= sum3[DataW-1:0];
    end
  end

  assign data_o = data_q;

endmodule

`default_nettype wire

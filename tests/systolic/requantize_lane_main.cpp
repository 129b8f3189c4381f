// SPDX-License-Identifier: Apache-2.0
// Compares the Verilated requantize_lane with float arithmetic; built by requantize_lane_test.cc
// with kDataW and kAccW. Usage: PROGRAM count seed. Prints every kind of value with its count; the
// first difference ends it with status 1.
#include <verilated.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "Vrequantize_lane.h"
#include "base/stimulus.h"

namespace {

constexpr int kDataW = DATA_W, kAccW = ACC_W, kLatency = 4;
constexpr std::int64_t kSumMin = -(std::int64_t{1} << (kAccW - 1)), kSumMax = -kSumMin - 1;
constexpr int kDataMin = -(1 << (kDataW - 1)), kDataMax = -kDataMin - 1;

struct Operands {
  std::int64_t sum = 0;
  float scale = 1;
  int zero = 0, min = kDataMin, max = kDataMax;
};

/// As ONNX Runtime writes it: clamp, then round half to even (nearbyint), then the zero point.
int Expected(const Operands& o) {
  float f = static_cast<float>(o.sum);
  f *= o.scale;
  f = std::fmax(f, static_cast<float>(o.min - o.zero));
  f = std::fmin(f, static_cast<float>(o.max - o.zero));
  return static_cast<int>(std::nearbyintf(f)) + o.zero;
}

std::int64_t ClampSum(double value) {
  return value <= static_cast<double>(kSumMin)   ? kSumMin
         : value >= static_cast<double>(kSumMax) ? kSumMax
                                                 : static_cast<std::int64_t>(value);
}

float PositiveNormal(std::uint32_t bits) {
  std::uint32_t exponent = bits >> 23 & 255;
  exponent = exponent == 0 ? 1 : exponent == 255 ? 254 : exponent;
  bits = exponent << 23 | (bits & 0x7fffff);
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

class Generator {
 public:
  explicit Generator(std::uint64_t seed) : random_(seed) {}

  const char* kind = "";

  Operands Next() {
    Operands o;
    if (random_.Chance(128)) {
      o.zero = static_cast<int>(random_.Between(kDataMin, kDataMax));
      const int a = static_cast<int>(random_.Signed(kDataW)),
                b = static_cast<int>(random_.Signed(kDataW));
      if (random_.Chance(128)) o.min = a < b ? a : b, o.max = a < b ? b : a;
    }
    switch (random_.Below(6)) {
      case 0:
        AnyBits(o);
        break;
      case 1:
        InRange(o);
        break;
      case 2:
        IntegerTie(o);
        break;
      case 3:
        ProductTie(o);
        break;
      case 4:
        ConversionTie(o);
        break;
      default:
        ClampEdge(o);
        break;
    }
    return o;
  }

 private:
  std::int64_t AnySum() { return random_.Signed(kAccW) >> random_.Below(kAccW); }

  void AnyBits(Operands& o) {
    kind = "any sum, any scale";
    o.sum = AnySum();
    o.scale = PositiveNormal(static_cast<std::uint32_t>(random_.Next()));
    if (random_.Chance(16)) o.scale = PositiveNormal(random_.Chance(128) ? 0 : 0x7f7fffff);
  }
  void InRange(Operands& o) {
    kind = "results in range";
    o.sum = AnySum();
    const double result =
        static_cast<double>(random_.Between(1, 1 << 24)) / (1 << 24) * 2 * kDataMax;
    const double size = o.sum == 0 ? 1 : std::abs(static_cast<double>(o.sum));
    o.scale = static_cast<float>(result / size);
  }
  void IntegerTie(Operands& o) {  // (n + 1/2) exactly, and with the scale one bit beside
    kind = "ties of the integer";
    const int shift = static_cast<int>(random_.Between(1, kAccW - 2));
    const std::int64_t odd = random_.Between(-2 * kDataMax - 3, 2 * kDataMax + 3) * 2 + 1;
    o.sum = ClampSum(std::ldexp(static_cast<double>(odd), shift - 1));
    o.scale = std::ldexp(1.0F, -shift);
    Nudge(o);
  }
  void ProductTie(Operands& o) {  // a product of 25 significant bits
    kind = "ties of the product";
    const std::int64_t a = random_.Between(1, 1 << 12) * 2 + 1;
    const std::int64_t b = ((std::int64_t{1} << 24) + random_.Between(0, 1 << 24)) / a | 1;
    o.sum = ClampSum(static_cast<double>(random_.Chance(128) ? a : -a));
    o.scale = std::ldexp(static_cast<float>(b), -static_cast<int>(random_.Between(12, 26)));
    Nudge(o);
  }
  void ConversionTie(Operands& o) {  // a sum half way between two floats, and its neighbours
    kind = "ties of the conversion";
    const int low = kAccW > 25 ? static_cast<int>(random_.Below(kAccW - 25)) : 0;
    const std::int64_t mantissa = random_.Between(1 << 23, (1 << 24) - 1) * 2 + 1;
    o.sum = ClampSum(std::ldexp(static_cast<double>(mantissa), low));
    o.sum = o.sum + random_.Between(-1, 1);
    if (o.sum > kSumMax) o.sum = kSumMax;
    if (random_.Chance(128)) o.sum = -o.sum;
    o.scale = static_cast<float>(static_cast<double>(random_.Between(1, 4 * kDataMax)) / 2 /
                                 static_cast<double>(o.sum == 0 ? 1 : std::llabs(o.sum)));
  }
  void ClampEdge(Operands& o) {  // around the value where the result reaches a bound
    kind = "edges of the clamp";
    const int bound = random_.Chance(128) ? o.min : o.max;
    const double target = bound - o.zero + static_cast<double>(random_.Between(-3, 3)) / 2;
    const double size = static_cast<double>(random_.Between(1, kSumMax));
    if (target == 0) return;
    o.sum = ClampSum(target < 0 ? -size : size);
    o.scale = static_cast<float>(std::abs(target) / size);
    Nudge(o);
  }
  /// The scale as it is, or up to two units in the last place beside.
  void Nudge(Operands& o) {
    std::uint32_t bits;
    std::memcpy(&bits, &o.scale, sizeof bits);
    if (random_.Chance(128)) bits += static_cast<std::uint32_t>(random_.Between(-2, 2));
    o.scale = PositiveNormal(bits);
  }

  systole::Stimulus random_;
};

void Drive(Vrequantize_lane& lane, const Operands& o) {
  lane.sum_i = static_cast<std::uint64_t>(o.sum) & ((std::uint64_t{1} << kAccW) - 1);
}

void DriveScale(Vrequantize_lane& lane, const Operands& o) {
  std::uint32_t bits;
  std::memcpy(&bits, &o.scale, sizeof bits);
  lane.scale_i = bits;
}

void DriveOutput(Vrequantize_lane& lane, const Operands& o) {
  constexpr int mask = (1 << kDataW) - 1;
  lane.zero_i = o.zero & mask;
  lane.min_i = o.min & mask;
  lane.max_i = o.max & mask;
}

}  // namespace

int main(int argc, char** argv) {
  const long count = argc > 1 ? std::atol(argv[1]) : 1000;
  const std::uint64_t seed = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1;
  Generator generator(seed);
  VerilatedContext context;
  Vrequantize_lane lane(&context);
  lane.stage_en_i = 15;
  Operands pipe[kLatency];
  const char* kinds[kLatency] = {};
  for (long i = 0; i < count + kLatency; ++i) {
    const int slot = static_cast<int>(i % kLatency);
    if (i >= kLatency) {
      const Operands& o = pipe[slot];
      const int got = static_cast<int>(static_cast<std::uint32_t>(lane.data_o) << (32 - kDataW)) >>
                      (32 - kDataW);
      if (got != Expected(o)) {
        std::printf(
            "seed %llu, value %ld (%s): sum %lld, scale %a, zero %d, min %d, max %d: "
            "%d instead of %d\n",
            static_cast<unsigned long long>(seed), i - kLatency, kinds[slot],
            static_cast<long long>(o.sum), static_cast<double>(o.scale), o.zero, o.min, o.max, got,
            Expected(o));
        return 1;
      }
    }
    pipe[slot] = generator.Next();
    kinds[slot] = generator.kind;
    Drive(lane, pipe[slot]);
    DriveScale(lane, pipe[(i + kLatency - 1) % kLatency]);
    DriveOutput(lane, pipe[(i + kLatency - 3) % kLatency]);
    lane.clk_i = 0;
    lane.eval();
    lane.clk_i = 1;
    lane.eval();
  }
  std::printf("%ld values equal\n", count);
  return 0;
}

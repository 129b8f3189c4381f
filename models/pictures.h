// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "sw/ir/tensor.h"

namespace systole {

/// Drawn pictures, to calibrate and to run networks on where no photographs are: shaded grounds,
/// discs and bars of any colour, some grain. Each is smooth over large parts, as photographs are,
/// unlike noise. float32, count x 3 x size x size, multiples of 1/255 from 0 to 1; the same bytes
/// everywhere. Picture i depends on seed, size and i only. `count` from 1 to 4096.
Tensor DrawPictures(std::int64_t count, std::int64_t size, std::uint64_t seed);

/// Black pictures: what the two functions around fill. Throws RequestError when `count` or `size`
/// is not from 1 to 4096.
Tensor BlackPictures(std::int64_t count, std::int64_t size);

/// Pictures with the second-order statistics of photographs (Field, J. Opt. Soc. Am. A 4, 1987):
/// power that falls with the square of the frequency, the same in every octave, in luminance and
/// in two opponent colours with 0.3 and 0.15 of its deviation; no edges, no things. Type, shape,
/// range and arguments as of DrawPictures; the same bytes everywhere.
Tensor NaturalPictures(std::int64_t count, std::int64_t size, std::uint64_t seed);

/// (pixel - 0.5) / 0.25: the mean 0 and variance near 1 that the networks of BuildModel are made
/// for.
Tensor Normalized(Tensor pictures);

}  // namespace systole

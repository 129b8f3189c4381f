// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "gen/config/array_config.h"
#include "sw/map/layer.h"

namespace systole {

/// Cycles of one layer in the model that FuSeConv was published with (Selvam, Ganesan, Kumar:
/// "FuSeConv: Fully Separable Convolutions for Fast Inference on Systolic Arrays", DATE 2021;
/// docs/study.md): tiles do not overlap, each fills, computes and drains. Of `config` only rows R,
/// columns C and the dataflow count.
///
///     E = (H - k + s) / s, F likewise        H padded; fractions, not rounded down
///     n = batch * E * F,  T = kernel * channels of a group,  m = filters of a group
///     product  = floor( [n/R][m/C] (T + R + C - 1)           [ ]: rounded down
///                     + [m/C] (T + n mod R + C - 1)          where n mod R is not 0
///                     + [n/R] (T + R + m mod C - 1)          where m mod C is not 0
///                     + T + n mod R + m mod C - 1 )          where both are not 0
///     1-D depthwise with ST-OS, kernel k along the width
///              = ceil( ceil(H * channels / R) / s * (C + k) * ceil(padded W / C) )
///
/// A layer of groups takes `product` once a group. H in the last formula is not padded, s is the
/// stride across the kernel; a batch multiplies H. Along the height H and W are exchanged. A matrix
/// product is `product` with n = its rows. Pooling, activations and normalization are free.
std::uint64_t PublishedFuseConvCycles(const ArrayLayer& layer, const ArrayConfig& config);

}  // namespace systole

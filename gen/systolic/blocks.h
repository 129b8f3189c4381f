// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "gen/config/array_config.h"
#include "gen/emit/builder.h"
#include "gen/emit/connect.h"
#include "gen/prim/prim.h"

namespace systole {

/// The modules of the systolic core, one builder each. `config` is good. All blocks but the edges
/// of the core advance together: a cycle below is one in which their `en_i` is high.

using rtl::Connect;
using rtl::Connections;
using rtl::Use;

/// A `delay_line` of `depth` cycles in which `enable` is high.
rtl::Instance DelayLine(std::string name, rtl::Expr width, rtl::Expr depth, std::string enable,
                        std::string in, std::string out);

/// `systolic_sequencer`: commands to steps.
rtl::Module BuildSequencer(const ArrayConfig& config);

/// `systolic_row`: the PEs of one row, or of 32 columns of it.
rtl::Module BuildRow(const ArrayConfig& config);

/// `systolic_array`: the rows, with skew at the left and top edges.
rtl::Module BuildArray(const ArrayConfig& config);

/// `result_drain`: starts the rows' shift waves and makes whole beats of what comes out.
rtl::Module BuildDrain(const ArrayConfig& config);

/// `parameter_bank`: channel parameters, one bank in use while the next one fills.
rtl::Module BuildBank(const ArrayConfig& config);

/// `requantizer`: a lane a column, valid/ready.
rtl::Module BuildRequantizer(const ArrayConfig& config);

/// `systolic_core`: the top.
rtl::Module BuildCore(const ArrayConfig& config);

inline bool HasStos(const ArrayConfig& config) { return config.dataflow == Dataflow::kOsStos; }

/// Lanes of the weight port: with ST-OS every row needs one.
inline rtl::Expr Lanes(const ArrayConfig& config, const rtl::Expr& rows, const rtl::Expr& cols) {
  return HasStos(config) ? rtl::Max(rows, cols) : cols;
}
inline int LaneCount(const ArrayConfig& config) {
  return HasStos(config) && config.rows > config.cols ? config.rows : config.cols;
}

}  // namespace systole

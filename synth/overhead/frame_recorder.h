// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "synth/gates/stimulus.h"
#include "tb/frame_ports.h"

namespace systole {

/// Makes a recording of a simulation's frames: two cycles of reset (`rst_ni` low, all other ports
/// 0), then `cycles` frames; what comes after them is left out.
class FrameRecorder {
 public:
  FrameRecorder(const std::vector<FramePort>& ports, std::uint64_t cycles);

  void Add(const std::uint8_t* frame);
  PortRecording Take() { return std::move(recording_); }

  static constexpr std::uint64_t kResetCycles = 2;

 private:
  std::vector<FramePort> ports_;
  PortRecording recording_;
  std::uint64_t cycles_;
};

}  // namespace systole

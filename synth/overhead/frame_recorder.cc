// SPDX-License-Identifier: Apache-2.0
#include "synth/overhead/frame_recorder.h"

#include <algorithm>

namespace systole {
namespace {

PortRecording Empty(const std::vector<FramePort>& ports) {
  std::vector<RecordedPort> recorded = {{"rst_ni", 1, PortDirection::kInput}};
  for (const FramePort& port : ports) {
    recorded.push_back({port.name, static_cast<std::uint32_t>(port.bits),
                        port.output ? PortDirection::kOutput : PortDirection::kInput});
  }
  return PortRecording(std::move(recorded));
}

}  // namespace

FrameRecorder::FrameRecorder(const std::vector<FramePort>& ports, std::uint64_t cycles)
    : ports_(ports), recording_(Empty(ports)), cycles_(cycles) {
  for (std::uint64_t i = 0; i < kResetCycles; ++i) recording_.AddCycle();
}

void FrameRecorder::Add(const std::uint8_t* frame) {
  if (recording_.cycles() >= cycles_ + kResetCycles) return;
  recording_.AddCycle();
  recording_.Set(0, 0, 1, 1);
  for (std::size_t i = 0; i < ports_.size(); ++i) {
    const FramePort& port = ports_[i];
    for (std::size_t bit = 0; bit < port.bits; bit += 8) {
      const auto width = static_cast<std::uint32_t>(std::min<std::size_t>(8, port.bits - bit));
      recording_.Set(i + 1, static_cast<std::uint32_t>(bit), width, frame[port.offset + bit / 8]);
    }
  }
}

}  // namespace systole

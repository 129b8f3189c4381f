// SPDX-License-Identifier: Apache-2.0
#include "synth/overhead/cache_recording.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "synth/overhead/frame_recorder.h"

namespace systole {
namespace {

constexpr const char* kCache = SYSTOLE_BINARY_DIR "/test-cache";

WorkloadRequest LeNet() {
  WorkloadRequest request;
  request.models = SYSTOLE_SOURCE_DIR "/models";
  return request;
}

TEST(RecordCache, HoldsEveryAccessOfTheWindow) {
  const CacheRecording recording = RecordCache(LeNet(), "", {}, 300, kCache);
  EXPECT_EQ(recording.accesses, 300U);
  EXPECT_EQ(recording.counters.accesses, 300U);
  const PortRecording& ports = recording.ports;
  const std::size_t valid = ports.Find("req_valid_i").value();
  const std::size_t ready = ports.Find("req_ready_o").value();
  std::uint64_t taken = 0;
  for (std::uint64_t cycle = FrameRecorder::kResetCycles; cycle < ports.cycles(); ++cycle) {
    taken += ports.Bit(cycle, valid, 0) && ports.Bit(cycle, ready, 0) ? 1 : 0;
  }
  EXPECT_EQ(taken, 300U);
}

TEST(RecordCache, LayerThatIsNotThereIsNamed) {
  EXPECT_THROW(RecordCache(LeNet(), "conv9", {}, 300, kCache), RequestError);
}

}  // namespace
}  // namespace systole

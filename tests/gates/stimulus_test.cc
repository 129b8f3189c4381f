// SPDX-License-Identifier: Apache-2.0
#include "synth/gates/stimulus.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/file.h"
#include "base/stimulus.h"

namespace systole {
namespace {

const std::vector<RecordedPort> kPorts = {{"rst_ni", 1, PortDirection::kInput},
                                          {"data_i", 129, PortDirection::kInput},
                                          {"sum_o", 62, PortDirection::kOutput}};

/// What each bit of a recording was set to, kept apart from its packing.
struct Model {
  PortRecording recording{kPorts};
  std::vector<std::vector<std::vector<bool>>> bits;  ///< cycle, port, bit

  explicit Model(std::uint64_t seed, int cycles) {
    Stimulus random(seed);
    for (int cycle = 0; cycle < cycles; ++cycle) {
      recording.AddCycle();
      bits.emplace_back();
      for (std::size_t port = 0; port < kPorts.size(); ++port) {
        std::vector<bool> values(kPorts[port].width);
        for (std::uint32_t first = 0; first < kPorts[port].width;) {
          const auto width = static_cast<std::uint32_t>(
              1 + random.Below(std::min<std::uint64_t>(64, kPorts[port].width - first)));
          const std::uint64_t value = random.Next();  // bits beyond `width` have to be ignored
          recording.Set(port, first, width, random.Next());
          recording.Set(port, first, width, value);  // the second one stands
          for (std::uint32_t i = 0; i < width; ++i) values[first + i] = value >> i & 1;
          first += width;
        }
        bits.back().push_back(values);
      }
    }
  }
  void ExpectEqual(const PortRecording& other) const {
    ASSERT_EQ(other.ports(), kPorts);
    ASSERT_EQ(other.cycles(), bits.size());
    for (std::size_t cycle = 0; cycle < bits.size(); ++cycle) {
      for (std::size_t port = 0; port < kPorts.size(); ++port) {
        for (std::uint32_t bit = 0; bit < kPorts[port].width; ++bit) {
          ASSERT_EQ(other.Bit(cycle, port, bit), bits[cycle][port][bit]) << cycle << " " << bit;
          ASSERT_EQ(other.Bits(cycle, port, bit, 1), bits[cycle][port][bit]);
        }
      }
    }
  }
};

TEST(PortRecording, KeepsEveryBit) {
  const Model model(1, 50);
  model.ExpectEqual(model.recording);
}

TEST(PortRecording, ReadsRunsOfBitsAcrossWords) {
  const Model model(2, 3);
  for (std::uint32_t first = 0; first + 64 <= 129; ++first) {
    const std::uint64_t bits = model.recording.Bits(2, 1, first, 64);
    for (std::uint32_t i = 0; i < 64; ++i) ASSERT_EQ(bits >> i & 1, model.bits[2][1][first + i]);
  }
}

TEST(PortRecording, TakesVerilatorsWords) {
  PortRecording recording({{"a", 3, PortDirection::kInput}, {"b", 40, PortDirection::kInput}});
  recording.AddCycle();
  const std::uint32_t words[] = {0x89abcdef, 0xffffff67};
  recording.SetWords(1, words);
  EXPECT_EQ(recording.Bits(0, 1, 0, 40), 0x6789abcdefu);
  EXPECT_EQ(recording.Bits(0, 0, 0, 3), 0u);
}

TEST(PortRecording, FindsPortsByName) {
  const PortRecording recording(kPorts);
  EXPECT_EQ(recording.Find("sum_o"), 2u);
  EXPECT_FALSE(recording.Find("sum"));
}

TEST(PortRecording, RefusesPortsWithoutBitsOrWithOneName) {
  EXPECT_THROW(PortRecording(std::vector<RecordedPort>{}), RequestError);
  EXPECT_THROW(PortRecording({{"a", 0, PortDirection::kInput}}), RequestError);
  EXPECT_THROW(PortRecording({{"a", 1, PortDirection::kInput}, {"a", 2, PortDirection::kOutput}}),
               RequestError);
}

TEST(RecordingFile, GivesBackWhatWasWritten) {
  const auto path = std::filesystem::path(testing::TempDir()) / "ports.rec";
  const Model model(3, 70);
  WriteRecording(path, model.recording);
  model.ExpectEqual(ReadRecording(path));
}

TEST(RecordingFile, EveryCutAndEveryChangedByteIsAnError) {
  const std::string bytes = EncodeRecording(Model(4, 2).recording);
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    EXPECT_THROW(DecodeRecording(bytes.substr(0, length)), RequestError) << length;
  }
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ 0x10);
    EXPECT_THROW(DecodeRecording(changed), RequestError) << at;
  }
}

TEST(RecordingFile, ErrorsNameTheFile) {
  const auto path = std::filesystem::path(testing::TempDir()) / "no.rec";
  WriteFile(path, "something else");
  try {
    ReadRecording(path);
    FAIL();
  } catch (const RequestError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("no.rec: not a recording"));
  }
}

}  // namespace
}  // namespace systole

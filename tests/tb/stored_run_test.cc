// SPDX-License-Identifier: Apache-2.0
#include "tb/stored_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "tests/tb/sample_network.h"

namespace systole {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// A folder of its own for each test.
fs::path EmptyFolder() {
  const fs::path folder = fs::path(testing::TempDir()) / "systole_store" /
                          testing::UnitTest::GetInstance()->current_test_info()->name();
  fs::remove_all(folder);
  return folder;
}

TEST(ResultStore, FindsWhatWasPutAndNothingElse) {
  ResultStore store(EmptyFolder());
  EXPECT_FALSE(store.Find({{"layer", "a"}}));
  store.Put({{"layer", "a"}}, {{"cycles", 12}});
  EXPECT_EQ(store.Find({{"layer", "a"}}), json({{"cycles", 12}}));
  EXPECT_FALSE(store.Find({{"layer", "b"}}));
  EXPECT_EQ(store.damaged(), 0);
}

TEST(ResultStore, ADamagedEntryIsNoneAndIsReplaced) {
  ResultStore store(EmptyFolder());
  const json description = {{"layer", "a"}};
  store.Put(description, {{"cycles", 12}});
  const fs::path file = store.PathOf(description);
  const std::string whole = ReadFile(file);
  std::string changed = whole;
  changed.replace(changed.find("12"), 2, "13");
  int damaged = 0;
  for (const std::string& text : {whole.substr(0, whole.size() / 2), std::string(), changed,
                                  std::string("[]"), std::string("{\"result\": 1}")}) {
    WriteFile(file, text);
    EXPECT_FALSE(store.Find(description)) << text;
    EXPECT_EQ(store.damaged(), ++damaged);
    store.Put(description, {{"cycles", 12}});
    EXPECT_TRUE(store.Find(description));
  }
}

/// Runs of the sample network on the model of the core, counting what they run. A worker is a
/// process of its own, so it leaves its count in a file.
struct Counted {
  Sample sample;
  fs::path folder = EmptyFolder();
  std::string program = "p1", inputs = "i1";
  RunSettings settings = SmallArray();
  int references = 0;
  int wrong_tile = -1;
  std::string stop_after;

  StoredRun Run() {
    fs::create_directories(folder / "ran");
    for (const auto& entry : fs::directory_iterator(folder / "ran")) fs::remove(entry);
    const StoredWork work{sample.network, inputs, program, [this] {
                            ++references;
                            return sample.values;
                          }};
    RunHooks hooks = With([this](TileSource& source, const RunOptions&) {
      WriteFile(folder / "ran" / std::to_string(source.tile_count()), "");
      RunResult result = RunModel(source, settings.config);
      if (wrong_tile == static_cast<int>(source.tile_count())) ++result.cycles;
      return result;
    });
    bool stop = false;
    hooks.on_layer = [&](const LayerResult& layer) { stop = stop || layer.node == stop_after; };
    hooks.stop = [&] { return stop; };
    ResultStore store(folder / "store");
    return RunStored(work, settings, hooks, store);
  }
  /// Layers that the last run ran.
  std::size_t Ran() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(folder / "ran"), fs::directory_iterator()));
  }
};

TEST(RunStored, TheSecondRunIsTheFirstWithoutRunning) {
  Counted counted;
  const StoredRun first = counted.Run();
  EXPECT_EQ(counted.Ran(), 2U);
  EXPECT_EQ(first.reused, 0U);
  EXPECT_TRUE(first.run.Good());
  const StoredRun second = counted.Run();
  EXPECT_EQ(counted.Ran(), 0U);
  EXPECT_EQ(counted.references, 1) << "the reference runs only for layers that run";
  EXPECT_EQ(second.reused, 2U);
  EXPECT_TRUE(second.run.Good());
  ASSERT_EQ(second.run.layers.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(second.run.layers[i].node, first.run.layers[i].node);
    EXPECT_EQ(second.run.layers[i].shape, first.run.layers[i].shape);
    EXPECT_EQ(second.run.layers[i].mapping, first.run.layers[i].mapping);
    EXPECT_EQ(second.run.layers[i].cycles, first.run.layers[i].cycles);
    EXPECT_EQ(second.run.layers[i].limit_cycles, first.run.layers[i].limit_cycles);
    EXPECT_EQ(second.run.layers[i].macs, first.run.layers[i].macs);
  }
}

TEST(RunStored, AnyChangeRunsAgain) {
  Counted counted;
  counted.Run();
  counted.program = "p2";
  EXPECT_EQ(counted.Run().reused, 0U);
  counted.inputs = "i2";
  EXPECT_EQ(counted.Run().reused, 0U);
  counted.settings.mappings = MappingSet::kBasic;
  EXPECT_EQ(counted.Run().reused, 0U);
  counted.settings.config.cols = 3;
  EXPECT_EQ(counted.Run().reused, 0U);
  EXPECT_EQ(counted.Ran(), 2U);
  EXPECT_EQ(counted.Run().reused, 2U);
}

TEST(RunStored, AnInterruptedRunGoesOn) {
  Counted counted;
  counted.settings.jobs = 1;
  counted.stop_after = "dense";
  const StoredRun stopped = counted.Run();
  EXPECT_TRUE(stopped.run.stopped);
  EXPECT_FALSE(stopped.run.Good());
  counted.stop_after.clear();
  const StoredRun rest = counted.Run();
  EXPECT_EQ(rest.reused, 1U);
  EXPECT_EQ(counted.Ran(), 1U);
  EXPECT_TRUE(rest.run.Good());
  ASSERT_EQ(rest.run.layers.size(), 2U);
  EXPECT_EQ(rest.run.layers[0].node, "dense") << "in the order of the network";
}

TEST(RunStored, WhatDiffersIsNotKept) {
  Counted counted;
  counted.wrong_tile = 12;  // the dense layer's tiles
  EXPECT_FALSE(counted.Run().run.Good());
  counted.wrong_tile = -1;
  const StoredRun again = counted.Run();
  EXPECT_EQ(again.reused, 1U);
  EXPECT_TRUE(again.run.Good());
}

TEST(RunStored, ADamagedEntryIsRunAgain) {
  Counted counted;
  counted.Run();
  const fs::path file = fs::directory_iterator(counted.folder / "store")->path();
  WriteFile(file, ReadFile(file).substr(0, 40));
  const StoredRun again = counted.Run();
  EXPECT_EQ(again.reused, 1U);
  EXPECT_EQ(counted.Ran(), 1U);
  EXPECT_TRUE(again.run.Good());
  EXPECT_EQ(counted.Run().reused, 2U);
}

TEST(RunStored, RunsWithPausesAreRefused) {
  Counted counted;
  counted.settings.stall = 1;
  EXPECT_THROW(counted.Run(), RequestError);
}

}  // namespace
}  // namespace systole

// SPDX-License-Identifier: Apache-2.0
#include "tb/worker_pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <map>
#include <stdexcept>

namespace systole {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct Heard {
  std::map<std::size_t, std::vector<std::string>> messages;
  std::map<std::size_t, std::string> failures;

  WorkerEvents Events() {
    return {[this](std::size_t job, const std::string& text) { messages[job].push_back(text); },
            [this](std::size_t job, const std::string& why) { failures[job] = why; },
            {}};
  }
};

bool NoChildIsLeft() { return waitpid(-1, nullptr, WNOHANG) == -1 && errno == ECHILD; }

TEST(RunWorkers, DeliversEveryMessageOfEveryJobInOrder) {
  Heard heard;
  EXPECT_TRUE(RunWorkers(
      9, 3,
      [](std::size_t job, const SendMessage& send) {
        for (int i = 0; i < 3; ++i) send(std::to_string(job * 10 + i));
      },
      heard.Events()));
  for (std::size_t job = 0; job < 9; ++job) {
    EXPECT_THAT(heard.messages[job],
                ElementsAre(std::to_string(job * 10), std::to_string(job * 10 + 1),
                            std::to_string(job * 10 + 2)));
  }
  EXPECT_TRUE(heard.failures.empty());
  EXPECT_TRUE(NoChildIsLeft());
}

TEST(RunWorkers, CarriesMessagesLargerThanAPipe) {
  Heard heard;
  const std::string large(3'000'000, 'x');
  RunWorkers(
      1, 1, [&](std::size_t, const SendMessage& send) { send(large); }, heard.Events());
  EXPECT_THAT(heard.messages[0], ElementsAre(large));
}

TEST(RunWorkers, ACrashIsTheFailureOfThatJobOnly) {
  Heard heard;
  EXPECT_TRUE(RunWorkers(
      4, 2,
      [](std::size_t job, const SendMessage& send) {
        if (job == 1) raise(SIGKILL);
        if (job == 2) _exit(7);
        if (job == 3) throw std::runtime_error("no such tile");
        send("done");
      },
      heard.Events()));
  EXPECT_THAT(heard.messages[0], ElementsAre("done"));
  EXPECT_EQ(heard.failures.size(), 3U);
  EXPECT_EQ(heard.failures[1], "the worker died: Killed");
  EXPECT_EQ(heard.failures[2], "the worker ended early with exit status 7");
  EXPECT_EQ(heard.failures[3], "no such tile");
}

TEST(RunWorkers, StopEndsAllWorkersAtOnce) {
  Heard heard;
  WorkerEvents events = heard.Events();
  events.stop = [&] { return heard.messages.size() == 2; };
  EXPECT_FALSE(RunWorkers(
      5, 2,
      [](std::size_t, const SendMessage& send) {
        send("started");
        sleep(1000);
      },
      events));
  EXPECT_TRUE(NoChildIsLeft());
}

TEST(RunWorkers, AnExceptionOfTheCallerLeavesNoWorker) {
  Heard heard;
  WorkerEvents events = heard.Events();
  events.message = [](std::size_t, const std::string&) { throw std::runtime_error("enough"); };
  EXPECT_THROW(RunWorkers(
                   2, 2,
                   [](std::size_t, const SendMessage& send) {
                     send("started");
                     sleep(1000);
                   },
                   events),
               std::runtime_error);
  EXPECT_TRUE(NoChildIsLeft());
}

}  // namespace
}  // namespace systole

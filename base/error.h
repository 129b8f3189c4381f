// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

namespace systole {

/// One thing wrong with a request, in the user's own words.
struct Problem {
  std::string what;  ///< what is wrong and why, e.g. "--rows 0 is out of range: 1 to 128"
  std::string fix;   ///< the words that work, e.g. "pass --rows 16"; may be empty
};

/// A bad request: options, configurations or input files. The program ends with exit status 2 after
/// it has printed every problem.
class RequestError : public std::runtime_error {
 public:
  explicit RequestError(std::vector<Problem> problems);
  RequestError(std::string what, std::string fix)
      : RequestError(std::vector<Problem>{{std::move(what), std::move(fix)}}) {}
  explicit RequestError(std::string what) : RequestError(std::move(what), "") {}

  const std::vector<Problem>& problems() const { return problems_; }

 private:
  std::vector<Problem> problems_;
};

/// A run that failed though the request was good: a missing tool, a full disk, a result that
/// differs. The program ends with exit status 1.
class RunError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace systole

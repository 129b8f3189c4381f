// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "synth/flow/synthesize.h"
#include "synth/flow/timing.h"
#include "tests/netlist/make.h"
#include "tests/support/tool.h"

namespace systole {

/// Two registers, a NAND2 and a register: 3 * 10 + 3 um2 of three_cells.lib; 0.5 + 0.2 + 0.25 ns.
inline const rtl::File kTiny{"tiny.v", R"v(
module tiny (input wire clk_i, input wire a_i, input wire b_i, output reg q_o);
  reg a_q, b_q;
  always @(posedge clk_i) begin
    a_q <= a_i;
    b_q <= b_i;
    q_o <= ~(a_q & b_q);
  end
endmodule
)v"};

/// Width registers in a row.
inline const rtl::File kLine{"line.v", R"v(
module line #(parameter integer Width = 1) (input wire clk_i, input wire d_i, output wire d_o);
  reg [Width-1:0] line_q;
  always @(posedge clk_i) line_q <= {line_q, d_i};
  assign d_o = line_q[Width-1];
endmodule
)v"};

/// Lines of 2, 3 and 3 registers, one behind the other.
inline const rtl::File kLines{"lines.v", R"v(
module lines (input wire clk_i, input wire d_i, output wire d_o);
  wire a, b;
  line #(.Width(2)) u_first (.clk_i(clk_i), .d_i(d_i), .d_o(a));
  line #(.Width(3)) u_second (.clk_i(clk_i), .d_i(a), .d_o(b));
  line #(.Width(3)) u_third (.clk_i(clk_i), .d_i(b), .d_o(d_o));
endmodule
)v"};

inline SynthesisRequest RequestOf(std::vector<rtl::File> files, const std::string& top) {
  SynthesisRequest request;
  request.files = std::move(files);
  request.top = top;
  request.libraries = &ThreeCells();
  request.use_cache = false;
  request.jobs = 1;
  return request;
}

/// What went wrong; "none" if nothing did.
inline std::string FailureOf(const SynthesisRequest& request) {
  try {
    Synthesize(request);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "none";
}

/// A program that is a shell script.
inline std::string MakeProgram(const std::filesystem::path& path, const std::string& script) {
  WriteFile(path, "#!/bin/sh\n" + script);
  std::filesystem::permissions(path, std::filesystem::perms::owner_all);
  return path.string();
}

/// A variable of the environment with another value until the end of the scope.
class Environment {
 public:
  Environment(const char* name, const std::string& value) : name_(name) {
    if (const char* old = std::getenv(name)) old_ = old;
    setenv(name, value.c_str(), 1);
  }
  ~Environment() {
    if (old_) {
      setenv(name_, old_->c_str(), 1);
    } else {
      unsetenv(name_);
    }
  }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  const char* name_;
  std::optional<std::string> old_;
};

}  // namespace systole

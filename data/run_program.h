// SPDX-License-Identifier: Apache-2.0
//
// Runs another program, without a shell. For download.cc.
#ifndef TESSERA_DATA_RUN_PROGRAM_H_
#define TESSERA_DATA_RUN_PROGRAM_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace tessera::data {

struct ProgramResult {
  int exit_code = 0;   // 128 + the signal's number if one ended it
  std::string errors;  // what it wrote to standard error; empty if that was not captured
};

// Runs arguments[0], searched on PATH, and waits for it. Its standard input is empty. Its standard
// error is captured, or, if not `capture_errors`, ours.
//   errors: kNotFound if there is no such program; what the system says
absl::StatusOr<ProgramResult> run_program(const std::vector<std::string>& arguments,
                                          bool capture_errors);

}  // namespace tessera::data

#endif  // TESSERA_DATA_RUN_PROGRAM_H_

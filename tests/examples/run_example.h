// SPDX-License-Identifier: Apache-2.0
//
// Runs a program as a user does.
#ifndef TESSERA_TESTS_EXAMPLES_RUN_EXAMPLE_H_
#define TESSERA_TESTS_EXAMPLES_RUN_EXAMPLE_H_

#include <string>
#include <string_view>
#include <vector>

namespace tessera {

struct Outcome {
  int exit_code = -1;
  std::string out, err;
};

// `program` is a path from the root of the runfiles: "tools/examples/mnist". It runs on the backend
// that --//:backend names, unless `flags` name another.
Outcome run_example(const std::string& program, const std::vector<std::string>& flags);

// The number after `label` at the beginning of a line of `text`. Fails the test if there is none.
double number_after(const std::string& text, const std::string& label);

// Fails the test unless the program ended with the code and one line on standard error that has
// `part` in it.
void expect_one_line(const Outcome& run, int exit_code, std::string_view part);

}  // namespace tessera

#endif  // TESSERA_TESTS_EXAMPLES_RUN_EXAMPLE_H_

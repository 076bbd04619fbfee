// SPDX-License-Identifier: Apache-2.0
//
// What the programs in this folder have in common: flags, errors, exit codes, weights.
//
//   int main(int argc, char** argv) {
//     using namespace tessera::examples;
//     return run_program("mnist", parse_mnist_flags(argc, argv), train_mnist);
//   }
#ifndef TESSERA_TOOLS_EXAMPLES_PROGRAM_H_
#define TESSERA_TOOLS_EXAMPLES_PROGRAM_H_

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tessera/nn/module.h"

namespace tessera::examples {

// Reads the command line into Abseil's flags; --help lists those of `flags_file`. For a flag that
// it does not know or cannot read, it says so on standard error and ends the program with code 1.
//   errors: kInvalidArgument for arguments that are no flag
absl::Status parse_command_line(int argc, char** argv, std::string_view usage,
                                std::string_view flags_file);

//   errors: kInvalidArgument with the flag, its value and its range
absl::Status check_range(const char* flag, int64_t value, int64_t least, int64_t most);
absl::Status check_range(const char* flag, double value, double least, double most);
//   errors: kInvalidArgument with the flag, its value and what it may be
absl::Status check_choice(const char* flag, const std::string& value,
                          std::initializer_list<std::string_view> choices);

// Makes `backend` the default device, with so many threads (0: as many as there are processors),
// and seeds the random numbers.
absl::Status set_up(const std::string& backend, int threads, uint64_t seed);

// The weights in a safetensors file. Errors begin with the path.
absl::Status load_weights(nn::Module& model, const std::string& path);

namespace internal {
int fail(const char* program, std::string_view message, int exit_code);
int run_guarded(const char* program, const std::function<absl::Status()>& run);
}  // namespace internal

// `run` with the flags. Errors, thrown ones too, are one line on standard error.
// Returns the exit code: 0; 1 if run failed; 2 for wrong flags.
template <class Flags>
int run_program(const char* program, const absl::StatusOr<Flags>& flags,
                absl::Status (*run)(const Flags&)) {
  if (!flags.ok()) return internal::fail(program, flags.status().message(), 2);
  return internal::run_guarded(program, [&] { return run(*flags); });
}

}  // namespace tessera::examples

#endif  // TESSERA_TOOLS_EXAMPLES_PROGRAM_H_

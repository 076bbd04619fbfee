// SPDX-License-Identifier: Apache-2.0
#include "tessera/tools/examples/program.h"

#include <algorithm>
#include <cstdio>
#include <exception>
#include <vector>

#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/flags/usage_config.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "tessera/backends/runtime/device.h"
#include "tessera/nn/safetensors.h"
#include "tessera/tensor/ops/random.h"

namespace tessera::examples {

absl::Status parse_command_line(int argc, char** argv, std::string_view usage,
                                std::string_view flags_file) {
  absl::SetProgramUsageMessage(usage);
  absl::FlagsUsageConfig config;
  config.contains_help_flags = [name = std::string(flags_file)](std::string_view file) {
    return absl::EndsWith(file, name);
  };
  config.contains_helpshort_flags = config.contains_help_flags;
  absl::SetFlagsUsageConfig(config);
  const std::vector<char*> rest = absl::ParseCommandLine(argc, argv);
  if (rest.size() <= 1) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("'", rest[1], "' is not a flag (see --help)"));
}

absl::Status check_range(const char* flag, int64_t value, int64_t least, int64_t most) {
  if (value >= least && value <= most) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("--", flag, " is ", value, ", it must be from ", least, " to ", most));
}

absl::Status check_range(const char* flag, double value, double least, double most) {
  if (value >= least && value <= most) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("--", flag, " is ", value, ", it must be from ", least, " to ", most));
}

absl::Status check_choice(const char* flag, const std::string& value,
                          std::initializer_list<std::string_view> choices) {
  if (std::find(choices.begin(), choices.end(), value) != choices.end()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "--", flag, " is '", value, "', it must be one of ", absl::StrJoin(choices, ", ")));
}

absl::Status set_up(const std::string& backend, int threads, uint64_t seed) {
  if (threads > 0) set_num_threads(threads);
  absl::StatusOr<Device> device = find_device(backend);
  if (!device.ok()) return device.status();
  set_default_device(*device);
  manual_seed(seed);
  return absl::OkStatus();
}

absl::Status load_weights(nn::Module& model, const std::string& path) {
  absl::StatusOr<nn::Safetensors> file = nn::load_safetensors(path);
  if (!file.ok()) return file.status();
  absl::Status status = model.load_state_dict(file->tensors).status();
  if (status.ok()) return status;
  return absl::Status(status.code(), path + ": " + std::string(status.message()));
}

namespace internal {

int fail(const char* program, std::string_view message, int exit_code) {
  const std::string line = absl::StrReplaceAll(message, {{"\n", "; "}});
  std::fprintf(stderr, "%s: %s\n", program, line.c_str());
  return exit_code;
}

int run_guarded(const char* program, const std::function<absl::Status()>& run) {
  try {
    const absl::Status status = run();
    return status.ok() ? 0 : fail(program, status.message(), 1);
  } catch (const std::exception& error) {  // tessera::Error: a device that fails, most of all
    return fail(program, error.what(), 1);
  }
}

}  // namespace internal
}  // namespace tessera::examples

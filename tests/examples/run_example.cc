// SPDX-License-Identifier: Apache-2.0
#include "tessera/tests/examples/run_example.h"

#include <sys/wait.h>

#include <algorithm>
#include <cstdlib>

#include "gtest/gtest.h"
#include "tessera/data/test_files.h"

namespace tessera {

Outcome run_example(const std::string& program, const std::vector<std::string>& flags) {
  const std::string folder = data::new_test_folder();
  std::string command = program;
  if (const char* backend = std::getenv("TESSERA_BACKEND")) {
    command += std::string(" '--backend=") + backend + "'";
  }
  for (const std::string& flag : flags) command += " '" + flag + "'";
  command += " >" + folder + "/out 2>" + folder + "/err </dev/null";
  const int status = std::system(command.c_str());
  Outcome run;
  if (WIFEXITED(status)) run.exit_code = WEXITSTATUS(status);
  run.out = data::read_file(folder + "/out");
  run.err = data::read_file(folder + "/err");
  return run;
}

double number_after(const std::string& text, const std::string& label) {
  const size_t at = ("\n" + text).find("\n" + label);
  if (at == std::string::npos) {
    ADD_FAILURE() << "no line '" << label << "' in:\n" << text;
    return -1;
  }
  return std::stod(text.substr(at + label.size()));
}

void expect_one_line(const Outcome& run, int exit_code, std::string_view part) {
  EXPECT_EQ(run.exit_code, exit_code) << run.err;
  EXPECT_NE(run.err.find(part), std::string::npos) << run.err;
  EXPECT_EQ(std::count(run.err.begin(), run.err.end(), '\n'), 1) << run.err;
}

}  // namespace tessera

// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/run_program.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

extern char** environ;

namespace tessera::data {
namespace {

std::string read_to_end(int descriptor) {
  std::string text;
  char buffer[1024];
  while (true) {
    const ssize_t got = read(descriptor, buffer, sizeof(buffer));
    if (got > 0) {
      text.append(buffer, static_cast<size_t>(got));
    } else if (got == 0 || errno != EINTR) {
      return text;
    }
  }
}

}  // namespace

absl::StatusOr<ProgramResult> run_program(const std::vector<std::string>& arguments,
                                          bool capture_errors) {
  int ends[2] = {-1, -1};  // of a pipe: read, write
  if (capture_errors && pipe2(ends, O_CLOEXEC) != 0) {
    return absl::ErrnoToStatus(errno, "cannot make a pipe");
  }
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  if (capture_errors) posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  pid_t child = 0;
  const int code = posix_spawnp(&child, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (capture_errors) close(ends[1]);
  if (code != 0) {
    if (capture_errors) close(ends[0]);
    return absl::ErrnoToStatus(code, absl::StrCat("cannot run ", arguments[0]));
  }

  ProgramResult result;
  if (capture_errors) {
    result.errors = read_to_end(ends[0]);
    close(ends[0]);
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return absl::ErrnoToStatus(errno, "cannot wait for " + arguments[0]);
  }
  result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return result;
}

}  // namespace tessera::data

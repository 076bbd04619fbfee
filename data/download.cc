// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/download.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tessera/data/run_program.h"
#include "tessera/data/sha256.h"

namespace tessera::data {
namespace {

bool exists(const std::string& path) {
  struct stat info;
  return stat(path.c_str(), &info) == 0;
}

//   errors: kUnavailable with what curl said
absl::Status run_curl(const std::string& url, const std::string& target, int64_t bytes,
                      const DownloadOptions& options) {
  const std::string protocols = "=" + options.protocols;
  absl::StatusOr<ProgramResult> result =
      run_program({"curl",
                   "--fail",
                   "--location",
                   "--show-error",
                   "--proto",
                   protocols,
                   "--proto-redir",
                   protocols,
                   "--retry",
                   "2",
                   "--connect-timeout",
                   "20",
                   "--max-filesize",
                   absl::StrCat(bytes),
                   "--continue-at",
                   "-",
                   "--output",
                   target,
                   options.progress ? "--progress-bar" : "--silent",
                   "--",
                   url},
                  /*capture_errors=*/!options.progress);
  if (absl::IsNotFound(result.status())) {
    return absl::FailedPreconditionError(
        "there is no program curl, which does the download; install it, or put the files there "
        "yourself");
  }
  if (!result.ok()) return result.status();
  if (result->exit_code == 0) return absl::OkStatus();
  std::string said(absl::StripAsciiWhitespace(result->errors));
  if (said.empty()) said = absl::StrCat("curl ended with code ", result->exit_code);
  return absl::UnavailableError(absl::StrReplaceAll(said, {{"\r", " "}, {"\n", " "}}));
}

// Moves the finished download to its name if its checksum is right. If not, removes it.
absl::Status accept(const DownloadFile& file, const std::string& part, const std::string& path) {
  absl::StatusOr<std::string> found = sha256_of_file(part);
  if (!found.ok()) return found.status();
  if (*found != file.sha256) {
    std::remove(part.c_str());
    return absl::DataLossError(
        absl::StrCat("the file's sha256 is ", *found, ", expected ", file.sha256));
  }
  if (std::rename(part.c_str(), path.c_str()) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat(path, ": cannot rename"));
  }
  return absl::OkStatus();
}

// Continues <path>.part from one mirror.
absl::Status fetch(const std::string& mirror, const DownloadFile& file, const std::string& path,
                   const DownloadOptions& options) {
  const std::string part = path + ".part";
  // A part that is complete was interrupted at its last step; curl would find nothing to continue.
  std::error_code error;
  if (std::filesystem::file_size(part, error) != static_cast<uintmax_t>(file.bytes) || error) {
    absl::Status status = run_curl(mirror + file.name, part, file.bytes, options);
    if (!status.ok()) return status;
  }
  return accept(file, part, path);
}

}  // namespace

absl::Status download(const DownloadFile& file, const std::string& folder,
                      const DownloadOptions& options) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    return absl::ErrnoToStatus(error.value(), absl::StrCat(folder, ": cannot make the folder"));
  }
  const std::string path = absl::StrCat(folder, "/", file.name), part = path + ".part";
  if (exists(path)) {
    absl::StatusOr<std::string> found = sha256_of_file(path);
    if (!found.ok()) return found.status();
    if (*found == file.sha256) return absl::OkStatus();
    return absl::FailedPreconditionError(
        absl::StrCat(path, ": another file is there: its sha256 is ", *found, ", expected ",
                     file.sha256, "; remove it to download the file"));
  }

  absl::Status failure = absl::UnavailableError("there is no mirror");
  std::string said;
  for (const std::string& mirror : options.mirrors) {
    const bool continued = exists(part);
    failure = fetch(mirror, file, path, options);
    // What was there before may have been the damaged half: once more, from nothing.
    if (continued && absl::IsDataLoss(failure)) failure = fetch(mirror, file, path, options);
    if (!absl::IsDataLoss(failure) && !absl::IsUnavailable(failure)) return failure;
    absl::StrAppend(&said, said.empty() ? "" : "; ", mirror, ": ", failure.message());
  }
  return absl::Status(failure.code(), absl::StrCat("cannot download ", file.name, ": ", said));
}

}  // namespace tessera::data

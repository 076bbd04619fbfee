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
#include "tessera/data/md5.h"
#include "tessera/data/run_program.h"
#include "tessera/data/sha256.h"

namespace tessera::data {
namespace {

bool exists(const std::string& path) {
  struct stat info;
  return stat(path.c_str(), &info) == 0;
}

// "sha256 is <found>, expected <expected>", or nothing if it is right.
absl::StatusOr<std::string> wrong_checksum(const DownloadFile& file, const std::string& path) {
  const bool has_sha256 = !file.sha256.empty();
  const std::string& expected = has_sha256 ? file.sha256 : file.md5;
  absl::StatusOr<std::string> found = has_sha256 ? sha256_of_file(path) : md5_of_file(path);
  if (!found.ok()) return found.status();
  if (*found == expected) return "";
  return absl::StrCat(has_sha256 ? "sha256" : "md5", " is ", *found, ", expected ", expected);
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
  absl::StatusOr<std::string> wrong = wrong_checksum(file, part);
  if (!wrong.ok()) return wrong.status();
  if (!wrong->empty()) {
    std::remove(part.c_str());
    return absl::DataLossError(absl::StrCat("the file's ", *wrong));
  }
  if (std::rename(part.c_str(), path.c_str()) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat(path, ": cannot rename"));
  }
  return absl::OkStatus();
}

bool is_complete(const DownloadFile& file, const std::string& part) {
  if (!exists(part)) return false;
  if (file.bytes == 0) {
    absl::StatusOr<std::string> wrong = wrong_checksum(file, part);
    return wrong.ok() && wrong->empty();
  }
  std::error_code error;
  return std::filesystem::file_size(part, error) == static_cast<uintmax_t>(file.bytes) && !error;
}

// Continues <path>.part from one mirror.
absl::Status fetch(const std::string& mirror, const DownloadFile& file, const std::string& path,
                   const DownloadOptions& options) {
  const std::string part = path + ".part";
  // A part that is complete was interrupted at its last step; curl would find nothing to continue.
  if (!is_complete(file, part)) {
    constexpr int64_t kMostUnknown = int64_t{1} << 30;
    absl::Status status =
        run_curl(mirror + file.name, part, file.bytes > 0 ? file.bytes : kMostUnknown, options);
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
    absl::StatusOr<std::string> wrong = wrong_checksum(file, path);
    if (!wrong.ok()) return wrong.status();
    if (wrong->empty()) return absl::OkStatus();
    return absl::FailedPreconditionError(absl::StrCat(path, ": another file is there: its ", *wrong,
                                                      "; remove it to download the file"));
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

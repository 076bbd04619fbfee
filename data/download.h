// SPDX-License-Identifier: Apache-2.0
//
// Fetches a file whose checksum is known.
//
// The work is done by the program `curl`, started without a shell: a download happens once per
// machine, and a library for it would bring TLS into every program that only reads the files.
#ifndef TESSERA_DATA_DOWNLOAD_H_
#define TESSERA_DATA_DOWNLOAD_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace tessera::data {

struct DownloadFile {
  std::string name;    // in the target folder
  int64_t bytes;       // of the whole file; 0: not known, at most 1 GiB
  std::string sha256;  // 64 hexadecimal digits in lower case
  // Where sha256 is empty: 32 hexadecimal digits in lower case, for publishers that give no more.
  std::string md5 = {};
};

struct DownloadOptions {
  // What stands before the file's name in each place to try, in order:
  // "https://example.org/mnist/".
  std::vector<std::string> mirrors;
  // As curl names them: the protocols that may be used, also where a mirror sends us on.
  std::string protocols = "https";
  // curl draws a progress bar on standard error.
  bool progress = false;
};

// Makes sure that `folder`, which is made if need be, holds the file. One that is there and right
// is not fetched again; a download that was broken off goes on where it stopped (in <name>.part).
// The file appears under its name only when all of it is there and its checksum is right.
//   errors: kFailedPrecondition if another file of that name is there (it is left alone), or if
//           there is no curl; kUnavailable with what curl said for each mirror; kDataLoss if what
//           was fetched has another checksum, with both; those of the file system
absl::Status download(const DownloadFile& file, const std::string& folder,
                      const DownloadOptions& options);

}  // namespace tessera::data

#endif  // TESSERA_DATA_DOWNLOAD_H_

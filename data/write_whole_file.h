// SPDX-License-Identifier: Apache-2.0
//
// Writes a file, all of it or none.
#ifndef TESSERA_DATA_WRITE_WHOLE_FILE_H_
#define TESSERA_DATA_WRITE_WHOLE_FILE_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace tessera::data {

// Writes to <path>.part, which it then gives the name `path`.
//   errors: those of the file system, with the path
absl::Status write_whole_file(const std::string& path, std::string_view content);

}  // namespace tessera::data

#endif  // TESSERA_DATA_WRITE_WHOLE_FILE_H_

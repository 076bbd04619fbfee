// SPDX-License-Identifier: Apache-2.0
//
// The whole content of a file, gzipped or not.
#ifndef TESSERA_DATA_READ_WHOLE_FILE_H_
#define TESSERA_DATA_READ_WHOLE_FILE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace tessera::data {

//   errors: those of GzipFile; kResourceExhausted if the content has more than `max_bytes` bytes,
//           before memory for more than that is taken
absl::StatusOr<std::string> read_whole_file(const std::string& path,
                                            int64_t max_bytes = int64_t{4} << 30);

}  // namespace tessera::data

#endif  // TESSERA_DATA_READ_WHOLE_FILE_H_

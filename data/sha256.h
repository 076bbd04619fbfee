// SPDX-License-Identifier: Apache-2.0
//
// SHA-256, to know a file that was downloaded.
//   source: FIPS 180-4
#ifndef TESSERA_DATA_SHA256_H_
#define TESSERA_DATA_SHA256_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace tessera::data {

class Sha256 {
 public:
  // Adds to what is hashed.
  void update(std::string_view bytes);
  // The hash of all that was added, as 64 hexadecimal digits in lower case. Ends the object's use.
  std::string finish();

 private:
  void add_block(const uint8_t* block);

  uint32_t state_[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                        0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  uint8_t block_[64] = {};
  size_t filled_ = 0;    // bytes of block_
  uint64_t length_ = 0;  // bytes so far
};

// Of the bytes of a file.
//   errors: those of the system, with the path
absl::StatusOr<std::string> sha256_of_file(const std::string& path);

}  // namespace tessera::data

#endif  // TESSERA_DATA_SHA256_H_

// SPDX-License-Identifier: Apache-2.0
//
// MD5, for files whose publishers give no better checksum. It shows accidents, not attacks.
//   source: RFC 1321
#ifndef TESSERA_DATA_MD5_H_
#define TESSERA_DATA_MD5_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace tessera::data {

class Md5 {
 public:
  // Adds to what is hashed.
  void update(std::string_view bytes);
  // The hash of all that was added, as 32 hexadecimal digits in lower case. Ends the object's use.
  std::string finish();

 private:
  void add_block(const uint8_t* block);

  uint32_t state_[4] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
  uint8_t block_[64] = {};
  size_t filled_ = 0;    // bytes of block_
  uint64_t length_ = 0;  // bytes so far
};

// Of the bytes of a file.
//   errors: those of the system, with the path
absl::StatusOr<std::string> md5_of_file(const std::string& path);

}  // namespace tessera::data

#endif  // TESSERA_DATA_MD5_H_

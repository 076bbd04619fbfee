// SPDX-License-Identifier: Apache-2.0
//
// MD5, for files whose publishers give no better checksum. It shows accidents, not attacks.
//   source: RFC 1321
#ifndef TESSERA_DATA_MD5_H_
#define TESSERA_DATA_MD5_H_

#include <bit>
#include <string>

#include "absl/status/statusor.h"
#include "tessera/data/block_hash.h"

namespace tessera::data {

// finish() gives 32 digits.
class Md5 final : public BlockHash {
 public:
  Md5() : BlockHash(std::endian::little, {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476}) {}

 private:
  void add_block(const Block& block) override;
};

// Of the bytes of a file.
//   errors: those of the system, with the path
absl::StatusOr<std::string> md5_of_file(const std::string& path);

}  // namespace tessera::data

#endif  // TESSERA_DATA_MD5_H_

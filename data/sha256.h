// SPDX-License-Identifier: Apache-2.0
//
// SHA-256, to know a file that was downloaded.
//   source: FIPS 180-4
#ifndef TESSERA_DATA_SHA256_H_
#define TESSERA_DATA_SHA256_H_

#include <bit>
#include <string>

#include "absl/status/statusor.h"
#include "tessera/data/block_hash.h"

namespace tessera::data {

// finish() gives 64 digits.
class Sha256 final : public BlockHash {
 public:
  Sha256()
      : BlockHash(std::endian::big, {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f,
                                     0x9b05688c, 0x1f83d9ab, 0x5be0cd19}) {}

 private:
  void add_block(const Block& block) override;
};

// Of the bytes of a file.
//   errors: those of the system, with the path
absl::StatusOr<std::string> sha256_of_file(const std::string& path);

}  // namespace tessera::data

#endif  // TESSERA_DATA_SHA256_H_

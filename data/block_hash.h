// SPDX-License-Identifier: Apache-2.0
//
// What MD5 and SHA-256 share: messages cut into blocks of 64 bytes, the last one filled up with a
// one bit, zeros and the message's length. For md5.h and sha256.h.
#ifndef TESSERA_DATA_BLOCK_HASH_H_
#define TESSERA_DATA_BLOCK_HASH_H_

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace tessera::data {

class BlockHash {
 public:
  virtual ~BlockHash() = default;

  // Adds to what is hashed.
  void update(std::string_view bytes);
  // The hash of all that was added, as hexadecimal digits in lower case. Ends the object's use.
  std::string finish();

 protected:
  using Block = std::array<uint32_t, 16>;

  // `order` is that of the bytes in words, of the message, its length and the hash.
  BlockHash(std::endian order, std::vector<uint32_t> state)
      : state_(std::move(state)), order_(order) {}

  std::vector<uint32_t> state_;

 private:
  // Works the next block into state_.
  virtual void add_block(const Block& block) = 0;
  // Byte `i` of a word of `bytes` bytes: how far it is shifted.
  int shift_of(int i, int bytes) const {
    return 8 * (order_ == std::endian::big ? bytes - 1 - i : i);
  }

  const std::endian order_;
  Block block_ = {};
  size_t filled_ = 0;    // bytes of block_
  uint64_t length_ = 0;  // bytes so far
};

// What `hash.finish()` gives after the bytes of a file.
//   errors: those of the system, with the path
absl::StatusOr<std::string> hash_of_file(const std::string& path, BlockHash& hash);

}  // namespace tessera::data

#endif  // TESSERA_DATA_BLOCK_HASH_H_

// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/block_hash.h"

#include <cerrno>
#include <cstdio>
#include <memory>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace tessera::data {

void BlockHash::update(std::string_view bytes) {
  length_ += bytes.size();
  for (char byte : bytes) {
    block_[filled_ / 4] |= uint32_t{static_cast<uint8_t>(byte)}
                           << shift_of(static_cast<int>(filled_ % 4), 4);
    if (++filled_ < 64) continue;
    add_block(block_);
    block_ = {};
    filled_ = 0;
  }
}

std::string BlockHash::finish() {
  const uint64_t bits = length_ * 8;
  update(std::string_view("\x80", 1));
  while (filled_ != 56) update(std::string_view("\0", 1));
  for (int i = 0; i < 8; ++i) {
    const char byte = static_cast<char>(bits >> shift_of(i, 8));
    update({&byte, 1});
  }
  std::string digest;
  for (uint32_t word : state_) {
    for (int i = 0; i < 4; ++i) digest += static_cast<char>(word >> shift_of(i, 4));
  }
  return absl::BytesToHexString(digest);
}

absl::StatusOr<std::string> hash_of_file(const std::string& path, BlockHash& hash) {
  const std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen(path.c_str(), "rbe"), &std::fclose);
  if (file == nullptr) return absl::ErrnoToStatus(errno, absl::StrCat(path, ": cannot open"));
  char buffer[1 << 14];
  size_t got;
  while ((got = std::fread(buffer, 1, sizeof(buffer), file.get())) > 0) hash.update({buffer, got});
  if (std::ferror(file.get()) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat(path, ": cannot read"));
  }
  return hash.finish();
}

}  // namespace tessera::data

// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/sha256.h"

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "tessera/data/test_files.h"

namespace tessera::data {
namespace {

std::string sha256(std::string_view bytes) {
  Sha256 hash;
  hash.update(bytes);
  return hash.finish();
}

// The examples of FIPS 180-2, appendix B.
TEST(Sha256, HashesTheStandardsExamples) {
  EXPECT_EQ(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha256(std::string(1000000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, IsTheSameHoweverTheBytesArrive) {
  std::string text;
  for (int length = 0; length < 200; ++length) {
    Sha256 pieces;
    for (size_t i = 0; i < text.size(); i += 7) pieces.update(std::string_view(text).substr(i, 7));
    EXPECT_EQ(pieces.finish(), sha256(text)) << length;
    text += static_cast<char>(length * 5);
  }
}

TEST(Sha256, OfAFile) {
  const std::string path = new_test_folder() + "/file";
  write_file(path, std::string(100000, 'x'));
  EXPECT_EQ(sha256_of_file(path).value(), sha256(std::string(100000, 'x')));
  const absl::Status missing = sha256_of_file(path + ".no").status();
  EXPECT_EQ(missing.code(), absl::StatusCode::kNotFound);
  EXPECT_FALSE(sha256_of_file(new_test_folder()).ok());
}

}  // namespace
}  // namespace tessera::data

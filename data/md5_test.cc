// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/md5.h"

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "tessera/data/test_files.h"

namespace tessera::data {
namespace {

std::string md5(std::string_view bytes) {
  Md5 hash;
  hash.update(bytes);
  return hash.finish();
}

// The test suite of RFC 1321, A.5.
TEST(Md5, HashesTheStandardsExamples) {
  EXPECT_EQ(md5(""), "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(md5("a"), "0cc175b9c0f1b6a831c399e269772661");
  EXPECT_EQ(md5("abc"), "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(md5("message digest"), "f96b697d7cb7938d525a2f31aaf161d0");
  EXPECT_EQ(md5("abcdefghijklmnopqrstuvwxyz"), "c3fcd3d76192e4007dfb496cca67e13b");
  EXPECT_EQ(md5("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"),
            "d174ab98d277d9f5a5611c2c9f419d9f");
  EXPECT_EQ(md5("1234567890123456789012345678901234567890123456789012345678901234567890123456789"
                "0"),
            "57edf4a22be3c955ac49da2e2107b67a");
}

TEST(Md5, IsTheSameHoweverTheBytesArrive) {
  std::string text;
  for (int length = 0; length < 200; ++length) {
    Md5 pieces;
    for (size_t i = 0; i < text.size(); i += 7) pieces.update(std::string_view(text).substr(i, 7));
    EXPECT_EQ(pieces.finish(), md5(text)) << length;
    text += static_cast<char>(length * 5);
  }
}

TEST(Md5, OfAFile) {
  const std::string path = new_test_folder() + "/file";
  write_file(path, std::string(100000, 'x'));
  EXPECT_EQ(md5_of_file(path).value(), md5(std::string(100000, 'x')));
  EXPECT_EQ(md5_of_file(path + ".no").status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace tessera::data

// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/gzip_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "tessera/data/test_files.h"

namespace tessera::data {
namespace {

std::string some_content(int bytes) {
  std::string content;
  for (int64_t i = 0; i < bytes; ++i) content += static_cast<char>(i * i / 7);
  return content;
}

absl::StatusOr<std::string> read_all(const std::string& path, int64_t at_once) {
  absl::StatusOr<GzipFile> file = GzipFile::open(path);
  if (!file.ok()) return file.status();
  std::string content, piece(static_cast<size_t>(at_once), '\0');
  while (true) {
    absl::StatusOr<int64_t> got = file->read(piece.data(), at_once);
    if (!got.ok()) return got.status();
    content.append(piece, 0, static_cast<size_t>(*got));
    if (*got < at_once) return content;
  }
}

TEST(GzipFile, ReadsPlainAndCompressedFilesWhateverTheirName) {
  const std::string folder = new_test_folder();
  for (int bytes : {0, 1, 2, 3, 1000, 300001}) {
    const std::string content = some_content(bytes);
    write_file(folder + "/plain.gz", content);
    write_file(folder + "/compressed", gzip(content));
    for (int64_t at_once : {7, 4096, 1000000}) {
      EXPECT_EQ(read_all(folder + "/plain.gz", at_once).value(), content);
      EXPECT_EQ(read_all(folder + "/compressed", at_once).value(), content);
    }
  }
}

TEST(GzipFile, ReadsFilesOfSeveralGzipMembers) {
  const std::string path = new_test_folder() + "/x";
  write_file(path, gzip("one, ") + gzip("two"));
  EXPECT_EQ(read_all(path, 100).value(), "one, two");
}

TEST(GzipFile, KnowsHowMuchThereCanBe) {
  const std::string folder = new_test_folder();
  write_file(folder + "/plain", some_content(5000));
  GzipFile plain = GzipFile::open(folder + "/plain").value();
  EXPECT_FALSE(plain.is_compressed());
  EXPECT_EQ(plain.stored_size(), 5000);
  EXPECT_EQ(plain.max_content_size(), 5000);
  // The content that compresses best of all.
  constexpr int64_t kZeros = 50000000;
  write_file(folder + "/zeros", gzip(std::string(kZeros, '\0')));
  GzipFile zeros = GzipFile::open(folder + "/zeros").value();
  EXPECT_TRUE(zeros.is_compressed());
  EXPECT_GE(zeros.max_content_size(), kZeros);
  EXPECT_LT(zeros.max_content_size(), kZeros * 2);
}

TEST(GzipFile, EveryCutOffCompressedFileIsAnError) {
  const std::string path = new_test_folder() + "/x";
  const std::string whole = gzip(some_content(2000));
  for (size_t length = 11; length < whole.size(); ++length) {
    write_file(path, whole.substr(0, length));
    const absl::Status status = read_all(path, 100).status();
    ASSERT_EQ(status.code(), absl::StatusCode::kDataLoss) << length;
    ASSERT_NE(status.message().find(path + ": damaged gzip data"), std::string::npos);
  }
}

TEST(GzipFile, AWrongChecksumIsAnError) {
  const std::string path = new_test_folder() + "/x";
  std::string file = gzip(some_content(2000));
  file[file.size() - 6] ^= 1;
  write_file(path, file);
  EXPECT_EQ(read_all(path, 100).status().code(), absl::StatusCode::kDataLoss);
}

TEST(GzipFile, SaysWhatCannotBeOpened) {
  const std::string folder = new_test_folder();
  const absl::Status missing = GzipFile::open(folder + "/no").status();
  EXPECT_EQ(missing.code(), absl::StatusCode::kNotFound);
  EXPECT_NE(missing.message().find(folder + "/no: cannot open"), std::string::npos) << missing;
  const absl::Status directory = GzipFile::open(folder).status();
  EXPECT_EQ(directory.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(directory.message(), folder + ": not a regular file");
  const std::string pipe = folder + "/pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_EQ(GzipFile::open(pipe).status().message(), pipe + ": not a regular file");
}

TEST(GzipFile, CanBeMoved) {
  const std::string path = new_test_folder() + "/x";
  write_file(path, "abcdef");
  GzipFile first = GzipFile::open(path).value();
  GzipFile second = std::move(first);
  char text[3];
  EXPECT_EQ(second.read(text, 3).value(), 3);
  first = std::move(second);
  EXPECT_EQ(first.read(text, 3).value(), 3);
  EXPECT_EQ(std::string(text, 3), "def");
}

}  // namespace
}  // namespace tessera::data

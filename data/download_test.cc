// SPDX-License-Identifier: Apache-2.0
//
// From file:// mirrors, which curl treats as any other. Without curl only its absence can be
// tested.
#include "tessera/data/download.h"

#include <sys/stat.h>

#include <cstdlib>
#include <string>

#include "gtest/gtest.h"
#include "tessera/data/md5.h"
#include "tessera/data/run_program.h"
#include "tessera/data/sha256.h"
#include "tessera/data/test_files.h"

namespace tessera::data {
namespace {

bool exists(const std::string& path) {
  struct stat info;
  return stat(path.c_str(), &info) == 0;
}

class DownloadTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!run_program({"curl", "--version"}, true).ok()) GTEST_SKIP() << "there is no curl";
    for (unsigned i = 0; i < 50000; ++i) content_ += static_cast<char>(i * i / 3);
    file_ = {.name = "digits.gz",
             .bytes = static_cast<int64_t>(content_.size()),
             .sha256 = hash(content_)};
    write_file(mirror_ + "/digits.gz", content_);
  }
  static std::string hash(const std::string& content) {
    Sha256 hash;
    hash.update(content);
    return hash.finish();
  }
  absl::Status fetch(std::vector<std::string> mirrors) {
    return download(file_, folder_, {.mirrors = std::move(mirrors), .protocols = "file"});
  }
  std::string content_;
  DownloadFile file_;
  const std::string mirror_ = new_test_folder(), folder_ = new_test_folder() + "/a/b";
  const std::string good_ = "file://" + mirror_ + "/", path_ = folder_ + "/digits.gz";
};

TEST_F(DownloadTest, FetchesTheFileAndMakesItsFolder) {
  ASSERT_TRUE(fetch({good_}).ok());
  EXPECT_EQ(read_file(path_), content_);
  EXPECT_FALSE(exists(path_ + ".part"));
}

TEST_F(DownloadTest, DoesNotFetchAFileThatIsThere) {
  ASSERT_TRUE(fetch({good_}).ok());
  EXPECT_TRUE(fetch({"file:///nowhere/"}).ok());
}

TEST_F(DownloadTest, GoesOnWhereItStopped) {
  ASSERT_TRUE(fetch({good_}).ok());
  std::remove(path_.c_str());
  // The first half is what was there, the second comes from the mirror: were it fetched whole, the
  // first half's change in the mirror would show.
  write_file(path_ + ".part", content_.substr(0, 25000));
  write_file(mirror_ + "/digits.gz", std::string(25000, '?') + content_.substr(25000));
  const absl::Status status = fetch({good_});
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(read_file(path_), content_);
}

TEST_F(DownloadTest, AFinishedPartOnlyGetsItsName) {
  ASSERT_TRUE(fetch({good_}).ok());
  ASSERT_EQ(std::rename(path_.c_str(), (path_ + ".part").c_str()), 0);
  ASSERT_TRUE(fetch({"file:///nowhere/"}).ok());
  EXPECT_EQ(read_file(path_), content_);
}

TEST_F(DownloadTest, ADamagedPartIsThrownAway) {
  ASSERT_TRUE(fetch({good_}).ok());
  std::remove(path_.c_str());
  write_file(path_ + ".part", std::string(25000, '?'));
  ASSERT_TRUE(fetch({good_}).ok());
  std::remove(path_.c_str());
  write_file(path_ + ".part", std::string(content_.size(), '?'));
  ASSERT_TRUE(fetch({good_}).ok());
  EXPECT_EQ(read_file(path_), content_);
}

TEST_F(DownloadTest, AnMd5AndAnUnknownSizeWillDo) {
  Md5 md5;
  md5.update(content_);
  file_ = {.name = "digits.gz", .bytes = 0, .sha256 = "", .md5 = md5.finish()};
  ASSERT_TRUE(fetch({good_}).ok());
  EXPECT_EQ(read_file(path_), content_);
  ASSERT_EQ(std::rename(path_.c_str(), (path_ + ".part").c_str()), 0);
  ASSERT_TRUE(fetch({"file:///nowhere/"}).ok()) << "a finished part only gets its name";
  file_.md5[0] = file_.md5[0] == '0' ? '1' : '0';
  EXPECT_NE(fetch({good_}).message().find("its md5 is "), std::string::npos);
}

TEST_F(DownloadTest, TriesTheNextMirror) {
  const std::string wrong = new_test_folder();
  write_file(wrong + "/digits.gz", std::string(content_.size(), 'x'));
  ASSERT_TRUE(fetch({"file:///nowhere/", "file://" + wrong + "/", good_}).ok());
  EXPECT_EQ(read_file(path_), content_);
}

TEST_F(DownloadTest, AWrongChecksumIsRefusedWithBothAndLeavesNothing) {
  const std::string wrong(content_.size(), 'x');
  write_file(mirror_ + "/digits.gz", wrong);
  const absl::Status status = fetch({good_});
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(status.message(), "cannot download digits.gz: " + good_ + ": the file's sha256 is " +
                                  hash(wrong) + ", expected " + file_.sha256);
  EXPECT_FALSE(exists(path_));
  EXPECT_FALSE(exists(path_ + ".part"));
}

TEST_F(DownloadTest, NoMirrorThatAnswersIsOneLineWithWhatEachSaid) {
  const absl::Status status = fetch({"file:///nowhere/", "file:///neither/"});
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  const std::string text(status.message());
  EXPECT_NE(text.find("file:///nowhere/: curl: "), std::string::npos) << text;
  EXPECT_NE(text.find("file:///neither/: curl: "), std::string::npos) << text;
  EXPECT_EQ(text.find('\n'), std::string::npos) << text;
}

TEST_F(DownloadTest, OtherProtocolsAreRefused) {
  const absl::Status status = download(file_, folder_, {.mirrors = {good_}, .protocols = "https"});
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_FALSE(exists(path_));
}

TEST_F(DownloadTest, AnotherFileOfThatNameIsLeftAlone) {
  ASSERT_TRUE(fetch({good_}).ok());
  write_file(path_, "mine");
  const absl::Status status = fetch({good_});
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(status.message().find(path_ + ": another file is there"), std::string::npos);
  EXPECT_EQ(read_file(path_), "mine");
}

TEST_F(DownloadTest, AFolderThatCannotBeMadeIsAnError) {
  write_file(mirror_ + "/file", "");
  const absl::Status status =
      download(file_, mirror_ + "/file/folder", {.mirrors = {good_}, .protocols = "file"});
  EXPECT_NE(status.message().find("cannot make the folder"), std::string::npos) << status;
}

TEST(DownloadWithoutCurl, SaysThatItIsMissing) {
  const std::string folder = new_test_folder();
  setenv("PATH", folder.c_str(), 1);
  const absl::Status status = download({.name = "x", .bytes = 1, .sha256 = ""}, folder,
                                       {.mirrors = {"file:///"}, .protocols = "file"});
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(status.message().find("there is no program curl"), std::string::npos) << status;
}

TEST(RunProgram, GivesExitCodeAndErrors) {
  const ProgramResult result =
      run_program({"/bin/sh", "-c", "echo \"$1\" >&2; exit 3", "sh", "a b; c"}, true).value();
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_EQ(result.errors, "a b; c\n");
  EXPECT_EQ(run_program({"/bin/sh", "-c", "kill -9 $$"}, true)->exit_code, 128 + 9);
  EXPECT_EQ(run_program({"/no/such/program"}, true).status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace tessera::data

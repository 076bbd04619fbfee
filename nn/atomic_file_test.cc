// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/atomic_file.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "gtest/gtest.h"

namespace tessera::nn {
namespace {

namespace fs = std::filesystem;

class AtomicFileTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) /
              testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  std::string path() const { return folder_ / "file"; }
  std::string contents() const {
    std::ifstream in(path(), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  size_t files() const {
    return static_cast<size_t>(std::distance(fs::directory_iterator(folder_), {}));
  }
  fs::path folder_;
};

TEST_F(AtomicFileTest, AppearsWholeAtCommit) {
  AtomicFile file;
  ASSERT_TRUE(file.open(path()).ok());
  ASSERT_TRUE(file.append("one ").ok());
  ASSERT_TRUE(file.append(std::string("t\0wo", 4)).ok());
  EXPECT_FALSE(fs::exists(path()));
  ASSERT_TRUE(file.commit().ok());
  EXPECT_EQ(contents(), std::string("one t\0wo", 8));
  EXPECT_EQ(files(), 1u);
}

TEST_F(AtomicFileTest, ReplacesOnlyAtCommit) {
  std::ofstream(path()) << "old";
  {
    AtomicFile file;
    ASSERT_TRUE(file.open(path()).ok());
    ASSERT_TRUE(file.append("new").ok());
    EXPECT_EQ(contents(), "old");
  }
  EXPECT_EQ(contents(), "old");
  EXPECT_EQ(files(), 1u) << "the temporary file was left";
  AtomicFile file;
  ASSERT_TRUE(file.open(path()).ok());
  ASSERT_TRUE(file.append("new").ok());
  ASSERT_TRUE(file.commit().ok());
  EXPECT_EQ(contents(), "new");
}

TEST_F(AtomicFileTest, HasThePermissionsOfNewFiles) {
  const mode_t mask = ::umask(0027);
  AtomicFile file;
  ASSERT_TRUE(file.open(path()).ok());
  ASSERT_TRUE(file.commit().ok());
  ::umask(mask);
  struct stat info;
  ASSERT_EQ(::stat(path().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0640u);
}

TEST_F(AtomicFileTest, FailuresNameThePath) {
  AtomicFile file;
  absl::Status status = file.open(folder_ / "no" / "such" / "file");
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_NE(status.message().find("no/such/file"), status.message().npos) << status;
  fs::create_directory(path());
  AtomicFile onto_folder;
  ASSERT_TRUE(onto_folder.open(path()).ok());
  EXPECT_FALSE(onto_folder.commit().ok());
}

}  // namespace
}  // namespace tessera::nn

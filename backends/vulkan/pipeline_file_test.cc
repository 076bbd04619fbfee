// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/vulkan/pipeline_file.h"

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "gtest/gtest.h"

namespace tessera::vulkan {
namespace {

class PipelineFileTest : public testing::Test {
 protected:
  PipelineFileTest() {
    device_.uuid[3] = 7;
    device_.properties.vendorID = 0x10005;
    setenv("TESSERA_VULKAN_CACHE", (testing::TempDir() + "pipelines").c_str(), 1);
    path_ = pipeline_file_path(device_);
    for (int i = 0; i < 5000; ++i) data_.push_back(static_cast<char>(i * 31));
    EXPECT_EQ(write_pipeline_file(path_, device_, data_), "");
  }

  std::string bytes() const {
    std::ifstream file(path_, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }
  void set_bytes(const std::string& bytes) const {
    std::ofstream(path_, std::ios::binary | std::ios::trunc) << bytes;
  }
  // Why the file is refused, having left `data` empty.
  std::string refusal() const {
    std::string data = "old";
    const std::string why = read_pipeline_file(path_, device_, &data);
    EXPECT_EQ(data, "");
    return why;
  }

  PhysicalDevice device_;
  std::string path_, data_;
};

TEST_F(PipelineFileTest, ComesBackAsItWas) {
  std::string data;
  EXPECT_EQ(read_pipeline_file(path_, device_, &data), "");
  EXPECT_EQ(data, data_);
}

TEST_F(PipelineFileTest, NoFileIsNoData) {
  std::string data = "old";
  EXPECT_EQ(read_pipeline_file(path_ + "no", device_, &data), "");
  EXPECT_EQ(data, "");
}

TEST_F(PipelineFileTest, EveryCutIsRefused) {
  const std::string whole = bytes();
  for (size_t size = 0; size < whole.size(); size += size < 80 ? 1 : 97) {
    set_bytes(whole.substr(0, size));
    EXPECT_NE(refusal(), "") << size;
  }
}

TEST_F(PipelineFileTest, EveryChangedByteIsRefused) {
  const std::string whole = bytes();
  for (size_t at = 0; at < whole.size(); at += at < 80 ? 1 : 89) {
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ 0x20);
    set_bytes(changed);
    EXPECT_NE(refusal(), "") << at;
  }
}

TEST_F(PipelineFileTest, AnotherDriversIsRefused) {
  device_.uuid[0] = 1;
  EXPECT_EQ(refusal(), "it is of another driver");
}

TEST_F(PipelineFileTest, WhatCannotBeWrittenIsSaid) {
  EXPECT_NE(write_pipeline_file("/dev/null/no/file", device_, data_), "");
}

TEST_F(PipelineFileTest, AnEmptyVariableTurnsItOff) {
  setenv("TESSERA_VULKAN_CACHE", "", 1);
  EXPECT_EQ(pipeline_file_path(device_), "");
}

}  // namespace
}  // namespace tessera::vulkan

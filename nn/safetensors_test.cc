// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/safetensors.h"

#include <sys/stat.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <random>

#include "gtest/gtest.h"
#include "tessera/nn/state_dict.h"
#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/factory.h"
#include "tessera/tensor/ops/pointwise.h"
#include "tessera/tensor/ops/random.h"

namespace tessera::nn {
namespace {

namespace fs = std::filesystem;

std::string temporary_path(const std::string& name) { return fs::path(testing::TempDir()) / name; }

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_file(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

std::string with_length(const std::string& json, const std::string& data) {
  const uint64_t length = json.size();
  std::string bytes(8, '\0');
  std::memcpy(bytes.data(), &length, 8);
  return bytes + json + data;
}

// A file written by hand, from the description of the format.
TEST(Safetensors, ReadsAFileWrittenByHand) {
  const std::string json = R"({"__metadata__":{"format":"pt"},)"
                           R"("bias":{"dtype":"F16","shape":[2],"data_offsets":[8,12]},)"
                           R"("weight":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},)"
                           R"("flags":{"dtype":"BOOL","shape":[3],"data_offsets":[12,15]},)"
                           R"("count":{"dtype":"I64","shape":[],"data_offsets":[15,23]}})";
  const std::string data(
      "\x00\x00\x80\x3f"                   // 1.0f
      "\x00\x00\x20\xc0"                   // -2.5f
      "\x00\x3c\x00\xb8"                   // 1.0, -0.5 in binary16
      "\x01\x00\x01"                       // true, false, true
      "\xfe\xff\xff\xff\xff\xff\xff\xff",  // -2
      23);
  const std::string path = temporary_path("by_hand.safetensors");
  write_file(path, with_length(json, data));
  auto file = load_safetensors(path);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(file->metadata.at("format"), "pt");
  EXPECT_EQ(file->tensors.keys(), (std::vector<std::string>{"weight", "bias", "flags", "count"}));
  EXPECT_EQ(file->tensors.at("weight").shape(), (Shape{1, 2}));
  EXPECT_EQ(file->tensors.at("weight").to_vector<float>(), (std::vector<float>{1, -2.5f}));
  EXPECT_EQ(file->tensors.at("bias").dtype(), kFloat16);
  EXPECT_EQ(file->tensors.at("bias").to_vector<float>(), (std::vector<float>{1, -0.5f}));
  EXPECT_EQ(file->tensors.at("flags").to_vector<int>(), (std::vector<int>{1, 0, 1}));
  EXPECT_EQ(file->tensors.at("count").item<int64_t>(), -2);
}

TEST(Safetensors, WritesWhatTheFormatSays) {
  auto bytes = serialize_safetensors({{"a", tensor<uint8_t>({7, 9})}, {"b", tensor<float>({1.0f})}},
                                     {{"k", "v"}});
  ASSERT_TRUE(bytes.ok()) << bytes.status();
  // Wider elements first; the header padded to 8 bytes.
  const std::string json =
      R"({"__metadata__":{"k":"v"},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
      R"("a":{"dtype":"U8","shape":[2],"data_offsets":[4,6]}})";
  std::string padded = json;
  while (padded.size() % 8 != 0) padded += ' ';
  EXPECT_EQ(*bytes, with_length(padded, std::string("\x00\x00\x80\x3f\x07\x09", 6)));
}

StateDict every_dtype() {
  StateDict dict;
  for (DType dtype : kAllDTypes) {
    dict.set(std::string(dtype_name(dtype)), (rand({5, 7}) * 4).to(dtype));
  }
  dict.set("scalar", tensor<double>({0.1}, Shape{}));
  dict.set("no elements", zeros({3, 0, 2}));
  dict.set("transposed", rand({4, 3}).t());
  dict.set("a slice", rand({6, 5}).slice(0, 1, 6, 2).narrow(1, 1, 3));
  dict.set("expanded", rand({3, 1}).expand({3, 4}));
  dict.set("with a gradient", rand({3}, {.requires_grad = true}));
  dict.set("special", tensor<float>({std::numeric_limits<float>::infinity(),
                                     -std::numeric_limits<float>::infinity(), -0.0f, 1e-45f}));
  return dict;
}

TEST(Safetensors, EveryDTypeAndLayoutComesBack) {
  const StateDict saved = every_dtype();
  const std::string path = temporary_path("all.safetensors");
  ASSERT_TRUE(save_safetensors(path, saved, {{"epoch", "3"}, {"é", "\"\n"}}).ok());
  auto file = load_safetensors(path);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(file->metadata.at("epoch"), "3");
  EXPECT_EQ(file->metadata.at("é"), "\"\n");
  ASSERT_EQ(file->tensors.size(), saved.size());
  for (const auto& [name, tensor] : saved) {
    SCOPED_TRACE(name);
    const Tensor& loaded = file->tensors.at(name);
    EXPECT_EQ(loaded.dtype(), tensor.dtype());
    EXPECT_TRUE(equal(loaded, tensor.detach()));
    EXPECT_FALSE(loaded.requires_grad());
  }
  // Saving what was loaded gives the same bytes: nothing depends on layouts.
  const std::string again = temporary_path("again.safetensors");
  ASSERT_TRUE(save_safetensors(again, file->tensors, file->metadata).ok());
  auto reloaded = load_safetensors(again);
  ASSERT_TRUE(reloaded.ok());
  for (const auto& [name, tensor] : saved)
    EXPECT_TRUE(equal(reloaded->tensors.at(name), tensor.detach()));
}

TEST(Safetensors, LargeTensorsTakeSeveralChunks) {
  Tensor large = rand({1'500'000, 2});  // 12 MB
  const std::string path = temporary_path("large.safetensors");
  ASSERT_TRUE(save_safetensors(path, {{"large", large}}).ok());
  auto file = load_safetensors(path);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_TRUE(equal(file->tensors.at("large"), large));
  fs::remove(path);
}

TEST(Safetensors, EmptyFileOfNoTensors) {
  auto bytes = serialize_safetensors({});
  ASSERT_TRUE(bytes.ok());
  auto file = parse_safetensors(*bytes);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_TRUE(file->tensors.empty());
}

TEST(Safetensors, SavingReplacesAFileInOneStep) {
  const std::string path = temporary_path("replaced.safetensors");
  write_file(path, "old");
  EXPECT_FALSE(save_safetensors(path, {{"nothing", Tensor()}}).ok());
  EXPECT_FALSE(save_safetensors(path, {{"\xff", zeros({1})}}).ok());
  EXPECT_EQ(read_file(path), "old");
  ASSERT_TRUE(save_safetensors(path, {{"x", zeros({1})}}).ok());
  EXPECT_TRUE(load_safetensors(path).ok());
  for (const auto& entry : fs::directory_iterator(testing::TempDir())) {
    EXPECT_EQ(entry.path().string().find(".tmp."), std::string::npos) << entry.path();
  }
}

TEST(Safetensors, FileErrorsNameThePath) {
  const std::string missing = temporary_path("missing.safetensors");
  absl::Status status = load_safetensors(missing).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_NE(status.message().find(missing), std::string::npos) << status;
  EXPECT_FALSE(load_safetensors(testing::TempDir()).ok());
  EXPECT_FALSE(save_safetensors(temporary_path("no/such/folder/x"), {{"x", zeros({1})}}).ok());
  const std::string pipe = temporary_path("pipe");
  ::unlink(pipe.c_str());
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_EQ(load_safetensors(pipe).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(Safetensors, LengthsThatCannotBeAreRefused) {
  auto with_claim = [](uint64_t claim, std::string rest) {
    std::string bytes(8, '\0');
    std::memcpy(bytes.data(), &claim, 8);
    return bytes + rest;
  };
  const std::pair<std::string, std::string> cases[] = {
      {"", "0 bytes, no room"},
      {"1234567", "7 bytes, no room"},
      {with_claim(0, ""), "begins with '{'"},
      {with_claim(3, "{}"), "3 bytes in a file of 10"},
      {with_claim(100'000'000, "{}"), "in a file of 10"},
      {with_claim(100'000'001, "{}"), "at most 100000000"},
      {with_claim(std::numeric_limits<uint64_t>::max(), "{}"), "at most 100000000"}};
  for (const auto& [bytes, message] : cases) {
    absl::Status status = parse_safetensors(bytes).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << status;
    EXPECT_NE(status.message().find(message), std::string::npos) << status;
  }
  EXPECT_TRUE(parse_safetensors(with_claim(2, "{}")).ok());
}

TEST(Safetensors, BoolsMustBeZeroOrOne) {
  const std::string json = R"({"b":{"dtype":"BOOL","shape":[2],"data_offsets":[0,2]}})";
  EXPECT_TRUE(parse_safetensors(with_length(json, std::string("\x01\x00", 2))).ok());
  EXPECT_EQ(parse_safetensors(with_length(json, std::string("\x01\x02", 2))).status().code(),
            absl::StatusCode::kDataLoss);
}

TEST(Safetensors, EveryTruncationIsRefused) {
  auto bytes = serialize_safetensors(every_dtype(), {{"k", "v"}});
  ASSERT_TRUE(bytes.ok());
  const std::string path = temporary_path("cut.safetensors");
  for (size_t n = 0; n < bytes->size(); n += 1 + n / 200) {
    EXPECT_FALSE(parse_safetensors(std::string_view(*bytes).substr(0, n)).ok()) << n;
  }
  EXPECT_FALSE(parse_safetensors(*bytes + "x").ok());
}

// Random damage: bytes changed, removed, doubled and swapped, mostly in the header. Whatever comes
// of it, a status or tensors that fit into the file, nothing is read out of bounds (run with a
// sanitizer too).
TEST(Safetensors, DamageNeverHarms) {
  auto good = serialize_safetensors(every_dtype(), {{"k", "v"}});
  ASSERT_TRUE(good.ok());
  std::mt19937_64 random(1);
  uint64_t header_size = 0;
  std::memcpy(&header_size, good->data(), 8);
  constexpr std::string_view kAlphabet = "{}[]\",:\\0123456789ueF-+. \n\xff";
  int accepted = 0, refused = 0;
  for (int round = 0; round < 4000; ++round) {
    std::string bytes = *good;
    const int changes = 1 + static_cast<int>(random() % 3);
    for (int i = 0; i < changes; ++i) {
      const size_t range =
          random() % 8 == 0 ? bytes.size() : std::min<size_t>(bytes.size(), 8 + header_size);
      const size_t at = random() % range;
      switch (random() % 5) {
        case 0:
          bytes[at] = static_cast<char>(random());
          break;
        case 1:
          bytes[at] = kAlphabet[random() % kAlphabet.size()];
          break;
        case 2:
          bytes.erase(at, 1 + random() % 4);
          break;
        case 3:
          bytes.insert(at, bytes.substr(random() % bytes.size(), random() % 40));
          break;
        case 4:
          std::swap(bytes[at], bytes[random() % range]);
          break;
      }
      if (bytes.size() < 9) break;
    }
    // Half of the time the length is right for what the header became.
    if (random() % 2 == 0 && bytes.size() >= 8) {
      const uint64_t length = header_size + bytes.size() - good->size();
      std::memcpy(bytes.data(), &length, 8);
    }
    auto file = parse_safetensors(bytes);
    if (!file.ok()) {
      ++refused;
      EXPECT_FALSE(file.status().message().empty());
      continue;
    }
    ++accepted;
    uint64_t total = 0;
    for (const auto& [name, tensor] : file->tensors) {
      total += static_cast<uint64_t>(tensor.numel() * itemsize(tensor.dtype()));
    }
    EXPECT_LT(total, bytes.size());
  }
  // Both kinds happen: damage in a name or in data is no damage to the format.
  EXPECT_GT(accepted, 50);
  EXPECT_GT(refused, 2000);
}

}  // namespace
}  // namespace tessera::nn

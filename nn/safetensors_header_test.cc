// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/safetensors_header.h"

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace tessera::nn {
namespace {

// One tensor of 24 bytes.
constexpr std::string_view kGood = R"({"w":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}})";

std::string one(std::string_view fields) { return absl::StrCat(R"({"w":{)", fields, "}}"); }

TEST(SafetensorsHeader, ReadsEveryField) {
  auto header =
      parse_safetensors_header(R"( {"b" : {"shape":[ ],"dtype":"I64","data_offsets":[24,32]},)"
                               R"("__metadata__":{"format":"pt","\u00e9\ud83d\ude00\n":"\"\\\/"},)"
                               R"("a":{"dtype":"F32","shape":[2, 3],"data_offsets":[0, 24]} }   )" +
                                   1,
                               32);
  ASSERT_TRUE(header.ok()) << header.status();
  ASSERT_EQ(header->tensors.size(), 2u);
  EXPECT_EQ(header->tensors[0].name, "a");
  EXPECT_EQ(header->tensors[0].dtype, kFloat32);
  EXPECT_EQ(header->tensors[0].shape, (Shape{2, 3}));
  EXPECT_EQ(header->tensors[1].name, "b");
  EXPECT_EQ(header->tensors[1].dtype, kInt64);
  EXPECT_EQ(header->tensors[1].shape, Shape{});
  EXPECT_EQ(header->tensors[1].begin, 24u);
  EXPECT_EQ(header->metadata.at("format"), "pt");
  EXPECT_EQ(header->metadata.at("\u00e9\U0001F600\n"), "\"\\/");
}

TEST(SafetensorsHeader, EveryDTypeComesBack) {
  SafetensorsHeader header;
  uint64_t at = 0;
  for (DType dtype : kAllDTypes) {
    const auto bytes = static_cast<uint64_t>(3 * itemsize(dtype));
    header.tensors.push_back({std::string(dtype_name(dtype)), dtype, {3}, at, at + bytes});
    at += bytes;
  }
  header.metadata["note"] = "line\nand \"quotes\" \\ \x01";
  auto json = format_safetensors_header(header);
  ASSERT_TRUE(json.ok()) << json.status();
  EXPECT_EQ(json->size() % 8, 0u);
  auto back = parse_safetensors_header(*json, at);
  ASSERT_TRUE(back.ok()) << back.status() << *json;
  EXPECT_EQ(back->metadata, header.metadata);
  ASSERT_EQ(back->tensors.size(), header.tensors.size());
  for (size_t i = 0; i < header.tensors.size(); ++i) {
    EXPECT_EQ(back->tensors[i].name, header.tensors[i].name);
    EXPECT_EQ(back->tensors[i].dtype, header.tensors[i].dtype);
  }
}

TEST(SafetensorsHeader, EmptyIsFine) {
  EXPECT_TRUE(parse_safetensors_header("{}", 0).ok());
  EXPECT_TRUE(parse_safetensors_header("{}      ", 0).ok());
  EXPECT_TRUE(
      parse_safetensors_header(one(R"("dtype":"F32","shape":[0,7],"data_offsets":[0,0])"), 0).ok());
}

TEST(SafetensorsHeader, EveryPrefixIsRefused) {
  for (size_t n = 0; n < kGood.size(); ++n) {
    EXPECT_FALSE(parse_safetensors_header(kGood.substr(0, n), 24).ok()) << kGood.substr(0, n);
  }
  EXPECT_TRUE(parse_safetensors_header(kGood, 24).ok());
}

struct BadHeader {
  std::string json;
  std::string message;  // part of it
  uint64_t data_size = 24;
  absl::StatusCode code = absl::StatusCode::kDataLoss;
};

TEST(SafetensorsHeader, RefusesWhatIsWrong) {
  const std::string good = R"("dtype":"F32","shape":[2,3],"data_offsets":[0,24])";
  const std::vector<BadHeader> cases = {
      {"", "begins with '{'"},
      {"[]", "begins with '{'"},
      {" {}", "begins with '{'"},
      {absl::StrCat(kGood, "x"), "after the end"},
      {absl::StrCat(kGood, std::string(1, '\0')), "after the end"},
      {R"({"w":{)" + good + R"(},"w":{)" + good + "}}", "comes twice"},
      {R"({"__metadata__":{},"__metadata__":{}})", "comes twice", 0},
      {R"({"__metadata__":{"a":"1","a":"2"}})", "comes twice", 0},
      {R"({"__metadata__":{"a":1}})", "expected '\"'", 0},
      {R"({"__metadata__":{"a":{"b":"c"}}})", "expected '\"'", 0},
      {R"({"__metadata__":null})", "expected '{'", 0},
      {one(good + R"(,"dtype":"F32")"), "twice"},
      {one(good + R"(,"strides":[3,1])"), "unknown field"},
      {one(good + ","), "expected '\"'"},
      {one(R"("dtype":"F32","shape":[2,3])"), "lacks data_offsets"},
      {one(R"("shape":[2,3],"data_offsets":[0,24])"), "lacks dtype"},
      {one(R"("dtype":"F32","data_offsets":[0,24])"), "lacks shape"},
      {one(R"("dtype":"F33","shape":[2,3],"data_offsets":[0,24])"), "does not have"},
      {one(R"("dtype":"U16","shape":[2,3],"data_offsets":[0,12])"), "does not hold", 12,
       absl::StatusCode::kUnimplemented},
      {one(R"("dtype":"F32","shape":[2,-3],"data_offsets":[0,24])"), "not negative"},
      {one(R"("dtype":"F32","shape":[2,3.0],"data_offsets":[0,24])"), "expected ']'"},
      {one(R"("dtype":"F32","shape":[2,3e0],"data_offsets":[0,24])"), "expected ']'"},
      {one(R"("dtype":"F32","shape":[2,03],"data_offsets":[0,24])"), "begins with 0"},
      {one(R"("dtype":"F32","shape":[2,3,],"data_offsets":[0,24])"), "expected a number"},
      {one(R"("dtype":"F32","shape":6,"data_offsets":[0,24])"), "expected '['"},
      {one(R"("dtype":"F32","shape":[9223372036854775808],"data_offsets":[0,24])"), "too large"},
      {one(R"("dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0])"), "too large",
       0},
      {one(R"("dtype":"F32","shape":[0,4294967296,4294967296],"data_offsets":[0,0])"), "too large",
       0},
      {one(R"("dtype":"F64","shape":[2305843009213693952],"data_offsets":[0,0])"), "too large", 0},
      {one(R"("dtype":"F32","shape":[2,3],"data_offsets":[0,23])"), "wants 24"},
      {one(R"("dtype":"F32","shape":[2,3],"data_offsets":[0,24,0])"), "two numbers"},
      {one(R"("dtype":"F32","shape":[2,3],"data_offsets":[0])"), "two numbers"},
      {one(R"("dtype":"F32","shape":[2,3],"data_offsets":[24,0])"), "not within"},
      {one(R"("dtype":"F32","shape":[2,3],"data_offsets":[8,32])"), "not within"},
      {one(R"("dtype":"F32","shape":[2,3],"data_offsets":[8,32])"), "begin at 8", 32},
      {std::string(kGood), "the file has 25", 25},
      {R"({"a":{)" + good + R"(},"b":{"dtype":"U8","shape":[4],"data_offsets":[20,24]}})",
       "begin at 20"},
      {one(R"("dtype":"F32","shape":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,6],)"
           R"("data_offsets":[0,24])"),
       "more than 32"},
      {"{\"\xff\":{" + good + "}}", "not UTF-8"},
      {"{\"\xc0\x80\":{" + good + "}}", "not UTF-8"},
      {"{\"\xed\xa0\x80\":{" + good + "}}", "not UTF-8"},
      {"{\"a\nb\":{" + good + "}}", "control character"},
      {R"({"\x":{)" + good + "}}", "unknown escape"},
      {R"({"\u12g4":{)" + good + "}}", "hexadecimal"},
      {R"({"\ud800":{)" + good + "}}", "surrogate"},
      {R"({"\ud800\u0041":{)" + good + "}}", "surrogate"},
      {R"({"\udc00":{)" + good + "}}", "surrogate"},
      {R"({"w)", "does not end"},
      {R"({"w\)", "does not end"},
  };
  for (const BadHeader& bad : cases) {
    auto header = parse_safetensors_header(bad.json, bad.data_size);
    ASSERT_FALSE(header.ok()) << bad.json;
    EXPECT_EQ(header.status().code(), bad.code) << bad.json;
    EXPECT_NE(header.status().message().find(bad.message), std::string::npos) << bad.json << "\n"
                                                                              << header.status();
  }
}

TEST(SafetensorsHeader, WritesOnlyWhatCanBeRead) {
  SafetensorsHeader header;
  header.tensors.push_back({"__metadata__", kFloat32, {}, 0, 4});
  EXPECT_EQ(format_safetensors_header(header).status().code(), absl::StatusCode::kInvalidArgument);
  header.tensors[0].name = "\xff";
  EXPECT_EQ(format_safetensors_header(header).status().code(), absl::StatusCode::kInvalidArgument);
  header.tensors.clear();
  header.metadata["key"] = "\xff";
  EXPECT_EQ(format_safetensors_header(header).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace tessera::nn

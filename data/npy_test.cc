// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/npy.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tessera/data/counter_random.h"
#include "tessera/data/npz.h"
#include "tessera/data/test_files.h"
#include "tessera/data/zip_writer.h"
#include "tessera/tensor/ops/factory.h"

namespace tessera::data {
namespace {

using Ints = std::vector<int64_t>;
using Doubles = std::vector<double>;

std::string bytes_of(std::string_view base64) {
  std::string bytes;
  EXPECT_TRUE(absl::Base64Unescape(base64, &bytes));
  return bytes;
}

// Written by numpy 1.24.2.
// save(asfortranarray(arange(6, dtype='>i2').reshape(2, 3) - 2)); numpy stored it as '<i2'
constexpr std::string_view kFortran =
    "k05VTVBZAQB2AHsnZGVzY3InOiAnPGkyJywgJ2ZvcnRyYW5fb3JkZXInOiBUcnVlLCAnc2hhcGUnOiAoMiwgMyks"
    "IH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAr+/wEA"
    "//8CAAAAAwA=";
// array([1.5, -2.0]) in version 2.0
constexpr std::string_view kVersion2 =
    "k05VTVBZAgB0AAAAeydkZXNjcic6ICc8ZjgnLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoMiwp"
    "LCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAA"
    "AAD4PwAAAAAAAADA";
// array(7, dtype=uint8) in version 3.0
constexpr std::string_view kVersion3 =
    "k05VTVBZAwB0AAAAeydkZXNjcic6ICd8dTEnLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoKSwg"
    "fSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoH";
// x = arange(40, dtype=float32).reshape(4, 10) // 10
// savez(x=x[:, :3], flag=array([True, False]))
constexpr std::string_view kSavez =
    "UEsDBBQAAAAAAAAAIQDlmF0msAAAALAAAAAFABQAeC5ucHkBABAAsAAAAAAAAACwAAAAAAAAAJNOVU1QWQEAdgB7"
    "J2Rlc2NyJzogJzxmNCcsICdmb3J0cmFuX29yZGVyJzogRmFsc2UsICdzaGFwZSc6ICg0LCAzKSwgfSAgICAgICAg"
    "ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAKAAAAAAAAAAAAAAAAAACA"
    "PwAAgD8AAIA/AAAAQAAAAEAAAABAAABAQAAAQEAAAEBAUEsDBBQAAAAAAAAAIQDuGbtdggAAAIIAAAAIABQAZmxh"
    "Zy5ucHkBABAAggAAAAAAAACCAAAAAAAAAJNOVU1QWQEAdgB7J2Rlc2NyJzogJ3xiMScsICdmb3J0cmFuX29yZGVy"
    "JzogRmFsc2UsICdzaGFwZSc6ICgyLCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg"
    "ICAgICAgICAgICAgICAgICAgICAKAQBQSwECFAMUAAAAAAAAACEA5ZhdJrAAAACwAAAABQAAAAAAAAAAAAAAgAEA"
    "AAAAeC5ucHlQSwECFAMUAAAAAAAAACEA7hm7XYIAAACCAAAACAAAAAAAAAAAAAAAgAHnAAAAZmxhZy5ucHlQSwUG"
    "AAAAAAIAAgBpAAAAowEAAAAA";
// savez_compressed(x=x)
constexpr std::string_view kSavezCompressed =
    "UEsDBBQAAAAIAAAAIQCny0HoVQAAACABAAAFABQAeC5ucHkBABAAIAEAAAAAAABVAAAAAAAAAJvsF+obEMnIUMZQ"
    "rZ6SWpxcpG6loG6TZqKuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GiY6CoYGmjoKtQrkAi4GokGDPXGY"
    "wYE47EAUBgBQSwECFAMUAAAACAAAACEAp8tB6FUAAAAgAQAABQAAAAAAAAAAAAAAgAEAAAAAeC5ucHlQSwUGAAAA"
    "AAEAAQAzAAAAjAAAAAAA";

std::string file_of(std::string_view dictionary, std::string_view elements = "") {
  std::string bytes = "\x93NUMPY\x01";
  bytes += '\0';
  bytes += static_cast<char>(dictionary.size());
  bytes += static_cast<char>(dictionary.size() >> 8);
  return absl::StrCat(bytes, dictionary, elements);
}

std::string message_of(std::string_view bytes) {
  const absl::StatusOr<Tensor> tensor = parse_npy("f.npy", bytes);
  EXPECT_EQ(tensor.status().code(), absl::StatusCode::kInvalidArgument) << tensor.status();
  return std::string(tensor.status().message());
}

TEST(Npy, ReadsWhatNumpyWrote) {
  const absl::StatusOr<Tensor> fortran = parse_npy("f.npy", bytes_of(kFortran));
  ASSERT_TRUE(fortran.ok()) << fortran.status();
  EXPECT_EQ(fortran->dtype(), kInt32);
  EXPECT_EQ(fortran->shape(), (Shape{2, 3}));
  EXPECT_EQ(fortran->to_vector<int64_t>(), (Ints{-2, -1, 0, 1, 2, 3}));
  const absl::StatusOr<Tensor> two = parse_npy("f.npy", bytes_of(kVersion2));
  ASSERT_TRUE(two.ok()) << two.status();
  EXPECT_EQ(two->dtype(), kFloat64);
  EXPECT_EQ(two->to_vector<double>(), (Doubles{1.5, -2}));
  const absl::StatusOr<Tensor> three = parse_npy("f.npy", bytes_of(kVersion3));
  ASSERT_TRUE(three.ok()) << three.status();
  EXPECT_EQ(three->dtype(), kUInt8);
  EXPECT_EQ(three->shape(), Shape{});
  EXPECT_EQ(three->item<int>(), 7);
}

TEST(Npy, ElementTypes) {
  const auto read = [](std::string_view type, std::string_view element, DType dtype) {
    const absl::StatusOr<Tensor> tensor = parse_npy(
        "f.npy",
        file_of(absl::StrCat("{'descr': '", type, "', 'fortran_order': False, 'shape': (1,)}"),
                element));
    EXPECT_TRUE(tensor.ok()) << tensor.status();
    EXPECT_EQ(tensor->dtype(), dtype) << type;
    return tensor->to_vector<double>()[0];
  };
  using namespace std::literals;
  EXPECT_EQ(read("|b1", "\x02"sv, kBool), 1);
  EXPECT_EQ(read("|u1", "\xFE"sv, kUInt8), 254);
  EXPECT_EQ(read("|i1", "\xFE"sv, kInt32), -2);
  EXPECT_EQ(read("<i2", "\xFE\xFF"sv, kInt32), -2);
  EXPECT_EQ(read(">i2", "\xFF\xFE"sv, kInt32), -2);
  EXPECT_EQ(read("<u2", "\xFE\xFF"sv, kInt32), 65534);
  EXPECT_EQ(read(">i4", "\x01\x02\x03\x04"sv, kInt32), 0x01020304);
  EXPECT_EQ(read("<u4", "\xFF\xFF\xFF\xFF"sv, kInt64), 4294967295.0);
  EXPECT_EQ(read("=i8", "\x05\0\0\0\0\0\0\0"sv, kInt64), 5);
  EXPECT_EQ(read(">u8", "\0\0\0\0\0\0\0\x05"sv, kInt64), 5);
  EXPECT_EQ(read("<f2", "\0\x3E"sv, kFloat16), 1.5);
  EXPECT_EQ(read(">f2", "\x3E\0"sv, kFloat16), 1.5);
  EXPECT_EQ(read(">f4", "\x3F\xC0\0\0"sv, kFloat32), 1.5);
  EXPECT_EQ(read("f8", "\0\0\0\0\0\0\xF8\x3F"sv, kFloat64), 1.5);
  EXPECT_EQ(message_of(file_of("{'descr': '<u8', 'fortran_order': False, 'shape': ()}",
                               "\0\0\0\0\0\0\0\x80"sv)),
            "f.npy: NPY element 9223372036854775808 is more than int64 holds");
}

TEST(Npy, EveryDtypeAndShapeIsReadBack) {
  for (DType dtype : kAllDTypes) {
    if (dtype == kBFloat16) continue;
    for (const Shape& shape :
         {Shape{}, Shape{1}, Shape{7}, Shape{2, 3}, Shape{0, 4}, Shape{2, 3, 1, 5}, Shape{0}}) {
      const Tensor tensor = arange(0, shape.numel(), 1, {.dtype = kInt64}).to(dtype).view(shape);
      const absl::StatusOr<std::string> bytes = npy_bytes(tensor);
      ASSERT_TRUE(bytes.ok()) << bytes.status();
      const absl::StatusOr<Tensor> back = parse_npy("f.npy", *bytes);
      ASSERT_TRUE(back.ok()) << back.status();
      EXPECT_EQ(back->dtype(), dtype);
      EXPECT_EQ(back->shape(), shape);
      EXPECT_EQ(back->to_vector<double>(), tensor.to_vector<double>());
      EXPECT_EQ((bytes->size() - static_cast<size_t>(tensor.numel() * itemsize(dtype))) % 64, 0);
    }
  }
}

TEST(Npy, WritesTheBytesThatNumpyWrites) {
  const Tensor x = full({2}, 1.5, {.dtype = kFloat64});
  const absl::StatusOr<std::string> bytes = npy_bytes(x);
  ASSERT_TRUE(bytes.ok());
  // Version 1.0 of kVersion2, whose header is the same text, longer by the two bytes that the
  // length is shorter.
  EXPECT_EQ(bytes->substr(10, 60), bytes_of(kVersion2).substr(12, 60));
  EXPECT_EQ(bytes->substr(0, 10), std::string("\x93NUMPY\x01\0\x76\0", 10));
  const std::string folder = new_test_folder();
  ASSERT_TRUE(write_npy(folder + "/x.npy", x.expand({3, 2}).t()).ok());
  EXPECT_EQ(read_npy(folder + "/x.npy")->shape(), (Shape{2, 3}));
  EXPECT_EQ(npy_bytes(zeros({2}, {.dtype = kBFloat16})).status().message(),
            "NPY has no bfloat16; write the tensor as float32, or as float16");
  EXPECT_EQ(write_npy(folder + "/no/x.npy", x).code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(read_npy(folder + "/x.npy", {.max_bytes = 100}).status().code(),
            absl::StatusCode::kResourceExhausted);
}

TEST(Npy, HeadersAsPythonMayWriteThem) {
  const absl::StatusOr<Tensor> tensor = parse_npy(
      "f.npy", file_of("{ \"shape\":(2L ,1),'fortran_order' :True,\n'descr': '|u1' }  ", "ab"));
  ASSERT_TRUE(tensor.ok()) << tensor.status();
  EXPECT_EQ(tensor->shape(), (Shape{2, 1}));
}

TEST(Npy, RefusesWhatIsNoArray) {
  const std::string good = "'fortran_order': False, 'shape': (2,)}";
  EXPECT_EQ(
      message_of("PK\3\4abcdef"),
      "f.npy: not an NPY file: it begins with 'PK\\x03\\x04\\x61\\x62', expected '\\x93NUMPY'");
  EXPECT_EQ(message_of("\x93NUMPY\x04"), "f.npy: NPY header: the file ends in the version");
  EXPECT_EQ(message_of(std::string("\x93NUMPY\x04\0", 8)),
            "f.npy: NPY version is 4.0, expected 1.0, 2.0 or 3.0");
  EXPECT_EQ(message_of(file_of("{'descr': '<c8', " + good)),
            "f.npy: NPY element type is '<c8', expected one of b1, i1, i2, i4, i8, u1, u2, u4, u8, "
            "f2, f4, f8");
  EXPECT_EQ(message_of(file_of("{'descr': '|O', " + good)).substr(0, 33),
            "f.npy: NPY element type is '|O', ");
  EXPECT_EQ(
      message_of(file_of("{'descr': [('a', '<f4')], " + good)),
      "f.npy: NPY header: '[(\\'a\\', \\'<f4\\')], \\'fortran_order\\': False, ...', expected "
      "the name of a type; records are not supported");
  EXPECT_EQ(message_of(file_of("{'descr': '<f4', " + good, "abc")),
            "f.npy: NPY shape [2] needs 8 bytes of elements, the file has 3");
  EXPECT_EQ(message_of(file_of("{'descr': '<f4', 'shape': (2,)}")),
            "f.npy: NPY header: there is no key fortran_order");
  EXPECT_EQ(message_of(file_of("{'descr': '<f4', 'descr': '<f4', " + good)),
            "f.npy: NPY header: key 'descr' is there twice");
  EXPECT_EQ(message_of(file_of("{'descr': '<f4', 'x': 1}")),
            "f.npy: NPY header: key 'x', expected descr, fortran_order or shape");
  EXPECT_EQ(message_of(file_of("{'descr': '<f4', 'fortran_order': False, 'shape': (-2,)}")),
            "f.npy: NPY header: '-2,)}', expected a size of at most 2^63 - 1");
  EXPECT_EQ(
      message_of(file_of("{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904"
                         ", 4)}")),
      "f.npy: NPY shape [4611686018427387904, 4] is more bytes than 64 bits can count");
  EXPECT_EQ(message_of(file_of("{'descr': '<f4', " + good + " x")),
            "f.npy: NPY header: 'x', expected the end");
  const auto with_shape = [](const std::string& shape) {
    return file_of("{'descr': '<f4', 'fortran_order': False, 'shape': (" + shape + ")}");
  };
  std::string ones;
  for (int i = 0; i < 65; ++i) ones += "1,";
  EXPECT_EQ(message_of(with_shape(ones)), "f.npy: NPY header: ',)}', expected at most 64 sizes");
  EXPECT_EQ(message_of(with_shape("4611686018427387905, 3, 0")),
            "f.npy: NPY shape [4611686018427387905, 3, 0] is more bytes than 64 bits can count");
  EXPECT_TRUE(parse_npy("f.npy", with_shape("1073741824, 3, 0")).ok());
  EXPECT_EQ(message_of(file_of("{'descr': '<f4', 'fortran_order': maybe")),
            "f.npy: NPY header: 'maybe', expected True or False");
}

TEST(Npz, ReadsWhatNumpyWrote) {
  const std::string path = new_test_folder() + "/f.npz";
  write_file(path, bytes_of(kSavez));
  const absl::StatusOr<NpzArrays> arrays = read_npz(path);
  ASSERT_TRUE(arrays.ok()) << arrays.status();
  ASSERT_EQ(arrays->size(), 2);
  EXPECT_EQ(arrays->at("flag").dtype(), kBool);
  EXPECT_EQ(arrays->at("flag").to_vector<int64_t>(), (Ints{1, 0}));
  EXPECT_EQ(arrays->at("x").to_vector<int64_t>(), (Ints{0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3}));
  write_file(path, bytes_of(kSavezCompressed));
  const absl::StatusOr<NpzArrays> compressed = read_npz(path);
  ASSERT_TRUE(compressed.ok()) << compressed.status();
  EXPECT_EQ(compressed->at("x").shape(), (Shape{4, 10}));
  EXPECT_EQ(compressed->at("x").sum().item<int64_t>(), 60);
}

TEST(Npz, ArraysAreReadBack) {
  const std::string path = new_test_folder() + "/f.npz";
  const NpzArrays arrays = {{"a", arange(0, 1000, 1, {.dtype = kInt64})},
                            {"empty", zeros({0, 3})},
                            {"weights/0", full({2, 2}, 0.25)}};
  size_t sizes[2];
  for (bool compressed : {false, true}) {
    ASSERT_TRUE(write_npz(path, arrays, {.compressed = compressed}).ok());
    sizes[compressed ? 1 : 0] = read_file(path).size();
    const absl::StatusOr<NpzArrays> back = read_npz(path);
    ASSERT_TRUE(back.ok()) << back.status();
    ASSERT_EQ(back->size(), 3);
    for (const auto& [name, array] : arrays) {
      EXPECT_EQ(back->at(name).shape(), array.shape());
      EXPECT_EQ(back->at(name).to_vector<double>(), array.to_vector<double>());
    }
  }
  EXPECT_LT(sizes[1] * 2, sizes[0]);
  EXPECT_EQ(read_npz(path, {.max_bytes = 5000}).status().code(),
            absl::StatusCode::kResourceExhausted)
      << "the file has less, the arrays have more";
  EXPECT_EQ(write_npz(path, {{"b", zeros({1}, {.dtype = kBFloat16})}}).message(),
            path + ": array 'b': NPY has no bfloat16; write the tensor as float32, or as float16");
  ASSERT_TRUE(write_npz(path, {}).ok());
  EXPECT_EQ(read_npz(path)->size(), 0);
}

TEST(Npz, DamageIsSeen) {
  const std::string path = new_test_folder() + "/f.npz";
  std::string bytes = bytes_of(kSavez);
  bytes[200] = static_cast<char>(bytes[200] ^ 1);
  write_file(path, bytes);
  const absl::StatusOr<NpzArrays> arrays = read_npz(path);
  EXPECT_EQ(arrays.status().code(), absl::StatusCode::kDataLoss);
  EXPECT_NE(arrays.status().message().find("f.npz:x.npy: its checksum is 0x"), std::string::npos)
      << arrays.status();
  ZipWriter twice;
  const std::string content = *npy_bytes(zeros({1000}));
  EXPECT_TRUE(twice.add("a.npy", content, true).ok() && twice.add("b.npy", content, true).ok());
  const std::string two = twice.finish();
  write_file(path, two);
  EXPECT_TRUE(read_npz(path, {.max_bytes = 9000}).ok());
  EXPECT_EQ(read_npz(path, {.max_bytes = 8000}).status().code(),
            absl::StatusCode::kResourceExhausted)
      << "of all arrays together";
  std::string same = two;
  for (size_t at = same.find("b.npy"); at != same.npos; at = same.find("b.npy")) same[at] = 'a';
  write_file(path, same);
  EXPECT_EQ(read_npz(path).status().message(), path + ": two arrays are named 'a'");
  write_file(path, "PK no archive, but long enough to be one");
  EXPECT_EQ(read_npz(path).status().message(),
            path + ": not a ZIP archive: there is no end record");
}

// Whatever happens to the bytes, they are arrays or an error.
TEST(Npz, SurvivesDamage) {
  const std::string path = new_test_folder() + "/f.npz";
  int64_t bad = 0;
  for (std::string_view file : {kSavez, kSavezCompressed}) {
    const std::string good = bytes_of(file);
    for (size_t length = 0; length < good.size(); ++length) {
      write_file(path, good.substr(0, length));
      bad += read_npz(path).ok() ? 0 : 1;
    }
    for (size_t at = 0; at < good.size(); ++at) {
      for (int bit = 0; bit < 8; ++bit) {
        std::string damaged = good;
        damaged[at] = static_cast<char>(damaged[at] ^ (1 << bit));
        write_file(path, damaged);
        (void)read_npz(path);
      }
    }
  }
  EXPECT_EQ(bad, bytes_of(kSavez).size() + bytes_of(kSavezCompressed).size());
}

TEST(Npy, SurvivesDamage) {
  for (std::string_view file : {kFortran, kVersion2, kVersion3}) {
    const std::string good = bytes_of(file);
    for (size_t length = 0; length < good.size(); ++length) {
      EXPECT_FALSE(parse_npy("f.npy", std::string(good, 0, length)).ok());
    }
    CounterRandom random(1, RandomPurpose::kSplit, 4);
    for (size_t at = 0; at < good.size(); ++at) {
      for (int i = 0; i < 16; ++i) {
        std::string damaged = good;
        damaged[at] = static_cast<char>(random.below(256));
        (void)parse_npy("f.npy", damaged);
      }
    }
  }
}

}  // namespace
}  // namespace tessera::data

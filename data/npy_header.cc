// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/npy_header.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <iterator>
#include <system_error>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace tessera::data {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr int kMaxRank = 64;  // numpy's

std::string shown(std::string_view text) {
  return absl::StrCat("'", absl::CHexEscape(text.substr(0, 40)), text.size() > 40 ? "...'" : "'");
}

uint32_t little_endian(std::string_view bytes) {
  uint32_t value = 0;
  for (size_t i = bytes.size(); i-- > 0;) value = value << 8 | static_cast<uint8_t>(bytes[i]);
  return value;
}

// Reads the dictionary: three known keys, each once, in any order.
class DictionaryReader {
 public:
  DictionaryReader(std::string_view name, std::string_view text) : name_(name), text_(text) {}

  absl::Status read(NpyHeader& header) {
    if (!take('{')) return wrong("'{'");
    bool seen[3] = {};
    while (!take('}')) {
      std::string_view key;
      absl::Status status = read_string(key);
      if (!status.ok()) return status;
      if (!take(':')) return wrong("':'");
      int which = 0;
      if (key == "descr") {
        status = read_type(header.type);
      } else if (key == "fortran_order") {
        which = 1;
        status = read_bool(header.fortran_order);
      } else if (key == "shape") {
        which = 2;
        status = read_shape(header.shape);
      } else {
        return absl::InvalidArgumentError(absl::StrCat(name_, ": NPY header: key ", shown(key),
                                                       ", expected descr, fortran_order or shape"));
      }
      if (!status.ok()) return status;
      if (seen[which]) {
        return absl::InvalidArgumentError(
            absl::StrCat(name_, ": NPY header: key ", shown(key), " is there twice"));
      }
      seen[which] = true;
      if (!take(',') && !next_is('}')) return wrong("',' or '}'");
    }
    skip_blanks();
    if (!text_.empty()) return wrong("the end");
    constexpr const char* kKeys[] = {"descr", "fortran_order", "shape"};
    for (int i = 0; i < 3; ++i) {
      if (!seen[i]) {
        return absl::InvalidArgumentError(
            absl::StrCat(name_, ": NPY header: there is no key ", kKeys[i]));
      }
    }
    return absl::OkStatus();
  }

 private:
  void skip_blanks() {
    while (!text_.empty() && (text_[0] == ' ' || text_[0] == '\n' || text_[0] == '\t')) {
      text_.remove_prefix(1);
    }
  }
  bool next_is(char c) {
    skip_blanks();
    return !text_.empty() && text_[0] == c;
  }
  bool take(char c) {
    if (!next_is(c)) return false;
    text_.remove_prefix(1);
    return true;
  }
  absl::Status wrong(const char* expected) const {
    return absl::InvalidArgumentError(
        absl::StrCat(name_, ": NPY header: ", shown(text_), ", expected ", expected));
  }

  absl::Status read_string(std::string_view& value) {
    const char quote = next_is('\'') ? '\'' : '"';
    if (!take(quote)) return wrong("text in quotes");
    const size_t end = text_.find(quote);
    if (end == std::string_view::npos) return wrong("a closing quote");
    value = text_.substr(0, end);
    text_.remove_prefix(end + 1);
    return absl::OkStatus();
  }

  absl::Status read_bool(bool& value) {
    skip_blanks();
    for (bool candidate : {false, true}) {
      const std::string_view word = candidate ? "True" : "False";
      if (text_.substr(0, word.size()) == word) {
        value = candidate;
        text_.remove_prefix(word.size());
        return absl::OkStatus();
      }
    }
    return wrong("True or False");
  }

  absl::Status read_type(NpyType& type) {
    std::string_view text;
    if (next_is('[')) return wrong("the name of a type; records are not supported");
    absl::Status status = read_string(text);
    if (!status.ok()) return status;
    constexpr std::string_view kTypes[] = {"b1", "i1", "i2", "i4", "i8", "u1",
                                           "u2", "u4", "u8", "f2", "f4", "f8"};
    const bool has_order = !text.empty() && std::string_view("<>|=").find(text[0]) != text.npos;
    const std::string_view kind = has_order ? text.substr(1) : text;
    if (std::find(std::begin(kTypes), std::end(kTypes), kind) == std::end(kTypes)) {
      return absl::InvalidArgumentError(absl::StrCat(name_, ": NPY element type is ", shown(text),
                                                     ", expected one of ",
                                                     absl::StrJoin(kTypes, ", ")));
    }
    type = {.kind = kind[0], .bytes = kind[1] - '0', .big_endian = has_order && text[0] == '>'};
    return absl::OkStatus();
  }

  absl::Status read_shape(Shape& shape) {
    if (!take('(')) return wrong("'('");
    while (!take(')')) {
      skip_blanks();
      int64_t size = 0;
      const std::from_chars_result result =
          std::from_chars(text_.data(), text_.data() + text_.size(), size);
      if (result.ec != std::errc() || size < 0) return wrong("a size of at most 2^63 - 1");
      text_.remove_prefix(static_cast<size_t>(result.ptr - text_.data()));
      (void)take('L');  // as Python 2 wrote it
      if (shape.rank() == kMaxRank) return wrong("at most 64 sizes");
      shape.push_back(size);
      if (!take(',') && !next_is(')')) return wrong("',' or ')'");
    }
    return absl::OkStatus();
  }

  std::string_view name_;
  std::string_view text_;
};

}  // namespace

DType npy_dtype(const NpyType& type) {
  switch (type.kind) {
    case 'b':
      return kBool;
    case 'f':
      return type.bytes == 2 ? kFloat16 : type.bytes == 4 ? kFloat32 : kFloat64;
    case 'u':
      return type.bytes == 1 ? kUInt8 : type.bytes == 2 ? kInt32 : kInt64;
    default:
      return type.bytes == 8 ? kInt64 : kInt32;
  }
}

absl::StatusOr<NpyHeader> parse_npy_header(std::string_view name, std::string_view bytes) {
  const auto invalid = [&](const auto&... what) {
    return absl::InvalidArgumentError(absl::StrCat(name, ": ", what...));
  };
  if (bytes.substr(0, kMagic.size()) != kMagic) {
    return invalid("not an NPY file: it begins with ", shown(bytes.substr(0, kMagic.size())),
                   ", expected ", shown(kMagic));
  }
  if (bytes.size() < kMagic.size() + 2) return invalid("NPY header: the file ends in the version");
  const int major = static_cast<uint8_t>(bytes[6]), minor = static_cast<uint8_t>(bytes[7]);
  if (major < 1 || major > 3 || minor != 0) {
    return invalid("NPY version is ", major, ".", minor, ", expected 1.0, 2.0 or 3.0");
  }
  const size_t length_bytes = major == 1 ? 2 : 4, begin = kMagic.size() + 2 + length_bytes;
  if (bytes.size() < begin) return invalid("NPY header: the file ends in the header's length");
  const size_t length = little_endian(bytes.substr(kMagic.size() + 2, length_bytes));
  if (bytes.size() - begin < length) {
    return invalid("NPY header: its length is ", length, " bytes, the file has ",
                   bytes.size() - begin);
  }
  NpyHeader header;
  header.header_bytes = static_cast<int64_t>(begin + length);
  absl::Status status = DictionaryReader(name, bytes.substr(begin, length)).read(header);
  if (!status.ok()) return status;
  header.data_bytes = header.type.bytes;
  // Sizes of 0 are passed over, as NumPy does: strides are products of the others.
  bool overflows = false;
  for (int64_t size : header.shape) {
    if (size == 0) continue;
    overflows = overflows || __builtin_mul_overflow(header.data_bytes, size, &header.data_bytes);
  }
  if (std::find(header.shape.begin(), header.shape.end(), 0) != header.shape.end()) {
    header.data_bytes = 0;
  }
  if (overflows) {
    return invalid("NPY shape ", header.shape.to_string(), " is more bytes than 64 bits can count");
  }
  return header;
}

absl::StatusOr<std::string> npy_header(DType dtype, const Shape& shape) {
  if (dtype == kBFloat16) {
    return absl::InvalidArgumentError(
        "NPY has no bfloat16; write the tensor as float32, or as float16");
  }
  const char kind = dtype == kBool ? 'b' : dtype == kUInt8 ? 'u' : is_integral(dtype) ? 'i' : 'f';
  std::string sizes = absl::StrJoin(shape, ", ");
  if (shape.rank() == 1) sizes += ",";
  std::string header =
      absl::StrCat("{'descr': '", itemsize(dtype) == 1 ? "|" : "<", std::string_view(&kind, 1),
                   itemsize(dtype), "', 'fortran_order': False, 'shape': (", sizes, "), }");
  constexpr size_t kBefore = 10, kAlignment = 64;
  const size_t end = kBefore + header.size() + 1;
  header.append((kAlignment - end % kAlignment) % kAlignment, ' ');
  header += '\n';
  std::string bytes(kMagic);
  bytes +=
      {'\x01', '\x00', static_cast<char>(header.size()), static_cast<char>(header.size() >> 8)};
  return bytes + header;
}

}  // namespace tessera::data

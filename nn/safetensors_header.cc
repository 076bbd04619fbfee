// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/safetensors_header.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace tessera::nn {
namespace {

constexpr std::string_view kMetadataKey = "__metadata__";
constexpr size_t kMaxRank = 32;

struct DTypeCode {
  std::string_view code;
  DType dtype;
};
constexpr DTypeCode kDTypeCodes[] = {
    {"F32", kFloat32}, {"F64", kFloat64}, {"F16", kFloat16}, {"BF16", kBFloat16},
    {"I32", kInt32},   {"I64", kInt64},   {"U8", kUInt8},    {"BOOL", kBool},
};
// What the format has besides.
constexpr std::string_view kOtherDTypeCodes[] = {"I8",      "I16",     "U16",     "U32",
                                                 "U64",     "F8_E4M3", "F8_E5M2", "F8_E8M0",
                                                 "F6_E2M3", "F6_E3M2", "F4",      "C64"};

// Bytes of the UTF-8 sequence that starts `text`, 0 if there is none (overlong forms, surrogates
// and code points above 10FFFF are none).
size_t utf8_length(std::string_view text) {
  auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  const size_t length = first >= 0xc2 && first < 0xe0   ? 2
                        : first >= 0xe0 && first < 0xf0 ? 3
                        : first >= 0xf0 && first < 0xf5 ? 4
                                                        : 0;
  if (length == 0 || text.size() < length) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  if (first == 0xe0 && byte(1) < 0xa0) return 0;
  if (first == 0xed && byte(1) >= 0xa0) return 0;
  if (first == 0xf0 && byte(1) < 0x90) return 0;
  if (first == 0xf4 && byte(1) >= 0x90) return 0;
  return length;
}

void append_utf8(uint32_t code, std::string& out) {
  auto put = [&](uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xc0 | code >> 6);
    put(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    put(0xe0 | code >> 12);
    put(0x80 | (code >> 6 & 0x3f));
    put(0x80 | (code & 0x3f));
  } else {
    put(0xf0 | code >> 18);
    put(0x80 | (code >> 12 & 0x3f));
    put(0x80 | (code >> 6 & 0x3f));
    put(0x80 | (code & 0x3f));
  }
}

// A name from a file, fit for a message of one line.
std::string shown(std::string_view name) {
  constexpr size_t kLongest = 200;
  return absl::StrCat(absl::Utf8SafeCEscape(name.substr(0, kLongest)),
                      name.size() > kLongest ? "..." : "");
}

// Recursive descent without the recursion: the header has two levels. Every function returns false
// after setting error_, with at_ where the fault is.
class HeaderParser {
 public:
  explicit HeaderParser(std::string_view json) : text_(json) {}

  bool parse(SafetensorsHeader& header) {
    std::set<std::string> names;
    bool ok = text_.substr(0, 1) == "{" || fail("a header begins with '{'");
    ok = ok && members([&](std::string key) {
           if (!names.insert(key).second) return fail("the name '", shown(key), "' comes twice");
           if (key == kMetadataKey) return metadata(header.metadata);
           header.tensors.emplace_back();
           header.tensors.back().name = std::move(key);
           return tensor(header.tensors.back());
         });
    if (!ok) return false;
    skip_space();
    return at_ == text_.size() || fail("text after the end of the header");
  }

  const std::string& error() const { return error_; }
  bool is_unimplemented() const { return is_unimplemented_; }

 private:
  template <class... Parts>
  bool fail(const Parts&... parts) {
    error_ = absl::StrCat("header, byte ", at_, ": ", parts...);
    return false;
  }

  void skip_space() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r')) {
      ++at_;
    }
  }

  bool peek(char c) {
    skip_space();
    return at_ < text_.size() && text_[at_] == c;
  }

  bool expect(char c) {
    if (!peek(c)) return fail("expected '", std::string(1, c), "'");
    ++at_;
    return true;
  }

  // { "key": value, ... }; `value` gets the key and reads the value.
  template <class F>
  bool members(F value) {
    if (!expect('{')) return false;
    if (peek('}')) return expect('}');
    do {
      std::string key;
      if (!string(key) || !expect(':') || !value(std::move(key))) return false;
    } while (peek(',') && expect(','));
    return expect('}');
  }

  bool metadata(std::map<std::string, std::string>& out) {
    return members([&](std::string key) {
      std::string value;
      if (!string(value)) return false;
      if (!out.emplace(key, std::move(value)).second) {
        return fail("the metadata '", shown(key), "' comes twice");
      }
      return true;
    });
  }

  bool tensor(SafetensorsHeader::Entry& entry) {
    bool has_dtype = false, has_shape = false, has_offsets = false;
    bool ok = members([&](std::string key) {
      bool* seen = key == "dtype"          ? &has_dtype
                   : key == "shape"        ? &has_shape
                   : key == "data_offsets" ? &has_offsets
                                           : nullptr;
      if (seen == nullptr)
        return fail("'", shown(entry.name), "' has the unknown field '", shown(key), "'");
      if (*seen) return fail("'", shown(entry.name), "' has '", shown(key), "' twice");
      *seen = true;
      if (seen == &has_dtype) return dtype(entry);
      std::vector<uint64_t> list;
      if (!integers(list)) return false;
      if (seen == &has_shape) {
        for (uint64_t size : list) entry.shape.push_back(static_cast<int64_t>(size));
      } else {
        if (list.size() != 2)
          return fail("'", shown(entry.name), "': data_offsets wants two numbers");
        entry.begin = list[0];
        entry.end = list[1];
      }
      return true;
    });
    if (!ok) return false;
    if (!has_dtype || !has_shape || !has_offsets) {
      return fail("'", shown(entry.name), "' lacks ",
                  !has_dtype   ? "dtype"
                  : !has_shape ? "shape"
                               : "data_offsets");
    }
    return true;
  }

  bool dtype(SafetensorsHeader::Entry& entry) {
    std::string code;
    if (!string(code)) return false;
    for (const DTypeCode& known : kDTypeCodes) {
      if (known.code == code) {
        entry.dtype = known.dtype;
        return true;
      }
    }
    is_unimplemented_ = std::count(std::begin(kOtherDTypeCodes), std::end(kOtherDTypeCodes), code);
    return fail("'", shown(entry.name), "' has the dtype '", shown(code), "', which ",
                is_unimplemented_ ? "Tessera does not hold" : "the format does not have");
  }

  bool integers(std::vector<uint64_t>& out) {
    if (!expect('[')) return false;
    if (peek(']')) return expect(']');
    do {
      if (out.size() == kMaxRank) return fail("more than ", kMaxRank, " numbers in a list");
      out.emplace_back();
      if (!integer(out.back())) return false;
    } while (peek(',') && expect(','));
    return expect(']');
  }

  // Digits without sign, fraction, exponent or leading zero, at most 2^63 - 1.
  bool integer(uint64_t& out) {
    skip_space();
    const size_t start = at_;
    uint64_t value = 0;
    while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') {
      const uint64_t digit = static_cast<uint64_t>(text_[at_] - '0');
      constexpr uint64_t kMax = std::numeric_limits<int64_t>::max();
      if (value > (kMax - digit) / 10) return fail("a number is too large");
      value = value * 10 + digit;
      ++at_;
    }
    if (at_ == start) return fail("expected a number that is not negative");
    if (text_[start] == '0' && at_ - start > 1) return fail("a number begins with 0");
    out = value;
    return true;
  }

  bool string(std::string& out) {
    if (!expect('"')) return false;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"') {
        ++at_;
        return true;
      }
      if (static_cast<unsigned char>(c) < 0x20) return fail("a control character in a string");
      if (c == '\\') {
        if (!escape(out)) return false;
        continue;
      }
      const size_t length = utf8_length(text_.substr(at_));
      if (length == 0) return fail("a string is not UTF-8");
      out.append(text_.substr(at_, length));
      at_ += length;
    }
    return fail("a string does not end");
  }

  bool escape(std::string& out) {
    ++at_;
    if (at_ == text_.size()) return fail("a string does not end");
    constexpr std::string_view kEscapes = "\"\\/bfnrt", kMeanings = "\"\\/\b\f\n\r\t";
    if (size_t i = kEscapes.find(text_[at_]); i != kEscapes.npos) {
      out.push_back(kMeanings[i]);
      ++at_;
      return true;
    }
    uint32_t code = 0;
    if (!hex4(code)) return false;
    if (code >= 0xdc00 && code < 0xe000) return fail("half of a surrogate pair");
    if (code >= 0xd800 && code < 0xdc00) {
      uint32_t low = 0;
      if (text_.substr(at_, 1) != "\\") return fail("half of a surrogate pair");
      ++at_;
      if (!hex4(low)) return false;
      if (low < 0xdc00 || low >= 0xe000) return fail("half of a surrogate pair");
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    }
    append_utf8(code, out);
    return true;
  }

  // uXXXX, after the backslash.
  bool hex4(uint32_t& code) {
    if (text_.substr(at_, 1) != "u") return fail("an unknown escape in a string");
    ++at_;
    code = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
      const char c = at_ < text_.size() ? text_[at_] : '\0';
      const int digit = c >= '0' && c <= '9'   ? c - '0'
                        : c >= 'a' && c <= 'f' ? c - 'a' + 10
                        : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                               : -1;
      if (digit < 0) return fail("\\u wants four hexadecimal digits");
      code = code << 4 | static_cast<uint32_t>(digit);
    }
    return true;
  }

  std::string_view text_;
  size_t at_ = 0;
  std::string error_;
  bool is_unimplemented_ = false;
};

// Bytes of a tensor, nullopt if they do not fit in 63 bits.
std::optional<uint64_t> byte_size(const SafetensorsHeader::Entry& entry) {
  int64_t bytes = itemsize(entry.dtype);
  // A zero size makes the tensor empty, however large the others are; each prefix is checked still,
  // so that numel() does not overflow anywhere.
  int64_t without_zeros = bytes;
  for (int64_t size : entry.shape) {
    if (size != 0 && __builtin_mul_overflow(without_zeros, size, &without_zeros))
      return std::nullopt;
    if (__builtin_mul_overflow(bytes, size, &bytes)) return std::nullopt;
  }
  return static_cast<uint64_t>(bytes);
}

absl::Status check_layout(SafetensorsHeader& header, uint64_t data_size) {
  auto& tensors = header.tensors;
  std::stable_sort(tensors.begin(), tensors.end(), [](const auto& a, const auto& b) {
    return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
  });
  uint64_t at = 0;
  for (const SafetensorsHeader::Entry& entry : tensors) {
    auto bad = [&](auto... parts) {
      return absl::DataLossError(absl::StrCat("tensor '", shown(entry.name), "': ", parts...));
    };
    std::optional<uint64_t> bytes = byte_size(entry);
    if (!bytes.has_value()) return bad("its shape ", entry.shape.to_string(), " is too large");
    if (entry.end < entry.begin || entry.end > data_size) {
      return bad("its bytes [", entry.begin, ", ", entry.end, ") are not within the ", data_size,
                 " bytes of data");
    }
    if (entry.end - entry.begin != *bytes) {
      return bad("it has ", entry.end - entry.begin, " bytes, ", dtype_name(entry.dtype), " ",
                 entry.shape.to_string(), " wants ", *bytes);
    }
    if (entry.begin != at) {
      return bad("its bytes begin at ", entry.begin, ", those before end at ", at);
    }
    at = entry.end;
  }
  if (at != data_size) {
    return absl::DataLossError(
        absl::StrCat("the tensors have ", at, " bytes, the file has ", data_size));
  }
  return absl::OkStatus();
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const size_t length = utf8_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string json_string(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (static_cast<unsigned char>(c) < 0x20) {
      absl::StrAppendFormat(&out, "\\u%04x", static_cast<int>(c));
    } else {
      out.push_back(c);
    }
  }
  return out + "\"";
}

std::string_view code_of(DType dtype) {
  for (const DTypeCode& known : kDTypeCodes) {
    if (known.dtype == dtype) return known.code;
  }
  return "";  // every dtype is in the table
}

}  // namespace

absl::StatusOr<SafetensorsHeader> parse_safetensors_header(std::string_view json,
                                                           uint64_t data_size) {
  SafetensorsHeader header;
  HeaderParser parser(json);
  if (!parser.parse(header)) {
    return parser.is_unimplemented() ? absl::UnimplementedError(parser.error())
                                     : absl::DataLossError(parser.error());
  }
  if (absl::Status status = check_layout(header, data_size); !status.ok()) return status;
  return header;
}

absl::StatusOr<std::string> format_safetensors_header(const SafetensorsHeader& header) {
  std::vector<std::string> members;
  if (!header.metadata.empty()) {
    std::vector<std::string> pairs;
    for (const auto& [key, value] : header.metadata) {
      if (!is_utf8(key) || !is_utf8(value)) {
        return absl::InvalidArgumentError(absl::StrCat("metadata '", key, "' is not UTF-8"));
      }
      pairs.push_back(absl::StrCat(json_string(key), ":", json_string(value)));
    }
    members.push_back(
        absl::StrCat(json_string(kMetadataKey), ":{", absl::StrJoin(pairs, ","), "}"));
  }
  for (const SafetensorsHeader::Entry& entry : header.tensors) {
    if (entry.name == kMetadataKey || !is_utf8(entry.name)) {
      return absl::InvalidArgumentError(absl::StrCat("'", entry.name, "' cannot name a tensor"));
    }
    members.push_back(absl::StrCat(json_string(entry.name), ":{\"dtype\":\"", code_of(entry.dtype),
                                   "\",\"shape\":[", absl::StrJoin(entry.shape, ","),
                                   "],\"data_offsets\":[", entry.begin, ",", entry.end, "]}"));
  }
  std::string json = absl::StrCat("{", absl::StrJoin(members, ","), "}");
  json.append((8 - json.size() % 8) % 8, ' ');
  return json;
}

}  // namespace tessera::nn

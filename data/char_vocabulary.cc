// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/char_vocabulary.h"

#include <algorithm>
#include <cstring>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/data/host_tensor.h"
#include "tessera/data/utf8.h"

namespace tessera::data {
namespace {

// Calls `take(character, offset)`, which may return an error, for each character.
template <class F>
absl::Status for_each_character(std::string_view text, F&& take) {
  for (size_t at = 0; at < text.size();) {
    char32_t character;
    const size_t bytes = read_utf8(text.substr(at), character);
    if (bytes == 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("CharVocabulary: the bytes at offset ", at, " are not UTF-8: 0x",
                       absl::BytesToHexString(text.substr(at, 4)), ", expected a character"));
    }
    absl::Status status = take(character, at);
    if (!status.ok()) return status;
    at += bytes;
  }
  return absl::OkStatus();
}

// "U+0041 'A'"
std::string describe(char32_t character) {
  std::string shown;
  append_utf8(character, shown);
  return absl::StrCat("U+", absl::Hex(static_cast<uint32_t>(character), absl::kZeroPad4), " '",
                      absl::Utf8SafeCHexEscape(shown), "'");
}

}  // namespace

absl::StatusOr<CharVocabulary> CharVocabulary::from_text(std::string_view text) {
  CharVocabulary vocabulary;
  absl::Status status = for_each_character(text, [&](char32_t character, size_t) {
    if (vocabulary.ids_.try_emplace(character, 0).second) {
      vocabulary.characters_.push_back(character);
    }
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  if (text.empty()) {
    return absl::InvalidArgumentError("CharVocabulary: the text is empty, expected characters");
  }
  std::sort(vocabulary.characters_.begin(), vocabulary.characters_.end());
  for (int64_t id = 0; id < vocabulary.size(); ++id) {
    vocabulary.ids_[vocabulary.characters_[static_cast<size_t>(id)]] = id;
  }
  return vocabulary;
}

absl::StatusOr<CharVocabulary> CharVocabulary::from_characters(std::string_view characters) {
  CharVocabulary vocabulary;
  absl::Status status = for_each_character(characters, [&](char32_t character, size_t offset) {
    if (!vocabulary.ids_.try_emplace(character, vocabulary.size()).second) {
      return absl::InvalidArgumentError(absl::StrCat("CharVocabulary: ", describe(character),
                                                     " at offset ", offset, " is there already"));
    }
    vocabulary.characters_.push_back(character);
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  if (characters.empty()) {
    return absl::InvalidArgumentError("CharVocabulary: no characters, expected at least one");
  }
  return vocabulary;
}

std::string CharVocabulary::characters() const {
  std::string text;
  for (char32_t character : characters_) append_utf8(character, text);
  return text;
}

absl::StatusOr<Tensor> CharVocabulary::encode(std::string_view text) const {
  std::vector<int64_t> ids;
  ids.reserve(text.size());
  absl::Status status = for_each_character(text, [&](char32_t character, size_t offset) {
    const auto found = ids_.find(character);
    if (found == ids_.end()) {
      return absl::InvalidArgumentError(absl::StrCat("CharVocabulary: ", describe(character),
                                                     " at offset ", offset, " is none of the ",
                                                     size(), " characters"));
    }
    ids.push_back(found->second);
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  absl::StatusOr<Tensor> result = new_host_tensor(kInt64, {static_cast<int64_t>(ids.size())});
  if (!result.ok() || ids.empty()) return result;
  std::memcpy(result->mutable_data<int64_t>(), ids.data(), ids.size() * sizeof(int64_t));
  return result;
}

std::string CharVocabulary::decode(const Tensor& ids) const {
  if (!is_integral(ids.dtype())) {
    raise(absl::InvalidArgumentError(absl::StrCat("CharVocabulary::decode: ids are ",
                                                  dtype_name(ids.dtype()),
                                                  ", expected an integer dtype")));
  }
  std::string text;
  for (int64_t id : ids.to_vector<int64_t>()) append_utf8(character(id), text);
  return text;
}

std::string CharVocabulary::decode(int64_t id) const {
  std::string text;
  append_utf8(character(id), text);
  return text;
}

char32_t CharVocabulary::character(int64_t id) const {
  if (id < 0 || id >= size()) {
    raise(absl::OutOfRangeError(
        absl::StrCat("CharVocabulary::decode: id ", id, " is not in [0, ", size(), ")")));
  }
  return characters_[static_cast<size_t>(id)];
}

}  // namespace tessera::data

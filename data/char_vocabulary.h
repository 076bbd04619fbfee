// SPDX-License-Identifier: Apache-2.0
//
// CharVocabulary: the characters of a text and their numbers, for models that read characters.
//
//   absl::StatusOr<CharVocabulary> vocabulary = data::CharVocabulary::from_text(text);
//   absl::StatusOr<Tensor> ids = vocabulary->encode("To be");    // (5) int64
//   std::string again = vocabulary->decode(*ids);
//
// A character is a Unicode code point; text is UTF-8.
#ifndef TESSERA_DATA_CHAR_VOCABULARY_H_
#define TESSERA_DATA_CHAR_VOCABULARY_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "tessera/tensor/tensor.h"

namespace tessera::data {

class CharVocabulary {
 public:
  // The distinct characters of `text`, numbered from 0 in the order of their code points.
  //   errors: kInvalidArgument with the offset of bytes that are not UTF-8, or if there is no text
  static absl::StatusOr<CharVocabulary> from_text(std::string_view text);
  // The same vocabulary again, from its characters().
  //   errors: as from_text(); kInvalidArgument for a character that appears twice
  static absl::StatusOr<CharVocabulary> from_characters(std::string_view characters);

  int64_t size() const { return static_cast<int64_t>(characters_.size()); }
  // All characters in the order of their numbers, as UTF-8: what to save beside the model.
  std::string characters() const;
  bool contains(char32_t character) const { return ids_.contains(character); }

  // The numbers of the characters of `text`.
  //   shape:  (T), T characters
  //   dtype:  int64, in host memory
  //   errors: kInvalidArgument with the offset: a character that is not in the vocabulary, bytes
  //           that are not UTF-8
  absl::StatusOr<Tensor> encode(std::string_view text) const;

  // The text that the numbers stand for, in UTF-8.
  //   shape:  any; read in row-major order
  //   dtype:  integer
  //   errors: kOutOfRange, thrown, for a number that is not in [0, size()); kInvalidArgument,
  //           thrown, for another dtype
  std::string decode(const Tensor& ids) const;
  std::string decode(int64_t id) const;

 private:
  char32_t character(int64_t id) const;

  std::vector<char32_t> characters_;
  absl::flat_hash_map<char32_t, int64_t> ids_;
};

}  // namespace tessera::data

#endif  // TESSERA_DATA_CHAR_VOCABULARY_H_

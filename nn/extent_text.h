// SPDX-License-Identifier: Apache-2.0
//
// Sizes of windows as PyTorch prints them.
#ifndef TESSERA_NN_EXTENT_TEXT_H_
#define TESSERA_NN_EXTENT_TEXT_H_

#include <string>

#include "absl/strings/str_cat.h"
#include "tessera/tensor/ops/extent.h"

namespace tessera::nn {

// "(3,)", "(3, 5)", "(1, 3, 5)"
inline std::string tuple_text(int64_t size) { return absl::StrCat("(", size, ",)"); }
inline std::string tuple_text(Pair pair) {
  return absl::StrCat("(", pair.height, ", ", pair.width, ")");
}
inline std::string tuple_text(Triple triple) {
  return absl::StrCat("(", triple.depth, ", ", triple.height, ", ", triple.width, ")");
}

// "3" if all sizes are equal, else as tuple_text.
inline std::string short_text(int64_t size) { return absl::StrCat(size); }
inline std::string short_text(Pair pair) {
  return pair.height == pair.width ? absl::StrCat(pair.height) : tuple_text(pair);
}
inline std::string short_text(Triple triple) {
  return triple == Triple(triple.depth) ? absl::StrCat(triple.depth) : tuple_text(triple);
}

}  // namespace tessera::nn

#endif  // TESSERA_NN_EXTENT_TEXT_H_

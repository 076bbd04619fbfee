// SPDX-License-Identifier: Apache-2.0
//
// Pairs as PyTorch prints them.
#ifndef TESSERA_NN_PAIR_TEXT_H_
#define TESSERA_NN_PAIR_TEXT_H_

#include <string>

#include "absl/strings/str_cat.h"
#include "tessera/tensor/ops/conv.h"

namespace tessera::nn {

// "(3, 5)"
inline std::string pair_text(Pair pair) {
  return absl::StrCat("(", pair.height, ", ", pair.width, ")");
}
// "3" for a pair of equal numbers, else "(3, 5)".
inline std::string short_pair_text(Pair pair) {
  return pair.height == pair.width ? absl::StrCat(pair.height) : pair_text(pair);
}

}  // namespace tessera::nn

#endif  // TESSERA_NN_PAIR_TEXT_H_

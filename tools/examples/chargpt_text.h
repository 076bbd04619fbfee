// SPDX-License-Identifier: Apache-2.0
#ifndef TESSERA_TOOLS_EXAMPLES_CHARGPT_TEXT_H_
#define TESSERA_TOOLS_EXAMPLES_CHARGPT_TEXT_H_

#include "absl/status/statusor.h"
#include "tessera/data/char_vocabulary.h"
#include "tessera/tensor/tensor.h"
#include "tessera/tools/examples/chargpt_flags.h"

namespace tessera::examples {

// The first nine tenths of a text and the last, as the numbers of their characters, (n) int64. Both
// are longer than the context.
struct CharText {
  data::CharVocabulary vocabulary;
  Tensor train, validation;
};

// The text that the flags ask for, from a file or made up. Prints where it comes from and its
// sizes.
absl::StatusOr<CharText> load_text(const CharGptFlags& flags);

}  // namespace tessera::examples

#endif  // TESSERA_TOOLS_EXAMPLES_CHARGPT_TEXT_H_

// SPDX-License-Identifier: Apache-2.0
#include "tessera/tools/examples/chargpt_text.h"

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/data/read_whole_file.h"
#include "tessera/data/text_dataset.h"
#include "tessera/tensor/ops/random.h"

namespace tessera::examples {
namespace {

// Some 40,000 characters of simple sentences.
std::string made_up_text(uint64_t seed) {
  const std::vector<std::string> parts[] = {
      {"the cat", "a dog", "the old bird", "my sister", "the king"},
      {" sees", " follows", " likes", " hears"},
      {" the mouse", " a small boat", " the red house", " her friend", " the sea"},
      {" today.\n", " at night.\n", " again.\n", " in the rain.\n"}};
  constexpr int64_t kSentences = 1200;
  Generator generator = {.seed = seed};
  std::vector<std::vector<int64_t>> chosen;
  for (const std::vector<std::string>& part : parts) {
    chosen.push_back(randint(0, static_cast<int64_t>(part.size()), {kSentences},
                             {.dtype = kInt64, .device = Device("cpu")}, &generator)
                         .to_vector<int64_t>());
  }
  std::string text;
  for (size_t i = 0; i < kSentences; ++i) {
    for (size_t k = 0; k < chosen.size(); ++k) text += parts[k][static_cast<size_t>(chosen[k][i])];
  }
  return text;
}

}  // namespace

absl::StatusOr<CharText> load_text(const CharGptFlags& flags) {
  constexpr int64_t kMaxBytes = int64_t{1} << 30;
  const bool made_up = flags.text.empty();
  if (made_up) std::printf("No --text is given: using sentences from a built-in grammar\n");
  const std::string name = made_up ? "the built-in text" : flags.text;
  const auto with_name = [&](const absl::Status& status) {
    return absl::Status(status.code(), absl::StrCat(name, ": ", status.message()));
  };

  absl::StatusOr<std::string> text =
      made_up ? made_up_text(flags.seed) : data::read_whole_file(flags.text, kMaxBytes);
  if (!text.ok()) return text.status();
  absl::StatusOr<data::CharVocabulary> vocabulary = data::CharVocabulary::from_text(*text);
  if (!vocabulary.ok()) return with_name(vocabulary.status());
  absl::StatusOr<Tensor> ids = vocabulary->encode(*text);
  if (!ids.ok()) return with_name(ids.status());
  const auto [train, validation] = data::split_sequence(*ids, 0.9);
  if (train.size(0) <= flags.context || validation.size(0) <= flags.context) {
    return with_name(absl::InvalidArgumentError(absl::StrCat(
        "a tenth of ", ids->size(0), " characters is not more than --context ", flags.context)));
  }
  std::printf("%lld training and %lld validation characters, %lld different ones%s%s\n",
              static_cast<long long>(train.size(0)), static_cast<long long>(validation.size(0)),
              static_cast<long long>(vocabulary->size()), made_up ? "" : ", from ",
              flags.text.c_str());
  return CharText{.vocabulary = *vocabulary, .train = train, .validation = validation};
}

}  // namespace tessera::examples

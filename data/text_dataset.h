// SPDX-License-Identifier: Apache-2.0
//
// TextDataset: windows of a long sequence and what comes next, to train language models with.
//
//   auto [train, val] = data::split_sequence(ids, 0.9);
//   data::TextDataset windows(train, {.context_length = 64});
//   for (auto& [x, y] : loader) { ... }    // x (n, 64), y (n, 64): y[:, t] comes after x[:, t]
#ifndef TESSERA_DATA_TEXT_DATASET_H_
#define TESSERA_DATA_TEXT_DATASET_H_

#include <cstdint>
#include <utility>

#include "absl/types/span.h"
#include "tessera/data/example.h"
#include "tessera/tensor/tensor.h"

namespace tessera::data {

struct TextDatasetOptions {
  int64_t context_length = 64;
  int64_t stride = 1;  // from the beginning of one window to that of the next
  // False: y is, for each place of the window, the id that comes after it, (context_length).
  // True: y is the one id after the window, ().
  bool next_only = false;
};

// Window i begins at id i * stride. There are as many as have a next id.
class TextDataset {
 public:
  // Shares the memory of `ids`, unless it has to be copied to the host.
  //   shape:  ids (T)
  //   dtype:  any
  //   errors: kInvalidArgument, thrown: another rank; context_length or stride below 1
  explicit TextDataset(const Tensor& ids, const TextDatasetOptions& options = {});

  int64_t size() const { return size_; }
  // Views.
  //   errors: kOutOfRange, thrown
  Example get(int64_t index) const;
  Example get_batch(absl::Span<const int64_t> indices) const;

  const Tensor& ids() const { return ids_; }
  const TextDatasetOptions& options() const { return options_; }

 private:
  void check(int64_t index) const;

  Tensor ids_;
  TextDatasetOptions options_;
  int64_t size_;
};

// The first `fraction` of a sequence and the rest, as views: parts that share no element, for
// training and validation.
//   shape:  (T) gives (floor(T * fraction)) and what is left
//   errors: kInvalidArgument, thrown: another rank, a fraction outside [0, 1]
std::pair<Tensor, Tensor> split_sequence(const Tensor& ids, double fraction);

}  // namespace tessera::data

#endif  // TESSERA_DATA_TEXT_DATASET_H_

// SPDX-License-Identifier: Apache-2.0
//
// SyntheticDigits: images of handwritten-like digits without a file, in MNIST's format.
//
//   data::SyntheticDigits digits(12000, {.seed = 0});
//
// Each digit is drawn with a pen, in one of several ways of writing it, with random size, slant,
// place, wobble, pen width, pressure and noise. A linear classifier gets about 84% of them right, a
// small convolutional network about 97%.
#ifndef TESSERA_DATA_SYNTHETIC_DIGITS_H_
#define TESSERA_DATA_SYNTHETIC_DIGITS_H_

#include <cstdint>

#include "absl/types/span.h"
#include "tessera/data/example.h"

namespace tessera::data {

struct SyntheticDigitsOptions {
  bool train = true;  // the training and the test part have no image in common
  uint64_t seed = 0;
};

// A sample is x (28, 28) uint8, 0 paper to 255 ink, and y (), the digit, int64. It depends on
// (seed, train, index) alone. Samples are drawn when they are asked for, some 20 us each: for many
// epochs, keep them in a TensorDataset(get_all(digits)).
class SyntheticDigits {
 public:
  explicit SyntheticDigits(int64_t size, SyntheticDigitsOptions options = {})
      : size_(size), options_(options) {}

  int64_t size() const { return size_; }
  //   errors: kOutOfRange, thrown
  Example get(int64_t index) const;
  Example get_batch(absl::Span<const int64_t> indices) const;

 private:
  int64_t size_;
  SyntheticDigitsOptions options_;
};

}  // namespace tessera::data

#endif  // TESSERA_DATA_SYNTHETIC_DIGITS_H_

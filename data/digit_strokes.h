// SPDX-License-Identifier: Apache-2.0
//
// How people write the ten digits, as pen strokes. For synthetic_digits.cc.
#ifndef TESSERA_DATA_DIGIT_STROKES_H_
#define TESSERA_DATA_DIGIT_STROKES_H_

#include "absl/types/span.h"

namespace tessera::data {

// x to the right and y down, both from 0 to 1 over the digit's box.
struct Point {
  float x, y;
};

// A smooth curve through its points (Catmull-Rom). Where two strokes share an end there is a
// corner. A stroke that ends where it begins is a closed curve, smooth there too.
using Stroke = absl::Span<const Point>;

// One way to write a digit.
using Glyph = absl::Span<const Stroke>;

// The ways to write `digit`, which is in [0, 10); at least two of each.
absl::Span<const Glyph> digit_glyphs(int digit);

}  // namespace tessera::data

#endif  // TESSERA_DATA_DIGIT_STROKES_H_

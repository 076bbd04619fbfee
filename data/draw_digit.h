// SPDX-License-Identifier: Apache-2.0
//
// One handwritten-like digit as pixels. For synthetic_digits.cc.
#ifndef TESSERA_DATA_DRAW_DIGIT_H_
#define TESSERA_DATA_DRAW_DIGIT_H_

#include <cstdint>

#include "tessera/data/counter_random.h"

namespace tessera::data {

inline constexpr int kDigitSide = 28;  // pixels

// Draws `digit`, in [0, 10), into `pixels`: kDigitSide rows of kDigitSide, 0 paper, 255 ink.
// The way to write it, slant, size, place, pen, tremor and noise come from `random`.
void draw_digit(int digit, CounterRandom& random, uint8_t* pixels);

}  // namespace tessera::data

#endif  // TESSERA_DATA_DRAW_DIGIT_H_

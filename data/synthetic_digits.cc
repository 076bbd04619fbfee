// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/synthetic_digits.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/data/counter_random.h"
#include "tessera/data/draw_digit.h"
#include "tessera/data/host_tensor.h"

namespace tessera::data {

Example SyntheticDigits::get(int64_t index) const {
  const Example batch = get_batch({&index, 1});
  return {batch.x[0], batch.y[0]};
}

Example SyntheticDigits::get_batch(absl::Span<const int64_t> indices) const {
  const int64_t count = static_cast<int64_t>(indices.size());
  Example batch = {value_or_raise(new_host_tensor(kUInt8, {count, kDigitSide, kDigitSide})),
                   value_or_raise(new_host_tensor(kInt64, {count}))};
  if (count == 0) return batch;
  const RandomPurpose purpose =
      options_.train ? RandomPurpose::kTrainDigit : RandomPurpose::kTestDigit;
  uint8_t* pixels = batch.x.mutable_data<uint8_t>();
  int64_t* labels = batch.y.mutable_data<int64_t>();
  for (int64_t i = 0; i < count; ++i) {
    const int64_t index = indices[static_cast<size_t>(i)];
    if (index < 0 || index >= size_) {
      raise(absl::OutOfRangeError(
          absl::StrCat("SyntheticDigits: index ", index, " is not in [0, ", size_, ")")));
    }
    CounterRandom random(options_.seed, purpose, static_cast<uint64_t>(index));
    labels[i] = random.below(10);
    draw_digit(static_cast<int>(labels[i]), random, pixels + i * kDigitSide * kDigitSide);
  }
  return batch;
}

}  // namespace tessera::data

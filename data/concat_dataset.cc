// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/concat_dataset.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/backends/runtime/error.h"

namespace tessera::data {

ConcatPlace concat_place(absl::Span<const int64_t> ends, int64_t index) {
  const int64_t size = ends.empty() ? 0 : ends.back();
  if (index < 0 || index >= size) {
    raise(absl::OutOfRangeError(
        absl::StrCat("ConcatDataset: index ", index, " is not in [0, ", size, ")")));
  }
  const auto end = std::upper_bound(ends.begin(), ends.end(), index);
  return {static_cast<size_t>(end - ends.begin()),
          end == ends.begin() ? index : index - *(end - 1)};
}

}  // namespace tessera::data

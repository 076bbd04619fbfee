// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/sequential.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/backends/runtime/error.h"

namespace tessera::nn {

namespace internal {

size_t place_in_list(std::string_view container, int64_t index, int64_t size) {
  const int64_t place = index < 0 ? index + size : index;
  if (place < 0 || place >= size) {
    raise(absl::OutOfRangeError(
        absl::StrCat(container, ": index ", index, " into ", size, " modules")));
  }
  return static_cast<size_t>(place);
}

}  // namespace internal

Module& Sequential::operator[](int64_t index) const {
  return *modules_[internal::place_in_list("Sequential", index, size())];
}

Tensor Sequential::forward_over(Tensor x) {
  for (Module* module : modules_) x = (*module)(std::move(x));
  return x;
}

}  // namespace tessera::nn

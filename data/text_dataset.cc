// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/text_dataset.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstring>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/data/host_tensor.h"

namespace tessera::data {
namespace {

void check_sequence(const char* who, const Tensor& ids) {
  if (ids.dim() == 1) return;
  raise(absl::InvalidArgumentError(
      absl::StrCat(who, ": expected ids (T), got shape ", ids.shape().to_string())));
}

void check_at_least_1(const char* option, int64_t value) {
  if (value >= 1) return;
  raise(absl::InvalidArgumentError(
      absl::StrCat("TextDataset: ", option, " is ", value, ", it must be at least 1")));
}

}  // namespace

TextDataset::TextDataset(const Tensor& ids, const TextDatasetOptions& options) : options_(options) {
  check_sequence("TextDataset", ids);
  check_at_least_1("context_length", options.context_length);
  check_at_least_1("stride", options.stride);
  ids_ = ids.device().is_host_visible() ? ids.contiguous()
                                        : ids.to(value_or_raise(host_device())).contiguous();
  const int64_t starts = ids.size(0) - options.context_length;  // each has an id after its window
  size_ = starts <= 0 ? 0 : (starts - 1) / options.stride + 1;
}

void TextDataset::check(int64_t index) const {
  if (index >= 0 && index < size_) return;
  raise(absl::OutOfRangeError(
      absl::StrCat("TextDataset: index ", index, " is not in [0, ", size_, ")")));
}

Example TextDataset::get(int64_t index) const {
  check(index);
  const int64_t start = index * options_.stride, length = options_.context_length;
  return {ids_.narrow(0, start, length),
          options_.next_only ? ids_[start + length] : ids_.narrow(0, start + 1, length)};
}

Example TextDataset::get_batch(absl::Span<const int64_t> indices) const {
  const int64_t count = static_cast<int64_t>(indices.size()), length = options_.context_length;
  const DType dtype = ids_.dtype();
  Example batch = {
      value_or_raise(new_host_tensor(dtype, {count, length}, ids_.device())),
      value_or_raise(new_host_tensor(
          dtype, options_.next_only ? Shape{count} : Shape{count, length}, ids_.device()))};
  for (int64_t index : indices) check(index);
  if (count == 0) return batch;
  const size_t item = static_cast<size_t>(itemsize(dtype));
  const size_t window = static_cast<size_t>(length) * item;
  const size_t y_bytes = options_.next_only ? item : window;
  const char* source = host_bytes(ids_);
  char* x = mutable_host_bytes(batch.x);
  char* y = mutable_host_bytes(batch.y);
  for (int64_t index : indices) {
    const char* from = source + static_cast<size_t>(index * options_.stride) * item;
    std::memcpy(x, from, window);
    std::memcpy(y, from + (options_.next_only ? window : item), y_bytes);
    x += window;
    y += y_bytes;
  }
  return batch;
}

std::pair<Tensor, Tensor> split_sequence(const Tensor& ids, double fraction) {
  check_sequence("split_sequence", ids);
  if (!(fraction >= 0 && fraction <= 1)) {
    raise(absl::InvalidArgumentError(
        absl::StrCat("split_sequence: fraction is ", fraction, ", it must be in [0, 1]")));
  }
  const int64_t length = ids.size(0);
  const int64_t first = static_cast<int64_t>(std::floor(static_cast<double>(length) * fraction));
  return {ids.narrow(0, 0, first), ids.narrow(0, first, length - first)};
}

}  // namespace tessera::data

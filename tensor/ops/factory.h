// SPDX-License-Identifier: Apache-2.0
//
// New tensors. Where `options` names no device they stand on the default device.
//   errors: kInvalidArgument for a negative size; kResourceExhausted if the device is out of memory
// Random ones are in ops/random.h.
#ifndef TESSERA_TENSOR_OPS_FACTORY_H_
#define TESSERA_TENSOR_OPS_FACTORY_H_

#include <concepts>
#include <initializer_list>
#include <optional>
#include <vector>

#include "absl/types/span.h"
#include "tessera/tensor/tensor.h"

namespace tessera {

// Undefined contents.
Tensor empty(const Shape& shape, const TensorOptions& options = {});
Tensor zeros(const Shape& shape, const TensorOptions& options = {});
Tensor ones(const Shape& shape, const TensorOptions& options = {});
// `value` is a number or a tensor of one element.
Tensor full(const Shape& shape, const Tensor& value, const TensorOptions& options = {});

// Shape and device of `x`, and its dtype unless another is given.
Tensor empty_like(const Tensor& x, std::optional<DType> dtype = std::nullopt);
Tensor zeros_like(const Tensor& x, std::optional<DType> dtype = std::nullopt);
Tensor ones_like(const Tensor& x, std::optional<DType> dtype = std::nullopt);
Tensor full_like(const Tensor& x, const Tensor& value, std::optional<DType> dtype = std::nullopt);

// start, start + step, ... below `end`: ceil((end - start) / step) elements. int64 if all three are
// whole C++ integers and options leave the dtype alone.
//   errors: kInvalidArgument if step is 0 or leads away from `end`
Tensor arange_integers(int64_t start, int64_t end, int64_t step, const TensorOptions& options);
Tensor arange_reals(double start, double end, double step, const TensorOptions& options);
Tensor arange(std::integral auto end, const TensorOptions& options = {.dtype = kInt64}) {
  return arange_integers(0, end, 1, options);
}
Tensor arange(std::integral auto start, std::integral auto end,
              const TensorOptions& options = {.dtype = kInt64}) {
  return arange_integers(start, end, 1, options);
}
Tensor arange(std::integral auto start, std::integral auto end, std::integral auto step,
              const TensorOptions& options = {.dtype = kInt64}) {
  return arange_integers(start, end, step, options);
}
template <class A, class B, class C>
requires(std::floating_point<A> || std::floating_point<B> || std::floating_point<C>) Tensor
    arange(A start, B end, C step, const TensorOptions& options = {}) {
  return arange_reals(start, end, step, options);
}
// `steps` points from start to end, both included.
Tensor linspace(double start, double end, int64_t steps, const TensorOptions& options = {});
// (n, m) with ones on the diagonal; m = n if not given.
Tensor eye(int64_t n, const TensorOptions& options = {});
Tensor eye(int64_t n, int64_t m, const TensorOptions& options = {});

namespace internal {

[[noreturn]] void raise_ragged(int64_t first, int64_t other);

// The values of nested lists in row-major order, and how long the lists are at each depth.
template <class T>
struct NestedValues {
  std::vector<T> values;
  Shape shape;

  void add(const T& value, int) { values.push_back(value); }
  template <class List>
  void add(const std::initializer_list<List>& list, int depth = 0) {
    const int64_t n = static_cast<int64_t>(list.size());
    if (depth == shape.rank()) {
      shape.push_back(n);
    } else if (shape[depth] != n) {
      raise_ragged(shape[depth], n);
    }
    for (const List& item : list) add(item, depth + 1);
  }
};

}  // namespace internal

// A tensor of the given values, copied.
//   tensor({1.0f, 2.0f})  tensor<int64_t>({1, 2, 3, 4}, {2, 2})  tensor({{1.0, 2.0}, {3.0, 4.0}})
//   errors: kInvalidArgument if the shape does not hold as many, or nested rows differ in length
template <class T>
Tensor tensor(absl::Span<const T> values, const Shape& shape, const TensorOptions& options);
template <class T>
Tensor tensor(const std::vector<T>& values, const TensorOptions& options = {.dtype = dtype_of<T>}) {
  return tensor<T>(absl::Span<const T>(values), {static_cast<int64_t>(values.size())}, options);
}
template <class T>
Tensor tensor(const std::vector<T>& values, const Shape& shape,
              const TensorOptions& options = {.dtype = dtype_of<T>}) {
  return tensor<T>(absl::Span<const T>(values), shape, options);
}
template <class T>
Tensor tensor(std::initializer_list<T> values,
              const TensorOptions& options = {.dtype = dtype_of<T>}) {
  return tensor<T>(absl::Span<const T>(values.begin(), values.size()),
                   {static_cast<int64_t>(values.size())}, options);
}
template <class T>
Tensor tensor(std::initializer_list<T> values, const Shape& shape,
              const TensorOptions& options = {.dtype = dtype_of<T>}) {
  return tensor<T>(absl::Span<const T>(values.begin(), values.size()), shape, options);
}

// Nested to two and three dimensions.
template <class T>
Tensor tensor(std::initializer_list<std::initializer_list<T>> rows,
              const TensorOptions& options = {.dtype = dtype_of<T>}) {
  internal::NestedValues<T> nested;
  nested.add(rows);
  return tensor<T>(absl::Span<const T>(nested.values), nested.shape, options);
}
template <class T>
Tensor tensor(std::initializer_list<std::initializer_list<std::initializer_list<T>>> matrices,
              const TensorOptions& options = {.dtype = dtype_of<T>}) {
  internal::NestedValues<T> nested;
  nested.add(matrices);
  return tensor<T>(absl::Span<const T>(nested.values), nested.shape, options);
}

// A copy of `bytes` bytes in host memory, row-major, as a tensor of options.dtype.
//   errors: kInvalidArgument if the shape wants another number of bytes
Tensor from_bytes(const void* data, size_t bytes, const Shape& shape, const TensorOptions& options);

}  // namespace tessera

#endif  // TESSERA_TENSOR_OPS_FACTORY_H_

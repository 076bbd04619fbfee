// SPDX-License-Identifier: Apache-2.0
//
// Shape: the sizes of a tensor's dimensions. Strides: the steps between elements, in elements.
//
//   Shape s = {64, 3, 28, 28};  s.numel() == 150528;  s[-1] == 28;  s.to_string() == "[64, 3, 28,
//   28]"
#ifndef TESSERA_TENSOR_SHAPE_H_
#define TESSERA_TENSOR_SHAPE_H_

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace tessera {

// A short list of integers that lives inside its owner up to rank 5.
using Strides = absl::InlinedVector<int64_t, 5>;

class Shape {
 public:
  Shape() = default;
  Shape(std::initializer_list<int64_t> sizes) : sizes_(sizes) {}
  Shape(absl::Span<const int64_t> sizes) : sizes_(sizes.begin(), sizes.end()) {}
  Shape(const std::vector<int64_t>& sizes) : sizes_(sizes.begin(), sizes.end()) {}
  Shape(size_t rank, int64_t size) : sizes_(rank, size) {}

  int rank() const { return static_cast<int>(sizes_.size()); }
  // Elements; 1 for rank 0.
  int64_t numel() const {
    int64_t n = 1;
    for (int64_t size : sizes_) n *= size;
    return n;
  }

  // Negative dimensions count from the end. The dimension must exist.
  int64_t operator[](int dim) const { return sizes_[dim < 0 ? dim + rank() : dim]; }
  int64_t& operator[](int dim) { return sizes_[dim < 0 ? dim + rank() : dim]; }

  const int64_t* data() const { return sizes_.data(); }
  const int64_t* begin() const { return sizes_.data(); }
  const int64_t* end() const { return sizes_.data() + sizes_.size(); }
  size_t size() const { return sizes_.size(); }
  void push_back(int64_t size) { sizes_.push_back(size); }
  void resize(size_t rank, int64_t size = 0) { sizes_.resize(rank, size); }
  void insert(int dim, int64_t size) { sizes_.insert(sizes_.begin() + dim, size); }
  void erase(int dim) { sizes_.erase(sizes_.begin() + dim); }

  std::string to_string() const;
  friend bool operator==(const Shape& a, const Shape& b) { return a.sizes_ == b.sizes_; }

 private:
  absl::InlinedVector<int64_t, 5> sizes_;
};

std::string to_string(absl::Span<const int64_t> list);  // "[2, 3]"

// Row-major strides without gaps. A dimension of size 0 counts as 1.
Strides contiguous_strides(const Shape& shape);

// True if elements in row-major order stand side by side (sizes 0 and 1 ask nothing of strides).
bool is_contiguous(const Shape& shape, const Strides& strides);

// The shape that both broadcast to (sizes equal or 1, aligned at the end).
//   errors: kInvalidArgument with both shapes
absl::StatusOr<Shape> broadcast_shapes(const Shape& a, const Shape& b);

// `dim` in [0, rank), from [-rank, rank). Rank 0 counts as rank 1.
//   errors: kOutOfRange with `dim` and the range
absl::StatusOr<int> normalize_dim(int64_t dim, int rank);

}  // namespace tessera

#endif  // TESSERA_TENSOR_SHAPE_H_

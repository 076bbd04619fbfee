// SPDX-License-Identifier: Apache-2.0
//
// Flatten and Unflatten, as torch.nn's.
#ifndef TESSERA_NN_FLATTEN_H_
#define TESSERA_NN_FLATTEN_H_

#include <cstdint>
#include <string>
#include <utility>

#include "tessera/nn/module.h"

namespace tessera::nn {

// Makes dimensions start_dim to end_dim one: (N, C, H, W) -> (N, C H W) by default.
//   dtype:  any
//   errors: forward throws kOutOfRange for a dimension that x lacks
class Flatten : public Module {
 public:
  explicit Flatten(int64_t start_dim = 1, int64_t end_dim = -1)
      : start_dim_(start_dim), end_dim_(end_dim) {}
  Tensor forward(const Tensor& x) override { return x.flatten(start_dim_, end_dim_); }
  std::string extra_repr() const override;

 private:
  int64_t start_dim_, end_dim_;
};

// Makes dimension `dim` several, of the given sizes; one may be -1.
//   dtype:  any
//   errors: forward throws kInvalidArgument for sizes that do not fit, kOutOfRange for the
//   dimension
class Unflatten : public Module {
 public:
  Unflatten(int64_t dim, Shape sizes) : dim_(dim), sizes_(std::move(sizes)) {}
  Tensor forward(const Tensor& x) override { return x.unflatten(dim_, sizes_); }
  std::string extra_repr() const override;

 private:
  int64_t dim_;
  Shape sizes_;
};

}  // namespace tessera::nn

#endif  // TESSERA_NN_FLATTEN_H_

// SPDX-License-Identifier: Apache-2.0
//
// Pooling layers, as torch.nn.MaxPool2d and AvgPool2d.
//
//   nn::MaxPool2d halve(2);
//   nn::MaxPool2d overlapping(3, {.stride = 2, .padding = 1});
#ifndef TESSERA_NN_POOLING_H_
#define TESSERA_NN_POOLING_H_

#include <string>

#include "tessera/nn/module.h"
#include "tessera/tensor/ops/pool.h"

namespace tessera::nn {

using tessera::AvgPool2dOptions;
using tessera::MaxPool2dOptions;

//   shape:  x (N, C, H, W) or (C, H, W), as max_pool2d and avg_pool2d of tensor/ops/pool.h
//   dtype:  floating point
//   errors: thrown by forward as kInvalidArgument for options that do not fit each other or x
class MaxPool2d : public Module {
 public:
  explicit MaxPool2d(Pair kernel_size, const MaxPool2dOptions& options = {})
      : kernel_size_(kernel_size), options_(options) {}
  Tensor forward(const Tensor& x) override;
  std::string extra_repr() const override;

 private:
  Pair kernel_size_;
  MaxPool2dOptions options_;
};

class AvgPool2d : public Module {
 public:
  explicit AvgPool2d(Pair kernel_size, const AvgPool2dOptions& options = {})
      : kernel_size_(kernel_size), options_(options) {}
  Tensor forward(const Tensor& x) override;
  std::string extra_repr() const override;

 private:
  Pair kernel_size_;
  AvgPool2dOptions options_;
};

}  // namespace tessera::nn

#endif  // TESSERA_NN_POOLING_H_

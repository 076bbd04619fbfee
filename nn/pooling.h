// SPDX-License-Identifier: Apache-2.0
//
// Pooling layers, as torch.nn's.
//
//   nn::MaxPool2d halve(2);
//   nn::MaxPool2d overlapping(3, {.stride = 2, .padding = 1});
//   nn::AdaptiveAvgPool2d mean_of_each_channel(1);
//
//   shape:  x (N, C, sizes..) or (C, sizes..), as tensor/ops/pool.h and adaptive_pool.h
//   dtype:  floating point
//   errors: thrown by forward as kInvalidArgument for options that do not fit each other or x
// For return_indices = True call forward_with_indices(x) in place of the layer itself; hooks are
// not run. nn/unpooling.h takes the indices.
#ifndef TESSERA_NN_POOLING_H_
#define TESSERA_NN_POOLING_H_

#include <string>
#include <utility>

#include "tessera/nn/module.h"
#include "tessera/tensor/ops/adaptive_pool.h"
#include "tessera/tensor/ops/pool.h"

namespace tessera::nn {

using tessera::AvgPool1dOptions;
using tessera::AvgPool2dOptions;
using tessera::AvgPool3dOptions;
using tessera::LPPoolOptions;
using tessera::MaxPool1dOptions;
using tessera::MaxPool2dOptions;
using tessera::MaxPool3dOptions;

template <class Extent>
class MaxPoolOf : public Module {
 public:
  explicit MaxPoolOf(Extent kernel_size, const MaxPoolOptions<Extent>& options = {})
      : kernel_size_(kernel_size), options_(options) {}
  Tensor forward(const Tensor& x) override;
  // The maxima and their places, max_pool2d_with_indices of tensor/ops/pool.h.
  std::pair<Tensor, Tensor> forward_with_indices(const Tensor& x);
  std::string extra_repr() const override;

 private:
  Extent kernel_size_;
  MaxPoolOptions<Extent> options_;
};

struct MaxPool1d : MaxPoolOf<int64_t> {
  using MaxPoolOf::MaxPoolOf;
};
struct MaxPool2d : MaxPoolOf<Pair> {
  using MaxPoolOf::MaxPoolOf;
};
struct MaxPool3d : MaxPoolOf<Triple> {
  using MaxPoolOf::MaxPoolOf;
};

class AvgPool1d : public Module {
 public:
  explicit AvgPool1d(int64_t kernel_size, const AvgPool1dOptions& options = {})
      : kernel_size_(kernel_size), options_(options) {}
  Tensor forward(const Tensor& x) override;
  std::string extra_repr() const override;

 private:
  int64_t kernel_size_;
  AvgPool1dOptions options_;
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

class AvgPool3d : public Module {
 public:
  explicit AvgPool3d(Triple kernel_size, const AvgPool3dOptions& options = {})
      : kernel_size_(kernel_size), options_(options) {}
  Tensor forward(const Tensor& x) override;
  std::string extra_repr() const override;

 private:
  Triple kernel_size_;
  AvgPool3dOptions options_;
};

template <class Extent>
class LPPoolOf : public Module {
 public:
  LPPoolOf(double norm_type, Extent kernel_size, const LPPoolOptions<Extent>& options = {})
      : norm_type_(norm_type), kernel_size_(kernel_size), options_(options) {}
  Tensor forward(const Tensor& x) override;
  std::string extra_repr() const override;

 private:
  double norm_type_;
  Extent kernel_size_;
  LPPoolOptions<Extent> options_;
};

struct LPPool1d : LPPoolOf<int64_t> {
  using LPPoolOf::LPPoolOf;
};
struct LPPool2d : LPPoolOf<Pair> {
  using LPPoolOf::LPPoolOf;
};
struct LPPool3d : LPPoolOf<Triple> {
  using LPPoolOf::LPPoolOf;
};

template <size_t n>
class AdaptiveAvgPoolOf : public Module {
 public:
  explicit AdaptiveAvgPoolOf(AdaptiveSize<n> output_size) : output_size_(output_size) {}
  Tensor forward(const Tensor& x) override;
  std::string extra_repr() const override;

 private:
  AdaptiveSize<n> output_size_;
};

struct AdaptiveAvgPool1d : AdaptiveAvgPoolOf<1> {
  using AdaptiveAvgPoolOf::AdaptiveAvgPoolOf;
};
struct AdaptiveAvgPool2d : AdaptiveAvgPoolOf<2> {
  using AdaptiveAvgPoolOf::AdaptiveAvgPoolOf;
};
struct AdaptiveAvgPool3d : AdaptiveAvgPoolOf<3> {
  using AdaptiveAvgPoolOf::AdaptiveAvgPoolOf;
};

template <size_t n>
class AdaptiveMaxPoolOf : public Module {
 public:
  explicit AdaptiveMaxPoolOf(AdaptiveSize<n> output_size) : output_size_(output_size) {}
  Tensor forward(const Tensor& x) override;
  // The maxima and their places, adaptive_max_pool2d_with_indices of tensor/ops/adaptive_pool.h.
  std::pair<Tensor, Tensor> forward_with_indices(const Tensor& x);
  std::string extra_repr() const override;

 private:
  AdaptiveSize<n> output_size_;
};

struct AdaptiveMaxPool1d : AdaptiveMaxPoolOf<1> {
  using AdaptiveMaxPoolOf::AdaptiveMaxPoolOf;
};
struct AdaptiveMaxPool2d : AdaptiveMaxPoolOf<2> {
  using AdaptiveMaxPoolOf::AdaptiveMaxPoolOf;
};
struct AdaptiveMaxPool3d : AdaptiveMaxPoolOf<3> {
  using AdaptiveMaxPoolOf::AdaptiveMaxPoolOf;
};

}  // namespace tessera::nn

#endif  // TESSERA_NN_POOLING_H_

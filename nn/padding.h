// SPDX-License-Identifier: Apache-2.0
//
// Padding layers, as torch.nn's.
//
//   nn::ReflectionPad2d mirrored(2);                // on all four sides
//   nn::ZeroPad2d uneven({1, 2, 0, 1});             // left, right, top, bottom
//   nn::ConstantPad1d ones(3, 1.0);
//
//   shape:  x with at least as many dimensions as the name says; the last ones grow by both sides.
//           Negative padding cuts off
//   dtype:  any
//   errors: throws kInvalidArgument, as pad of tensor/ops/pad.h
#ifndef TESSERA_NN_PADDING_H_
#define TESSERA_NN_PADDING_H_

#include <array>
#include <concepts>
#include <cstdint>
#include <string>

#include "tessera/nn/module.h"
#include "tessera/tensor/ops/pad.h"

namespace tessera::nn {

// Before and after the last dimension, then the one before it ...; one number stands for all.
template <size_t n>
class Sides {
 public:
  Sides(int64_t all) { values_.fill(all); }
  template <std::convertible_to<int64_t>... Values>
  requires(sizeof...(Values) == 2 * n) Sides(Values... values)
      : values_{static_cast<int64_t>(values)...} {}
  const std::array<int64_t, 2 * n>& values() const { return values_; }

 private:
  std::array<int64_t, 2 * n> values_;
};

template <size_t n, PadMode mode>
class PadOf : public Module {
 public:
  explicit PadOf(Sides<n> padding) : padding_(padding) {}
  Tensor forward(const Tensor& x) override;
  std::string extra_repr() const override;  // "(1, 1, 2, 2)"

 private:
  Sides<n> padding_;
};

template <size_t n>
class ConstantPadOf : public Module {
 public:
  ConstantPadOf(Sides<n> padding, double value) : padding_(padding), value_(value) {}
  Tensor forward(const Tensor& x) override;
  std::string extra_repr() const override;  // "padding=(1, 1), value=3.5"

 private:
  Sides<n> padding_;
  double value_;
};

#define TESSERA_PAD_LAYERS(Name, mode)                                                          \
  class Name##1d                                                                                \
      : public PadOf<1, mode>{public : explicit Name##1d(Sides<1> padding) : PadOf(padding){}}; \
  class Name##2d                                                                                \
      : public PadOf<2, mode>{public : explicit Name##2d(Sides<2> padding) : PadOf(padding){}}; \
  class Name##3d : public PadOf<3, mode> {                                                      \
   public:                                                                                      \
    explicit Name##3d(Sides<3> padding) : PadOf(padding) {}                                     \
  }
TESSERA_PAD_LAYERS(ReflectionPad, PadMode::kReflect);
TESSERA_PAD_LAYERS(ReplicationPad, PadMode::kReplicate);
TESSERA_PAD_LAYERS(CircularPad, PadMode::kCircular);
TESSERA_PAD_LAYERS(ZeroPad, PadMode::kConstant);
#undef TESSERA_PAD_LAYERS

struct ConstantPad1d : ConstantPadOf<1> {
  using ConstantPadOf::ConstantPadOf;
};
struct ConstantPad2d : ConstantPadOf<2> {
  using ConstantPadOf::ConstantPadOf;
};
struct ConstantPad3d : ConstantPadOf<3> {
  using ConstantPadOf::ConstantPadOf;
};

}  // namespace tessera::nn

#endif  // TESSERA_NN_PADDING_H_

// SPDX-License-Identifier: Apache-2.0
//
// What the convolution layers share: Extent is int64_t, Pair or Triple. Programs use conv.h and
// conv_transpose.h.
#ifndef TESSERA_NN_CONV_LAYER_H_
#define TESSERA_NN_CONV_LAYER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tessera/nn/module.h"
#include "tessera/tensor/ops/extent.h"

namespace tessera::nn {

// What stands beside the input (tensor/ops/pad.h has pictures).
enum class PaddingMode { kZeros, kReflect, kReplicate, kCircular };

// One layer's numbers, whatever the number of dimensions.
struct ConvSettings {
  bool transposed = false;
  std::vector<int64_t> kernel_size, stride, padding, output_padding, dilation;
  bool is_same = false, is_valid = false;  // then padding is zeros
  int64_t groups = 1;
  bool bias = true;
  PaddingMode padding_mode = PaddingMode::kZeros;
  DType dtype = kFloat32;
  std::optional<Device> device = std::nullopt;
};

class ConvLayer : public Module {
 public:
  void reset_parameters();  // draws new initial values
  std::string extra_repr() const override;

  // Convolutions: (O, C / groups, kernel..); transposed ones: (C, O / groups, kernel..).
  Tensor weight;
  Tensor bias;  // undefined without options.bias

 protected:
  // Without `in_channels` (lazy layers) the parameters wait for initialize_for(). `name` is the
  // class's, for errors.
  ConvLayer(std::string_view name, std::optional<int64_t> in_channels, int64_t out_channels,
            ConvSettings settings);

  // Called with every input before it is used.
  virtual void prepare(const Tensor& /*x*/) {}
  // Makes the parameters of a lazy layer, if they are not there, for an input or for a state dict.
  // `type_name` is the class that it is from now on.
  void initialize_for(const Tensor& x, std::string_view type_name);
  void initialize_for(const StateDict& state, std::string_view type_name);
  // x with what padding_mode puts beside it; x itself for kZeros.
  Tensor padded(const Tensor& x) const;
  bool pads_itself() const { return settings_.padding_mode != PaddingMode::kZeros; }
  // The output_padding that gives an output of `output_size` (its last dimensions).
  //   errors: throws kInvalidArgument if no output_padding does
  std::vector<int64_t> output_padding_for(const Tensor& x, Dims output_size) const;

 private:
  void initialize(int64_t in_channels, const TensorOptions& options);

  int64_t in_channels_, out_channels_;
  ConvSettings settings_;
};

}  // namespace tessera::nn

#endif  // TESSERA_NN_CONV_LAYER_H_

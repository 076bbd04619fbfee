// SPDX-License-Identifier: Apache-2.0
//
// Samples that many ops share, and shorthands for writing them.
#ifndef TESSERA_TENSOR_OPS_SAMPLES_H_
#define TESSERA_TENSOR_OPS_SAMPLES_H_

#include <string>
#include <utility>
#include <vector>

#include "tessera/tensor/op_def.h"

namespace tessera {

// An input filled uniformly from [low, high).
inline SampleTensor arg(Shape shape, double low = -2, double high = 2, DType dtype = kFloat32) {
  return {.shape = std::move(shape), .dtype = dtype, .low = low, .high = high};
}
inline SampleTensor arg_values(Shape shape, std::vector<double> values, DType dtype = kFloat32) {
  return {.shape = std::move(shape), .dtype = dtype, .values = std::move(values)};
}
// Indices in [0, size).
inline SampleTensor arg_index(Shape shape, int64_t size) {
  return {.shape = std::move(shape), .dtype = kInt64, .low = 0, .high = static_cast<double>(size)};
}
inline SampleTensor arg_none() { return {.defined = false}; }

inline Sample sample(std::string name, std::vector<SampleTensor> inputs,
                     Attributes attributes = {}) {
  return {
      .name = std::move(name), .inputs = std::move(inputs), .attributes = std::move(attributes)};
}
inline Sample error_sample(std::string name, std::vector<SampleTensor> inputs,
                           Attributes attributes = {},
                           absl::StatusCode code = absl::StatusCode::kInvalidArgument) {
  return {.name = std::move(name),
          .inputs = std::move(inputs),
          .attributes = std::move(attributes),
          .expected = code,
          .fixed_dtypes = true};
}

// What elementwise ops of `arity` floating inputs are examined on: ranks 0 to 4, sizes around SIMD
// widths, no elements, and extremes (0, -0, +-1, +-100, inf, nan: in all pairs for arity 2). Random
// values of the first input are in [low, high), of the second in [low2, high2).
std::vector<Sample> elementwise_samples(int arity, double low, double high, double low2,
                                        double high2);
inline std::vector<Sample> unary_samples(double low = -3, double high = 3) {
  return elementwise_samples(1, low, high, low, high);
}
inline std::vector<Sample> binary_samples(double low = -3, double high = 3) {
  return elementwise_samples(2, low, high, low, high);
}

// The same for integer inputs of every integer dtype, without gradients; appended to `samples`.
std::vector<Sample> with_integer_samples(std::vector<Sample> samples, int arity, double low2 = -5);

// For bool inputs.
std::vector<Sample> bool_samples(int arity);

}  // namespace tessera

#endif  // TESSERA_TENSOR_OPS_SAMPLES_H_

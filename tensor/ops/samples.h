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
SampleTensor arg(const Shape& shape, double low = -2, double high = 2, DType dtype = kFloat32);
SampleTensor arg_values(const Shape& shape, std::vector<double> values, DType dtype = kFloat32);
// Indices in [0, size).
SampleTensor arg_index(const Shape& shape, int64_t size);
// An optional input that is not given.
SampleTensor arg_none();

Sample sample(std::string_view name, std::vector<SampleTensor> inputs,
              const Attributes& attributes = {});
Sample error_sample(std::string_view name, std::vector<SampleTensor> inputs,
                    const Attributes& attributes = {},
                    absl::StatusCode code = absl::StatusCode::kInvalidArgument);

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

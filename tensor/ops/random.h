// SPDX-License-Identifier: Apache-2.0
//
// Random tensors. Numbers come from Philox 4x32-10 (Salmon et al., 2011), indexed by element: the
// same seed and the same calls give the same bits on every backend and for any number of threads.
#ifndef TESSERA_TENSOR_OPS_RANDOM_H_
#define TESSERA_TENSOR_OPS_RANDOM_H_

#include <cstdint>

#include "tessera/tensor/tensor.h"

namespace tessera {

// A place in a stream of random numbers. Each draw takes what it needs and moves on. Not
// thread-safe; the default one, which functions use that are given none, is.
struct Generator {
  uint64_t seed = 0;
  uint64_t offset = 0;  // Philox blocks taken so far
};

// Restarts the default generator.
void manual_seed(uint64_t seed);
Generator default_generator();  // its present place
void set_default_generator(const Generator& generator);

// Takes what `n` float32 draws need out of `generator`, by default the default one, and says where
// it begins: rand(shape, {}, &place) then draws these numbers.
Generator take_random(int64_t n, Generator* generator = nullptr);

//   dtype:  floating point (float16 and bfloat16 are drawn in float32, then rounded)
//   errors: kInvalidArgument for another dtype
Tensor rand(const Shape& shape, const TensorOptions& options = {},  // U[0, 1)
            Generator* generator = nullptr);
Tensor randn(const Shape& shape, const TensorOptions& options = {},  // N(0, 1)
             Generator* generator = nullptr);

// Integers uniform in [low, high).
//   errors: kInvalidArgument if low >= high
Tensor randint(int64_t low, int64_t high, const Shape& shape,
               const TensorOptions& options = {.dtype = kInt64}, Generator* generator = nullptr);

// A random order of 0 ... n - 1, int64.
Tensor randperm(int64_t n, const TensorOptions& options = {.dtype = kInt64},
                Generator* generator = nullptr);

// 1 with the probability that x gives, else 0; x's dtype.
Tensor bernoulli(const Tensor& x, Generator* generator = nullptr);

// In place, on floating point tensors of any layout.
Tensor& uniform_(Tensor& x, double from = 0, double to = 1, Generator* generator = nullptr);
Tensor& normal_(Tensor& x, double mean = 0, double std = 1, Generator* generator = nullptr);

}  // namespace tessera

#endif  // TESSERA_TENSOR_OPS_RANDOM_H_

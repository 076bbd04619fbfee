// SPDX-License-Identifier: Apache-2.0
//
// Random tensors. Numbers come from Philox 4x32-10 (Salmon et al., 2011), indexed by element: the
// same seed and the same calls give the same bits on every backend and for any number of threads.
#ifndef TESSERA_TENSOR_OPS_RANDOM_H_
#define TESSERA_TENSOR_OPS_RANDOM_H_

#include <cstdint>
#include <optional>

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
// The same in Philox blocks.
Generator take_random_blocks(uint64_t blocks, Generator* generator = nullptr);

//   dtype:  floating point (float16 and bfloat16 are drawn in float32, then rounded)
//   errors: kInvalidArgument for another dtype
Tensor rand(const Shape& shape, const TensorOptions& options = {},  // U[0, 1)
            Generator* generator = nullptr);
Tensor randn(const Shape& shape, const TensorOptions& options = {},  // N(0, 1)
             Generator* generator = nullptr);

// Shape and device of `x`, and its dtype unless another is given.
Tensor rand_like(const Tensor& x, std::optional<DType> dtype = std::nullopt,
                 Generator* generator = nullptr);
Tensor randn_like(const Tensor& x, std::optional<DType> dtype = std::nullopt,
                  Generator* generator = nullptr);
Tensor randint_like(const Tensor& x, int64_t low, int64_t high,
                    std::optional<DType> dtype = std::nullopt, Generator* generator = nullptr);

// Integers uniform in [low, high), low being 0 if not given.
//   errors: kInvalidArgument if low >= high
Tensor randint(int64_t low, int64_t high, const Shape& shape,
               const TensorOptions& options = {.dtype = kInt64}, Generator* generator = nullptr);

Tensor randint(int64_t high, const Shape& shape, const TensorOptions& options = {.dtype = kInt64},
               Generator* generator = nullptr);

// A random order of 0 ... n - 1, int64.
Tensor randperm(int64_t n, const TensorOptions& options = {.dtype = kInt64},
                Generator* generator = nullptr);

// 1 with the probability that x gives, else 0; x's dtype.
Tensor bernoulli(const Tensor& x, Generator* generator = nullptr);

Tensor bernoulli(const Tensor& x, double p, Generator* generator = nullptr);  // the same p for all

// Indices drawn with the probabilities that the rows of `weights` are proportional to.
//   shape:  (n) -> (num_samples); (m, n) -> (m, num_samples), each row by itself
//   dtype:  floating point -> int64
//   errors: kInvalidArgument for a rank other than 1 and 2, num_samples < 1, a weight that is
//           negative, infinite or nan, a row that adds up to 0, or, without replacement, fewer than
//           num_samples weights that are not 0
//   source: inversion of the distribution function; without replacement, the num_samples least
//           -log(u) / weight (Efraimidis and Spirakis, 2006), in the order of drawing
// Waits for the device: the checks and the choice are made on the host, in float64, so that every
// backend gives the same indices.
Tensor multinomial(const Tensor& weights, int64_t num_samples, bool replacement = false,
                   Generator* generator = nullptr);

// In place, of any dtype and layout: 1 with probability p, else 0.
//   errors: kInvalidArgument if p is not in [0, 1]
Tensor& bernoulli_(Tensor& x, double p = 0.5, Generator* generator = nullptr);

// In place, on floating point tensors of any layout.
Tensor& uniform_(Tensor& x, double from = 0, double to = 1, Generator* generator = nullptr);
Tensor& normal_(Tensor& x, double mean = 0, double std = 1, Generator* generator = nullptr);

}  // namespace tessera

#endif  // TESSERA_TENSOR_OPS_RANDOM_H_

// SPDX-License-Identifier: Apache-2.0
#include "tessera/tensor/ops/random.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "tessera/tensor/capture_hooks.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/arguments.h"
#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/copy.h"
#include "tessera/tensor/ops/factory.h"
#include "tessera/tensor/ops/families.h"
#include "tessera/tensor/ops/infer.h"
#include "tessera/tensor/ops/samples.h"
#include "tessera/tensor/ops/scan.h"
#include "tessera/tensor/ops/view.h"

namespace tessera {
namespace {

// ints: seed, offset, dtype, shape...
absl::Status infer_random(InferContext& c) {
  absl::Span<const int64_t> ints = c.attributes().ints;
  DType dtype = static_cast<DType>(ints[2]);
  bool bits = c.op().name == "random_bits";
  if (bits ? dtype != kInt32 : !is_floating_point(dtype)) {
    return c.invalid("does not draw ", dtype_name(dtype));
  }
  c.add_output(dtype, Shape(ints.subspan(3)));
  return absl::OkStatus();
}

template <DType dtype>
std::vector<Sample> random_samples(const OpDef&) {
  std::vector<Sample> samples;
  auto add = [&](const char* name, DType of, std::initializer_list<int64_t> shape) {
    Attributes a = {0x123456789abcdef, 5, static_cast<int64_t>(of)};
    a.ints.insert(a.ints.end(), shape.begin(), shape.end());
    Sample s = sample(name, {}, a);
    s.differentiable = false;
    s.fixed_dtypes = true;
    samples.push_back(s);
  };
  add("Rank0", dtype, {});
  add("Vector3", dtype, {3});
  add("Vector1031", dtype, {1031});
  add("Matrix", dtype, {67, 129});
  add("Empty", dtype, {0, 3});
  if (dtype == kFloat32) {
    add("Float64", kFloat64, {37});
    add("Float16", kFloat16, {37});
    add("BFloat16", kBFloat16, {37});
  }
  return samples;
}

const OpDef kUniform = {.name = "random_uniform",
                        .infer = infer_random,
                        .traits = kRandom,
                        .kernel_ints = 2,
                        .random_ints = 0,
                        .samples = random_samples<kFloat32>};
const OpDef kNormal = {.name = "random_normal",
                       .infer = infer_random,
                       .traits = kRandom,
                       .kernel_ints = 2,
                       .random_ints = 0,
                       .samples = random_samples<kFloat32>};
const OpDef kBits = {.name = "random_bits",
                     .infer = infer_random,
                     .traits = kRandom,
                     .kernel_ints = 2,
                     .random_ints = 0,
                     .samples = random_samples<kInt32>};

absl::Mutex generator_mutex(absl::kConstInit);
Generator the_generator;

// Takes the blocks that `n` elements need (4 words of 32 bits each) and says where they begin.
Generator take(Generator* generator, int64_t n, DType dtype) {
  uint64_t per_block = dtype == kFloat64 ? 2 : 4;
  uint64_t blocks = (static_cast<uint64_t>(n) + per_block - 1) / per_block;
  const Generator start = take_random_blocks(blocks, generator);
  if (StepRecorder* recorder = step_recorder()) recorder->on_draw(generator, start, blocks);
  return start;
}

Device device_of(const TensorOptions& options) {
  return options.device.has_value() ? *options.device : Device();
}

Attributes draw(Generator* generator, const Shape& shape, DType dtype) {
  Generator start = take(generator, shape.numel(), dtype);
  Attributes a = {static_cast<int64_t>(start.seed), static_cast<int64_t>(start.offset),
                  static_cast<int64_t>(dtype)};
  a.ints.insert(a.ints.end(), shape.begin(), shape.end());
  return a;
}

Tensor drawn(const OpDef& op, const Shape& shape, const TensorOptions& options,
             Generator* generator) {
  Tensor result =
      dispatch(op, TensorRefs(), draw(generator, shape, options.dtype), device_of(options));
  if (options.requires_grad) result.impl().requires_grad = true;
  return result;
}

Tensor& draw_into(const OpDef& op, Tensor& x, Generator* generator) {
  dispatch_into(op, TensorRefs(), draw(generator, x.shape(), x.dtype()), {x});
  return x;
}

// int64 in [0, 2^32)
Tensor words(const Shape& shape, const Device& device, Generator* generator) {
  TensorOptions options = {.dtype = kInt32, .device = device};
  return bitwise_and(drawn(kBits, shape, options, generator).to(kInt64), int64_t{0xffffffff});
}

TensorOptions options_like(const Tensor& x, std::optional<DType> dtype) {
  return {.dtype = dtype.value_or(x.dtype()), .device = x.device()};
}

// n independent U(0, 1), 0 excluded, of 53 bits.
std::vector<double> uniform_on_host(int64_t n, const Device& device, Generator* generator) {
  TensorOptions options = {.dtype = kInt32, .device = device};
  const std::vector<int32_t> bits = drawn(kBits, {2 * n}, options, generator).to_vector<int32_t>();
  std::vector<double> result;
  result.reserve(static_cast<size_t>(n));
  for (size_t i = 0; i + 1 < bits.size(); i += 2) {
    const uint64_t word =
        uint64_t{static_cast<uint32_t>(bits[i + 1])} << 32 | static_cast<uint32_t>(bits[i]);
    result.push_back((static_cast<double>(word >> 11) + 0.5) * 0x1p-53);
  }
  return result;
}

// One row of multinomial: `u` holds num_samples numbers.
void draw_with_replacement(absl::Span<const double> weights, absl::Span<const double> u,
                           std::vector<int64_t>& out) {
  std::vector<double> upto;
  double total = 0;
  for (double w : weights) upto.push_back(total += w);
  for (double each : u) {
    // The first sum above u * total: never a weight of 0, whose sum is that of the one before.
    auto place = std::upper_bound(upto.begin(), upto.end(), each * total);
    if (place == upto.end()) place = std::lower_bound(upto.begin(), upto.end(), total);
    out.push_back(place - upto.begin());
  }
}

// `u` holds a number for each weight.
void draw_without_replacement(absl::Span<const double> weights, absl::Span<const double> u,
                              int64_t num_samples, std::vector<int64_t>& out) {
  std::vector<std::pair<double, int64_t>> keys;
  for (size_t i = 0; i < weights.size(); ++i) {
    if (weights[i] > 0) keys.emplace_back(-std::log(u[i]) / weights[i], static_cast<int64_t>(i));
  }
  std::partial_sort(keys.begin(), keys.begin() + num_samples, keys.end());
  for (int64_t i = 0; i < num_samples; ++i) out.push_back(keys[static_cast<size_t>(i)].second);
}

void check_weights(absl::Span<const double> weights, int64_t needed) {
  double total = 0;
  int64_t positive = 0;
  for (double w : weights) {
    if (!(w >= 0) || std::isinf(w)) {
      raise_invalid("multinomial", "weights must be finite and not negative, got ", w);
    }
    total += w;
    if (w > 0) ++positive;
  }
  if (!(total > 0)) raise_invalid("multinomial", "the weights add up to ", total);
  if (positive < needed) {
    raise_invalid("multinomial", "cannot draw ", needed, " without replacement from ", positive,
                  " weights that are not 0");
  }
}

}  // namespace

void manual_seed(uint64_t seed) { set_default_generator({seed, 0}); }
Generator default_generator() {
  absl::MutexLock lock(&generator_mutex);
  return the_generator;
}
void set_default_generator(const Generator& generator) {
  absl::MutexLock lock(&generator_mutex);
  the_generator = generator;
}

Generator take_random(int64_t n, Generator* generator) { return take(generator, n, kFloat32); }

Generator take_random_blocks(uint64_t blocks, Generator* generator) {
  absl::MutexLock lock(&generator_mutex);
  Generator& from = generator == nullptr ? the_generator : *generator;
  Generator start = from;
  from.offset += blocks;
  return start;
}

Tensor rand(const Shape& shape, const TensorOptions& options, Generator* generator) {
  return drawn(kUniform, shape, options, generator);
}
Tensor randn(const Shape& shape, const TensorOptions& options, Generator* generator) {
  return drawn(kNormal, shape, options, generator);
}

Tensor randint(int64_t low, int64_t high, const Shape& shape, const TensorOptions& options,
               Generator* generator) {
  if (low >= high) {
    raise_op_error("randint", absl::InvalidArgumentError(
                                  absl::StrCat("wants low < high, got ", low, " and ", high)));
  }
  Device device = device_of(options);
  const uint64_t range = static_cast<uint64_t>(high) - static_cast<uint64_t>(low);
  Tensor value;
  if (range <= uint64_t{1} << 31) {  // the high word of a 32 x 31 bit product
    value = floor_divide(words(shape, device, generator) * static_cast<int64_t>(range),
                         int64_t{1} << 32);
  } else {
    Tensor high_word = bitwise_and(words(shape, device, generator), int64_t{0x7fffffff});
    Tensor wide = high_word * (int64_t{1} << 32) + words(shape, device, generator);
    value = range > uint64_t{INT64_MAX} ? wide : remainder(wide, static_cast<int64_t>(range));
  }
  return (value + low).to(options.dtype);
}

Tensor randint(int64_t high, const Shape& shape, const TensorOptions& options,
               Generator* generator) {
  return randint(0, high, shape, options, generator);
}

Tensor rand_like(const Tensor& x, std::optional<DType> dtype, Generator* generator) {
  return rand(x.shape(), options_like(x, dtype), generator);
}
Tensor randn_like(const Tensor& x, std::optional<DType> dtype, Generator* generator) {
  return randn(x.shape(), options_like(x, dtype), generator);
}
Tensor randint_like(const Tensor& x, int64_t low, int64_t high, std::optional<DType> dtype,
                    Generator* generator) {
  return randint(low, high, x.shape(), options_like(x, dtype), generator);
}

Tensor randperm(int64_t n, const TensorOptions& options, Generator* generator) {
  Device device = device_of(options);
  // 62 random bits each: equal keys, which stable sorting would order by index, do not happen.
  Tensor high = bitwise_and(words({n}, device, generator), int64_t{0x3fffffff});
  Tensor keys = high * (int64_t{1} << 32) + words({n}, device, generator);
  return argsort(keys, 0).to(options.dtype);
}

Tensor bernoulli(const Tensor& x, Generator* generator) {
  DType dtype = x.dtype() == kFloat64 ? kFloat64 : kFloat32;
  return lt(rand(x.shape(), {.dtype = dtype, .device = x.device()}, generator), x).to(x.dtype());
}

Tensor bernoulli(const Tensor& x, double p, Generator* generator) {
  Tensor result = empty_like(x);
  return bernoulli_(result, p, generator);
}

Tensor& bernoulli_(Tensor& x, double p, Generator* generator) {
  if (!(p >= 0 && p <= 1)) raise_invalid("bernoulli_", "p must be in [0, 1], got ", p);
  DType dtype = x.dtype() == kFloat64 ? kFloat64 : kFloat32;
  return x.copy_(lt(rand(x.shape(), {.dtype = dtype, .device = x.device()}, generator), p));
}

Tensor multinomial(const Tensor& weights, int64_t num_samples, bool replacement,
                   Generator* generator) {
  check_floating("multinomial", weights);
  if (weights.dim() != 1 && weights.dim() != 2) {
    raise_invalid("multinomial", "wants weights (n) or (m, n), got ", weights.shape().to_string());
  }
  if (num_samples < 1)
    raise_invalid("multinomial", "num_samples must be positive, got ", num_samples);
  const size_t n = static_cast<size_t>(weights.size(-1));
  const int64_t rows = weights.dim() == 1 ? 1 : weights.size(0);
  const std::vector<double> values = weights.to_vector<double>();
  const size_t draws = replacement ? static_cast<size_t>(num_samples) : n;
  const std::vector<double> u =
      uniform_on_host(rows * static_cast<int64_t>(draws), weights.device(), generator);
  std::vector<int64_t> indices;
  for (size_t row = 0; row < static_cast<size_t>(rows); ++row) {
    const auto of_row = absl::MakeConstSpan(values).subspan(row * n, n);
    const auto numbers = absl::MakeConstSpan(u).subspan(row * draws, draws);
    check_weights(of_row, replacement ? 0 : num_samples);
    if (replacement) {
      draw_with_replacement(of_row, numbers, indices);
    } else {
      draw_without_replacement(of_row, numbers, num_samples, indices);
    }
  }
  Shape shape = weights.shape();
  shape[-1] = num_samples;
  return tensor(indices, shape, {.dtype = kInt64, .device = weights.device()});
}

Tensor& uniform_(Tensor& x, double from, double to, Generator* generator) {
  draw_into(kUniform, x, generator);
  if (to - from != 1) x.mul_(to - from);
  if (from != 0) x.add_(from);
  return x;
}

Tensor& normal_(Tensor& x, double mean, double std, Generator* generator) {
  draw_into(kNormal, x, generator);
  if (std != 1) x.mul_(std);
  if (mean != 0) x.add_(mean);
  return x;
}

Tensor Tensor::bernoulli(Generator* generator) const {
  return tessera::bernoulli(*this, generator);
}
Tensor Tensor::multinomial(int64_t num_samples, bool replacement, Generator* generator) const {
  return tessera::multinomial(*this, num_samples, replacement, generator);
}
Tensor& Tensor::bernoulli_(double p, Generator* generator) {
  return tessera::bernoulli_(*this, p, generator);
}
Tensor& Tensor::uniform_(double from, double to, Generator* generator) {
  return tessera::uniform_(*this, from, to, generator);
}
Tensor& Tensor::normal_(double mean, double std, Generator* generator) {
  return tessera::normal_(*this, mean, std, generator);
}

absl::Span<const OpDef* const> random_ops() {
  static const OpDef* const kOps[] = {&kUniform, &kNormal, &kBits};
  return kOps;
}

}  // namespace tessera

// SPDX-License-Identifier: Apache-2.0
//
// Batches throughout: the exam's layouts repeat the first dimension that is larger than 1, and of a
// matrix that would leave a singular one.
#include "tessera/tensor/ops/linalg_samples.h"

#include <cmath>
#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tessera/tensor/ops/samples.h"

namespace tessera {
namespace {

// `batch` matrices of size n, all different: numbers in [-1, 1), larger ones at (i, i * step mod
// n), so that they are well conditioned, and that rows are exchanged unless step is 1.
std::vector<double> matrices(int64_t batch, int64_t n, int64_t step) {
  std::vector<double> values;
  uint32_t state = static_cast<uint32_t>(n);
  for (int64_t b = 0; b < batch; ++b) {
    for (int64_t i = 0; i < n; ++i) {
      for (int64_t j = 0; j < n; ++j) {
        state = state * 1664525u + 1013904223u;
        const double small = static_cast<double>(state) * 0x1p-31 - 1;
        values.push_back(small +
                         (j == i * step % n ? 2 + std::sqrt(static_cast<double>(2 * n)) : 0));
      }
    }
  }
  return values;
}

// m m^T of those.
std::vector<double> positive_definite(int64_t batch, int64_t n) {
  const std::vector<double> m = matrices(batch, n, 1);
  std::vector<double> values;
  for (int64_t b = 0; b < batch; ++b) {
    for (int64_t i = 0; i < n; ++i) {
      for (int64_t j = 0; j < n; ++j) {
        double sum = 0;
        for (int64_t k = 0; k < n; ++k) sum += m[(b * n + i) * n + k] * m[(b * n + j) * n + k];
        values.push_back(sum / static_cast<double>(n));
      }
    }
  }
  return values;
}

// The samples in both dtypes. Factors are compared with 4 times what elementwise sums are allowed.
std::vector<Sample> in_both_dtypes(const std::vector<Sample>& samples) {
  std::vector<Sample> result;
  for (DType dtype : {kFloat32, kFloat64}) {
    for (Sample s : samples) {
      absl::StrAppend(&s.name, dtype == kFloat64 ? "Float64" : "");
      for (SampleTensor& t : s.inputs) t.dtype = dtype;
      s.fixed_dtypes = true;
      s.tolerance = 4;
      result.push_back(std::move(s));
    }
  }
  return result;
}

SampleTensor square(int64_t batch, int64_t n, int64_t step = 2) {
  return arg_values({batch, n, n}, matrices(batch, n, step));
}

std::vector<Sample> with_common_errors(std::vector<Sample> samples, int operands) {
  auto add = [&](const char* name, const Shape& shape, DType dtype) {
    std::vector<SampleTensor> inputs(static_cast<size_t>(operands), arg(shape, 1, 2, dtype));
    samples.push_back(error_sample(name, std::move(inputs), {0, 0}));
  };
  add("NotSquare", {2, 3}, kFloat32);
  add("Vector", {3}, kFloat32);
  add("Float16", {2, 2}, kFloat16);
  add("Integers", {2, 2}, kInt64);
  return samples;
}

}  // namespace

std::vector<Sample> cholesky_samples(const OpDef&) {
  std::vector<Sample> samples;
  for (int64_t n : {1, 2, 5, 17, 67}) {
    samples.push_back(
        sample(absl::StrCat("Size", n), {arg_values({2, n, n}, positive_definite(2, n))}));
  }
  samples.push_back(sample("BatchRank4", {arg_values({3, 2, 3, 3}, positive_definite(6, 3))}));
  samples.push_back(sample("NoBatch", {arg({0, 3, 3})}));
  samples.push_back(sample("Size0", {arg({2, 0, 0})}));
  // Only a triangle is read, but the gradient is that of symmetric matrices: a direction that is
  // not symmetric has another slope.
  for (Sample& s : samples) s.differentiable = false;
  samples = in_both_dtypes(samples);
  samples.push_back(
      error_sample("NotPositiveDefinite", {arg_values({2, 2, 2}, {2, 1, 1, 2, 1, 2, 2, 1})}));
  samples.push_back(error_sample("Nan", {arg_values({1, 1}, {std::nan("")})}));
  return with_common_errors(std::move(samples), 1);
}

std::vector<Sample> solve_samples(const OpDef&) {
  std::vector<Sample> samples;
  for (int64_t n : {1, 2, 5, 17, 67}) {
    samples.push_back(sample(absl::StrCat("Size", n), {square(2, n), arg({2, n, 3})}));
  }
  samples.push_back(sample("OneColumn", {square(2, 7), arg({2, 7, 1})}));
  samples.push_back(sample("NoColumns", {square(2, 3), arg({2, 3, 0})}));
  samples.push_back(sample("NoBatch", {arg({0, 3, 3}), arg({0, 3, 2})}));
  samples = in_both_dtypes(samples);
  samples.push_back(
      error_sample("Singular", {arg_values({2, 2, 2}, {2, 1, 1, 2, 1, 2, 2, 4}), arg({2, 2, 1})}));
  samples.push_back(error_sample("OtherRows", {square(2, 3), arg({2, 4, 1})}));
  samples.push_back(error_sample("OtherBatch", {square(2, 3), arg({3, 3, 1})}));
  return with_common_errors(std::move(samples), 2);
}

std::vector<Sample> solve_triangular_samples(const OpDef&) {
  std::vector<Sample> samples;
  for (int64_t upper : {0, 1}) {
    for (int64_t unit : {0, 1}) {
      for (int64_t n : {1, 5, 17}) {
        // Without its large diagonal a unit triangle of small numbers stays well conditioned.
        SampleTensor a = unit == 0 ? square(2, n, 1) : arg({2, n, n}, -0.3, 0.3);
        samples.push_back(
            sample(absl::StrCat(upper != 0 ? "Upper" : "Lower", unit != 0 ? "Unit" : "", "Size", n),
                   {a, arg({2, n, 3})}, {upper, unit}));
      }
    }
  }
  samples.push_back(sample("Size67", {square(2, 67, 1), arg({2, 67, 5})}, {0, 0}));
  samples.push_back(sample("NoColumns", {square(2, 3, 1), arg({2, 3, 0})}, {1, 0}));
  return with_common_errors(in_both_dtypes(samples), 2);
}

std::vector<Sample> lu_factor_samples(const OpDef&) {
  std::vector<Sample> samples;
  for (int64_t n : {1, 2, 5, 17, 67}) {
    samples.push_back(sample(absl::StrCat("Size", n), {square(2, n)}));
  }
  samples.push_back(sample("NoExchange", {square(2, 5, 1)}));
  samples.push_back(sample("NoBatch", {arg({0, 3, 3})}));
  return with_common_errors(in_both_dtypes(samples), 1);
}

std::vector<Sample> det_samples(const OpDef&) {
  std::vector<Sample> samples;
  for (int64_t n : {1, 2, 5}) samples.push_back(sample(absl::StrCat("Size", n), {square(2, n)}));
  samples.push_back(sample("NoExchange", {square(2, 5, 1)}));
  // The first of rank 2, whose gradient is not 0, the second of rank 1, whose gradient is.
  samples.push_back(sample("Singular", {arg_values({2, 3, 3}, {1, 2, 3, 2, 4, 6, 5, 1, 1,  //
                                                               1, 2, 4, 2, 4, 8, 4, 8, 16})}));
  samples.push_back(sample("NoBatch", {arg({0, 3, 3})}));
  samples.push_back(sample("Size0", {arg({2, 0, 0})}));
  return with_common_errors(in_both_dtypes(samples), 1);
}

}  // namespace tessera

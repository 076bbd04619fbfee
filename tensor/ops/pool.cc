// SPDX-License-Identifier: Apache-2.0
#include "tessera/tensor/ops/pool.h"

#include <algorithm>
#include <limits>

#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/copy.h"
#include "tessera/tensor/ops/factory.h"
#include "tessera/tensor/ops/families.h"
#include "tessera/tensor/ops/gather.h"
#include "tessera/tensor/ops/infer.h"
#include "tessera/tensor/ops/join.h"
#include "tessera/tensor/ops/pool_windows.h"
#include "tessera/tensor/ops/reduce.h"
#include "tessera/tensor/ops/samples.h"
#include "tessera/tensor/ops/view.h"
#include "tessera/tensor/ops/window.h"

namespace tessera {
namespace {

// ints: kh, kw, stride_h, stride_w, pad_h, pad_w, ceil_mode, count_include_pad, divisor_override
std::pair<PoolAxis, PoolAxis> avg_axes(const Attributes& a, const Shape& x) {
  const auto& i = a.ints;
  return {{x[2], i[0], i[2], i[4], 1, i[6] != 0}, {x[3], i[1], i[3], i[5], 1, i[6] != 0}};
}

constexpr double kInfinity = std::numeric_limits<double>::infinity();

Tensor max_pool2d_backward(const Tensor& g, const Tensor& x, const Attributes& attributes);

const Attributes kTwoByTwo = {2, 2, 2, 2, 0, 0, 1, 1, 0};

std::vector<std::pair<std::string, Attributes>> max_cases() {
  return {{"TwoByTwo", kTwoByTwo},
          {"ThreeStride2Padded", {3, 3, 2, 2, 1, 1, 1, 1, 0}},
          {"Overlapping", {3, 2, 1, 1, 0, 0, 1, 1, 0}},
          {"CeilMode", {3, 3, 2, 2, 0, 1, 1, 1, 1}},
          {"Dilated", {2, 3, 1, 2, 1, 1, 2, 2, 0}}};
}

const OpDef kMaxPool2d = {
    .name = "max_pool2d",
    .infer =
        [](InferContext& c) {
          TESSERA_RETURN_IF_ERROR(check_floating_point(c, 0));
          TESSERA_RETURN_IF_ERROR(check_rank(c, 0, 4, "input"));
          absl::StatusOr<Shape> y =
              pooled(c, c.shape(0), max_axes(c.attributes().ints, c.shape(0)));
          if (!y.ok()) return y.status();
          c.add_output(c.dtype(0), *std::move(y));
          return absl::OkStatus();
        },
    .vjp =
        [](VjpContext& c) { c.set(0, max_pool2d_backward(c.grad(), c.input(0), c.attributes())); },
    .decompose =
        [](TensorRefs in, const Attributes& a) {
          auto [h, w] = max_axes(a.ints, in[0]->shape());
          return std::vector<Tensor>{amax(window_rows(*in[0], h, w, -kInfinity), {-1})};
        },
    .saved_inputs = 1,
    .samples =
        [](const OpDef&) {
          std::vector<Sample> samples;
          for (const auto& [name, attributes] : max_cases()) {
            samples.push_back(sample(name, {arg({2, 3, 9, 7})}, attributes));
          }
          samples.push_back(sample("TwoByTwoEven", {arg({2, 3, 8, 34})}, kTwoByTwo));
          const double nan = std::numeric_limits<double>::quiet_NaN();
          Sample nans = sample(
              "Nan", {arg_values({1, 1, 2, 4}, {1, nan, 3, 4, 5, 6, -kInfinity, 8})}, kTwoByTwo);
          nans.differentiable = false;
          samples.push_back(nans);
          samples.push_back(sample("NoBatch", {arg({0, 3, 4, 4})}, kTwoByTwo));
          samples.push_back(error_sample("KernelTooLarge", {arg({1, 1, 1, 4})}, kTwoByTwo));
          samples.push_back(
              error_sample("PaddingTooLarge", {arg({1, 1, 4, 4})}, {2, 2, 2, 2, 2, 0, 1, 1, 0}));
          return samples;
        },
};

// g at the first maximum of each window of x, zero elsewhere.
const OpDef kMaxPool2dBackward = {
    .name = "max_pool2d_backward",
    .infer =
        [](InferContext& c) {
          TESSERA_RETURN_IF_ERROR(check_floating_point(c, 0));
          TESSERA_RETURN_IF_ERROR(check_same_dtype(c, 0, 1));
          TESSERA_RETURN_IF_ERROR(check_rank(c, 1, 4, "input"));
          absl::StatusOr<Shape> y =
              pooled(c, c.shape(1), max_axes(c.attributes().ints, c.shape(1)));
          if (!y.ok()) return y.status();
          if (*y != c.shape(0)) {
            return c.invalid("gradient has shape ", c.shape(0).to_string(), ", expected ",
                             y->to_string());
          }
          c.add_output(c.dtype(1), c.shape(1));
          return absl::OkStatus();
        },
    .vjp =
        [](VjpContext& c) {
          if (c.needs(0)) {  // what stands at the maxima
            const Tensor& x = c.input(1);
            auto [h, w] = max_axes(c.attributes().ints, x.shape());
            Tensor at = argmax(window_rows(x, h, w, -kInfinity), -1, true);
            c.set(0, squeeze(gather(window_rows(c.grad(), h, w, 0), -1, at), -1));
          }
          if (c.needs(1)) c.set(1, zeros_like(c.input(1)));
        },
    .decompose =
        [](TensorRefs in, const Attributes& a) {
          const Tensor &g = *in[0], &x = *in[1];
          auto [h, w] = max_axes(a.ints, x.shape());
          Tensor rows = window_rows(x, h, w, -kInfinity);
          Tensor at = argmax(rows, -1, true);
          Tensor spread = scatter(zeros_like(rows), -1, at, unsqueeze(g, -1));
          return std::vector<Tensor>{fold_rows(spread, x.shape(), h, w)};
        },
    .saved_inputs = 2,
    .samples =
        [](const OpDef&) {
          std::vector<Sample> samples;
          const Shape x = {2, 3, 9, 7};
          for (const auto& [name, attributes] : max_cases()) {
            auto [h, w] = max_axes(attributes.ints, x);
            samples.push_back(
                sample(name, {arg({2, 3, h.count(), w.count()}), arg(x)}, attributes));
          }
          samples.push_back(
              sample("TwoByTwoEven", {arg({2, 3, 4, 17}), arg({2, 3, 8, 34})}, kTwoByTwo));
          Sample ties = sample("Ties", {arg({1, 1, 1, 1}), arg_values({1, 1, 2, 2}, {1, 2, 2, 0})},
                               kTwoByTwo);
          ties.differentiable = false;
          samples.push_back(ties);
          return samples;
        },
};

Tensor max_pool2d_backward(const Tensor& g, const Tensor& x, const Attributes& attributes) {
  return dispatch(kMaxPool2dBackward, {&g, &x}, attributes);
}

// How many elements each window's mean is over: (oh, ow), or a number.
Tensor divisor(const Tensor& x, const Attributes& a) {
  if (a.ints[8] != 0) return a.ints[8];
  auto [h, w] = avg_axes(a, x.shape());
  Tensor flags = ones({1, 1, h.size, w.size}, {.dtype = x.dtype(), .device = x.device()});
  if (a.ints[7] == 0) return sum(window_rows(flags, h, w, 0), {-1});
  // Padding counts, but not what ceil_mode adds beyond it.
  flags = pad(flags, {w.padding, w.padding, h.padding, h.padding}, 1);
  flags = pad(flags, {0, w.padding_after() - w.padding, 0, h.padding_after() - h.padding});
  return sum(windows(flags, {h.kernel, w.kernel}, {h.stride, w.stride}, {1, 1}), {-2, -1});
}

const OpDef kAvgPool2d = {
    .name = "avg_pool2d",
    .infer =
        [](InferContext& c) {
          TESSERA_RETURN_IF_ERROR(check_floating_point(c, 0));
          TESSERA_RETURN_IF_ERROR(check_rank(c, 0, 4, "input"));
          absl::StatusOr<Shape> y = pooled(c, c.shape(0), avg_axes(c.attributes(), c.shape(0)));
          if (!y.ok()) return y.status();
          c.add_output(c.dtype(0), *std::move(y));
          return absl::OkStatus();
        },
    .vjp =
        [](VjpContext& c) {
          const Shape& x = c.input_spec(0).shape;
          auto [h, w] = avg_axes(c.attributes(), x);
          Tensor like = expand(
              zeros({1, 1, 1, 1}, {.dtype = c.grad().dtype(), .device = c.grad().device()}), x);
          Tensor share = c.grad() / divisor(like, c.attributes());
          Shape rows = share.shape();
          rows.push_back(h.kernel * w.kernel);
          c.set(0, fold_rows(expand(unsqueeze(share, -1), rows), x, h, w));
        },
    .decompose =
        [](TensorRefs in, const Attributes& a) {
          auto [h, w] = avg_axes(a, in[0]->shape());
          return std::vector<Tensor>{sum(window_rows(*in[0], h, w, 0), {-1}) / divisor(*in[0], a)};
        },
    .samples =
        [](const OpDef&) {
          return std::vector<Sample>{
              sample("TwoByTwo", {arg({2, 3, 8, 6})}, {2, 2, 2, 2, 0, 0, 0, 1, 0}),
              sample("Padded", {arg({2, 3, 7, 5})}, {3, 3, 2, 2, 1, 1, 0, 1, 0}),
              sample("PaddingNotCounted", {arg({2, 3, 7, 5})}, {3, 2, 2, 1, 1, 1, 0, 0, 0}),
              sample("CeilMode", {arg({1, 2, 7, 8})}, {3, 3, 2, 2, 1, 1, 1, 1, 0}),
              sample("CeilModeNotCounted", {arg({1, 2, 7, 8})}, {3, 3, 2, 2, 1, 1, 1, 0, 0}),
              sample("Divisor", {arg({1, 2, 6, 6})}, {2, 3, 2, 2, 0, 0, 0, 1, 5}),
              error_sample("KernelTooLarge", {arg({1, 1, 1, 4})}, {2, 2, 2, 2, 0, 0, 0, 1, 0})};
        },
};

}  // namespace

Tensor max_pool2d(const Tensor& x, Pair kernel_size, const MaxPool2dOptions& o) {
  if (x.dim() == 3) return squeeze(max_pool2d(unsqueeze(x, 0), kernel_size, o), 0);
  Pair stride = o.stride.value_or(kernel_size);
  return dispatch(
      kMaxPool2d, {&x},
      {kernel_size.height, kernel_size.width, stride.height, stride.width, o.padding.height,
       o.padding.width, o.dilation.height, o.dilation.width, o.ceil_mode ? 1 : 0});
}

Tensor avg_pool2d(const Tensor& x, Pair kernel_size, const AvgPool2dOptions& o) {
  if (x.dim() == 3) return squeeze(avg_pool2d(unsqueeze(x, 0), kernel_size, o), 0);
  Pair stride = o.stride.value_or(kernel_size);
  return dispatch(
      kAvgPool2d, {&x},
      {kernel_size.height, kernel_size.width, stride.height, stride.width, o.padding.height,
       o.padding.width, o.ceil_mode ? 1 : 0, o.count_include_pad ? 1 : 0, o.divisor_override});
}

absl::Span<const OpDef* const> pool_ops() {
  static const OpDef* const kOps[] = {&kMaxPool2d, &kMaxPool2dBackward, &kAvgPool2d};
  return kOps;
}

}  // namespace tessera

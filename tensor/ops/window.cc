// SPDX-License-Identifier: Apache-2.0
#include "tessera/tensor/ops/window.h"

#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/families.h"
#include "tessera/tensor/ops/infer.h"
#include "tessera/tensor/ops/samples.h"

namespace tessera {
namespace {

using Ints = absl::Span<const int64_t>;

absl::Status check_positive(const InferContext& c, Ints values, std::string_view what) {
  for (int64_t v : values) {
    if (v <= 0) return c.invalid(what, " must be positive, got ", to_string(values));
  }
  return absl::OkStatus();
}

// ints: n, kernel_1..n, stride_1..n, dilation_1..n
const OpDef kWindows = {
    .name = "windows",
    .infer =
        [](InferContext& c) {
          const Tensor& x = c.input(0);
          const int n = static_cast<int>(c.int_attribute(0)), batch = x.shape().rank() - n;
          Ints all = Ints(c.attributes().ints).subspan(1);
          Ints kernel = all.subspan(0, n), stride = all.subspan(n, n),
               dilation = all.subspan(2 * n);
          if (batch < 0) {
            return c.invalid("wants at least ", n, " dimensions, got ", x.shape().to_string());
          }
          TESSERA_RETURN_IF_ERROR(check_positive(c, kernel, "kernel"));
          TESSERA_RETURN_IF_ERROR(check_positive(c, stride, "stride"));
          TESSERA_RETURN_IF_ERROR(check_positive(c, dilation, "dilation"));
          Shape shape = x.shape();
          Strides strides = x.strides();
          for (int d = 0; d < n; ++d) {
            int64_t size = x.shape()[batch + d];
            shape[batch + d] = window_count(size, kernel[d], stride[d], dilation[d]);
            if (shape[batch + d] <= 0) {
              return c.invalid("kernel ", to_string(kernel), " with dilation ", to_string(dilation),
                               " is larger than the input ", x.shape().to_string());
            }
            strides[batch + d] = x.strides()[batch + d] * stride[d];
          }
          for (int d = 0; d < n; ++d) {
            shape.push_back(kernel[d]);
            strides.push_back(x.strides()[batch + d] * dilation[d]);
          }
          c.set_view(std::move(shape), std::move(strides), x.storage_offset());
          return absl::OkStatus();
        },
    .vjp =
        [](VjpContext& c) {
          const int n = static_cast<int>(c.int_attribute(0));
          const Shape& shape = c.input_spec(0).shape;
          Ints all = Ints(c.attributes().ints).subspan(1);
          c.set(0,
                fold_windows(c.grad(), Ints(shape.data(), shape.size()).subspan(shape.size() - n),
                             all.subspan(n, n), all.subspan(2 * n)));
        },
    .traits = kView,
    .samples =
        [](const OpDef&) {
          return std::vector<Sample>{
              sample("Line", {arg({2, 7})}, {1, 3, 2, 1}),
              sample("Plane", {arg({2, 3, 5, 7})}, {2, 3, 2, 1, 2, 1, 1}),
              sample("Dilated", {arg({1, 9, 7})}, {2, 3, 3, 1, 1, 2, 3}),
              sample("Volume", {arg({2, 3, 4, 5})}, {3, 2, 2, 3, 1, 1, 2, 1, 1, 1}),
              error_sample("TooLarge", {arg({2, 3})}, {1, 4, 1, 1}),
              error_sample("NoStride", {arg({2, 3})}, {1, 2, 0, 1})};
        },
};

// ints: n, size_1..n, kernel_1..n, stride_1..n, dilation_1..n
const OpDef kFoldWindows = {
    .name = "fold_windows",
    .infer =
        [](InferContext& c) {
          const int n = static_cast<int>(c.int_attribute(0));
          Ints all = Ints(c.attributes().ints).subspan(1);
          Ints sizes = all.subspan(0, n), kernel = all.subspan(n, n),
               stride = all.subspan(2 * n, n), dilation = all.subspan(3 * n);
          const Shape& g = c.shape(0);
          const int batch = g.rank() - 2 * n;
          if (batch < 0) return c.invalid("wants ", 2 * n, " dimensions, got ", g.to_string());
          TESSERA_RETURN_IF_ERROR(check_positive(c, stride, "stride"));
          TESSERA_RETURN_IF_ERROR(check_positive(c, dilation, "dilation"));
          Shape shape(Ints(g.data(), batch));
          for (int d = 0; d < n; ++d) {
            if (g[batch + d] != window_count(sizes[d], kernel[d], stride[d], dilation[d]) ||
                g[batch + n + d] != kernel[d]) {
              return c.invalid("windows ", g.to_string(), " do not come from sizes ",
                               to_string(sizes), ", kernel ", to_string(kernel), ", stride ",
                               to_string(stride), ", dilation ", to_string(dilation));
            }
            shape.push_back(sizes[d]);
          }
          c.add_output(c.dtype(0), std::move(shape));
          return absl::OkStatus();
        },
    .vjp =
        [](VjpContext& c) {
          const int n = static_cast<int>(c.int_attribute(0));
          Ints all = Ints(c.attributes().ints).subspan(1);
          c.set(0, windows(c.grad(), all.subspan(n, n), all.subspan(2 * n, n), all.subspan(3 * n)));
        },
    .samples =
        [](const OpDef&) {
          return std::vector<Sample>{
              sample("Line", {arg({2, 3, 3})}, {1, 7, 3, 2, 1}),
              sample("Plane", {arg({2, 3, 2, 6, 3, 2})}, {2, 5, 7, 3, 2, 2, 1, 1, 1}),
              sample("Dilated", {arg({1, 5, 1, 3, 3})}, {2, 9, 7, 3, 3, 1, 1, 2, 3}),
              sample("Gaps", {arg({2, 2, 2})}, {1, 7, 2, 4, 1}),
              error_sample("OtherCount", {arg({2, 4, 3})}, {1, 7, 3, 2, 1})};
        },
};

}  // namespace

int64_t window_count(int64_t size, int64_t kernel, int64_t stride, int64_t dilation) {
  int64_t room = size - dilation * (kernel - 1) - 1;
  return room < 0 ? 0 : room / stride + 1;
}

Tensor windows(const Tensor& x, Dims kernel, Dims stride, Dims dilation) {
  Attributes attributes{static_cast<int64_t>(kernel.size())};
  for (Dims part : {kernel, stride, dilation}) {
    attributes.ints.insert(attributes.ints.end(), part.begin(), part.end());
  }
  return dispatch(kWindows, {&x}, attributes);
}

Tensor fold_windows(const Tensor& g, Dims sizes, Dims stride, Dims dilation) {
  const size_t n = sizes.size();
  Attributes attributes{static_cast<int64_t>(n)};
  const Shape& shape = g.shape();
  Dims kernel = shape.size() < n ? Dims() : Dims(shape.data() + shape.size() - n, n);
  for (Dims part : {sizes, kernel, stride, dilation}) {
    attributes.ints.insert(attributes.ints.end(), part.begin(), part.end());
  }
  return dispatch(kFoldWindows, {&g}, attributes);
}

absl::Span<const OpDef* const> window_ops() {
  static const OpDef* const kOps[] = {&kWindows, &kFoldWindows};
  return kOps;
}

}  // namespace tessera

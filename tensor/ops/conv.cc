// SPDX-License-Identifier: Apache-2.0
#include "tessera/tensor/ops/conv.h"

#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/conv_nd.h"
#include "tessera/tensor/ops/copy.h"
#include "tessera/tensor/ops/families.h"
#include "tessera/tensor/ops/infer.h"
#include "tessera/tensor/ops/join.h"
#include "tessera/tensor/ops/matmul.h"
#include "tessera/tensor/ops/reduce.h"
#include "tessera/tensor/ops/samples.h"
#include "tessera/tensor/ops/view.h"
#include "tessera/tensor/ops/window.h"

namespace tessera {
namespace {

struct Geometry {
  Pair stride, padding, dilation;
  int64_t groups;
};

// ints: stride_h, stride_w, pad_h, pad_w, dilation_h, dilation_w, groups, then two sizes for the
// backward ops.
Attributes pack(const Geometry& o) {
  return {o.stride.height,   o.stride.width,   o.padding.height, o.padding.width,
          o.dilation.height, o.dilation.width, o.groups};
}

Attributes pack(const Geometry& o, Pair sizes) {
  Attributes a = pack(o);
  a.ints.push_back(sizes.height);
  a.ints.push_back(sizes.width);
  return a;
}

Geometry unpack(const Attributes& a) {
  return {.stride = {a.ints[0], a.ints[1]},
          .padding = {a.ints[2], a.ints[3]},
          .dilation = {a.ints[4], a.ints[5]},
          .groups = a.ints[6]};
}

Pair last_sizes(const Attributes& a) { return {a.ints[7], a.ints[8]}; }

absl::Status check_options(const InferContext& c, const Geometry& o) {
  auto below = [](Pair p, int64_t least) { return p.height < least || p.width < least; };
  if (below(o.stride, 1)) {
    return c.invalid("stride must be positive, got (", o.stride.height, ", ", o.stride.width, ")");
  }
  if (below(o.padding, 0)) {
    return c.invalid("padding must not be negative, got (", o.padding.height, ", ", o.padding.width,
                     ")");
  }
  if (below(o.dilation, 1)) {
    return c.invalid("dilation must be positive, got (", o.dilation.height, ", ", o.dilation.width,
                     ")");
  }
  if (o.groups < 1) return c.invalid("groups must be positive, got ", o.groups);
  return absl::OkStatus();
}

int64_t out_height(int64_t h, int64_t k, const Geometry& o) {
  return window_count(h + 2 * o.padding.height, k, o.stride.height, o.dilation.height);
}
int64_t out_width(int64_t w, int64_t k, const Geometry& o) {
  return window_count(w + 2 * o.padding.width, k, o.stride.width, o.dilation.width);
}

// x (N, C, H, W) and w (O, C / groups, kh, kw) -> y (N, O, oh, ow)
absl::StatusOr<Shape> convolved(const InferContext& c, const Shape& x, const Shape& w,
                                const Geometry& o) {
  TESSERA_RETURN_IF_ERROR(check_options(c, o));
  if (x[1] != w[1] * o.groups) {
    return c.invalid("input has ", x[1], " channels, weight expects ", w[1] * o.groups, ": input ",
                     x.to_string(), ", weight ", w.to_string(),
                     o.groups == 1 ? "" : absl::StrCat(", groups ", o.groups));
  }
  if (w[0] % o.groups != 0) {
    return c.invalid(w[0], " output channels do not divide into ", o.groups, " groups");
  }
  int64_t oh = out_height(x[2], w[2], o), ow = out_width(x[3], w[3], o);
  if (oh <= 0 || ow <= 0) {
    return c.invalid("kernel (", w[2], ", ", w[3], ") with dilation (", o.dilation.height, ", ",
                     o.dilation.width, ") is larger than the padded input: input ", x.to_string(),
                     ", padding (", o.padding.height, ", ", o.padding.width, ")");
  }
  return Shape{x[0], w[0], oh, ow};
}

absl::Status check_operands(const InferContext& c, std::string_view first,
                            std::string_view second) {
  TESSERA_RETURN_IF_ERROR(check_floating_point(c, 0));
  TESSERA_RETURN_IF_ERROR(check_same_dtype(c, 0, 1));
  TESSERA_RETURN_IF_ERROR(check_rank(c, 0, 4, first));
  return check_rank(c, 1, 4, second);
}

// The decompositions see x as windows (N, G, C/G, oh, ow, kh, kw), i.e. as matrices of patches.
Tensor patches(const Tensor& x, Pair kernel, const Geometry& o) {
  Tensor padded = pad(x, {o.padding.width, o.padding.width, o.padding.height, o.padding.height});
  Tensor w = windows(padded, {kernel.height, kernel.width}, {o.stride.height, o.stride.width},
                     {o.dilation.height, o.dilation.width});
  return unflatten(w, 1, {o.groups, x.size(1) / o.groups});
}

std::vector<Tensor> conv2d_decomposed(TensorRefs in, const Attributes& a) {
  const Tensor &x = *in[0], &w = *in[1];
  Geometry o = unpack(a);
  Pair kernel = {w.size(2), w.size(3)};
  Tensor p = patches(x, kernel, o);  // (N, G, C/G, oh, ow, kh, kw)
  const int64_t n = x.size(0), oh = p.size(3), ow = p.size(4), out = w.size(0);
  const int64_t taps = w.size(1) * kernel.height * kernel.width;
  // (N, G, taps, oh * ow) and (G, O/G, taps)
  Tensor columns = reshape(permute(p, {0, 1, 2, 5, 6, 3, 4}), {n, o.groups, taps, oh * ow});
  Tensor rows = reshape(w, {o.groups, out / o.groups, taps});
  Tensor y = reshape(matmul(rows, columns), {n, out, oh, ow});
  if (in.size() > 2 && in[2]->defined()) y = y + reshape(*in[2], {out, 1, 1});
  return {y};
}

std::vector<Tensor> backward_input_decomposed(TensorRefs in, const Attributes& a) {
  const Tensor &g = *in[0], &w = *in[1];
  Geometry o = unpack(a);
  Pair size = last_sizes(a);
  const int64_t n = g.size(0), oh = g.size(2), ow = g.size(3), kh = w.size(2), kw = w.size(3);
  const int64_t taps = w.size(1) * kh * kw, channels = w.size(1) * o.groups;
  Tensor rows = reshape(w, {o.groups, w.size(0) / o.groups, taps});
  Tensor grads = reshape(g, {n, o.groups, w.size(0) / o.groups, oh * ow});
  Tensor columns = matmul(transpose(rows, 1, 2), grads);  // (N, G, taps, oh * ow)
  Tensor apart = permute(reshape(columns, {n, channels, kh, kw, oh, ow}), {0, 1, 4, 5, 2, 3});
  Tensor padded =
      fold_windows(apart, {size.height + 2 * o.padding.height, size.width + 2 * o.padding.width},
                   {o.stride.height, o.stride.width}, {o.dilation.height, o.dilation.width});
  return {pad(padded, {-o.padding.width, -o.padding.width, -o.padding.height, -o.padding.height})};
}

std::vector<Tensor> backward_weight_decomposed(TensorRefs in, const Attributes& a) {
  const Tensor &g = *in[0], &x = *in[1];
  Geometry o = unpack(a);
  Pair kernel = last_sizes(a);
  const int64_t n = x.size(0), oh = g.size(2), ow = g.size(3), out = g.size(1);
  const int64_t inner = x.size(1) / o.groups, taps = inner * kernel.height * kernel.width;
  // The input can be larger than the windows reach; they are as many as g has.
  Tensor p = patches(x, kernel, o);
  Tensor columns = reshape(permute(p, {1, 2, 5, 6, 0, 3, 4}), {o.groups, taps, n * oh * ow});
  Tensor grads = permute(unflatten(g, 1, {o.groups, out / o.groups}), {1, 2, 0, 3, 4});
  Tensor rows = reshape(grads, {o.groups, out / o.groups, n * oh * ow});
  return {
      reshape(matmul(rows, transpose(columns, 1, 2)), {out, inner, kernel.height, kernel.width})};
}

Tensor convolve(const Tensor& x, const Tensor& w, const Tensor& bias, const Geometry& o);
Tensor backward_input(const Tensor& g, const Tensor& w, Pair size, const Geometry& o);
Tensor backward_weight(const Tensor& g, const Tensor& x, Pair kernel, const Geometry& o);

// ---- The ops ----

const OpDef kConv2d = {
    .name = "conv2d",
    .infer =
        [](InferContext& c) {
          TESSERA_RETURN_IF_ERROR(check_operands(c, "input", "weight"));
          absl::StatusOr<Shape> y = convolved(c, c.shape(0), c.shape(1), unpack(c.attributes()));
          if (!y.ok()) return y.status();
          if (c.has_input(2)) {
            TESSERA_RETURN_IF_ERROR(check_same_dtype(c, 0, 2));
            if (c.shape(2) != Shape{c.shape(1)[0]}) {
              return c.invalid("bias has shape ", c.shape(2).to_string(), ", weight ",
                               c.shape(1).to_string(), " expects [", c.shape(1)[0], "]");
            }
          }
          c.add_output(c.dtype(0), *std::move(y));
          return absl::OkStatus();
        },
    .vjp =
        [](VjpContext& c) {
          Geometry o = unpack(c.attributes());
          const Shape &x = c.input_spec(0).shape, &w = c.input_spec(1).shape;
          Tensor g = c.grad();
          if (c.needs(0)) c.set(0, backward_input(g, c.input(1), {x[2], x[3]}, o));
          if (c.needs(1)) c.set(1, backward_weight(g, c.input(0), {w[2], w[3]}, o));
          if (c.num_inputs() > 2 && c.needs(2)) c.set(2, sum(g, {0, 2, 3}));
        },
    .decompose = conv2d_decomposed,
    .saved_inputs = 3,
    .samples =
        [](const OpDef&) {
          return std::vector<Sample>{
              sample("Same3x3", {arg({2, 3, 7, 5}), arg({4, 3, 3, 3}), arg({4})},
                     {1, 1, 1, 1, 1, 1, 1}),
              sample("OneChannel", {arg({3, 1, 11, 13}), arg({16, 1, 3, 3}), arg({16})},
                     {1, 1, 1, 1, 1, 1, 1}),
              sample("ManyChannels", {arg({2, 17, 9, 19}), arg({33, 17, 3, 3}), arg({33})},
                     {1, 1, 1, 1, 1, 1, 1}),
              sample("NoBiasNoPadding", {arg({2, 3, 5, 7}), arg({5, 3, 2, 3}), arg_none()},
                     {1, 1, 0, 0, 1, 1, 1}),
              sample("Pointwise", {arg({2, 5, 3, 7}), arg({7, 5, 1, 1}), arg({7})},
                     {1, 1, 0, 0, 1, 1, 1}),
              sample("WidePadding", {arg({1, 2, 3, 4}), arg({3, 2, 3, 3}), arg({3})},
                     {1, 1, 3, 2, 1, 1, 1}),
              sample("Stride2", {arg({2, 3, 7, 9}), arg({4, 3, 3, 3}), arg({4})},
                     {2, 2, 1, 1, 1, 1, 1}),
              sample("StrideLeavesRest", {arg({1, 2, 8, 9}), arg({3, 2, 3, 2}), arg({3})},
                     {3, 2, 0, 0, 1, 1, 1}),
              sample("Dilated", {arg({1, 2, 9, 11}), arg({3, 2, 3, 3}), arg({3})},
                     {1, 1, 2, 1, 2, 3, 1}),
              sample("Groups", {arg({2, 6, 5, 5}), arg({4, 3, 3, 3}), arg({4})},
                     {1, 1, 1, 1, 1, 1, 2}),
              sample("Depthwise", {arg({2, 5, 7, 5}), arg({10, 1, 3, 3}), arg({10})},
                     {2, 1, 1, 1, 1, 1, 5}),
              sample("NoBatch", {arg({0, 3, 5, 5}), arg({4, 3, 3, 3}), arg({4})},
                     {1, 1, 1, 1, 1, 1, 1}),
              error_sample("Channels", {arg({1, 3, 5, 5}), arg({4, 2, 3, 3}), arg_none()},
                           {1, 1, 0, 0, 1, 1, 1}),
              error_sample("KernelTooLarge", {arg({1, 3, 2, 2}), arg({4, 3, 3, 3}), arg_none()},
                           {1, 1, 0, 0, 1, 1, 1}),
              error_sample("NoStride", {arg({1, 3, 5, 5}), arg({4, 3, 3, 3}), arg_none()},
                           {0, 1, 0, 0, 1, 1, 1}),
              error_sample("GroupsDoNotDivide", {arg({1, 4, 5, 5}), arg({3, 2, 3, 3}), arg_none()},
                           {1, 1, 0, 0, 1, 1, 2}),
              error_sample("Bias", {arg({1, 3, 5, 5}), arg({4, 3, 3, 3}), arg({3})},
                           {1, 1, 0, 0, 1, 1, 1}),
              error_sample("Rank3", {arg({3, 5, 5}), arg({4, 3, 3, 3}), arg_none()},
                           {1, 1, 0, 0, 1, 1, 1})};
        },
};

const OpDef kConv2dBackwardInput = {
    .name = "conv2d_backward_input",
    .infer =
        [](InferContext& c) {
          TESSERA_RETURN_IF_ERROR(check_operands(c, "gradient", "weight"));
          Geometry o = unpack(c.attributes());
          Pair size = last_sizes(c.attributes());
          Shape x = {c.shape(0)[0], c.shape(1)[1] * o.groups, size.height, size.width};
          absl::StatusOr<Shape> y = convolved(c, x, c.shape(1), o);
          if (!y.ok()) return y.status();
          if (*y != c.shape(0)) {
            return c.invalid("gradient has shape ", c.shape(0).to_string(), ", expected ",
                             y->to_string());
          }
          c.add_output(c.dtype(0), std::move(x));
          return absl::OkStatus();
        },
    .vjp =
        [](VjpContext& c) {  // linear in g, and in w
          Geometry o = unpack(c.attributes());
          const Shape& w = c.input_spec(1).shape;
          if (c.needs(0)) c.set(0, convolve(c.grad(), c.input(1), {}, o));
          if (c.needs(1)) c.set(1, backward_weight(c.input(0), c.grad(), {w[2], w[3]}, o));
        },
    .decompose = backward_input_decomposed,
    .saved_inputs = 3,
    .samples =
        [](const OpDef&) {
          return std::vector<Sample>{
              sample("Same3x3", {arg({2, 4, 7, 5}), arg({4, 3, 3, 3})},
                     {1, 1, 1, 1, 1, 1, 1, 7, 5}),
              sample("ManyChannels", {arg({2, 33, 9, 19}), arg({33, 17, 3, 3})},
                     {1, 1, 1, 1, 1, 1, 1, 9, 19}),
              sample("Stride2", {arg({2, 4, 4, 5}), arg({4, 3, 3, 3})},
                     {2, 2, 1, 1, 1, 1, 1, 7, 9}),
              sample("StrideLeavesRest", {arg({1, 3, 2, 4}), arg({3, 2, 3, 2})},
                     {3, 2, 0, 0, 1, 1, 1, 8, 9}),
              sample("GroupsDilated", {arg({2, 4, 3, 5}), arg({4, 3, 3, 2})},
                     {1, 1, 1, 1, 2, 2, 2, 5, 5}),
              sample("Depthwise", {arg({2, 10, 4, 5}), arg({10, 1, 3, 3})},
                     {2, 1, 1, 1, 1, 1, 5, 7, 5}),
              sample("StrideDilated", {arg({1, 3, 3, 3}), arg({3, 2, 3, 3})},
                     {2, 4, 1, 2, 3, 2, 1, 9, 10})};
        },
};

const OpDef kConv2dBackwardWeight = {
    .name = "conv2d_backward_weight",
    .infer =
        [](InferContext& c) {
          TESSERA_RETURN_IF_ERROR(check_operands(c, "gradient", "input"));
          Geometry o = unpack(c.attributes());
          TESSERA_RETURN_IF_ERROR(check_options(c, o));
          Pair kernel = last_sizes(c.attributes());
          const Shape& x = c.shape(1);
          Shape w = {c.shape(0)[1], x[1] / o.groups, kernel.height, kernel.width};
          absl::StatusOr<Shape> y = convolved(c, x, w, o);
          if (!y.ok()) return y.status();
          if (*y != c.shape(0)) {
            return c.invalid("gradient has shape ", c.shape(0).to_string(), ", expected ",
                             y->to_string());
          }
          c.add_output(c.dtype(0), std::move(w));
          return absl::OkStatus();
        },
    .vjp =
        [](VjpContext& c) {
          Geometry o = unpack(c.attributes());
          const Shape& x = c.input_spec(1).shape;
          if (c.needs(0)) c.set(0, convolve(c.input(1), c.grad(), {}, o));
          if (c.needs(1)) {
            c.set(1, backward_input(c.input(0), c.grad(), {x[2], x[3]}, o));
          }
        },
    .decompose = backward_weight_decomposed,
    .saved_inputs = 3,
    .samples =
        [](const OpDef&) {
          return std::vector<Sample>{
              sample("Same3x3", {arg({2, 4, 7, 5}), arg({2, 3, 7, 5})},
                     {1, 1, 1, 1, 1, 1, 1, 3, 3}),
              sample("SixteenChannels", {arg({2, 9, 4, 7}), arg({2, 16, 4, 7})},
                     {1, 1, 1, 1, 1, 1, 1, 3, 3}),
              sample("OneChannel", {arg({3, 16, 11, 13}), arg({3, 1, 11, 13})},
                     {1, 1, 1, 1, 1, 1, 1, 3, 3}),
              sample("ManyChannels", {arg({2, 33, 5, 19}), arg({2, 17, 5, 19})},
                     {1, 1, 1, 1, 1, 1, 1, 3, 3}),
              sample("Stride2", {arg({2, 4, 4, 5}), arg({2, 3, 7, 9})},
                     {2, 2, 1, 1, 1, 1, 1, 3, 3}),
              sample("GroupsDilated", {arg({2, 4, 3, 5}), arg({2, 6, 5, 5})},
                     {1, 1, 1, 1, 2, 2, 2, 3, 2}),
              sample("Depthwise", {arg({2, 10, 4, 5}), arg({2, 5, 7, 5})},
                     {2, 1, 1, 1, 1, 1, 5, 3, 3})};
        },
};

Tensor convolve(const Tensor& x, const Tensor& w, const Tensor& bias, const Geometry& o) {
  if (!bias.defined()) return dispatch(kConv2d, {&x, &w}, pack(o));
  return dispatch(kConv2d, {&x, &w, &bias}, pack(o));
}

Tensor backward_input(const Tensor& g, const Tensor& w, Pair size, const Geometry& o) {
  return dispatch(kConv2dBackwardInput, {&g, &w}, pack(o, size));
}

Tensor backward_weight(const Tensor& g, const Tensor& x, Pair kernel, const Geometry& o) {
  return dispatch(kConv2dBackwardWeight, {&g, &x}, pack(o, kernel));
}

Geometry geometry(const OpDef& op, const Conv2dOptions& o) {
  if (o.padding.is_same()) {
    raise_op_error(op.name, absl::InvalidArgumentError("wants the padding in numbers, got kSame"));
  }
  return {o.stride, o.padding.extent(), o.dilation, o.groups};
}

}  // namespace

Tensor conv2d_of_batch(const Tensor& x, const Tensor& weight, const Tensor& bias,
                       const Conv2dOptions& options) {
  return convolve(x, weight, bias, geometry(kConv2d, options));
}

Tensor conv2d_backward_input(const Tensor& g, const Tensor& weight, Pair size,
                             const Conv2dOptions& options) {
  return backward_input(g, weight, size, geometry(kConv2dBackwardInput, options));
}

Tensor conv2d_backward_weight(const Tensor& g, const Tensor& x, Pair kernel,
                              const Conv2dOptions& options) {
  return backward_weight(g, x, kernel, geometry(kConv2dBackwardWeight, options));
}

absl::Span<const OpDef* const> conv_ops() {
  static const OpDef* const kOps[] = {&kConv2d, &kConv2dBackwardInput, &kConv2dBackwardWeight};
  return kOps;
}

}  // namespace tessera

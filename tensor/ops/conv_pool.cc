// SPDX-License-Identifier: Apache-2.0
//
// The forward op also says which element of its window each maximum was (`place`, row-major), which
// is all that the gradient needs to know of the convolution's output.
#include "tessera/tensor/ops/conv_pool.h"

#include <limits>

#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/activation.h"
#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/copy.h"
#include "tessera/tensor/ops/factory.h"
#include "tessera/tensor/ops/families.h"
#include "tessera/tensor/ops/gather.h"
#include "tessera/tensor/ops/in_place.h"
#include "tessera/tensor/ops/infer.h"
#include "tessera/tensor/ops/pool_windows.h"
#include "tessera/tensor/ops/reduce.h"
#include "tessera/tensor/ops/samples.h"
#include "tessera/tensor/ops/unary.h"
#include "tessera/tensor/ops/view.h"

namespace tessera {
namespace {

constexpr int kConvInts = 7, kPoolInts = 9;
// The place of a maximum that relu made 0: no gradient goes there.
constexpr int64_t kNowhere = 255;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

absl::Span<const int64_t> conv_ints(const Attributes& a) {
  return absl::MakeConstSpan(a.ints).first(kConvInts);
}
absl::Span<const int64_t> pool_ints(const Attributes& a) {
  return absl::MakeConstSpan(a.ints).subspan(kConvInts, kPoolInts);
}

const OpDef& conv2d_op() {
  static const OpDef& op = *find_op("conv2d");
  return op;
}
const OpDef& max_pool2d_op() {
  static const OpDef& op = *find_op("max_pool2d");
  return op;
}

Conv2dOptions conv_options(absl::Span<const int64_t> i) {
  return {.stride = {i[0], i[1]},
          .padding = Pair{i[2], i[3]},
          .dilation = {i[4], i[5]},
          .groups = i[6]};
}

// The shape of the convolution's output, by the rule of conv2d under this op's name.
absl::StatusOr<Shape> convolved(const InferContext& c) {
  absl::InlinedVector<const Tensor*, 3> inputs;
  for (int i = 0; i < c.num_inputs(); ++i) inputs.push_back(&c.input(i));
  const Attributes attributes(conv_ints(c.attributes()));
  InferContext conv(c.op(), inputs, attributes);
  TESSERA_RETURN_IF_ERROR(conv2d_op().infer(conv));
  return conv.outputs[0].shape;
}

absl::Status check_window(const InferContext& c, absl::Span<const int64_t> pool) {
  if (pool[0] * pool[1] <= kNowhere) return absl::OkStatus();
  return c.invalid("a window of ", pool[0], " by ", pool[1], " has more than ", kNowhere,
                   " elements");
}

Tensor unpool(const Tensor& g, const Tensor& place, absl::Span<const int64_t> pool, Pair size);

// ints: the 7 of conv2d, the 9 of max_pool2d
const OpDef kConvReluPool = {
    .name = "conv2d_relu_max_pool2d",
    .infer =
        [](InferContext& c) {
          absl::StatusOr<Shape> z = convolved(c);
          if (!z.ok()) return z.status();
          const absl::Span<const int64_t> pool = pool_ints(c.attributes());
          absl::StatusOr<Shape> y = pooled(c, *z, max_axes(pool, *z));
          if (!y.ok()) return y.status();
          TESSERA_RETURN_IF_ERROR(check_window(c, pool));
          c.add_output(c.dtype(0), *y);
          c.add_output(kUInt8, *std::move(y));
          return absl::OkStatus();
        },
    .vjp =
        [](VjpContext& c) {
          const Attributes& a = c.attributes();
          const Shape &x = c.input_spec(0).shape, &w = c.input_spec(1).shape;
          const Conv2dOptions conv = conv_options(conv_ints(a));
          const Tensor g = c.grad(0), &place = c.output(1);
          const auto out = [&](int64_t size, int64_t k, int i) {
            const int64_t stride = a.ints[i], pad = a.ints[2 + i], dilation = a.ints[4 + i];
            return (size + 2 * pad - dilation * (k - 1) - 1) / stride + 1;
          };
          if (c.needs(0) || c.needs(1)) {
            const Tensor gz =
                unpool(g, place, pool_ints(a), {out(x[2], w[2], 0), out(x[3], w[3], 1)});
            if (c.needs(0)) c.set(0, conv2d_backward_input(gz, c.input(1), {x[2], x[3]}, conv));
            if (c.needs(1)) c.set(1, conv2d_backward_weight(gz, c.input(0), {w[2], w[3]}, conv));
          }
          if (c.num_inputs() > 2 && c.needs(2)) {
            c.set(2, sum(where(place == kNowhere, 0, g), {0, 2, 3}));
          }
        },
    .decompose =
        [](TensorRefs in, const Attributes& a) {
          const Tensor z = relu(dispatch(conv2d_op(), in, Attributes(conv_ints(a))));
          const Tensor y = dispatch(max_pool2d_op(), {&z}, Attributes(pool_ints(a)));
          const auto [h, w] = max_axes(pool_ints(a), z.shape());
          const Tensor at = argmax(window_rows(z, h, w, -kInfinity), -1);
          return std::vector<Tensor>{y, where(y <= 0, kNowhere, at).to(kUInt8)};
        },
    .saved_inputs = 3,
    .saved_outputs = 2,
    .samples =
        [](const OpDef&) {
          const std::vector<int64_t> same = {1, 1, 1, 1, 1, 1, 1},
                                     halves = {2, 2, 2, 2, 0, 0, 1, 1, 0};
          std::vector<Sample> samples;
          const auto add = [&](Sample s, const std::vector<int64_t>& conv,
                               const std::vector<int64_t>& pool) {
            s.attributes.ints.assign(conv.begin(), conv.end());
            s.attributes.ints.insert(s.attributes.ints.end(), pool.begin(), pool.end());
            // Values that two bytes hold tie by their rounding.
            s.fixed_dtypes = true;
            for (DType dtype : {kFloat32, kFloat64}) {
              Sample in = s;
              for (SampleTensor& t : in.inputs) t.dtype = dtype;
              in.name += dtype == kFloat64 ? "Double" : "";
              samples.push_back(in);
            }
          };
          add(sample("Same3x3", {arg({2, 3, 8, 6}), arg({4, 3, 3, 3}), arg({4})}), same, halves);
          add(sample("OneChannel", {arg({3, 1, 12, 14}), arg({16, 1, 3, 3}), arg({16})}), same,
              halves);
          add(sample("OddSizes", {arg({2, 5, 7, 35}), arg({9, 5, 3, 3}), arg({9})}), same, halves);
          add(sample("NoBias", {arg({2, 3, 6, 7}), arg({5, 3, 2, 3}), arg_none()}),
              {1, 1, 0, 0, 1, 1, 1}, halves);
          add(sample("Overlapping", {arg({2, 3, 7, 9}), arg({4, 3, 3, 3}), arg({4})}), same,
              {3, 3, 2, 2, 1, 1, 1, 1, 0});
          add(sample("CeilModeStrided", {arg({1, 4, 9, 9}), arg({4, 2, 2, 3}), arg({4})}),
              {2, 1, 1, 0, 1, 1, 2}, {3, 2, 2, 2, 0, 0, 1, 1, 1});
          add(sample("NoBatch", {arg({0, 3, 4, 4}), arg({4, 3, 3, 3}), arg({4})}), same, halves);
          const auto wrong = [&](const char* name, std::vector<SampleTensor> inputs,
                                 const std::vector<int64_t>& pool) {
            Sample s = error_sample(name, std::move(inputs));
            s.attributes.ints.assign(same.begin(), same.end());
            s.attributes.ints.insert(s.attributes.ints.end(), pool.begin(), pool.end());
            samples.push_back(s);
          };
          wrong("Channels", {arg({1, 2, 4, 4}), arg({4, 3, 3, 3}), arg_none()}, halves);
          wrong("WindowTooLarge", {arg({1, 3, 1, 4}), arg({4, 3, 3, 3}), arg_none()}, halves);
          wrong("WindowOf256", {arg({1, 1, 16, 16}), arg({1, 1, 3, 3}), arg_none()},
                {16, 16, 16, 16, 0, 0, 1, 1, 0});
          return samples;
        },
};

// g (N, C, oh, ow), place (N, C, oh, ow) uint8 -> (N, C, H, W): each element of g at its place in
// its window, none where the window has no such place. ints: the 9 of max_pool2d, H, W
const OpDef kUnpool = {
    .name = "relu_max_pool2d_backward",
    .infer =
        [](InferContext& c) {
          TESSERA_RETURN_IF_ERROR(check_floating_point(c, 0));
          TESSERA_RETURN_IF_ERROR(check_rank(c, 0, 4, "gradient"));
          if (c.dtype(1) != kUInt8 || c.shape(1) != c.shape(0)) {
            return c.invalid("place is ", c.shape(1).to_string(), " ", dtype_name(c.dtype(1)),
                             ", expected ", c.shape(0).to_string(), " uint8");
          }
          const auto& ints = c.attributes().ints;
          const Shape x = {c.shape(0)[0], c.shape(0)[1], ints[kPoolInts], ints[kPoolInts + 1]};
          absl::StatusOr<Shape> y = pooled(c, x, max_axes(ints, x));
          if (!y.ok()) return y.status();
          if (*y != c.shape(0)) {
            return c.invalid("gradient has shape ", c.shape(0).to_string(), ", expected ",
                             y->to_string());
          }
          c.add_output(c.dtype(0), x);
          return absl::OkStatus();
        },
    .vjp =
        [](VjpContext& c) {
          if (!c.needs(0)) return;  // what stands at the places
          const auto& ints = c.attributes().ints;
          const Shape& y = c.input_spec(0).shape;
          const auto [h, w] = max_axes(ints, {y[0], y[1], ints[kPoolInts], ints[kPoolInts + 1]});
          const Tensor& place = c.input(1);
          const Tensor none = place >= h.kernel * w.kernel;
          const Tensor at = unsqueeze(where(none, 0, place).to(kInt64), -1);
          const Tensor found = squeeze(gather(window_rows(c.grad(), h, w, 0), -1, at), -1);
          c.set(0, where(none, 0, found));
        },
    .decompose =
        [](TensorRefs in, const Attributes& a) {
          const Tensor &g = *in[0], &place = *in[1];
          const Shape x = {g.size(0), g.size(1), a.ints[kPoolInts], a.ints[kPoolInts + 1]};
          const auto [h, w] = max_axes(a.ints, x);
          const int64_t size = h.kernel * w.kernel;
          const Tensor none = place >= size;
          const Tensor at = unsqueeze(where(none, 0, place).to(kInt64), -1);
          Shape rows = g.shape();
          rows.push_back(size);
          const Tensor zero = zeros(rows, {.dtype = g.dtype(), .device = g.device()});
          const Tensor spread = scatter(zero, -1, at, unsqueeze(where(none, 0, g), -1));
          return std::vector<Tensor>{fold_rows(spread, x, h, w)};
        },
    .saved_inputs = 2,
    .samples =
        [](const OpDef&) {
          const auto of = [](const char* name, const Shape& y, std::vector<int64_t> ints, Pair x) {
            ints.insert(ints.end(), {x.height, x.width});
            // Some places are behind the window's last one.
            const double end = static_cast<double>(ints[0] * ints[1]) + 1;
            return sample(name, {arg(y), arg(y, 0, end, kUInt8)}, Attributes(ints));
          };
          const std::vector<int64_t> halves = {2, 2, 2, 2, 0, 0, 1, 1, 0};
          Sample shape = of("Shape", {1, 2, 3, 4}, halves, {9, 8});
          shape.expected = absl::StatusCode::kInvalidArgument;
          return std::vector<Sample>{
              of("Halves", {2, 3, 4, 17}, halves, {8, 34}),
              of("HalvesOdd", {2, 3, 4, 3}, halves, {9, 7}),
              of("Overlapping", {2, 3, 5, 4}, {3, 3, 2, 2, 1, 1, 1, 1, 0}, {9, 7}),
              of("CeilMode", {1, 2, 4, 4}, {2, 2, 2, 2, 0, 0, 1, 1, 1}, {7, 7}),
              of("NoBatch", {0, 3, 2, 2}, halves, {4, 4}),
              shape,
              error_sample("PlaceDtype", {arg({1, 2, 2, 2}), arg({1, 2, 2, 2})},
                           {2, 2, 2, 2, 0, 0, 1, 1, 0, 4, 4})};
        },
};

Tensor unpool(const Tensor& g, const Tensor& place, absl::Span<const int64_t> pool, Pair size) {
  Attributes attributes(pool);
  attributes.ints.push_back(size.height);
  attributes.ints.push_back(size.width);
  return dispatch(kUnpool, {&g, &place}, attributes);
}

}  // namespace

Tensor conv2d_relu_max_pool2d(const Tensor& x, const Tensor& weight, const Tensor& bias,
                              const Conv2dOptions& conv, Pair kernel_size,
                              const MaxPool2dOptions& pool) {
  if (conv.padding.is_same()) {
    raise_op_error(kConvReluPool.name,
                   absl::InvalidArgumentError("wants the padding in numbers, got kSame"));
  }
  const Pair padding = conv.padding.extent(), stride = pool.stride.value_or(kernel_size);
  const Attributes attributes = {
      conv.stride.height,   conv.stride.width,    padding.height,      padding.width,
      conv.dilation.height, conv.dilation.width,  conv.groups,         kernel_size.height,
      kernel_size.width,    stride.height,        stride.width,        pool.padding.height,
      pool.padding.width,   pool.dilation.height, pool.dilation.width, pool.ceil_mode ? 1 : 0};
  if (!bias.defined()) return dispatch_all(kConvReluPool, {&x, &weight}, attributes)[0];
  return dispatch_all(kConvReluPool, {&x, &weight, &bias}, attributes)[0];
}

absl::Span<const OpDef* const> conv_pool_ops() {
  static const OpDef* const kOps[] = {&kConvReluPool, &kUnpool};
  return kOps;
}

}  // namespace tessera

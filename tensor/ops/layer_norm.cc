// SPDX-License-Identifier: Apache-2.0
#include "tessera/tensor/ops/layer_norm.h"

#include <limits>

#include "absl/strings/str_cat.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/families.h"
#include "tessera/tensor/ops/infer.h"
#include "tessera/tensor/ops/reduce.h"
#include "tessera/tensor/ops/samples.h"
#include "tessera/tensor/ops/unary.h"
#include "tessera/tensor/ops/view.h"
#include "tessera/tensor/ops/wide.h"

namespace tessera {
namespace {

// The first shape.rank() - dims sizes, and the rest.
Shape leading(const Shape& shape, int64_t dims) {
  return Shape(absl::MakeSpan(shape.data(), shape.size() - static_cast<size_t>(dims)));
}
Shape trailing(const Shape& shape, int64_t dims) {
  return Shape(absl::MakeSpan(shape.data() + shape.size() - static_cast<size_t>(dims),
                              static_cast<size_t>(dims)));
}

// The mean over the last `dims` dimensions, which stay with size 1.
Tensor mean_of_rows(const Tensor& x, int64_t dims) {
  Shape last;
  for (int64_t d = x.dim() - dims; d < x.dim(); ++d) last.push_back(d);
  return mean(x, last, /*keepdim=*/true);
}

// The sum of all rows; x itself if it is one.
Tensor sum_of_rows(const Tensor& x, int64_t dims) {
  if (x.dim() == dims) return x;
  Shape first;
  for (int64_t d = 0; d < x.dim() - dims; ++d) first.push_back(d);
  return sum(x, first);
}

// (B..) -> (B.., 1..)
Tensor as_column(const Tensor& statistic, int64_t dims) {
  Shape shape = statistic.shape();
  for (int64_t d = 0; d < dims; ++d) shape.push_back(1);
  return reshape(statistic, shape);
}

absl::Status check_rows(const InferContext& c, int x) {
  TESSERA_RETURN_IF_ERROR(check_floating_point(c, x));
  const int64_t dims = c.int_attribute(0);
  if (dims < 1 || dims > c.shape(x).rank()) {
    return c.invalid("normalises the last ", dims, " dimensions of ", c.shape(x).to_string());
  }
  return absl::OkStatus();
}

absl::Status check_affine(const InferContext& c, int x, int i, std::string_view name) {
  if (!c.has_input(i)) return absl::OkStatus();
  TESSERA_RETURN_IF_ERROR(check_same_dtype(c, x, i));
  if (c.shape(i) != trailing(c.shape(x), c.int_attribute(0))) {
    return c.invalid("input has shape ", c.shape(x).to_string(), ", ", name, " ",
                     c.shape(i).to_string(), "; expected ", name, " ",
                     trailing(c.shape(x), c.int_attribute(0)).to_string());
  }
  return absl::OkStatus();
}

void add_statistic(InferContext& c, int x) {
  c.add_output(wide_dtype(c.dtype(x)), leading(c.shape(x), c.int_attribute(0)));
}

// The gradients of y = (x - mean) rstd weight + bias, mean undefined where x is not centred:
//   gx = rstd (h - mean(h) - xhat mean(h xhat)), h = g weight, xhat = (x - mean) rstd
//   gweight = sum(g xhat), gbias = sum(g)
// weight may be undefined; mean and rstd are columns. With `affine` all three, otherwise gx.
std::vector<Tensor> gradients(const Tensor& g, const Tensor& x, const Tensor& weight,
                              const Tensor& mean, const Tensor& rstd, int64_t dims, bool affine) {
  const Tensor wide_g = wide(g);
  const Tensor xhat = (mean.defined() ? wide(x) - mean : wide(x)) * rstd;
  const Tensor h = weight.defined() ? wide_g * wide(weight) : wide_g;
  Tensor inner = h - xhat * mean_of_rows(h * xhat, dims);
  if (mean.defined()) inner = inner - mean_of_rows(h, dims);
  std::vector<Tensor> result = {(inner * rstd).to(x.dtype())};
  if (affine) {
    result.push_back(sum_of_rows(wide_g * xhat, dims).to(x.dtype()));
    if (mean.defined()) result.push_back(sum_of_rows(wide_g, dims).to(x.dtype()));
  }
  return result;
}

struct Statistics {
  Tensor mean, rstd;  // columns; mean undefined where x is not centred
};

Statistics statistics(const Tensor& x, int64_t dims, double eps, bool centred) {
  const Tensor values = wide(x);
  if (!centred) return {Tensor(), rsqrt(mean_of_rows(square(values), dims) + eps)};
  const Tensor mean = mean_of_rows(values, dims);
  return {mean, rsqrt(mean_of_rows(square(values - mean), dims) + eps)};
}

Tensor normalized(const Tensor& x, const Statistics& s) {
  return (s.mean.defined() ? wide(x) - s.mean : wide(x)) * s.rstd;
}

// Passes the results of a backward op on to the context: of x, weight and bias.
void set_gradients(VjpContext& c, const std::vector<Tensor>& results) {
  for (size_t i = 0; i < results.size(); ++i) {
    const int k = static_cast<int>(i);
    if (c.needs(k)) c.set(k, results[i]);
  }
}

// g, x, [weight], mean, rstd -> gx, [gweight, gbias]; ints: dims, has_weight, affine. Not recorded:
// layer_norm's vjp is written in other ops where its gradient is wanted.
const OpDef kLayerNormBackward = {
    .name = "layer_norm_backward",
    .infer =
        [](InferContext& c) {
          TESSERA_RETURN_IF_ERROR(check_rows(c, 1));
          TESSERA_RETURN_IF_ERROR(check_same_dtype(c, 0, 1));
          TESSERA_RETURN_IF_ERROR(check_affine(c, 1, 2, "weight"));
          const Shape rows = leading(c.shape(1), c.int_attribute(0));
          if (c.shape(0) != c.shape(1) || c.shape(3) != rows || c.shape(4) != rows) {
            return c.invalid("gradient has shape ", c.shape(0).to_string(), ", input ",
                             c.shape(1).to_string(), ", statistics ", c.shape(3).to_string(),
                             " and ", c.shape(4).to_string());
          }
          c.add_output(c.dtype(1), c.shape(1));
          for (int i = 0; i < (c.int_attribute(2) != 0 ? 2 : 0); ++i) {
            c.add_output(c.dtype(1), trailing(c.shape(1), c.int_attribute(0)));
          }
          return absl::OkStatus();
        },
    .decompose =
        [](TensorRefs in, const Attributes& a) {
          const int64_t dims = a.ints[0];
          return gradients(*in[0], *in[1], *in[2], as_column(wide(*in[3]), dims),
                           as_column(wide(*in[4]), dims), dims, a.ints[2] != 0);
        },
    .samples =
        [](const OpDef&) {
          auto with = [](const char* name, const Shape& x, int64_t dims, bool weight, bool affine) {
            const Shape rows = leading(x, dims), last = trailing(x, dims);
            return sample(name,
                          {arg(x), arg(x), weight ? arg(last, 0.5, 2) : arg_none(),
                           arg(rows, -0.2, 0.2), arg(rows, 0.7, 1)},
                          {dims, weight, affine});
          };
          return std::vector<Sample>{
              with("Rows", {5, 17}, 1, true, true),
              with("TwoDims", {2, 3, 5, 7}, 2, true, true),
              with("NoWeight", {3, 13}, 1, false, true),
              with("InputOnly", {3, 5, 6}, 2, true, false),
              with("NoRows", {0, 5}, 1, true, true),
              with("NoColumns", {3, 0}, 1, true, true),
              error_sample("Shapes", {arg({3, 5}), arg({3, 4}), arg_none(), arg({3}), arg({3})},
                           {1, 0, 0})};
        },
};

// x (B.., S..), [weight (S..)], [bias (S..)] -> y, mean (B..), rstd (B..)
// ints: dims, has_weight, has_bias; doubles: eps
const OpDef kLayerNorm = {
    .name = "layer_norm",
    .infer =
        [](InferContext& c) {
          TESSERA_RETURN_IF_ERROR(check_rows(c, 0));
          TESSERA_RETURN_IF_ERROR(check_affine(c, 0, 1, "weight"));
          TESSERA_RETURN_IF_ERROR(check_affine(c, 0, 2, "bias"));
          c.add_output(c.dtype(0), c.shape(0));
          add_statistic(c, 0);
          add_statistic(c, 0);
          return absl::OkStatus();
        },
    .vjp =
        [](VjpContext& c) {
          const Tensor g = c.grad(), &x = c.input(0), &weight = c.input(1);
          const int64_t dims = c.int_attribute(0);
          const bool affine = c.needs(1) || c.needs(2);
          if (dispatch_state().grad_mode) {
            const Statistics s = statistics(x, dims, c.attributes().doubles[0], true);
            return set_gradients(c, gradients(g, x, weight, s.mean, s.rstd, dims, affine));
          }
          const Tensor* inputs[] = {&g, &x, &weight, &c.output(1), &c.output(2)};
          set_gradients(c,
                        dispatch_all(kLayerNormBackward, inputs, {dims, weight.defined(), affine}));
        },
    .decompose =
        [](TensorRefs in, const Attributes& a) {
          const Tensor &x = *in[0], &weight = *in[1], &bias = *in[2];
          const int64_t dims = a.ints[0];
          const Statistics s = statistics(x, dims, a.doubles[0], true);
          Tensor y = normalized(x, s);
          if (weight.defined()) y = y * wide(weight);
          if (bias.defined()) y = y + wide(bias);
          const Shape rows = leading(x.shape(), dims);
          return std::vector<Tensor>{y.to(x.dtype()), reshape(s.mean, rows), reshape(s.rstd, rows)};
        },
    .saved_inputs = 3,
    .saved_outputs = 6,
    .auxiliary_outputs = 6,
    .samples =
        [](const OpDef&) {
          auto with = [](const char* name, const Shape& x, int64_t dims, bool weight, bool bias,
                         double eps = 1e-5) {
            const Shape last = trailing(x, dims);
            return sample(
                name,
                {arg(x), weight ? arg(last, 0.5, 2) : arg_none(), bias ? arg(last) : arg_none()},
                {{dims, weight, bias}, {eps}});
          };
          Sample constant =
              sample("ConstantRows",
                     {arg_values({2, 5}, std::vector<double>(10, 3.5)), arg_none(), arg_none()},
                     {{1, 0, 0}, {1e-5}});
          const double nan = std::numeric_limits<double>::quiet_NaN();
          Sample nans = sample("NanInOneRow",
                               {arg_values({2, 3}, {1, nan, 2, 3, 5, 9}), arg_none(), arg_none()},
                               {{1, 0, 0}, {1e-5}});
          constant.differentiable = nans.differentiable = false;
          return std::vector<Sample>{
              with("Rows", {5, 17}, 1, true, true),
              with("TwoDims", {2, 3, 5, 7}, 2, true, true),
              with("WholeTensor", {2, 9}, 2, true, true),
              with("NoBias", {3, 5}, 1, true, false),
              with("BiasOnly", {3, 5}, 1, false, true),
              with("Plain", {2, 131}, 1, false, false),
              with("LargeEps", {4, 3}, 1, true, true, 0.5),
              with("OneElement", {3, 1}, 1, true, true),
              with("NoRows", {0, 5}, 1, true, true),
              with("NoColumns", {3, 0}, 1, true, true),
              constant,
              nans,
              error_sample("WeightShape", {arg({3, 5}), arg({3}), arg_none()}, {{1, 1, 0}, {1e-5}}),
              error_sample("BiasDtype", {arg({3, 5}), arg_none(), arg({5}, 0, 1, kFloat64)},
                           {{1, 0, 1}, {1e-5}}),
              error_sample("Integers", {arg({3, 5}, 0, 9, kInt64), arg_none(), arg_none()},
                           {{1, 0, 0}, {1e-5}}),
              error_sample("TooManyDims", {arg({5}), arg_none(), arg_none()}, {{2, 0, 0}, {1e-5}})};
        },
};

// g, x, [weight], rstd -> gx, [gweight]; ints: dims, has_weight, affine. Not recorded, as above.
const OpDef kRmsNormBackward = {
    .name = "rms_norm_backward",
    .infer =
        [](InferContext& c) {
          TESSERA_RETURN_IF_ERROR(check_rows(c, 1));
          TESSERA_RETURN_IF_ERROR(check_same_dtype(c, 0, 1));
          TESSERA_RETURN_IF_ERROR(check_affine(c, 1, 2, "weight"));
          const int64_t dims = c.int_attribute(0);
          if (c.shape(0) != c.shape(1) || c.shape(3) != leading(c.shape(1), dims)) {
            return c.invalid("gradient has shape ", c.shape(0).to_string(), ", input ",
                             c.shape(1).to_string(), ", statistic ", c.shape(3).to_string());
          }
          c.add_output(c.dtype(1), c.shape(1));
          if (c.int_attribute(2) != 0) c.add_output(c.dtype(1), trailing(c.shape(1), dims));
          return absl::OkStatus();
        },
    .decompose =
        [](TensorRefs in, const Attributes& a) {
          return gradients(*in[0], *in[1], *in[2], Tensor(), as_column(wide(*in[3]), a.ints[0]),
                           a.ints[0], a.ints[2] != 0);
        },
    .samples =
        [](const OpDef&) {
          return std::vector<Sample>{
              sample("Rows", {arg({5, 17}), arg({5, 17}), arg({17}, 0.5, 2), arg({5}, 0.7, 1)},
                     {1, 1, 1}),
              sample("NoWeight", {arg({3, 2, 7}), arg({3, 2, 7}), arg_none(), arg({3}, 0.7, 1)},
                     {2, 0, 0}),
              sample("NoRows", {arg({0, 5}), arg({0, 5}), arg({5}), arg({0})}, {1, 1, 1}),
              error_sample("Shapes", {arg({3, 5}), arg({3, 4}), arg_none(), arg({3})}, {1, 0, 0})};
        },
};

// x (B.., S..), [weight (S..)] -> y, rstd (B..); ints: dims, has_weight; doubles: eps
const OpDef kRmsNorm = {
    .name = "rms_norm",
    .infer =
        [](InferContext& c) {
          TESSERA_RETURN_IF_ERROR(check_rows(c, 0));
          TESSERA_RETURN_IF_ERROR(check_affine(c, 0, 1, "weight"));
          c.add_output(c.dtype(0), c.shape(0));
          add_statistic(c, 0);
          return absl::OkStatus();
        },
    .vjp =
        [](VjpContext& c) {
          const Tensor g = c.grad(), &x = c.input(0), &weight = c.input(1);
          const int64_t dims = c.int_attribute(0);
          const bool affine = c.needs(1);
          if (dispatch_state().grad_mode) {
            const Statistics s = statistics(x, dims, c.attributes().doubles[0], false);
            return set_gradients(c, gradients(g, x, weight, Tensor(), s.rstd, dims, affine));
          }
          const Tensor* inputs[] = {&g, &x, &weight, &c.output(1)};
          set_gradients(c,
                        dispatch_all(kRmsNormBackward, inputs, {dims, weight.defined(), affine}));
        },
    .decompose =
        [](TensorRefs in, const Attributes& a) {
          const Tensor &x = *in[0], &weight = *in[1];
          const Statistics s = statistics(x, a.ints[0], a.doubles[0], false);
          Tensor y = normalized(x, s);
          if (weight.defined()) y = y * wide(weight);
          return std::vector<Tensor>{y.to(x.dtype()),
                                     reshape(s.rstd, leading(x.shape(), a.ints[0]))};
        },
    .saved_inputs = 3,
    .saved_outputs = 2,
    .auxiliary_outputs = 2,
    .samples =
        [](const OpDef&) {
          return std::vector<Sample>{
              sample("Rows", {arg({5, 17}), arg({17}, 0.5, 2)}, {{1, 1}, {1e-6}}),
              sample("TwoDims", {arg({2, 3, 5, 7}), arg({5, 7})}, {{2, 1}, {1e-6}}),
              sample("Plain", {arg({2, 131}), arg_none()}, {{1, 0}, {0.1}}),
              sample("NoRows", {arg({0, 5}), arg({5})}, {{1, 1}, {1e-6}}),
              error_sample("WeightShape", {arg({3, 5}), arg({3})}, {{1, 1}, {1e-6}}),
              error_sample("TooManyDims", {arg({5}), arg_none()}, {{2, 0}, {1e-6}})};
        },
};

// The number of dimensions that `shape` names at the end of x.
int64_t checked_dims(const OpDef& op, const Tensor& x, const Shape& shape) {
  const int64_t dims = shape.rank();
  if (dims < 1 || dims > x.dim() || trailing(x.shape(), dims) != shape) {
    raise_op_error(op.name, absl::InvalidArgumentError(
                                absl::StrCat("normalized_shape is ", shape.to_string(), ", input ",
                                             x.shape().to_string(), ", which does not end so")));
  }
  return dims;
}

}  // namespace

Tensor layer_norm(const Tensor& x, const Shape& normalized_shape, const Tensor& weight,
                  const Tensor& bias, double eps) {
  const int64_t dims = checked_dims(kLayerNorm, x, normalized_shape);
  return dispatch(kLayerNorm, {&x, &weight, &bias},
                  {{dims, weight.defined(), bias.defined()}, {eps}});
}

Tensor rms_norm(const Tensor& x, const Shape& normalized_shape, const Tensor& weight,
                std::optional<double> eps) {
  const int64_t dims = checked_dims(kRmsNorm, x, normalized_shape);
  const double machine_epsilon = wide_dtype(x.dtype()) == kFloat64
                                     ? std::numeric_limits<double>::epsilon()
                                     : std::numeric_limits<float>::epsilon();
  return dispatch(kRmsNorm, {&x, &weight},
                  {{dims, weight.defined()}, {eps.value_or(machine_epsilon)}});
}

Tensor group_norm(const Tensor& x, int64_t num_groups, const Tensor& weight, const Tensor& bias,
                  double eps) {
  auto refuse = [](auto... parts) {
    raise_op_error("group_norm", absl::InvalidArgumentError(absl::StrCat(parts...)));
  };
  if (x.dim() < 2) refuse("wants (N, C, ..), got ", x.shape().to_string());
  const int64_t samples = x.size(0), channels = x.size(1);
  if (num_groups < 1 || channels % num_groups != 0) {
    refuse("num_groups is ", num_groups, ", which does not divide the ", channels,
           " channels of input ", x.shape().to_string());
  }
  for (const auto& [name, value] : {std::pair("weight", &weight), std::pair("bias", &bias)}) {
    if (value->defined() && value->shape() != Shape{channels}) {
      refuse(name, " has shape ", value->shape().to_string(), ", expected [", channels, "]");
    }
    if (value->defined() && value->dtype() != x.dtype()) {
      refuse(name, " is ", dtype_name(value->dtype()), ", input ", dtype_name(x.dtype()));
    }
  }
  const int64_t size = samples == 0 ? 0 : x.numel() / (samples * num_groups);
  Tensor y =
      reshape(layer_norm(reshape(x, {samples, num_groups, size}), {size}, {}, {}, eps), x.shape());
  Shape per_channel(x.shape().size(), 1);
  per_channel[1] = channels;
  if (weight.defined()) y = y * reshape(weight, per_channel);
  if (bias.defined()) y = y + reshape(bias, per_channel);
  return y;
}

absl::Span<const OpDef* const> layer_norm_ops() {
  static const OpDef* const kOps[] = {&kLayerNorm, &kLayerNormBackward, &kRmsNorm,
                                      &kRmsNormBackward};
  return kOps;
}

}  // namespace tessera

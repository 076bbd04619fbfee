// SPDX-License-Identifier: Apache-2.0
#include "tessera/tensor/ops/batch_norm.h"

#include "absl/strings/str_cat.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/factory.h"
#include "tessera/tensor/ops/families.h"
#include "tessera/tensor/ops/infer.h"
#include "tessera/tensor/ops/reduce.h"
#include "tessera/tensor/ops/samples.h"
#include "tessera/tensor/ops/unary.h"
#include "tessera/tensor/ops/view.h"
#include "tessera/tensor/ops/wide.h"

namespace tessera {
namespace {

// Every dimension but that of channels.
Shape batch_dims(const Tensor& x) {
  Shape dims = {0};
  for (int64_t d = 2; d < x.dim(); ++d) dims.push_back(d);
  return dims;
}

// (C) -> (1, C, 1..), to broadcast with x.
Tensor per_channel(const Tensor& values, const Tensor& x) {
  Shape shape(x.shape().size(), 1);
  shape[1] = x.size(1);
  return reshape(values, shape);
}

Tensor mean_of_channels(const Tensor& x) { return mean(x, batch_dims(x), /*keepdim=*/true); }

absl::Status check_input(const InferContext& c, int x) {
  TESSERA_RETURN_IF_ERROR(check_floating_point(c, x));
  if (c.shape(x).rank() < 2) {
    return c.invalid("wants (N, C, ..), got ", c.shape(x).to_string());
  }
  return absl::OkStatus();
}

absl::Status check_channels(const InferContext& c, int x, int i, std::string_view name) {
  if (!c.has_input(i)) return absl::OkStatus();
  if (c.shape(i) != Shape{c.shape(x)[1]}) {
    return c.invalid("input has shape ", c.shape(x).to_string(), ", ", name, " ",
                     c.shape(i).to_string(), "; expected ", name, " [", c.shape(x)[1], "]");
  }
  return absl::OkStatus();
}

absl::Status check_affine(const InferContext& c, int x, int i, std::string_view name) {
  if (c.has_input(i)) TESSERA_RETURN_IF_ERROR(check_same_dtype(c, x, i));
  return check_channels(c, x, i, name);
}

// The gradients of y = (x - mean) rstd weight + bias, over every channel of its own:
//   gx = rstd weight (g - mean(g) - xhat mean(g xhat)), xhat = (x - mean) rstd
//   gweight = sum(g xhat), gbias = sum(g)
// weight may be undefined; mean and var have x's rank. With `affine` all three, otherwise gx.
std::vector<Tensor> gradients(const Tensor& g, const Tensor& x, const Tensor& weight,
                              const Tensor& mean, const Tensor& var, double eps, bool affine) {
  const Tensor rstd = rsqrt(var + eps), wide_g = wide(g);
  const Tensor xhat = (wide(x) - mean) * rstd;
  const Tensor products = wide_g * xhat;
  const Tensor inner = wide_g - mean_of_channels(wide_g) - xhat * mean_of_channels(products);
  const Tensor scale = weight.defined() ? rstd * per_channel(wide(weight), x) : rstd;
  std::vector<Tensor> result = {(inner * scale).to(x.dtype())};
  if (affine) {
    result.push_back(sum(products, batch_dims(x)).to(x.dtype()));
    result.push_back(sum(wide_g, batch_dims(x)).to(x.dtype()));
  }
  return result;
}

// g, x, [weight], mean, var -> gx, [gweight, gbias]; ints: has_weight, affine; doubles: eps. Not
// recorded: batch_norm's vjp is written in other ops where its gradient is wanted.
const OpDef kBatchNormBackward = {
    .name = "batch_norm_backward",
    .infer =
        [](InferContext& c) {
          TESSERA_RETURN_IF_ERROR(check_input(c, 1));
          TESSERA_RETURN_IF_ERROR(check_same_dtype(c, 0, 1));
          if (c.shape(0) != c.shape(1)) {
            return c.invalid("gradient has shape ", c.shape(0).to_string(), ", input ",
                             c.shape(1).to_string());
          }
          TESSERA_RETURN_IF_ERROR(check_affine(c, 1, 2, "weight"));
          TESSERA_RETURN_IF_ERROR(check_channels(c, 1, 3, "mean"));
          TESSERA_RETURN_IF_ERROR(check_channels(c, 1, 4, "var"));
          c.add_output(c.dtype(1), c.shape(1));
          for (int i = 0; i < (c.int_attribute(1) != 0 ? 2 : 0); ++i) {
            c.add_output(c.dtype(1), {c.shape(1)[1]});
          }
          return absl::OkStatus();
        },
    .decompose =
        [](TensorRefs in, const Attributes& a) {
          const Tensor& x = *in[1];
          return gradients(*in[0], x, *in[2], per_channel(wide(*in[3]), x),
                           per_channel(wide(*in[4]), x), a.doubles[0], a.ints[1] != 0);
        },
    .samples =
        [](const OpDef&) {
          auto with = [](const char* name, const Shape& x, bool weight, bool affine) {
            const Shape c = {x[1]};
            return sample(name,
                          {arg(x), arg(x), weight ? arg(c, 0.5, 2) : arg_none(), arg(c, -0.2, 0.2),
                           arg(c, 0.7, 2)},
                          {{weight, affine}, {1e-5}});
          };
          return std::vector<Sample>{
              with("Images", {3, 5, 2, 7}, true, true),
              with("Rows", {7, 19}, true, true),
              with("NoWeight", {5, 3, 4}, false, true),
              with("InputOnly", {5, 3}, true, false),
              with("NoSamples", {0, 3, 2}, true, true),
              error_sample("Shapes",
                           {arg({3, 5}), arg({3, 4}), arg_none(), arg({4}), arg({4}, 1, 2)},
                           {{0, 0}, {1e-5}})};
        },
};

// x (N, C, S..), [weight (C)], [bias (C)] -> y, mean (C), var (C); ints: has_weight, has_bias;
// doubles: eps
const OpDef kBatchNorm = {
    .name = "batch_norm",
    .infer =
        [](InferContext& c) {
          TESSERA_RETURN_IF_ERROR(check_input(c, 0));
          TESSERA_RETURN_IF_ERROR(check_affine(c, 0, 1, "weight"));
          TESSERA_RETURN_IF_ERROR(check_affine(c, 0, 2, "bias"));
          c.add_output(c.dtype(0), c.shape(0));
          for (int i = 0; i < 2; ++i) c.add_output(wide_dtype(c.dtype(0)), {c.shape(0)[1]});
          return absl::OkStatus();
        },
    .vjp =
        [](VjpContext& c) {
          const Tensor g = c.grad(), &x = c.input(0), &weight = c.input(1);
          const bool affine = c.needs(1) || c.needs(2);
          const double eps = c.attributes().doubles[0];
          std::vector<Tensor> results;
          if (x.numel() == 0) {
            // Statistics of nothing are nan; that is not passed on.
            const Tensor none = sum(g, batch_dims(g));
            results = {zeros_like(x), none, none};
          } else if (dispatch_state().grad_mode) {
            const Tensor mean = mean_of_channels(wide(x));
            const Tensor var = mean_of_channels(square(wide(x) - mean));
            results = gradients(g, x, weight, mean, var, eps, affine);
          } else {
            const Tensor* inputs[] = {&g, &x, &weight, &c.output(1), &c.output(2)};
            results = dispatch_all(kBatchNormBackward, inputs, {{weight.defined(), affine}, {eps}});
          }
          for (size_t i = 0; i < results.size(); ++i) {
            const int k = static_cast<int>(i);
            if (c.needs(k)) c.set(k, results[i]);
          }
        },
    .decompose =
        [](TensorRefs in, const Attributes& a) {
          const Tensor &x = *in[0], &weight = *in[1], &bias = *in[2];
          const Tensor mean = mean_of_channels(wide(x)), centred = wide(x) - mean;
          const Tensor var = mean_of_channels(square(centred));
          Tensor y = centred * rsqrt(var + a.doubles[0]);
          if (weight.defined()) y = y * per_channel(wide(weight), x);
          if (bias.defined()) y = y + per_channel(wide(bias), x);
          return std::vector<Tensor>{y.to(x.dtype()), reshape(mean, {x.size(1)}),
                                     reshape(var, {x.size(1)})};
        },
    .saved_inputs = 3,
    .saved_outputs = 6,
    .auxiliary_outputs = 6,
    .samples =
        [](const OpDef&) {
          auto with = [](const char* name, const Shape& x, bool weight, bool bias,
                         double eps = 1e-5) {
            const Shape c = {x[1]};
            return sample(
                name, {arg(x), weight ? arg(c, 0.5, 2) : arg_none(), bias ? arg(c) : arg_none()},
                {{weight, bias}, {eps}});
          };
          return std::vector<Sample>{
              with("Images", {3, 5, 2, 7}, true, true),
              with("Rows", {7, 19}, true, true),
              with("ManyColumns", {3, 131}, true, true),
              with("Sequences", {2, 3, 9}, true, false),
              with("Volumes", {2, 3, 2, 1, 3}, false, true),
              with("Plain", {5, 3}, false, false, 0.5),
              with("OneChannel", {2, 1, 17}, true, true),
              with("NoSamples", {0, 3, 2}, true, true),
              with("NoChannels", {2, 0, 3}, true, true),
              error_sample("Rank1", {arg({5}), arg_none(), arg_none()}, {{0, 0}, {1e-5}}),
              error_sample("WeightShape", {arg({3, 5}), arg({3}), arg_none()}, {{1, 0}, {1e-5}}),
              error_sample("BiasDtype", {arg({3, 5}), arg_none(), arg({5}, 0, 1, kFloat64)},
                           {{0, 1}, {1e-5}})};
        },
};

void check_given(const Tensor& x, const Tensor& values, std::string_view name) {
  if (!values.defined() || values.shape() == Shape{x.size(1)}) return;
  raise_op_error("batch_norm",
                 absl::InvalidArgumentError(absl::StrCat(
                     "input has shape ", x.shape().to_string(), ", ", name, " ",
                     values.shape().to_string(), "; expected ", name, " [", x.size(1), "]")));
}

}  // namespace

BatchNormResult batch_norm_training(const Tensor& x, const Tensor& weight, const Tensor& bias,
                                    double eps) {
  const Tensor* inputs[] = {&x, &weight, &bias};
  std::vector<Tensor> results =
      dispatch_all(kBatchNorm, inputs, {{weight.defined(), bias.defined()}, {eps}});
  return {results[0], results[1], results[2]};
}

Tensor batch_norm_inference(const Tensor& x, const Tensor& mean, const Tensor& var,
                            const Tensor& weight, const Tensor& bias, double eps) {
  if (x.dim() < 2) {
    raise_op_error("batch_norm", absl::InvalidArgumentError(absl::StrCat("wants (N, C, ..), got ",
                                                                         x.shape().to_string())));
  }
  check_given(x, mean, "mean");
  check_given(x, var, "var");
  check_given(x, weight, "weight");
  check_given(x, bias, "bias");
  Tensor scale = rsqrt(wide(var) + eps);
  if (weight.defined()) scale = scale * wide(weight);
  Tensor shift = -wide(mean) * scale;
  if (bias.defined()) shift = shift + wide(bias);
  const Tensor y = wide(x) * per_channel(scale, x) + per_channel(shift, x);
  return y.to(x.dtype());
}

absl::Span<const OpDef* const> batch_norm_ops() {
  static const OpDef* const kOps[] = {&kBatchNorm, &kBatchNormBackward};
  return kOps;
}

}  // namespace tessera

// SPDX-License-Identifier: Apache-2.0
//
// The dtype argument of reductions, scans and softmax, and the methods that write in place, against
// PyTorch.
#include <map>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tessera/tensor/ops/ops.h"
#include "tessera/tests/goldens/op_golden.h"

namespace tessera::goldens {
namespace {

using Tensors = std::vector<Tensor>;
using Case = const GoldenCase&;
using In = const Tensors&;

DType dtype_of(Case g) {
  for (DType dtype : {kFloat32, kFloat64, kInt32, kInt64}) {
    if (dtype_name(dtype) == g.text("dtype")) return dtype;
  }
  ADD_FAILURE() << g.text("dtype");
  return kFloat32;
}

using Reduction = Tensor (*)(const Tensor&, Dims, bool, std::optional<DType>);
using AlongDim = Tensor (*)(const Tensor&, int64_t, std::optional<DType>);

// The function, and the method of that name.
Tensors both(const Tensor& a, const Tensor& b) {
  EXPECT_TRUE(allclose(a, b, 0, 0, /*equal_nan=*/true));
  EXPECT_EQ(a.dtype(), b.dtype());
  return {a};
}
template <class Method>
Op reduction(Reduction f, Method method) {
  return [f, method](Case g, In in) {
    const DType dtype = dtype_of(g);
    if (!g.has_option("dim"))
      return both(f(in[0], {}, false, dtype), method(in[0], Dims(), false, dtype));
    const int64_t dim = g.integer("dim", 0);
    return both(f(in[0], {dim}, false, dtype), method(in[0], dim, false, dtype));
  };
}
template <class Method>
Op along_dim(AlongDim f, Method method) {
  return [f, method](Case g, In in) {
    const int64_t dim = g.integer("dim", 0);
    return both(f(in[0], dim, dtype_of(g)), method(in[0], dim, dtype_of(g)));
  };
}

// What `method` leaves in a copy of the first input, which it returns.
template <class Method>
Op in_place(Method method) {
  return [method](Case g, In in) {
    Tensor target = in[0].clone();
    EXPECT_TRUE(method(g, target, in).is_same(target));
    return Tensors{target};
  };
}
Op in_place(Tensor& (Tensor::*method)()) {
  return in_place([method](Case, Tensor& t, In) -> Tensor& { return (t.*method)(); });
}
Op in_place(Tensor& (Tensor::*method)(const Tensor&)) {
  return in_place([method](Case, Tensor& t, In in) -> Tensor& { return (t.*method)(in[1]); });
}
Op in_place(Tensor& (Tensor::*method)(int64_t)) {
  return in_place(
      [method](Case g, Tensor& t, In) -> Tensor& { return (t.*method)(g.integer("k", 0)); });
}
Op in_place(Tensor& (Tensor::*method)(const Tensor&, const Tensor&, double, double)) {
  return in_place([method](Case g, Tensor& t, In in) -> Tensor& {
    return (t.*method)(in[1], in[2], g.number("beta", 1), g.number("alpha", 1));
  });
}

std::map<std::string, Op> ops() {
#define METHOD(name) [](const Tensor& x, auto... args) { return x.name(args...); }
  std::map<std::string, Op> ops = {
      {"sum", reduction(sum, METHOD(sum))},
      {"prod", reduction(prod, METHOD(prod))},
      {"mean", reduction(mean, METHOD(mean))},
      {"nansum", reduction(nansum, METHOD(nansum))},
      {"nanmean", reduction(nanmean, METHOD(nanmean))},
      {"cumsum", along_dim(cumsum, METHOD(cumsum))},
      {"cumprod", along_dim(cumprod, METHOD(cumprod))},
      {"softmax", along_dim(softmax, METHOD(softmax))},
      {"log_softmax", along_dim(log_softmax, METHOD(log_softmax))},
      {"logit_", in_place([](Case, Tensor& t, In) -> Tensor& { return t.logit_(); })},
      {"div_", in_place([](Case g, Tensor& t, In in) -> Tensor& {
         return t.div_(in[1],
                       g.text("mode") == "floor" ? RoundingMode::kFloor : RoundingMode::kTrunc);
       })}};
#undef METHOD
#define IN_PLACE(name) ops[#name] = in_place(&Tensor::name)
  IN_PLACE(neg_);
  IN_PLACE(abs_);
  IN_PLACE(sign_);
  IN_PLACE(exp_);
  IN_PLACE(exp2_);
  IN_PLACE(expm1_);
  IN_PLACE(log_);
  IN_PLACE(log2_);
  IN_PLACE(log10_);
  IN_PLACE(log1p_);
  IN_PLACE(sqrt_);
  IN_PLACE(rsqrt_);
  IN_PLACE(reciprocal_);
  IN_PLACE(square_);
  IN_PLACE(sin_);
  IN_PLACE(cos_);
  IN_PLACE(tan_);
  IN_PLACE(asin_);
  IN_PLACE(acos_);
  IN_PLACE(atan_);
  IN_PLACE(sinh_);
  IN_PLACE(cosh_);
  IN_PLACE(tanh_);
  IN_PLACE(sigmoid_);
  IN_PLACE(erf_);
  IN_PLACE(erfinv_);
  IN_PLACE(relu_);
  IN_PLACE(floor_);
  IN_PLACE(ceil_);
  IN_PLACE(round_);
  IN_PLACE(trunc_);
  IN_PLACE(frac_);
  IN_PLACE(logical_not_);
  IN_PLACE(bitwise_not_);
  IN_PLACE(eq_);
  IN_PLACE(ne_);
  IN_PLACE(lt_);
  IN_PLACE(le_);
  IN_PLACE(gt_);
  IN_PLACE(ge_);
  IN_PLACE(logical_and_);
  IN_PLACE(logical_or_);
  IN_PLACE(logical_xor_);
  IN_PLACE(bitwise_and_);
  IN_PLACE(bitwise_or_);
  IN_PLACE(bitwise_xor_);
  IN_PLACE(bitwise_left_shift_);
  IN_PLACE(bitwise_right_shift_);
  IN_PLACE(atan2_);
  IN_PLACE(tril_);
  IN_PLACE(triu_);
  IN_PLACE(cumsum_);
  IN_PLACE(cumprod_);
  IN_PLACE(addmm_);
  IN_PLACE(addmv_);
  IN_PLACE(baddbmm_);
#undef IN_PLACE
  return ops;
}

TEST(TensorMethodGoldens, EveryCase) { check_ops("tensor_methods", ops()); }

TEST(TensorMethods, DtypeAloneReducesAll) {
  const Tensor x = tensor<float>({1.5f, 2.5f});
  EXPECT_TRUE(equal(x.sum(kInt64), tensor<int64_t>({3}, Shape{})));
  EXPECT_TRUE(equal(x.prod(kInt32), tensor<int32_t>({2}, Shape{})));
  EXPECT_TRUE(equal(x.mean(kFloat64), tensor<double>({2}, Shape{})));
}

TEST(TensorMethods, RefuseDtypesWithoutAMeaning) {
  EXPECT_THROW(sum(ones({2}), {}, false, kBool), Error);
  EXPECT_THROW(cumsum(ones({2}), 0, kBool), Error);
  EXPECT_THROW(mean(ones({2}), {}, false, kInt64), Error);
  EXPECT_THROW(softmax(ones({2}), 0, kInt64), Error);
}

}  // namespace
}  // namespace tessera::goldens

// SPDX-License-Identifier: Apache-2.0
//
// Tensor ops against PyTorch: values, dtypes, gradients, type promotion.
#include "tessera/tensor/ops/ops.h"

#include <map>

#include "gtest/gtest.h"
#include "tessera/tests/goldens/golden_file.h"
#include "tessera/tests/goldens/op_golden.h"

namespace tessera::goldens {
namespace {

using Tensors = std::vector<Tensor>;
using Case = const GoldenCase&;
using In = const Tensors&;

Op reduction(Tensor (*f)(const Tensor&, Dims, bool)) {
  return [f](Case g, In in) { return Tensors{f(in[0], g.integers("dims"), g.flag("keepdim"))}; };
}
Op reduction(Tensor (*f)(const Tensor&, Dims, bool, std::optional<DType>)) {
  return [f](Case g, In in) {
    return Tensors{f(in[0], g.integers("dims"), g.flag("keepdim"), std::nullopt)};
  };
}
Op deviation(Tensor (*f)(const Tensor&, Dims, int64_t, bool)) {
  return [f](Case g, In in) {
    return Tensors{f(in[0], g.integers("dims"), g.integer("correction", 1), g.flag("keepdim"))};
  };
}
Op along_dim(Tensor (*f)(const Tensor&, int64_t, std::optional<DType>)) {
  return [f](Case g, In in) { return Tensors{f(in[0], g.integer("dim", 0), std::nullopt)}; };
}
Tensors both(std::pair<Tensor, Tensor> pair) { return {pair.first, pair.second}; }

using Unary = Tensor (*)(const Tensor&);

const std::map<std::string, Op>& ops() {
  static const auto* const table = new std::map<std::string, Op>{
      {"neg", unary(neg)}, {"abs", unary(static_cast<Unary>(abs))}, {"sign", unary(sign)},
      {"square", unary(square)}, {"relu", unary(relu)}, {"exp", unary(static_cast<Unary>(exp))},
      {"exp2", unary(static_cast<Unary>(exp2))}, {"expm1", unary(static_cast<Unary>(expm1))},
      {"log", unary(static_cast<Unary>(log))}, {"log2", unary(static_cast<Unary>(log2))},
      {"log10", unary(static_cast<Unary>(log10))}, {"log1p", unary(static_cast<Unary>(log1p))},
      {"sqrt", unary(static_cast<Unary>(sqrt))}, {"rsqrt", unary(rsqrt)},
      {"reciprocal", unary(reciprocal)}, {"sin", unary(static_cast<Unary>(sin))},
      {"cos", unary(static_cast<Unary>(cos))}, {"tan", unary(static_cast<Unary>(tan))},
      {"asin", unary(static_cast<Unary>(asin))}, {"acos", unary(static_cast<Unary>(acos))},
      {"atan", unary(static_cast<Unary>(atan))}, {"sinh", unary(static_cast<Unary>(sinh))},
      {"cosh", unary(static_cast<Unary>(cosh))}, {"tanh", unary(static_cast<Unary>(tanh))},
      {"erf", unary(static_cast<Unary>(erf))}, {"floor", unary(static_cast<Unary>(floor))},
      {"ceil", unary(static_cast<Unary>(ceil))}, {"round", unary(static_cast<Unary>(round))},
      {"trunc", unary(static_cast<Unary>(trunc))}, {"sigmoid", unary(sigmoid)},
      {"silu", unary(silu)}, {"gelu", unary(gelu)}, {"gelu_tanh", unary(gelu_tanh)},
      {"softplus", unary(softplus)}, {"logsigmoid", unary(logsigmoid)}, {"isnan", unary(isnan)},
      {"isinf", unary(isinf)}, {"isfinite", unary(isfinite)}, {"logical_not", unary(logical_not)},
      {"bitwise_not", unary(bitwise_not)}, {"norm", [](Case, In in) { return Tensors{norm(in[0])}; }},
      {"add", binary(add)}, {"sub", binary(sub)}, {"mul", binary(mul)}, {"div", binary(div)},
      {"floor_divide", binary(floor_divide)}, {"trunc_divide", binary(trunc_divide)},
      {"remainder", binary(remainder)}, {"fmod", binary(fmod)}, {"pow", binary(pow)},
      {"maximum", binary(maximum)}, {"minimum", binary(minimum)}, {"atan2", binary(atan2)},
      {"eq", binary(eq)}, {"ne", binary(ne)}, {"lt", binary(lt)}, {"le", binary(le)},
      {"gt", binary(gt)}, {"ge", binary(ge)}, {"logical_and", binary(logical_and)},
      {"logical_or", binary(logical_or)}, {"logical_xor", binary(logical_xor)},
      {"bitwise_and", binary(bitwise_and)}, {"bitwise_or", binary(bitwise_or)},
      {"bitwise_xor", binary(bitwise_xor)}, {"matmul", binary(matmul)}, {"outer", binary(outer)},
      {"dot", binary(dot)},
      {"sum", reduction(sum)}, {"mean", reduction(mean)}, {"prod", reduction(prod)},
      {"amax", reduction(amax)}, {"amin", reduction(amin)}, {"any", reduction(any)},
      {"all", reduction(all)}, {"logsumexp", reduction(logsumexp)}, {"var", deviation(var)},
      {"std", deviation(std)}, {"cumsum", along_dim(cumsum)}, {"cumprod", along_dim(cumprod)},
      {"softmax", along_dim(softmax)}, {"log_softmax", along_dim(log_softmax)},
      {"where", [](Case, In in) { return Tensors{where(in[0], in[1], in[2])}; }},
      {"lerp", [](Case, In in) { return Tensors{lerp(in[0], in[1], in[2])}; }},
      {"masked_fill",
       [](Case g, In in) {
         return Tensors{masked_fill(in[0], in[1], g.number("value", 0))};
       }},
      {"clamp",
       [](Case g, In in) {
         return Tensors{clamp(in[0], optional_number(g, "low"), optional_number(g, "high"))};
       }},
      {"max", [](Case g, In in) { return both(max(in[0], g.integer("dim", 0))); }},
      {"min", [](Case g, In in) { return both(min(in[0], g.integer("dim", 0))); }},
      {"sort",
       [](Case g, In in) {
         return both(sort(in[0], g.integer("dim", -1), g.flag("descending")));
       }},
      {"topk",
       [](Case g, In in) {
         return both(topk(in[0], g.integer("k", 1), g.integer("dim", -1), g.flag("largest")));
       }},
      {"argmax",
       [](Case g, In in) {
         return Tensors{g.has_option("dim") ? argmax(in[0], g.integer("dim", 0), g.flag("keepdim"))
                                            : argmax(in[0])};
       }},
      {"argmin",
       [](Case g, In in) {
         return Tensors{g.has_option("dim") ? argmin(in[0], g.integer("dim", 0), g.flag("keepdim"))
                                            : argmin(in[0])};
       }},
      {"permute", [](Case g, In in) { return Tensors{permute(in[0], g.integers("dims"))}; }},
      {"movedim",
       [](Case g, In in) {
         return Tensors{movedim(in[0], g.integer("source", 0), g.integer("destination", 0))};
       }},
      {"expand", [](Case g, In in) { return Tensors{expand(in[0], g.integers("size"))}; }},
      {"slice",
       [](Case g, In in) {
         return Tensors{slice(in[0], g.integer("dim", 0), g.integer("start", 0), g.integer("end", 0),
                              g.integer("step", 1))};
       }},
      {"select",
       [](Case g, In in) {
         return Tensors{select(in[0], g.integer("dim", 0), g.integer("index", 0))};
       }},
      {"windows",
       [](Case g, In in) {
         return Tensors{windows(in[0], {g.integer("kernel", 1)}, {g.integer("stride", 1)}, {1})};
       }},
      {"cat", [](Case g, In in) { return Tensors{cat(in, g.integer("dim", 0))}; }},
      {"stack", [](Case g, In in) { return Tensors{stack(in, g.integer("dim", 0))}; }},
      {"pad",
       [](Case g, In in) {
         return Tensors{pad(in[0], g.integers("padding"), g.number("value", 0))};
       }},
      {"flip", [](Case g, In in) { return Tensors{flip(in[0], g.integers("dims"))}; }},
      {"roll",
       [](Case g, In in) {
         return Tensors{roll(in[0], g.integer("shift", 0), g.integer("dim", 0))};
       }},
      {"repeat", [](Case g, In in) { return Tensors{repeat(in[0], g.integers("repeats"))}; }},
      {"gather", [](Case g, In in) { return Tensors{gather(in[0], g.integer("dim", 0), in[1])}; }},
      {"scatter",
       [](Case g, In in) {
         return Tensors{scatter(in[0], g.integer("dim", 0), in[1], in[2])};
       }},
      {"scatter_add",
       [](Case g, In in) {
         return Tensors{scatter_add(in[0], g.integer("dim", 0), in[1], in[2])};
       }},
      {"index_select",
       [](Case g, In in) {
         return Tensors{index_select(in[0], g.integer("dim", 0), in[1])};
       }},
      {"index_add",
       [](Case g, In in) {
         return Tensors{index_add(in[0], g.integer("dim", 0), in[1], in[2])};
       }},
      {"linear",
       [](Case, In in) {
         return Tensors{linear(in[0], in[1], in.size() > 2 ? in[2] : Tensor())};
       }},
      {"index",
       [](Case, In in) {
         return Tensors{in.size() == 2 ? in[0].index({in[1]}) : in[0].index({in[1], in[2]})};
       }},
      {"one_hot", [](Case g, In in) { return Tensors{one_hot(in[0], g.integer("classes", -1))}; }},
  };
  return *table;
}

TEST(OpGoldens, EveryCase) { check_ops("ops", ops()); }

TEST(OpGoldens, Promotion) {
  const DType dtypes[] = {kFloat32, kFloat64, kFloat16, kBFloat16, kInt32, kInt64, kUInt8, kBool};
  const GoldenCase golden = load_goldens("ops", "promotion").at(0);
  auto expect = [&](const char* table, int64_t place, const Tensor& result, const char* what,
                    DType a, DType b) {
    const DType expected = dtypes[golden.tensor(table).to_vector<int64_t>()[place]];
    EXPECT_EQ(result.dtype(), expected)
        << what << " of " << dtype_name(a) << ", " << dtype_name(b) << " gives "
        << dtype_name(result.dtype()) << ", in PyTorch " << dtype_name(expected);
  };
  for (int64_t i = 0; i < 8; ++i) {
    const Tensor x = ones({2}, {.dtype = dtypes[i]});
    expect("tensor_int", i, x + 1, "tensor + int", dtypes[i], kInt64);
    expect("tensor_float", i, x + 1.5, "tensor + double", dtypes[i], kFloat64);
    for (int64_t j = 0; j < 8; ++j) {
      const Tensor y = ones({2}, {.dtype = dtypes[j]}), scalar = ones({}, {.dtype = dtypes[j]});
      expect("tensor_tensor", 8 * i + j, x + y, "tensor + tensor", dtypes[i], dtypes[j]);
      expect("tensor_rank0", 8 * i + j, x + scalar, "tensor + rank 0", dtypes[i], dtypes[j]);
      expect("rank0_tensor_div", 8 * i + j, scalar / x, "rank 0 / tensor", dtypes[j], dtypes[i]);
    }
  }
}

}  // namespace
}  // namespace tessera::goldens

// SPDX-License-Identifier: Apache-2.0
//
// Norms, order statistics, counts and distinct values against PyTorch.
#include "gtest/gtest.h"
#include "tessera/tensor/ops/ops.h"
#include "tessera/tests/goldens/op_golden.h"

namespace tessera::goldens {
namespace {

using Tensors = std::vector<Tensor>;
using G = const GoldenCase&;
using In = const Tensors&;

Op reduction(Tensor (*f)(const Tensor&, Dims, bool, std::optional<DType>)) {
  return [f](G g, In in) {
    return Tensors{f(in[0], g.integers("dims"), g.flag("keepdim"), std::nullopt)};
  };
}
Op moments(std::pair<Tensor, Tensor> (*f)(const Tensor&, Dims, int64_t, bool)) {
  return [f](G g, In in) {
    auto [first, second] =
        f(in[0], g.integers("dims"), g.integer("correction", 1), g.flag("keepdim"));
    return Tensors{first, second};
  };
}
Op along_dim(Tensor (*f)(const Tensor&, int64_t, std::optional<DType>)) {
  return [f](G g, In in) { return Tensors{f(in[0], g.integer("dim", 0), std::nullopt)}; };
}
Op distinct(UniqueResult (*f)(const Tensor&, const UniqueOptions&)) {
  return [f](G g, In in) {
    UniqueOptions options = {.return_inverse = true, .return_counts = true};
    if (g.has_option("dim")) options.dim = g.integer("dim", 0);
    UniqueResult result = f(in[0], options);
    return Tensors{result.values, result.inverse, result.counts};
  };
}

std::optional<int64_t> dim_of(G g) {
  if (!g.has_option("dim")) return std::nullopt;
  return g.integer("dim", 0);
}

Tensors extremes(G g, In in) {
  auto [least, greatest] =
      g.has_option("dim") ? aminmax(in[0], g.integer("dim", 0), g.flag("keepdim")) : aminmax(in[0]);
  return {least, greatest};
}

Tensors medians(G g, In in) {
  if (!g.has_option("dim")) return {median(in[0])};
  auto [values, indices] = median(in[0], g.integer("dim", 0), g.flag("keepdim"));
  return {values, indices};
}

Tensors quantiles(G g, In in) {
  std::vector<double> fractions;
  std::string list = g.text("q");
  for (size_t start = 0; start < list.size();) {
    size_t used = 0;
    fractions.push_back(std::stod(list.substr(start), &used));
    start += used + 1;
  }
  const Tensor q = fractions.size() > 1 ? tensor(fractions) : Tensor(fractions[0]);
  return {quantile(in[0], q, dim_of(g), g.flag("keepdim"), g.text("how", "linear"))};
}

TEST(ReductionGoldens, EveryCase) {
  check_ops(
      "reductions",
      {{"norm",
        [](G g, In in) {
          return Tensors{norm(in[0], g.number("p", 2), g.integers("dims"), g.flag("keepdim"))};
        }},
       {"nansum", reduction(nansum)},
       {"nanmean", reduction(nanmean)},
       {"count_nonzero",
        [](G g, In in) { return Tensors{count_nonzero(in[0], g.integers("dims"))}; }},
       {"aminmax", extremes},
       {"var_mean", moments(var_mean)},
       {"std_mean", moments(std_mean)},
       {"median", medians},
       {"quantile", quantiles},
       {"bincount",
        [](G g, In in) {
          return Tensors{
              bincount(in[0], in.size() > 1 ? in[1] : Tensor(), g.integer("minlength", 0))};
        }},
       {"histc",
        [](G g, In in) {
          return Tensors{
              histc(in[0], g.integer("bins", 100), g.number("min", 0), g.number("max", 0))};
        }},
       {"unique", distinct(unique)},
       {"unique_consecutive", distinct(unique_consecutive)},
       {"cumsum", along_dim(cumsum)},
       {"cumprod", along_dim(cumprod)}});
}

}  // namespace
}  // namespace tessera::goldens

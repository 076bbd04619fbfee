// SPDX-License-Identifier: Apache-2.0
//
// Triangles, indexing, joining, repeating and products of tensors against PyTorch.
#include <algorithm>

#include "gtest/gtest.h"
#include "tessera/tensor/ops/ops.h"
#include "tessera/tests/goldens/op_golden.h"

namespace tessera::goldens {
namespace {

using Tensors = std::vector<Tensor>;
using G = const GoldenCase&;
using In = const Tensors&;

Op joining(Tensor (*f)(absl::Span<const Tensor>)) {
  return [f](G, In in) { return Tensors{f(in)}; };
}
Op triangle(Tensor (*f)(const Tensor&, int64_t)) {
  return [f](G g, In in) { return Tensors{f(in[0], g.integer("diagonal", 0))}; };
}
Op add_product(Tensor (*f)(const Tensor&, const Tensor&, const Tensor&, double, double)) {
  return [f](G g, In in) {
    return Tensors{f(in[0], in[1], in[2], g.number("beta", 1), g.number("alpha", 1))};
  };
}
Op diagonals(Tensor (*f)(const Tensor&, int64_t, int64_t, int64_t)) {
  return [f](G g, In in) {
    return Tensors{f(in[0], g.integer("offset", 0), g.integer("dim1", 0), g.integer("dim2", 0))};
  };
}

std::optional<int64_t> dim_of(G g) {
  if (!g.has_option("dim")) return std::nullopt;
  return g.integer("dim", 0);
}

Tensors rolled(G g, In in) {
  const std::vector<int64_t> shifts = g.integers("shifts");
  return {g.has_option("dims") ? roll(in[0], shifts, g.integers("dims")) : roll(in[0], shifts[0])};
}

Tensors interleaved(G g, In in) {
  return {in.size() == 2 ? repeat_interleave(in[0], in[1], dim_of(g))
                         : repeat_interleave(in[0], g.integer("repeats", 0), dim_of(g))};
}

Tensors contracted(G g, In in) {
  return {g.has_option("dims") ? tensordot(in[0], in[1], g.integer("dims", 0))
                               : tensordot(in[0], in[1], g.integers("a"), g.integers("b"))};
}

Tensors summed_products(G g, In in) {
  std::string equation = g.text("equation");  // spaces would end the option
  std::replace(equation.begin(), equation.end(), '_', ' ');
  return {einsum(equation, in)};
}

TEST(ShapeGoldens, EveryCase) {
  check_ops(
      "shapes",
      {{"tril", triangle(tril)},
       {"triu", triangle(triu)},
       {"diag", triangle(diag)},
       {"diagonal", diagonals(diagonal)},
       {"diag_embed", diagonals(diag_embed)},
       {"einsum", summed_products},
       {"tensordot", contracted},
       {"mm", binary(mm)},
       {"bmm", binary(bmm)},
       {"mv", binary(mv)},
       {"inner", binary(inner)},
       {"kron", binary(kron)},
       {"addmm", add_product(addmm)},
       {"addmv", add_product(addmv)},
       {"baddbmm", add_product(baddbmm)},
       {"nonzero", [](G, In in) { return Tensors{nonzero(in[0])}; }},
       {"where", [](G, In in) { return where(in[0]); }},
       {"masked_select", binary(masked_select)},
       {"take_along_dim",
        [](G g, In in) { return Tensors{take_along_dim(in[0], in[1], dim_of(g))}; }},
       {"one_hot", [](G g, In in) { return Tensors{one_hot(in[0], g.integer("classes", -1))}; }},
       {"scatter",
        [](G g, In in) {
          return Tensors{scatter(in[0], g.integer("dim", 0), in[1], g.number("value", 0))};
        }},
       {"split", [](G g, In in) { return split(in[0], g.integers("sizes"), g.integer("dim", 0)); }},
       {"chunk",
        [](G g, In in) { return chunk(in[0], g.integer("chunks", 1), g.integer("dim", 0)); }},
       {"unbind", [](G g, In in) { return unbind(in[0], g.integer("dim", 0)); }},
       {"cat", [](G g, In in) { return Tensors{cat(in, g.integer("dim", 0))}; }},
       {"hstack", joining(hstack)},
       {"vstack", joining(vstack)},
       {"roll", rolled},
       {"tile", [](G g, In in) { return Tensors{tile(in[0], g.integers("repeats"))}; }},
       {"repeat_interleave", interleaved},
       {"movedim",
        [](G g, In in) {
          return Tensors{movedim(in[0], g.integers("source"), g.integers("destination"))};
        }},
       {"flatten",
        [](G g, In in) {
          return Tensors{flatten(in[0], g.integer("start", 0), g.integer("end", -1))};
        }},
       {"unflatten", [](G g, In in) {
          return Tensors{unflatten(in[0], g.integer("dim", 0), g.integers("sizes"))};
        }}});
}

}  // namespace
}  // namespace tessera::goldens

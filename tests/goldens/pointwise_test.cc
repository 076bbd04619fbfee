// SPDX-License-Identifier: Apache-2.0
//
// Elementwise compositions against PyTorch: values, dtypes, gradients, extremes.
#include <map>

#include "gtest/gtest.h"
#include "tessera/tensor/ops/ops.h"
#include "tessera/tests/goldens/op_golden.h"

namespace tessera::goldens {
namespace {

using Tensors = std::vector<Tensor>;
using Case = const GoldenCase&;
using In = const Tensors&;

// The option `key` as a C++ integer where the case says that its numbers are whole, else a double.
Tensor number(Case g, const std::string& key) {
  return g.flag("whole") ? Tensor(g.integer(key, 0)) : Tensor(g.number(key, 0));
}
std::optional<Tensor> bound(Case g, const std::string& key) {
  if (!g.has_option(key)) return std::nullopt;
  return number(g, key);
}
RoundingMode mode(Case g) {
  const std::string name = g.text("mode");
  return name == "trunc"   ? RoundingMode::kTrunc
         : name == "floor" ? RoundingMode::kFloor
                           : RoundingMode::kNone;
}

const std::map<std::string, Op>& ops() {
  static const auto* const table = new std::map<std::string, Op>{
      {"erfinv", unary(erfinv)},
      {"frac", unary(frac)},
      {"logit", [](Case g, In in) { return Tensors{logit(in[0], optional_number(g, "eps"))}; }},
      {"nan_to_num",
       [](Case g, In in) {
         return Tensors{nan_to_num(in[0], g.number("nan", 0), optional_number(g, "posinf"),
                                   optional_number(g, "neginf"))};
       }},
      {"add_alpha",
       [](Case g, In in) {
         const double alpha = g.number("alpha", 1);
         return Tensors{in[0].is_floating_point() ? in[0].add(in[1], alpha)
                                                  : in[0].add(in[1], static_cast<int64_t>(alpha))};
       }},
      {"sub_alpha", [](Case g, In in) { return Tensors{in[0].sub(in[1], g.number("alpha", 1))}; }},
      {"addcmul",
       [](Case g, In in) {
         return Tensors{in[0].is_floating_point()
                            ? in[0].addcmul(in[1], in[2], g.number("value", 1))
                            : in[0].addcmul(in[1], in[2], g.integer("value", 1))};
       }},
      {"addcdiv",
       [](Case g, In in) { return Tensors{in[0].addcdiv(in[1], in[2], g.number("value", 1))}; }},
      {"div_rounded", [](Case g, In in) { return Tensors{in[0].div(in[1], mode(g))}; }},
      {"remainder", binary(remainder)},
      {"fmod", binary(fmod)},
      {"lerp", [](Case, In in) { return Tensors{in[0].lerp(in[1], in[2])}; }},
      {"lerp_number",
       [](Case g, In in) { return Tensors{lerp(in[0], in[1], g.number("weight", 0))}; }},
      {"pow_number", [](Case g, In in) { return Tensors{in[0].pow(number(g, "exponent"))}; }},
      {"number_pow", [](Case g, In in) { return Tensors{pow(number(g, "base"), in[0])}; }},
      {"clamp_tensors", [](Case, In in) { return Tensors{clamp(in[0], in[1], in[2])}; }},
      {"clamp_number",
       [](Case g, In in) { return Tensors{in[0].clamp(bound(g, "low"), bound(g, "high"))}; }},
      {"clamp_min", binary(clamp_min)},
      {"clamp_max", binary(clamp_max)},
      {"masked_fill_number",
       [](Case g, In in) { return Tensors{in[0].masked_fill(in[1], g.number("value", 0))}; }},
      {"masked_fill_tensor", [](Case, In in) { return Tensors{masked_fill(in[0], in[1], in[2])}; }},
      {"where_number",
       [](Case g, In in) { return Tensors{in[1].where(in[0], g.number("value", 0))}; }},
      {"left_shift", binary(bitwise_left_shift)},
      {"right_shift", binary(bitwise_right_shift)},
      {"left_shift_number",
       [](Case g, In in) { return Tensors{bitwise_left_shift(in[0], g.integer("n", 0))}; }},
      {"right_shift_number",
       [](Case g, In in) { return Tensors{bitwise_right_shift(in[0], g.integer("n", 0))}; }},
      {"isclose",
       [](Case g, In in) {
         return Tensors{isclose(in[0], in[1], g.number("rtol", 1e-5), g.number("atol", 1e-8),
                                g.flag("equal_nan"))};
       }},
  };
  return *table;
}

TEST(PointwiseGoldens, EveryCase) { check_ops("pointwise", ops()); }

}  // namespace
}  // namespace tessera::goldens

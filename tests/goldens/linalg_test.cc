// SPDX-License-Identifier: Apache-2.0
//
// linalg against PyTorch, gradients of its gradients, and its errors.
#include "tessera/tensor/ops/linalg.h"

#include <functional>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tessera/autograd/autograd.h"
#include "tessera/autograd/gradcheck.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/tensor/ops/ops.h"
#include "tessera/tests/goldens/op_golden.h"

namespace tessera::goldens {
namespace {

using Tensors = std::vector<Tensor>;
using G = const GoldenCase&;
using In = const Tensors&;

const TensorOptions kDouble = {.dtype = kFloat64};

// These ops are for the backends that have them.
class Linalg : public testing::Test {
 protected:
  void SetUp() override {
    try {
      linalg::det(eye(1));
    } catch (const Error& e) {
      const std::string name = Device().backend();
      if (absl::IsUnimplemented(e.status()) && name != "cpu" && name != "reference") {
        GTEST_SKIP() << e.what();
      }
      FAIL() << e.what();
    }
  }
};

std::string error_of(const std::function<void()>& f) {
  try {
    f();
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}

Tensors solved_triangular(G g, In in) {
  linalg::SolveTriangularOptions options = {
      .upper = g.flag("upper"), .left = !g.flag("right"), .unitriangular = g.flag("unitriangular")};
  if (options.left) return {linalg::solve_triangular(in[0], in[1], options)};
  return {linalg::solve_triangular(in[0], in[1].transpose(-1, -2), options).transpose(-1, -2)};
}

TEST_F(Linalg, EveryCase) {
  check_ops(
      "linalg",
      {{"cholesky", [](G g, In in) { return Tensors{linalg::cholesky(in[0], g.flag("upper"))}; }},
       {"inv", unary(linalg::inv)},
       {"det", unary(linalg::det)},
       {"slogdet",
        [](G, In in) {
          auto [sign, log] = linalg::slogdet(in[0]);
          return Tensors{sign, log};
        }},
       {"solve",
        [](G g, In in) { return Tensors{linalg::solve(in[0], in[1], g.flag("left", true))}; }},
       {"solve_triangular", solved_triangular}});
}

TEST_F(Linalg, GradientsOfGradients) {
  manual_seed(3);
  Tensor m = randn({2, 4, 4}, kDouble) + 4 * eye(4, kDouble), b = randn({2, 4, 3}, kDouble);
  auto positive = [](const Tensor& x) {
    return matmul(x, x.transpose(-1, -2)) + eye(4, {.dtype = kFloat64});
  };
  auto check = [](const char* what, const std::function<Tensor(const Tensor&)>& f,
                  const Tensor& x) {
    SCOPED_TRACE(what);
    EXPECT_EQ(gradcheck(f, x), absl::OkStatus());
    EXPECT_EQ(gradgradcheck(f, x), absl::OkStatus());
  };
  check(
      "cholesky", [&](const Tensor& x) { return linalg::cholesky(positive(x)); }, m);
  check(
      "inv", [](const Tensor& x) { return linalg::inv(x); }, m);
  check(
      "det", [](const Tensor& x) { return linalg::det(x); }, m);
  check(
      "slogdet", [](const Tensor& x) { return linalg::slogdet(x).second; }, m);
  check(
      "solve, a", [&](const Tensor& x) { return linalg::solve(x, b); }, m);
  check(
      "solve, b", [&](const Tensor& x) { return linalg::solve(m, x); }, b);
  check(
      "solve_triangular",
      [&](const Tensor& x) { return linalg::solve_triangular(x, b, {.upper = true}); }, m);
}

// PyTorch 1.13 gives zeros here, unless a graph of the gradient is asked for.
TEST_F(Linalg, GradientOfASingularDeterminantIsTheMatrixOfCofactors) {
  Tensor a = tensor({{1.0, 2.0}, {2.0, 4.0}});
  a.requires_grad_();
  linalg::det(a).backward();
  expect_close(a.grad(), tensor({{4.0, -2.0}, {-2.0, 1.0}}), 1e-13);
  Tensor none = zeros({3, 3}, kDouble);
  none.requires_grad_();
  linalg::det(none).backward();
  expect_close(none.grad(), zeros({3, 3}, kDouble));
}

TEST_F(Linalg, SaysWhatIsWrong) {
  Tensor unit = eye(3, kDouble);
  EXPECT_EQ(error_of([&] {
              Tensor pair[] = {unit, -unit};
              linalg::cholesky(stack(pair));
            }),
            "linalg.cholesky: the leading minor of order 1 of matrix 1 is not positive definite");
  EXPECT_EQ(error_of([&] {
              linalg::solve(zeros({3, 3}, kDouble), unit);
            }),
            "linalg.solve: matrix 0 is singular");
  EXPECT_EQ(error_of([&] {
              linalg::inv(zeros({3, 3}, kDouble));
            }),
            "linalg.solve: matrix 0 is singular");
  EXPECT_EQ(error_of([&] {
              linalg::inv(ones({2, 3}));
            }),
            "linalg.inv: wants square matrices (B.., n, n), got [2, 3]");
  EXPECT_EQ(error_of([&] {
              linalg::det(ones({2, 3}));
            }),
            "linalg.det: wants square matrices (B.., n, n), got [2, 3]");
  EXPECT_EQ(error_of([&] {
              linalg::cholesky(ones({2, 2}, {.dtype = kFloat16}));
            }),
            "linalg.cholesky: wants float32 or float64, got float16");
  EXPECT_EQ(error_of([&] {
              linalg::solve(unit, ones({4, 2}, kDouble));
            }),
            "linalg.solve: shapes [3, 3] and [4, 2] do not fit: wants (B.., n, n) and (B.., n, k)");
  EXPECT_EQ(error_of([&] { linalg::solve(unit, eye(3)); }),
            "linalg.solve: inputs have dtypes float64 and float32");
}

}  // namespace
}  // namespace tessera::goldens

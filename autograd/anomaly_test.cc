// SPDX-License-Identifier: Apache-2.0
#include "tessera/autograd/anomaly.h"

#include <cmath>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tessera/autograd/no_grad.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/module_scope.h"
#include "tessera/tensor/ops/ops.h"

namespace tessera {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

template <class F>
std::string error_of(F f) {
  try {
    f();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Anomaly, NamesModuleOpAndOperandOfTheFirstNan) {
  Tensor x = tensor<float>({1, 4, -1, 9}, {2, 2});
  DetectAnomalyGuard detect;
  ModuleScope root("", "Net"), layer("head", "Linear");
  EXPECT_EQ(error_of([&] { (x + 0).sqrt() * 2; }),
            "head (Linear): sqrt: output 0 ([2, 2] float32) has 1 nan, the first at [1, 0]; "
            "operand 0 is [2, 2] float32 from -1 to 9");
}

TEST(Anomaly, NamesTheOpThatOverflows) {
  Tensor x = tensor<float>({1, 1000});
  DetectAnomalyGuard detect;
  EXPECT_THAT(error_of([&] { x.exp(); }),
              StartsWith("exp: output 0 ([2] float32) has 1 inf, the first at [1]; operand 0 is"));
}

TEST(Anomaly, InfinitiesCanBeLeftOut) {
  Tensor x = tensor<float>({0, 1});
  DetectAnomalyGuard detect({.inf = false});
  Tensor y = x.log();
  EXPECT_THAT(error_of([&] { y * 0; }), HasSubstr("mul: output 0 ([2] float32) has 1 nan"));
}

TEST(Anomaly, InfinitiesThatWereGivenAreNoMistake) {
  Tensor mask = tensor<float>({0, -INFINITY});
  DetectAnomalyGuard detect;
  EXPECT_EQ(error_of([&] { (mask + 1).exp().sum(); }), "");
  EXPECT_THAT(error_of([&] { mask - mask; }), HasSubstr("sub: output 0 ([2] float32) has 1 nan"));
}

TEST(Anomaly, ReportsANanFromOutsideByItsOperand) {
  Tensor good = tensor<float>({1, 2}), bad = tensor<float>({1, NAN});
  DetectAnomalyGuard detect;
  EXPECT_THAT(error_of([&] { good + bad; }),
              AllOf(StartsWith("add: operand 1 ([2] float32"), HasSubstr("brings nan along, the "
                                                                         "first at [1]")));
}

TEST(Anomaly, NamesTheForwardOpWhoseGradientIsNan) {
  Tensor x = tensor<float>({0, 4}).requires_grad_();
  DetectAnomalyGuard detect;
  Tensor loss;
  {
    ModuleScope root("", "Net"), layer("norm", "RMSNorm");
    loss = ((x * x).sqrt() * 0).sum();
  }
  const std::string message = error_of([&] { loss.backward(); });
  EXPECT_THAT(message, StartsWith("gradient of sqrt in norm (RMSNorm): "));
}

TEST(Anomaly, EndsWithItsGuard) {
  Tensor x = tensor<float>({-1});
  {
    DetectAnomalyGuard detect;
    EXPECT_NE(error_of([&] { x.sqrt(); }), "");
  }
  EXPECT_EQ(error_of([&] { x.sqrt(); }), "");
}

TEST(Anomaly, LooksAtUpdatesInPlace) {
  Tensor x = tensor<float>({0, 1});
  DetectAnomalyGuard detect;
  EXPECT_THAT(error_of([&] { x /= 0.0; }), HasSubstr("div: output 0 ([2] float32) has 1 nan"));
}

class Counter final : public DispatchObserver {
 public:
  void on_dispatch(const OpDef&, TensorRefs, const Attributes&, absl::Span<const Tensor>) override {
    ++count;
  }
  int count = 0;
};

TEST(Anomaly, OtherObserversSeeTheProgramsOpsOnly) {
  Tensor x = tensor<float>({1, 2});
  Counter counter;
  ScopedObserver observe(&counter);
  DetectAnomalyGuard detect;
  Tensor y = x * x;
  EXPECT_EQ(counter.count, 1);
}

}  // namespace
}  // namespace tessera

// SPDX-License-Identifier: Apache-2.0
#include "tessera/autograd/tape.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tessera/autograd/autograd.h"
#include "tessera/autograd/meta.h"
#include "tessera/autograd/no_grad.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/ops.h"

namespace tessera {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Tensor leaf(const std::vector<float>& values) { return tensor<float>(values).requires_grad_(); }

template <class F>
std::string error_of(F f) {
  try {
    f();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(InPlaceWrites, OfWhatTheTapeNeedsAreRefused) {
  Tensor x = leaf({1, 2}), factor = tensor<float>({3, 4});
  Tensor y = (x * factor).sum();
  EXPECT_THAT(error_of([&] { factor.fill_(0); }),
              HasSubstr("its present value is needed for the gradient of mul; call backward() "
                        "first, clone() before writing"));
  EXPECT_THAT(error_of([&] { factor += 1; }), HasSubstr("gradient of mul"));
  EXPECT_THAT(error_of([&] {
                factor.view({2, 1}).select(0, 1).fill_(0);
              }),
              HasSubstr("gradient of mul"))
      << "through a view";
  EXPECT_THAT(error_of([&] { factor.mutable_data<float>()[0] = 0; }), HasSubstr("gradient of mul"));
  y.backward();
  EXPECT_THAT(x.grad().to_vector<float>(), ElementsAre(3, 4));
  factor.fill_(0);  // the walk has let go of it
  EXPECT_THAT(factor.to_vector<float>(), ElementsAre(0, 0));
}

TEST(InPlaceWrites, OfKeptOutputsAreRefused) {
  Tensor x = leaf({1, 2});
  Tensor y = x.exp();
  EXPECT_THAT(error_of([&] { y.detach().fill_(0); }), HasSubstr("needed for the gradient of exp"));
  y.sum().backward();
  y.detach().fill_(0);
}

TEST(InPlaceWrites, OfWhatTheTapeDoesNotNeedAreDone) {
  Tensor x = leaf({1, 2}), offset = tensor<float>({3, 4});
  Tensor y = (x + offset).sum();  // add's gradient reads neither
  offset.fill_(100);
  y.backward();
  EXPECT_THAT(x.grad().to_vector<float>(), ElementsAre(1, 1));
}

TEST(InPlaceWrites, AreAllowedOnceTheGraphIsGone) {
  Tensor x = leaf({1, 2}), factor = tensor<float>({3, 4});
  { Tensor y = x * factor; }
  factor.fill_(0);
}

TEST(InPlaceWrites, AreRefusedAsLongAsTheGraphIsRetained) {
  Tensor x = leaf({1, 2}), factor = tensor<float>({3, 4});
  Tensor y = (x * factor).sum();
  y.backward({}, /*retain_graph=*/true);
  EXPECT_THAT(error_of([&] { factor.fill_(0); }), HasSubstr("gradient of mul"));
  y.backward();
  factor.fill_(0);
}

TEST(InPlaceWrites, OfALeafWantANoGradGuard) {
  Tensor w = leaf({1, 2});
  EXPECT_THAT(error_of([&] { w.fill_(0); }),
              HasSubstr("that requires a gradient; use a NoGradGuard"));
  {
    NoGradGuard no_grad;
    w -= 1;
  }
  EXPECT_THAT(w.to_vector<float>(), ElementsAre(0, 1));
  EXPECT_TRUE(w.requires_grad());
}

TEST(Recording, NeedsAnInputThatRequiresAGradient) {
  Tensor x = tensor<float>({1});
  Tensor y = x * x;
  EXPECT_FALSE(y.requires_grad());
  EXPECT_EQ(autograd::find_meta(y.impl()), nullptr);
  EXPECT_FALSE(x.impl().storage->is_pinned());
}

// An op whose decomposition hands its input through, as a dropout of 0 might.
absl::Status infer_same(InferContext& c) {
  c.add_output(c.dtype(0), c.shape(0));
  return absl::OkStatus();
}
const OpDef kHandThrough = {
    .name = "test_hand_through",
    .infer = infer_same,
    .vjp = [](VjpContext& c) { c.set(0, c.grad() * 5); },
    .decompose = [](TensorRefs inputs,
                    const Attributes&) { return std::vector<Tensor>{*inputs[0]}; },
};

TEST(Recording, AnInputThatIsHandedThroughStaysALeaf) {
  Tensor x = leaf({1, 2});
  Tensor y = dispatch(kHandThrough, {&x});
  EXPECT_TRUE(x.is_leaf());
  EXPECT_FALSE(y.is_leaf());
  y.sum().backward();
  EXPECT_THAT(x.grad().to_vector<float>(), ElementsAre(5, 5));
}

// Many inputs, all of them kept, some not given.
absl::Status infer_sum(InferContext& c) {
  c.add_output(c.dtype(0), c.shape(0));
  return absl::OkStatus();
}
const OpDef kWeightedSum = {
    .name = "test_weighted_sum",  // sum of (i + 1) * x_i
    .infer = infer_sum,
    .vjp =
        [](VjpContext& c) {
          for (int i = 0; i < c.num_inputs(); ++i) {
            if (!c.needs(i)) continue;
            EXPECT_EQ(c.input(i).to_vector<float>()[0], static_cast<float>(i));
            c.set(i, c.grad() * (i + 1));
          }
        },
    .decompose =
        [](TensorRefs inputs, const Attributes&) {
          Tensor sum = *inputs[0] * 1;
          for (size_t i = 1; i < inputs.size(); ++i) {
            if (inputs[i]->defined()) sum = sum + *inputs[i] * static_cast<int>(i + 1);
          }
          return std::vector<Tensor>{sum};
        },
    .saved_inputs = kSaveAll,
};

TEST(Recording, TakesAnyNumberOfInputs) {
  constexpr int kCount = 50;
  std::vector<Tensor> inputs;
  for (int i = 0; i < kCount; ++i) inputs.push_back(leaf({static_cast<float>(i)}));
  inputs[40] = Tensor();
  Tensor y = dispatch(kWeightedSum, refs(inputs));
  y.backward();
  for (int i = 0; i < kCount; ++i) {
    if (i == 40) continue;
    EXPECT_THAT(inputs[i].grad().to_vector<float>(), ElementsAre(i + 1));
    EXPECT_FALSE(inputs[i].impl().storage->is_pinned());
  }
}

}  // namespace
}  // namespace tessera

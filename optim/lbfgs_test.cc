// SPDX-License-Identifier: Apache-2.0
//
// PyTorch's trajectories are in tests/goldens.
#include "tessera/optim/lbfgs.h"

#include <random>

#include "gtest/gtest.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/factory.h"
#include "tessera/tensor/ops/random.h"

namespace tessera::optim {
namespace {

constexpr TensorOptions kDouble = {.dtype = kFloat64};

// The textbook's two-loop recursion on plain vectors.
class TwoLoops {
 public:
  explicit TwoLoops(size_t capacity) : capacity_(capacity) {}
  using Vector = std::vector<double>;

  Vector update(const Vector& s, const Vector& y, const Vector& g) {
    if (dot(s, y) > 1e-10) {
      if (pairs_.size() == capacity_) pairs_.erase(pairs_.begin());
      pairs_.push_back({s, y});
      scale_ = dot(s, y) / dot(y, y);
    }
    Vector q = g;
    for (double& v : q) v = -v;
    std::vector<double> a(pairs_.size());
    for (size_t i = pairs_.size(); i-- > 0;) {
      a[i] = dot(pairs_[i].s, q) / dot(pairs_[i].s, pairs_[i].y);
      axpy(-a[i], pairs_[i].y, q);
    }
    for (double& v : q) v *= scale_;
    for (size_t i = 0; i < pairs_.size(); ++i) {
      axpy(a[i] - dot(pairs_[i].y, q) / dot(pairs_[i].s, pairs_[i].y), pairs_[i].s, q);
    }
    return q;
  }

 private:
  struct Pair {
    Vector s, y;
  };
  static double dot(const Vector& a, const Vector& b) {
    double sum = 0;
    for (size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
    return sum;
  }
  static void axpy(double a, const Vector& x, Vector& y) {
    for (size_t i = 0; i < x.size(); ++i) y[i] += a * x[i];
  }
  size_t capacity_;
  std::vector<Pair> pairs_;
  double scale_ = 1;
};

TEST(LbfgsHistory, EqualsTheTwoLoopRecursion) {
  constexpr int64_t n = 23;
  std::mt19937 random(2);
  std::normal_distribution<double> normal;
  auto draw = [&] {
    std::vector<double> v(n);
    for (double& x : v) x = normal(random);
    return v;
  };
  for (int64_t capacity : {1, 3, 40}) {
    LbfgsHistory history(capacity);
    TwoLoops model(static_cast<size_t>(capacity));
    for (int i = 0; i < 30; ++i) {
      std::vector<double> s = draw(), y = draw(), g = draw();
      // Mostly of positive curvature, as near a minimum; every fifth is refused.
      for (size_t k = 0; k < s.size(); ++k) y[k] = i % 5 == 4 ? -s[k] : 0.2 * y[k] + s[k];
      const std::vector<double> expected = model.update(s, y, g);
      const std::vector<double> got =
          history.update(tensor(s, kDouble), tensor(y, kDouble), tensor(g, kDouble))
              .to_vector<double>();
      for (size_t k = 0; k < got.size(); ++k) ASSERT_NEAR(got[k], expected[k], 1e-10) << i;
      ASSERT_LE(history.size(), capacity);
    }
  }
}

Tensor rosenbrock(const Tensor& x) {
  const Tensor a = x[0], b = x[1];
  return (b - a.square()).square() * 100 + (1 - a).square();
}

TEST(LBFGS, FindsTheMinimumOfRosenbrocksFunction) {
  Tensor x = tensor<double>({-1.2, 1.0}).requires_grad_();
  LBFGS optimizer({x}, {.max_iter = 100, .line_search_fn = kStrongWolfe});
  auto closure = [&] {
    optimizer.zero_grad();
    Tensor loss = rosenbrock(x);
    loss.backward();
    return loss;
  };
  EXPECT_NEAR(optimizer.step(closure).item<double>(), 24.2, 1e-9);
  // It stops when the loss changes by less than 1e-9; the valley's floor is that flat.
  EXPECT_NEAR(x[0].item<double>(), 1, 1e-4);
  EXPECT_NEAR(x[1].item<double>(), 1, 1e-4);
  EXPECT_LT(optimizer.evaluations(), 70);
}

TEST(LBFGS, NeedsOneStepPerDimensionOfAQuadratic) {
  Tensor x = ones({5}, kDouble).requires_grad_();
  const Tensor scale = tensor<double>({1, 3, 10, 30, 100});
  LBFGS optimizer({x}, {.lr = 1, .max_iter = 50, .line_search_fn = kStrongWolfe});
  optimizer.step([&] {
    optimizer.zero_grad();
    Tensor loss = (x.square() * scale).sum();
    loss.backward();
    return loss;
  });
  EXPECT_LT(x.detach().abs().amax().item<double>(), 1e-5);
}

TEST(LBFGS, ResumesWhereItWasSaved) {
  auto run = [](bool save_between) {
    Tensor x = tensor<double>({-1.2, 1.0}).requires_grad_();
    const LBFGSOptions options = {.max_iter = 6, .history_size = 3, .line_search_fn = kStrongWolfe};
    auto optimizer = std::make_unique<LBFGS>(std::vector<Tensor>{x}, options);
    for (int step = 0; step < 4; ++step) {
      if (save_between) {
        auto fresh = std::make_unique<LBFGS>(std::vector<Tensor>{x}, options);
        absl::Status loaded = fresh->load_state_dict(optimizer->state_dict());
        EXPECT_TRUE(loaded.ok()) << loaded;
        optimizer = std::move(fresh);
      }
      optimizer->step([&] {
        optimizer->zero_grad();
        Tensor loss = rosenbrock(x);
        loss.backward();
        return loss;
      });
    }
    EXPECT_GT(optimizer->iterations(), 10);
    return x.detach().to_vector<double>();
  };
  EXPECT_EQ(run(true), run(false));  // bit for bit
}

TEST(LBFGS, RefusesStatesThatDoNotFit) {
  Tensor x = ones({2}, kDouble).requires_grad_(), y = ones({3}, kDouble).requires_grad_();
  LBFGS two({x}, {.max_iter = 6, .line_search_fn = kStrongWolfe}), three({y});
  two.step([&] {
    two.zero_grad();
    Tensor loss = rosenbrock(x * 3);
    loss.backward();
    return loss;
  });
  StateDict state = two.state_dict();
  EXPECT_TRUE(state.contains("state.0.old_dirs"));
  EXPECT_EQ(three.load_state_dict(state).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(three.iterations(), 0);
  LBFGS short_history({x}, {.history_size = 1});
  EXPECT_FALSE(short_history.load_state_dict(state).ok());
  state.erase("state.0.inner");
  EXPECT_FALSE(LBFGS({x}).load_state_dict(state).ok());
}

TEST(LBFGS, StopsAtOnceAtAMinimum) {
  Tensor x = zeros({2}, kDouble).requires_grad_();
  LBFGS optimizer({x});
  int calls = 0;
  optimizer.step([&] {
    ++calls;
    optimizer.zero_grad();
    Tensor loss = x.square().sum();
    loss.backward();
    return loss;
  });
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(optimizer.iterations(), 0);
}

TEST(LBFGS, RefusesBadUse) {
  Tensor x = ones({2}).requires_grad_(), d = ones({2}, kDouble).requires_grad_();
  EXPECT_THROW(LBFGS({x, d}), Error);
  EXPECT_THROW(LBFGS({x}, {.history_size = 0}), Error);
  EXPECT_THROW(LBFGS({x}, {.max_iter = 0}), Error);
  EXPECT_THROW(LBFGS({x}, {.lr = 0}), Error);
  EXPECT_THROW(LBFGS({x}).step(), Error);
}

}  // namespace
}  // namespace tessera::optim

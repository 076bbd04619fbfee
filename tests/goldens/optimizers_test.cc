// SPDX-License-Identifier: Apache-2.0
//
// Optimizers against PyTorch: trajectories over 120 steps, L-BFGS, clipping.
#include <cmath>
#include <functional>
#include <limits>
#include <memory>

#include "gtest/gtest.h"
#include "tessera/nn/functional_loss.h"
#include "tessera/optim/optim.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/factory.h"
#include "tessera/tensor/ops/join.h"
#include "tessera/tensor/ops/matmul.h"
#include "tessera/tests/goldens/golden_file.h"

namespace tessera::goldens {
namespace {

template <class Options>
Options adam_options(const GoldenCase& g) {
  Options o;
  o.lr = g.number("lr", o.lr);
  o.eps = g.number("eps", o.eps);
  o.weight_decay = g.number("weight_decay", o.weight_decay);
  o.amsgrad = g.flag("amsgrad");
  o.maximize = g.flag("maximize");
  if (g.text("betas") == "0.8,0.95") o.betas = {0.8, 0.95};
  return o;
}

std::unique_ptr<optim::Optimizer> make_optimizer(const GoldenCase& g, std::vector<Tensor> params) {
  const std::string name = g.text("optimizer");
  if (name == "Adam") {
    return std::make_unique<optim::Adam>(params, adam_options<optim::AdamOptions>(g));
  }
  if (name == "AdamW") {
    return std::make_unique<optim::AdamW>(params, adam_options<optim::AdamWOptions>(g));
  }
  EXPECT_EQ(name, "SGD");
  return std::make_unique<optim::SGD>(params,
                                      optim::SGDOptions{.lr = g.number("lr", 1e-3),
                                                        .momentum = g.number("momentum", 0),
                                                        .dampening = g.number("dampening", 0),
                                                        .weight_decay = g.number("weight_decay", 0),
                                                        .nesterov = g.flag("nesterov"),
                                                        .maximize = g.flag("maximize")});
}

// Steps in groups of `first` to `last` with the gradients that PyTorch had; compares every tenth.
void follow(const GoldenCase& golden, const GoldenCase& problem, optim::Optimizer& optimizer,
            std::vector<Tensor>& params, int64_t first, int64_t last, double tolerance) {
  for (int64_t step = first; step < last; ++step) {
    params[0].set_grad(problem.tensor("grad0")[step].to(params[0].dtype()));
    const bool second = step >= 3 && step % 7 != 6;
    params[1].set_grad(second ? problem.tensor("grad1")[step].to(params[1].dtype()) : Tensor());
    optimizer.step();
    if (step % 10 != 9) continue;
    SCOPED_TRACE(testing::Message() << "after step " << step);
    expect_close(params[0], golden.tensor("param0")[step / 10], tolerance);
    expect_close(params[1], golden.tensor("param1")[step / 10], tolerance);
  }
}

std::vector<Tensor> start(const GoldenCase& problem, DType dtype) {
  return {problem.tensor("start0").to(dtype).clone().requires_grad_(),
          problem.tensor("start1").to(dtype).clone().requires_grad_()};
}

TEST(OptimizerGoldens, Trajectories) {
  const GoldenCase problem = load_goldens("optimizers", "problem").at(0);
  for (const GoldenCase& golden : load_goldens("optimizers", "steps/")) {
    SCOPED_TRACE(golden.name);
    std::vector<Tensor> params = start(problem, kFloat64);
    auto optimizer = make_optimizer(golden, params);
    follow(golden, problem, *optimizer, params, 0, 120, 1e-12);
    if (HasFailure()) return;
  }
}

TEST(OptimizerGoldens, TrajectoriesInFloat32) {
  const GoldenCase problem = load_goldens("optimizers", "problem").at(0);
  for (const GoldenCase& golden : load_goldens("optimizers", "steps/")) {
    SCOPED_TRACE(golden.name);
    std::vector<Tensor> params = start(problem, kFloat32);
    auto optimizer = make_optimizer(golden, params);
    // Each of 120 steps rounds the parameter (6e-8 of it) and an update of at most some tenths.
    follow(golden, problem, *optimizer, params, 0, 120, 2e-5);
    if (HasFailure()) return;
  }
}

TEST(OptimizerGoldens, SavedAndLoadedHalfWay) {
  const GoldenCase problem = load_goldens("optimizers", "problem").at(0);
  for (const GoldenCase& golden : load_goldens("optimizers", "steps/")) {
    SCOPED_TRACE(golden.name);
    std::vector<Tensor> params = start(problem, kFloat64);
    auto optimizer = make_optimizer(golden, params);
    follow(golden, problem, *optimizer, params, 0, 53, 1e-12);
    GoldenCase others = golden;
    others.options = {{"optimizer", golden.text("optimizer")}};
    auto resumed = make_optimizer(others, params);  // options come with the state
    absl::Status loaded = resumed->load_state_dict(optimizer->state_dict());
    ASSERT_TRUE(loaded.ok()) << loaded;
    follow(golden, problem, *resumed, params, 53, 120, 1e-12);
    if (HasFailure()) return;
  }
}

// ---- L-BFGS
// --------------------------------------------------------------------------------------

Tensor rosenbrock(const Tensor& x) {
  const int64_t n = x.numel();
  const Tensor head = x.narrow(0, 0, n - 1), tail = x.narrow(0, 1, n - 1);
  return ((tail - head.square()).square() * 100 + (1 - head).square()).sum();
}

TEST(OptimizerGoldens, Lbfgs) {
  const GoldenCase problem = load_goldens("optimizers", "lbfgs_problem").at(0);
  for (const GoldenCase& golden : load_goldens("optimizers", "lbfgs/")) {
    SCOPED_TRACE(golden.name);
    std::vector<Tensor> params;
    std::function<Tensor()> f;
    if (golden.text("problem") == "rosenbrock") {
      params = {problem.tensor("x0").clone().requires_grad_()};
      f = [&] { return rosenbrock(params[0]); };
    } else {
      params = {problem.tensor("w0").clone().requires_grad_(),
                problem.tensor("b0").clone().requires_grad_()};
      f = [&] {
        Tensor scores = linear(problem.tensor("data"), params[0], params[1]);
        return nn::functional::cross_entropy(scores, problem.tensor("labels")) +
               params[0].square().sum() * 0.01;
      };
    }
    optim::LBFGSOptions options = {.lr = golden.number("lr", 1),
                                   .max_iter = golden.integer("max_iter", 20),
                                   .tolerance_grad = golden.number("tolerance_grad", 1e-7),
                                   .tolerance_change = golden.number("tolerance_change", 1e-9),
                                   .history_size = golden.integer("history_size", 100),
                                   .line_search_fn = golden.has_option("line_search_fn")
                                                         ? optim::kStrongWolfe
                                                         : optim::LineSearchFn::kNone};
    if (golden.has_option("max_eval")) options.max_eval = golden.integer("max_eval", 0);
    optim::LBFGS optimizer(params, options);
    for (int64_t step = 0; step < 3; ++step) {
      SCOPED_TRACE(testing::Message() << "step " << step);
      Tensor loss = optimizer.step([&] {
        optimizer.zero_grad();
        Tensor value = f();
        value.backward();
        return value;
      });
      // Rounding grows along the iterations, the more the worse conditioned the function is.
      const double tolerance = 1e-7;
      expect_close(loss, golden.tensor("losses")[step], tolerance);
      std::vector<Tensor> parts;
      for (const Tensor& p : params) parts.push_back(p.detach().flatten());
      expect_close(cat(parts), golden.tensor("points")[step], tolerance);
      EXPECT_EQ(optimizer.iterations(), golden.tensor("counts")[step][0].item<int64_t>());
      EXPECT_EQ(optimizer.evaluations(), golden.tensor("counts")[step][1].item<int64_t>());
    }
  }
}

// ---- Clipping
// ----

TEST(OptimizerGoldens, ClipGradNorm) {
  for (const GoldenCase& golden : load_goldens("optimizers", "clip_norm/")) {
    SCOPED_TRACE(golden.name);
    std::vector<Tensor> params;
    for (const char* name : {"grad0", "grad1"}) {
      params.push_back(golden.tensor(name).clone());
      params.back().set_grad(golden.tensor(name).clone());
    }
    Tensor total = nn::utils::clip_grad_norm_(params, golden.number("max_norm", 0),
                                              {.norm_type = golden.number("norm_type", 2)});
    expect_close(total, golden.tensor("total"));
    expect_close(params[0].grad(), golden.tensor("clipped0"));
    expect_close(params[1].grad(), golden.tensor("clipped1"));
  }
}

}  // namespace
}  // namespace tessera::goldens

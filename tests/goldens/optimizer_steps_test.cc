// SPDX-License-Identifier: Apache-2.0
//
// Every optimizer against PyTorch over 1,000 steps: parameters after 1, 10, 100 and 1,000, and the
// state at the end by its names. Lion: against its paper. The optimizers that are compositions take
// 100 steps with other options than the defaults.
#include <cmath>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tessera/optim/optim.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/unary.h"
#include "tessera/tests/goldens/golden_file.h"

namespace tessera::goldens {
namespace {

using optim::Optimizer;

void read(const GoldenCase& g, const std::string& name, double& out) { out = g.number(name, out); }
void read(const GoldenCase& g, const std::string& name, bool& out) { out = g.flag(name, out); }
void read(const GoldenCase& g, const std::string& name, int64_t& out) {
  out = g.integer(name, out);
}
void read(const GoldenCase& g, const std::string& name, std::optional<double>& out) {
  if (g.has_option(name)) out = g.number(name, 0);
}
void read(const GoldenCase& g, const std::string& name, optim::AdjustLrFn& out) {
  out = static_cast<optim::AdjustLrFn>(g.integer(name, static_cast<int64_t>(out)));
}

// An optimizer with its defaults, or with the options of a case.
template <class Type>
std::unique_ptr<Optimizer> make(const GoldenCase* g, const std::vector<Tensor>& params) {
  std::decay_t<decltype(std::declval<Type>().options())> options;
  std::decay_t<decltype(options)>::visit(options, [&](std::string_view name, auto& value) {
    if (g != nullptr) read(*g, std::string(name), value);
  });
  return std::make_unique<Type>(params, options);
}

std::unique_ptr<Optimizer> make_optimizer(const std::string& name, const GoldenCase* g,
                                          const std::vector<Tensor>& params) {
  static const std::map<std::string, std::function<std::unique_ptr<Optimizer>(
                                         const GoldenCase*, const std::vector<Tensor>&)>>
      kMakers = {{"SGD", make<optim::SGD>},           {"Adam", make<optim::Adam>},
                 {"AdamW", make<optim::AdamW>},       {"Adamax", make<optim::Adamax>},
                 {"NAdam", make<optim::NAdam>},       {"RAdam", make<optim::RAdam>},
                 {"RMSprop", make<optim::RMSprop>},   {"Adagrad", make<optim::Adagrad>},
                 {"Adadelta", make<optim::Adadelta>}, {"Adafactor", make<optim::Adafactor>},
                 {"Lion", make<optim::Lion>},         {"Muon", make<optim::Muon>}};
  return kMakers.at(name)(g, params);
}

class Trajectory {
 public:
  Trajectory(const GoldenCase& golden, DType dtype)
      : golden_(golden),
        problem_(load_goldens("optimizer_steps", "problem/" + golden.text("problem")).at(0)) {
    for (size_t i = 0; problem_.has(absl::StrCat("start", i)); ++i) {
      params.push_back(of("start", i).to(dtype).clone().requires_grad_());
    }
  }

  // Steps first to last, each with the gradients of the script.
  void follow(Optimizer& optimizer, int64_t first, int64_t last) {
    for (int64_t t = first; t < last; ++t) {
      {
        NoGradGuard no_grad;
        for (size_t i = 0; i < params.size(); ++i) {
          Tensor& p = params[i];
          if (i == 1 && (t < 3 || t % 7 == 6)) {
            p.set_grad(Tensor());
            continue;
          }
          const Tensor angle = of("frequency", i) * static_cast<double>(t) + of("phase", i);
          p.set_grad((cos(angle) + (p.detach().to(kFloat64) - of("start", i)) * 0.1).to(p.dtype()));
        }
      }
      optimizer.step();
      for (size_t i = 0; i < params.size(); ++i) {
        const std::string key = absl::StrCat("param", i, ".", t + 1);
        if (!golden_.has(key)) continue;
        SCOPED_TRACE(key);
        expect_close(params[i], golden_.tensor(key), tolerance(t + 1));
      }
    }
  }

  // The state has PyTorch's names and values, and no others.
  void check_state(const Optimizer& optimizer) const {
    size_t count = 0;
    for (const std::string& key : optimizer.state_dict().keys()) {
      count += absl::StartsWith(key, "state.") ? 1 : 0;
    }
    for (const std::string& key : golden_.tensors.keys()) {
      if (!absl::StartsWith(key, "state")) continue;
      --count;
      const std::string ours = absl::StrCat("state.", key.substr(5));
      SCOPED_TRACE(ours);
      const nn::StateDict dict = optimizer.state_dict();
      ASSERT_TRUE(dict.contains(ours));
      expect_close(dict.at(ours), golden_.tensor(key), tolerance(1000));
    }
    EXPECT_EQ(count, 0) << "entries that PyTorch has not";
  }

  std::vector<Tensor> params;

 private:
  double tolerance(int64_t steps) const {
    // Muon rounds to bfloat16 (2^-8) what it orthogonalises. The order of its float32 sums decides
    // on which side of a tie an element falls; a step then differs by some 1% of its size, 0.01.
    if (golden_.text("optimizer") == "Muon") return 1e-5 + 3e-6 * static_cast<double>(steps);
    // 1,000 steps of two or three roundings each; a state that is divided by may be much smaller
    // than what it was summed from.
    return params[0].dtype() == kFloat64 ? 1e-11 : 2e-5;
  }

  const Tensor& of(const char* what, size_t i) const {
    return problem_.tensor(absl::StrCat(what, i));
  }

  GoldenCase golden_, problem_;
};

class OptimizerSteps : public testing::TestWithParam<const char*> {
 protected:
  std::vector<GoldenCase> cases(const char* kind) const {
    std::vector<GoldenCase> mine;
    for (GoldenCase& golden : load_goldens("optimizer_steps", kind)) {
      if (golden.text("optimizer") == GetParam()) mine.push_back(std::move(golden));
    }
    EXPECT_FALSE(mine.empty());
    return mine;
  }
};

TEST_P(OptimizerSteps, Float64) {
  for (const GoldenCase& golden : cases("f64/")) {
    SCOPED_TRACE(golden.name);
    Trajectory trajectory(golden, kFloat64);
    auto optimizer = make_optimizer(GetParam(), &golden, trajectory.params);
    trajectory.follow(*optimizer, 0, golden.integer("steps", 0));
    trajectory.check_state(*optimizer);
    if (HasFailure()) return;
  }
}

TEST_P(OptimizerSteps, Float32) {
  for (const GoldenCase& golden : cases("f32/")) {
    SCOPED_TRACE(golden.name);
    Trajectory trajectory(golden, kFloat32);
    auto optimizer = make_optimizer(GetParam(), &golden, trajectory.params);
    trajectory.follow(*optimizer, 0, golden.integer("steps", 0));
    trajectory.check_state(*optimizer);
    if (HasFailure()) return;
  }
}

// With default options that the loaded state replaces.
TEST_P(OptimizerSteps, SavedAndLoaded) {
  for (const GoldenCase& golden : cases("f64/")) {
    SCOPED_TRACE(golden.name);
    Trajectory trajectory(golden, kFloat64);
    auto optimizer = make_optimizer(GetParam(), &golden, trajectory.params);
    trajectory.follow(*optimizer, 0, 53);
    auto resumed = make_optimizer(GetParam(), nullptr, trajectory.params);
    absl::Status loaded = resumed->load_state_dict(optimizer->state_dict());
    ASSERT_TRUE(loaded.ok()) << loaded;
    trajectory.follow(*resumed, 53, 100);
    if (HasFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(All, OptimizerSteps,
                         testing::Values("SGD", "Adam", "AdamW", "Adamax", "NAdam", "RAdam",
                                         "RMSprop", "Adagrad", "Adadelta", "Adafactor", "Lion",
                                         "Muon"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace tessera::goldens

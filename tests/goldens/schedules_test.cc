// SPDX-License-Identifier: Apache-2.0
//
// Learning rate schedules against PyTorch: rates and momenta of two groups over 24 epochs, also of
// a schedule that was saved half way and loaded into another.
#include <cmath>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "tessera/optim/optim.h"
#include "tessera/tensor/ops/factory.h"
#include "tessera/tests/goldens/golden_file.h"

namespace tessera::goldens {
namespace {

using optim::LRScheduler;
using optim::Optimizer;

// SGD (groups with momentum 0.6) or Adam, with rates 0.5 and 0.02.
std::unique_ptr<Optimizer> make_optimizer(const std::string& kind = "SGD") {
  std::vector<Tensor> a = {zeros({2})}, b = {zeros({3})};
  if (kind == "Adam") {
    return std::make_unique<optim::Adam>(std::vector<optim::Adam::Group>{
        {.params = a, .options = {.lr = 0.5}}, {.params = b, .options = {.lr = 0.02}}});
  }
  return std::make_unique<optim::SGD>(
      std::vector<optim::SGD::Group>{{.params = a, .options = {.lr = 0.5, .momentum = 0.6}},
                                     {.params = b, .options = {.lr = 0.02, .momentum = 0.6}}});
}

// ---- Options of a case by PyTorch's names
// --------------------------------------------------------

void read(const GoldenCase& g, const std::string& name, double& out) { out = g.number(name, out); }
void read(const GoldenCase& g, const std::string& name, bool& out) { out = g.flag(name, out); }
void read(const GoldenCase& g, const std::string& name, int64_t& out) {
  out = g.integer(name, out);
}
void read(const GoldenCase& g, const std::string& name, std::optional<int64_t>& out) {
  if (g.has_option(name)) out = g.integer(name, 0);
}
void read(const GoldenCase& g, const std::string& name, std::vector<int64_t>& out) {
  if (g.has_option(name)) out = g.integers(name);
}
void read(const GoldenCase& g, const std::string& name, optim::PerGroup& out) {
  if (!g.has_option(name)) return;
  out.values.clear();
  for (absl::string_view part : absl::StrSplit(g.text(name), ',')) {
    double value = 0;
    EXPECT_TRUE(absl::SimpleAtod(part, &value)) << part;
    out.values.push_back(value);
  }
}
template <class T>
requires std::is_enum_v<T>
void read(const GoldenCase& g, const std::string& name, T& out) {
  out = static_cast<T>(g.integer(name, static_cast<int64_t>(out)));
}

// The arguments' names, where PyTorch keeps them under others.
std::string argument(std::string_view name) {
  static const std::pair<std::string_view, const char*> kOthers[] = {
      {"max_lrs", "max_lr"},
      {"base_momentums", "base_momentum"},
      {"max_momentums", "max_momentum"},
      {"min_lrs", "min_lr"},
      {"_anneal_func_type", "anneal_strategy"}};
  for (const auto& [kept, given] : kOthers) {
    if (name == kept) return given;
  }
  return std::string(name);
}

template <class Options>
Options read_options(const GoldenCase& g) {
  Options options;
  Options::visit(options,
                 [&](std::string_view name, auto& value) { read(g, argument(name), value); });
  return options;
}

template <class Schedule>
std::unique_ptr<LRScheduler> make(Optimizer& optimizer, const GoldenCase& g, int64_t last_epoch) {
  return std::make_unique<Schedule>(
      optimizer, read_options<std::decay_t<decltype(std::declval<const Schedule&>().options())>>(g),
      last_epoch);
}

double decaying(int64_t epoch) { return std::pow(0.95, static_cast<double>(epoch)); }
double rising(int64_t epoch) { return 0.9 + 0.01 * static_cast<double>(epoch); }

std::unique_ptr<LRScheduler> make_schedule(Optimizer& optimizer, const GoldenCase& g,
                                           int64_t last_epoch = -1) {
  const std::string name = g.text("schedule");
  if (name == "StepLR") return make<optim::StepLR>(optimizer, g, last_epoch);
  if (name == "MultiStepLR") return make<optim::MultiStepLR>(optimizer, g, last_epoch);
  if (name == "ConstantLR") return make<optim::ConstantLR>(optimizer, g, last_epoch);
  if (name == "LinearLR") return make<optim::LinearLR>(optimizer, g, last_epoch);
  if (name == "PolynomialLR") return make<optim::PolynomialLR>(optimizer, g, last_epoch);
  if (name == "CosineAnnealingLR") return make<optim::CosineAnnealingLR>(optimizer, g, last_epoch);
  if (name == "CosineAnnealingWarmRestarts") {
    return make<optim::CosineAnnealingWarmRestarts>(optimizer, g, last_epoch);
  }
  if (name == "CyclicLR") return make<optim::CyclicLR>(optimizer, g, last_epoch);
  if (name == "OneCycleLR") return make<optim::OneCycleLR>(optimizer, g, last_epoch);
  if (name == "LambdaLR") return std::make_unique<optim::LambdaLR>(optimizer, decaying, last_epoch);
  if (name == "MultiplicativeLR") {
    return std::make_unique<optim::MultiplicativeLR>(optimizer, rising, last_epoch);
  }
  EXPECT_EQ(name, "ExponentialLR");
  return std::make_unique<optim::ExponentialLR>(optimizer, g.number("gamma", 0), last_epoch);
}

// ---- Comparison
// ----------------------------------------------------------------------------------

void check_epoch(const GoldenCase& golden, Optimizer& optimizer, int64_t epoch) {
  SCOPED_TRACE(testing::Message() << "epoch " << epoch);
  std::vector<double> rates, momenta;
  for (size_t g = 0; g < optimizer.num_groups(); ++g) {
    rates.push_back(optimizer.lr(g));
    const double* beta = optimizer.find_option(g, "betas.0");
    momenta.push_back(beta != nullptr ? *beta : *optimizer.find_option(g, "momentum"));
  }
  expect_close(tensor<double>(rates), golden.tensor("rates")[epoch]);
  expect_close(tensor<double>(momenta), golden.tensor("momenta")[epoch]);
}

constexpr int64_t kEpochs = 24, kHalf = 11;

// Follows `make_one()`'s schedule, and one that takes its state over in epoch kHalf.
template <class Make>
void check_with_resumed(const GoldenCase& golden, const std::string& kind, const Make& make_one) {
  auto optimizer = make_optimizer(kind), other = make_optimizer(kind);
  auto schedule = make_one(*optimizer), resumed = make_one(*other);
  for (int64_t epoch = 0; epoch < kEpochs; ++epoch) {
    check_epoch(golden, *optimizer, epoch);
    if (epoch == kHalf) {
      absl::Status loaded = other->load_state_dict(optimizer->state_dict());
      loaded.Update(resumed->load_state_dict(schedule->state_dict()));
      ASSERT_TRUE(loaded.ok()) << loaded;
      EXPECT_EQ(resumed->last_epoch(), kHalf);
    }
    if (epoch >= kHalf) {
      check_epoch(golden, *other, epoch);
      resumed->step();
    }
    schedule->step();
    if (testing::Test::HasFailure()) return;
  }
}

TEST(ScheduleGoldens, Simple) {
  for (const GoldenCase& golden : load_goldens("schedules", "simple/")) {
    SCOPED_TRACE(golden.name);
    check_with_resumed(golden, golden.text("kind"),
                       [&](Optimizer& optimizer) { return make_schedule(optimizer, golden); });
  }
}

TEST(ScheduleGoldens, ResumedAtAnEpoch) {
  for (const GoldenCase& golden : load_goldens("schedules", "resumed/")) {
    SCOPED_TRACE(golden.name);
    auto optimizer = make_optimizer();
    auto before = make_schedule(*optimizer, golden);
    for (int i = 0; i < 4; ++i) before->step();
    const int64_t last_epoch = golden.integer("last_epoch", -1);
    auto schedule = make_schedule(*optimizer, golden, last_epoch);
    EXPECT_EQ(schedule->last_epoch(), last_epoch + 1);
    for (int64_t epoch = 0; epoch < golden.tensor("rates").size(0); ++epoch) {
      check_epoch(golden, *optimizer, epoch);
      schedule->step();
    }
    if (HasFailure()) return;
  }
}

TEST(ScheduleGoldens, SequentialResumedAtAnEpoch) {
  for (const GoldenCase& golden : load_goldens("schedules", "sequential_resumed/")) {
    SCOPED_TRACE(golden.name);
    auto optimizer = make_optimizer();
    optim::LinearLR warmup(*optimizer, {.start_factor = 0.1, .total_iters = 4});
    optim::ExponentialLR decay(*optimizer, 0.9);
    optim::SequentialLR schedule(*optimizer, {&warmup, &decay}, {4},
                                 golden.integer("last_epoch", -1));
    for (int64_t epoch = 0; epoch < golden.tensor("rates").size(0); ++epoch) {
      check_epoch(golden, *optimizer, epoch);
      schedule.step();
    }
  }
}

TEST(ScheduleGoldens, CyclicScaleFunction) {
  const GoldenCase golden = load_goldens("schedules", "scale_fn").at(0);
  check_with_resumed(golden, "SGD", [](Optimizer& optimizer) {
    return std::make_unique<optim::CyclicLR>(
        optimizer, optim::CyclicLROptions{.base_lr = 0.1,
                                          .max_lr = 0.9,
                                          .step_size_up = 3,
                                          .scale_fn = [](double x) { return 1 / (1 + x); },
                                          .scale_mode = optim::ScaleMode::kIterations});
  });
}

TEST(ScheduleGoldens, WarmRestartsAtGivenEpochs) {
  const GoldenCase golden = load_goldens("schedules", "restarts_at").at(0);
  auto optimizer = make_optimizer();
  optim::CosineAnnealingWarmRestarts schedule(*optimizer, {.T_0 = 3, .T_mult = 2});
  for (int64_t epoch = 0; epoch < kEpochs; ++epoch) {
    check_epoch(golden, *optimizer, epoch);
    schedule.step(golden.tensor("steps")[epoch].item<double>());
  }
}

// A composition and the schedules in it.
struct Composed {
  std::vector<std::unique_ptr<LRScheduler>> parts;
  std::unique_ptr<LRScheduler> whole;

  template <class Schedule, class... Args>
  LRScheduler* part(Args&&... args) {
    return parts.emplace_back(std::make_unique<Schedule>(std::forward<Args>(args)...)).get();
  }
  void step() { whole->step(); }
  nn::StateDict state_dict() const { return whole->state_dict(); }
  absl::Status load_state_dict(const nn::StateDict& dict) { return whole->load_state_dict(dict); }
  int64_t last_epoch() const { return whole->last_epoch(); }
};

std::unique_ptr<Composed> make_composed(const std::string& name, Optimizer& o) {
  auto c = std::make_unique<Composed>();
  auto constant = [&](optim::ConstantLROptions options) {
    return c->part<optim::ConstantLR>(o, options);
  };
  auto linear = [&](optim::LinearLROptions options) {
    return c->part<optim::LinearLR>(o, options);
  };
  auto exponential = [&](double gamma) { return c->part<optim::ExponentialLR>(o, gamma); };
  auto cosine = [&](int64_t T_max) {
    return c->part<optim::CosineAnnealingLR>(o, optim::CosineAnnealingLROptions{.T_max = T_max});
  };
  auto steps = [&](int64_t size) {
    return c->part<optim::StepLR>(o, optim::StepLROptions{.step_size = size});
  };
  auto sequential = [&](std::vector<LRScheduler*> parts, std::vector<int64_t> milestones) {
    c->whole = std::make_unique<optim::SequentialLR>(o, parts, milestones);
  };
  auto chained = [&](std::vector<LRScheduler*> parts) {
    c->whole = std::make_unique<optim::ChainedScheduler>(parts);
  };
  if (name == "warmup_cosine") {
    LRScheduler* warmup = linear({.start_factor = 0.1, .total_iters = 4});
    sequential({warmup, cosine(9)}, {4});
  } else if (name == "three") {
    LRScheduler* first = constant({.factor = 0.5, .total_iters = 2});
    LRScheduler* second = exponential(0.8);
    LRScheduler* third =
        c->part<optim::PolynomialLR>(o, optim::PolynomialLROptions{.total_iters = 6, .power = 2});
    sequential({first, second, third}, {3, 10});
  } else if (name == "from_zero") {
    LRScheduler* first = linear({});
    sequential({first, steps(3)}, {0});
  } else if (name == "multiplicative") {
    LRScheduler* first = exponential(0.9);
    sequential({first, c->part<optim::MultiplicativeLR>(o, rising)}, {5});
  } else if (name == "lambda_restarts") {
    LRScheduler* first = c->part<optim::LambdaLR>(o, decaying);
    sequential({first, c->part<optim::CosineAnnealingWarmRestarts>(
                           o, optim::CosineAnnealingWarmRestartsOptions{.T_0 = 3})},
               {6});
  } else if (name == "one_cycle") {
    LRScheduler* first = constant({.factor = 0.5});
    sequential({first, c->part<optim::OneCycleLR>(
                           o, optim::OneCycleLROptions{.max_lr = 0.9, .total_steps = 30})},
               {7});
  } else if (name == "chained") {
    LRScheduler* first = constant({.factor = 0.1, .total_iters = 2});
    chained({first, exponential(0.9)});
  } else if (name == "chained_cosine") {
    LRScheduler* first = linear({.total_iters = 3});
    LRScheduler* second = cosine(10);
    chained({first, second, steps(5)});
  } else if (name == "nested") {
    LRScheduler* warmup = linear({.start_factor = 0.1, .total_iters = 4});
    LRScheduler* second = cosine(9);
    LRScheduler* inner = c->part<optim::SequentialLR>(o, std::vector<LRScheduler*>{warmup, second},
                                                      std::vector<int64_t>{4});
    chained({inner, exponential(0.95)});
  } else {
    EXPECT_EQ(name, "two");  // side by side, which is the same as chained
    LRScheduler* first = exponential(0.5);
    chained({first, steps(2)});
  }
  return c;
}

TEST(ScheduleGoldens, Composed) {
  for (const GoldenCase& golden : load_goldens("schedules", "composed/")) {
    SCOPED_TRACE(golden.name);
    const std::string name = golden.name.substr(golden.name.find('/') + 1);
    check_with_resumed(golden, "SGD",
                       [&](Optimizer& optimizer) { return make_composed(name, optimizer); });
  }
}

TEST(ScheduleGoldens, ReduceLROnPlateau) {
  for (const GoldenCase& golden : load_goldens("schedules", "plateau/")) {
    SCOPED_TRACE(golden.name);
    const auto options = read_options<optim::ReduceLROnPlateauOptions>(golden);
    auto optimizer = make_optimizer(), other = make_optimizer();
    optim::ReduceLROnPlateau schedule(*optimizer, options), resumed(*other);
    for (int64_t epoch = 0; epoch < kEpochs; ++epoch) {
      check_epoch(golden, *optimizer, epoch);
      const double metric = golden.tensor("steps")[epoch].item<double>();
      if (epoch == kHalf) {
        absl::Status loaded = resumed.load_state_dict(schedule.state_dict());
        ASSERT_TRUE(loaded.ok()) << loaded;
      }
      if (epoch >= kHalf) {
        check_epoch(golden, *other, epoch);
        resumed.step(metric);
      }
      schedule.step(metric);
      if (HasFailure()) return;
    }
  }
}

}  // namespace
}  // namespace tessera::goldens

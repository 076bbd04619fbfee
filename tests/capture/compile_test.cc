// SPDX-License-Identifier: Apache-2.0
#include "tessera/tensor/capture/compile.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/tests/capture/training.h"

namespace tessera {
namespace {

namespace F = nn::functional;

// The message of the Error that `work` throws; "" if it throws none.
template <class Work>
std::string error_of(Work&& work) {
  try {
    work();
  } catch (const Error& error) {
    return std::string(error.status().message());
  }
  return "";
}

nn::Sequential small_cnn() {
  return nn::Sequential(nn::Conv2d(1, 4, {.kernel_size = 3, .padding = 1}), nn::ReLU(),
                        nn::MaxPool2d(2), nn::Flatten(), nn::Dropout(0.3),
                        nn::Linear(4 * 4 * 4, 10));
}

struct Training {
  Training() : model(seeded()), optimizer(model.parameters(), {.lr = 1e-2}) {}

  static nn::Sequential seeded() {
    manual_seed(7);
    return small_cnn();
  }

  Tensor step(const Tensor& x, const Tensor& y) {
    optimizer.zero_grad();
    Tensor loss = F::cross_entropy(model(x), y);
    loss.backward();
    nn::utils::clip_grad_norm_(model.parameters(), 1.0);
    optimizer.step();
    return loss;
  }

  nn::Sequential model;
  optim::Adam optimizer;
};

struct Batch {
  Tensor x, y;
};

std::vector<Batch> batches(int count, int64_t size = 6) {
  manual_seed(3);
  std::vector<Batch> all;
  for (int i = 0; i < count; ++i) all.push_back({rand({size, 1, 8, 8}), randint(0, 10, {size})});
  return all;
}

TEST(CompileTest, ATrainingStepIsTheFunctionsBitForBit) {
  const std::vector<Batch> data = batches(6);
  Training eager, recorded;
  auto step =
      compile([&](const Tensor& x, const Tensor& y) { return recorded.step(x, y); }, kExact);
  std::vector<Tensor> eager_losses, losses;
  manual_seed(11);
  for (const Batch& b : data) eager_losses.push_back(eager.step(b.x, b.y).detach());
  const Generator after = default_generator();
  manual_seed(11);
  for (const Batch& b : data) losses.push_back(step(b.x, b.y));
  EXPECT_EQ(default_generator().offset, after.offset);  // dropout's numbers
  expect_same_bits(losses, eager_losses);
  expect_same_bits(recorded.model.parameters(), eager.model.parameters());
  for (size_t i = 0; i < losses.size(); ++i) {
    EXPECT_TRUE(
        same_bits(recorded.model.parameters()[0].grad(), eager.model.parameters()[0].grad()));
  }
  ASSERT_EQ(step.report_data().size(), 1u);
  EXPECT_EQ(step.report_data()[0].runs, 5);
}

TEST(CompileTest, OptionsOfTheOptimizerAreReadInEveryRun) {
  const std::vector<Batch> data = batches(6);
  Training eager, recorded;
  optim::StepLR eager_schedule(eager.optimizer, {.step_size = 2, .gamma = 0.1});
  optim::StepLR schedule(recorded.optimizer, {.step_size = 2, .gamma = 0.1});
  auto step = compile(
      [&](const Tensor& x, const Tensor& y) {
        Tensor loss = recorded.step(x, y);
        schedule.step();
        return loss;
      },
      kExact);
  manual_seed(5);
  for (const Batch& b : data) {
    eager.step(b.x, b.y);
    eager_schedule.step();
  }
  manual_seed(5);
  for (const Batch& b : data) step(b.x, b.y);
  EXPECT_EQ(recorded.optimizer.lr(), eager.optimizer.lr());
  expect_same_bits(recorded.model.parameters(), eager.model.parameters());
}

TEST(CompileTest, OtherShapesAreRecordedUpToALimit) {
  int calls = 0;
  auto twice = compile(
      [&](const Tensor& x) {
        ++calls;
        return x * 2;
      },
      {.max_recordings = 2});
  for (int round = 0; round < 3; ++round) {
    for (int64_t n : {2, 3, 4}) {
      const Tensor x = rand({n});
      EXPECT_TRUE(same_bits(twice(x), x * 2));
    }
  }
  EXPECT_EQ(calls, 2 + 3);  // two recordings, and 4 each time
  EXPECT_NE(twice.report().find("3 calls ran without a recording: max_recordings is 2"),
            std::string::npos)
      << twice.report();
  EXPECT_TRUE(same_bits(twice(ones({2}, {.dtype = kFloat64})), full({2}, 2, {.dtype = kFloat64})));
}

TEST(CompileTest, ReadingAValueIsRefusedWithItsLine) {
  auto step = compile([](const Tensor& x) {
    if (x.sum().item<float>() > 0) return x;
    return -x;
  });
  const std::string error = error_of([&] { step(ones({2})); });
  EXPECT_NE(error.find("item: a compiled step must not read values"), std::string::npos) << error;
  EXPECT_NE(error.find("compile_test.cc:"), std::string::npos) << error;
  auto vector = compile([](const Tensor& x) { return x * x.to_vector<float>()[0]; });
  EXPECT_NE(error_of([&] { vector(ones({2})); }).find("to_vector: "), std::string::npos);
  auto branch = compile([](const Tensor& x) { return x.equal(x) ? x : -x; });
  EXPECT_NE(error_of([&] { branch(ones({2})); }), "");
  // Afterwards values are read as ever.
  EXPECT_EQ(ones({}).item<float>(), 1);
}

TEST(CompileTest, HostWorkIsDoneInEveryRun) {
  std::vector<double> seen;
  auto step = compile([&](const Tensor& x) {
    Tensor sum = x.sum();
    each_time([&seen, sum] { seen.push_back(sum.item<double>()); });
    return sum * 2;
  });
  for (double value : {1.0, 2.0, 3.0}) step(full({4}, value));
  EXPECT_EQ(seen, (std::vector<double>{4, 8, 12}));
}

TEST(CompileTest, ResultsStayTheCallers) {
  auto step = compile([](const Tensor& x) { return std::pair(x + 1, x.sum()); });
  std::vector<std::pair<Tensor, Tensor>> results;
  for (float value : {1.f, 2.f, 3.f, 4.f}) results.push_back(step(full({3}, value)));
  for (size_t i = 0; i < results.size(); ++i) {
    EXPECT_EQ(results[i].first.to_vector<float>(), std::vector<float>(3, i + 2.f));
    EXPECT_EQ(results[i].second.item<float>(), 3 * (i + 1.f));
  }
}

TEST(CompileTest, ArgumentsMayBeReturnedAndGivenTwice) {
  auto step = compile([](const Tensor& x, const Tensor& y) {
    return std::vector{x, x + y, x.t()};
  });
  const Tensor a = rand({2, 3}), b = rand({2, 3});
  for (int i = 0; i < 2; ++i) {
    expect_same_bits(step(a, b), {a, a + b, a.t()});
    expect_same_bits(step(a, a), {a, a + a, a.t()});
  }
  EXPECT_EQ(step.report_data().size(), 1u);
  // Views of something larger, at another place each time.
  const Tensor all = rand({6, 3});
  for (int64_t row : {0, 2, 4}) {
    const Tensor part = all.narrow(0, row, 2);
    expect_same_bits(step(part, b), {part, part + b, part.t()});
  }
}

TEST(CompileTest, SteadyStateAllocatesNothing) {
  const std::vector<Batch> data = batches(2);
  Training training;
  auto step = compile([&](const Tensor& x, const Tensor& y) { return training.step(x, y); });
  auto allocations = [&] { return data[0].x.device().memory()->allocations; };
  for (int i = 0; i < 3; ++i) step(data[0].x, data[0].y);
  const uint64_t before = allocations();
  for (int i = 0; i < 5; ++i) step(data[1].x, data[1].y);
  EXPECT_EQ(allocations(), before);
}

TEST(CompileTest, ModesOfModulesAreRecordedEach) {
  nn::Sequential model(nn::Linear(3, 3), nn::Dropout(0.5));
  auto step = compile([&](const Tensor& x) { return model(x); }, kExact);
  const Tensor x = ones({50, 3});
  auto zeros_in = [](const Tensor& y) { return (y == 0).sum().item<int64_t>(); };
  for (int i = 0; i < 3; ++i) {
    model.train();
    EXPECT_GT(zeros_in(step(x)), 20);
    model.eval();
    EXPECT_EQ(zeros_in(step(x)), 0);
  }
  EXPECT_EQ(step.report_data().size(), 2u);
}

TEST(CompileTest, MovedModulesAreRecordedAnew) {
  nn::Linear model(3, 2);
  auto step = compile([&](const Tensor& x) { return model(x.to(model.weight.dtype())); }, kExact);
  const Tensor x = rand({4, 3});
  step(x);
  model.to(kFloat64);
  EXPECT_TRUE(same_bits(step(x), model(x.to(kFloat64))));
  EXPECT_TRUE(same_bits(step(x), model(x.to(kFloat64))));
  EXPECT_EQ(step.report_data().size(), 1u);
}

TEST(CompileTest, LazyLayersAreMadeOnce) {
  nn::Sequential model(nn::LazyLinear(4), nn::ReLU(), nn::LazyLinear(2));
  auto step = compile([&](const Tensor& x) { return model(x); }, kExact);
  const Tensor x = rand({5, 3});
  const Tensor first = step(x);
  const Tensor weight = model.parameters()[0].detach().clone();
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(same_bits(step(x), first));
  EXPECT_TRUE(same_bits(model.parameters()[0], weight));
}

TEST(CompileTest, GradientsThatWouldAddUpAreRefused) {
  nn::Linear model(3, 1);
  auto step = compile([&](const Tensor& x) {
    Tensor loss = model(x).sum();
    loss.backward();
    return loss;
  });
  EXPECT_NE(error_of([&] {
              step(ones({2, 3}));
            }).find("call zero_grad() in the step"),
            std::string::npos);
  // With gradients to add to it is what it says.
  auto again = compile([&](const Tensor& x) { model(x).sum().backward(); });
  for (int i = 0; i < 3; ++i) again(ones({2, 3}));
  EXPECT_EQ(model.bias.grad().item<float>(), 2 * 4);
}

TEST(CompileTest, GradientsAfterARunAreTheFunctions) {
  nn::Linear model(3, 1);
  auto step = compile([&](const Tensor& x) {
    model.zero_grad();
    model(x).sum().backward();
  });
  step(ones({2, 3}));
  step(ones({2, 3}));
  EXPECT_EQ(model.bias.grad().item<float>(), 2);
  model.zero_grad();  // drops what runs write
  step(ones({2, 3}));
  ASSERT_TRUE(model.bias.grad().defined());
  EXPECT_EQ(model.bias.grad().item<float>(), 2);
  auto clears = compile([&](const Tensor& x) {
    model(x).sum().backward();
    model.zero_grad();
  });
  for (int i = 0; i < 3; ++i) clears(ones({2, 3}));
  EXPECT_FALSE(model.bias.grad().defined());
}

TEST(CompileTest, AVariableThatIsBoundAnewIsRefused) {
  Tensor total = zeros({});
  auto step = compile([&](const Tensor& x) { total = total + x.sum(); });
  EXPECT_NE(error_of([&] { step(ones({2})); }).find("was given another in the step"),
            std::string::npos);
  Tensor sum = zeros({});
  auto adds = compile([&](const Tensor& x) { sum += x.sum(); });
  for (int i = 0; i < 3; ++i) adds(ones({2}));
  EXPECT_EQ(sum.item<float>(), 6);
}

TEST(CompileTest, WritingIntoAnArgumentIsRefused) {
  auto step = compile([](const Tensor& x) {
    Tensor y = x;
    y += 1;
  });
  EXPECT_NE(error_of([&] { step(ones({2})); }).find("writes into argument 0"), std::string::npos);
}

TEST(CompileTest, InputsAreChecked) {
  auto step = compile([](const Tensor& x) { return x * 2; });
  EXPECT_NE(error_of([&] { step(Tensor()); }).find("input 0 is not defined"), std::string::npos);
  EXPECT_NE(error_of([&] { step(Tensor(1)); }).find("input 0 is a C++ number"), std::string::npos);
  EXPECT_NE(error_of([&] { step(ones({2}).requires_grad_()); }).find("requires a gradient"),
            std::string::npos);
  EXPECT_NE(error_of([&] { compile([](const Tensor& x) { return x; }, {.max_recordings = 0}); }),
            "");
}

TEST(CompileTest, AnErrorInTheStepLeavesNothingRecorded) {
  int calls = 0;
  auto step = compile([&](const Tensor& x) {
    ++calls;
    return x.matmul(ones({3, 1}));
  });
  EXPECT_NE(error_of([&] { step(ones({2, 2})); }), "");
  EXPECT_EQ(step.report_data().size(), 0u);
  EXPECT_EQ(step(ones({2, 3})).to_vector<float>(), (std::vector<float>{3, 3}));
}

TEST(CompileTest, ConstantsOfTheHostHoldInEveryRun) {
  auto step = compile([](const Tensor& x) {
    return x * tensor<float>({1, 2, 3}) + arange(3) + full({3}, 0.5);
  });
  for (float value : {1.f, 2.f}) {
    EXPECT_EQ(step(full({3}, value)).to_vector<float>(),
              (std::vector<float>{value + 0.5f, 2 * value + 1.5f, 3 * value + 2.5f}));
  }
  auto changes = compile([](const Tensor& x) {
    Tensor constant = tensor<float>({1, 2});
    constant += x;
    return constant;
  });
  EXPECT_NE(error_of([&] { changes(ones({2})); }), "");
}

TEST(CompileTest, MetricsCountInEveryRun) {
  nn::Accuracy eager, recorded;
  nn::ConfusionMatrix eager_matrix(10), matrix(10);
  auto step = compile([&](const Tensor& scores, const Tensor& y) {
    recorded.update(scores, y);
    matrix.update(scores, y);
  });
  manual_seed(1);
  for (int i = 0; i < 4; ++i) {
    const Tensor scores = rand({20, 10}), y = randint(0, 10, {20});
    eager.update(scores, y);
    eager_matrix.update(scores, y);
    step(scores, y);
  }
  EXPECT_EQ(recorded.compute(), eager.compute());
  EXPECT_EQ(matrix.counts(), eager_matrix.counts());
}

TEST(CompileTest, CommonDeadAndConstantNodesGo) {
  auto step = compile(
      [](const Tensor& x) {
        const Tensor unused = x.exp();
        return x.sin() * full({3}, 2.0) + x.sin() * full({3}, 2.0);
      },
      kExact);
  const Tensor x = rand({3});
  const Tensor expected = x.sin() * 2 + x.sin() * 2;
  step(x);
  EXPECT_TRUE(same_bits(step(x), expected));
  const capture::ReportData data = step.report_data()[0];
  EXPECT_EQ(data.dead, 1);      // exp
  EXPECT_EQ(data.common, 3);    // the second sin, full and mul
  EXPECT_EQ(data.constant, 1);  // full
  EXPECT_EQ(data.nodes, 3);     // sin, mul, add
}

TEST(CompileTest, ElementwiseChainsAreOneNodeWithTheSameBits) {
  auto step = compile([](const Tensor& x, const Tensor& y) {
    const Tensor a = (x * y + 1).relu(), b = a.exp() - x;
    return std::pair(a.where(a > b, b), b);
  });
  const Tensor x = randn({37, 41}), y = randn({37, 41});
  const Tensor a = (x * y + 1).relu(), b = a.exp() - x;
  for (int i = 0; i < 3; ++i) {
    const auto [chosen, other] = step(x, y);
    EXPECT_TRUE(same_bits(chosen, a.where(a > b, b)));
    EXPECT_TRUE(same_bits(other, b));
  }
  const capture::ReportData data = step.report_data()[0];
  if (x.device().backend() != "cpu") GTEST_SKIP() << "no kernel for chains";
  EXPECT_EQ(data.fused_groups, 1) << step.report();
  EXPECT_EQ(data.fused_nodes, 7) << step.report();
  EXPECT_EQ(data.nodes, 1) << step.report();
}

TEST(CompileTest, ConvolutionReluAndPoolingAreOneNodeWithTheSameBits) {
  auto model = [] {
    manual_seed(4);
    return nn::Sequential(nn::Conv2d(1, 16, {.kernel_size = 3, .padding = 1}), nn::ReLU(),
                          nn::MaxPool2d(2), nn::Conv2d(16, 32, {.kernel_size = 3, .padding = 1}),
                          nn::ReLU(), nn::MaxPool2d(2), nn::Flatten(), nn::Linear(32 * 4, 10));
  };
  nn::Sequential eager = model(), recorded = model();
  auto run = [](nn::Sequential& model, const Tensor& x, const Tensor& y) {
    model.zero_grad();
    Tensor loss = F::cross_entropy(model(x), y);
    loss.backward();
    return loss;
  };
  auto step = compile([&](const Tensor& x, const Tensor& y) { return run(recorded, x, y); });
  for (int i = 0; i < 3; ++i) {
    const Tensor x = randn({4, 1, 8, 8}), y = randint(0, 10, {4});
    EXPECT_TRUE(same_bits(step(x, y), run(eager, x, y).detach()));
    for (size_t p = 0; p < eager.parameters().size(); ++p) {
      EXPECT_TRUE(same_bits(recorded.parameters()[p].grad(), eager.parameters()[p].grad())) << p;
    }
  }
  if (eager.parameters()[0].device().backend() != "cpu") GTEST_SKIP() << "no such kernel";
  EXPECT_EQ(step.report_data()[0].fused_groups, 4) << step.report();
  EXPECT_EQ(step.report_data()[0].fused_nodes, 10) << step.report();
}

TEST(CompileTest, AStepInsideAStepIsAPartOfIt) {
  auto inner = compile([](const Tensor& x) { return x * 3; });
  auto outer = compile([&](const Tensor& x) { return inner(x) + 1; });
  for (float value : {1.f, 2.f}) EXPECT_EQ(outer(full({}, value)).item<float>(), 3 * value + 1);
  EXPECT_EQ(inner.report_data().size(), 0u);
}

}  // namespace
}  // namespace tessera

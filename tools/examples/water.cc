// SPDX-License-Identifier: Apache-2.0
//
// Tells drinkable water by its measured qualities: a small network on a table with missing values,
// beside a logistic regression.
//
//   bazel run -c opt //tools/examples:water -- --csv=/data/water_potability.csv
#include <cstdio>
#include <iostream>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tessera/data/data.h"
#include "tessera/nn/estimators/logistic_regression.h"
#include "tessera/nn/nn.h"
#include "tessera/optim/optim.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/binary.h"
#include "tessera/tools/examples/program.h"
#include "tessera/tools/examples/water_data.h"
#include "tessera/tools/examples/water_flags.h"

namespace tessera::examples {
namespace {

nn::Sequential small_network(int64_t features) {
  return nn::Sequential(nn::Linear(features, 16), nn::ReLU(),  //
                        nn::Linear(16, 8), nn::ReLU(),         //
                        nn::Linear(8, 1));
}

double loss_on(nn::Module& model, const data::Example& part) {
  NoGradGuard no_grad;
  return nn::BCEWithLogitsLoss()(model(part.x), part.y).item<double>();
}

// Until the validation loss no longer falls; the model then has its best weights.
void train(nn::Module& model, const WaterParts& parts, const WaterFlags& flags) {
  data::DataLoader loader(
      data::TensorDataset(parts.train),
      {.batch_size = flags.batch_size, .shuffle = true, .seed = flags.seed, .device = Device()});
  nn::BCEWithLogitsLoss criterion;
  optim::Adam optimizer(model.parameters(), {.lr = flags.lr});
  nn::EarlyStopping stopping({.patience = flags.patience});

  for (int64_t epoch = 1; epoch <= flags.epochs && !stopping.should_stop(); ++epoch) {
    model.train();
    double total_loss = 0;
    for (auto& [x, y] : loader) {
      optimizer.zero_grad();
      Tensor loss = criterion(model(x), y);
      loss.backward();
      optimizer.step();
      total_loss += loss.item<double>() * static_cast<double>(y.size(0));
    }
    model.eval();
    const double validation_loss = loss_on(model, parts.validation);
    stopping.update(validation_loss, model);
    std::printf("Epoch %lld - Loss: %.4f, validation: %.4f\n", static_cast<long long>(epoch),
                total_loss / static_cast<double>(parts.train.y.size(0)), validation_loss);
    std::fflush(stdout);
  }
  stopping.restore_best(model);
  if (stopping.best_update() > 0) {
    std::printf("Best epoch: %lld, validation loss: %.4f\n",
                static_cast<long long>(stopping.best_update()), stopping.best());
  }
}

// What both models are compared by. `logits` (N) are positive where class 1 is likelier.
void report(const char* name, const Tensor& logits, const Tensor& targets) {
  nn::ConfusionMatrix confusion(2, {"not_potable", "potable"});
  confusion.update(logits > 0, targets);
  nn::AUROC auc;
  auc.update(logits, targets);
  std::printf("\n%s accuracy: %.3f\n%s ROC AUC: %.3f\n", name, confusion.accuracy(), name,
              auc.compute());
  std::cout << '\n' << nn::classification_report(confusion) << std::flush;
}

absl::Status run(const WaterFlags& flags) {
  absl::Status status = set_up(flags.backend, flags.threads, flags.seed);
  if (!status.ok()) return status;
  absl::StatusOr<WaterParts> parts = load_water(flags);
  if (!parts.ok()) return parts.status();
  const auto& [train_part, validation_part, test_part] = *parts;

  nn::Sequential model = small_network(train_part.x.size(1));
  train(model, *parts, flags);

  nn::LogisticRegression regression;
  regression.fit(train_part.x, train_part.y.flatten().to(kInt64));

  const Tensor targets = test_part.y.flatten().to(kInt64);
  NoGradGuard no_grad;
  report("Logistic Regression", regression.decision_function(test_part.x), targets);
  report("Network", model(test_part.x).flatten(), targets);

  if (flags.save.empty()) return absl::OkStatus();
  return nn::save_safetensors(flags.save, model.state_dict());
}

}  // namespace
}  // namespace tessera::examples

int main(int argc, char** argv) {
  using namespace tessera::examples;
  return run_program("water", parse_water_flags(argc, argv), run);
}

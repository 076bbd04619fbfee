// SPDX-License-Identifier: Apache-2.0
#include "tessera/tools/bench/networks.h"

#include <utility>

#include "tessera/backends/runtime/error.h"
#include "tessera/tensor/ops/ops.h"
#include "tessera/tools/examples/gpt.h"
#include "tessera/tools/examples/lstm_lm.h"

namespace tessera::bench {
namespace {

template <class... Layers>
std::unique_ptr<nn::Module> sequential(Layers... layers) {
  return std::make_unique<nn::Sequential>(std::move(layers)...);
}

// The small_cnn with each convolution, relu and pooling as one op.
class FusedCnn : public nn::Module {
 public:
  FusedCnn()
      : first_(add("first", nn::Conv2d(1, 16, {.kernel_size = 3, .padding = 1}))),
        second_(add("second", nn::Conv2d(16, 32, {.kernel_size = 3, .padding = 1}))),
        head_(add("head", nn::Linear(32 * 7 * 7, 10))) {}
  Tensor forward(const Tensor& x) override {
    const Tensor a = conv2d_relu_max_pool2d(x, first_.weight, first_.bias, {.padding = 1}, 2);
    const Tensor b = conv2d_relu_max_pool2d(a, second_.weight, second_.bias, {.padding = 1}, 2);
    return head_(b.flatten(1));
  }

 private:
  nn::Conv2d& first_;
  nn::Conv2d& second_;
  nn::Linear& head_;
};

Network digits(std::unique_ptr<nn::Module> model) {
  return {.model = std::move(model),
          .inputs = rand({10000, 1, 28, 28}),
          .targets = randint(0, 10, {10000}),
          .loss = [](const Tensor& y, const Tensor& t) { return cross_entropy(y, t); }};
}

// Predicts each of `length` tokens, of 65, from those before it.
Network language_model(std::unique_ptr<nn::Module> model, int64_t length, int64_t batch_size) {
  return {.model = std::move(model),
          .inputs = randint(0, 65, {512, length}),
          .targets = randint(0, 65, {512, length}),
          .loss = [](const Tensor& y,
                     const Tensor& t) { return cross_entropy(y.flatten(0, 1), t.flatten()); },
          .batch_size = batch_size};
}

}  // namespace

Network make_network(const std::string& name) {
  manual_seed(0);
  if (name == "small_cnn") {
    return digits(sequential(nn::Conv2d(1, 16, {.kernel_size = 3, .padding = 1}), nn::ReLU(),
                             nn::MaxPool2d(2), nn::Conv2d(16, 32, {.kernel_size = 3, .padding = 1}),
                             nn::ReLU(), nn::MaxPool2d(2), nn::Flatten(),
                             nn::Linear(32 * 7 * 7, 10)));
  }
  if (name == "small_cnn_fused") return digits(std::make_unique<FusedCnn>());
  if (name == "mlp") {
    return {.model = sequential(nn::Linear(784, 256), nn::ReLU(), nn::Linear(256, 128), nn::ReLU(),
                                nn::Linear(128, 10)),
            .inputs = rand({10000, 784}),
            .targets = randint(0, 10, {10000}),
            .loss = [](const Tensor& y, const Tensor& t) { return cross_entropy(y, t); }};
  }
  if (name == "tabular") {
    return {.model = sequential(nn::Linear(9, 16), nn::ReLU(), nn::Linear(16, 8), nn::ReLU(),
                                nn::Linear(8, 1)),
            .inputs = rand({3000, 9}),
            .targets = randint(0, 2, {3000, 1}).to(kFloat32),
            .loss = [](const Tensor& y, const Tensor& t) {
              return binary_cross_entropy_with_logits(y, t);
            }};
  }
  if (name == "gpt") {
    return language_model(std::make_unique<examples::Gpt>(examples::GptOptions{.vocabulary = 65}),
                          128, 16);
  }
  if (name == "lstm") {
    return language_model(
        std::make_unique<examples::LstmLm>(examples::LstmLmOptions{.vocabulary = 65}), 64, 32);
  }
  raise(absl::InvalidArgumentError("no network \"" + name + "\""));
}

}  // namespace tessera::bench

// SPDX-License-Identifier: Apache-2.0
//
// Learns to write like a text, character by character, with a small transformer or an LSTM.
//
//   bazel run -c opt //tools/examples:chargpt -- --text=/data/tinyshakespeare.txt
#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "tessera/data/data.h"
#include "tessera/nn/nn.h"
#include "tessera/optim/optim.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/ops.h"
#include "tessera/tools/examples/chargpt_flags.h"
#include "tessera/tools/examples/chargpt_text.h"
#include "tessera/tools/examples/gpt.h"
#include "tessera/tools/examples/lstm_lm.h"
#include "tessera/tools/examples/program.h"
#include "tessera/tools/examples/progress.h"

namespace tessera::examples {
namespace {

std::unique_ptr<nn::Module> make_model(int64_t vocabulary, const CharGptFlags& flags) {
  if (flags.model == "lstm") {
    return std::make_unique<LstmLm>(
        LstmLmOptions{.vocabulary = vocabulary, .width = flags.width, .layers = flags.layers});
  }
  return std::make_unique<Gpt>(GptOptions{.vocabulary = vocabulary,
                                          .width = flags.width,
                                          .heads = flags.heads,
                                          .layers = flags.layers,
                                          .context = flags.context});
}

// Of the next character at each place, in nats.
Tensor loss_of(nn::Module& model, const Tensor& x, const Tensor& y) {
  return nn::functional::cross_entropy(model(x).flatten(0, 1), y.flatten());
}

double validation_loss(nn::Module& model, const CharText& text, const CharGptFlags& flags) {
  data::DataLoader loader(data::TextDataset(text.validation, {.context_length = flags.context,
                                                              .stride = flags.context}),
                          {.batch_size = flags.batch_size, .device = Device()});
  model.eval();
  NoGradGuard no_grad;
  double total = 0;
  int64_t batches = 0;
  for (auto& [x, y] : loader) {
    if (batches == flags.eval_batches) break;
    total += loss_of(model, x, y).item<double>();
    ++batches;
  }
  model.train();
  return total / static_cast<double>(batches);
}

// Goes on from the prompt: each character is drawn from what the model gives for the next.
std::string sample(nn::Module& model, std::vector<int64_t> tokens, const CharText& text,
                   const CharGptFlags& flags) {
  Generator generator = {.seed = flags.seed};
  model.eval();
  NoGradGuard no_grad;
  for (int64_t i = 0; i < flags.sample_length; ++i) {
    const int64_t length = static_cast<int64_t>(tokens.size());
    const Tensor last = tensor<int64_t>(tokens).unsqueeze(0).narrow(
        1, std::max<int64_t>(0, length - flags.context), std::min(length, flags.context));
    const Tensor logits = model(last).select(1, -1);  // (1, vocabulary)
    const Tensor p = (logits / flags.temperature).softmax(1);
    tokens.push_back(multinomial(p, 1, /*replacement=*/false, &generator).item<int64_t>());
  }
  model.train();
  return text.vocabulary.decode(tensor<int64_t>(tokens));
}

void train(nn::Module& model, const std::vector<int64_t>& prompt, const CharText& text,
           const CharGptFlags& flags) {
  data::DataLoader loader(
      data::TextDataset(text.train, {.context_length = flags.context}),
      {.batch_size = flags.batch_size, .shuffle = true, .seed = flags.seed, .device = Device()});
  optim::AdamW optimizer(model.parameters(), {.lr = flags.lr, .weight_decay = flags.weight_decay});
  optim::CosineAnnealingLR scheduler(optimizer, {.T_max = flags.steps, .eta_min = flags.lr / 10});
  model.train();
  int64_t step = 0, seen = 0;
  double total_loss = 0;
  std::optional<ProgressBar> bar;
  while (step < flags.steps) {
    for (auto& [x, y] : loader) {
      if (!bar) bar.emplace(absl::StrCat("Step ", step + 1), flags.eval_every, "steps");
      optimizer.zero_grad();
      Tensor loss = loss_of(model, x, y);
      loss.backward();
      nn::utils::clip_grad_norm_(model.parameters(), 1.0);
      optimizer.step();
      scheduler.step();
      total_loss += loss.item<double>();
      ++seen;
      bar->advance(1);
      if (++step % flags.eval_every != 0 && step != flags.steps) continue;
      bar.reset();
      std::printf("Step %lld - Loss: %.4f, validation: %.4f\n", static_cast<long long>(step),
                  total_loss / static_cast<double>(seen), validation_loss(model, text, flags));
      std::printf("%s\n\n", sample(model, prompt, text, flags).c_str());
      std::fflush(stdout);
      total_loss = 0;
      seen = 0;
      if (step == flags.steps) break;
    }
  }
}

constexpr char kCharacters[] = "characters";  // in a file's metadata

absl::Status load_model(nn::Module& model, const CharText& text, const std::string& path) {
  absl::StatusOr<nn::Safetensors> file = nn::load_safetensors(path);
  if (!file.ok()) return file.status();
  if (file->metadata[kCharacters] != text.vocabulary.characters()) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": the model knows other characters than those of the text"));
  }
  absl::Status status = model.load_state_dict(file->tensors).status();
  if (status.ok()) return status;
  return absl::Status(status.code(), absl::StrCat(path, ": ", status.message()));
}

absl::Status run(const CharGptFlags& flags) {
  absl::Status status = set_up(flags.backend, flags.threads, flags.seed);
  if (!status.ok()) return status;
  absl::StatusOr<CharText> text = load_text(flags);
  if (!text.ok()) return text.status();
  absl::StatusOr<Tensor> prompt = text->vocabulary.encode(flags.prompt);
  if (!prompt.ok()) {
    return absl::InvalidArgumentError(absl::StrCat("--prompt: ", prompt.status().message()));
  }
  const std::unique_ptr<nn::Module> owned = make_model(text->vocabulary.size(), flags);
  nn::Module& model = *owned;
  if (!flags.load.empty()) {
    status = load_model(model, *text, flags.load);
    if (!status.ok()) return status;
  }
  std::printf("%s of %lld parameters\n", model.type_name().c_str(),
              static_cast<long long>(model.num_parameters()));
  if (flags.steps > 0) {
    train(model, prompt->to_vector<int64_t>(), *text, flags);
  } else {
    std::printf("Validation loss: %.4f\n%s\n", validation_loss(model, *text, flags),
                sample(model, prompt->to_vector<int64_t>(), *text, flags).c_str());
  }
  if (flags.save.empty()) return absl::OkStatus();
  return nn::save_safetensors(flags.save, model.state_dict(),
                              {{kCharacters, text->vocabulary.characters()}});
}

}  // namespace
}  // namespace tessera::examples

int main(int argc, char** argv) {
  using namespace tessera::examples;
  return run_program("chargpt", parse_chargpt_flags(argc, argv), run);
}

// SPDX-License-Identifier: Apache-2.0
#include "tessera/tools/examples/chargpt_flags.h"

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/tools/examples/program.h"

ABSL_FLAG(std::string, backend, "cpu",
          "Where to compute: cpu, cuda, vulkan, or one with an index, such as cuda:1.");
ABSL_FLAG(std::string, text, "",
          "A file of text to learn from. Without it, sentences are made by a built-in grammar.");
ABSL_FLAG(std::string, model, "gpt", "gpt, a transformer, or lstm, a recurrent network.");
ABSL_FLAG(int64_t, width, 128, "Features of each character.");
ABSL_FLAG(int64_t, layers, 4, "Of the transformer, or of the LSTM.");
ABSL_FLAG(int64_t, heads, 4, "Of the transformer's attention; they divide --width.");
ABSL_FLAG(int64_t, context, 128, "Characters that the model sees at once.");
ABSL_FLAG(int64_t, steps, 1000, "Training steps.");
ABSL_FLAG(int64_t, batch_size, 16, "Pieces of text in a training step.");
ABSL_FLAG(double, lr, 1e-3, "Learning rate at the start; it falls to a tenth along a cosine.");
ABSL_FLAG(double, weight_decay, 0.1, "AdamW's.");
ABSL_FLAG(int64_t, eval_every, 100, "Steps after which losses and a sample are printed.");
ABSL_FLAG(int64_t, eval_batches, 20, "Batches that the validation loss is the mean of, at most.");
ABSL_FLAG(int64_t, sample_length, 200, "Characters in a sample.");
ABSL_FLAG(double, temperature, 0.8, "Of samples: the lower, the likelier the characters.");
ABSL_FLAG(std::string, prompt, "\n", "What samples go on from: characters of the text.");
ABSL_FLAG(uint64_t, seed, 0, "Of the initial weights, the order of the text, and samples.");
ABSL_FLAG(int, threads, 0, "Threads to compute with; 0: as many as there are processors.");
ABSL_FLAG(std::string, save, "", "Write the model to this file (safetensors).");
ABSL_FLAG(std::string, load, "", "Begin with the model in this file (safetensors).");

namespace tessera::examples {

absl::StatusOr<CharGptFlags> parse_chargpt_flags(int argc, char** argv) {
  absl::Status status = parse_command_line(
      argc, argv,
      "Learns to write like a text, character by character, with a small transformer or an LSTM.",
      "chargpt_flags.cc");
  if (!status.ok()) return status;
  const CharGptFlags flags = {
      .backend = absl::GetFlag(FLAGS_backend),
      .text = absl::GetFlag(FLAGS_text),
      .model = absl::GetFlag(FLAGS_model),
      .width = absl::GetFlag(FLAGS_width),
      .layers = absl::GetFlag(FLAGS_layers),
      .heads = absl::GetFlag(FLAGS_heads),
      .context = absl::GetFlag(FLAGS_context),
      .steps = absl::GetFlag(FLAGS_steps),
      .batch_size = absl::GetFlag(FLAGS_batch_size),
      .lr = absl::GetFlag(FLAGS_lr),
      .weight_decay = absl::GetFlag(FLAGS_weight_decay),
      .eval_every = absl::GetFlag(FLAGS_eval_every),
      .eval_batches = absl::GetFlag(FLAGS_eval_batches),
      .sample_length = absl::GetFlag(FLAGS_sample_length),
      .temperature = absl::GetFlag(FLAGS_temperature),
      .prompt = absl::GetFlag(FLAGS_prompt),
      .seed = absl::GetFlag(FLAGS_seed),
      .threads = absl::GetFlag(FLAGS_threads),
      .save = absl::GetFlag(FLAGS_save),
      .load = absl::GetFlag(FLAGS_load),
  };
  constexpr int64_t kMany = 1'000'000'000;
  status.Update(check_range("width", flags.width, 1, 65536));
  status.Update(check_range("layers", flags.layers, 1, 1000));
  status.Update(check_range("heads", flags.heads, 1, 65536));
  status.Update(check_range("context", flags.context, 1, 65536));
  status.Update(check_range("steps", flags.steps, 0, kMany));
  status.Update(check_range("batch_size", flags.batch_size, 1, 65536));
  status.Update(check_range("lr", flags.lr, 0, 100));
  status.Update(check_range("weight_decay", flags.weight_decay, 0, 100));
  status.Update(check_range("eval_every", flags.eval_every, 1, kMany));
  status.Update(check_range("eval_batches", flags.eval_batches, 1, kMany));
  status.Update(check_range("sample_length", flags.sample_length, 0, kMany));
  status.Update(check_range("temperature", flags.temperature, 1e-3, 1e3));
  status.Update(check_range("threads", int64_t{flags.threads}, 0, 1024));
  if (status.ok() && flags.prompt.empty()) {
    status = absl::InvalidArgumentError("--prompt is empty, it must have a character");
  }
  if (status.ok() && flags.model != "gpt" && flags.model != "lstm") {
    status = absl::InvalidArgumentError(
        absl::StrCat("--model is '", flags.model, "', it must be gpt or lstm"));
  }
  if (!status.ok()) return status;
  if (flags.model == "gpt" && flags.width % flags.heads != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("--heads ", flags.heads, " do not divide --width ", flags.width));
  }
  return flags;
}

}  // namespace tessera::examples

// SPDX-License-Identifier: Apache-2.0
//
// Names the digits in an IDX file with a small CNN that was trained before. One file is the whole
// program: the CPU backend is linked in, nothing is loaded at run time.
//
//   bazel run -c opt //tools/examples:mnist -- --data_dir=/data/mnist --save=/tmp/cnn.safetensors
//   bazel run -c opt //tools/examples/infer -- /tmp/cnn.safetensors
//   /data/mnist/t10k-images-idx3-ubyte.gz
#include <cstdint>
#include <cstdio>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tessera/backends/cpu/plugin.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/backends/runtime/registry.h"
#include "tessera/data/idx.h"
#include "tessera/nn/nn.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/ops.h"

namespace tessera::examples {
namespace {

constexpr int64_t kBatch = 256;

nn::Sequential small_cnn() {
  return nn::Sequential(
      nn::Conv2d(1, 16, {.kernel_size = 3, .padding = 1}), nn::ReLU(), nn::MaxPool2d(2),   //
      nn::Conv2d(16, 32, {.kernel_size = 3, .padding = 1}), nn::ReLU(), nn::MaxPool2d(2),  //
      nn::Flatten(), nn::Linear(32 * 7 * 7, 10));
}

absl::Status run(const std::string& weights, const std::string& images) {
  if (absl::Status s = register_backend(tessera_plugin_cpu); !s.ok()) return s;
  absl::StatusOr<nn::Safetensors> file = nn::load_safetensors(weights);
  if (!file.ok()) return file.status();
  nn::Sequential model = small_cnn();
  if (auto loaded = model.load_state_dict(file->tensors); !loaded.ok()) return loaded.status();
  absl::StatusOr<Tensor> pixels = data::read_idx(images);
  if (!pixels.ok()) return pixels.status();
  if (pixels->dim() != 3 || pixels->size(1) != 28 || pixels->size(2) != 28) {
    return absl::InvalidArgumentError(images + ": expected images [N, 28, 28], got " +
                                      pixels->shape().to_string());
  }

  model.eval();
  NoGradGuard no_grad;
  for (int64_t start = 0; start < pixels->size(0); start += kBatch) {
    Tensor batch = pixels->slice(0, start, start + kBatch).unsqueeze(1).to(kFloat32) / 255;
    for (int64_t digit : model(batch).argmax(1).to_vector<int64_t>()) {
      std::printf("%d\n", static_cast<int>(digit));
    }
  }
  return absl::OkStatus();
}

}  // namespace
}  // namespace tessera::examples

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: infer WEIGHTS.safetensors IMAGES-idx3-ubyte[.gz]\n");
    return 2;
  }
  absl::Status status;
  try {
    status = tessera::examples::run(argv[1], argv[2]);
  } catch (const tessera::Error& error) {
    status = error.status();
  }
  if (status.ok()) return 0;
  std::fprintf(stderr, "infer: %s\n", std::string(status.message()).c_str());
  return 1;
}

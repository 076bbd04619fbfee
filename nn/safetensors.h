// SPDX-License-Identifier: Apache-2.0
//
// Weights on disk in the safetensors format, which PyTorch and others read and write.
//
//   absl::Status saved = nn::save_safetensors("model.safetensors", model.state_dict());
//   absl::StatusOr<nn::Safetensors> file = nn::load_safetensors("model.safetensors");
//   if (!file.ok()) return file.status();
//   auto loaded = model.load_state_dict(file->tensors);
//
// The file: 8 bytes N (little endian), N bytes of JSON (names, dtypes, shapes, places of the
// tensors), the tensors' bytes in row-major order.
#ifndef TESSERA_NN_SAFETENSORS_H_
#define TESSERA_NN_SAFETENSORS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tessera/backends/runtime/device.h"
#include "tessera/nn/state_dict.h"

namespace tessera::nn {

struct Safetensors {
  StateDict tensors;  // in the order of their bytes in the file
  std::map<std::string, std::string> metadata;
};

// The largest header that is read, in bytes.
inline constexpr uint64_t kMaxSafetensorsHeader = 100'000'000;

// Writes `tensors` so that `path` holds the old file or the whole new one at any time, whatever
// fails: into a new file in the same folder, synced, then renamed. Tensors of any device and
// strides.
//   errors: those of the file system, with the path; kInvalidArgument for a name or metadata that
//   is
//           not UTF-8; kResourceExhausted from the device
absl::Status save_safetensors(const std::string& path, const StateDict& tensors,
                              const std::map<std::string, std::string>& metadata = {});

// Reads every tensor to `device` (the default device if none is given). The file may come from
// anywhere: nothing in it is trusted, and memory is taken only for what the file really holds.
//   errors: those of the file system; kDataLoss with the path and what is wrong (a header that is
//           no strict JSON or too long, a name that comes twice, bytes that overlap, leave gaps, go
//           past the end or do not fit the shape, a bool other than 0 or 1); kUnimplemented for a
//           dtype that Tessera does not hold; kResourceExhausted from the device
absl::StatusOr<Safetensors> load_safetensors(const std::string& path,
                                             std::optional<Device> device = std::nullopt);

// The same on bytes in memory.
absl::StatusOr<std::string> serialize_safetensors(
    const StateDict& tensors, const std::map<std::string, std::string>& metadata = {});
absl::StatusOr<Safetensors> parse_safetensors(std::string_view bytes,
                                              std::optional<Device> device = std::nullopt);

}  // namespace tessera::nn

#endif  // TESSERA_NN_SAFETENSORS_H_

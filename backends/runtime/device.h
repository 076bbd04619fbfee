// SPDX-License-Identifier: Apache-2.0
//
// Device: where tensors live and ops run. A cheap handle to one opened device of one backend.
//
//   absl::StatusOr<Device> gpu = find_device("cuda:1");     // loads the plugin if need be
//   if (!gpu.ok()) LOG(gpu.status());                       // says every candidate and why not
//   Tensor x = randn({64, 784}, {.device = *gpu});
#ifndef TESSERA_BACKENDS_RUNTIME_DEVICE_H_
#define TESSERA_BACKENDS_RUNTIME_DEVICE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tessera/backends/abi/tessera_plugin.h"

namespace tessera {

struct DeviceState;  // backends/runtime/device_state.h: what dispatch and Buffer need

class Device {
 public:
  // The default device: "cpu", or what set_default_device() was given. Loads the CPU plugin on the
  // first use; throws tessera::Error with the search's explanation if there is none.
  Device();

  // "cpu", "cuda:0": throws what find_device() would return as a status. Implicit, so that options
  // read {.device = "cuda"}.
  Device(std::string_view name);
  Device(const char* name) : Device(std::string_view(name)) {}
  explicit Device(DeviceState* state) : state_(state) {}

  // "cpu:0"; find_device(device.name()) is this device.
  const std::string& name() const;
  // "cpu"
  const std::string& backend() const;
  int index() const;
  // True if buffers can be read and written through pointers by the host.
  bool is_host_visible() const;
  const TsrDeviceInfo& info() const;

  // Waits until all queued work is done. Returns the first error of that work, with the op's name.
  absl::Status synchronize() const;
  // Bytes and buffers in use, peak, reserved.
  absl::StatusOr<TsrMemoryStats> memory() const;
  // Gives cached memory back to the system.
  absl::Status trim() const;

  DeviceState* state() const { return state_; }
  friend bool operator==(const Device& a, const Device& b) { return a.state_ == b.state_; }

 private:
  DeviceState* state_;  // lives until shutdown_backends()
};

// Finds "backend" or "backend:index", loading the plugin if it is not loaded.
//   errors: kNotFound if no candidate plugin could be loaded (the message lists each candidate and
//           its reason), kInvalidArgument for a malformed name, kOutOfRange for an index that the
//           backend does not have, kUnavailable if it has no device (the message says why)
absl::StatusOr<Device> find_device(std::string_view name);

// What Device() and TensorOptions{} mean from now on, in the whole process.
void set_default_device(Device device);

// All devices of all backends that can be found.
std::vector<Device> all_devices();

// Threads that each CPU-like backend may use for compute, the calling thread included. The default
// is the environment variable TESSERA_NUM_THREADS, or else the number of processors this process
// may run on. At least 1. No other thread may be running an op meanwhile.
//   errors: raises kInvalidArgument for fewer than 1, or more than 4096; what a backend answers
void set_num_threads(int threads);
int get_num_threads();

// What matrix products and convolutions of float32 may give up for speed, in the whole process,
// from now on; what was captured before keeps its own.
//   "highest"  nothing; the default
//   "high"     inputs may be rounded to 10 bits behind the point, as TF32 has them, or to more
//   "medium"   inputs may be rounded to bfloat16, or to more
// Sums stay in float32. A backend that has no faster way computes as with "highest": the CPU and
// Vulkan do, and CUDA takes "medium" for "high".
//   errors: raises kInvalidArgument for another word
//   source: PyTorch's torch.set_float32_matmul_precision, here for convolutions too
void set_float32_matmul_precision(std::string_view precision);
std::string get_float32_matmul_precision();

}  // namespace tessera

#endif  // TESSERA_BACKENDS_RUNTIME_DEVICE_H_

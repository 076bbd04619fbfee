// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/vulkan/warm_up.h"

#include <vector>

#include "tessera/backends/plugin/status.h"
#include "tessera/backends/vulkan/kernel_table.h"

namespace tessera::vulkan {
namespace {

constexpr int64_t kOnes = 100;

// y = sum(x)
TsrStatus add_up(TsrStream* stream, Buffer* x, Buffer* y, TsrMessage* message) {
  const int64_t shape[] = {kOnes}, strides[] = {1}, ints[] = {0, 0};
  TsrTensor input = {sizeof(TsrTensor), x->data, x, 0, shape, strides, 1, TSR_FLOAT32};
  TsrTensor output = {sizeof(TsrTensor), y->data, y, 0, shape, strides, 0, TSR_FLOAT32};
  const TsrTensor *inputs = &input, *outputs = &output;
  const TsrNode node = {sizeof(TsrNode), "sum", 0, &inputs, &outputs, 1, 1, ints, nullptr, 2, 0};
  return find_kernel("sum")->launch(stream, &node, message);
}

TsrStatus run(Device* device, Buffer* x, Buffer* y, TsrMessage* message) {
  Stream stream = {device};
  const std::vector<float> ones(kOnes, 1.0f);
  float sum = 0;
  TESSERA_PLUGIN_RETURN_IF_ERROR(
      device->queue.upload(ones.data(), *x, 0, kOnes * sizeof(float), message));
  TESSERA_PLUGIN_RETURN_IF_ERROR(add_up(reinterpret_cast<TsrStream*>(&stream), x, y, message));
  TESSERA_PLUGIN_RETURN_IF_ERROR(device->queue.download(*y, 0, &sum, sizeof sum, message));
  TESSERA_PLUGIN_RETURN_IF_ERROR(device->synchronize(message));
  if (sum == kOnes) return TSR_OK;
  return plugin::fail(message, TSR_UNAVAILABLE,
                      "vulkan: %s adds %d ones to %g: its driver does not compute",
                      device->gpu.physical().properties.deviceName, static_cast<int>(kOnes), sum);
}

}  // namespace

TsrStatus warm_up(Device* device, TsrMessage* message) {
  TsrBuffer *x = nullptr, *y = nullptr;
  TESSERA_PLUGIN_RETURN_IF_ERROR(device->allocator.allocate(kOnes * sizeof(float), &x, message));
  TsrStatus status = device->allocator.allocate(sizeof(float), &y, message);
  if (status == TSR_OK) {
    status = run(device, static_cast<Buffer*>(x), static_cast<Buffer*>(y), message);
    device->allocator.free(y);
  }
  device->allocator.free(x);
  return status;
}

}  // namespace tessera::vulkan

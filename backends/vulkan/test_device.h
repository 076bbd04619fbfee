// SPDX-License-Identifier: Apache-2.0
//
// An opened device for tests of the plugin's parts, with its driver's functions open to tampering.
#ifndef TESSERA_BACKENDS_VULKAN_TEST_DEVICE_H_
#define TESSERA_BACKENDS_VULKAN_TEST_DEVICE_H_

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tessera/backends/vulkan/graph.h"
#include "tessera/backends/vulkan/handles.h"
#include "tessera/backends/vulkan/kernel_table.h"

namespace tessera::vulkan {

// A status with its message.
struct Outcome {
  TsrStatus status;
  std::string text;
};

class TestDevice {
 public:
  TestDevice() : backend_(&host_) {
    EXPECT_FALSE(backend_.instance.devices().empty()) << backend_.instance.why();
    device_ = std::make_unique<Device>(&backend_.instance, backend_.instance.devices()[0]);
    stream_.device = device_.get();
    const Outcome opened = run([&](TsrMessage* m) { return device_->open(m); });
    EXPECT_EQ(opened.status, TSR_OK) << opened.text;
  }

  Device& operator*() { return *device_; }
  Device* operator->() { return device_.get(); }
  TsrStream* stream() { return reinterpret_cast<TsrStream*>(&stream_); }

  // Calls f(message).
  template <class F>
  static Outcome run(F&& f) {
    char text[512] = "";
    TsrMessage message = {sizeof message, text, sizeof text};
    const TsrStatus status = f(&message);
    return {status, text};
  }

  // Of n float32; freed by the caller, or never.
  Buffer* floats(uint64_t n) {
    TsrBuffer* buffer = nullptr;
    const Outcome o =
        run([&](TsrMessage* m) { return device_->allocator.allocate(n * 4, &buffer, m); });
    EXPECT_EQ(o.status, TSR_OK) << o.text;
    return static_cast<Buffer*>(buffer);
  }
  Outcome write(Buffer* b, const std::vector<float>& values) {
    return run([&](TsrMessage* m) {
      return device_->queue.upload(values.data(), *b, 0, values.size() * 4, m);
    });
  }
  Outcome read(Buffer* b, std::vector<float>* values) {
    const Outcome o = run([&](TsrMessage* m) {
      return device_->queue.download(*b, 0, values->data(), values->size() * 4, m);
    });
    return o.status != TSR_OK ? o : synchronize();
  }
  Outcome synchronize() {
    return run([&](TsrMessage* m) { return device_->synchronize(m); });
  }

  // The node "copy" of n float32 from `x` to `y`, elements apart by `x_offset` and `y_offset`.
  struct CopyNode {
    CopyNode(Buffer* from, Buffer* to, int64_t n, int64_t from_offset = 0, int64_t to_offset = 0)
        : shape{n}, strides{1} {
      x = {sizeof(TsrTensor),
           static_cast<char*>(from->data) + from_offset * 4,
           from,
           static_cast<uint64_t>(from_offset) * 4,
           shape,
           strides,
           1,
           TSR_FLOAT32};
      y = {sizeof(TsrTensor),
           static_cast<char*>(to->data) + to_offset * 4,
           to,
           static_cast<uint64_t>(to_offset) * 4,
           shape,
           strides,
           1,
           TSR_FLOAT32};
      node = {sizeof(TsrNode), "copy", 1, &inputs, &outputs, 1, 1};
    }
    CopyNode(const CopyNode&) = delete;
    int64_t shape[1], strides[1];
    TsrTensor x, y;
    const TsrTensor *inputs = &x, *outputs = &y;
    TsrNode node;
  };
  Outcome launch(const TsrNode& node) {
    return run([&](TsrMessage* m) { return find_kernel(node.op)->launch(stream(), &node, m); });
  }

 private:
  TsrHost host_ = {sizeof(TsrHost), nullptr, nullptr, nullptr, nullptr, 1, 0};
  Backend backend_;
  std::unique_ptr<Device> device_;
  Stream stream_{nullptr};
};

}  // namespace tessera::vulkan

#endif  // TESSERA_BACKENDS_VULKAN_TEST_DEVICE_H_

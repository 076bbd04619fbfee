// SPDX-License-Identifier: Apache-2.0
//
// The plugin's functions on the emulated device, for tests of its parts.
#ifndef TESSERA_BACKENDS_CUDA_TEST_DEVICE_H_
#define TESSERA_BACKENDS_CUDA_TEST_DEVICE_H_

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tessera/backends/cuda/api.h"
#include "tessera/backends/cuda/emulation/runtime.h"
#include "tessera/backends/cuda/handles.h"

namespace tessera::cuda {

// A status with its message.
struct Outcome {
  TsrStatus status;
  std::string text;
};

class TestDevice {
 public:
  TestDevice() {
    host_ = {.struct_size = sizeof(TsrHost), .context = this, .thread_budget = 1};
    host_.log = [](void* self, int32_t, const char* text) {
      static_cast<TestDevice*>(self)->log.push_back(text);
    };
    EXPECT_EQ(kApi.backend_initialize(&host_, &backend_, nullptr), TSR_OK);
    EXPECT_EQ(kApi.device_open(backend_, 0, &device, nullptr), TSR_OK);
    stream = make_stream();
  }
  ~TestDevice() {
    for (TsrBuffer* b : buffers_) kApi.buffer_free(stream, b);
    for (TsrStream* s : streams_) kApi.stream_destroy(s);
    kApi.device_close(device);
    kApi.backend_shutdown(backend_);
  }
  TestDevice(const TestDevice&) = delete;
  TestDevice& operator=(const TestDevice&) = delete;

  // Calls f(message).
  template <class F>
  static Outcome run(F&& f) {
    char text[512] = "";
    TsrMessage message = {sizeof message, text, sizeof text};
    const TsrStatus status = f(&message);
    return {status, text};
  }

  Outcome set_option(const char* name, const char* value) {
    return run([&](TsrMessage* m) { return kApi.set_option(backend_, name, value, m); });
  }
  TsrStream* make_stream() {
    TsrStream* made = nullptr;
    EXPECT_EQ(kApi.stream_create(device, &made, nullptr), TSR_OK);
    streams_.push_back(made);
    return made;
  }
  // Of n float32; freed with this.
  TsrBuffer* floats(uint64_t n) {
    TsrBuffer* buffer = nullptr;
    const Outcome o =
        run([&](TsrMessage* m) { return kApi.buffer_allocate(stream, n * 4, &buffer, m); });
    EXPECT_EQ(o.status, TSR_OK) << o.text;
    buffers_.push_back(buffer);
    return buffer;
  }
  Outcome write(TsrBuffer* b, const std::vector<float>& values) {
    return run([&](TsrMessage* m) {
      return kApi.copy_from_host(stream, values.data(), b, 0, values.size() * 4, m);
    });
  }
  // values must live until synchronize().
  Outcome start_read(TsrBuffer* b, std::vector<float>* values) {
    return run([&](TsrMessage* m) {
      return kApi.copy_to_host(stream, b, 0, values->data(), values->size() * 4, m);
    });
  }
  Outcome synchronize() {
    return run([&](TsrMessage* m) { return kApi.stream_synchronize(stream, m); });
  }
  std::vector<float> read(TsrBuffer* b) {
    std::vector<float> values(b->size / 4);
    Outcome o = start_read(b, &values);
    EXPECT_EQ(o.status, TSR_OK) << o.text;
    o = synchronize();
    EXPECT_EQ(o.status, TSR_OK) << o.text;
    return values;
  }
  TsrMemoryStats memory() {
    TsrMemoryStats stats = {sizeof stats};
    EXPECT_EQ(kApi.device_memory(device, &stats, nullptr), TSR_OK);
    return stats;
  }

  // The node "<op>" of dense vectors of n float32: y = op(x...).
  class Node {
   public:
    Node(const char* op, std::vector<TsrBuffer*> x, TsrBuffer* y, int64_t n) : shape_{n} {
      x.push_back(y);
      tensors_.resize(x.size());
      for (size_t i = 0; i < x.size(); ++i) {
        tensors_[i] = {sizeof(TsrTensor), x[i]->data, x[i], 0, shape_, strides_, 1, TSR_FLOAT32};
        pointers_.push_back(&tensors_[i]);
      }
      const uint32_t inputs = static_cast<uint32_t>(x.size() - 1);
      node = {sizeof(TsrNode), op, 1, pointers_.data(), pointers_.data() + inputs, inputs, 1};
    }
    Node(const Node&) = delete;

    TsrNode node;

   private:
    int64_t shape_[1], strides_[1] = {1};
    std::vector<TsrTensor> tensors_;
    std::vector<const TsrTensor*> pointers_;
  };
  Outcome launch(const Node& n) {
    return run([&](TsrMessage* m) {
      return kApi.kernel_find(device, n.node.op)->launch(stream, &n.node, m);
    });
  }

  TsrDevice* device = nullptr;
  TsrStream* stream = nullptr;
  std::vector<std::string> log;  // what the plugin told the host

 private:
  TsrHost host_;
  TsrBackend* backend_ = nullptr;
  std::vector<TsrStream*> streams_;
  std::vector<TsrBuffer*> buffers_;
};

}  // namespace tessera::cuda

#endif  // TESSERA_BACKENDS_CUDA_TEST_DEVICE_H_

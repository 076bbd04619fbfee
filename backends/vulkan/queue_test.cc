// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/vulkan/queue.h"

#include <random>
#include <thread>

#include "gtest/gtest.h"
#include "tessera/backends/vulkan/api.h"
#include "tessera/backends/vulkan/test_device.h"

namespace tessera::vulkan {
namespace {

std::vector<float> counted(size_t n, float first = 0) {
  std::vector<float> values(n);
  for (size_t i = 0; i < n; ++i) values[i] = first + static_cast<float>(i);
  return values;
}

TEST(QueueTest, UploadsLargerThanTheRingKeepEveryByte) {
  TestDevice device;
  const std::vector<float> values = counted(9'000'001);
  Buffer* b = device.floats(values.size());
  ASSERT_EQ(device.write(b, values).status, TSR_OK);
  std::vector<float> back(values.size());
  ASSERT_EQ(device.read(b, &back).status, TSR_OK);
  EXPECT_EQ(back, values);
  device->allocator.free(b);
}

TEST(QueueTest, ManyNodesAreOneSubmission) {
  TestDevice device;
  Buffer *a = device.floats(100), *b = device.floats(100);
  device.write(a, counted(100));
  ASSERT_EQ(device.synchronize().status, TSR_OK);
  const uint64_t before = device->queue.submitted();
  for (int i = 0; i < 10; ++i) {
    const TestDevice::CopyNode there(a, b, 100), back(b, a, 100);
    ASSERT_EQ(device.launch(there.node).status, TSR_OK);
    ASSERT_EQ(device.launch(back.node).status, TSR_OK);
  }
  ASSERT_EQ(device.synchronize().status, TSR_OK);
  EXPECT_EQ(device->queue.submitted(), before + 1);
  device->allocator.free(a);
  device->allocator.free(b);
}

// Kernels and copies of random ranges of a few buffers, beside the same on the host. Under
// validation a barrier that is missing is a message, and that a failure.
TEST(QueueTest, RandomDependenciesAreKept) {
  TestDevice device;
  constexpr int64_t kSize = 64;
  std::mt19937 random(11);
  std::vector<Buffer*> buffers;
  std::vector<std::vector<float>> model;
  for (int k = 0; k < 4; ++k) {
    buffers.push_back(device.floats(kSize));
    model.push_back(counted(kSize, static_cast<float>(100 * k)));
    ASSERT_EQ(device.write(buffers[k], model[k]).status, TSR_OK);
  }
  for (int step = 0; step < 1500; ++step) {
    const size_t from = random() % 4, to = (from + 1 + random() % 3) % 4;
    const int64_t n = 1 + random() % 20;
    const int64_t i = random() % (kSize - n + 1), j = random() % (kSize - n + 1);
    std::copy_n(model[from].begin() + i, n, model[to].begin() + j);
    if (random() % 3 == 0) {
      const Outcome o = TestDevice::run([&](TsrMessage* m) {
        return device->queue.copy(*buffers[from], i * 4, *buffers[to], j * 4, n * 4, m);
      });
      ASSERT_EQ(o.status, TSR_OK) << o.text;
    } else {
      const TestDevice::CopyNode copy(buffers[from], buffers[to], n, i, j);
      ASSERT_EQ(device.launch(copy.node).status, TSR_OK);
    }
  }
  for (int k = 0; k < 4; ++k) {
    std::vector<float> back(kSize);
    const Outcome o = device.read(buffers[k], &back);
    ASSERT_EQ(o.status, TSR_OK) << o.text;
    EXPECT_EQ(back, model[k]) << k;
    device->allocator.free(buffers[k]);
  }
}

TEST(QueueTest, ThreadsMayUseADeviceAtOnce) {
  TestDevice device;
  const TsrBackendApi& api = kApi;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      TsrBuffer *a = nullptr, *b = nullptr;
      ASSERT_EQ(api.buffer_allocate(device.stream(), 4000, &a, nullptr), TSR_OK);
      ASSERT_EQ(api.buffer_allocate(device.stream(), 4000, &b, nullptr), TSR_OK);
      for (int turn = 0; turn < 50; ++turn) {
        const std::vector<float> values = counted(1000, static_cast<float>(1000 * t + turn));
        std::vector<float> back(1000);
        const TestDevice::CopyNode copy(static_cast<Buffer*>(a), static_cast<Buffer*>(b), 1000);
        ASSERT_EQ(api.copy_from_host(device.stream(), values.data(), a, 0, 4000, nullptr), TSR_OK);
        ASSERT_EQ(device.launch(copy.node).status, TSR_OK);
        ASSERT_EQ(api.copy_to_host(device.stream(), b, 0, back.data(), 4000, nullptr), TSR_OK);
        ASSERT_EQ(api.stream_synchronize(device.stream(), nullptr), TSR_OK);
        ASSERT_EQ(back, values);
      }
      api.buffer_free(device.stream(), a);
      api.buffer_free(device.stream(), b);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

// Writes b, then reads it; with the barrier between them left out if `planted`.
Outcome dependent_nodes(TestDevice& device, bool planted) {
  Buffer *a = device.floats(100), *b = device.floats(100), *c = device.floats(100);
  device.write(a, counted(100));
  EXPECT_EQ(device.synchronize().status, TSR_OK);
  const TestDevice::CopyNode first(a, b, 100), second(b, c, 100);
  EXPECT_EQ(device.launch(first.node).status, TSR_OK);
  if (planted) {
    Commands* commands = nullptr;
    EXPECT_EQ(device->queue.commands(&commands, nullptr), TSR_OK);
    commands->forget_dependencies();
  }
  EXPECT_EQ(device.launch(second.node).status, TSR_OK);
  const Outcome outcome = device.synchronize();
  for (Buffer* x : {a, b, c}) device->allocator.free(x);
  return outcome;
}

TEST(QueueTest, APlantedMissingBarrierIsReported) {
  TestDevice device;
  const Outcome good = dependent_nodes(device, false);
  EXPECT_EQ(good.status, TSR_OK) << good.text;
  const Outcome bad = dependent_nodes(device, true);
  EXPECT_EQ(bad.status, TSR_INTERNAL);
  EXPECT_NE(bad.text.find("SYNC-HAZARD-READ-AFTER-WRITE"), std::string::npos) << bad.text;
}

VkResult lost_submit(VkQueue, uint32_t, const VkSubmitInfo*, VkFence) {
  return VK_ERROR_DEVICE_LOST;
}
VkResult lost_wait(VkDevice, const VkSemaphoreWaitInfo*, uint64_t) { return VK_ERROR_DEVICE_LOST; }
VkResult timed_out(VkDevice, const VkSemaphoreWaitInfo*, uint64_t) { return VK_TIMEOUT; }

// A node, then something that fails when it is waited for.
template <class Function>
void expect_loss(Function DeviceFunctions::*function, Function broken, const char* said) {
  TestDevice device;
  Buffer *a = device.floats(100), *b = device.floats(100);
  const TestDevice::CopyNode copy(a, b, 100);
  ASSERT_EQ(device.launch(copy.node).status, TSR_OK);
  DeviceFunctions& functions = device->gpu.mutable_functions();
  const Function sound = functions.*function;
  functions.*function = broken;
  const Outcome first = device.synchronize();
  EXPECT_EQ(first.status, TSR_UNAVAILABLE);
  EXPECT_EQ(first.text.rfind("copy: ", 0), 0u) << first.text;
  EXPECT_NE(first.text.find(said), std::string::npos) << first.text;
  // The device stays lost, and says the same; the host's data are untouched, and nothing hangs.
  functions.*function = sound;
  const Outcome again = device.launch(copy.node);
  EXPECT_EQ(again.status, TSR_UNAVAILABLE);
  EXPECT_EQ(again.text, first.text);
  std::vector<float> kept = counted(100);
  EXPECT_EQ(device.read(a, &kept).status, TSR_UNAVAILABLE);
  EXPECT_EQ(kept, counted(100));
  device->allocator.free(a);
  device->allocator.free(b);
}

TEST(QueueTest, ALostDeviceIsAStatusWithTheOpsName) {
  expect_loss(&DeviceFunctions::QueueSubmit, PFN_vkQueueSubmit(lost_submit),
              "VK_ERROR_DEVICE_LOST");
  expect_loss(&DeviceFunctions::WaitSemaphores, PFN_vkWaitSemaphores(lost_wait),
              "VK_ERROR_DEVICE_LOST");
}

TEST(QueueTest, AQueueThatTimesOutIsAStatusWithTheOpsName) {
  expect_loss(&DeviceFunctions::WaitSemaphores, PFN_vkWaitSemaphores(timed_out),
              "does not finish its work");
}

TEST(GraphTest, ReplaysOnTheSameMemoryInOneSubmission) {
  TestDevice device;
  Buffer *a = device.floats(100), *b = device.floats(100), *c = device.floats(100);
  const TestDevice::CopyNode first(a, b, 100), second(b, c, 100);
  Graph graph(&*device);
  ASSERT_EQ(graph.begin(nullptr), TSR_OK);
  device->recording = &graph;
  ASSERT_EQ(device.launch(first.node).status, TSR_OK);
  ASSERT_EQ(device.launch(second.node).status, TSR_OK);
  device->recording = nullptr;
  ASSERT_EQ(graph.end(nullptr), TSR_OK);
  for (int k = 0; k < 3; ++k) {
    const std::vector<float> values = counted(100, static_cast<float>(k));
    ASSERT_EQ(device.write(a, values).status, TSR_OK);
    ASSERT_EQ(device.synchronize().status, TSR_OK);
    const uint64_t before = device->queue.submitted();
    ASSERT_EQ(graph.launch(nullptr), TSR_OK);
    EXPECT_EQ(device->queue.submitted(), before + 1);
    std::vector<float> back(100);
    const Outcome o = device.read(c, &back);
    ASSERT_EQ(o.status, TSR_OK) << o.text;
    EXPECT_EQ(back, values);
  }
  for (Buffer* x : {a, b, c}) device->allocator.free(x);
}

}  // namespace
}  // namespace tessera::vulkan

// SPDX-License-Identifier: Apache-2.0
//
// Memory, copies, streams, graphs and errors of the plugin on the emulated device, whose work is
// done when somebody waits and not before.
#include "tessera/backends/cuda/api.h"

#include <numeric>
#include <thread>

#include "gtest/gtest.h"
#include "tessera/backends/cuda/test_device.h"

namespace tessera::cuda {
namespace {

std::vector<float> counted(size_t n, float first = 0) {
  std::vector<float> values(n);
  std::iota(values.begin(), values.end(), first);
  return values;
}

TEST(ApiTest, OnlyReadingWaits) {
  TestDevice device;
  TsrBuffer *a = device.floats(100), *b = device.floats(100);
  std::vector<float> source = counted(100);
  const size_t before = emulation::pending();
  ASSERT_EQ(device.write(a, source).status, TSR_OK);
  source.assign(100, -1);  // taken by then
  const TestDevice::Node square("square", {a}, b, 100);
  ASSERT_EQ(device.launch(square).status, TSR_OK);
  std::vector<float> back(100, -2);
  ASSERT_EQ(device.start_read(b, &back).status, TSR_OK);
  EXPECT_EQ(emulation::pending(), before + 3);
  EXPECT_EQ(back[7], -2);
  ASSERT_EQ(device.synchronize().status, TSR_OK);
  EXPECT_EQ(back[7], 49);
  EXPECT_EQ(back[99], 99 * 99);
}

TEST(ApiTest, UploadsAndDownloadsLargerThanAllSlotsKeepEveryByte) {
  TestDevice device;
  const std::vector<float> values = counted(9'000'001 / 3);
  TsrBuffer* b = device.floats(values.size());
  ASSERT_EQ(device.write(b, values).status, TSR_OK);
  EXPECT_EQ(device.read(b), values);
}

// Slots are reused only when the stream has copied them.
TEST(ApiTest, ManyUploadsBeforeAnythingIsDoneKeepEveryByte) {
  TestDevice device;
  constexpr size_t kBuffers = 40, kFloats = 100'003;  // 16 MB through slots of 8 MB
  std::vector<TsrBuffer*> buffers;
  for (size_t i = 0; i < kBuffers; ++i) {
    buffers.push_back(device.floats(kFloats));
    ASSERT_EQ(device.write(buffers[i], counted(kFloats, static_cast<float>(i))).status, TSR_OK);
  }
  for (size_t i = 0; i < kBuffers; ++i) {
    EXPECT_EQ(device.read(buffers[i]), counted(kFloats, static_cast<float>(i))) << i;
  }
}

TEST(ApiTest, AnEventDeliversTheReadsBeforeIt) {
  TestDevice device;
  TsrBuffer* a = device.floats(10);
  device.write(a, counted(10));
  std::vector<float> before(10, -1), after(10, -1);
  TsrEvent* event = nullptr;
  ASSERT_EQ(kApi.event_create(device.device, &event, nullptr), TSR_OK);
  device.start_read(a, &before);
  ASSERT_EQ(kApi.event_record(event, device.stream, nullptr), TSR_OK);
  device.start_read(a, &after);
  ASSERT_EQ(kApi.event_synchronize(event, nullptr), TSR_OK);
  EXPECT_EQ(before, counted(10));
  EXPECT_EQ(after[5], -1);
  device.synchronize();
  EXPECT_EQ(after, counted(10));
  kApi.event_destroy(event);
}

TEST(ApiTest, OutOfMemorySaysHowMuchAndGoesOn) {
  TestDevice device;
  TsrBuffer* a = device.floats(1000);
  emulation::set_memory(1 << 20);
  TsrBuffer* large = nullptr;
  const Outcome o = TestDevice::run(
      [&](TsrMessage* m) { return kApi.buffer_allocate(device.stream, 2 << 20, &large, m); });
  emulation::set_memory(size_t{4} << 30);
  EXPECT_EQ(o.status, TSR_RESOURCE_EXHAUSTED);
  EXPECT_NE(o.text.find("2097152 bytes asked for"), std::string::npos) << o.text;
  EXPECT_NE(o.text.find("4000 bytes in use"), std::string::npos) << o.text;
  ASSERT_EQ(device.write(a, counted(1000)).status, TSR_OK);
  EXPECT_EQ(device.read(a), counted(1000));
}

// What a stream is about to free is waited for before an allocation fails.
TEST(ApiTest, MemoryThatIsAboutToBeFreedIsNotMissing) {
  TestDevice device;
  emulation::set_memory(1 << 20);
  for (int i = 0; i < 5; ++i) {
    TsrBuffer* most = nullptr;
    const Outcome o = TestDevice::run(
        [&](TsrMessage* m) { return kApi.buffer_allocate(device.stream, 900'000, &most, m); });
    ASSERT_EQ(o.status, TSR_OK) << i << o.text;
    kApi.buffer_free(device.stream, most);
  }
  emulation::set_memory(size_t{4} << 30);
  device.synchronize();
  const TsrMemoryStats stats = device.memory();
  EXPECT_EQ(stats.bytes_in_use, 0);
  EXPECT_EQ(stats.bytes_peak, 900'000);
  EXPECT_EQ(stats.allocations, 5);
}

void write_past_the_end(float* x, int64_t n) { x[n] = 1; }

TEST(ApiTest, AFailedKernelLosesTheDeviceAndNamesItsOp) {
  TestDevice device;
  TsrBuffer *a = device.floats(10), *b = device.floats(10);
  device.write(a, counted(10));
  const TestDevice::Node square("square", {a}, b, 10);
  device.launch(square);
  ASSERT_EQ(device.synchronize().status, TSR_OK);
  device.launch(square);
  launch<float*, int64_t>(write_past_the_end, {1}, {1}, nullptr, static_cast<float*>(b->data),
                          int64_t{10});
  const Outcome o = device.synchronize();
  EXPECT_EQ(o.status, TSR_UNAVAILABLE);
  EXPECT_EQ(o.text.find("square: "), 0) << o.text;
  EXPECT_NE(o.text.find("memory after an allocation of 40 bytes was written"), std::string::npos)
      << o.text;
  EXPECT_NE(o.text.find("cuda:0 cannot be used by this process any more"), std::string::npos);
  // Every later call says the same, and what was made can still be given back.
  TsrBuffer* c = nullptr;
  const Outcome again =
      TestDevice::run([&](TsrMessage* m) { return kApi.buffer_allocate(device.stream, 4, &c, m); });
  EXPECT_EQ(again.status, TSR_UNAVAILABLE);
  EXPECT_EQ(again.text, o.text);
  EXPECT_EQ(device.launch(square).status, TSR_UNAVAILABLE);
  emulation::recover();  // for other tests; this device stays lost
  EXPECT_EQ(device.synchronize().status, TSR_UNAVAILABLE);
}

TEST(ApiTest, AGraphReplaysItsNodesOnNewValues) {
  TestDevice device;
  TsrBuffer *a = device.floats(50), *b = device.floats(50), *c = device.floats(50);
  const TestDevice::Node square("square", {a}, b, 50), add("add", {a, b}, c, 50);
  const TsrNode* nodes[] = {&square.node, &add.node};
  TsrGraph* graph = nullptr;
  const Outcome o = TestDevice::run(
      [&](TsrMessage* m) { return kApi.graph_create(device.stream, nodes, 2, &graph, m); });
  ASSERT_EQ(o.status, TSR_OK) << o.text;
  for (float first : {0.0f, 3.0f}) {
    device.write(a, counted(50, first));
    ASSERT_EQ(kApi.graph_launch(graph, device.stream, nullptr), TSR_OK);
    const std::vector<float> y = device.read(c);
    for (size_t i = 0; i < y.size(); ++i) {
      const float x = static_cast<float>(i) + first;
      EXPECT_EQ(y[i], x * x + x);
    }
  }
  kApi.graph_destroy(graph);
}

TEST(ApiTest, AnUnknownOpInAGraphIsUnimplementedAndLeavesTheStreamUsable) {
  TestDevice device;
  TsrBuffer *a = device.floats(5), *b = device.floats(5);
  device.write(a, counted(5));
  const TestDevice::Node square("square", {a}, b, 5), unknown("no_such_op", {a}, b, 5);
  const TsrNode* nodes[] = {&square.node, &unknown.node};
  TsrGraph* graph = nullptr;
  EXPECT_EQ(kApi.graph_create(device.stream, nodes, 2, &graph, nullptr), TSR_UNIMPLEMENTED);
  device.launch(square);
  EXPECT_EQ(device.read(b)[4], 16);
}

TEST(ApiTest, StreamsWorkFromSeveralThreads) {
  TestDevice device;
  std::vector<TsrStream*> streams;
  for (int i = 0; i < 4; ++i) streams.push_back(device.make_stream());
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      for (int round = 0; round < 50; ++round) {
        TsrBuffer* b = nullptr;
        ASSERT_EQ(kApi.buffer_allocate(streams[i], 400, &b, nullptr), TSR_OK);
        const std::vector<float> values = counted(100, static_cast<float>(i));
        ASSERT_EQ(kApi.copy_from_host(streams[i], values.data(), b, 0, 400, nullptr), TSR_OK);
        std::vector<float> back(100);
        ASSERT_EQ(kApi.copy_to_host(streams[i], b, 0, back.data(), 400, nullptr), TSR_OK);
        ASSERT_EQ(kApi.stream_synchronize(streams[i], nullptr), TSR_OK);
        EXPECT_EQ(back, values);
        kApi.buffer_free(streams[i], b);
      }
    });
  }
  for (std::thread& t : threads) t.join();
}

}  // namespace
}  // namespace tessera::cuda

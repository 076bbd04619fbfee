// SPDX-License-Identifier: Apache-2.0
//
// Makes a device fail on purpose, for tests.
//
//   Device device("fault");                     // the cpu backend, behind the fault plugin
//   fault::fail_allocation(device, 3);          // the third allocation from now
//   EXPECT_THROW(train_step(model.to(device)), Error);   // kResourceExhausted
//   EXPECT_EQ(fault::counts(device).live_buffers, before);
//
// TESSERA_FAULT_WRAPS says which backend is wrapped: a path, or a name whose library stands beside
// or in ../<name>/ (default cpu). A process does not use that backend by its own name too, because
// a plugin is initialised once. Without a test's help, TESSERA_FAULT arms the faults of each device
// that is opened: "allocation=3,kernel=10,delayed=7,slow_copy_us=200".
//
// All functions raise kInvalidArgument for a device of another backend. Thread-safe.
#ifndef TESSERA_BACKENDS_FAULT_FAULT_H_
#define TESSERA_BACKENDS_FAULT_FAULT_H_

#include <chrono>
#include <cstdint>

#include "tessera/backends/runtime/device.h"

namespace tessera::fault {

// The nth allocation from now (1: the next) fails with kResourceExhausted. Later ones succeed.
void fail_allocation(Device device, int64_t n);

// The nth kernel from now fails with kUnavailable, and so does all that follows, except giving
// memory back, until restore().
void lose_device(Device device, int64_t n);

// The nth kernel from now is queued and does not run, nor does what is queued behind it; the next
// wait for the stream returns kInternal with the op's name, and then all is well again.
void fail_later(Device device, int64_t n);

// Every copy takes this much longer.
void slow_copies(Device device, std::chrono::microseconds time);

// No fault is armed any more, and a lost device is back.
void restore(Device device);

struct Counts {
  int64_t allocations = 0;  // asked for since the device was opened
  int64_t kernels = 0;      // launched
  int64_t copies = 0;
  int64_t live_buffers = 0;
};
Counts counts(Device device);

}  // namespace tessera::fault

#endif  // TESSERA_BACKENDS_FAULT_FAULT_H_

// SPDX-License-Identifier: Apache-2.0
//
// The Vulkan backend, linked into the test, with a record of the nodes that reach it.
#ifndef TESSERA_TESTS_VULKAN_STEP_RECORDER_H_
#define TESSERA_TESTS_VULKAN_STEP_RECORDER_H_

#include <cstdint>
#include <vector>

#include "tessera/backends/abi/tessera_plugin.h"
#include "tessera/backends/runtime/device.h"

namespace tessera {

// Registers the backend on the first call.
Device recording_device();

// Submissions to the queue of recording_device() so far.
uint64_t submissions();

// While it lives, the nodes that run on recording_device() are kept, and no buffer that they use is
// given to anybody else. One at a time.
class LaunchRecorder {
 public:
  LaunchRecorder();
  ~LaunchRecorder();
  LaunchRecorder(const LaunchRecorder&) = delete;
  LaunchRecorder& operator=(const LaunchRecorder&) = delete;

  // Ends the record; the nodes stay valid.
  void stop();
  const std::vector<const TsrNode*>& nodes() const;
};

}  // namespace tessera

#endif  // TESSERA_TESTS_VULKAN_STEP_RECORDER_H_

// SPDX-License-Identifier: Apache-2.0
//
// What stands behind the fault plugin's handles: each holds the wrapped plugin's. Buffers are the
// wrapped plugin's own, so that tensors cross unchanged.
#ifndef TESSERA_BACKENDS_FAULT_HANDLES_H_
#define TESSERA_BACKENDS_FAULT_HANDLES_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "tessera/backends/abi/tessera_plugin.h"
#include "tessera/backends/fault/plan.h"
#include "tessera/backends/fault/protocol.h"

namespace tessera::fault {

// The first error of a stream's queued work, until somebody waits for the stream.
class StickyError {
 public:
  void set(std::string text) {
    std::lock_guard<std::mutex> lock(mutex_);
    if (text_.empty()) text_ = std::move(text);
  }
  bool is_set() {
    std::lock_guard<std::mutex> lock(mutex_);
    return !text_.empty();
  }
  std::string get(bool clear) {
    std::lock_guard<std::mutex> lock(mutex_);
    std::string text = text_;
    if (clear) text_.clear();
    return text;
  }

 private:
  std::mutex mutex_;
  std::string text_;
};

}  // namespace tessera::fault

struct TsrBackend {
  TsrBackendApi api = {};       // of the wrapped plugin
  TsrBackend* inner = nullptr;  // nullptr: there is nothing to wrap
  std::string why_nothing;      // the reason
  tessera::fault::Settings settings;
};

struct TsrDevice {
  const TsrBackendApi* api = nullptr;
  TsrDevice* inner = nullptr;
  tessera::fault::Countdown allocation;
  tessera::fault::Countdown kernel;
  tessera::fault::Countdown delayed;
  std::atomic<int64_t> slow_copy_us{0};
  std::atomic<bool> lost{false};
  std::atomic<int64_t> counts[tessera::fault::kCounts] = {};
};

struct TsrStream {
  TsrDevice* device = nullptr;
  TsrStream* inner = nullptr;
  std::shared_ptr<tessera::fault::StickyError> error =
      std::make_shared<tessera::fault::StickyError>();
};

struct TsrEvent {
  TsrDevice* device = nullptr;
  TsrEvent* inner = nullptr;
  std::shared_ptr<tessera::fault::StickyError> error;  // of the stream it was recorded on
};

#endif  // TESSERA_BACKENDS_FAULT_HANDLES_H_

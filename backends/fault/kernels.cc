// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/fault/kernels.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "tessera/backends/fault/handles.h"

namespace tessera::fault {
namespace {

const TsrKernel* inner_kernel(TsrDevice* device, const char* op) {
  return device->api->kernel_find(device->inner, op);
}

TsrStatus launch(TsrStream* stream, const TsrNode* node, TsrMessage* message) {
  TsrDevice* device = stream->device;
  const int64_t number = ++device->counts[kKernels];
  if (device->kernel.is_due()) device->lost = true;
  if (TsrStatus s = check_not_lost(device, node->op, message)) return s;
  if (device->delayed.is_due()) {
    stream->error->set(std::string(node->op) + ": injected failure of kernel " +
                       std::to_string(number));
  }
  // What is queued behind a failure does not run.
  if (stream->error->is_set()) return TSR_OK;
  return inner_kernel(device, node->op)->launch(stream->inner, node, message);
}

TsrStatus supports(TsrDevice* device, const TsrNode* node, TsrMessage* message) {
  const TsrKernel* inner = inner_kernel(device, node->op);
  return inner->supports == nullptr ? TSR_OK : inner->supports(device->inner, node, message);
}

TsrStatus control(TsrStream* stream, const TsrNode* node, TsrMessage* message) {
  if (node->n_ints != 2) return fail(message, TSR_INVALID_ARGUMENT, "expected command and value");
  TsrDevice* device = stream->device;
  const int64_t value = node->ints[1];
  switch (node->ints[0]) {
    case kFailAllocation:
      device->allocation.set(value);
      return TSR_OK;
    case kLoseDevice:
      device->lost = false;
      device->kernel.set(value);
      return TSR_OK;
    case kFailLater:
      device->delayed.set(value);
      return TSR_OK;
    case kSlowCopies:
      device->slow_copy_us = value;
      return TSR_OK;
    default:
      return fail(message, TSR_INVALID_ARGUMENT, "unknown command");
  }
}

TsrStatus counts(TsrStream* stream, const TsrNode* node, TsrMessage* message) {
  if (node->n_outputs != 1) return fail(message, TSR_INVALID_ARGUMENT, "expected one output");
  auto* out = static_cast<int64_t*>(node->outputs[0]->data);
  for (int i = 0; i < kCounts; ++i) out[i] = stream->device->counts[i];
  return TSR_OK;
}

}  // namespace

TsrStatus fail(TsrMessage* message, TsrStatus status, const char* text) {
  if (message != nullptr && message->capacity > 0) {
    const size_t length = std::min<size_t>(std::strlen(text), message->capacity - 1);
    std::memcpy(message->text, text, length);
    message->text[length] = '\0';
  }
  return status;
}

TsrStatus check_not_lost(const TsrDevice* device, const char* doing, TsrMessage* message) {
  if (!device->lost) return TSR_OK;
  return fail(message, TSR_UNAVAILABLE, (std::string(doing) + ": injected: device lost").c_str());
}

const TsrKernel* find_kernel(TsrDevice* device, const char* op) {
  static const TsrKernel wrapped_kernel = {sizeof(TsrKernel), launch, supports};
  static const TsrKernel control_kernel = {sizeof(TsrKernel), control, nullptr};
  static const TsrKernel counts_kernel = {sizeof(TsrKernel), counts, nullptr};
  if (std::strcmp(op, kControlOp) == 0) return &control_kernel;
  if (std::strcmp(op, kCountsOp) == 0) return &counts_kernel;
  return inner_kernel(device, op) == nullptr ? nullptr : &wrapped_kernel;
}

}  // namespace tessera::fault

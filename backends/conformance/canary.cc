// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/conformance/canary.h"

#include <array>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tessera/backends/abi/tessera_plugin.h"
#include "tessera/backends/reference/backend.h"
#include "tessera/backends/reference/view.h"
#include "tessera/backends/runtime/registry.h"

namespace tessera::conformance {
namespace {

int64_t numel(const TsrTensor& t) {
  int64_t n = 1;
  for (uint32_t k = 0; k < t.rank; ++k) n *= t.shape[k];
  return n;
}

// Of a dense tensor.
char* element(const TsrTensor& t, int64_t i) {
  return static_cast<char*>(t.data) + i * reference::item_size(t.dtype);
}

bool is_dense(const TsrTensor& t) {
  int64_t stride = 1;
  for (uint32_t k = t.rank; k-- > 0; stride *= t.shape[k]) {
    if (t.shape[k] != 1 && t.strides[k] != stride) return false;
  }
  return true;
}

bool is_backward(std::string_view op) { return op.find("_backward") != std::string_view::npos; }

TsrStatus launch_reference(TsrStream* stream, const TsrNode* node, TsrMessage* message) {
  return reference::kApi.kernel_find(nullptr, node->op)->launch(stream, node, message);
}

TsrStatus launch_as_if_dense(TsrStream* stream, const TsrNode* node, TsrMessage* message) {
  TsrTensor input = *node->inputs[0];
  std::vector<int64_t> strides(input.rank);
  int64_t stride = 1;
  for (uint32_t k = input.rank; k-- > 0; stride *= input.shape[k]) strides[k] = stride;
  if ((input.flags & TSR_TENSOR_IMMEDIATE) == 0) input.strides = strides.data();
  std::vector<const TsrTensor*> inputs(node->inputs, node->inputs + node->n_inputs);
  inputs[0] = &input;
  TsrNode changed = *node;
  changed.inputs = inputs.data();
  return launch_reference(stream, &changed, message);
}

template <Defect kDefect>
TsrStatus launch(TsrStream* stream, const TsrNode* node, TsrMessage* message) {
  static std::atomic<uint64_t> launches{0};
  const uint64_t turn = launches++;
  if (kDefect == Defect::kStaleOutput && turn % 2 == 1) return TSR_OK;
  if (kDefect == Defect::kWrongStride && node->n_inputs > 0) {
    return launch_as_if_dense(stream, node, message);
  }
  TsrNode fewer = *node;
  if (kDefect == Defect::kMoreAttributes && std::string_view(node->op) == "exp") {
    fewer.n_doubles = 0;
    node = &fewer;
  }
  const TsrTensor& y = *node->outputs[0];
  const int64_t n = numel(y), size = reference::item_size(y.dtype);
  const bool dense = is_dense(y) && n > 0;
  std::array<char, 8> last = {};
  if (dense) std::memcpy(last.data(), element(y, n - 1), size);

  const TsrStatus status = launch_reference(stream, node, message);
  if (status != TSR_OK) {
    return kDefect == Defect::kWrongCode && status != TSR_UNIMPLEMENTED ? TSR_INTERNAL : status;
  }
  if (!dense) return TSR_OK;
  switch (kDefect) {
    case Defect::kDroppedLast:
      std::memcpy(element(y, n - 1), last.data(), size);
      break;
    case Defect::kOverrun:
      // Only where the exam's guard bytes are, not in memory of others.
      if (element(y, n + 1) <= static_cast<char*>(y.buffer->data) + y.buffer->size) {
        std::memset(element(y, n), 0, size);
      }
      break;
    case Defect::kZeroGradient:
      if (is_backward(node->op)) std::memset(y.data, 0, n * size);
      break;
    case Defect::kNoise:
      *element(y, 0) ^= static_cast<char>(turn & 1);
      break;
    case Defect::kChangedInput:
      if (node->n_inputs > 0 && (node->inputs[0]->flags & TSR_TENSOR_IMMEDIATE) == 0 &&
          node->inputs[0]->dtype == y.dtype && numel(*node->inputs[0]) > 0) {
        std::memcpy(node->inputs[0]->data, y.data, size);
      }
      break;
    case Defect::kLostNan:
      for (int64_t i = 0; i < n && y.dtype == TSR_FLOAT32; ++i) {
        float value;
        std::memcpy(&value, element(y, i), sizeof value);
        if (value != value) std::memset(element(y, i), 0, sizeof value);
      }
      break;
    default:
      break;
  }
  return TSR_OK;
}

TsrStatus allocate_with_long_message(TsrStream* stream, uint64_t size, TsrBuffer** buffer,
                                     TsrMessage* message) {
  const TsrStatus status = reference::kApi.buffer_allocate(stream, size, buffer, nullptr);
  if (status != TSR_OK && message != nullptr) std::strcpy(message->text, "out of memory");
  return status;
}

TsrStatus count_what_was_freed(TsrDevice* device, TsrMemoryStats* stats, TsrMessage* message) {
  const TsrStatus status = reference::kApi.device_memory(device, stats, message);
  stats->bytes_in_use = stats->bytes_reserved = stats->bytes_peak;
  return status;
}

// Graphs that live no longer than their node, which is all the exam asks for.
template <Defect kDefect>
TsrStatus graph_create(TsrStream* stream, const TsrNode* const* nodes, uint64_t n_nodes,
                       TsrGraph** graph, TsrMessage* message) {
  if (n_nodes != 1) return TSR_UNIMPLEMENTED;
  *graph = reinterpret_cast<TsrGraph*>(const_cast<TsrNode*>(nodes[0]));
  return kDefect == Defect::kEarlyReplay ? launch_reference(stream, nodes[0], message) : TSR_OK;
}

template <Defect kDefect>
TsrStatus graph_launch(TsrGraph* graph, TsrStream* stream, TsrMessage* message) {
  if (kDefect == Defect::kStaleReplay) return TSR_OK;
  return launch_reference(stream, reinterpret_cast<const TsrNode*>(graph), message);
}

void graph_destroy(TsrGraph*) {}

template <Defect kDefect>
const TsrKernel* kernel_find(TsrDevice* device, const char* op) {
  static constexpr TsrKernel kKernel = {sizeof(TsrKernel), launch<kDefect>, nullptr};
  if (kDefect == Defect::kMissingKernel && std::string_view(op) == "add") return nullptr;
  return reference::kApi.kernel_find(device, op) == nullptr ? nullptr : &kKernel;
}

template <Defect kDefect>
const TsrBackendApi& api() {
  static const TsrBackendApi table = [] {
    TsrBackendApi t = reference::kApi;
    t.kernel_find = kernel_find<kDefect>;
    if (kDefect == Defect::kLongMessage) t.buffer_allocate = allocate_with_long_message;
    if (kDefect == Defect::kLostMemory) t.device_memory = count_what_was_freed;
    if (kDefect == Defect::kReplay || kDefect == Defect::kStaleReplay ||
        kDefect == Defect::kEarlyReplay) {
      t.graph_create = graph_create<kDefect>;
      t.graph_launch = graph_launch<kDefect>;
      t.graph_destroy = graph_destroy;
    }
    return t;
  }();
  return table;
}

constexpr int kDefects = static_cast<int>(Defect::kCount);

template <int... k>
const TsrBackendApi& api_of(Defect defect, std::integer_sequence<int, k...>) {
  static const TsrBackendApi* const tables[] = {&api<static_cast<Defect>(k)>()...};
  return *tables[static_cast<int>(defect)];
}

}  // namespace

const char* defect_name(Defect defect) {
  static const char* const kNames[kDefects] = {
      "none",           "dropped_last",    "overrun",       "wrong_stride", "stale_output",
      "zero_gradient",  "noise",           "changed_input", "lost_nan",     "wrong_code",
      "missing_kernel", "more_attributes", "long_message",  "lost_memory",  "replay",
      "stale_replay",   "early_replay"};
  return kNames[static_cast<int>(defect)];
}

absl::StatusOr<Device> canary_device(Defect defect) {
  static std::array<TsrPlugin, kDefects> plugins;
  static std::set<Defect> registered;
  const std::string name = absl::StrCat("canary_", defect_name(defect));
  if (registered.insert(defect).second) {
    TsrPlugin& plugin = plugins[static_cast<int>(defect)];
    plugin = {TSR_PLUGIN_HEADER, "", "canary",
              &api_of(defect, std::make_integer_sequence<int, kDefects>())};
    std::snprintf(plugin.name, sizeof plugin.name, "%s", name.c_str());
    if (absl::Status s = register_backend(plugin); !s.ok()) return s;
  }
  return find_device(name);
}

}  // namespace tessera::conformance

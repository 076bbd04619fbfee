// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/conformance/device_checks.h"

#include <cstdint>
#include <cstring>
#include <set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tessera/backends/conformance/case.h"
#include "tessera/backends/conformance/run.h"
#include "tessera/backends/runtime/device_state.h"

namespace tessera::conformance {
namespace {

// Calls into the plugin, by hand. The host's own wrappers are not what is examined.
class Raw {
 public:
  explicit Raw(const Device& device)
      : api(*device.state()->api), device_handle(device.state()->handle) {
    if (api.stream_create(device_handle, &stream, nullptr) != TSR_OK) stream = nullptr;
  }
  ~Raw() {
    for (TsrBuffer* b : buffers_) api.buffer_free(stream, b);
    if (stream != nullptr) api.stream_destroy(stream);
  }
  Raw(const Raw&) = delete;

  // Freed with this; nullptr if the plugin refuses.
  TsrBuffer* allocate(uint64_t size) {
    TsrBuffer* buffer = nullptr;
    if (api.buffer_allocate(stream, size, &buffer, nullptr) != TSR_OK) return nullptr;
    buffers_.push_back(buffer);
    return buffer;
  }
  void free_all() {
    for (TsrBuffer* b : buffers_) api.buffer_free(stream, b);
    buffers_.clear();
  }
  bool write(TsrBuffer* b, uint64_t offset, const std::vector<unsigned char>& bytes) {
    return api.copy_from_host(stream, bytes.data(), b, offset, bytes.size(), nullptr) == TSR_OK;
  }
  std::vector<unsigned char> read(TsrBuffer* b, uint64_t offset, uint64_t size) {
    std::vector<unsigned char> bytes(size);
    if (api.copy_to_host(stream, b, offset, bytes.data(), size, nullptr) != TSR_OK ||
        api.stream_synchronize(stream, nullptr) != TSR_OK) {
      bytes.clear();
    }
    return bytes;
  }

  const TsrBackendApi& api;
  TsrDevice* device_handle;
  TsrStream* stream = nullptr;

 private:
  std::vector<TsrBuffer*> buffers_;
};

std::vector<unsigned char> pattern(size_t size, int seed) {
  std::vector<unsigned char> bytes(size);
  for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<unsigned char>(i * 7 + i / 251 + seed);
  return bytes;
}

std::string buffers_are_aligned_and_apart(const Device& device) {
  Raw raw(device);
  std::vector<std::pair<uintptr_t, uintptr_t>> ranges;
  for (uint64_t size : {0, 1, 63, 64, 65, 4095, 4097, 100003}) {
    TsrBuffer* b = raw.allocate(size);
    if (b == nullptr) return absl::StrCat("buffer_allocate refuses ", size, " bytes");
    if (b->size < size) return absl::StrCat("asked for ", size, " bytes, has ", b->size);
    const auto begin = reinterpret_cast<uintptr_t>(b->data);
    if (begin == 0) {
      if (device.is_host_visible()) return "data is null on a host visible device";
      continue;
    }
    if (begin % 64 != 0) return absl::StrCat(size, " bytes are not aligned to 64");
    for (const auto& [other, end] : ranges) {
      if (begin < end && other < begin + size) return "two live buffers overlap";
    }
    ranges.push_back({begin, begin + size});
  }
  return "";
}

std::string memory_comes_back(const Device& device) {
  Raw raw(device);
  auto stats = [&] {
    TsrMemoryStats s = {sizeof s};
    raw.api.stream_synchronize(raw.stream, nullptr);
    raw.api.device_memory(raw.device_handle, &s, nullptr);
    return s;
  };
  const TsrMemoryStats before = stats();
  raw.allocate(1000);
  raw.allocate(100000);
  const TsrMemoryStats during = stats();
  raw.free_all();
  const TsrMemoryStats after = stats();
  if (during.buffers_in_use != before.buffers_in_use + 2) return "buffers_in_use does not count";
  if (during.bytes_in_use < before.bytes_in_use + 101000) return "bytes_in_use does not count";
  if (during.bytes_peak < during.bytes_in_use) return "bytes_peak is below bytes_in_use";
  if (during.bytes_reserved < during.bytes_in_use) return "bytes_reserved is below bytes_in_use";
  if (during.allocations != before.allocations + 2) return "allocations does not count";
  if (after.bytes_in_use != before.bytes_in_use) {
    return absl::StrCat(after.bytes_in_use - before.bytes_in_use, " bytes did not come back");
  }
  if (after.buffers_in_use != before.buffers_in_use) return "buffers did not come back";
  return "";
}

std::string absurd_sizes_are_refused(const Device& device) {
  Raw raw(device);
  for (uint64_t size : {uint64_t{1} << 60, ~uint64_t{0}, ~uint64_t{0} - 63}) {
    char text[256] = {};
    TsrMessage message = {sizeof message, text, sizeof text};
    TsrBuffer* buffer = nullptr;
    const TsrStatus status = raw.api.buffer_allocate(raw.stream, size, &buffer, &message);
    if (status == TSR_OK) {
      raw.api.buffer_free(raw.stream, buffer);
      return absl::StrCat("gives ", size, " bytes");
    }
    if (status != TSR_RESOURCE_EXHAUSTED) return absl::StrCat("answers status ", status);
    if (text[0] == '\0') return "gives no message";
  }
  return raw.allocate(64) == nullptr ? "no memory afterwards" : "";
}

std::string copies_keep_every_byte(const Device& device) {
  Raw raw(device);
  TsrBuffer *a = raw.allocate(10007), *b = raw.allocate(10007);
  if (a == nullptr || b == nullptr) return "no memory";
  std::vector<unsigned char> source = pattern(10007, 1);
  const std::vector<unsigned char> kept = source;
  if (!raw.write(a, 0, source)) return "copy_from_host fails";
  source.assign(source.size(), 0);  // may be reused at once
  if (raw.read(a, 0, 10007) != kept) return "what was written is not what is read";
  if (!raw.write(b, 0, pattern(10007, 2)) ||
      raw.api.copy_buffer(raw.stream, a, 13, b, 101, 997, nullptr) != TSR_OK) {
    return "copy_buffer fails";
  }
  std::vector<unsigned char> want = pattern(10007, 2);
  std::memcpy(want.data() + 101, kept.data() + 13, 997);
  if (raw.read(b, 0, 10007) != want) return "copy_buffer at offsets copies something else";
  if (!raw.write(b, 9999, pattern(8, 3)) || raw.read(b, 9999, 8) != pattern(8, 3)) {
    return "copies at offsets copy something else";
  }
  if (raw.api.copy_from_host(raw.stream, kept.data(), a, 0, 0, nullptr) != TSR_OK ||
      raw.api.copy_buffer(raw.stream, a, 0, b, 0, 0, nullptr) != TSR_OK) {
    return "copies of no bytes fail";
  }
  return "";
}

std::string events_order_streams(const Device& device) {
  Raw first(device), second(device);
  const TsrBackendApi& api = first.api;
  TsrEvent* event = nullptr;
  if (api.event_create(first.device_handle, &event, nullptr) != TSR_OK) return "no event";
  uint32_t reached = 0;
  std::string wrong;
  if (api.event_query(event, &reached, nullptr) != TSR_OK || reached != 1) {
    wrong = "an event that was never recorded is not reached";
  }
  TsrBuffer* shared = first.allocate(100003);
  const std::vector<unsigned char> bytes = pattern(100003, 5);
  if (wrong.empty() && (shared == nullptr || !first.write(shared, 0, bytes) ||
                        api.event_record(event, first.stream, nullptr) != TSR_OK ||
                        api.event_wait(event, second.stream, nullptr) != TSR_OK)) {
    wrong = "recording or waiting fails";
  }
  if (wrong.empty() && second.read(shared, 0, 100003) != bytes) {
    wrong = "a stream that waited for an event does not see what was written before it";
  }
  if (wrong.empty() && (api.event_synchronize(event, nullptr) != TSR_OK ||
                        api.event_query(event, &reached, nullptr) != TSR_OK || reached != 1)) {
    wrong = "a reached event is not reached";
  }
  api.event_destroy(event);
  return wrong;
}

std::string messages_stay_in_their_buffer(const Device& device) {
  Raw raw(device);
  TsrBuffer* buffer = nullptr;
  for (uint64_t capacity : {0, 1, 8}) {
    char text[64];
    std::memset(text, 'x', sizeof text);
    TsrMessage message = {sizeof message, text, capacity};
    raw.api.buffer_allocate(raw.stream, uint64_t{1} << 60, &buffer, &message);
    for (uint64_t i = capacity; i < sizeof text; ++i) {
      if (text[i] != 'x') return absl::StrCat("writes past a capacity of ", capacity);
    }
    if (capacity > 0 && std::memchr(text, 0, capacity) == nullptr) {
      return absl::StrCat("no NUL within a capacity of ", capacity);
    }
  }
  raw.api.buffer_allocate(raw.stream, uint64_t{1} << 60, &buffer, nullptr);  // takes no message
  return "";
}

std::string kernels_are_found_by_name(const Device& device) {
  Raw raw(device);
  for (const char* op : {"", "no_such_op", "ad", "addd"}) {
    if (raw.api.kernel_find(raw.device_handle, op) != nullptr) {
      return absl::StrCat("there is a kernel for '", op, "'");
    }
  }
  for (const OpDef* op : all_ops()) {
    const std::string name(op->name);
    if (raw.api.kernel_find(raw.device_handle, name.c_str()) !=
        raw.api.kernel_find(raw.device_handle, name.c_str())) {
      return absl::StrCat("the answer for ", name, " changes");
    }
  }
  return "";
}

// Whether every sample has as many integer attributes.
bool has_fixed_ints(const OpDef& op) {
  std::set<size_t> counts;
  for (const Sample& s : op.samples(op)) counts.insert(s.attributes.ints.size());
  return counts.size() == 1 && op.kernel_ints > *counts.begin();
}

// A kernel that knows fewer attributes than a newer host sends must not guess.
std::string unknown_attributes_are_refused(const Device& device) {
  for (const OpDef* op : all_ops()) {
    if (op->samples == nullptr || op->has(kView)) continue;
    for (Case c : cases_of(*op)) {
      if (c.expects_error() || c.layout != Layout::kDense) continue;
      const std::vector<HostInput> inputs = host_inputs(c);
      if (!run_kernel(c, inputs, device, 0).ok()) continue;
      for (bool integer : {false, true}) {
        if (integer && !has_fixed_ints(*op)) continue;
        Sample more = *c.sample;
        if (integer) {
          more.attributes.ints.push_back(1);
        } else {
          more.attributes.doubles.push_back(1);
        }
        Case changed = c;
        changed.sample = std::make_shared<const Sample>(more);
        const auto run = run_kernel(changed, inputs, device, 0);
        if (absl::IsUnimplemented(run.status())) continue;
        return absl::StrCat(op->name, " with one ", integer ? "integer" : "real",
                            " attribute more answers ", run.status().ToString(),
                            ", should be UNIMPLEMENTED");
      }
      break;  // one case of each op
    }
  }
  return "";
}

}  // namespace

absl::Span<const DeviceCheck> device_checks() {
  static const DeviceCheck kChecks[] = {
      {"BuffersAreAlignedAndApart", buffers_are_aligned_and_apart},
      {"MemoryComesBack", memory_comes_back},
      {"AbsurdSizesAreRefused", absurd_sizes_are_refused},
      {"CopiesKeepEveryByte", copies_keep_every_byte},
      {"EventsOrderStreams", events_order_streams},
      {"MessagesStayInTheirBuffer", messages_stay_in_their_buffer},
      {"KernelsAreFoundByName", kernels_are_found_by_name},
      {"UnknownAttributesAreRefused", unknown_attributes_are_refused},
  };
  return kChecks;
}

}  // namespace tessera::conformance

// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/safetensors.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <functional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tessera/backends/runtime/buffer.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/nn/atomic_file.h"
#include "tessera/nn/safetensors_header.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/launch.h"

namespace tessera::nn {
namespace {

static_assert(std::endian::native == std::endian::little,
              "tensors are copied between memory and files as they are");

// Bytes that are copied at a time.
constexpr uint64_t kChunk = 4 << 20;
constexpr uint64_t kLengthBytes = 8;

using Sink = std::function<absl::Status(std::string_view)>;
// Fills `size` bytes from `offset` of the file.
using Source = std::function<absl::Status(uint64_t offset, char* target, uint64_t size)>;

uint64_t byte_size(const Tensor& tensor) {
  return static_cast<uint64_t>(tensor.numel() * itemsize(tensor.dtype()));
}

// ---- Writing
// -------------------------------------------------------------------------------------

absl::Status write_tensor(const Tensor& tensor, const Sink& sink) {
  NoGradGuard no_grad;
  const Tensor dense = tensor.contiguous();
  const uint64_t offset = static_cast<uint64_t>(dense.storage_offset() * itemsize(dense.dtype()));
  const Buffer& buffer = dense.impl().storage->buffer();
  std::string chunk;
  for (uint64_t at = 0, size = byte_size(dense); at < size; at += chunk.size()) {
    chunk.resize(std::min(kChunk, size - at));
    if (absl::Status s = buffer.read(offset + at, chunk.data(), chunk.size()); !s.ok()) return s;
    if (absl::Status s = sink(chunk); !s.ok()) return s;
  }
  return absl::OkStatus();
}

absl::Status write(const StateDict& tensors, const std::map<std::string, std::string>& metadata,
                   const Sink& sink) {
  SafetensorsHeader header;
  header.metadata = metadata;
  // The widest elements first, so that each tensor is aligned for its dtype in a mapped file.
  std::vector<NamedTensor> order(tensors.begin(), tensors.end());
  for (const NamedTensor& entry : order) {
    if (!entry.second.defined() || entry.second.impl().is_immediate) {
      return absl::InvalidArgumentError(absl::StrCat("'", entry.first, "' holds no tensor"));
    }
  }
  std::stable_sort(order.begin(), order.end(), [](const NamedTensor& a, const NamedTensor& b) {
    return itemsize(a.second.dtype()) > itemsize(b.second.dtype());
  });
  uint64_t at = 0;
  for (const auto& [name, tensor] : order) {
    header.tensors.push_back({name, tensor.dtype(), tensor.shape(), at, at + byte_size(tensor)});
    at += byte_size(tensor);
  }
  absl::StatusOr<std::string> json = format_safetensors_header(header);
  if (!json.ok()) return json.status();
  if (json->size() > kMaxSafetensorsHeader) {
    return absl::InvalidArgumentError(absl::StrCat("the names and metadata take ", json->size(),
                                                   " bytes, more than the ", kMaxSafetensorsHeader,
                                                   " that readers accept"));
  }
  const uint64_t length = json->size();
  char length_bytes[kLengthBytes];
  std::memcpy(length_bytes, &length, kLengthBytes);
  if (absl::Status s = sink({length_bytes, kLengthBytes}); !s.ok()) return s;
  if (absl::Status s = sink(*json); !s.ok()) return s;
  for (const auto& entry : order) {
    if (absl::Status s = write_tensor(entry.second, sink); !s.ok()) return s;
  }
  return absl::OkStatus();
}

// ---- Reading
// -------------------------------------------------------------------------------------

absl::StatusOr<Tensor> read_tensor(const SafetensorsHeader::Entry& entry, uint64_t data_offset,
                                   const Source& source, const Device& device) {
  absl::StatusOr<Tensor> tensor = allocate(device.state(), {entry.dtype, entry.shape});
  if (!tensor.ok()) return tensor.status();
  Buffer& buffer = tensor->impl().storage->buffer();
  std::string chunk;
  for (uint64_t at = 0, size = entry.end - entry.begin; at < size; at += chunk.size()) {
    chunk.resize(std::min(kChunk, size - at));
    absl::Status s = source(data_offset + entry.begin + at, chunk.data(), chunk.size());
    if (!s.ok()) return s;
    if (entry.dtype == kBool &&
        std::any_of(chunk.begin(), chunk.end(), [](char c) { return c != 0 && c != 1; })) {
      return absl::DataLossError(
          absl::StrCat("tensor '", entry.name, "': a bool that is neither 0 nor 1"));
    }
    if (s = buffer.write(at, chunk.data(), chunk.size()); !s.ok()) return s;
  }
  return tensor;
}

absl::StatusOr<Safetensors> read(uint64_t file_size, const Source& source,
                                 std::optional<Device> device) {
  if (file_size < kLengthBytes) {
    return absl::DataLossError(absl::StrCat("it has ", file_size, " bytes, no room for a header"));
  }
  char length_bytes[kLengthBytes];
  if (absl::Status s = source(0, length_bytes, kLengthBytes); !s.ok()) return s;
  uint64_t length = 0;
  std::memcpy(&length, length_bytes, kLengthBytes);
  if (length > kMaxSafetensorsHeader) {
    return absl::DataLossError(absl::StrCat("a header of ", length, " bytes; at most ",
                                            kMaxSafetensorsHeader, " are read"));
  }
  if (length > file_size - kLengthBytes) {
    return absl::DataLossError(absl::StrCat("a header of ", length, " bytes in a file of ",
                                            file_size, ": cut off, or no safetensors file"));
  }
  std::string json(length, '\0');
  if (absl::Status s = source(kLengthBytes, json.data(), length); !s.ok()) return s;
  const uint64_t data_offset = kLengthBytes + length;
  absl::StatusOr<SafetensorsHeader> header =
      parse_safetensors_header(json, file_size - data_offset);
  if (!header.ok()) return header.status();

  Safetensors result;
  result.metadata = std::move(header->metadata);
  if (header->tensors.empty()) return result;  // needs no device
  if (!device.has_value()) device.emplace();
  for (const SafetensorsHeader::Entry& entry : header->tensors) {
    absl::StatusOr<Tensor> tensor = read_tensor(entry, data_offset, source, *device);
    if (!tensor.ok()) return tensor.status();
    result.tensors.set(entry.name, *std::move(tensor));
  }
  return result;
}

absl::Status with_path(const std::string& path, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat(path, ": ", status.message()));
}

// A file descriptor that is closed at the end.
class OpenFile {
 public:
  explicit OpenFile(const std::string& path)
      : descriptor_(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)) {}
  OpenFile(const OpenFile&) = delete;
  ~OpenFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

}  // namespace

absl::Status save_safetensors(const std::string& path, const StateDict& tensors,
                              const std::map<std::string, std::string>& metadata) {
  AtomicFile file;
  if (absl::Status s = file.open(path); !s.ok()) return s;
  absl::Status s =
      write(tensors, metadata, [&](std::string_view bytes) { return file.append(bytes); });
  if (!s.ok()) return with_path(path, s);
  return file.commit();
}

absl::StatusOr<std::string> serialize_safetensors(
    const StateDict& tensors, const std::map<std::string, std::string>& metadata) {
  std::string bytes;
  absl::Status s = write(tensors, metadata, [&](std::string_view chunk) {
    bytes.append(chunk);
    return absl::OkStatus();
  });
  if (!s.ok()) return s;
  return bytes;
}

absl::StatusOr<Safetensors> load_safetensors(const std::string& path,
                                             std::optional<Device> device) {
  OpenFile file(path);
  if (file.descriptor() < 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", path));
  }
  struct stat info;
  if (::fstat(file.descriptor(), &info) != 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot read ", path));
  }
  if (!S_ISREG(info.st_mode)) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": not a regular file"));
  }
  auto source = [&](uint64_t offset, char* target, uint64_t size) -> absl::Status {
    while (size > 0) {
      const ssize_t got = ::pread(file.descriptor(), target, size, static_cast<off_t>(offset));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return absl::ErrnoToStatus(errno, "cannot read");
      if (got == 0) return absl::DataLossError("it became shorter while it was read");
      target += got;
      offset += static_cast<uint64_t>(got);
      size -= static_cast<uint64_t>(got);
    }
    return absl::OkStatus();
  };
  absl::StatusOr<Safetensors> result =
      read(static_cast<uint64_t>(info.st_size), source, std::move(device));
  if (!result.ok()) return with_path(path, result.status());
  return result;
}

absl::StatusOr<Safetensors> parse_safetensors(std::string_view bytes,
                                              std::optional<Device> device) {
  return read(
      bytes.size(),
      [&](uint64_t offset, char* target, uint64_t size) {
        std::memcpy(target, bytes.data() + offset, size);
        return absl::OkStatus();
      },
      std::move(device));
}

}  // namespace tessera::nn

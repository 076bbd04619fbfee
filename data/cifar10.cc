// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/cifar10.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tessera/data/download.h"
#include "tessera/data/host_tensor.h"
#include "tessera/data/read_whole_file.h"
#include "tessera/data/tar_reader.h"

namespace tessera::data {
namespace {

constexpr int64_t kSide = 32, kPlane = kSide * kSide;
constexpr int64_t kRecord = 1 + 3 * kPlane;  // a label, then all red, all green, all blue values
constexpr int64_t kMaxBytes = int64_t{1} << 30;
constexpr int kClasses = 10;
constexpr const char* kArchive = "cifar-10-binary.tar.gz";

// Where it is from, and the bytes.
using Batch = std::pair<std::string, std::string>;

bool exists(const std::string& path) {
  struct stat info;
  return stat(path.c_str(), &info) == 0;
}

absl::StatusOr<std::vector<Batch>> read_files(const std::string& folder,
                                              const std::vector<std::string>& names) {
  std::vector<Batch> batches;
  for (const std::string& name : names) {
    const std::string path = absl::StrCat(folder, "/", name);
    absl::StatusOr<std::string> bytes = read_whole_file(path, kMaxBytes);
    if (!bytes.ok()) return bytes.status();
    batches.emplace_back(path, *std::move(bytes));
  }
  return batches;
}

absl::StatusOr<std::vector<Batch>> read_archive(const std::string& path,
                                                const std::vector<std::string>& names) {
  absl::StatusOr<TarReader> archive = TarReader::open(path);
  if (!archive.ok()) return archive.status();
  std::map<std::string, Batch> found;
  while (found.size() < names.size()) {
    absl::StatusOr<std::optional<TarReader::Entry>> entry = archive->next();
    if (!entry.ok()) return entry.status();
    if (!entry->has_value()) break;
    const std::string name = (*entry)->name.substr((*entry)->name.rfind('/') + 1);
    if (std::find(names.begin(), names.end(), name) == names.end()) continue;
    absl::StatusOr<std::string> bytes = archive->read(kMaxBytes);
    if (!bytes.ok()) return bytes.status();
    found[name] = {absl::StrCat(path, ":", (*entry)->name), *std::move(bytes)};
  }
  std::vector<Batch> batches;
  for (const std::string& name : names) {
    if (!found.contains(name)) {
      return absl::NotFoundError(absl::StrCat(path, ": there is no ", name, " in the archive"));
    }
    batches.push_back(std::move(found[name]));
  }
  return batches;
}

absl::StatusOr<std::vector<Batch>> read_batches(const std::string& folder,
                                                const std::vector<std::string>& names) {
  const std::string unpacked = folder + "/cifar-10-batches-bin";
  const std::string archive = absl::StrCat(folder, "/", kArchive);
  if (exists(absl::StrCat(folder, "/", names[0]))) return read_files(folder, names);
  if (exists(absl::StrCat(unpacked, "/", names[0]))) return read_files(unpacked, names);
  if (exists(archive)) return read_archive(archive, names);
  return absl::NotFoundError(absl::StrCat("CIFAR-10: neither ", folder, "/", names[0], " nor ",
                                          unpacked, "/", names[0], " nor ", archive, " is there"));
}

// The planes of one record to pixels.
void interleave(const uint8_t* planes, uint8_t* pixels) {
  for (int64_t i = 0; i < kPlane; ++i) {
    for (int64_t channel = 0; channel < 3; ++channel) *pixels++ = planes[channel * kPlane + i];
  }
}

}  // namespace

absl::StatusOr<Cifar10> Cifar10::open(const std::string& folder, const Cifar10Options& options) {
  std::vector<std::string> names;
  if (options.train) {
    for (int i = 1; i <= 5; ++i) names.push_back(absl::StrCat("data_batch_", i, ".bin"));
  } else {
    names.push_back("test_batch.bin");
  }
  absl::StatusOr<std::vector<Batch>> batches = read_batches(folder, names);
  if (!batches.ok()) return batches.status();
  int64_t count = 0;
  for (const auto& [path, bytes] : *batches) {
    const int64_t size = static_cast<int64_t>(bytes.size());
    if (size % kRecord != 0) {
      return absl::InvalidArgumentError(absl::StrCat(
          path, ": ", size, " bytes, expected a multiple of ", kRecord, ", an image's"));
    }
    count += size / kRecord;
  }
  absl::StatusOr<Tensor> images = new_host_tensor(kUInt8, {count, kSide, kSide, 3});
  if (!images.ok()) return images.status();
  absl::StatusOr<Tensor> targets = new_host_tensor(kInt64, {count});
  if (!targets.ok()) return targets.status();
  if (count == 0) return Cifar10({*images, *targets});
  uint8_t* pixels = images->mutable_data<uint8_t>();
  int64_t* labels = targets->mutable_data<int64_t>();
  for (const auto& [path, bytes] : *batches) {
    const uint8_t* from = reinterpret_cast<const uint8_t*>(bytes.data());
    const int64_t records = static_cast<int64_t>(bytes.size()) / kRecord;
    for (int64_t i = 0; i < records; ++i, from += kRecord, pixels += 3 * kPlane) {
      if (from[0] >= kClasses) {
        return absl::InvalidArgumentError(
            absl::StrCat(path, ": label ", i, " is ", from[0], ", expected 0 to ", kClasses - 1));
      }
      *labels++ = from[0];
      interleave(from + 1, pixels);
    }
  }
  return Cifar10({*images, *targets});
}

const std::vector<std::string>& Cifar10::classes() {
  static const auto* const names = new std::vector<std::string>{
      "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"};
  return *names;
}

absl::Status download_cifar10(const std::string& folder, bool progress) {
  return download({.name = kArchive,
                   .bytes = 170052171,
                   .sha256 = "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"},
                  folder, {.mirrors = {"https://www.cs.toronto.edu/~kriz/"}, .progress = progress});
}

}  // namespace tessera::data

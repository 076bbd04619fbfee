// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/mnist_files.h"

#include <sys/stat.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/data/host_tensor.h"
#include "tessera/data/idx.h"

namespace tessera::data {
namespace {

constexpr int64_t kSide = 28;
constexpr int kClasses = 10;

bool exists(const std::string& path) {
  struct stat info;
  return stat(path.c_str(), &info) == 0;
}

absl::StatusOr<std::string> find_file(std::string_view dataset, const std::string& folder,
                                      const std::string& name) {
  const std::string plain = absl::StrCat(folder, "/", name), zipped = plain + ".gz";
  if (exists(plain)) return plain;
  if (exists(zipped)) return zipped;
  if (!exists(folder)) return absl::NotFoundError(absl::StrCat(folder, ": no such folder"));
  return absl::NotFoundError(
      absl::StrCat(dataset, ": neither ", plain, " nor ", zipped, " is there"));
}

absl::Status check_array(const std::string& path, const Tensor& array, int rank,
                         std::string_view content) {
  if (array.dtype() != kUInt8) {
    return absl::InvalidArgumentError(absl::StrCat(
        path, ": elements are ", dtype_name(array.dtype()), ", ", content, " are uint8"));
  }
  if (array.dim() != rank) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": rank is ", array.dim(), ", ", content,
                                                   " have rank ", rank, ": sizes ",
                                                   array.shape().to_string()));
  }
  return absl::OkStatus();
}

absl::Status check_side(const std::string& path, const char* side, int64_t size) {
  if (size == kSide) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(path, ": image ", side, " is ", size, " pixels, expected ", kSide));
}

absl::StatusOr<Tensor> read_images(const std::string& path) {
  absl::StatusOr<Tensor> images = read_idx(path);
  if (!images.ok()) return images;
  absl::Status status = check_array(path, *images, 3, "images");
  if (status.ok()) status = check_side(path, "height", images->size(1));
  if (status.ok()) status = check_side(path, "width", images->size(2));
  if (!status.ok()) return status;
  return images;
}

absl::StatusOr<Tensor> read_labels(const std::string& path) {
  absl::StatusOr<Tensor> labels = read_idx(path);
  if (!labels.ok()) return labels;
  absl::Status status = check_array(path, *labels, 1, "labels");
  if (!status.ok()) return status;
  absl::StatusOr<Tensor> targets = new_host_tensor(kInt64, labels->shape());
  if (!targets.ok()) return targets;
  const int64_t count = labels->numel();
  if (count == 0) return targets;
  const uint8_t* source = labels->data<uint8_t>();
  int64_t* target = targets->mutable_data<int64_t>();
  for (int64_t i = 0; i < count; ++i) {
    if (source[i] >= kClasses) {
      return absl::InvalidArgumentError(
          absl::StrCat(path, ": label ", i, " is ", source[i], ", expected 0 to ", kClasses - 1));
    }
    target[i] = source[i];
  }
  return targets;
}

}  // namespace

absl::StatusOr<Example> read_mnist_files(std::string_view dataset, const std::string& folder,
                                         bool train) {
  const std::string prefix = train ? "train" : "t10k";
  absl::StatusOr<std::string> images_path =
      find_file(dataset, folder, prefix + "-images-idx3-ubyte");
  if (!images_path.ok()) return images_path.status();
  absl::StatusOr<std::string> labels_path =
      find_file(dataset, folder, prefix + "-labels-idx1-ubyte");
  if (!labels_path.ok()) return labels_path.status();
  absl::StatusOr<Tensor> images = read_images(*images_path);
  if (!images.ok()) return images.status();
  absl::StatusOr<Tensor> labels = read_labels(*labels_path);
  if (!labels.ok()) return labels.status();
  if (images->size(0) != labels->size(0)) {
    return absl::InvalidArgumentError(absl::StrCat(*images_path, " has ", images->size(0),
                                                   " images, ", *labels_path, " has ",
                                                   labels->size(0), " labels"));
  }
  return Example{*images, *labels};
}

}  // namespace tessera::data

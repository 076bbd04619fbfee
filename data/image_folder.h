// SPDX-License-Identifier: Apache-2.0
//
// ImageFolder: images in one folder per class.
//
//   pets/cat/1.jpg, pets/cat/2.png, pets/dog/1.jpg, ...
//
//   absl::StatusOr<data::ImageFolder> pets = data::ImageFolder::open("pets");
//   data::MapDataset train(*pets, data::Compose(data::ToTensor(), data::Resize({224, 224})));
//
//   source: torchvision.datasets.ImageFolder
#ifndef TESSERA_DATA_IMAGE_FOLDER_H_
#define TESSERA_DATA_IMAGE_FOLDER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tessera/data/example.h"
#include "tessera/data/image.h"
#include "tessera/tensor/tensor.h"

namespace tessera::data {

struct ImageFolderOptions {
  // Files with other endings are left out; case does not matter.
  std::vector<std::string> extensions = {".png", ".jpg", ".jpeg"};
  ImageOptions image = {};
  // In place of read_image(), for other formats; called by several threads at once if the loader
  // has workers.
  std::function<absl::StatusOr<Tensor>(const std::string& path)> loader = nullptr;
};

// A sample is x, the image, (H, W, 3) uint8 unless the options say otherwise, and y (), its class,
// int64. Images are read when they are asked for.
class ImageFolder {
 public:
  // Finds the images below `folder`: its folders are the classes, sorted by name as bytes; files in
  // them and in folders below are the samples, sorted by path. Links are followed, but not to
  // folders below a class.
  //   errors: kNotFound: no such folder; no classes in it; a class without an image, with its name
  static absl::StatusOr<ImageFolder> open(const std::string& folder,
                                          const ImageFolderOptions& options = {});

  int64_t size() const { return static_cast<int64_t>(files_->size()); }
  //   errors: kOutOfRange; those of read_image() or the loader
  absl::StatusOr<Example> get(int64_t index) const;

  const std::vector<std::string>& classes() const { return *classes_; }
  // Path and class of a sample.
  const std::pair<std::string, int64_t>& file(int64_t index) const {
    return files_->at(static_cast<size_t>(index));
  }

 private:
  ImageFolder() = default;
  std::shared_ptr<const std::vector<std::string>> classes_;
  std::shared_ptr<const std::vector<std::pair<std::string, int64_t>>> files_;
  ImageFolderOptions options_;
};

}  // namespace tessera::data

#endif  // TESSERA_DATA_IMAGE_FOLDER_H_

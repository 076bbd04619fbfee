// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/image_folder.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tessera/data/host_tensor.h"

namespace tessera::data {
namespace {

namespace fs = std::filesystem;

absl::Status system_error(const std::string& path, const std::error_code& error) {
  return absl::ErrnoToStatus(error.value(), absl::StrCat(path, ": cannot list the folder"));
}

bool has_extension(const std::string& path, const std::vector<std::string>& extensions) {
  return std::any_of(extensions.begin(), extensions.end(), [&](const std::string& extension) {
    return absl::EndsWithIgnoreCase(path, extension);
  });
}

absl::StatusOr<std::vector<std::string>> folders_in(const std::string& folder) {
  std::error_code error;
  std::vector<std::string> names;
  fs::directory_iterator entry(folder, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    std::error_code ignored;
    if (entry->is_directory(ignored)) names.push_back(entry->path().filename().string());
  }
  if (error) return system_error(folder, error);
  std::sort(names.begin(), names.end());
  return names;
}

absl::StatusOr<std::vector<std::string>> images_below(const std::string& folder,
                                                      const ImageFolderOptions& options) {
  std::error_code error;
  std::vector<std::string> paths;
  fs::recursive_directory_iterator entry(folder, error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    std::error_code ignored;
    const std::string path = entry->path().string();
    if (entry->is_regular_file(ignored) && has_extension(path, options.extensions)) {
      paths.push_back(path);
    }
  }
  if (error) return system_error(folder, error);
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace

absl::StatusOr<ImageFolder> ImageFolder::open(const std::string& folder,
                                              const ImageFolderOptions& options) {
  absl::StatusOr<std::vector<std::string>> classes = folders_in(folder);
  if (!classes.ok()) return classes.status();
  if (classes->empty()) {
    return absl::NotFoundError(
        absl::StrCat(folder, ": no folders in it, expected one for each class"));
  }
  std::vector<std::pair<std::string, int64_t>> files;
  for (size_t label = 0; label < classes->size(); ++label) {
    const std::string path = absl::StrCat(folder, "/", (*classes)[label]);
    absl::StatusOr<std::vector<std::string>> images = images_below(path, options);
    if (!images.ok()) return images.status();
    if (images->empty()) {
      return absl::NotFoundError(
          absl::StrCat(path, ": no files that end in ", absl::StrJoin(options.extensions, ", ")));
    }
    for (std::string& image : *images) {
      files.emplace_back(std::move(image), static_cast<int64_t>(label));
    }
  }
  ImageFolder dataset;
  dataset.classes_ = std::make_shared<const std::vector<std::string>>(*std::move(classes));
  dataset.files_ =
      std::make_shared<const std::vector<std::pair<std::string, int64_t>>>(std::move(files));
  dataset.options_ = options;
  return dataset;
}

absl::StatusOr<Example> ImageFolder::get(int64_t index) const {
  if (index < 0 || index >= size()) {
    return absl::OutOfRangeError(
        absl::StrCat("ImageFolder: index ", index, " is not in [0, ", size(), ")"));
  }
  const auto& [path, label] = file(index);
  absl::StatusOr<Tensor> image =
      options_.loader ? options_.loader(path) : read_image(path, options_.image);
  if (!image.ok()) return image.status();
  absl::StatusOr<Tensor> y = new_host_tensor(kInt64, {});
  if (!y.ok()) return y.status();
  *y->mutable_data<int64_t>() = label;
  return Example{*image, *y};
}

}  // namespace tessera::data

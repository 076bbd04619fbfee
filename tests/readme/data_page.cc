// SPDX-License-Identifier: Apache-2.0
//
// The examples of docs/data.md, so that they compile and run. page_test.sh compares the two.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/escaping.h"
#include "tessera/data/data.h"
#include "tessera/data/image_folder.h"
#include "tessera/nn/state_dict.h"
#include "tessera/tensor/ops/ops.h"

using namespace tessera;

namespace {

int64_t samples_seen = 0;

void train(const Tensor& x, const Tensor& y) {
  if (x.size(0) != y.size(0)) std::abort();
  samples_seen += x.size(0);
}

// clang-format off

void table() {
  // Page begins
  absl::StatusOr<data::CsvDataset> water = data::CsvDataset::open(
      "water.csv", {.target = "Potability", .missing = data::CsvMissing::kKeep});
  auto parts = data::random_split(*water, {0.8, 0.2}, /*seed=*/1);

  const Tensor x = data::get_all(parts[0]).x;  // what is learned is learned from the training part
  data::SimpleImputer imputer({.strategy = data::ImputeStrategy::kMedian});
  data::StandardScaler scaler;
  scaler.fit(imputer.fit_transform(x));

  data::DataLoader loader(data::MapDataset(parts[0], data::Compose(imputer, scaler)),
                          {.batch_size = 64, .shuffle = true, .num_workers = 2});
  for (auto& [x, y] : loader) train(x, y);
  // Page ends
}

void images() {
  // Page begins
  absl::StatusOr<data::ImageFolder> pets = data::ImageFolder::open("pets");
  data::Compose augment(data::ToTensor(), data::Resize(256), data::RandomCrop({224, 224}),
                        data::RandomRotation(10, {.fill = {0.485, 0.456, 0.406}}),
                        data::RandomHorizontalFlip(),
                        data::Normalize({0.485, 0.456, 0.406}, {0.229, 0.224, 0.225}));
  data::DataLoader loader(data::MapDataset(*pets, augment), {.batch_size = 32,
                                                             .shuffle = true,
                                                             .num_workers = 4,
                                                             .persistent_workers = true});
  for (int epoch = 0; epoch < 2; ++epoch) {
    for (auto& [x, y] : loader) train(x, y);  // x (32, 3, 224, 224) float32, y (32) int64
  }
  // Page ends
}

void own(nn::StateDict& checkpoint) {
  // Page begins
  struct Squares {
    int64_t size() const { return 1000; }
    data::Example get(int64_t index) const {
      const double x = static_cast<double>(index) / 1000;
      return {full({1}, x), full({1}, x * x)};
    }
  };
  data::DataLoader loader(Squares{}, {.batch_size = 50});
  // Page ends
  // Page begins
  checkpoint.set("loader", loader.state_dict().to_tensor());
  // and, in the program that goes on:
  absl::StatusOr<data::DataLoaderState> state =
      data::DataLoaderState::from_tensor(checkpoint.at("loader"));
  absl::Status status = loader.load_state_dict(*state);  // the next loop gives the rest of the epoch
  // Page ends
  if (!status.ok()) std::abort();
  // Page begins
  data::MapDataset mirrored(Squares{}, [](data::Example e, const data::SampleKey& key) {
    if ((key.index + key.epoch) % 2 == 0) e.x = -e.x;
    return e;
  });
  // Page ends
  if (mirrored.get(500).x.item<float>() != -0.5f) std::abort();
}

// clang-format on

void write(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

}  // namespace

int main() {
  (void)zeros({1});  // finds the backend before the folder changes
  const std::filesystem::path folder = std::filesystem::temp_directory_path() / "data_page_test";
  std::filesystem::create_directories(folder / "pets/cat");
  std::filesystem::create_directories(folder / "pets/dog");
  // 2 x 3 pixels
  std::string png;
  absl::Base64Unescape(
      "iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAIAAAASFvFNAAAAGElEQVR4nGP4z8DA8J+BgeE/I5eIHAQAADEzA++e06gj"
      "AAAAAElFTkSuQmCC",
      &png);
  std::string rows = "ph,Hardness,Potability\n";
  for (int i = 0; i < 20; ++i) {
    rows += (i % 3 == 0 ? "" : std::to_string(i)) + "," + std::to_string(i * i % 7) + "," +
            std::to_string(i % 2) + "\n";
  }
  write(folder / "pets/cat/1.png", png);
  write(folder / "pets/dog/7.png", png);
  write(folder / "water.csv", rows);
  std::filesystem::current_path(folder);
  table();
  images();
  nn::StateDict checkpoint;
  own(checkpoint);
  std::cout << samples_seen << " samples\n";
  return samples_seen == 16 + 2 * 2 ? 0 : 1;
}

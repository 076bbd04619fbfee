// SPDX-License-Identifier: Apache-2.0
#include "tessera/tools/examples/mnist_data.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/data/dataset.h"
#include "tessera/data/mnist.h"
#include "tessera/data/mnist_download.h"
#include "tessera/data/synthetic_digits.h"

namespace tessera::examples {
namespace {

absl::StatusOr<std::string> cache_folder(const std::string& dataset) {
  if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache != nullptr && cache[0] == '/') {
    return absl::StrCat(cache, "/tessera/", dataset);
  }
  if (const char* home = std::getenv("HOME"); home != nullptr && home[0] == '/') {
    return absl::StrCat(home, "/.cache/tessera/", dataset);
  }
  return absl::InvalidArgumentError("--download needs --data_dir, because HOME is not set");
}

absl::StatusOr<data::TensorDataset> first_samples(const data::TensorDataset& dataset, int64_t count,
                                                  const char* part) {
  count = std::min(count, dataset.size());
  if (count == 0) return absl::InvalidArgumentError(absl::StrCat("there are no ", part, " images"));
  return data::TensorDataset(dataset.x().narrow(0, 0, count), dataset.y().narrow(0, 0, count));
}

// Images is data::Mnist, or what has the same files.
template <class Images>
absl::StatusOr<Digits> read_digits(const std::string& folder, const MnistFlags& flags) {
  const auto read_part = [&](bool train) -> absl::StatusOr<data::TensorDataset> {
    absl::StatusOr<Images> part = Images::open(folder, {.train = train});
    if (!part.ok()) return part.status();
    return first_samples(*part, train ? flags.train_size : flags.test_size,
                         train ? "training" : "test");
  };
  absl::StatusOr<data::TensorDataset> train = read_part(true);
  if (!train.ok()) return train.status();
  absl::StatusOr<data::TensorDataset> test = read_part(false);
  if (!test.ok()) return test.status();
  return Digits{*train, *test};
}

absl::Status download(const std::string& dataset, const std::string& folder) {
  const bool progress = isatty(STDERR_FILENO) == 1;
  if (dataset == "fashion") return data::download_fashion_mnist(folder, progress);
  if (dataset == "kmnist") return data::download_kmnist(folder, progress);
  return data::download_mnist(folder, progress);
}

data::TensorDataset draw_part(const MnistFlags& flags, bool train) {
  const int64_t count = train ? flags.train_size : flags.test_size;
  return data::TensorDataset(
      data::get_all(data::SyntheticDigits(count, {.train = train, .seed = flags.seed})));
}

void print_sizes(const Digits& digits, const std::string& source) {
  std::printf("%lld training and %lld test images %s\n",
              static_cast<long long>(digits.train.size()),
              static_cast<long long>(digits.test.size()), source.c_str());
}

}  // namespace

absl::StatusOr<Digits> load_digits(const MnistFlags& flags) {
  if (flags.data_dir.empty() && !flags.download) {
    std::printf(
        "No --data_dir is given: using digits from the built-in generator "
        "(--download fetches MNIST)\n");
    const Digits digits = {draw_part(flags, true), draw_part(flags, false)};
    print_sizes(digits, "drawn");
    return digits;
  }

  std::string folder = flags.data_dir;
  if (folder.empty()) {
    absl::StatusOr<std::string> cache = cache_folder(flags.dataset);
    if (!cache.ok()) return cache.status();
    folder = *cache;
  }
  if (flags.download) {
    absl::Status status = download(flags.dataset, folder);
    if (!status.ok()) return status;
  }
  absl::StatusOr<Digits> digits =
      flags.dataset == "fashion"  ? read_digits<data::FashionMnist>(folder, flags)
      : flags.dataset == "kmnist" ? read_digits<data::Kmnist>(folder, flags)
                                  : read_digits<data::Mnist>(folder, flags);
  if (!digits.ok()) return digits.status();
  if (flags.dataset == "fashion") digits->classes = data::FashionMnist::classes();
  if (flags.dataset == "kmnist") digits->classes = data::Kmnist::classes();
  print_sizes(*digits, absl::StrCat("from ", folder));
  return digits;
}

}  // namespace tessera::examples

// SPDX-License-Identifier: Apache-2.0
//
// Fetches MNIST and the datasets of the same format.
#ifndef TESSERA_DATA_MNIST_DOWNLOAD_H_
#define TESSERA_DATA_MNIST_DOWNLOAD_H_

#include <string>

#include "absl/status/status.h"

namespace tessera::data {

// Makes sure that `folder` holds MNIST's four files, 11.6 MB; see download.h.
// `progress`: draw progress bars on standard error.
absl::Status download_mnist(const std::string& folder, bool progress = false);
// FashionMNIST, 30.9 MB, and KMNIST, 21.2 MB. Their files have MNIST's names: each wants a folder
// of its own. Their publishers give MD5 checksums.
absl::Status download_fashion_mnist(const std::string& folder, bool progress = false);
absl::Status download_kmnist(const std::string& folder, bool progress = false);

}  // namespace tessera::data

#endif  // TESSERA_DATA_MNIST_DOWNLOAD_H_

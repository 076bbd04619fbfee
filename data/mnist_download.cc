// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/mnist_download.h"

#include "absl/types/span.h"
#include "tessera/data/download.h"

namespace tessera::data {
namespace {

absl::Status download_all(absl::Span<const DownloadFile> files, const std::string& folder,
                          const DownloadOptions& options) {
  for (const DownloadFile& file : files) {
    absl::Status status = download(file, folder, options);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status download_mnist(const std::string& folder, bool progress) {
  const DownloadFile files[] = {
      {.name = "train-images-idx3-ubyte.gz",
       .bytes = 9912422,
       .sha256 = "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"},
      {.name = "train-labels-idx1-ubyte.gz",
       .bytes = 28881,
       .sha256 = "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"},
      {.name = "t10k-images-idx3-ubyte.gz",
       .bytes = 1648877,
       .sha256 = "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"},
      {.name = "t10k-labels-idx1-ubyte.gz",
       .bytes = 4542,
       .sha256 = "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"},
  };
  return download_all(files, folder,
                      {.mirrors = {"https://ossci-datasets.s3.amazonaws.com/mnist/",
                                   "https://storage.googleapis.com/cvdf-datasets/mnist/"},
                       .progress = progress});
}

absl::Status download_fashion_mnist(const std::string& folder, bool progress) {
  const DownloadFile files[] = {
      {.name = "train-images-idx3-ubyte.gz",
       .bytes = 26421880,
       .md5 = "8d4fb7e6c68d591d4c3dfef9ec88bf0d"},
      {.name = "train-labels-idx1-ubyte.gz",
       .bytes = 29515,
       .md5 = "25c81989df183df01b3e8a0aad5dffbe"},
      {.name = "t10k-images-idx3-ubyte.gz",
       .bytes = 4422102,
       .md5 = "bef4ecab320f06d8554ea6380940ec79"},
      {.name = "t10k-labels-idx1-ubyte.gz",
       .bytes = 5148,
       .md5 = "bb300cfdad3c16e7a12a480ee83cd310"},
  };
  return download_all(files, folder,
                      {.mirrors = {"https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
                                   "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"},
                       .protocols = "http,https",
                       .progress = progress});
}

absl::Status download_kmnist(const std::string& folder, bool progress) {
  const DownloadFile files[] = {
      {.name = "train-images-idx3-ubyte.gz", .bytes = 0, .md5 = "bdb82020997e1d708af4cf47b453dcf7"},
      {.name = "train-labels-idx1-ubyte.gz", .bytes = 0, .md5 = "e144d726b3acfaa3e44228e80efcd344"},
      {.name = "t10k-images-idx3-ubyte.gz", .bytes = 0, .md5 = "5c965bf0a639b31b8f53240b1b52f4d7"},
      {.name = "t10k-labels-idx1-ubyte.gz", .bytes = 0, .md5 = "7320c461ea6c1c855c0b718fb2a4b134"},
  };
  return download_all(files, folder,
                      {.mirrors = {"https://codh.rois.ac.jp/kmnist/dataset/kmnist/",
                                   "http://codh.rois.ac.jp/kmnist/dataset/kmnist/"},
                       .protocols = "http,https",
                       .progress = progress});
}

}  // namespace tessera::data

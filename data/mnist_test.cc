// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/mnist.h"

#include <cstdlib>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "tessera/data/test_files.h"

namespace tessera::data {
namespace {

class MnistTest : public testing::Test {
 protected:
  std::string path(const std::string& name) const { return folder_ + "/" + name; }
  std::string message(const MnistOptions& options = {}) const {
    return std::string(Mnist::open(folder_, options).status().message());
  }
  const std::string folder_ = new_test_folder();
};

TEST_F(MnistTest, FindsBothPartsZippedOrNot) {
  write_file(path("train-images-idx3-ubyte.gz"), gzip(mnist_images(5)));
  write_file(path("train-labels-idx1-ubyte"), mnist_labels(5));
  write_file(path("t10k-images-idx3-ubyte"), mnist_images(3));
  write_file(path("t10k-labels-idx1-ubyte.gz"), gzip(mnist_labels(3)));
  const Mnist train = Mnist::open(folder_).value();
  EXPECT_EQ(train.size(), 5);
  EXPECT_EQ(train.images().shape(), Shape({5, 28, 28}));
  EXPECT_EQ(train.images().dtype(), kUInt8);
  EXPECT_EQ(train.targets().dtype(), kInt64);
  EXPECT_EQ(train.targets().to_vector<int>(), (std::vector<int>{0, 3, 6, 9, 2}));
  const Example last = train.get(4);
  EXPECT_EQ(last.x.shape(), Shape({28, 28}));
  // As mnist_images() makes it.
  EXPECT_EQ(last.x[27][27].item<int>(), static_cast<uint8_t>((5 * 784 - 1) * 7 + 4));
  EXPECT_EQ(last.y.item<int>(), 2);
  EXPECT_EQ(Mnist::open(folder_, {.train = false})->size(), 3);
}

TEST_F(MnistTest, SaysWhatIsMissing) {
  EXPECT_EQ(Mnist::open(path("no")).status().message(), path("no") + ": no such folder");
  EXPECT_EQ(Mnist::open(path("no")).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(message(), "MNIST: neither " + path("train-images-idx3-ubyte") + " nor " +
                           path("train-images-idx3-ubyte.gz") + " is there");
  write_file(path("t10k-images-idx3-ubyte"), mnist_images(3));
  EXPECT_EQ(message({.train = false}), "MNIST: neither " + path("t10k-labels-idx1-ubyte") +
                                           " nor " + path("t10k-labels-idx1-ubyte.gz") +
                                           " is there");
}

TEST_F(MnistTest, RefusesFilesThatDoNotBelongTogether) {
  const std::string images = path("train-images-idx3-ubyte"),
                    labels = path("train-labels-idx1-ubyte");
  write_file(images, mnist_images(5));
  write_file(labels, mnist_labels(4));
  EXPECT_EQ(message(), images + " has 5 images, " + labels + " has 4 labels");
}

TEST_F(MnistTest, RefusesArraysThatAreNotImagesAndLabels) {
  const std::string images = path("train-images-idx3-ubyte"),
                    labels = path("train-labels-idx1-ubyte");
  write_file(labels, mnist_labels(2));
  write_file(images, mnist_labels(2));
  EXPECT_EQ(message(), images + ": rank is 1, images have rank 3: sizes [2]");
  write_file(images, idx_file(IdxType::kInt8, {1, 28, 28}, std::string(784, 'x')));
  EXPECT_EQ(message(), images + ": elements are int32, images are uint8");
  write_file(images, idx_file(IdxType::kUInt8, {1, 27, 28}, std::string(27 * 28, 'x')));
  EXPECT_EQ(message(), images + ": image height is 27 pixels, expected 28");
  write_file(images, idx_file(IdxType::kUInt8, {1, 28, 29}, std::string(28 * 29, 'x')));
  EXPECT_EQ(message(), images + ": image width is 29 pixels, expected 28");
  write_file(images, mnist_images(2).substr(0, 1000));
  EXPECT_EQ(message(),
            images + ": IDX sizes [2, 28, 28] need 1568 bytes of elements, the file has 984");
  write_file(images, mnist_images(2));
  write_file(labels, mnist_images(2));
  EXPECT_EQ(message(), labels + ": rank is 3, labels have rank 1: sizes [2, 28, 28]");
  write_file(labels, idx_file(IdxType::kUInt8, {2}, "\x09\x0a"));
  EXPECT_EQ(message(), labels + ": label 1 is 10, expected 0 to 9");
}

TEST_F(MnistTest, EmptyFilesAreAnEmptyDataset) {
  write_file(path("train-images-idx3-ubyte"), mnist_images(0));
  write_file(path("train-labels-idx1-ubyte"), mnist_labels(0));
  const absl::StatusOr<Mnist> train = Mnist::open(folder_);
  ASSERT_TRUE(train.ok()) << train.status();
  EXPECT_EQ(train->size(), 0);
}

TEST_F(MnistTest, DatasetsOfTheSameFormatHaveClasses) {
  write_file(path("train-images-idx3-ubyte"), mnist_images(3));
  write_file(path("train-labels-idx1-ubyte"), mnist_labels(3));
  const absl::StatusOr<FashionMnist> fashion = FashionMnist::open(folder_);
  ASSERT_TRUE(fashion.ok()) << fashion.status();
  EXPECT_EQ(fashion->size(), 3);
  EXPECT_EQ(FashionMnist::classes()[9], "Ankle boot");
  const absl::StatusOr<Kmnist> kmnist = Kmnist::open(folder_);
  ASSERT_TRUE(kmnist.ok()) << kmnist.status();
  EXPECT_EQ(kmnist->targets().to_vector<int>(), fashion->targets().to_vector<int>());
  EXPECT_EQ(Kmnist::classes().size(), 10);
  EXPECT_EQ(FashionMnist::open(folder_, {.train = false}).status().message().substr(0, 22),
            "FashionMNIST: neither ");
}

TEST(RealMnist, IsRead) {
  const char* folder = std::getenv("TESSERA_TEST_DATA");
  if (folder == nullptr) GTEST_SKIP() << "TESSERA_TEST_DATA does not name a folder with mnist/";
  const absl::StatusOr<Mnist> test = Mnist::open(std::string(folder) + "/mnist", {.train = false});
  ASSERT_TRUE(test.ok()) << test.status();
  EXPECT_EQ(test->size(), 10000);
  const std::vector<int> labels = test->targets().to_vector<int>();
  EXPECT_EQ(std::vector<int>(labels.begin(), labels.begin() + 10),
            (std::vector<int>{7, 2, 1, 0, 4, 1, 4, 9, 5, 9}));
  EXPECT_EQ(test->images().to(kInt64).sum().item<int64_t>(), 264923200);
}

}  // namespace
}  // namespace tessera::data

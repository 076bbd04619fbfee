// SPDX-License-Identifier: Apache-2.0
//
// Runs //tools/examples:mnist as a user does, and looks at its output, files and exit codes.
#include <cstdlib>
#include <regex>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tessera/data/test_files.h"
#include "tessera/tests/examples/run_example.h"

namespace tessera {
namespace {

using data::gzip;
using data::mnist_images;
using data::mnist_labels;
using data::new_test_folder;
using data::write_file;

Outcome run_mnist(const std::vector<std::string>& flags) {
  return run_example("tools/examples/mnist", flags);
}

TEST(MnistExample, WithoutDataItSaysSoAndTheNetworkBeatsTheRegression) {
  const Outcome run = run_mnist({"--train_size=4000", "--test_size=1000", "--batch_size=32"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.err, "");
  const std::regex lines(
      "No --data_dir is given: using digits from the built-in generator[^\n]*\n"
      "4000 training and 1000 test images drawn\n"
      "Logistic Regression accuracy: 0\\.\\d\\d\\d\n"
      "Epoch 1 - Loss: \\d\\.\\d\\d\\d\\d\n"
      "Epoch 2 - Loss: \\d\\.\\d\\d\\d\\d\n"
      "Epoch 3 - Loss: \\d\\.\\d\\d\\d\\d\n"
      "CNN accuracy: 0\\.\\d\\d\\d\n"
      "Performance gap \\(CNN - LogReg\\): 0\\.\\d\\d\\d\n"
      "\n[^]*precision[^]*");
  EXPECT_TRUE(std::regex_match(run.out, lines)) << run.out;
  const double regression = number_after(run.out, "Logistic Regression accuracy: ");
  const double network = number_after(run.out, "CNN accuracy: ");
  EXPECT_GT(regression, 0.7);
  EXPECT_GT(network, 0.9);
  EXPECT_NEAR(number_after(run.out, "Performance gap (CNN - LogReg): "), network - regression,
              0.0011);  // three rounded numbers
  EXPECT_GT(network - regression, 0.05);
  EXPECT_GT(number_after(run.out, "Epoch 1 - Loss: "), number_after(run.out, "Epoch 3 - Loss: "));
}

TEST(MnistExample, TheSameSeedGivesTheSameRunAndAnotherSeedDoesNot) {
  const std::vector<std::string> flags = {"--train_size=300", "--test_size=100", "--epochs=2"};
  const auto with = [&](const std::string& flag) {
    std::vector<std::string> all = flags;
    all.push_back(flag);
    return run_mnist(all).out;
  };
  const std::string first = with("--seed=5");
  EXPECT_NE(first.find("Epoch 2 - Loss"), std::string::npos) << first;
  EXPECT_EQ(first, with("--seed=5"));
  EXPECT_NE(first, with("--seed=6"));
}

TEST(MnistExample, SavedWeightsGiveTheSameAccuracyWhenLoaded) {
  const std::string file = new_test_folder() + "/cnn.safetensors";
  const Outcome saved =
      run_mnist({"--train_size=640", "--test_size=200", "--epochs=2", "--save=" + file});
  ASSERT_EQ(saved.exit_code, 0) << saved.err;
  const Outcome loaded =
      run_mnist({"--train_size=640", "--test_size=200", "--epochs=0", "--load=" + file});
  ASSERT_EQ(loaded.exit_code, 0) << loaded.err;
  EXPECT_EQ(number_after(loaded.out, "CNN accuracy: "), number_after(saved.out, "CNN accuracy: "));
  const Outcome fresh = run_mnist({"--train_size=640", "--test_size=200", "--epochs=0"});
  EXPECT_NE(number_after(fresh.out, "CNN accuracy: "), number_after(saved.out, "CNN accuracy: "));
}

TEST(MnistExample, ReadsMnistFilesAndTakesAsManyAsThereAre) {
  const std::string folder = new_test_folder();
  write_file(folder + "/train-images-idx3-ubyte.gz", gzip(mnist_images(70)));
  write_file(folder + "/train-labels-idx1-ubyte.gz", gzip(mnist_labels(70)));
  write_file(folder + "/t10k-images-idx3-ubyte", mnist_images(30));
  write_file(folder + "/t10k-labels-idx1-ubyte", mnist_labels(30));
  const Outcome run = run_mnist({"--data_dir=" + folder, "--epochs=1", "--test_size=20"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.out.substr(0, run.out.find('\n')), "70 training and 20 test images from " + folder);
}

TEST(MnistExample, OtherDatasetsHaveNamesForTheirClasses) {
  const std::string folder = new_test_folder();
  write_file(folder + "/train-images-idx3-ubyte", mnist_images(70));
  write_file(folder + "/train-labels-idx1-ubyte", mnist_labels(70));
  write_file(folder + "/t10k-images-idx3-ubyte", mnist_images(30));
  write_file(folder + "/t10k-labels-idx1-ubyte", mnist_labels(30));
  const std::pair<std::string, std::string> cases[] = {{"fashion", " Trouser "},
                                                       {"kmnist", " ki "}};
  for (const auto& [dataset, name] : cases) {
    const Outcome run = run_mnist({"--dataset=" + dataset, "--data_dir=" + folder, "--epochs=0"});
    ASSERT_EQ(run.exit_code, 0) << run.err;
    EXPECT_NE(run.out.find(name), std::string::npos) << run.out;
  }
}

TEST(MnistExample, WrongFlagsAreOneLine) {
  expect_one_line(run_mnist({"--dataset=cifar"}), 2,
                  "--dataset is 'cifar', it must be one of mnist, fashion, kmnist");
  expect_one_line(run_mnist({"--dataset=kmnist"}), 2, "needs --data_dir or --download");
  expect_one_line(run_mnist({"--epochs=-1"}), 2, "--epochs is -1, it must be from 0 to 1000000");
  expect_one_line(run_mnist({"--batch_size=0"}), 2, "--batch_size is 0, it must be from 1 to");
  expect_one_line(run_mnist({"--train_size=0"}), 2, "--train_size is 0, it must be from 1 to");
  expect_one_line(run_mnist({"--test_size=0"}), 2, "--test_size is 0, it must be from 1 to");
  expect_one_line(run_mnist({"--threads=-2"}), 2, "--threads is -2, it must be from 0 to 1024");
  expect_one_line(run_mnist({"mnist/"}), 2, "'mnist/' is not a flag");
  for (const char* flag : {"--epochs=many", "--epoch=3", "--seed=-1"}) {
    const Outcome run = run_mnist({flag});
    EXPECT_EQ(run.exit_code, 1) << flag;
    EXPECT_NE(run.err.find("ERROR: "), std::string::npos) << run.err;
  }
}

TEST(MnistExample, UnknownBackendsAreOneLine) {
  expect_one_line(run_mnist({"--backend=abacus"}), 1, "abacus");
  expect_one_line(run_mnist({"--backend=cpu:7"}), 1, "cpu");
  expect_one_line(run_mnist({"--backend="}), 1, "mnist: ");
}

TEST(MnistExample, BadFilesAreOneLineWithTheirPath) {
  expect_one_line(run_mnist({"--data_dir=/no/such/folder"}), 1, "/no/such/folder: no such folder");

  const std::string folder = new_test_folder(), images = folder + "/train-images-idx3-ubyte";
  expect_one_line(run_mnist({"--data_dir=" + folder}), 1, "neither " + images + " nor ");

  write_file(folder + "/train-labels-idx1-ubyte", mnist_labels(10));
  write_file(images, mnist_images(10).substr(0, 5000));
  expect_one_line(
      run_mnist({"--data_dir=" + folder}), 1,
      images + ": IDX sizes [10, 28, 28] need 7840 bytes of elements, the file has 4984");
  const std::string zipped = gzip(mnist_images(10));
  write_file(images, zipped.substr(0, zipped.size() / 2));
  expect_one_line(run_mnist({"--data_dir=" + folder}), 1, images + ": damaged gzip data");
  write_file(images, "this is not a picture of a digit");
  expect_one_line(run_mnist({"--data_dir=" + folder}), 1, images + ": not an IDX file");

  const std::string weights = folder + "/weights";
  expect_one_line(run_mnist({"--load=" + weights}), 1, weights);
  write_file(weights, "no safetensors");
  expect_one_line(run_mnist({"--load=" + weights}), 1, weights);
  expect_one_line(run_mnist({"--train_size=64", "--test_size=10", "--epochs=0",
                             "--save=/no/such/folder/weights"}),
                  1, "/no/such/folder");
}

TEST(MnistExample, LearnsRealDigits) {
  const char* folder = std::getenv("TESSERA_TEST_DATA");
  if (folder == nullptr) GTEST_SKIP() << "TESSERA_TEST_DATA does not name a folder with mnist/";
  const Outcome run = run_mnist({"--data_dir=" + std::string(folder) + "/mnist",
                                 "--train_size=4000", "--test_size=1000", "--epochs=2"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_GT(number_after(run.out, "Logistic Regression accuracy: "), 0.80);
  EXPECT_GT(number_after(run.out, "CNN accuracy: "), 0.86);
}

}  // namespace
}  // namespace tessera

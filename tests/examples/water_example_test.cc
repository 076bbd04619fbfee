// SPDX-License-Identifier: Apache-2.0
//
// Runs //tools/examples:water as a user does, and looks at its output, files and exit codes.
#include <cstdlib>
#include <regex>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tessera/data/test_files.h"
#include "tessera/tests/examples/run_example.h"

namespace tessera {
namespace {

using data::new_test_folder;
using data::write_file;

Outcome run_water(const std::vector<std::string>& flags) {
  return run_example("tools/examples/water", flags);
}

// A table of two numbers, one of them missing in every third row, whose signs decide.
std::string small_table(int rows) {
  std::string text = "a,b,good\n";
  for (int i = 0; i < rows; ++i) {
    const int a = (i * 37) % 101 - 50, b = (i * 53) % 89 - 44;
    text += (i % 3 == 0 ? "" : std::to_string(a)) + "," + std::to_string(1000 + b) + "," +
            (b > 0 ? "1\n" : "0\n");
  }
  return text;
}

TEST(WaterExample, WithoutATableItSaysSoAndTheNetworkBeatsTheRegression) {
  const Outcome run = run_water({"--epochs=40", "--lr=0.01"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.err, "");
  const std::regex lines(
      "No --csv is given: using a table from the built-in generator\n"
      "1200 training, 400 validation and 400 test rows of 9 columns drawn, 8\\d\\d values missing\n"
      "(Epoch \\d+ - Loss: \\d\\.\\d{4}, validation: \\d\\.\\d{4}\n)+"
      "Best epoch: \\d+, validation loss: \\d\\.\\d{4}\n"
      "\nLogistic Regression accuracy: 0\\.\\d\\d\\d\n"
      "Logistic Regression ROC AUC: 0\\.\\d\\d\\d\n"
      "\n +precision +recall[^]*not_potable[^]*"
      "\nNetwork accuracy: 0\\.\\d\\d\\d\n[^]*precision[^]*");
  EXPECT_TRUE(std::regex_match(run.out, lines)) << run.out;
  EXPECT_GT(number_after(run.out, "Network accuracy: "), 0.75);
  EXPECT_GT(number_after(run.out, "Network ROC AUC: "),
            number_after(run.out, "Logistic Regression ROC AUC: ") + 0.1);
}

TEST(WaterExample, StopsEarlyAndReportsTheBestWeights) {
  const Outcome run = run_water({"--patience=3", "--lr=0.05", "--epochs=500"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const int best = static_cast<int>(number_after(run.out, "Best epoch: "));
  const std::string last = "Epoch " + std::to_string(best + 3) + " - ";
  EXPECT_NE(run.out.find(last), std::string::npos) << run.out;
  EXPECT_EQ(run.out.find("Epoch " + std::to_string(best + 4) + " - "), std::string::npos);
}

TEST(WaterExample, ReadsATableWithMissingValues) {
  const std::string file = new_test_folder() + "/table.csv";
  write_file(file, small_table(300));
  for (const char* impute : {"--impute=mean", "--impute=median"}) {
    const Outcome run = run_water(
        {"--csv=" + file, "--target=good", "--epochs=60", "--lr=0.02", "--batch_size=16", impute});
    ASSERT_EQ(run.exit_code, 0) << run.err;
    EXPECT_EQ(run.out.substr(0, run.out.find('\n')),
              "180 training, 60 validation and 60 test rows of 2 columns from " + file +
                  ", 100 values missing");
    EXPECT_GT(number_after(run.out, "Network accuracy: "), 0.9);
    EXPECT_GT(number_after(run.out, "Logistic Regression accuracy: "), 0.9);
  }
}

TEST(WaterExample, TheSameSeedGivesTheSameRunAndAnotherSeedDoesNot) {
  const std::string first = run_water({"--epochs=2", "--seed=5"}).out;
  EXPECT_NE(first.find("Epoch 2 - Loss"), std::string::npos) << first;
  EXPECT_EQ(first, run_water({"--epochs=2", "--seed=5", "--threads=1"}).out);
  EXPECT_NE(first, run_water({"--epochs=2", "--seed=6"}).out);
}

TEST(WaterExample, MistakesAreOneLine) {
  expect_one_line(run_water({"--epochs=-1"}), 2, "--epochs is -1, it must be from 0 to 1000000");
  expect_one_line(run_water({"--patience=0"}), 2, "--patience is 0, it must be from 1 to");
  expect_one_line(run_water({"--batch_size=0"}), 2, "--batch_size is 0, it must be from 1 to");
  expect_one_line(run_water({"--lr=-1"}), 2, "--lr is -1, it must be from 0 to 100");
  expect_one_line(run_water({"--lr=nan"}), 2, "--lr is nan");
  expect_one_line(run_water({"--test_part=1"}), 2, "--test_part is 1, it must be from 0.01 to");
  expect_one_line(run_water({"--test_part=0.6", "--validation_part=0.6"}), 2, "too little");
  expect_one_line(run_water({"--impute=guess"}), 2,
                  "--impute is 'guess', it must be one of mean, median");
  expect_one_line(run_water({"table.csv"}), 2, "'table.csv' is not a flag");
  expect_one_line(run_water({"--backend=abacus"}), 1, "abacus");
  expect_one_line(run_water({"--csv=/no/such/file"}), 1, "/no/such/file");
  expect_one_line(run_water({"--epochs=0", "--save=/no/such/folder/weights"}), 1,
                  "/no/such/folder");
  const std::string file = new_test_folder() + "/table.csv";
  write_file(file, small_table(30));
  expect_one_line(run_water({"--csv=" + file}), 1, "Potability");
  expect_one_line(run_water({"--csv=" + file, "--target=b"}), 1, "not only 0 and 1");
  write_file(file, small_table(2));
  expect_one_line(run_water({"--csv=" + file, "--target=good"}), 1, "too few for three parts");
}

TEST(WaterExample, LearnsFromTheRealTable) {
  const char* folder = std::getenv("TESSERA_TEST_DATA");
  if (folder == nullptr) GTEST_SKIP() << "TESSERA_TEST_DATA does not name a folder with water/";
  const Outcome run = run_water({"--csv=" + std::string(folder) + "/water/water_potability.csv"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_NE(run.out.find("rows of 9 columns"), std::string::npos);
  EXPECT_GT(number_after(run.out, "Network accuracy: "), 0.6);
}

}  // namespace
}  // namespace tessera

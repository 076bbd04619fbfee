// SPDX-License-Identifier: Apache-2.0
//
// Runs //tools/examples:chargpt as a user does, and looks at its output, files and exit codes.
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

// A small model, so that a run takes a second.
Outcome run_chargpt(std::vector<std::string> flags) {
  std::vector<std::string> all = {"--width=32",   "--heads=2",       "--layers=2",
                                  "--context=32", "--batch_size=8",  "--eval_batches=4",
                                  "--lr=0.01",    "--eval_every=50", "--sample_length=60"};
  all.insert(all.end(), flags.begin(), flags.end());
  return run_example("tools/examples/chargpt", all);
}

TEST(CharGpt, LearnsSentencesAndSaysThatTheyAreMadeUp) {
  const Outcome run = run_chargpt({"--steps=150"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.err, "");
  const std::regex lines(
      "No --text is given: using sentences from a built-in grammar\n"
      "\\d+ training and \\d+ validation characters, 2\\d different ones\n"
      "Gpt of \\d+ parameters\n"
      "Step 50 - Loss: \\d\\.\\d{4}, validation: \\d\\.\\d{4}\n\n[a-z .\n]{60}\n\n"
      "Step 100 - Loss: \\d\\.\\d{4}, validation: \\d\\.\\d{4}\n\n[a-z .\n]{60}\n\n"
      "Step 150 - Loss: \\d\\.\\d{4}, validation: \\d\\.\\d{4}\n\n[a-z .\n]{60}\n\n");
  EXPECT_TRUE(std::regex_match(run.out, lines)) << run.out;
  // log(23 characters) = 3.1 at first; the same in PyTorch ends at 1.02 to 1.10.
  const double first = number_after(run.out, "Step 50 - Loss: ");
  const double last = number_after(run.out, "Step 150 - Loss: ");
  EXPECT_LT(first, 2.5);
  EXPECT_LT(last, 1.3);
  const size_t at = run.out.rfind("validation: ");
  EXPECT_NEAR(std::stod(run.out.substr(at + 12)), last, 0.3);
}

TEST(CharGpt, AnLstmLearnsThemToo) {
  const Outcome run = run_chargpt({"--model=lstm", "--layers=1", "--steps=150"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_NE(run.out.find("\nLstmLm of "), std::string::npos) << run.out;
  EXPECT_LT(number_after(run.out, "Step 150 - Loss: "), 1.6);
}

TEST(CharGpt, ASavedModelGivesTheSameLossWhenLoaded) {
  const std::string file = new_test_folder() + "/model.safetensors";
  const Outcome saved = run_chargpt({"--steps=10", "--save=" + file});
  ASSERT_EQ(saved.exit_code, 0) << saved.err;
  const Outcome loaded = run_chargpt({"--steps=0", "--load=" + file, "--prompt=the c"});
  ASSERT_EQ(loaded.exit_code, 0) << loaded.err;
  const size_t at = saved.out.rfind("validation: ");
  EXPECT_EQ(number_after(loaded.out, "Validation loss: "), std::stod(saved.out.substr(at + 12)));
  EXPECT_NE(loaded.out.find("\nthe c"), std::string::npos) << loaded.out;
  const Outcome fresh = run_chargpt({"--steps=0"});
  EXPECT_NE(number_after(fresh.out, "Validation loss: "), std::stod(saved.out.substr(at + 12)));
}

TEST(CharGpt, TheSameSeedGivesTheSameRunAndAnotherSeedDoesNot) {
  const std::string first = run_chargpt({"--steps=4", "--seed=5"}).out;
  EXPECT_NE(first.find("Step 4 - Loss"), std::string::npos) << first;
  EXPECT_EQ(first, run_chargpt({"--steps=4", "--seed=5", "--threads=1"}).out);
  EXPECT_NE(first, run_chargpt({"--steps=4", "--seed=6"}).out);
}

TEST(CharGpt, ReadsUtf8) {
  const std::string file = new_test_folder() + "/text";
  std::string text;
  for (int i = 0; i < 200; ++i) text += "größer als ∞\n";
  write_file(file, text);
  const Outcome run = run_chargpt({"--text=" + file, "--steps=60", "--prompt=grö"});
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.out.substr(0, run.out.find('\n')),
            "2340 training and 260 validation characters, 11 different ones, from " + file);
  EXPECT_NE(run.out.find("größer als ∞\n"), std::string::npos) << run.out;
}

TEST(CharGpt, MistakesAreOneLine) {
  expect_one_line(run_chargpt({"--steps=-1"}), 2, "--steps is -1, it must be from 0 to");
  expect_one_line(run_chargpt({"--heads=3"}), 2, "--heads 3 do not divide --width 32");
  expect_one_line(run_chargpt({"--temperature=0"}), 2, "--temperature is 0, it must be from 0.001");
  expect_one_line(run_chargpt({"--prompt="}), 2, "--prompt is empty");
  expect_one_line(run_chargpt({"text"}), 2, "'text' is not a flag");
  expect_one_line(run_chargpt({"--prompt=Q"}), 1, "--prompt: ");
  expect_one_line(run_chargpt({"--text=/no/such/file"}), 1, "/no/such/file");
  const std::string folder = new_test_folder(), file = folder + "/file";
  write_file(file, "short");
  expect_one_line(run_chargpt({"--text=" + file}), 1,
                  file + ": a tenth of 5 characters is not more than --context 32");
  write_file(file, "good \xff bad");
  expect_one_line(run_chargpt({"--text=" + file}), 1, file + ": ");
  expect_one_line(run_chargpt({"--load=" + file}), 1, file);
  ASSERT_EQ(run_chargpt({"--steps=0", "--save=" + file}).exit_code, 0);
  expect_one_line(run_chargpt({"--load=" + file, "--width=16"}), 1, file + ": ");
  const std::string other = folder + "/other";
  write_file(other, std::string(1000, 'x'));
  expect_one_line(run_chargpt({"--load=" + file, "--text=" + other, "--prompt=x"}), 1,
                  "knows other characters");
}

}  // namespace
}  // namespace tessera

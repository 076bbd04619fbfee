// SPDX-License-Identifier: Apache-2.0
//
// Reads the golden files that make_goldens.py writes, and compares with them.
//
//   for (const GoldenCase& golden : load_goldens("losses", "mse_loss/")) {
//     SCOPED_TRACE(golden.name);
//     expect_close(mse_loss(golden.tensor("input"), golden.tensor("target")),
//     golden.tensor("loss"));
//   }
#ifndef TESSERA_TESTS_GOLDENS_GOLDEN_FILE_H_
#define TESSERA_TESTS_GOLDENS_GOLDEN_FILE_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tessera/nn/state_dict.h"
#include "tessera/tensor/tensor.h"

namespace tessera::goldens {

struct GoldenCase {
  std::string name;
  std::map<std::string, std::string> options;
  nn::StateDict tensors;  // on the default device

  bool has(std::string_view key) const { return tensors.contains(key); }
  const Tensor& tensor(std::string_view key) const { return tensors.at(key); }
  // Undefined if there is none.
  Tensor optional_tensor(std::string_view key) const { return has(key) ? tensor(key) : Tensor(); }

  bool has_option(const std::string& key) const { return options.count(key) != 0; }
  std::string text(const std::string& key, std::string fallback = "") const;
  double number(const std::string& key, double fallback) const;
  int64_t integer(const std::string& key, int64_t fallback) const;
  bool flag(const std::string& key, bool fallback = false) const;
  // "3,2" -> {3, 2}
  std::vector<int64_t> integers(const std::string& key) const;
  // "a,b" -> {"a", "b"}
  std::vector<std::string> texts(const std::string& key) const;
};

// The cases of <file>.safetensors.gz whose names begin with `prefix`. Fails the test, and returns
// what there is, if the file cannot be read or no case matches.
std::vector<GoldenCase> load_goldens(const std::string& file, std::string_view prefix = "");

// Fails the test unless shapes are equal and every |actual - expected| <= tolerance * (1 +
// |expected|); nan equals nan. The default is for float64, where both sides round a few times.
void expect_close(const Tensor& actual, const Tensor& expected, double tolerance = 1e-12);

}  // namespace tessera::goldens

#endif  // TESSERA_TESTS_GOLDENS_GOLDEN_FILE_H_

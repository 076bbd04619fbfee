// SPDX-License-Identifier: Apache-2.0
#include "tessera/tests/goldens/golden_file.h"

#include <cmath>
#include <cstdlib>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "tessera/data/read_whole_file.h"
#include "tessera/nn/safetensors.h"

namespace tessera::goldens {
namespace {

std::string path_of(const std::string& file) {
  const char* root = std::getenv("TEST_SRCDIR");
  const char* workspace = std::getenv("TEST_WORKSPACE");
  const std::string folder =
      root != nullptr && workspace != nullptr ? absl::StrCat(root, "/", workspace, "/") : "";
  return absl::StrCat(folder, "tests/goldens/", file, ".safetensors.gz");
}

double as_number(std::string_view text) {
  double value = 0;
  EXPECT_TRUE(absl::SimpleAtod(text, &value)) << text;
  return value;
}

}  // namespace

std::string GoldenCase::text(const std::string& key, std::string fallback) const {
  auto it = options.find(key);
  return it == options.end() ? fallback : it->second;
}

double GoldenCase::number(const std::string& key, double fallback) const {
  return has_option(key) ? as_number(text(key)) : fallback;
}

int64_t GoldenCase::integer(const std::string& key, int64_t fallback) const {
  return has_option(key) ? static_cast<int64_t>(as_number(text(key))) : fallback;
}

bool GoldenCase::flag(const std::string& key, bool fallback) const {
  return integer(key, fallback) != 0;
}

std::vector<int64_t> GoldenCase::integers(const std::string& key) const {
  std::vector<int64_t> values;
  for (const std::string& part : texts(key)) {
    values.push_back(static_cast<int64_t>(as_number(part)));
  }
  return values;
}

std::vector<std::string> GoldenCase::texts(const std::string& key) const {
  return absl::StrSplit(text(key), ',', absl::SkipEmpty());
}

std::vector<GoldenCase> load_goldens(const std::string& file, std::string_view prefix) {
  std::vector<GoldenCase> cases;
  const absl::StatusOr<std::string> bytes = data::read_whole_file(path_of(file));
  const absl::StatusOr<nn::Safetensors> loaded =
      bytes.ok() ? nn::parse_safetensors(*bytes) : bytes.status();
  if (!loaded.ok()) {
    ADD_FAILURE() << loaded.status();
    return cases;
  }
  for (const auto& [name, options] : loaded->metadata) {
    if (name == "made_by" || absl::EndsWith(name, "/repr") || !absl::StartsWith(name, prefix)) {
      continue;
    }
    GoldenCase golden;
    golden.name = name;
    for (absl::string_view option : absl::StrSplit(options, ' ', absl::SkipEmpty())) {
      const std::pair<std::string, std::string> pair =
          absl::StrSplit(option, absl::MaxSplits('=', 1));
      golden.options.insert(pair);
    }
    if (auto it = loaded->metadata.find(name + "/repr"); it != loaded->metadata.end()) {
      golden.options["repr"] = it->second;
    }
    golden.tensors = loaded->tensors.with_prefix(name + "/");
    cases.push_back(std::move(golden));
  }
  EXPECT_FALSE(cases.empty()) << "no case of " << file << " begins with '" << prefix << "'";
  return cases;
}

void expect_close(const Tensor& actual, const Tensor& expected, double tolerance) {
  ASSERT_TRUE(actual.defined());
  ASSERT_EQ(actual.shape(), expected.shape())
      << actual.shape().to_string() << " against " << expected.shape().to_string();
  const std::vector<double> a = actual.detach().to_vector<double>();
  const std::vector<double> e = expected.to_vector<double>();
  for (size_t i = 0; i < a.size(); ++i) {
    if (std::isnan(e[i]) ? std::isnan(a[i]) : a[i] == e[i]) continue;
    ASSERT_LE(std::abs(a[i] - e[i]), tolerance * (1 + std::abs(e[i])))
        << "element " << i << ": got " << a[i] << ", PyTorch gives " << e[i];
  }
}

}  // namespace tessera::goldens

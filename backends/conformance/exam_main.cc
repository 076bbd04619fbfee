// SPDX-License-Identifier: Apache-2.0
//
// The exam as a program. Every case is one GoogleTest, named <op>.<sample>/<dtype>/<layout>, and so
// is every check of the device, named device.<check>:
//
//   conformance_test --backend=cpu --gtest_filter='conv2d.*float32*'
//   conformance_test --backend=cpu --mode=support
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "tessera/backends/conformance/case.h"
#include "tessera/backends/conformance/device_checks.h"
#include "tessera/backends/conformance/examine.h"
#include "tessera/backends/conformance/known_failures.h"
#include "tessera/backends/conformance/oracle.h"
#include "tessera/backends/conformance/support.h"
#include "tessera/backends/runtime/registry.h"

ABSL_FLAG(std::string, backend, "",
          "the backend under test, \"cpu\" or \"cuda:1\"; for "
          "--mode=support several, separated by commas");
ABSL_FLAG(std::string, plugin, "", "its library, if the search order does not find it");
ABSL_FLAG(std::string, known_failures, "", "file of known failures (known_failures.h)");
ABSL_FLAG(std::string, mode, "test", "test, or support to print the table of ops and backends");
ABSL_FLAG(bool, large, true, "also the cases that are split over threads and tiles");
ABSL_FLAG(bool, finite_differences, false,
          "also check the reference's gradients, on which all others rest");

namespace tessera::conformance {
namespace {

class CaseTest : public testing::Test {
 public:
  CaseTest(const Examiner& examiner, const KnownFailures& known, const Case& c)
      : examiner_(examiner), known_(known), case_(c) {}

  void TestBody() override {
    std::string skipped;
    std::vector<Finding> findings = examine(examiner_, case_, &skipped);
    if (!skipped.empty()) GTEST_SKIP() << skipped;
    for (const Finding& finding : known_.judge(case_.name(), std::move(findings))) {
      ADD_FAILURE() << case_.name() << "/" << finding.check << "\n  " << finding.message;
    }
  }

 private:
  const Examiner& examiner_;
  const KnownFailures& known_;
  const Case& case_;
};

class DeviceTest : public testing::Test {
 public:
  DeviceTest(const Device& device, const DeviceCheck& check) : device_(device), check_(check) {}

  void TestBody() override {
    const std::string wrong = check_.run(device_);
    if (!wrong.empty()) ADD_FAILURE() << check_.name << ": " << wrong;
  }

 private:
  const Device& device_;
  const DeviceCheck& check_;
};

// Bazel's shards, by whole ops: a backend that compiles kernels when they are first used would else
// compile nearly all of them in every shard.
class Shard {
 public:
  // Takes over from GoogleTest, which deals out case by case.
  Shard() {
    if (const char* file = std::getenv("TEST_SHARD_STATUS_FILE")) std::ofstream(file).put('\n');
    (void)absl::SimpleAtoi(environment("TEST_TOTAL_SHARDS"), &total_);
    (void)absl::SimpleAtoi(environment("TEST_SHARD_INDEX"), &index_);
    unsetenv("TEST_TOTAL_SHARDS");
    unsetenv("TEST_SHARD_INDEX");
  }
  // Deals ops out in the order in which they are first asked for.
  bool has(const std::string& op) {
    const int number = ops_.emplace(op, static_cast<int>(ops_.size())).first->second;
    return total_ <= 1 || number % total_ == index_;
  }

 private:
  static std::string_view environment(const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr ? value : "";
  }
  int total_ = 1, index_ = 0;
  std::map<std::string, int> ops_;
};

int fail(const absl::Status& status) {
  std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
  return 1;
}

// By the search order, as programs find it; else from the given file.
absl::StatusOr<Device> find_subject(const std::string& name, const std::string& plugin) {
  absl::StatusOr<Device> device = find_device(name);
  if (device.ok() || plugin.empty() || !absl::IsNotFound(device.status())) return device;
  if (absl::Status s = load_backend(plugin); !s.ok()) return s;
  return find_device(name);
}

absl::StatusOr<KnownFailures> read_known_failures(const std::string& path) {
  if (path.empty()) return KnownFailures();
  std::ifstream file(path);
  if (!file) return absl::NotFoundError(absl::StrCat("cannot read ", path));
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  absl::StatusOr<KnownFailures> known = KnownFailures::parse(text);
  if (!known.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": ", known.status().message()));
  }
  return known;
}

int print_support() {
  std::vector<Device> devices;
  for (std::string_view name : absl::StrSplit(absl::GetFlag(FLAGS_backend), ',')) {
    absl::StatusOr<Device> device = find_subject(std::string(name), absl::GetFlag(FLAGS_plugin));
    if (!device.ok()) return fail(device.status());
    devices.push_back(*device);
  }
  std::fputs(support_table(devices).c_str(), stdout);
  return 0;
}

int run_exam(Shard shard) {
  absl::StatusOr<Device> oracle = oracle_device();
  if (!oracle.ok()) return fail(oracle.status());
  absl::StatusOr<Device> subject =
      find_subject(absl::GetFlag(FLAGS_backend), absl::GetFlag(FLAGS_plugin));
  if (!subject.ok()) return fail(subject.status());
  absl::StatusOr<KnownFailures> known = read_known_failures(absl::GetFlag(FLAGS_known_failures));
  if (!known.ok()) return fail(known.status());

  const Examiner examiner = {*subject, *oracle, absl::GetFlag(FLAGS_finite_differences)};
  const std::vector<Case> cases = all_cases();
  for (const Case& c : cases) {
    if (c.large && !absl::GetFlag(FLAGS_large)) continue;
    const std::string name = c.name();
    const size_t slash = name.find('/');
    if (!shard.has(name.substr(0, slash))) continue;
    testing::RegisterTest(name.substr(0, slash).c_str(), name.substr(slash + 1).c_str(), nullptr,
                          nullptr, __FILE__, __LINE__, [&examiner, &known, &c]() -> CaseTest* {
                            return new CaseTest(examiner, *known, c);
                          });
  }
  for (const DeviceCheck& check : device_checks()) {
    if (!shard.has("device")) continue;
    testing::RegisterTest(
        "device", check.name, nullptr, nullptr, __FILE__, __LINE__,
        [&examiner, &check]() -> DeviceTest* { return new DeviceTest(examiner.subject, check); });
  }
  return RUN_ALL_TESTS();
}

}  // namespace
}  // namespace tessera::conformance

int main(int argc, char** argv) {
  const tessera::conformance::Shard shard;
  testing::InitGoogleTest(&argc, argv);
  absl::ParseCommandLine(argc, argv);
  const std::string mode = absl::GetFlag(FLAGS_mode);
  if (absl::GetFlag(FLAGS_backend).empty() || (mode != "test" && mode != "support")) {
    std::fprintf(stderr, "usage: --backend=<name> [--mode=test|support] [--plugin=<file>]\n");
    return 2;
  }
  const int result = mode == "test" ? tessera::conformance::run_exam(shard)
                                    : tessera::conformance::print_support();
  tessera::shutdown_backends();
  return result;
}

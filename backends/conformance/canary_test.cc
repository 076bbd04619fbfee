// SPDX-License-Identifier: Apache-2.0
//
// The exam must reject each canary, by the check that is there for its defect.
#include "tessera/backends/conformance/canary.h"

#include <algorithm>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tessera/backends/conformance/case.h"
#include "tessera/backends/conformance/device_checks.h"
#include "tessera/backends/conformance/examine.h"
#include "tessera/backends/conformance/oracle.h"

namespace tessera::conformance {
namespace {

Examiner examiner_of(Defect defect) {
  absl::StatusOr<Device> subject = canary_device(defect), oracle = oracle_device();
  EXPECT_TRUE(subject.ok()) << subject.status();
  EXPECT_TRUE(oracle.ok()) << oracle.status();
  return {*subject, *oracle, false};
}

// Checks that fail in the cases of `op` in `layout` and float32; each once.
std::vector<std::string> failing_checks(Defect defect, std::string_view op,
                                        Layout layout = Layout::kDense, bool errors = false) {
  const Examiner examiner = examiner_of(defect);
  const OpDef* def = find_op(op);
  EXPECT_NE(def, nullptr) << op;
  std::vector<std::string> checks;
  for (const Case& c : cases_of(*def)) {
    if (c.layout != layout || c.expects_error() != errors) continue;
    if (!errors && c.dtype != kFloat32) continue;
    for (const Finding& finding : examine(examiner, c, nullptr)) {
      if (std::find(checks.begin(), checks.end(), finding.check) == checks.end()) {
        checks.push_back(finding.check);
      }
    }
  }
  return checks;
}

using Checks = std::vector<std::string>;

bool contains(const Checks& checks, std::string_view check) {
  return std::find(checks.begin(), checks.end(), check) != checks.end();
}

TEST(CanaryTest, TheReferenceItselfPasses) {
  for (const char* op : {"add", "relu", "gather", "sum", "matmul", "maximum"}) {
    for (Layout layout : kAllLayouts) {
      EXPECT_EQ(failing_checks(Defect::kNone, op, layout), Checks{}) << op;
    }
  }
  EXPECT_EQ(failing_checks(Defect::kNone, "gather", Layout::kDense, /*errors=*/true), Checks{});
}

TEST(CanaryTest, DroppedLastElementIsNotWritten) {
  EXPECT_TRUE(contains(failing_checks(Defect::kDroppedLast, "add"), "written"));
  EXPECT_TRUE(contains(failing_checks(Defect::kDroppedLast, "matmul"), "written"));
}

TEST(CanaryTest, OverrunBreaksTheGuard) {
  EXPECT_EQ(failing_checks(Defect::kOverrun, "exp"), Checks{"guard"});
  EXPECT_TRUE(contains(failing_checks(Defect::kOverrun, "sum"), "guard"));
}

TEST(CanaryTest, WrongStrideShowsInOtherLayoutsOnly) {
  EXPECT_EQ(failing_checks(Defect::kWrongStride, "exp", Layout::kDense), Checks{});
  EXPECT_EQ(failing_checks(Defect::kWrongStride, "exp", Layout::kTransposed), Checks{"forward"});
  EXPECT_EQ(failing_checks(Defect::kWrongStride, "exp", Layout::kOffset), Checks{"forward"});
}

TEST(CanaryTest, StaleOutputIsNotWritten) {
  EXPECT_TRUE(contains(failing_checks(Defect::kStaleOutput, "mul"), "written"));
}

TEST(CanaryTest, ZeroGradientIsNoGradient) {
  EXPECT_EQ(failing_checks(Defect::kZeroGradient, "relu"), Checks{"gradient"});
  EXPECT_TRUE(contains(failing_checks(Defect::kZeroGradient, "relu_backward"), "forward"));
}

TEST(CanaryTest, NoiseDoesNotRepeat) {
  EXPECT_TRUE(contains(failing_checks(Defect::kNoise, "add"), "repeats"));
}

TEST(CanaryTest, ChangedInputShows) {
  EXPECT_TRUE(contains(failing_checks(Defect::kChangedInput, "exp"), "inputs"));
}

TEST(CanaryTest, LostNanShowsInExtremes) {
  EXPECT_TRUE(contains(failing_checks(Defect::kLostNan, "maximum"), "forward"));
}

TEST(CanaryTest, WrongCodeShowsInErrorSamples) {
  EXPECT_EQ(failing_checks(Defect::kWrongCode, "gather", Layout::kDense, /*errors=*/true),
            Checks{"error"});
}

TEST(CanaryTest, ReplayIsComparedWithEager) {
  for (const char* op : {"add", "sum", "sgd_step"}) {
    EXPECT_EQ(failing_checks(Defect::kReplay, op), Checks{}) << op;
  }
  EXPECT_EQ(failing_checks(Defect::kStaleReplay, "add"), Checks{"replay"});
  EXPECT_EQ(failing_checks(Defect::kStaleReplay, "sgd_step"), Checks{"replay"});
  EXPECT_EQ(failing_checks(Defect::kEarlyReplay, "sgd_step"), Checks{"replay"});
}

TEST(CanaryTest, MissingPrimitiveShows) {
  EXPECT_TRUE(contains(failing_checks(Defect::kMissingKernel, "add"), "kernel"));
}

// Names of the device checks that fail.
Checks failing_device_checks(Defect defect) {
  const Device device = examiner_of(defect).subject;
  Checks failing;
  for (const DeviceCheck& check : device_checks()) {
    if (!check.run(device).empty()) failing.push_back(check.name);
  }
  return failing;
}

TEST(CanaryTest, DeviceChecksFindTheirDefects) {
  EXPECT_EQ(failing_device_checks(Defect::kNone), Checks{});
  EXPECT_EQ(failing_device_checks(Defect::kMoreAttributes), Checks{"UnknownAttributesAreRefused"});
  EXPECT_EQ(failing_device_checks(Defect::kLongMessage), Checks{"MessagesStayInTheirBuffer"});
  EXPECT_EQ(failing_device_checks(Defect::kLostMemory), Checks{"MemoryComesBack"});
}

}  // namespace
}  // namespace tessera::conformance

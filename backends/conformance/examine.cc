// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/conformance/examine.h"

#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "tessera/backends/conformance/run.h"
#include "tessera/backends/conformance/tolerance.h"

namespace tessera::conformance {
namespace {

// Two patterns that no kernel leaves behind by chance. The first reads as nan.
constexpr unsigned char kFill = 0xff, kOtherFill = 0x5a;

// A decomposition rounds after every step.
constexpr double kDecompositionFactor = 4, kHalfDecompositionFactor = 16;

bool is_half(DType dtype) { return dtype == kFloat16 || dtype == kBFloat16; }

// The device's word on which dtypes it has. Integers and bool are not optional.
bool has_dtype(const Device& device, DType dtype) {
  const uint32_t flags = device.info().flags;
  switch (dtype) {
    case kFloat64:
      return (flags & TSR_DEVICE_HAS_FLOAT64) != 0;
    case kFloat16:
      return (flags & TSR_DEVICE_HAS_FLOAT16) != 0;
    case kBFloat16:
      return (flags & TSR_DEVICE_HAS_BFLOAT16) != 0;
    default:
      return true;
  }
}

// Whether the subject does without an op that it need not have.
bool lacks_optional(const Examiner& examiner, const Case& c, std::string* skipped) {
  if (!c.op->has(kOptional)) return false;
  const absl::Status status = run_dispatch(c, host_inputs(c), examiner.subject).status();
  if (!absl::IsUnimplemented(status)) return false;
  if (skipped != nullptr) *skipped = std::string(status.message());
  return true;
}

// "gather: ...". An op of the decomposition may be the one that speaks.
bool begins_with_op(std::string_view message) {
  const size_t colon = message.find(':');
  return colon != std::string_view::npos && find_op(message.substr(0, colon)) != nullptr;
}

void add(std::vector<Finding>& findings, std::string check, std::string message) {
  if (!message.empty()) findings.push_back({std::move(check), std::move(message)});
}

void compare_all(std::string check, const Case& c, const std::vector<HostTensor>& want,
                 const std::vector<HostTensor>& got, double factor,
                 std::vector<Finding>& findings) {
  if (want.size() != got.size()) {
    return add(findings, check, absl::StrCat(got.size(), " outputs, should be ", want.size()));
  }
  for (size_t k = 0; k < want.size(); ++k) {
    const Tolerance t = tolerance_for(*c.op, *c.sample, want[k].dtype).times(factor);
    const std::string d = difference(want[k], got[k], t);
    if (!d.empty()) add(findings, check, absl::StrCat("output ", k, ": ", d));
  }
}

// Elements that still hold what the memory was filled with, in both runs; or differ between runs.
void compare_runs(const std::vector<HostTensor>& first, const std::vector<HostTensor>& second,
                  std::vector<Finding>& findings) {
  for (size_t k = 0; k < first.size(); ++k) {
    const int64_t size = itemsize(first[k].dtype);
    int64_t unwritten = 0, changed = 0, place = -1;
    for (int64_t i = 0; i < first[k].numel(); ++i) {
      const char* a = first[k].bytes.data() + i * size;
      const char* b = second[k].bytes.data() + i * size;
      if (std::memcmp(a, b, size) == 0) continue;
      const std::string filled(size, static_cast<char>(kFill));
      const std::string other(size, static_cast<char>(kOtherFill));
      const bool stale =
          std::memcmp(a, filled.data(), size) == 0 || std::memcmp(b, other.data(), size) == 0;
      (stale ? unwritten : changed) += 1;
      place = i;
    }
    if (unwritten > 0) {
      add(findings, "written",
          absl::StrCat("output ", k, ": ", unwritten, " of ", first[k].numel(),
                       " elements were not written, the last at ", place, " in row-major order"));
    }
    if (changed > 0) {
      add(findings, "repeats",
          absl::StrCat("output ", k, ": ", changed, " of ", first[k].numel(),
                       " elements differ between two runs, the last at ", place,
                       " in row-major order"));
    }
  }
}

}  // namespace

void examine_forward(const Examiner& examiner, const Case& c, std::vector<Finding>& findings) {
  const std::vector<HostInput> inputs = host_inputs(c);
  Case dense = c;
  if (c.layout != Layout::kImmediateFirst && c.layout != Layout::kImmediateLast) {
    dense.layout = Layout::kDense;
  }
  if (c.op->has(kView)) {
    const auto want = run_dispatch(dense, inputs, examiner.oracle);
    const auto got = run_dispatch(c, inputs, examiner.subject);
    if (!want.ok()) return add(findings, "reference", want.status().ToString());
    if (!got.ok()) {
      // A view may refuse a layout, whatever the device.
      const absl::Status refusal = run_dispatch(c, inputs, examiner.oracle).status();
      if (got.status() != refusal) add(findings, "forward", got.status().ToString());
      return;
    }
    return compare_all("forward", c, *want, *got, 1, findings);
  }

  const absl::StatusOr<KernelRun> want = run_kernel(dense, inputs, examiner.oracle, kFill);
  if (!want.ok()) return add(findings, "reference", want.status().ToString());
  const absl::StatusOr<KernelRun> got = run_kernel(c, inputs, examiner.subject, kFill);
  if (absl::IsUnimplemented(got.status())) {
    // A strided output is the host's business where the kernel does not take it, except copy's.
    const bool strided = c.layout == Layout::kStridedOutput && c.op->name != "copy";
    if (c.op->decompose == nullptr && !strided) {
      return add(findings, "kernel",
                 absl::StrCat("a primitive that the backend must have: ", got.status().message()));
    }
    const auto fallback = run_dispatch(c, inputs, examiner.subject);
    if (!fallback.ok()) return add(findings, "fallback", fallback.status().ToString());
    return compare_all("fallback", c, want->outputs, *fallback,
                       is_half(c.dtype) ? kHalfDecompositionFactor : kDecompositionFactor,
                       findings);
  }
  if (!got.ok()) return add(findings, "forward", got.status().ToString());
  const absl::StatusOr<KernelRun> again = run_kernel(c, inputs, examiner.subject, kOtherFill);
  if (!again.ok()) return add(findings, "repeats", again.status().ToString());

  add(findings, "guard", got->guard.empty() ? again->guard : got->guard);
  add(findings, "inputs", got->inputs.empty() ? "" : absl::StrCat(got->inputs, " was changed"));
  compare_runs(got->outputs, again->outputs, findings);
  compare_all("forward", c, want->outputs, got->outputs, 1, findings);
}

void examine_replay(const Examiner& examiner, const Case& c, std::vector<Finding>& findings) {
  const std::vector<HostInput> inputs = host_inputs(c);
  const auto eager = run_kernel(c, inputs, examiner.subject, kFill);
  if (!eager.ok()) return;  // examine_forward's business
  const auto replayed = run_kernel(c, inputs, examiner.subject, kOtherFill, How::kReplay);
  if (absl::IsUnimplemented(replayed.status())) return;
  if (!replayed.ok()) return add(findings, "replay", replayed.status().ToString());
  add(findings, "replay", replayed->guard);
  compare_all("replay", c, eager->outputs, replayed->outputs, 0, findings);
}

void examine_threads(const Examiner& examiner, const Case& c, std::vector<Finding>& findings) {
  const std::vector<HostInput> inputs = host_inputs(c);
  const int before = get_num_threads();
  std::vector<HostTensor> one;
  for (int threads : {1, 2, 3}) {
    set_num_threads(threads);
    const auto run = run_kernel(c, inputs, examiner.subject, kFill);
    if (!run.ok()) {
      if (!absl::IsUnimplemented(run.status())) add(findings, "threads", run.status().ToString());
      break;
    }
    if (threads == 1) one = run->outputs;
    for (size_t k = 0; k < one.size(); ++k) {
      const std::string d = difference(one[k], run->outputs[k], Tolerance());
      if (!d.empty()) {
        add(findings, "threads", absl::StrCat("output ", k, " on ", threads, " threads: ", d));
      }
    }
  }
  set_num_threads(before);
}

void examine_decomposition(const Examiner& examiner, const Case& c,
                           std::vector<Finding>& findings) {
  const std::vector<HostInput> inputs = host_inputs(c);
  const auto want = run_kernel(c, inputs, examiner.oracle, kFill);
  if (!want.ok()) return add(findings, "reference", want.status().ToString());
  const auto got = run_decomposition(c, inputs, examiner.subject);
  if (!got.ok()) return add(findings, "decomposition", got.status().ToString());
  compare_all("decomposition", c, want->outputs, *got,
              is_half(c.dtype) ? kHalfDecompositionFactor : kDecompositionFactor, findings);
}

void examine_error(const Examiner& examiner, const Case& c, std::vector<Finding>& findings) {
  const auto got = run_dispatch(c, host_inputs(c), examiner.subject);
  if (got.ok()) {
    return add(
        findings, "error",
        absl::StrCat("succeeds, should fail with ", absl::StatusCodeToString(c.sample->expected)));
  }
  if (got.status().code() != c.sample->expected) {
    add(findings, "error",
        absl::StrCat("fails with ", got.status().ToString(), "; the code should be ",
                     absl::StatusCodeToString(c.sample->expected)));
    return;
  }
  // What a kernel finds in its data later is reported by the device, with its name before the op.
  std::string_view message = got.status().message();
  absl::ConsumePrefix(&message, absl::StrCat(examiner.subject.name(), ": "));
  if (!begins_with_op(message)) {
    add(findings, "error",
        absl::StrCat("the message does not begin with an op: ", got.status().message()));
  }
}

std::vector<Finding> examine(const Examiner& examiner, const Case& c, std::string* skipped) {
  std::vector<Finding> findings;
  if (c.expects_error()) {
    if (lacks_optional(examiner, c, skipped)) return findings;
    examine_error(examiner, c, findings);
    return findings;
  }
  if (!has_dtype(examiner.subject, c.dtype)) {
    if (skipped != nullptr) *skipped = absl::StrCat("the device has no ", dtype_name(c.dtype));
    return findings;
  }
  if (lacks_optional(examiner, c, skipped)) return findings;
  examine_forward(examiner, c, findings);
  if (c.large) examine_threads(examiner, c, findings);
  if (c.large || c.layout != Layout::kDense) return findings;
  if (!c.op->has(kView)) examine_replay(examiner, c, findings);
  if (c.op->decompose != nullptr) examine_decomposition(examiner, c, findings);
  const bool differentiable = c.op->vjp != nullptr && c.sample->differentiable;
  if (differentiable && (c.dtype == kFloat32 || c.dtype == kFloat64)) {
    examine_gradient(examiner, c, findings);
    if (examiner.finite_differences && c.dtype == kFloat64) {
      examine_finite_differences(examiner, c, findings);
    }
  }
  return findings;
}

}  // namespace tessera::conformance

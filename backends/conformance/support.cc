// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/conformance/support.h"

#include <set>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tessera/backends/conformance/case.h"
#include "tessera/backends/conformance/run.h"

namespace tessera::conformance {
namespace {

std::string cell(const OpDef& op, const Device& device) {
  std::set<std::string_view> native, other;
  for (const Case& c : cases_of(op)) {
    if (c.expects_error() || c.layout != Layout::kDense) continue;
    const auto run = run_kernel(c, host_inputs(c), device, 0, How::kAsk);
    if (run.ok()) native.insert(dtype_name(c.dtype));
    if (absl::IsUnimplemented(run.status())) other.insert(dtype_name(c.dtype));
  }
  if (other.empty()) return native.empty() ? "" : "native";
  const std::string_view rest = op.decompose != nullptr ? "composed" : "missing";
  if (native.empty()) return std::string(rest);
  return absl::StrCat(absl::StrJoin(native, ", "), "; else ", rest);
}

}  // namespace

std::string support_table(absl::Span<const Device> devices) {
  std::string table = "| op | kind |";
  for (const Device& device : devices) absl::StrAppend(&table, " ", device.backend(), " |");
  absl::StrAppend(&table, "\n|---|---|");
  for (size_t k = 0; k < devices.size(); ++k) absl::StrAppend(&table, "---|");
  absl::StrAppend(&table, "\n");
  for (const OpDef* op : all_ops()) {
    if (op->has(kView)) continue;
    absl::StrAppend(&table, "| `", op->name, "` | ",
                    op->has(kOptional)         ? "optional"
                    : op->decompose == nullptr ? "primitive"
                                               : "decomposable",
                    " |");
    for (const Device& device : devices) absl::StrAppend(&table, " ", cell(*op, device), " |");
    absl::StrAppend(&table, "\n");
  }
  return table;
}

}  // namespace tessera::conformance

// SPDX-License-Identifier: Apache-2.0
//
// Prints the devices that Tessera finds, and every place where it looked for a backend with what
// became of it.
#include <algorithm>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tessera/backends/runtime/device_open.h"
#include "tessera/backends/runtime/registry.h"

namespace {

using Row = std::vector<std::string>;

std::string or_dash(std::string text) { return text.empty() ? "-" : std::move(text); }

std::string number_or_dash(uint32_t number) { return number == 0 ? "-" : absl::StrCat(number); }

const char* kind_of(const TsrDeviceInfo& info) {
  switch (info.kind) {
    case TSR_DEVICE_CPU:
      return "cpu";
    case TSR_DEVICE_INTEGRATED:
      return "integrated";
    case TSR_DEVICE_DISCRETE:
      return "discrete";
    default:
      return "-";
  }
}

std::string memory_of(const TsrDeviceInfo& info) {
  if (info.memory_bytes == 0) return "-";
  return absl::StrFormat("%.1f GiB", static_cast<double>(info.memory_bytes) / (1 << 30));
}

std::string types_of(const TsrDeviceInfo& info) {
  std::string types = "float32";
  if (info.flags & TSR_DEVICE_HAS_FLOAT64) types += " float64";
  if (info.flags & TSR_DEVICE_HAS_FLOAT16) types += " float16";
  if (info.flags & TSR_DEVICE_HAS_BFLOAT16) types += " bfloat16";
  return types;
}

Row describe(const std::string& name, const absl::StatusOr<TsrDeviceInfo>& info) {
  if (!info.ok()) return {name, std::string(info.status().message())};
  return {name,
          or_dash(info->name),
          kind_of(*info),
          memory_of(*info),
          number_or_dash(info->compute_units),
          number_or_dash(info->subgroup_size),
          types_of(*info),
          or_dash(info->driver)};
}

void print_aligned(const std::vector<Row>& rows) {
  std::vector<size_t> widths;
  for (const Row& row : rows) {
    if (widths.size() < row.size()) widths.resize(row.size());
    // The last of a row does not push what stands below it.
    for (size_t i = 0; i + 1 < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  for (const Row& row : rows) {
    std::string line = " ";
    for (size_t i = 0; i < row.size(); ++i) {
      absl::StrAppend(&line, " ", row[i]);
      if (i + 1 < row.size()) line.append(widths[i] - row[i].size() + 1, ' ');
    }
    std::puts(line.c_str());
  }
}

}  // namespace

int main(int argc, char**) {
  if (argc > 1) {
    std::fputs("usage: devices\n  Lists devices and backends. Takes no arguments.\n", stderr);
    return 2;
  }
  std::vector<Row> rows = {
      {"device", "name", "kind", "memory", "units", "lanes", "computes in", "driver"}};
  for (const tessera::BackendCandidate& candidate : tessera::backend_candidates()) {
    if (!candidate.taken) continue;
    const absl::StatusOr<tessera::BackendState*> backend = tessera::find_backend(candidate.backend);
    if (!backend.ok()) continue;
    const int count = tessera::count_devices(**backend).value_or(0);
    for (int index = 0; index < count; ++index) {
      rows.push_back(describe(absl::StrCat(candidate.backend, ":", index),
                              tessera::device_info(**backend, index)));
    }
  }
  std::puts(rows.size() == 1 ? "No devices." : "Devices");
  if (rows.size() > 1) print_aligned(rows);
  std::puts("\nBackends, in the order they are looked for");
  std::fputs(tessera::explain_backends().c_str(), stdout);
  tessera::shutdown_backends();
  return 0;
}

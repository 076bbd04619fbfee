// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/conformance/known_failures.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace tessera::conformance {

bool matches(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] == '*') {
    return matches(pattern.substr(1), text) ||
           (!text.empty() && text[0] != '/' && matches(pattern, text.substr(1)));
  }
  return !text.empty() && text[0] == pattern[0] && matches(pattern.substr(1), text.substr(1));
}

absl::StatusOr<KnownFailures> KnownFailures::parse(std::string_view text) {
  KnownFailures known;
  int number = 0;
  for (std::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    line = absl::StripAsciiWhitespace(line);
    if (line.empty() || line[0] == '#') continue;
    const size_t end = line.find_first_of(" \t");
    const std::string_view pattern = line.substr(0, end);
    if (end == std::string_view::npos) {
      return absl::InvalidArgumentError(
          absl::StrCat("line ", number, ": '", pattern, "' has no reason"));
    }
    if (std::count(pattern.begin(), pattern.end(), '/') != 4) {
      return absl::InvalidArgumentError(absl::StrCat(
          "line ", number, ": '", pattern, "' is not <op>/<sample>/<dtype>/<layout>/<check>"));
    }
    const size_t last = pattern.rfind('/');
    known.entries_.push_back({std::string(pattern.substr(0, last)),
                              std::string(pattern.substr(last + 1)),
                              std::string(absl::StripAsciiWhitespace(line.substr(end)))});
  }
  return known;
}

std::vector<Finding> KnownFailures::judge(std::string_view case_name,
                                          std::vector<Finding> findings) const {
  std::vector<bool> excused(findings.size(), false);
  std::vector<Finding> remaining;
  for (const Entry& entry : entries_) {
    if (!matches(entry.case_pattern, case_name)) continue;
    bool used = false;
    for (size_t k = 0; k < findings.size(); ++k) {
      if (!matches(entry.check_pattern, findings[k].check)) continue;
      used = excused[k] = true;
    }
    if (!used) {
      remaining.push_back(
          {"unexpected pass", absl::StrCat("known to fail ", entry.check_pattern,
                                           " because: ", entry.reason, "; remove the entry")});
    }
  }
  for (size_t k = 0; k < findings.size(); ++k) {
    if (!excused[k]) remaining.push_back(std::move(findings[k]));
  }
  return remaining;
}

}  // namespace tessera::conformance

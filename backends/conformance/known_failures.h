// SPDX-License-Identifier: Apache-2.0
//
// What a backend is known to get wrong, as data with reasons.
//
// A file of lines `<op>/<sample>/<dtype>/<layout>/<check>  <reason>`, where `*` stands for any text
// in a part; empty lines and lines that begin with # are skipped. A case that an entry covers must
// fail that check: an unexpected pass is a failure, so that the list cannot outlive its causes.
#ifndef TESSERA_BACKENDS_CONFORMANCE_KNOWN_FAILURES_H_
#define TESSERA_BACKENDS_CONFORMANCE_KNOWN_FAILURES_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "tessera/backends/conformance/examine.h"

namespace tessera::conformance {

class KnownFailures {
 public:
  KnownFailures() = default;
  //   errors: kInvalidArgument with the line's number if it has no reason, or not five parts
  static absl::StatusOr<KnownFailures> parse(std::string_view text);

  // What remains of a case's findings: those that no entry covers, and an "unexpected pass" for
  // every entry that covers the case but none of its findings.
  std::vector<Finding> judge(std::string_view case_name, std::vector<Finding> findings) const;

 private:
  struct Entry {
    std::string case_pattern, check_pattern, reason;
  };
  std::vector<Entry> entries_;
};

// Whether `pattern`, in which * stands for any text without a slash, is `text`.
bool matches(std::string_view pattern, std::string_view text);

}  // namespace tessera::conformance

#endif  // TESSERA_BACKENDS_CONFORMANCE_KNOWN_FAILURES_H_

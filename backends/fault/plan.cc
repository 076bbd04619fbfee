// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/fault/plan.h"

#include <charconv>
#include <string_view>
#include <utility>

namespace tessera::fault {

std::string parse_settings(const char* text, Settings* settings) {
  const std::pair<std::string_view, int64_t*> known[] = {
      {"allocation", &settings->allocation},
      {"kernel", &settings->kernel},
      {"delayed", &settings->delayed},
      {"slow_copy_us", &settings->slow_copy_us},
  };
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::string_view item = rest.substr(0, rest.find(','));
    rest.remove_prefix(item.size() + (item.size() < rest.size() ? 1 : 0));
    const size_t equals = item.find('=');
    int64_t* target = nullptr;
    for (const auto& [name, value] : known) {
      if (item.substr(0, equals) == name) target = value;
    }
    const std::string_view digits = item.substr(equals == item.npos ? item.size() : equals + 1);
    const char* const end = digits.data() + digits.size();
    int64_t number = -1;
    if (target == nullptr || digits.empty() ||
        std::from_chars(digits.data(), end, number).ptr != end || number < 0) {
      return "TESSERA_FAULT: \"" + std::string(item) +
             "\" is not allocation, kernel, delayed or slow_copy_us, =, and a number";
    }
    *target = number;
  }
  return "";
}

}  // namespace tessera::fault

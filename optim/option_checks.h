// SPDX-License-Identifier: Apache-2.0
//
// What is wrong with an option's value, in words: "lr is -1, not at least 0"; empty if nothing is.
#ifndef TESSERA_OPTIM_OPTION_CHECKS_H_
#define TESSERA_OPTIM_OPTION_CHECKS_H_

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace tessera::optim::internal {

// nan is out of every range.
std::string check_at_least(double least, std::string_view name, double value);
inline std::string check_not_negative(std::string_view name, double value) {
  return check_at_least(0, name, value);
}
// Within [least, most].
std::string check_range(double least, double most, std::string_view name, double value);
// Within [0, 1).
std::string check_decay(std::string_view name, double value);
std::string check_betas(const std::pair<double, double>& betas);

std::string first_problem(std::initializer_list<std::string> problems);

}  // namespace tessera::optim::internal

#endif  // TESSERA_OPTIM_OPTION_CHECKS_H_

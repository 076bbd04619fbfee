// SPDX-License-Identifier: Apache-2.0
//
// Options of optimizers and schedules as entries of a StateDict, and back.
//
// An options struct lists its members by PyTorch's names:
//   template <class Self, class F>
//   static void visit(Self& o, F&& f) { f("lr", o.lr); f("nesterov", o.nesterov); }
// Numbers and flags are tensors of rank 0 (float64, int64, uint8), lists have rank 1, enumerations
// are int64. An optional value that is not set has no entry.
#ifndef TESSERA_OPTIM_OPTION_STATE_H_
#define TESSERA_OPTIM_OPTION_STATE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "absl/status/status.h"
#include "tessera/nn/state_dict.h"
#include "tessera/tensor/tensor.h"

namespace tessera::optim::internal {

using nn::StateDict;

Tensor option_tensor(double value);
Tensor option_tensor(int64_t value);
Tensor option_tensor(bool value);
Tensor option_tensor(const std::vector<double>& values);
Tensor option_tensor(const std::vector<int64_t>& values);

// Reads an entry and counts it as used.
//   errors: kInvalidArgument with the name of an entry that is missing or of another shape
absl::Status load_option(const StateDict& dict, const std::string& name, double& out, size_t& used);
absl::Status load_option(const StateDict& dict, const std::string& name, int64_t& out,
                         size_t& used);
absl::Status load_option(const StateDict& dict, const std::string& name, bool& out, size_t& used);
absl::Status load_option(const StateDict& dict, const std::string& name, std::vector<double>& out,
                         size_t& used);
absl::Status load_option(const StateDict& dict, const std::string& name, std::vector<int64_t>& out,
                         size_t& used);

template <class T>
void save_option(StateDict& dict, const std::string& name, const T& value) {
  if constexpr (std::is_enum_v<T>) {
    dict.set(name, option_tensor(static_cast<int64_t>(value)));
  } else {
    dict.set(name, option_tensor(value));
  }
}
template <class T>
void save_option(StateDict& dict, const std::string& name, const std::optional<T>& value) {
  if (value.has_value()) save_option(dict, name, *value);
}

template <class T>
absl::Status load_option(const StateDict& dict, const std::string& name, std::optional<T>& out,
                         size_t& used) {
  out.reset();
  return dict.contains(name) ? load_option(dict, name, out.emplace(), used) : absl::OkStatus();
}
template <class T>
requires std::is_enum_v<T> absl::Status load_option(const StateDict& dict, const std::string& name,
                                                    T& out, size_t& used) {
  int64_t value = 0;
  absl::Status status = load_option(dict, name, value, used);
  out = static_cast<T>(value);
  return status;
}

}  // namespace tessera::optim::internal

#endif  // TESSERA_OPTIM_OPTION_STATE_H_

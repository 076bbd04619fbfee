// SPDX-License-Identifier: Apache-2.0
#include "tessera/optim/option_state.h"

#include "absl/strings/str_cat.h"
#include "tessera/tensor/ops/factory.h"

namespace tessera::optim::internal {
namespace {

absl::Status find_entry(const StateDict& dict, const std::string& name, int64_t rank,
                        const Tensor*& out, size_t& used) {
  out = dict.find(name);
  if (out == nullptr || !out->defined()) {
    return absl::InvalidArgumentError(absl::StrCat("the state lacks '", name, "'"));
  }
  if (rank == 0 ? out->numel() != 1 : out->dim() != rank) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", name, "' of the state has shape ", out->shape().to_string(),
                     rank == 0 ? ", not one number" : ", not of a list"));
  }
  ++used;
  return absl::OkStatus();
}

template <class T>
absl::Status load_number(const StateDict& dict, const std::string& name, T& out, size_t& used) {
  const Tensor* entry = nullptr;
  absl::Status status = find_entry(dict, name, 0, entry, used);
  if (status.ok()) out = entry->item<T>();
  return status;
}

template <class T>
absl::Status load_list(const StateDict& dict, const std::string& name, std::vector<T>& out,
                       size_t& used) {
  const Tensor* entry = nullptr;
  absl::Status status = find_entry(dict, name, 1, entry, used);
  if (status.ok()) out = entry->to_vector<T>();
  return status;
}

}  // namespace

Tensor option_tensor(double value) { return tensor<double>({value}, Shape{}); }
Tensor option_tensor(int64_t value) { return tensor<int64_t>({value}, Shape{}); }
Tensor option_tensor(bool value) { return tensor<uint8_t>({static_cast<uint8_t>(value)}, Shape{}); }
Tensor option_tensor(const std::vector<double>& values) { return tensor<double>(values); }
Tensor option_tensor(const std::vector<int64_t>& values) { return tensor<int64_t>(values); }

absl::Status load_option(const StateDict& dict, const std::string& name, double& out,
                         size_t& used) {
  return load_number(dict, name, out, used);
}
absl::Status load_option(const StateDict& dict, const std::string& name, int64_t& out,
                         size_t& used) {
  return load_number(dict, name, out, used);
}
absl::Status load_option(const StateDict& dict, const std::string& name, bool& out, size_t& used) {
  return load_number(dict, name, out, used);
}
absl::Status load_option(const StateDict& dict, const std::string& name, std::vector<double>& out,
                         size_t& used) {
  return load_list(dict, name, out, used);
}
absl::Status load_option(const StateDict& dict, const std::string& name, std::vector<int64_t>& out,
                         size_t& used) {
  return load_list(dict, name, out, used);
}

}  // namespace tessera::optim::internal

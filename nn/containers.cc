// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/containers.h"

#include "absl/strings/str_join.h"

namespace tessera::nn {
namespace {

void check_defined(const Tensor& value, std::string_view container) {
  if (value.defined()) return;
  raise(absl::InvalidArgumentError(
      absl::StrCat(container, ": an undefined tensor cannot be a parameter")));
}

// "(0): float32 [2, 3], (1): ..."
std::string describe(const std::vector<NamedTensor>& parameters) {
  return absl::StrJoin(parameters, ", ", [](std::string* out, const NamedTensor& p) {
    absl::StrAppend(out, "(", p.first, "): ", dtype_name(p.second.dtype()), " ",
                    p.second.shape().to_string());
  });
}

}  // namespace

Tensor ParameterList::push_back(Tensor value) {
  check_defined(value, "ParameterList");
  values_.push_back(add_parameter(absl::StrCat(size()), std::move(value)));
  return values_.back();
}

const Tensor& ParameterList::operator[](int64_t index) const {
  const int64_t place = index < 0 ? index + size() : index;
  if (place < 0 || place >= size()) {
    raise(absl::OutOfRangeError(
        absl::StrCat("ParameterList: index ", index, " of ", size(), " parameters")));
  }
  return values_[place];
}

std::string ParameterList::extra_repr() const { return describe(own_parameters()); }

Tensor ParameterDict::insert(const std::string& key, Tensor value) {
  check_defined(value, "ParameterDict");
  return add_parameter(key, std::move(value));
}

bool ParameterDict::contains(std::string_view key) const {
  for (const NamedTensor& p : own_parameters()) {
    if (p.first == key) return true;
  }
  return false;
}

const Tensor& ParameterDict::operator[](std::string_view key) const {
  for (const NamedTensor& p : own_parameters()) {
    if (p.first == key) return p.second;
  }
  raise(absl::NotFoundError(absl::StrCat("ParameterDict: no parameter is named '", key, "'")));
}

std::vector<std::string> ParameterDict::keys() const {
  std::vector<std::string> keys;
  for (const NamedTensor& p : own_parameters()) keys.push_back(p.first);
  return keys;
}

std::string ParameterDict::extra_repr() const { return describe(own_parameters()); }

}  // namespace tessera::nn

// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/state_dict.h"

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tessera/backends/runtime/error.h"

namespace tessera::nn {

void StateDict::set(std::string name, Tensor tensor) {
  auto [it, is_new] = places_.try_emplace(name, entries_.size());
  if (is_new) {
    entries_.emplace_back(std::move(name), std::move(tensor));
  } else {
    entries_[it->second].second = std::move(tensor);
  }
}

bool StateDict::erase(std::string_view name) {
  auto it = places_.find(name);
  if (it == places_.end()) return false;
  const size_t place = it->second;
  places_.erase(it);
  entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(place));
  for (auto& [key, value] : places_) {
    if (value > place) --value;
  }
  return true;
}

const Tensor* StateDict::find(std::string_view name) const {
  auto it = places_.find(name);
  return it == places_.end() ? nullptr : &entries_[it->second].second;
}

const Tensor& StateDict::at(std::string_view name) const {
  const Tensor* tensor = find(name);
  if (tensor == nullptr) {
    raise(absl::NotFoundError(absl::StrCat("the state dict has no entry '", name, "'")));
  }
  return *tensor;
}

void StateDict::insert(std::string_view prefix, const StateDict& other) {
  for (const auto& [name, tensor] : other) set(absl::StrCat(prefix, name), tensor);
}

StateDict StateDict::with_prefix(std::string_view prefix) const {
  StateDict result;
  for (const auto& [name, tensor] : entries_) {
    if (absl::StartsWith(name, prefix)) result.set(name.substr(prefix.size()), tensor);
  }
  return result;
}

std::vector<std::string> StateDict::keys() const {
  std::vector<std::string> result;
  result.reserve(entries_.size());
  for (const auto& entry : entries_) result.push_back(entry.first);
  return result;
}

}  // namespace tessera::nn

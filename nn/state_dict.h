// SPDX-License-Identifier: Apache-2.0
//
// StateDict: named tensors in order, what models and optimizers save and load.
//
//   nn::StateDict state = model.state_dict();
//   state.at("features.0.weight").shape();
//   for (const auto& [name, tensor] : state) std::cout << name << ' ' <<
//   tensor.shape().to_string();
#ifndef TESSERA_NN_STATE_DICT_H_
#define TESSERA_NN_STATE_DICT_H_

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "tessera/tensor/tensor.h"

namespace tessera::nn {

using NamedTensor = std::pair<std::string, Tensor>;

// Holds handles: the tensors are shared with whoever gave them. Not thread-safe while it is
// written.
class StateDict {
 public:
  StateDict() = default;
  StateDict(std::initializer_list<NamedTensor> entries) {
    for (const NamedTensor& entry : entries) set(entry.first, entry.second);
  }

  // Adds an entry at the end, or replaces the tensor of the entry of that name.
  void set(std::string name, Tensor tensor);
  // Removes an entry; false if there is none.
  bool erase(std::string_view name);

  // nullptr if there is none. Valid until the next call that is not const.
  const Tensor* find(std::string_view name) const;
  bool contains(std::string_view name) const { return find(name) != nullptr; }
  //   errors: throws kNotFound with the name if there is none
  const Tensor& at(std::string_view name) const;

  // Adds every entry of `other` under `prefix` + its name: a checkpoint of several objects in one.
  void insert(std::string_view prefix, const StateDict& other);
  // The entries whose names begin with `prefix`, without it.
  StateDict with_prefix(std::string_view prefix) const;

  size_t size() const { return entries_.size(); }
  bool empty() const { return entries_.empty(); }
  std::vector<std::string> keys() const;
  std::vector<NamedTensor>::const_iterator begin() const { return entries_.begin(); }
  std::vector<NamedTensor>::const_iterator end() const { return entries_.end(); }

 private:
  std::vector<NamedTensor> entries_;
  absl::flat_hash_map<std::string, size_t> places_;  // in entries_
};

}  // namespace tessera::nn

#endif  // TESSERA_NN_STATE_DICT_H_

// SPDX-License-Identifier: Apache-2.0
//
// ModuleDict, ParameterList and ParameterDict, as torch.nn's: parts under names or numbers, which
// their owner uses as it likes. Sequential and ModuleList are in nn/sequential.h.
//
//   struct Branches : nn::Module {
//     nn::ModuleDict<>& heads = add("heads", nn::ModuleDict<>());
//     nn::ParameterList& scales = add("scales", nn::ParameterList());
//     Branches() {
//       heads.insert("digit", nn::Linear(128, 10));
//       heads.insert("parity", nn::Linear(128, 2));
//       scales.push_back(ones({1}));
//     }
//     Tensor forward(const Tensor& x) override { return heads["parity"](x * scales[0]); }
//   };
#ifndef TESSERA_NN_CONTAINERS_H_
#define TESSERA_NN_CONTAINERS_H_

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/nn/module.h"

namespace tessera::nn {

// Modules of one type (nn::Module for a mix) under names, in the order of their insertion.
template <std::derived_from<Module> M = Module>
class ModuleDict : public Module {
 public:
  // Moves `child` in and returns it at its final place.
  //   errors: throws kInvalidArgument for a name that is empty, has a '.', or is taken
  template <std::derived_from<M> Child>
  Child& insert(const std::string& key, Child child) {
    Child& reference = add(key, std::move(child));
    set_scope_name(reference, scope_name().empty() ? key : absl::StrCat(scope_name(), ".", key));
    items_.emplace_back(key, &reference);
    return reference;
  }

  bool contains(std::string_view key) const { return find(key) != nullptr; }
  //   errors: throws kNotFound
  M& operator[](std::string_view key) const {
    M* module = find(key);
    if (module == nullptr) {
      raise(absl::NotFoundError(absl::StrCat("ModuleDict: no module is named '", key, "'")));
    }
    return *module;
  }
  int64_t size() const { return static_cast<int64_t>(items_.size()); }
  std::vector<std::string> keys() const {
    std::vector<std::string> keys;
    for (const auto& item : items_) keys.push_back(item.first);
    return keys;
  }
  // for (const auto& [key, module] : dict) y = y + (*module)(x);
  auto begin() const { return items_.begin(); }
  auto end() const { return items_.end(); }

 protected:
  // The dict is not called, so its children carry its name: "heads.digit".
  void on_named(const std::string& scope_name) override {
    for (const auto& [key, module] : items_) {
      set_scope_name(*module, absl::StrCat(scope_name, ".", key));
    }
  }

 private:
  M* find(std::string_view key) const {
    for (const auto& [name, module] : items_) {
      if (name == key) return module;
    }
    return nullptr;
  }

  std::vector<std::pair<std::string, M*>> items_;  // owned by Module
};

// Parameters named "0", "1", ... in order.
class ParameterList : public Module {
 public:
  // Registers a tensor and makes it require a gradient.
  //   errors: throws kInvalidArgument as Module::add_parameter, and for an undefined tensor
  Tensor push_back(Tensor value);

  int64_t size() const { return static_cast<int64_t>(own_parameters().size()); }
  // Negative: from the end.
  //   errors: throws kOutOfRange
  const Tensor& operator[](int64_t index) const;
  auto begin() const { return values_.begin(); }
  auto end() const { return values_.end(); }
  std::string extra_repr() const override;

 private:
  std::vector<Tensor> values_;
};

// Parameters under names, in the order of their insertion.
class ParameterDict : public Module {
 public:
  //   errors: throws kInvalidArgument as Module::add_parameter, and for an undefined tensor
  Tensor insert(const std::string& key, Tensor value);

  bool contains(std::string_view key) const;
  //   errors: throws kNotFound
  const Tensor& operator[](std::string_view key) const;
  int64_t size() const { return static_cast<int64_t>(own_parameters().size()); }
  std::vector<std::string> keys() const;
  // for (const auto& [key, value] : dict)
  auto begin() const { return own_parameters().begin(); }
  auto end() const { return own_parameters().end(); }
  std::string extra_repr() const override;
};

}  // namespace tessera::nn

#endif  // TESSERA_NN_CONTAINERS_H_

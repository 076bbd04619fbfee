// SPDX-License-Identifier: Apache-2.0
//
// Sequential: modules run one after the other. ModuleList: modules in a list, which its owner runs.
//
//   nn::Sequential mlp(nn::Linear(784, 128), nn::ReLU(), nn::Linear(128, 10));
//   mlp.push_back(nn::Dropout(0.1));
//   Tensor y = mlp(x);
//   static_cast<nn::Linear&>(mlp[0]).weight;
#ifndef TESSERA_NN_SEQUENTIAL_H_
#define TESSERA_NN_SEQUENTIAL_H_

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tessera/nn/module.h"

namespace tessera::nn {

namespace internal {

// An index into `size` modules, counted from the end if it is negative, in [0, size).
//   errors: throws kOutOfRange
size_t place_in_list(std::string_view container, int64_t index, int64_t size);

}  // namespace internal

// The children are named "0", "1", ... in order, or as push_back is told.
class Sequential : public Module {
 public:
  Sequential() = default;
  Sequential(Sequential&&) = default;
  Sequential& operator=(Sequential&&) = default;

  template <TensorModule... Ms>
  requires(sizeof...(Ms) > 0 && !(sizeof...(Ms) == 1 && (std::same_as<Ms, Sequential> &&
                                                         ...))) explicit Sequential(Ms... modules) {
    modules_.reserve(sizeof...(Ms));
    (push_back(std::move(modules)), ...);
  }

  // Adds a module at the end and returns it at its final place.
  template <TensorModule M>
  M& push_back(M module) {
    return push_back(std::to_string(modules_.size()), std::move(module));
  }
  template <TensorModule M>
  M& push_back(std::string name, M module) {
    M& reference = add(std::move(name), std::move(module));
    modules_.push_back(&reference);
    return reference;
  }
  template <TensorModule M>
  M& push_back(std::unique_ptr<M> module) {
    M& reference = add(std::to_string(modules_.size()), std::move(module));
    modules_.push_back(&reference);
    return reference;
  }

  int64_t size() const { return static_cast<int64_t>(modules_.size()); }
  // Negative: from the end.
  //   errors: throws kOutOfRange
  Module& operator[](int64_t index) const;

  Tensor forward(const Tensor& input) override { return forward_over(input); }
  Tensor forward_over(Tensor input) override;

 private:
  std::vector<Module*> modules_;  // owned by Module
};

// Holds modules of one type (nn::Module for a mix) that its owner calls as it likes; it has no
// forward itself.
template <std::derived_from<Module> M = Module>
class ModuleList : public Module {
 public:
  // Adds a module at the end and returns it at its final place.
  template <std::derived_from<M> Child>
  Child& push_back(Child child) {
    return insert(size(), std::move(child));
  }
  template <std::derived_from<M> Child>
  Child& push_back(std::unique_ptr<Child> child) {
    return insert(size(), std::move(child));
  }

  // The same before the module that is at `index` (negative: from the end), which moves on by one
  // with all behind it, and so do their names.
  //   errors: throws kOutOfRange for an index that is not in [-size, size]
  template <std::derived_from<M> Child>
  Child& insert(int64_t index, Child child) {
    return insert(index, std::make_unique<Child>(std::move(child)));
  }
  template <std::derived_from<M> Child>
  Child& insert(int64_t index, std::unique_ptr<Child> child) {
    const size_t place =
        index == size() ? modules_.size() : internal::place_in_list("ModuleList", index, size());
    Child& reference = *child;
    insert_child(place, std::move(child));
    modules_.insert(modules_.begin() + static_cast<std::ptrdiff_t>(place), &reference);
    on_named(std::string(scope_name()));
    return reference;
  }

  // Adds the modules of another list, or of a vector, in their order.
  ModuleList& extend(ModuleList other) {
    std::vector<M*> modules = std::move(other.modules_);
    std::vector<std::unique_ptr<Module>> owners = other.release_children();
    for (size_t i = 0; i < modules.size(); ++i) {
      insert_child(modules_.size(), std::move(owners[i]));
      modules_.push_back(modules[i]);
    }
    on_named(std::string(scope_name()));
    return *this;
  }
  template <std::derived_from<M> Child>
  ModuleList& extend(std::vector<Child> modules) {
    for (Child& module : modules) push_back(std::move(module));
    return *this;
  }

  int64_t size() const { return static_cast<int64_t>(modules_.size()); }
  // Negative: from the end.
  //   errors: throws kOutOfRange
  M& operator[](int64_t index) const {
    return *modules_[internal::place_in_list("ModuleList", index, size())];
  }
  // for (Block* block : blocks) x = (*block)(x);
  auto begin() const { return modules_.begin(); }
  auto end() const { return modules_.end(); }

 protected:
  // The list is not called, so its children carry its name: "blocks.0".
  void on_named(const std::string& scope_name) override {
    for (M* module : modules_) {
      set_scope_name(*module,
                     scope_name.empty() ? module->name() : scope_name + "." + module->name());
    }
  }

 private:
  std::vector<M*> modules_;  // owned by Module
};

}  // namespace tessera::nn

#endif  // TESSERA_NN_SEQUENTIAL_H_

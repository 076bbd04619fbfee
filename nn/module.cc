// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/module.h"

#include <cstddef>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/nn/module_state.h"

namespace tessera::nn {

Module::Module() : state_(std::make_unique<State>()) {}
Module::Module(Module&&) noexcept = default;
Module& Module::operator=(Module&&) noexcept = default;
Module::~Module() = default;

// ---- Running ----

Tensor Module::forward(const Tensor& /*input*/) {
  raise(absl::UnimplementedError(
      absl::StrCat(ModuleScope::path(), type_name(), " has no forward(Tensor)")));
}

Tensor Module::operator()(const Tensor& input) {
  ModuleScope scope(scope_name(), type_name());
  const std::shared_ptr<void> computed = computed_parameters();
  if (!has_hooks()) [[likely]]
    return forward(input);
  return run_with_hooks(input);
}

bool Module::has_hooks() const {
  return !(pre_hooks_.empty() && hooks_.empty() && backward_pre_hooks_.empty() &&
           backward_hooks_.empty());
}

Tensor Module::run_with_hooks(const Tensor& input) {
  Tensor changed = input, output;
  pre_hooks_.run(*this, changed);
  if (backward_pre_hooks_.empty() && backward_hooks_.empty()) {
    output = forward(changed);
    hooks_.run(*this, changed, output);
    return output;
  }
  internal::WatchedCall call(
      {.before = [this](auto& grad_output) { backward_pre_hooks_.run(*this, grad_output[0]); },
       .after =
           [this](auto& grad_input, const auto& grad_output) {
             backward_hooks_.run(*this, grad_input[0], grad_output[0]);
           }});
  call.watch_inputs({&changed});
  output = forward(changed);
  hooks_.run(*this, changed, output);
  call.watch_outputs({&output});
  return output;
}

Tensor Module::operator()(Tensor&& input) {
  // Hooks see an input that is still what it was.
  if (has_hooks()) [[unlikely]]
    return (*this)(static_cast<const Tensor&>(input));
  ModuleScope scope(scope_name(), type_name());
  const std::shared_ptr<void> computed = computed_parameters();
  return forward_over(std::move(input));
}

HookHandle Module::register_forward_pre_hook(std::function<void(Module&, Tensor&)> hook) {
  return pre_hooks_.add(std::move(hook));
}

HookHandle Module::register_forward_hook(
    std::function<void(Module&, const Tensor&, Tensor&)> hook) {
  return hooks_.add(std::move(hook));
}

HookHandle Module::register_full_backward_pre_hook(std::function<void(Module&, Tensor&)> hook) {
  return backward_pre_hooks_.add(std::move(hook));
}

HookHandle Module::register_full_backward_hook(
    std::function<void(Module&, Tensor&, const Tensor&)> hook) {
  return backward_hooks_.add(std::move(hook));
}

// ---- Building ----

void Module::check_new_name(std::string_view name) const {
  auto refuse = [&](std::string_view why) {
    raise(absl::InvalidArgumentError(
        absl::StrCat(type_name(), ": the name '", name, "' of a part ", why)));
  };
  if (name.empty()) refuse("is empty");
  if (name.find('.') != name.npos) refuse("contains a '.'");
  for (const NamedTensor& p : state_->parameters) {
    if (p.first == name) refuse("is taken by a parameter");
  }
  for (const State::Buffer& b : state_->buffers) {
    if (b.name == name) refuse("is taken by a buffer");
  }
  for (const State::Child& c : state_->children) {
    if (c.name == name) refuse("is taken by a module");
  }
}

void Module::add_child(std::string name, std::unique_ptr<Module> child) {
  check_new_name(name);
  child->state_->name = name;
  set_scope_name(*child, name);
  state_->children.push_back({std::move(name), std::move(child)});
}

void Module::insert_child(size_t place, std::unique_ptr<Module> child) {
  std::vector<State::Child>& children = state_->children;
  if (place > children.size()) {
    raise(absl::OutOfRangeError(
        absl::StrCat(type_name(), ": cannot insert a module at ", place, " of ", children.size())));
  }
  children.insert(children.begin() + static_cast<std::ptrdiff_t>(place), {"", std::move(child)});
  for (size_t i = place; i < children.size(); ++i) {
    children[i].name = children[i].module->state_->name = absl::StrCat(i);
  }
}

std::vector<std::unique_ptr<Module>> Module::release_children() {
  std::vector<std::unique_ptr<Module>> released;
  for (State::Child& c : std::exchange(state_->children, {}))
    released.push_back(std::move(c.module));
  return released;
}

void Module::set_scope_name(Module& module, std::string name) {
  module.state_->scope_name = std::move(name);
  module.on_named(module.state_->scope_name);
}

std::string_view Module::scope_name() const { return state_->scope_name; }

Tensor Module::add_parameter(std::string name, Tensor value) {
  check_new_name(name);
  if (!value.defined()) return value;
  if (!value.is_floating_point()) {
    raise(absl::InvalidArgumentError(absl::StrCat(type_name(), ": parameter '", name, "' is ",
                                                  dtype_name(value.dtype()),
                                                  ", which cannot be trained")));
  }
  if (!value.is_leaf()) {
    raise(absl::InvalidArgumentError(
        absl::StrCat(type_name(), ": parameter '", name,
                     "' was computed from tensors that require a gradient; "
                     "compute it under a NoGradGuard, or detach() it")));
  }
  value.requires_grad_();
  state_->parameters.emplace_back(std::move(name), value);
  return value;
}

Tensor Module::add_buffer(std::string name, Tensor value, bool persistent) {
  check_new_name(name);
  if (value.defined()) state_->buffers.push_back({std::move(name), value, persistent});
  return value;
}

}  // namespace tessera::nn

// SPDX-License-Identifier: Apache-2.0
//
// What a module is made of, and what is done to all of it.
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/nn/module.h"
#include "tessera/nn/module_state.h"
#include "tessera/tensor/capture_hooks.h"
#include "tessera/tensor/dispatch.h"

namespace tessera::nn {
namespace {

// Makes every handle of `target` stand for `value`'s data.
void replace_data(const Tensor& target, const Tensor& value) {
  TensorImpl& to = target.impl();
  const TensorImpl& from = value.impl();
  to.storage = from.storage;
  to.shape = from.shape;
  to.strides = from.strides;
  to.offset = from.offset;
  to.numel = from.numel;
  to.dtype = from.dtype;
  to.contiguous = from.contiguous;
}

std::vector<NamedTensor> without_repeats(std::vector<NamedTensor> list) {
  absl::flat_hash_set<const TensorImpl*> seen;
  std::erase_if(list, [&](const NamedTensor& e) { return !seen.insert(&e.second.impl()).second; });
  return list;
}

std::vector<Tensor> tensors_of(std::vector<NamedTensor> list) {
  std::vector<Tensor> result;
  result.reserve(list.size());
  for (NamedTensor& entry : list) result.push_back(std::move(entry.second));
  return result;
}

}  // namespace

void Module::set_uninitialized() { state_->uninitialized = true; }

void Module::check_initialized(const std::string& path) const {
  if (!state_->uninitialized) return;
  raise(absl::FailedPreconditionError(absl::StrCat(
      path.empty() ? type_name() : absl::StrCat(path, " (", type_name(), ")"),
      " has no parameters before its first input: run the model once, or load a state dict")));
}

// `complete`: refuse a module whose parameters are still to come.
void Module::collect(const std::string& prefix, bool buffers, std::vector<NamedTensor>& out,
                     bool complete) const {
  if (complete) check_initialized(prefix);
  if (buffers) {
    for (const State::Buffer& b : state_->buffers) {
      out.emplace_back(join_names(prefix, b.name), b.value);
    }
  } else {
    for (const auto& [name, value] : state_->parameters) {
      out.emplace_back(join_names(prefix, name), value);
    }
  }
  for (const State::Child& c : state_->children) {
    c.module->collect(join_names(prefix, c.name), buffers, out, complete);
  }
}

std::vector<NamedTensor> Module::named_parameters() const {
  std::vector<NamedTensor> result;
  collect("", /*buffers=*/false, result, /*complete=*/true);
  return without_repeats(std::move(result));
}

std::vector<NamedTensor> Module::named_buffers() const {
  std::vector<NamedTensor> result;
  collect("", /*buffers=*/true, result, /*complete=*/true);
  return without_repeats(std::move(result));
}

std::vector<Tensor> Module::parameters() const { return tensors_of(named_parameters()); }
std::vector<Tensor> Module::buffers() const { return tensors_of(named_buffers()); }
const std::vector<NamedTensor>& Module::own_parameters() const { return state_->parameters; }

std::vector<Module*> Module::children() const {
  std::vector<Module*> result;
  for (const State::Child& c : state_->children) result.push_back(c.module.get());
  return result;
}

std::vector<std::pair<std::string, Module*>> Module::named_children() const {
  std::vector<std::pair<std::string, Module*>> result;
  for (const State::Child& c : state_->children) result.emplace_back(c.name, c.module.get());
  return result;
}

void Module::collect_modules(const std::string& prefix,
                             std::vector<std::pair<std::string, Module*>>& out) {
  out.emplace_back(prefix, this);
  for (const State::Child& c : state_->children) {
    c.module->collect_modules(join_names(prefix, c.name), out);
  }
}

std::vector<std::pair<std::string, Module*>> Module::named_modules() {
  std::vector<std::pair<std::string, Module*>> result;
  collect_modules("", result);
  return result;
}

int64_t Module::num_parameters(bool only_trainable) const {
  int64_t total = 0;
  for (const Tensor& p : parameters()) {
    if (p.requires_grad() || !only_trainable) total += p.numel();
  }
  return total;
}

Module& Module::apply(const std::function<void(Module&)>& f) {
  for (const State::Child& c : state_->children) c.module->apply(f);
  f(*this);
  return *this;
}

// ---- Modes ----

Module& Module::train(bool on) {
  return apply([on](Module& module) { *module.state_->training = on; });
}

bool Module::is_training() const {
  // What a compiled step does depends on it.
  if (StepRecorder* recorder = step_recorder()) {
    recorder->on_guard(
        [training = state_->training, now = *state_->training] { return *training == now; });
  }
  return *state_->training;
}

Module& Module::requires_grad_(bool value) {
  for (Tensor& p : parameters()) p.requires_grad_(value);
  return *this;
}

void Module::zero_grad(bool set_to_none) {
  NoGradGuard no_grad;
  for (Tensor& p : parameters()) {
    Tensor gradient = p.grad();
    if (set_to_none || !gradient.defined()) {
      p.set_grad(Tensor());
    } else {
      gradient.detach().zero_();
    }
  }
}

// ---- Place and dtype ----

void Module::replace_tensors(const std::function<Tensor(const Tensor&)>& change) {
  NoGradGuard no_grad;
  invalidate_recordings();
  // What is still to come takes its first input's place and dtype.
  auto present = [this](bool buffers) {
    std::vector<NamedTensor> list;
    collect("", buffers, list, /*complete=*/false);
    return tensors_of(without_repeats(std::move(list)));
  };
  for (const Tensor& p : present(/*buffers=*/false)) {
    replace_data(p, change(p.detach()));
    if (Tensor gradient = p.grad(); gradient.defined()) {
      Tensor(p).set_grad(change(gradient.detach()));
    }
  }
  for (const Tensor& b : present(/*buffers=*/true)) replace_data(b, change(b.detach()));
  apply([&](Module& module) {
    for (const State::Reparametrization& r : module.state_->reparametrizations) {
      replace_data(r.parameter.second, change(r.parameter.second.detach()));
    }
  });
}

Module& Module::to(const Device& device) {
  replace_tensors([&](const Tensor& x) { return x.to(device); });
  return *this;
}

Module& Module::to(DType dtype) {
  if (!is_floating_point(dtype)) {
    raise(absl::InvalidArgumentError(absl::StrCat(type_name(), ".to(", dtype_name(dtype),
                                                  "): modules take floating point dtypes only")));
  }
  replace_tensors([&](const Tensor& x) { return x.is_floating_point() ? x.to(dtype) : x; });
  return *this;
}

}  // namespace tessera::nn

// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/module.h"

#include <cxxabi.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <ostream>
#include <typeindex>
#include <typeinfo>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/container/node_hash_set.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/synchronization/mutex.h"
#include "tessera/autograd/function.h"
#include "tessera/autograd/stand_in.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/tensor/dispatch.h"

namespace tessera::nn {
namespace {

// "tessera::nn::Conv2d" -> "Conv2d", "(anonymous namespace)::Net<a::b>" -> "Net".
std::string short_type_name(const std::type_info& type) {
  int status = 0;
  char* demangled = abi::__cxa_demangle(type.name(), nullptr, nullptr, &status);
  std::string full = status == 0 ? demangled : type.name();
  std::free(demangled);
  // "(anonymous namespace)" and function names hold brackets of their own.
  size_t end = full.size(), begin = 0;
  int depth = 0;
  for (size_t i = full.size(); i-- > 0;) {
    const char c = full[i];
    if (c == '>' || c == ')' || c == '}') ++depth;
    if (c == '<' || c == '(' || c == '{') {
      --depth;
      if (depth == 0 && c == '<') end = i;
    }
    if (depth == 0 && c == ':') {
      begin = i + 1;
      break;
    }
  }
  return full.substr(begin, end - begin);
}

// The same text for the program's life.
const std::string* interned(std::string_view text) {
  static absl::Mutex mutex(absl::kConstInit);
  static auto* texts = new absl::node_hash_set<std::string>;
  absl::MutexLock lock(&mutex);
  return &*texts->emplace(text).first;
}

// Names live as long as the program, so that modules can keep a pointer.
const std::string* interned_type_name(const std::type_info& type) {
  static absl::Mutex mutex(absl::kConstInit);
  static auto* names = new absl::flat_hash_map<std::type_index, std::unique_ptr<std::string>>;
  absl::MutexLock lock(&mutex);
  std::unique_ptr<std::string>& name = (*names)[std::type_index(type)];
  if (name == nullptr) name = std::make_unique<std::string>(short_type_name(type));
  return name.get();
}

std::string join_names(const std::string& prefix, std::string_view name) {
  return prefix.empty() ? std::string(name) : absl::StrCat(prefix, ".", name);
}

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

struct Module::State {
  struct Buffer {
    std::string name;
    Tensor value;
    bool persistent;
  };
  struct Child {
    std::string name;
    std::unique_ptr<Module> module;
  };
  // A parameter that was taken out, what it was made into, and how it is computed.
  struct Reparametrization {
    NamedTensor parameter;
    std::vector<std::string> parts;
    std::function<Tensor()> compute;
  };
  std::string name;
  std::string scope_name;
  std::vector<Reparametrization> reparametrizations;
  std::vector<NamedTensor> parameters;
  std::vector<Buffer> buffers;
  std::vector<Child> children;
  bool training = true;
  bool uninitialized = false;
  std::atomic<const std::string*> type_name{nullptr};
};

Module::Module() : state_(std::make_unique<State>()) {}
Module::Module(Module&&) noexcept = default;
Module& Module::operator=(Module&&) noexcept = default;
Module::~Module() = default;

// ---- running
// -------------------------------------------------------------------------------------

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
  Tensor changed = input;
  pre_hooks_.run(*this, changed);
  const bool is_watched =
      dispatch_state().grad_mode && !(backward_pre_hooks_.empty() && backward_hooks_.empty());
  if (!is_watched) {
    Tensor output = forward(changed);
    hooks_.run(*this, changed, output);
    return output;
  }
  // The backward pass comes by the output first, and leaves its gradient here.
  auto grad_output = std::make_shared<Tensor>();
  const bool input_is_watched = changed.requires_grad();
  if (input_is_watched) changed = watch_input(changed, grad_output);
  Tensor output = forward(changed);
  hooks_.run(*this, changed, output);
  return watch_output(output, grad_output, input_is_watched);
}

Tensor Module::watch_input(const Tensor& input, const std::shared_ptr<Tensor>& grad_output) {
  return autograd::custom_function(
      "module_input", {input}, [&] { return std::vector<Tensor>{input}; },
      [this, grad_output](VjpContext& c) {
        Tensor gradient = c.grad();
        backward_hooks_.run(*this, gradient, *grad_output);
        c.set(0, gradient);
      })[0];
}

Tensor Module::watch_output(const Tensor& output, const std::shared_ptr<Tensor>& grad_output,
                            bool input_is_watched) {
  return autograd::custom_function(
      "module_output", {output}, [&] { return std::vector<Tensor>{output}; },
      [this, grad_output, input_is_watched](VjpContext& c) {
        *grad_output = c.grad();
        backward_pre_hooks_.run(*this, *grad_output);
        if (!input_is_watched) {
          Tensor none;
          backward_hooks_.run(*this, none, *grad_output);
        }
        c.set(0, *grad_output);
      })[0];
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

// ---- building
// ------------------------------------------------------------------------------------

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

void Module::reparametrize(const std::string& name, const std::vector<NamedTensor>& parts,
                           std::function<Tensor()> compute) {
  auto& list = state_->parameters;
  const auto place =
      std::find_if(list.begin(), list.end(), [&](const NamedTensor& p) { return p.first == name; });
  if (place == list.end()) {
    raise(absl::NotFoundError(absl::StrCat(type_name(), " has no parameter '", name, "'")));
  }
  for (const NamedTensor& part : parts) check_new_name(part.first);
  State::Reparametrization taken = {*place, {}, std::move(compute)};
  list.erase(place);
  for (const NamedTensor& part : parts) {
    add_parameter(part.first, part.second);
    taken.parts.push_back(part.first);
  }
  state_->reparametrizations.push_back(std::move(taken));
}

void Module::remove_reparametrization(const std::string& name) {
  auto& list = state_->reparametrizations;
  const auto place = std::find_if(list.begin(), list.end(),
                                  [&](const auto& r) { return r.parameter.first == name; });
  if (place == list.end()) {
    raise(absl::NotFoundError(
        absl::StrCat(type_name(), ": '", name, "' is not a reparametrized parameter")));
  }
  {
    NoGradGuard no_grad;
    Tensor target = place->parameter.second.detach();
    target.copy_(place->compute());
  }
  std::erase_if(state_->parameters, [&](const NamedTensor& p) {
    return std::find(place->parts.begin(), place->parts.end(), p.first) != place->parts.end();
  });
  state_->parameters.push_back(place->parameter);
  list.erase(place);
}

std::shared_ptr<void> Module::computed_parameters() const {
  if (state_->reparametrizations.empty()) [[likely]]
    return nullptr;
  auto computed = std::make_shared<std::vector<std::unique_ptr<autograd::StandIn>>>();
  for (const State::Reparametrization& r : state_->reparametrizations) {
    computed->push_back(std::make_unique<autograd::StandIn>(r.parameter.second, r.compute()));
  }
  return computed;
}

// ---- parts
// ---------------------------------------------------------------------------------------

void Module::set_uninitialized() { state_->uninitialized = true; }

void Module::set_initialized(std::string_view type_name) {
  state_->uninitialized = false;
  state_->type_name.store(interned(type_name), std::memory_order_release);
}

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

// ---- modes
// ---------------------------------------------------------------------------------------

Module& Module::train(bool on) {
  return apply([on](Module& module) { module.state_->training = on; });
}

bool Module::is_training() const { return state_->training; }

Module& Module::requires_grad_(bool value) {
  for (Tensor& p : parameters()) p.requires_grad_(value);
  return *this;
}

void Module::zero_grad(bool set_to_none) {
  NoGradGuard no_grad;
  for (Tensor& p : parameters()) {
    Tensor gradient = p.grad();
    if (!gradient.defined()) continue;
    if (set_to_none) {
      p.set_grad(Tensor());
    } else {
      gradient.detach().zero_();
    }
  }
}

// ---- place and dtype
// -----------------------------------------------------------------------------

void Module::replace_tensors(const std::function<Tensor(const Tensor&)>& change) {
  NoGradGuard no_grad;
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

// ---- saving and loading
// --------------------------------------------------------------------------

StateDict Module::state_dict() const {
  // PyTorch's order: a module's parameters, then its buffers, then its children.
  StateDict result;
  auto visit = [&result](auto& self, const Module& module, const std::string& prefix) -> void {
    module.check_initialized(prefix);
    for (const auto& [name, value] : module.state_->parameters) {
      result.set(join_names(prefix, name), value.detach());
    }
    for (const State::Buffer& b : module.state_->buffers) {
      if (b.persistent) result.set(join_names(prefix, b.name), b.value.detach());
    }
    for (const State::Child& c : module.state_->children) {
      self(self, *c.module, join_names(prefix, c.name));
    }
  };
  visit(visit, *this, "");
  return result;
}

absl::StatusOr<LoadResult> Module::load_state_dict(const StateDict& state,
                                                   const LoadStateDictOptions& options) {
  for (auto& [path, module] : named_modules()) {
    if (!module->state_->uninitialized) continue;
    module->initialize_from(path.empty() ? state : state.with_prefix(path + "."));
  }
  LoadResult result;
  std::vector<std::string> mismatched;
  const StateDict own = state_dict();
  for (const auto& [name, tensor] : own) {
    const Tensor* given = state.find(name);
    if (given == nullptr) {
      result.missing.push_back(name);
    } else if (!given->defined() || given->shape() != tensor.shape()) {
      mismatched.push_back(absl::StrCat(name, ": the dict has ",
                                        given->defined() ? given->shape().to_string() : "no tensor",
                                        ", the module ", tensor.shape().to_string()));
    }
  }
  for (const auto& entry : state) {
    if (!own.contains(entry.first)) result.unexpected.push_back(entry.first);
  }
  std::vector<std::string> problems;
  if (options.strict && !result.missing.empty()) {
    problems.push_back(absl::StrCat("missing: ", absl::StrJoin(result.missing, ", ")));
  }
  if (options.strict && !result.unexpected.empty()) {
    problems.push_back(absl::StrCat("unexpected: ", absl::StrJoin(result.unexpected, ", ")));
  }
  if (!mismatched.empty()) {
    problems.push_back(absl::StrCat("of another shape: ", absl::StrJoin(mismatched, "; ")));
  }
  if (!problems.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("load_state_dict of ", type_name(), ": ", absl::StrJoin(problems, "; ")));
  }
  NoGradGuard no_grad;
  for (const auto& [name, tensor] : own) {
    Tensor target = tensor;  // shares the parameter's memory
    if (const Tensor* given = state.find(name)) {
      target.copy_(given->detach().to(target.device()).to(target.dtype()));
    }
  }
  return result;
}

// ---- printing
// ------------------------------------------------------------------------------------

const std::string& Module::type_name() const {
  const std::string* name = state_->type_name.load(std::memory_order_acquire);
  if (name == nullptr) [[unlikely]] {
    name = interned_type_name(typeid(*this));
    state_->type_name.store(name, std::memory_order_release);
  }
  return *name;
}

const std::string& Module::name() const { return state_->name; }

std::string Module::to_string() const {
  if (state_->children.empty()) return absl::StrCat(type_name(), "(", extra_repr(), ")");
  std::string text = absl::StrCat(type_name(), "(\n");
  if (std::string extra = extra_repr(); !extra.empty()) absl::StrAppend(&text, "  ", extra, "\n");
  for (const State::Child& c : state_->children) {
    absl::StrAppend(&text, "  (", c.name,
                    "): ", absl::StrReplaceAll(c.module->to_string(), {{"\n", "\n  "}}), "\n");
  }
  return text + ")";
}

std::ostream& operator<<(std::ostream& out, const Module& module) {
  return out << module.to_string();
}

}  // namespace tessera::nn

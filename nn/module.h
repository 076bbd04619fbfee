// SPDX-License-Identifier: Apache-2.0
//
// Module: the base of models and layers, as torch.nn.Module.
//
//   struct SmallCnn : nn::Module {
//     nn::Sequential& features = add("features", nn::Sequential(
//         nn::Conv2d(1, 16, {.kernel_size = 3, .padding = 1}), nn::ReLU(), nn::MaxPool2d(2)));
//     nn::Linear& fc = add("fc", nn::Linear(16 * 14 * 14, 10));
//
//     Tensor forward(const Tensor& x) override { return fc(features(x).flatten(1)); }
//   };
//
//   SmallCnn model;
//   Tensor scores = model(randn({64, 1, 28, 28}));
//
// A module owns its parts: add() moves a child to the heap and returns a reference that stays valid
// however often the parent is moved. Parameters and buffers are Tensor handles; to() and
// load_state_dict() change what the handles stand for, never the handles, so that optimizers and
// members keep up. Modules can be moved and not copied. After a move the old object may only be
// destroyed or assigned to.
//
// Threads: several may call one module at once while none changes it (train, to, hooks, loading)
// and its forward does not (BatchNorm's does while training).
#ifndef TESSERA_NN_MODULE_H_
#define TESSERA_NN_MODULE_H_

#include <concepts>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "tessera/nn/backward_hooks.h"
#include "tessera/nn/hooks.h"
#include "tessera/nn/state_dict.h"
#include "tessera/tensor/dtype.h"
#include "tessera/tensor/module_scope.h"
#include "tessera/tensor/tensor.h"

namespace tessera::nn {

// Names that did not fit, of a load_state_dict() that was not strict.
struct LoadResult {
  std::vector<std::string> missing;     // the module has them, the dict does not
  std::vector<std::string> unexpected;  // the dict has them, the module does not
};

struct LoadStateDictOptions {
  bool strict = true;
};

// Says that a layer's parameters wait for its first input (lazy.h).
struct LazyTag {};

class Module {
 public:
  Module();
  Module(Module&&) noexcept;
  Module& operator=(Module&&) noexcept;
  virtual ~Module();

  // What the module computes. Programs call operator().
  //   errors: kUnimplemented unless overridden
  virtual Tensor forward(const Tensor& input);

  // The same for an input that the caller gives up, which a layer may write its result over.
  virtual Tensor forward_over(Tensor input) { return forward(input); }

  // Runs the pre-hooks, forward, and the hooks. While it runs, errors and profiles say which module
  // it is: "features.3 (Conv2d): conv2d: input has 3 channels, ...".
  Tensor operator()(const Tensor& input);
  Tensor operator()(Tensor&& input);

  // Hooks may put another tensor in place of `input` or `output`.
  HookHandle register_forward_pre_hook(std::function<void(Module&, Tensor& input)> hook);
  HookHandle register_forward_hook(
      std::function<void(Module&, const Tensor& input, Tensor& output)> hook);

  // Called in the backward pass: pre-hooks when the gradient of the output has arrived, the others
  // when that of the input is there too. They may put another gradient in its place; grad_input is
  // undefined if the input requires none. The module must not move between forward and backward.
  HookHandle register_full_backward_pre_hook(
      std::function<void(Module&, Tensor& grad_output)> hook);
  HookHandle register_full_backward_hook(
      std::function<void(Module&, Tensor& grad_input, const Tensor& grad_output)> hook);

  // ---- what it is made of ----

  // Every parameter in this module and those below it, once each, in the order of their
  // registration: a module's own first, then its children's.
  std::vector<Tensor> parameters() const;
  std::vector<NamedTensor> named_parameters() const;  // "features.0.weight"
  std::vector<Tensor> buffers() const;
  std::vector<NamedTensor> named_buffers() const;
  std::vector<Module*> children() const;
  std::vector<std::pair<std::string, Module*>> named_children() const;
  // This module (under the name "") and all below it, parents first.
  std::vector<std::pair<std::string, Module*>> named_modules();
  // Elements of all parameters, or of those that require a gradient.
  int64_t num_parameters(bool only_trainable = false) const;
  // Of this module itself, not of its children: what add_parameter and add_buffer registered.
  const std::vector<NamedTensor>& own_parameters() const;

  // Takes the parameter `name` of this module itself out, registers `parts` in its place (as
  // parameters) and `buffers`, and lets it stand for what `compute` makes of them in every call of
  // the module; `training` says whether the module is: what weight_norm() and spectral_norm() of
  // nn/utils/ are made of. remove_reparametrization() makes it a parameter again, with the value
  // that it would have in a call in evaluation mode.
  //   errors: throws kNotFound for a name that is no parameter, or was not taken out;
  //           kInvalidArgument for a name of a part that is taken
  void reparametrize(const std::string& name, const std::vector<NamedTensor>& parts,
                     std::function<Tensor(bool training)> compute,
                     const std::vector<NamedTensor>& buffers = {});
  void remove_reparametrization(const std::string& name);

  // Calls `f` on every child, then on this module; children first, as in PyTorch.
  Module& apply(const std::function<void(Module&)>& f);

  // ---- modes ----

  // Sets training or evaluation mode here and below (Dropout and BatchNorm differ).
  Module& train(bool on = true);
  Module& eval() { return train(false); }
  bool is_training() const;

  Module& requires_grad_(bool value = true);
  // Drops the gradients of all parameters, or sets those that are there to zero.
  void zero_grad(bool set_to_none = true);

  // ---- place and dtype ----

  // Moves parameters, buffers and gradients.
  Module& to(const Device& device);
  Module& to(const char* device) { return to(Device(device)); }
  // Casts floating point parameters and buffers (and gradients); others stay.
  //   errors: throws kInvalidArgument if `dtype` is not floating point
  Module& to(DType dtype);

  // ---- saving and loading ----

  // Parameters and persistent buffers under PyTorch's names. The tensors share memory with the
  // module and are cut off from the tape.
  StateDict state_dict() const;

  // Copies the dict's values in, cast to each parameter's dtype and moved to its device. Either all
  // of them or, on an error, none.
  //   errors: kInvalidArgument, listing every missing and unexpected name (unless strict is false)
  //   and
  //           every name whose shape differs, with both shapes
  absl::StatusOr<LoadResult> load_state_dict(const StateDict& state,
                                             const LoadStateDictOptions& options = {});

  // ---- printing ----

  // "Conv2d": the name of the most derived class, without namespaces and template arguments.
  const std::string& type_name() const;
  // The name in its parent, "" for one that has none.
  const std::string& name() const;
  // What stands between the parentheses when the module is printed.
  virtual std::string extra_repr() const { return ""; }
  // As PyTorch prints modules, on several lines if there are children.
  std::string to_string() const;

 protected:
  // Moves `child` in and returns it at its final place.
  //   errors: throws kInvalidArgument for a name that is empty, has a '.', or is taken
  template <std::derived_from<Module> M>
  M& add(std::string name, M child) {
    return add(std::move(name), std::make_unique<M>(std::move(child)));
  }
  // The same for a child that is chosen at run time. Must not be null.
  template <std::derived_from<Module> M>
  M& add(std::string name, std::unique_ptr<M> child) {
    M& reference = *child;
    add_child(std::move(name), std::move(child));
    return reference;
  }

  // Registers a tensor that is trained, and makes it require a gradient. An undefined tensor (an
  // option that was switched off) is passed through and not registered.
  //   errors: throws kInvalidArgument for a bad name (as add) or a tensor that is not floating
  //   point,
  //           or was computed from others that require a gradient
  Tensor add_parameter(std::string name, Tensor value);
  // Registers a tensor that is part of the state and is not trained. If not `persistent`,
  // state_dict() leaves it out.
  Tensor add_buffer(std::string name, Tensor value, bool persistent = true);

  // For containers of children named "0", "1", ...: puts one among them, whose names then count on;
  // takes all of them out.
  //   errors: throws kOutOfRange for a place above the number of children
  void insert_child(size_t place, std::unique_ptr<Module> child);
  std::vector<std::unique_ptr<Module>> release_children();

  // For layers whose parameters wait for their first input (lazy.h). Until set_initialized,
  // whatever needs the parameters or the state of this module, or of one above it, throws
  // kFailedPrecondition. `type_name` is what the module goes by from then on.
  void set_uninitialized();
  void set_initialized(std::string_view type_name);
  // Called while uninitialized with this module's part of a state dict that is about to be loaded.
  virtual void initialize_from(const StateDict& /*state*/) {}

  // The name that errors show for this module. Containers that are not called themselves give
  // their children longer names through it ("blocks.0").
  virtual void on_named(const std::string& /*scope_name*/) {}
  static void set_scope_name(Module& module, std::string name);

  // Holds the values of reparametrized parameters during a call; null if there are none.
  std::shared_ptr<void> computed_parameters() const;

  // What ModuleScope needs. The views live as long as the module's parts do.
  std::string_view scope_name() const;

 private:
  struct State;
  void add_child(std::string name, std::unique_ptr<Module> child);
  void check_new_name(std::string_view name) const;
  void check_initialized(const std::string& path) const;
  void collect(const std::string& prefix, bool buffers, std::vector<NamedTensor>& out,
               bool complete) const;
  void collect_modules(const std::string& prefix,
                       std::vector<std::pair<std::string, Module*>>& out);
  void replace_tensors(const std::function<Tensor(const Tensor&)>& change);
  bool has_hooks() const;
  Tensor run_with_hooks(const Tensor& input);

  std::unique_ptr<State> state_;  // stable while the module moves
  HookList<void(Module&, Tensor&)> pre_hooks_;
  HookList<void(Module&, const Tensor&, Tensor&)> hooks_;
  HookList<void(Module&, Tensor&)> backward_pre_hooks_;
  HookList<void(Module&, Tensor&, const Tensor&)> backward_hooks_;
};

std::ostream& operator<<(std::ostream& out, const Module& module);

// A module with another signature than Tensor -> Tensor.
//
//   struct Attention : nn::ModuleOf<Tensor(const Tensor& query, const Tensor& memory)> {
//     Tensor forward(const Tensor& query, const Tensor& memory) override;
//   };
template <class Signature>
class ModuleOf;

template <class R, class... Args>
class ModuleOf<R(Args...)> : public Module {
  static_assert(!std::is_same_v<R(Args...), Tensor(const Tensor&)>, "derive from Module");

 public:
  virtual R forward(Args... args) = 0;

  R operator()(Args... args) {
    ModuleScope scope(scope_name(), type_name());
    const std::shared_ptr<void> computed = computed_parameters();
    if (pre_hooks_.empty() && hooks_.empty() && !has_backward_hooks()) [[likely]]
      return forward(std::forward<Args>(args)...);
    return run_with_hooks(std::forward<Args>(args)...);
  }

  HookHandle register_forward_pre_hook(
      std::function<void(Module&, std::remove_cvref_t<Args>&...)> hook) {
    return pre_hooks_.add(std::move(hook));
  }
  HookHandle register_forward_hook(
      std::function<void(Module&, const std::remove_cvref_t<Args>&..., R&)> hook) {
    return hooks_.add(std::move(hook));
  }

  // As Module's, with a gradient for each argument of forward (undefined for what is no Tensor or
  // requires none) and for each tensor of its result (undefined where the loss does not depend on
  // it). The result may be a Tensor, a vector, pair or tuple of them, or a struct that names its
  // tensors: auto tensors() { return std::tie(output, weights); }
  HookHandle register_full_backward_pre_hook(
      std::function<void(Module&, std::vector<Tensor>& grad_output)> hook) requires
      internal::HasTensors<R> {
    return backward_pre_hooks_.add(std::move(hook));
  }
  HookHandle register_full_backward_hook(
      std::function<void(Module&, std::vector<Tensor>& grad_input,
                         const std::vector<Tensor>& grad_output)>
          hook) requires internal::HasTensors<R> {
    return backward_hooks_.add(std::move(hook));
  }

  Tensor forward(const Tensor& input) final { return Module::forward(input); }

 private:
  bool has_backward_hooks() const {
    return !(backward_pre_hooks_.empty() && backward_hooks_.empty());
  }

  R run_with_hooks(std::remove_cvref_t<Args>... args) {
    pre_hooks_.run(*this, args...);
    if constexpr (internal::HasTensors<R>) {
      if (has_backward_hooks()) return run_watched(args...);
    }
    R result = forward(args...);
    hooks_.run(*this, args..., result);
    return result;
  }

  R run_watched(std::remove_cvref_t<Args>&... args) {
    internal::WatchedCall call(
        {.before = [this](auto& grad_output) { backward_pre_hooks_.run(*this, grad_output); },
         .after =
             [this](auto& grad_input, const auto& grad_output) {
               backward_hooks_.run(*this, grad_input, grad_output);
             }});
    call.watch_inputs({internal::as_tensor(args)...});
    R result = forward(args...);
    hooks_.run(*this, args..., result);
    std::vector<Tensor*> tensors;
    internal::collect_tensors(result, tensors);
    call.watch_outputs(tensors);
    return result;
  }

  HookList<void(Module&, std::vector<Tensor>&)> backward_pre_hooks_;
  HookList<void(Module&, std::vector<Tensor>&, const std::vector<Tensor>&)> backward_hooks_;
  HookList<void(Module&, std::remove_cvref_t<Args>&...)> pre_hooks_;
  HookList<void(Module&, const std::remove_cvref_t<Args>&..., R&)> hooks_;
};

// True for modules that take one tensor and return one: what Sequential chains.
template <class M>
concept TensorModule = std::derived_from<M, Module> && requires(M& module, const Tensor& x) {
  { module(x) } -> std::same_as<Tensor>;
};

}  // namespace tessera::nn

#endif  // TESSERA_NN_MODULE_H_

// SPDX-License-Identifier: Apache-2.0
//
// Lists of functions that are called around something, each removable through its handle.
//
//   nn::HookHandle handle = layer.register_forward_hook(
//       [](nn::Module& module, const Tensor& input, Tensor& output) { output = output.clamp(-1, 1);
//       });
//   handle.remove();
#ifndef TESSERA_NN_HOOKS_H_
#define TESSERA_NN_HOOKS_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace tessera::nn {

// Removes one hook. Does nothing when the list is gone. Letting a handle go leaves its hook in
// place.
class HookHandle {
 public:
  HookHandle() = default;
  explicit HookHandle(std::function<void()> remove) : remove_(std::move(remove)) {}
  void remove() {
    if (remove_) std::exchange(remove_, nullptr)();
  }

 private:
  std::function<void()> remove_;
};

template <class Signature>
class HookList {
 public:
  HookHandle add(std::function<Signature> hook) {
    if (entries_ == nullptr) entries_ = std::make_shared<Entries>();
    const uint64_t id = ++entries_->last_id;
    entries_->hooks.push_back({id, std::make_shared<std::function<Signature>>(std::move(hook))});
    return HookHandle([weak = std::weak_ptr<Entries>(entries_), id] {
      if (std::shared_ptr<Entries> entries = weak.lock()) {
        std::erase_if(entries->hooks, [id](const Entry& entry) { return entry.id == id; });
      }
    });
  }

  bool empty() const { return entries_ == nullptr || entries_->hooks.empty(); }

  // Calls every hook in the order they were added. A hook may add and remove hooks meanwhile: that
  // counts from the next call on.
  template <class... Args>
  void run(Args&&... args) const {
    if (empty()) return;
    const auto hooks = entries_->hooks;
    for (const Entry& entry : hooks) (*entry.hook)(args...);
  }

 private:
  struct Entry {
    uint64_t id;
    std::shared_ptr<std::function<Signature>> hook;
  };
  struct Entries {
    std::vector<Entry> hooks;
    uint64_t last_id = 0;
  };
  std::shared_ptr<Entries> entries_;  // null until the first hook
};

}  // namespace tessera::nn

#endif  // TESSERA_NN_HOOKS_H_

// SPDX-License-Identifier: Apache-2.0
//
// What a Module holds, for module*.cc. Internal to nn/.
#ifndef TESSERA_NN_MODULE_STATE_H_
#define TESSERA_NN_MODULE_STATE_H_

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tessera/nn/module.h"

namespace tessera::nn {

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
  // A parameter that was taken out, the names of what stands for it, and how it is computed.
  struct Reparametrization {
    NamedTensor parameter;
    std::vector<std::string> parts;
    std::function<Tensor(bool training)> compute;
  };
  std::string name;
  std::string scope_name;
  std::vector<Reparametrization> reparametrizations;
  std::vector<NamedTensor> parameters;
  std::vector<Buffer> buffers;
  std::vector<Child> children;
  // Shared with recordings of steps, which may outlive a module that a step made.
  std::shared_ptr<bool> training = std::make_shared<bool>(true);
  bool uninitialized = false;
  std::atomic<const std::string*> type_name{nullptr};
};

inline std::string join_names(const std::string& prefix, std::string_view name) {
  return prefix.empty() ? std::string(name) : absl::StrCat(prefix, ".", name);
}

}  // namespace tessera::nn

#endif  // TESSERA_NN_MODULE_STATE_H_

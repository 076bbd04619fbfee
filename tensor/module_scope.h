// SPDX-License-Identifier: Apache-2.0
//
// ModuleScope: the module that is running, for error messages, profiles and anomaly reports.
//
//   features.3 (Conv2d): conv2d: input has 3 channels, weight expects 16: ...
#ifndef TESSERA_TENSOR_MODULE_SCOPE_H_
#define TESSERA_TENSOR_MODULE_SCOPE_H_

#include <string>
#include <string_view>

namespace tessera {

// Lives on the stack of a module's forward; scopes nest per thread. The views must outlive it.
class ModuleScope {
 public:
  // `name` is the module's name in its parent ("3"; empty for the root), `type` its class
  // ("Conv2d").
  ModuleScope(std::string_view name, std::string_view type);
  ~ModuleScope();
  ModuleScope(const ModuleScope&) = delete;

  // "features.3 (Conv2d)", or "" outside any module.
  static std::string path();

 private:
  std::string_view name_;
  std::string_view type_;
  ModuleScope* parent_;
};

}  // namespace tessera

#endif  // TESSERA_TENSOR_MODULE_SCOPE_H_

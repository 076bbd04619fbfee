// SPDX-License-Identifier: Apache-2.0
#include "tessera/tensor/module_scope.h"

#include "absl/strings/str_cat.h"

namespace tessera {
namespace {
thread_local ModuleScope* current = nullptr;
}  // namespace

ModuleScope::ModuleScope(std::string_view name, std::string_view type)
    : name_(name), type_(type), parent_(current) {
  current = this;
}

ModuleScope::~ModuleScope() { current = parent_; }

std::string ModuleScope::path() {
  if (current == nullptr) return "";
  std::string names;
  for (const ModuleScope* scope = current; scope != nullptr; scope = scope->parent_) {
    if (scope->name_.empty()) continue;
    names = names.empty() ? std::string(scope->name_)
                          : absl::StrCat(std::string(scope->name_), ".", names);
  }
  return names.empty() ? std::string(current->type_)
                       : absl::StrCat(names, " (", std::string(current->type_), ")");
}

}  // namespace tessera

// SPDX-License-Identifier: Apache-2.0
//
// Names of modules' types, and printing.
#include <cxxabi.h>

#include <cstdlib>
#include <ostream>
#include <typeindex>
#include <typeinfo>

#include "absl/base/const_init.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/node_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/synchronization/mutex.h"
#include "tessera/nn/module.h"
#include "tessera/nn/module_state.h"

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

}  // namespace

void Module::set_initialized(std::string_view type_name) {
  state_->uninitialized = false;
  state_->type_name.store(interned(type_name), std::memory_order_release);
}

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

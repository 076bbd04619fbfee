// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/runtime/api_table.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string_view>
#include <tuple>

namespace tessera {
namespace {

struct Missing {
  static constexpr TsrStatus kCode = TSR_UNIMPLEMENTED;
  static constexpr std::string_view kText = "the plugin does not have this function";
};

struct Stopped {
  static constexpr TsrStatus kCode = TSR_FAILED_PRECONDITION;
  static constexpr std::string_view kText = "the backend was shut down";
};

void write_message(TsrMessage* message, std::string_view text) {
  if (message == nullptr || message->capacity == 0) return;
  const size_t length = std::min<size_t>(text.size(), message->capacity - 1);
  std::memcpy(message->text, text.data(), length);
  message->text[length] = '\0';
}

// Functions that return a status have their TsrMessage last.
template <class Reason, class... Args>
TsrStatus refuse(Args... args) {
  write_message(std::get<sizeof...(Args) - 1>(std::make_tuple(args...)), Reason::kText);
  return Reason::kCode;
}

template <class Result, class... Args>
Result do_nothing(Args...) {
  return Result();
}

template <class Reason, class... Args>
auto stub_like(TsrStatus (*)(Args...)) {
  return &refuse<Reason, Args...>;
}

template <class Reason, class Result, class... Args>
auto stub_like(Result (*)(Args...)) {
  return &do_nothing<Result, Args...>;
}

}  // namespace

TsrBackendApi complete_api(const TsrBackendApi& api) {
  TsrBackendApi copy = {};
  std::memcpy(&copy, &api, std::min<uint64_t>(api.struct_size, sizeof(copy)));
  copy.struct_size = sizeof(copy);
#define TESSERA_COMPLETE(name, minor) \
  if (copy.name == nullptr) copy.name = stub_like<Missing>(copy.name);
  TESSERA_FOR_EACH_API_FUNCTION(TESSERA_COMPLETE)
#undef TESSERA_COMPLETE
  return copy;
}

TsrBackendApi stopped_api() {
  TsrBackendApi api = {};
  api.struct_size = sizeof(api);
#define TESSERA_STOP(name, minor) api.name = stub_like<Stopped>(api.name);
  TESSERA_FOR_EACH_API_FUNCTION(TESSERA_STOP)
#undef TESSERA_STOP
  return api;
}

}  // namespace tessera

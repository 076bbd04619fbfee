// SPDX-License-Identifier: Apache-2.0
//
// tessera::Error: a mistake in the program (shapes, dtypes, devices) or a device that failed.
//
// What comes from outside (files, plugins, flags) is an absl::Status instead. Without exceptions
// (-fno-exceptions) raising prints one line and aborts.
#ifndef TESSERA_BACKENDS_RUNTIME_ERROR_H_
#define TESSERA_BACKENDS_RUNTIME_ERROR_H_

#include <exception>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace tessera {

class Error : public std::exception {
 public:
  explicit Error(absl::Status status) : status_(std::move(status)), what_(status_.message()) {}
  const char* what() const noexcept override { return what_.c_str(); }
  const absl::Status& status() const { return status_; }
  absl::StatusCode code() const { return status_.code(); }

 private:
  absl::Status status_;
  std::string what_;
};

// Throws Error(status). `status` must not be OK.
[[noreturn]] void raise(absl::Status status);

inline void raise_if_error(absl::Status status) {
  if (!status.ok()) [[unlikely]]
    raise(std::move(status));
}

template <class T>
T value_or_raise(absl::StatusOr<T> result) {
  if (!result.ok()) [[unlikely]]
    raise(std::move(result).status());
  return *std::move(result);
}

}  // namespace tessera

#endif  // TESSERA_BACKENDS_RUNTIME_ERROR_H_

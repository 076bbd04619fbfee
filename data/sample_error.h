// SPDX-License-Identifier: Apache-2.0
//
// Puts the index of a sample into the error that reading it gave. For dataset.h.
//
// The error that is thrown on is a tessera::Error with the original's code (kUnknown for exceptions
// that are not tessera::Error); the original is nested in it (std::rethrow_if_nested).
#ifndef TESSERA_DATA_SAMPLE_ERROR_H_
#define TESSERA_DATA_SAMPLE_ERROR_H_

#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "tessera/backends/runtime/error.h"

namespace tessera::data {

// A value, or that of a StatusOr. Throws Error with its status.
template <class T>
T unwrap(T value) {
  return value;
}
template <class T>
T unwrap(absl::StatusOr<T> value) {
  return value_or_raise(std::move(value));
}

// "samples 3, 1, 4 and 61 more"
std::string describe_samples(absl::Span<const int64_t> indices);

#if defined(__cpp_exceptions)

// Call it while an exception is handled: throws that exception on, with `where` before its message.
[[noreturn]] void throw_with_place(const std::string& where);

template <class F>
auto with_sample_index(int64_t index, F&& get) {
  try {
    return get();
  } catch (const std::exception&) {
    throw_with_place("sample " + std::to_string(index));
  }
}

// `get_one(index)` is tried for one index after the other to find the one that fails.
template <class F, class G>
auto with_sample_indices(absl::Span<const int64_t> indices, F&& get, G&& get_one) {
  try {
    return get();
  } catch (const std::exception&) {
    for (int64_t index : indices) {
      try {
        get_one(index);
      } catch (const std::exception&) {
        throw_with_place("sample " + std::to_string(index));
      }
    }
    throw_with_place("a batch of " + describe_samples(indices));
  }
}

// What `get` returns, or none and the message of what it throws.
template <class F>
auto try_get(F&& get, std::string& message) -> std::optional<decltype(get())> {
  try {
    return get();
  } catch (const std::exception& error) {
    message = error.what();
    return std::nullopt;
  }
}

#else

template <class F>
auto try_get(F&& get, std::string&) -> std::optional<decltype(get())> {
  return get();
}
template <class F>
auto with_sample_index(int64_t, F&& get) {
  return get();
}
template <class F, class G>
auto with_sample_indices(absl::Span<const int64_t>, F&& get, G&&) {
  return get();
}

#endif

}  // namespace tessera::data

#endif  // TESSERA_DATA_SAMPLE_ERROR_H_

// SPDX-License-Identifier: Apache-2.0
//
// NVIDIA's libraries of kernels, opened when they are first wanted: this plugin loads, and computes
// with its own kernels, where they are not.
#ifndef TESSERA_BACKENDS_CUDA_LIBRARY_H_
#define TESSERA_BACKENDS_CUDA_LIBRARY_H_

#include <string>

namespace tessera::cuda {

// A library, which stays open. It is looked for, in this order,
//   where the loader looks: what is loaded already, LD_LIBRARY_PATH, the system's folders
//   in $CUDA_PATH/lib64
//   in the lib64 of the toolkit that this plugin was built with
// The environment variable TESSERA_CUDA_LIBRARIES=none hides all of them, to measure or to examine
// what the plugin does without.
class Library {
 public:
  // `file`: "libcublasLt.so.13"
  explicit Library(const char* file);

  // Sets *function to the library's function `name`, or to null, and notes that it is missing.
  template <class F>
  void find(const char* name, F* function) {
    *function = reinterpret_cast<F>(find_address(name));
  }
  // What is missing: the library, with each place that was looked at, or one of its functions.
  // Empty if all is there.
  const std::string& why() const { return why_; }

 private:
  void* find_address(const char* name);

  const std::string file_;
  void* handle_ = nullptr;
  std::string why_;
};

}  // namespace tessera::cuda

#endif  // TESSERA_BACKENDS_CUDA_LIBRARY_H_

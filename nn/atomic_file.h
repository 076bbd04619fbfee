// SPDX-License-Identifier: Apache-2.0
//
// AtomicFile: a file that appears under its name whole or not at all.
//
//   AtomicFile file;
//   if (absl::Status s = file.open(path); !s.ok()) return s;
//   if (absl::Status s = file.append(bytes); !s.ok()) return s;
//   return file.commit();   // without it, the destructor removes what was written
#ifndef TESSERA_NN_ATOMIC_FILE_H_
#define TESSERA_NN_ATOMIC_FILE_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace tessera::nn {

// Statuses carry the path and the system's reason.
class AtomicFile {
 public:
  AtomicFile() = default;
  AtomicFile(const AtomicFile&) = delete;
  ~AtomicFile();

  // Creates a new file in the folder of `path`, with the permissions a new file gets.
  absl::Status open(const std::string& path);
  absl::Status append(std::string_view bytes);
  // Brings the bytes to the disk and gives the file its name, in place of one that has it already.
  absl::Status commit();

 private:
  std::string path_, temporary_;
  int descriptor_ = -1;
};

}  // namespace tessera::nn

#endif  // TESSERA_NN_ATOMIC_FILE_H_

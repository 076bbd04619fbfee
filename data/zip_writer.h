// SPDX-License-Identifier: Apache-2.0
//
// ZipWriter: puts files into a ZIP archive in memory. For npz.h.
#ifndef TESSERA_DATA_ZIP_WRITER_H_
#define TESSERA_DATA_ZIP_WRITER_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace tessera::data {

class ZipWriter {
 public:
  // `deflated`: compress it; if that makes it no smaller it is stored as it is.
  //   errors: kInvalidArgument: a name of more than 65535 bytes, more than 65534 files;
  //           kResourceExhausted: an archive of 4 GiB
  absl::Status add(std::string_view name, std::string_view content, bool deflated);
  // The whole archive. Ends the object's use.
  std::string finish();

 private:
  std::string archive_;
  std::string directory_;
  int count_ = 0;
};

}  // namespace tessera::data

#endif  // TESSERA_DATA_ZIP_WRITER_H_

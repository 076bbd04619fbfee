// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/npz.h"

#include <string_view>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "tessera/data/read_whole_file.h"
#include "tessera/data/write_whole_file.h"
#include "tessera/data/zip_reader.h"
#include "tessera/data/zip_writer.h"

namespace tessera::data {

absl::StatusOr<NpzArrays> read_npz(const std::string& path, const NpyOptions& options) {
  absl::StatusOr<std::string> bytes = read_whole_file(path, options.max_bytes);
  if (!bytes.ok()) return bytes.status();
  absl::StatusOr<ZipReader> archive = ZipReader::open(path, *bytes);
  if (!archive.ok()) return archive.status();
  NpzArrays arrays;
  int64_t left = options.max_bytes;
  for (const ZipReader::Entry& entry : archive->entries()) {
    std::string_view name = entry.name;
    if (!absl::ConsumeSuffix(&name, ".npy")) continue;
    absl::StatusOr<std::string> content = archive->read(entry, left);
    if (!content.ok()) return content.status();
    left -= static_cast<int64_t>(content->size());
    absl::StatusOr<Tensor> array =
        parse_npy(absl::StrCat(path, ":", absl::CHexEscape(entry.name)), *content);
    if (!array.ok()) return array.status();
    if (!arrays.try_emplace(std::string(name), *array).second) {
      return absl::InvalidArgumentError(
          absl::StrCat(path, ": two arrays are named '", absl::CHexEscape(name), "'"));
    }
  }
  return arrays;
}

absl::Status write_npz(const std::string& path, const NpzArrays& arrays,
                       const NpzWriteOptions& options) {
  ZipWriter archive;
  for (const auto& [name, array] : arrays) {
    absl::StatusOr<std::string> content = npy_bytes(array);
    absl::Status status = content.status();
    if (status.ok()) status = archive.add(name + ".npy", *content, options.compressed);
    if (!status.ok()) {
      return absl::Status(status.code(),
                          absl::StrCat(path, ": array '", name, "': ", status.message()));
    }
  }
  return write_whole_file(path, archive.finish());
}

}  // namespace tessera::data

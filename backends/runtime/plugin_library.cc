// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/runtime/plugin_library.h"

#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/backends/runtime/plugin_check.h"

namespace tessera {
namespace {

class File {
 public:
  explicit File(const std::string& path) : descriptor_(open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~File() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  bool is_open() const { return descriptor_ >= 0; }
  bool status(struct stat* status) const { return fstat(descriptor_, status) == 0; }
  bool read(uint64_t offset, void* target, size_t size) const {
    return pread(descriptor_, target, size, static_cast<off_t>(offset)) ==
           static_cast<ssize_t>(size);
  }

 private:
  int descriptor_;
};

absl::Status not_a_library(const std::string& path, std::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat(path, ": not a shared library: ", why));
}

// The loader maps a truncated library without complaint and the process dies on first touch, so
// everything that the headers promise is compared with the file's size first.
absl::Status check_file(const std::string& path) {
  const File file(path);
  if (!file.is_open()) {
    const int error = errno;
    const std::string text = absl::StrCat(path, ": ", std::strerror(error));
    return error == ENOENT || error == ENOTDIR ? absl::NotFoundError(text)
                                               : absl::FailedPreconditionError(text);
  }
  struct stat status;
  if (!file.status(&status) || !S_ISREG(status.st_mode)) {
    return not_a_library(path, "not a regular file");
  }
  const uint64_t file_size = static_cast<uint64_t>(status.st_size);
  ElfW(Ehdr) header;
  if (!file.read(0, &header, SELFMAG) || std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) {
    return not_a_library(path, "no ELF header");
  }
  if (!file.read(0, &header, sizeof(header))) return not_a_library(path, "truncated ELF header");
  if (header.e_ident[EI_CLASS] != (sizeof(void*) == 8 ? ELFCLASS64 : ELFCLASS32) ||
      header.e_phentsize != sizeof(ElfW(Phdr))) {
    return not_a_library(path, "made for another kind of processor");
  }
  for (int i = 0; i < header.e_phnum; ++i) {
    ElfW(Phdr) segment;
    if (!file.read(header.e_phoff + i * sizeof(segment), &segment, sizeof(segment))) {
      return not_a_library(path, "truncated program headers");
    }
    if (segment.p_offset > file_size || segment.p_filesz > file_size - segment.p_offset) {
      return not_a_library(path, absl::StrCat("truncated: has ", file_size, " bytes, its segment ",
                                              i, " ends at ", segment.p_offset + segment.p_filesz));
    }
  }
  return absl::OkStatus();
}

// What the loader said, without the path that begins most of its messages.
std::string_view loader_error(const std::string& path) {
  const char* error = dlerror();
  std::string_view text = error == nullptr ? "unknown error" : error;
  if (text.substr(0, path.size()) == path) {
    text.remove_prefix(path.size());
    while (!text.empty() && (text[0] == ':' || text[0] == ' ')) text.remove_prefix(1);
  }
  return text;
}

}  // namespace

absl::StatusOr<const TsrPlugin*> open_plugin_library(const std::string& path) {
  if (absl::Status status = check_file(path); !status.ok()) return status;
  // A name without a slash would make the loader search.
  const std::string place = path.find('/') == std::string::npos ? absl::StrCat("./", path) : path;
  void* library = dlopen(place.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, ": the loader refuses it: ", loader_error(place)));
  }
  const void* symbol = dlsym(library, TSR_PLUGIN_SYMBOL);
  if (symbol == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": not a Tessera plugin: does not export " TSR_PLUGIN_SYMBOL));
  }
  const auto* plugin = static_cast<const TsrPlugin*>(symbol);
  if (absl::Status status = check_plugin(plugin, Probe::kLibrary, path); !status.ok()) {
    return status;
  }
  return plugin;
}

}  // namespace tessera

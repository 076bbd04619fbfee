// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/runtime/plugin_search.h"

#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "tessera/backends/runtime/plugin_check.h"

namespace tessera {
namespace {

// A variable that a program with raised privileges does not listen to.
std::string variable(const char* name) {
  const char* value = secure_getenv(name);
  return value == nullptr ? "" : value;
}

// Absolute, symbolic links followed. Empty if it is not known.
std::string program_path() {
  std::string path(4096, '\0');
  const ssize_t length = readlink("/proc/self/exe", path.data(), path.size());
  if (length <= 0 || static_cast<size_t>(length) >= path.size()) return "";
  path.resize(static_cast<size_t>(length));
  return path;
}

std::string folder_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

bool exists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

// Names in a folder, sorted; none if there is no such folder.
std::vector<std::string> entries_of(const std::string& folder) {
  std::vector<std::string> names;
  DIR* directory = opendir(folder.c_str());
  if (directory == nullptr) return names;
  while (const dirent* entry = readdir(directory)) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  closedir(directory);
  std::sort(names.begin(), names.end());
  return names;
}

// Folders that hold one folder for each repository, Bazel's way.
std::vector<std::string> runfiles_folders() {
  std::vector<std::string> folders;
  const std::string from_bazel = variable("RUNFILES_DIR");
  if (!from_bazel.empty() && from_bazel[0] == '/') folders.push_back(from_bazel);
  const std::string program = program_path();
  const std::string beside = absl::StrCat(program, ".runfiles");
  if (!program.empty() && beside != from_bazel && exists(beside)) folders.push_back(beside);
  return folders;
}

// Folders of TESSERA_PLUGIN_PATH as they stand there.
std::vector<std::string> path_folders() {
  return absl::StrSplit(variable("TESSERA_PLUGIN_PATH"), ':', absl::SkipEmpty());
}

std::vector<std::string> program_folders() {
  const std::string program = program_path();
  if (program.empty()) return {};
  const std::string folder = folder_of(program);
  return {folder, absl::StrCat(folder_of(folder), "/lib/tessera")};
}

std::string file_name(std::string_view backend) { return absl::StrCat("tessera_", backend, ".so"); }

}  // namespace

std::vector<SearchCandidate> search_candidates(std::string_view name) {
  std::vector<SearchCandidate> candidates;
  const std::string file = file_name(name);
  for (const std::string& folder : path_folders()) {
    candidates.push_back(
        {absl::StrCat(folder, "/", file),
         folder[0] == '/' ? "" : "not looked at: TESSERA_PLUGIN_PATH wants absolute paths"});
  }
  for (const std::string& runfiles : runfiles_folders()) {
    const std::string inside = absl::StrCat("backends/", name, "/", file);
    bool found = false;
    for (const std::string& repository : entries_of(runfiles)) {
      std::string path = absl::StrCat(runfiles, "/", repository, "/", inside);
      if (!exists(path)) continue;
      candidates.push_back({std::move(path), ""});
      found = true;
    }
    if (!found) candidates.push_back({absl::StrCat(runfiles, "/*/", inside), "no such file"});
  }
  for (const std::string& folder : program_folders()) {
    candidates.push_back({absl::StrCat(folder, "/", file), ""});
  }
  return candidates;
}

std::vector<std::string> backends_in_search_folders() {
  std::vector<std::string> names;
  for (const std::string& runfiles : runfiles_folders()) {
    for (const std::string& repository : entries_of(runfiles)) {
      const std::string backends = absl::StrCat(runfiles, "/", repository, "/backends/");
      for (const std::string& name : entries_of(backends)) {
        if (exists(absl::StrCat(backends, name, "/", file_name(name)))) names.push_back(name);
      }
    }
  }
  std::vector<std::string> folders = program_folders();
  for (const std::string& folder : path_folders()) {
    if (folder[0] == '/') folders.push_back(folder);
  }
  for (const std::string& folder : folders) {
    for (const std::string& file : entries_of(folder)) {
      std::string_view name = file;
      if (absl::ConsumePrefix(&name, "tessera_") && absl::ConsumeSuffix(&name, ".so")) {
        names.emplace_back(name);
      }
    }
  }
  names.erase(std::remove_if(names.begin(), names.end(),
                             [](const std::string& name) { return !is_backend_name(name); }),
              names.end());
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

}  // namespace tessera

// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/runtime/registry.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tessera/backends/runtime/device.h"

namespace tessera {
namespace {

using ::testing::HasSubstr;

std::string new_folder(const std::string& name) {
  const std::string path = testing::TempDir() + "/" + name;
  mkdir(path.c_str(), 0755);
  return path;
}

void write(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

// Makes `path` another name of the null plugin.
void copy_null_plugin(const std::string& path) {
  std::ifstream in(getenv("NULL_PLUGIN"), std::ios::binary);
  ASSERT_TRUE(in);
  std::ofstream(path, std::ios::binary) << in.rdbuf();
}

// Matches a text of which one line matches `line`, a regular expression.
MATCHER_P(HasLine, line, "has a line like " + std::string(line)) {
  return testing::Value(arg, testing::ContainsRegex("(^|\n)" + std::string(line) + "\n"));
}

std::vector<BackendCandidate> candidates_of(const std::string& backend) {
  std::vector<BackendCandidate> result;
  for (BackendCandidate& candidate : backend_candidates()) {
    if (candidate.backend == backend) result.push_back(std::move(candidate));
  }
  return result;
}

TEST(RegistryTest, PluginPathComesBeforeRunfilesAndRefusedCandidatesArePassedOver) {
  const std::string folder = new_folder("first");
  write(folder + "/tessera_null.so", "no library");
  setenv("TESSERA_PLUGIN_PATH", ("relative::" + folder + ":" + new_folder("second")).c_str(), 1);
  const absl::StatusOr<BackendState*> null = find_backend("null");
  ASSERT_TRUE(null.ok()) << null.status();
  EXPECT_THAT((*null)->path, testing::EndsWith("/backends/null/tessera_null.so"));

  const std::vector<BackendCandidate> looked_at = candidates_of("null");
  ASSERT_GE(looked_at.size(), 5u);
  EXPECT_EQ(looked_at[0].path, "relative/tessera_null.so");
  EXPECT_EQ(looked_at[0].reason, "not looked at: TESSERA_PLUGIN_PATH wants absolute paths");
  EXPECT_EQ(looked_at[1].path, folder + "/tessera_null.so");
  EXPECT_EQ(looked_at[1].reason, "not a shared library: no ELF header");
  EXPECT_EQ(looked_at[2].reason, "no such file");
  EXPECT_TRUE(looked_at[3].taken);
  EXPECT_EQ(looked_at[3].path, (*null)->path);
  EXPECT_EQ(looked_at[3].reason, "ABI 0.2, build skeleton, 1 device");
  for (size_t i = 4; i < looked_at.size(); ++i) {
    EXPECT_FALSE(looked_at[i].taken);
    EXPECT_EQ(looked_at[i].reason, "not looked at: already taken");
  }
}

TEST(RegistryTest, TheWorkingDirectoryIsNotSearched) {
  const std::string folder = new_folder("working");
  write(folder + "/tessera_here.so", "no library");
  char before[4096];
  ASSERT_NE(getcwd(before, sizeof(before)), nullptr);
  setenv("TESSERA_PLUGIN_PATH", ".::", 1);
  ASSERT_EQ(chdir(folder.c_str()), 0);
  const absl::Status status = find_backend("here").status();
  ASSERT_EQ(chdir(before), 0);
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("./tessera_here.so (not looked at: TESSERA_PLUGIN_PATH wants absolute"));
  EXPECT_THAT(std::string(status.message()), testing::Not(HasSubstr("ELF")));
}

TEST(RegistryTest, APluginOfAnotherNameIsRefusedByTheSearch) {
  const std::string folder = new_folder("misnamed");
  copy_null_plugin(folder + "/tessera_other.so");
  setenv("TESSERA_PLUGIN_PATH", folder.c_str(), 1);
  const absl::Status status = find_backend("other").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()), HasSubstr("(calls itself null, expected other)"));
}

TEST(RegistryTest, ABackendThatIsInstalledLaterIsFound) {
  const std::string folder = new_folder("later");
  setenv("TESSERA_PLUGIN_PATH", folder.c_str(), 1);
  EXPECT_EQ(find_backend("minor0").status().code(), absl::StatusCode::kNotFound);
  char before[4096];
  ASSERT_NE(getcwd(before, sizeof(before)), nullptr);
  const std::string library = std::string(before) + "/" + getenv("MINOR_0_PLUGIN");
  ASSERT_EQ(symlink(library.c_str(), (folder + "/tessera_minor0.so").c_str()), 0);
  EXPECT_TRUE(find_backend("minor0").ok());
}

TEST(RegistryTest, ExplainsWhatShipsWhatIsLoadedAndWhatLiesInTheFolders) {
  const std::string folder = new_folder("explained");
  write(folder + "/tessera_thing.so", "no library");
  write(folder + "/tessera_NotAName.so", "no library");
  setenv("TESSERA_PLUGIN_PATH", folder.c_str(), 1);
  EXPECT_EQ(load_backend("/not/there.so").code(), absl::StatusCode::kNotFound);
  const std::string text = explain_backends();
  EXPECT_THAT(text, HasLine("cuda    no such file +" + folder + "/tessera_cuda.so"));
  EXPECT_THAT(text, HasLine("vulkan  no such file +" + folder + "/tessera_vulkan.so"));
  EXPECT_THAT(text, HasLine("null    taken: ABI 0.2, build skeleton, 1 device +/.*null.so"));
  EXPECT_THAT(text, HasLine("thing   not a shared library: no ELF header +" + folder +
                            "/tessera_thing.so"));
  EXPECT_THAT(text, HasLine("[?]       No such file or directory +/not/there.so"));
  EXPECT_THAT(text, testing::Not(HasSubstr("NotAName")));
}

extern "C" TsrStatus initialize_nothing(const TsrHost*, TsrBackend**, TsrMessage*) {
  return TSR_OK;
}

// A table with every function there, of which only the first is called.
TsrBackendApi linked_in_api() {
  TsrBackendApi api = (*find_backend("null"))->api;
  api.backend_initialize = initialize_nothing;
  return api;
}

TEST(RegistryTest, ABackendThatIsLinkedInNeedsNoLibrary) {
  static const TsrBackendApi api = linked_in_api();
  static const TsrPlugin plugin = {TSR_PLUGIN_HEADER, "linked", "test", &api};
  EXPECT_EQ(find_backend("linked").status().code(), absl::StatusCode::kNotFound);
  ASSERT_TRUE(register_backend(plugin).ok());
  EXPECT_TRUE(find_backend("linked").ok());
  EXPECT_EQ((*find_backend("linked"))->path, "");
  const absl::Status again = register_backend(plugin);
  EXPECT_EQ(again.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(again.message(),
            "linked (linked in): backend linked is loaded already, from (linked in)");
}

TEST(RegistryTest, ABackendThatIsLinkedInIsCheckedToo) {
  static const TsrBackendApi api = linked_in_api();
  TsrPlugin plugin = {TSR_PLUGIN_HEADER, "wrong", "test", &api};
  plugin.tensor_size = 8;
  const absl::Status status = register_backend(plugin);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(), "(linked in): states that TsrTensor has 8 bytes; ABI 0.2 has 72");
}

}  // namespace
}  // namespace tessera

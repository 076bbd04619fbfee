// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/cpu/openblas.h"

#include <dirent.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace tessera::cpu {
namespace {

int threads_of_this_process() {
  int count = 0;
  DIR* const tasks = opendir("/proc/self/task");
  while (const dirent* entry = readdir(tasks)) count += entry->d_name[0] != '.';
  closedir(tasks);
  return count;
}

std::vector<std::string> environment() {
  std::vector<std::string> all;
  for (char** variable = environ; *variable != nullptr; ++variable) all.emplace_back(*variable);
  return all;
}

TEST(OpenBlas, StartsNoThreadsAndLeavesTheEnvironment) {
  const int threads = threads_of_this_process();
  const std::vector<std::string> before = environment();
  const char* why = nullptr;
  const OpenBlas* blas = open_blas(&why);
  ASSERT_NE(blas, nullptr) << why << "; install libopenblas0";
  EXPECT_EQ(environment(), before);

  // Large enough that OpenBLAS would divide it.
  const int n = 600;
  std::vector<double> a(n * n, 1.0);
  for (int i = 0; i < n; ++i) a[i * n + i] = n;
  int info = -1;
  blas->of<double>().potrf("U", &n, a.data(), &n, &info, 1);
  EXPECT_EQ(info, 0);
  EXPECT_EQ(threads_of_this_process(), threads);
}

TEST(OpenBlas, FactorsInBothPrecisions) {
  const char* why = nullptr;
  const OpenBlas* blas = open_blas(&why);
  ASSERT_NE(blas, nullptr) << why;
  const int n = 2;
  int info = -1;
  float a[] = {4, 2, 2, 5};
  blas->of<float>().potrf("L", &n, a, &n, &info, 1);
  EXPECT_EQ(info, 0);
  EXPECT_EQ(a[0], 2);
  EXPECT_EQ(a[1], 1);
  EXPECT_EQ(a[3], 2);
  double b[] = {4, 2, 2, 5};
  blas->of<double>().potrf("L", &n, b, &n, &info, 1);
  EXPECT_EQ(b[3], 2);
}

}  // namespace
}  // namespace tessera::cpu

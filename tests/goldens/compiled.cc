// SPDX-License-Identifier: Apache-2.0
#include "tessera/tests/goldens/compiled.h"

#include <cstring>
#include <string_view>

#include "gtest/gtest.h"
#include "tessera/autograd/autograd.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/tensor/capture/compile.h"
#include "tessera/tensor/ops/random.h"
#include "tessera/tensor/ops/reduce.h"

namespace tessera::goldens {
namespace {

// A result, and the gradients of the leaves that have one, as bits.
using Bits = std::vector<std::vector<double>>;

Bits bits_of(const Tensor& result, const std::vector<Tensor>& leaves) {
  Bits all = {result.to_vector<double>()};
  for (const Tensor& leaf : leaves) {
    all.push_back(leaf.grad().defined() ? leaf.grad().to_vector<double>() : std::vector<double>());
  }
  return all;
}

bool same(const Bits& a, const Bits& b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i].size() != b[i].size() ||
        std::memcmp(a[i].data(), b[i].data(), a[i].size() * sizeof(double)) != 0) {
      return false;
    }
  }
  return true;
}

}  // namespace

void expect_same_compiled(const std::function<Tensor()>& call, std::vector<Tensor> leaves) {
  auto body = [&] {
    for (Tensor& leaf : leaves) leaf.set_grad({});
    Tensor result = call();
    if (result.requires_grad()) sum(result).backward();
    return result;
  };
  manual_seed(1);
  const Bits expected = bits_of(body().detach(), leaves);
  auto step = compile(body);
  for (int run = 0; run < 3; ++run) {
    manual_seed(1);
    try {
      EXPECT_TRUE(same(bits_of(step(), leaves), expected)) << "compiled, run " << run;
    } catch (const Error& error) {
      EXPECT_NE(error.status().message().find("a compiled step must not read values"),
                std::string_view::npos)
          << error.status();
      return;
    }
  }
}

}  // namespace tessera::goldens

// SPDX-License-Identifier: Apache-2.0
//
// The reference against PyTorch: every node of torch_goldens.txt.
#include <cmath>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tessera/backends/abi/tessera_plugin.h"
#include "tessera/backends/reference/backend.h"
#include "tessera/backends/reference/view.h"

namespace tessera::reference {
namespace {

constexpr char kGoldens[] = "backends/reference/torch_goldens.txt";

// Both compute in float64; sums in another order.
constexpr double kRelative = 1e-12, kAbsolute = 1e-13;

uint32_t dtype_of_name(const std::string& name) {
  static const std::map<std::string, uint32_t> kNames = {
      {"float32", TSR_FLOAT32},   {"float64", TSR_FLOAT64}, {"float16", TSR_FLOAT16},
      {"bfloat16", TSR_BFLOAT16}, {"int32", TSR_INT32},     {"int64", TSR_INT64},
      {"uint8", TSR_UINT8},       {"bool", TSR_BOOL}};
  return kNames.at(name);
}

// A dense tensor with memory of its own.
struct Dense {
  std::vector<int64_t> shape, strides;
  std::vector<char> bytes;
  TsrTensor tensor = {};

  Dense(uint32_t dtype, std::vector<int64_t> shape_in) : shape(std::move(shape_in)) {
    strides.resize(shape.size());
    int64_t stride = 1;
    for (size_t k = shape.size(); k-- > 0; stride *= shape[k]) strides[k] = stride;
    bytes.assign(stride * item_size(dtype), '\x7b');
    tensor = {sizeof tensor,
              bytes.data(),
              nullptr,
              0,
              shape.data(),
              strides.data(),
              static_cast<uint32_t>(shape.size()),
              dtype,
              0,
              0,
              {0}};
  }
  Dense(const Dense&) = delete;
};

struct Golden {
  int line = 0;
  std::string op;
  std::vector<int64_t> ints;
  std::vector<double> doubles;
  std::vector<std::unique_ptr<Dense>> inputs, outputs;
};

// From "float64 1 3 0.5 nan -inf".
std::unique_ptr<Dense> parse_tensor(std::istream& in) {
  std::string dtype, word;
  int64_t rank = 0;
  in >> dtype >> rank;
  std::vector<int64_t> shape(rank);
  for (int64_t& size : shape) in >> size;
  auto dense = std::make_unique<Dense>(dtype_of_name(dtype), shape);
  View view(dense->tensor);
  for_each_index(shape, [&](const Index& i) {
    in >> word;
    if (is_floating(view.dtype())) {
      view.set(i, Real(std::strtod(word.c_str(), nullptr)));
    } else {
      view.set(i, Integer(std::strtoll(word.c_str(), nullptr, 10)));
    }
  });
  EXPECT_FALSE(in.fail());
  EXPECT_FALSE(in >> word) << "more values than the shape has: " << word;
  return dense;
}

std::vector<Golden> read_goldens() {
  std::ifstream file(kGoldens);
  EXPECT_TRUE(file.good()) << kGoldens;
  std::vector<Golden> goldens;
  std::string text, word;
  for (int number = 1; std::getline(file, text); ++number) {
    std::istringstream in(text);
    in >> word;
    if (word == "op") {
      goldens.emplace_back();
      Golden& golden = goldens.back();
      golden.line = number;
      in >> golden.op >> word;
      while (in >> word && word != "doubles") golden.ints.push_back(std::stoll(word));
      while (in >> word) golden.doubles.push_back(std::stod(word));
    } else if (word == "in") {
      goldens.back().inputs.push_back(parse_tensor(in));
    } else if (word == "out") {
      goldens.back().outputs.push_back(parse_tensor(in));
    }
  }
  return goldens;
}

TsrStatus run(const Golden& golden, const std::vector<std::unique_ptr<Dense>>& outputs) {
  std::vector<const TsrTensor*> in, out;
  for (const auto& t : golden.inputs) in.push_back(&t->tensor);
  for (const auto& t : outputs) out.push_back(&t->tensor);
  TsrNode node = {};
  node.struct_size = sizeof node;
  node.op = golden.op.c_str();
  node.inputs = in.data();
  node.outputs = out.data();
  node.n_inputs = static_cast<uint32_t>(in.size());
  node.n_outputs = static_cast<uint32_t>(out.size());
  node.ints = golden.ints.data();
  node.doubles = golden.doubles.data();
  node.n_ints = static_cast<uint32_t>(golden.ints.size());
  node.n_doubles = static_cast<uint32_t>(golden.doubles.size());
  const TsrKernel* kernel = kApi.kernel_find(nullptr, golden.op.c_str());
  return kernel == nullptr ? TSR_UNIMPLEMENTED : kernel->launch(nullptr, &node, nullptr);
}

bool same(double want, double got) {
  if (std::isnan(want) || std::isnan(got)) return std::isnan(want) && std::isnan(got);
  return want == got || std::fabs(got - want) <= kRelative * std::fabs(want) + kAbsolute;
}

void compare(const Golden& golden, size_t k, const Dense& got) {
  View want(golden.outputs[k]->tensor), have(got.tensor);
  int64_t place = 0;
  for_each_index(want.shape(), [&](const Index& i) {
    const double w = want.get<Real>(i).value, g = have.get<Real>(i).value;
    EXPECT_TRUE(same(w, g)) << kGoldens << ":" << golden.line << ": " << golden.op << ", output "
                            << k << ", element " << place << ": " << g << ", PyTorch has " << w;
    ++place;
  });
}

TEST(GoldenTest, EveryNodeIsAsInPyTorch) {
  const std::vector<Golden> goldens = read_goldens();
  EXPECT_GT(goldens.size(), 150u);
  for (const Golden& golden : goldens) {
    std::vector<std::unique_ptr<Dense>> outputs;
    for (const auto& want : golden.outputs) {
      outputs.push_back(std::make_unique<Dense>(want->tensor.dtype, want->shape));
    }
    ASSERT_EQ(run(golden, outputs), TSR_OK) << kGoldens << ":" << golden.line << ": " << golden.op;
    for (size_t k = 0; k < outputs.size(); ++k) compare(golden, k, *outputs[k]);
  }
}

}  // namespace
}  // namespace tessera::reference

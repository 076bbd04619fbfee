// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/summary.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/factory.h"

namespace tessera::nn {
namespace {

using NamedModules = std::vector<std::pair<std::string, Module*>>;

// Shapes of the last output of each module. Everything is as it was when this is gone, also after
// an exception.
class ShapeRecorder {
 public:
  explicit ShapeRecorder(const NamedModules& modules) {
    for (const auto& [name, module] : modules) {
      modes_.emplace_back(module, module->is_training());
      handles_.push_back(module->register_forward_hook(
          [this](Module& m, const Tensor&, Tensor& output) { shapes_[&m] = output.shape(); }));
    }
    modules[0].second->eval();
  }
  ShapeRecorder(const ShapeRecorder&) = delete;
  ~ShapeRecorder() {
    for (HookHandle& handle : handles_) handle.remove();
    // Parents come first, and train() sets what is below.
    for (auto [module, training] : modes_) module->train(training);
  }

  std::string shape_of(Module* module) const {
    auto it = shapes_.find(module);
    return it == shapes_.end() ? "-" : it->second.to_string();
  }

 private:
  std::vector<std::pair<Module*, bool>> modes_;
  std::vector<HookHandle> handles_;
  absl::flat_hash_map<Module*, Shape> shapes_;
};

// 1234567 -> "1,234,567"
std::string with_commas(int64_t number) {
  std::string text = absl::StrCat(number);
  for (int64_t at = static_cast<int64_t>(text.size()) - 3; at > 0; at -= 3) {
    text.insert(static_cast<size_t>(at), ",");
  }
  return text;
}

}  // namespace

std::string summary(Module& model, const Shape& input_shape) {
  const NamedModules modules = model.named_modules();
  ShapeRecorder recorder(modules);
  TensorOptions options;
  for (const Tensor& p : model.parameters()) {
    options = {.dtype = p.dtype(), .device = p.device()};
    break;
  }
  {
    NoGradGuard no_grad;
    model(zeros(input_shape, options));
  }

  struct Row {
    std::string layer, shape, parameters;
  };
  std::vector<Row> rows = {{"layer (type)", "output shape", "parameters"}};
  for (const auto& [name, module] : modules) {
    const auto depth = name.empty() ? 0 : 1 + std::count(name.begin(), name.end(), '.');
    const std::string label = name.empty()
                                  ? module->type_name()
                                  : absl::StrCat(module->name(), " (", module->type_name(), ")");
    const int64_t parameters = module->num_parameters();
    rows.push_back({std::string(static_cast<size_t>(2 * depth), ' ') + label,
                    recorder.shape_of(module), parameters == 0 ? "-" : with_commas(parameters)});
  }
  size_t layer_width = 0, shape_width = 0, number_width = 0;
  for (const Row& row : rows) {
    layer_width = std::max(layer_width, row.layer.size());
    shape_width = std::max(shape_width, row.shape.size());
    number_width = std::max(number_width, row.parameters.size());
  }
  const std::string line(layer_width + shape_width + number_width + 4, '-');
  std::string text;
  for (const Row& row : rows) {
    absl::StrAppendFormat(&text, "%-*s  %-*s  %*s\n", static_cast<int>(layer_width), row.layer,
                          static_cast<int>(shape_width), row.shape, static_cast<int>(number_width),
                          row.parameters);
    if (&row == &rows[0]) text += line + "\n";
  }
  const int64_t total = model.num_parameters();
  const int64_t trainable = model.num_parameters(/*only_trainable=*/true);
  absl::StrAppend(&text, line, "\ntotal ", with_commas(total), ", trainable ",
                  with_commas(trainable), ", frozen ", with_commas(total - trainable), "\n");
  return text;
}

}  // namespace tessera::nn

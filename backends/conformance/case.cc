// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/conformance/case.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "tessera/tensor/dispatch.h"

namespace tessera::conformance {
namespace {

bool has_float32(const Sample& sample) {
  return std::any_of(sample.inputs.begin(), sample.inputs.end(),
                     [](const SampleTensor& t) { return t.defined && t.dtype == kFloat32; });
}

// The dtype that names the case where the sample fixes its dtypes.
DType first_dtype(const Sample& sample) {
  for (const SampleTensor& t : sample.inputs) {
    if (t.defined) return t.dtype;
  }
  return kFloat32;
}

// Whether the output could stand where the first input does.
bool keeps_dtype(const OpDef& op, const Sample& sample) {
  std::vector<Tensor> numbers;
  for (const SampleTensor& t : sample.inputs) {
    numbers.push_back(to_immediate(HostTensor(t.dtype, {})));
  }
  const std::vector<const Tensor*> pointers = refs(numbers);
  InferContext context(op, pointers, sample.attributes);
  return op.infer(context).ok() && context.outputs[0].dtype == sample.inputs[0].dtype;
}

}  // namespace

bool applies(const OpDef& op, const Sample& sample, Layout layout) {
  auto any_input = [&](auto predicate) {
    return std::any_of(sample.inputs.begin(), sample.inputs.end(),
                       [&](const SampleTensor& t) { return t.defined && predicate(t.shape); });
  };
  // Outputs that are inputs too cannot have a stride of 0, and no number is updated.
  const bool updates = op.has(kUpdatesInputs);
  switch (layout) {
    case Layout::kDense:
      return true;
    case Layout::kTransposed:
      return any_input([](const Shape& s) { return s.rank() >= 2 && s.numel() > 1; });
    case Layout::kOffset:
      return any_input([](const Shape&) { return true; });
    case Layout::kBroadcast:
      return !updates && any_input([](const Shape& s) {
        return std::any_of(s.begin(), s.end(), [](int64_t size) { return size > 1; });
      });
    case Layout::kImmediateLast:
    case Layout::kImmediateFirst:
      return op.has(kElementwise) && !updates && sample.inputs.size() >= 2;
    case Layout::kStridedOutput:
      return op.has(kElementwise) || op.has(kRandom);
    case Layout::kInPlace:
      return op.has(kElementwise) && op.name != "copy" && keeps_dtype(op, sample);
  }
  return false;
}

std::string Case::name() const {
  return absl::StrCat(op->name, "/", sample->name, "/", dtype_name(dtype), "/",
                      layout_name(layout));
}

std::vector<Case> cases_of(const OpDef& op) {
  std::vector<Case> cases;
  if (op.samples == nullptr) return cases;
  for (Sample& s : op.samples(op)) {
    auto sample = std::make_shared<const Sample>(std::move(s));
    if (sample->expected != absl::StatusCode::kOk) {
      cases.push_back({&op, sample, first_dtype(*sample), Layout::kDense});
      continue;
    }
    const bool every_dtype = !sample->fixed_dtypes && has_float32(*sample);
    const DType own = every_dtype ? kFloat32 : first_dtype(*sample);
    for (Layout layout : kAllLayouts) {
      if (applies(op, *sample, layout)) cases.push_back({&op, sample, own, layout});
    }
    if (!every_dtype) continue;
    for (DType dtype : {kFloat64, kFloat16, kBFloat16}) {
      cases.push_back({&op, sample, dtype, Layout::kDense});
    }
  }
  return cases;
}

std::vector<Case> all_cases() {
  std::vector<Case> all;
  for (const OpDef* op : all_ops()) {
    for (Case& c : cases_of(*op)) all.push_back(std::move(c));
  }
  for (Case& c : large_cases()) all.push_back(std::move(c));
  return all;
}

std::vector<HostInput> host_inputs(const Case& c) {
  std::vector<HostInput> inputs;
  for (const SampleTensor& t : c.sample->inputs) {
    const int k = static_cast<int>(inputs.size());
    if (!t.defined) {
      inputs.push_back({.defined = false});
      continue;
    }
    const DType floating = c.sample->fixed_dtypes ? kFloat32 : c.dtype;
    HostTensor values = make_values(t, floating, seed_of(c.op->name, c.sample->name, k));
    const int last = static_cast<int>(c.sample->inputs.size()) - 1;
    const bool immediate = (c.layout == Layout::kImmediateLast && k == last) ||
                           (c.layout == Layout::kImmediateFirst && k == 0);
    if (immediate && values.numel() > 0) {
      // One number, seen in the op's shape.
      HostTensor number(values.dtype, {});
      std::copy_n(values.bytes.begin(), number.bytes.size(), number.bytes.begin());
      inputs.push_back({.immediate = true, .values = std::move(number)});
    } else {
      inputs.push_back({.values = adapted(values, c.layout)});
    }
  }
  return inputs;
}

std::vector<Tensor> device_inputs(const Case& c, const std::vector<HostInput>& inputs,
                                  const Device& device, bool dense) {
  std::vector<Tensor> tensors;
  for (const HostInput& input : inputs) {
    if (!input.defined) {
      tensors.emplace_back();
    } else if (input.immediate) {
      tensors.push_back(to_immediate(input.values));
    } else {
      tensors.push_back(to_device(input.values, device, dense ? Layout::kDense : c.layout));
    }
  }
  return tensors;
}

}  // namespace tessera::conformance

// SPDX-License-Identifier: Apache-2.0
#include "tessera/tensor/ops/lstm.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/factory.h"
#include "tessera/tensor/ops/families.h"
#include "tessera/tensor/ops/gather.h"
#include "tessera/tensor/ops/infer.h"
#include "tessera/tensor/ops/join.h"
#include "tessera/tensor/ops/matmul.h"
#include "tessera/tensor/ops/samples.h"
#include "tessera/tensor/ops/unary.h"
#include "tessera/tensor/ops/view.h"
#include "tessera/tensor/ops/wide.h"

namespace tessera {
namespace {

// The steps of packed sequences. ints: reverse, batch sizes...
struct Steps {
  bool reverse;
  absl::Span<const int64_t> sizes;
  std::vector<int64_t> offsets;  // the first row of each step

  explicit Steps(const Attributes& a)
      : reverse(a.ints[0] != 0), sizes(absl::MakeSpan(a.ints).subspan(1)) {
    int64_t row = 0;
    for (int64_t size : sizes) {
      offsets.push_back(row);
      row += size;
    }
  }
  int64_t count() const { return static_cast<int64_t>(sizes.size()); }
  // The k-th step in the order of computing.
  int64_t at(int64_t k) const { return reverse ? count() - 1 - k : k; }
  Tensor rows(const Tensor& packed, int64_t t) const {
    return narrow(packed, 0, offsets[t], sizes[t]);
  }
};

Tensor first_rows(const Tensor& state, int64_t n) {
  return n == state.size(0) ? state : narrow(state, 0, 0, n);
}
// `state` with `fresh` in place of its first rows.
Tensor with_first_rows(const Tensor& state, const Tensor& fresh) {
  const int64_t n = fresh.size(0), rows = state.size(0);
  return n == rows ? fresh : cat({fresh, narrow(state, 0, n, rows - n)});
}

// gates, weight, h0, c0 -> output, h_n, c_n, activated gates (N, 4 H), cells (N, H)
std::vector<Tensor> forward(const Tensor& gates, const Tensor& weight, const Tensor& h0,
                            const Tensor& c0, const Attributes& attributes) {
  const Steps steps(attributes);
  const DType dtype = gates.dtype();
  const Tensor inputs = wide(gates), columns = transpose(wide(weight), 0, 1);
  Tensor h = wide(h0), c = wide(c0);
  std::vector<Tensor> outputs(steps.count()), activated(steps.count()), cells(steps.count());
  for (int64_t k = 0; k < steps.count(); ++k) {
    const int64_t t = steps.at(k), n = steps.sizes[t];
    const Tensor sums = steps.rows(inputs, t) + matmul(first_rows(h, n), columns);
    const std::vector<Tensor> part = chunk(sums, 4, 1);
    const Tensor i = sigmoid(part[0]), f = sigmoid(part[1]), g = tanh(part[2]),
                 o = sigmoid(part[3]);
    cells[t] = f * first_rows(c, n) + i * g;
    outputs[t] = o * tanh(cells[t]);
    activated[t] = cat({i, f, g, o}, 1);
    c = with_first_rows(c, cells[t]);
    h = with_first_rows(h, outputs[t]);
  }
  return {cat(outputs).to(dtype), h.to(dtype), c.to(dtype), cat(activated), cat(cells)};
}

// gy (N, H), gh, gc (B, H), weight, activated, cells, c0 -> the gradients of gates, h0 and c0
std::vector<Tensor> backward(TensorRefs in, const Attributes& attributes) {
  const Steps steps(attributes);
  const Tensor gy = wide(*in[0]), weight = wide(*in[3]);
  const Tensor activated = wide(*in[4]), cells = wide(*in[5]), c0 = wide(*in[6]);
  const DType dtype = in[3]->dtype();
  Tensor dh = wide(*in[1]), dc = wide(*in[2]);
  std::vector<Tensor> gates(steps.count());
  for (int64_t k = steps.count() - 1; k >= 0; --k) {
    const int64_t t = steps.at(k), n = steps.sizes[t];
    const std::vector<Tensor> part = chunk(steps.rows(activated, t), 4, 1);
    const Tensor &i = part[0], &f = part[1], &g = part[2], &o = part[3];
    const Tensor c = tanh(steps.rows(cells, t));
    const Tensor before =
        k == 0 ? c0
               : with_first_rows(c0, first_rows(steps.rows(cells, steps.at(k - 1)),
                                                std::min(n, steps.sizes[steps.at(k - 1)])));
    const Tensor h_step = first_rows(dh, n) + steps.rows(gy, t);
    const Tensor c_step = first_rows(dc, n) + h_step * o * (1 - c * c);
    gates[t] = cat({c_step * g * i * (1 - i), c_step * first_rows(before, n) * f * (1 - f),
                    c_step * i * (1 - g * g), h_step * c * o * (1 - o)},
                   1);
    dc = with_first_rows(dc, c_step * f);
    dh = with_first_rows(dh, matmul(gates[t], weight));
  }
  return {cat(gates).to(dtype), dh.to(dtype), dc.to(dtype)};
}

// The h that each row started its step with, packed.
Tensor states_before(const Tensor& output, const Tensor& h0, const Attributes& attributes) {
  const Steps steps(attributes);
  const int64_t batch = steps.sizes[0], rows = output.size(0);
  if (steps.sizes.back() == batch) {
    return steps.reverse ? cat({narrow(output, 0, batch, rows - batch), h0})
                         : cat({h0, narrow(output, 0, 0, rows - batch)});
  }
  // Rows of {h0, output}.
  std::vector<int64_t> from;
  for (int64_t t = 0; t < steps.count(); ++t) {
    const int64_t before = steps.reverse ? t + 1 : t - 1;
    for (int64_t b = 0; b < steps.sizes[t]; ++b) {
      const bool is_first = before < 0 || before == steps.count() || b >= steps.sizes[before];
      from.push_back(is_first ? b : batch + steps.offsets[before] + b);
    }
  }
  return index_select(cat({h0, output}), 0,
                      tensor<int64_t>(from, {.dtype = kInt64, .device = output.device()}));
}

absl::Status check_steps(const InferContext& c, int64_t rows, int64_t batch) {
  const auto& ints = c.attributes().ints;
  if (ints.size() < 2) return c.invalid("wants at least one step");
  int64_t total = 0;
  for (size_t t = 1; t < ints.size(); ++t) {
    if (ints[t] < 0 || (t > 1 && ints[t] > ints[t - 1])) {
      return c.invalid("batch size ", t - 1, " is ", ints[t],
                       ": none may be negative or greater than the one before");
    }
    total += ints[t];
  }
  if (total != rows || ints[1] != batch) {
    return c.invalid("batch sizes begin with ", ints[1], " and are ", total,
                     " in all; the state has ", batch, " rows, the packed input ", rows);
  }
  return absl::OkStatus();
}

absl::Status check_shape(const InferContext& c, int i, std::string_view name, const Shape& shape) {
  if (c.shape(i) == shape) return absl::OkStatus();
  return c.invalid(name, " has shape ", c.shape(i).to_string(), ", expected ", shape.to_string());
}

Sample with_steps(Sample sample, bool reverse, std::vector<int64_t> sizes) {
  sample.attributes.ints = {reverse};
  sample.attributes.ints.insert(sample.attributes.ints.end(), sizes.begin(), sizes.end());
  return sample;
}

// gy, gh, gc, weight, activated, cells, c0 -> gradients of gates, h0, c0; ints as lstm. Not
// recorded: lstm's vjp is written in other ops where its gradient is wanted.
const OpDef kLstmBackward = {
    .name = "lstm_backward",
    .infer =
        [](InferContext& c) {
          TESSERA_RETURN_IF_ERROR(check_floating_point(c, 3));
          TESSERA_RETURN_IF_ERROR(check_rank(c, 0, 2, "gradient"));
          TESSERA_RETURN_IF_ERROR(check_rank(c, 1, 2, "gradient of h_n"));
          const int64_t rows = c.shape(0)[0], h = c.shape(0)[1], batch = c.shape(1)[0];
          TESSERA_RETURN_IF_ERROR(check_steps(c, rows, batch));
          for (int i = 0; i < 3; ++i) TESSERA_RETURN_IF_ERROR(check_same_dtype(c, i, 3));
          TESSERA_RETURN_IF_ERROR(check_shape(c, 1, "gradient of h_n", {batch, h}));
          TESSERA_RETURN_IF_ERROR(check_shape(c, 2, "gradient of c_n", {batch, h}));
          TESSERA_RETURN_IF_ERROR(check_shape(c, 3, "weight", {4 * h, h}));
          TESSERA_RETURN_IF_ERROR(check_shape(c, 4, "activated gates", {rows, 4 * h}));
          TESSERA_RETURN_IF_ERROR(check_shape(c, 5, "cells", {rows, h}));
          TESSERA_RETURN_IF_ERROR(check_shape(c, 6, "c0", {batch, h}));
          c.add_output(c.dtype(3), {rows, 4 * h});
          c.add_output(c.dtype(3), {batch, h});
          c.add_output(c.dtype(3), {batch, h});
          return absl::OkStatus();
        },
    .decompose = [](TensorRefs in, const Attributes& a) { return backward(in, a); },
    .samples =
        [](const OpDef&) {
          auto of = [](const char* name, int64_t h, bool reverse, std::vector<int64_t> sizes) {
            int64_t n = 0;
            for (int64_t size : sizes) n += size;
            const int64_t b = sizes[0];
            return with_steps(
                sample(name, {arg({n, h}), arg({b, h}), arg({b, h}), arg({4 * h, h}, -1, 1),
                              arg({n, 4 * h}, 0.1, 0.9), arg({n, h}), arg({b, h})}),
                reverse, sizes);
          };
          return std::vector<Sample>{
              of("Steps", 5, false, {3, 3, 3}),
              of("Reverse", 17, true, {2, 2}),
              of("Packed", 3, false, {5, 4, 4, 1}),
              of("PackedReverse", 3, true, {5, 4, 4, 1}),
              of("NoSequences", 3, false, {0, 0}),
              with_steps(
                  error_sample("WeightShape", {arg({2, 3}), arg({2, 3}), arg({2, 3}), arg({12, 4}),
                                               arg({2, 12}), arg({2, 3}), arg({2, 3})}),
                  false, {2})};
        },
};

// gates (N, 4 H), weight (4 H, H), h0, c0 (B, H) -> output (N, H), h_n, c_n (B, H), activated gates
// (N, 4 H), cells (N, H); ints: reverse, batch sizes...
const OpDef kLstm = {
    .name = "lstm",
    .infer =
        [](InferContext& c) {
          TESSERA_RETURN_IF_ERROR(check_floating_point(c, 0));
          TESSERA_RETURN_IF_ERROR(check_rank(c, 0, 2, "gates"));
          TESSERA_RETURN_IF_ERROR(check_rank(c, 2, 2, "h0"));
          const int64_t rows = c.shape(0)[0], batch = c.shape(2)[0], h = c.shape(2)[1];
          for (int i = 1; i < 4; ++i) TESSERA_RETURN_IF_ERROR(check_same_dtype(c, 0, i));
          TESSERA_RETURN_IF_ERROR(check_shape(c, 0, "gates", {rows, 4 * h}));
          TESSERA_RETURN_IF_ERROR(check_shape(c, 1, "weight", {4 * h, h}));
          TESSERA_RETURN_IF_ERROR(check_shape(c, 3, "c0", {batch, h}));
          TESSERA_RETURN_IF_ERROR(check_steps(c, rows, batch));
          c.add_output(c.dtype(0), {rows, h});
          c.add_output(c.dtype(0), {batch, h});
          c.add_output(c.dtype(0), {batch, h});
          c.add_output(wide_dtype(c.dtype(0)), {rows, 4 * h});
          c.add_output(wide_dtype(c.dtype(0)), {rows, h});
          return absl::OkStatus();
        },
    .vjp =
        [](VjpContext& c) {
          const Tensor &weight = c.input(1), &h0 = c.input(2), &c0 = c.input(3);
          const Tensor gy = c.grad(0), gh = c.grad(1), gc = c.grad(2);
          Tensor output = c.output(0);
          std::vector<Tensor> results;
          if (dispatch_state().grad_mode) {
            const std::vector<Tensor> again = forward(c.input(0), weight, h0, c0, c.attributes());
            output = again[0];
            const Tensor* inputs[] = {&gy, &gh, &gc, &weight, &again[3], &again[4], &c0};
            results = backward(inputs, c.attributes());
          } else {
            const Tensor* inputs[] = {&gy, &gh, &gc, &weight, &c.output(3), &c.output(4), &c0};
            results = dispatch_all(kLstmBackward, inputs, c.attributes());
          }
          if (c.needs(0)) c.set(0, results[0]);
          if (c.needs(1)) {
            c.set(1,
                  matmul(transpose(results[0], 0, 1), states_before(output, h0, c.attributes())));
          }
          if (c.needs(2)) c.set(2, results[1]);
          if (c.needs(3)) c.set(3, results[2]);
        },
    .decompose = [](TensorRefs in,
                    const Attributes& a) { return forward(*in[0], *in[1], *in[2], *in[3], a); },
    .saved_inputs = kSaveAll,
    .saved_outputs = 1 | 8 | 16,
    .auxiliary_outputs = 8 | 16,
    .samples =
        [](const OpDef&) {
          auto of = [](const char* name, int64_t h, bool reverse, std::vector<int64_t> sizes) {
            int64_t n = 0;
            for (int64_t size : sizes) n += size;
            const int64_t b = sizes[0];
            return with_steps(
                sample(name, {arg({n, 4 * h}), arg({4 * h, h}, -1, 1), arg({b, h}), arg({b, h})}),
                reverse, sizes);
          };
          auto wrong = [](const char* name, std::vector<SampleTensor> inputs,
                          std::vector<int64_t> sizes) {
            return with_steps(error_sample(name, std::move(inputs)), false, sizes);
          };
          return std::vector<Sample>{
              of("Steps", 5, false, {3, 3, 3}),
              of("OneStep", 17, false, {2}),
              of("Reverse", 3, true, {2, 2}),
              of("Packed", 2, false, {5, 4, 4, 1}),
              of("PackedReverse", 2, true, {3, 2, 2, 1}),
              of("NoSequences", 3, false, {0, 0}),
              wrong("NoSteps", {arg({0, 12}), arg({12, 3}), arg({0, 3}), arg({0, 3})}, {}),
              wrong("Growing", {arg({3, 12}), arg({12, 3}), arg({1, 3}), arg({1, 3})}, {1, 2}),
              wrong("Rows", {arg({3, 12}), arg({12, 3}), arg({2, 3}), arg({2, 3})}, {2, 2}),
              wrong("Weight", {arg({2, 12}), arg({12, 4}), arg({2, 3}), arg({2, 3})}, {2})};
        },
};

}  // namespace

LstmResult lstm(const Tensor& gates, const Tensor& weight, const Tensor& h0, const Tensor& c0,
                absl::Span<const int64_t> batch_sizes, bool reverse) {
  Attributes attributes = {static_cast<int64_t>(reverse)};
  attributes.ints.insert(attributes.ints.end(), batch_sizes.begin(), batch_sizes.end());
  const Tensor* inputs[] = {&gates, &weight, &h0, &c0};
  std::vector<Tensor> results = dispatch_all(kLstm, inputs, attributes);
  return {results[0], results[1], results[2]};
}

absl::Span<const OpDef* const> lstm_ops() {
  static const OpDef* const kOps[] = {&kLstm, &kLstmBackward};
  return kOps;
}

}  // namespace tessera

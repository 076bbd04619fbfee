// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/embedding.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/nn/init.h"
#include "tessera/nn/python_text.h"
#include "tessera/tensor/dispatch.h"
#include "tessera/tensor/ops/factory.h"

namespace tessera::nn {
namespace {

// A table of undefined contents.
Tensor new_table(const char* layer, int64_t rows, int64_t width, DType dtype,
                 std::optional<Device> device) {
  if (rows < 0 || width < 0) {
    raise(absl::InvalidArgumentError(
        absl::StrCat(layer, "(", rows, ", ", width, "): sizes must not be negative")));
  }
  return empty({rows, width}, {.dtype = dtype, .device = device});
}

void check_options(const char* layer, const Tensor& table, bool sparse,
                   std::optional<int64_t>& padding_idx) {
  if (sparse) {
    raise(absl::UnimplementedError(
        absl::StrCat(layer, ": sparse gradients are not supported; leave sparse at false")));
  }
  if (table.dim() != 2) {
    raise(absl::InvalidArgumentError(
        absl::StrCat(layer, ": the table must be a matrix, got ", table.shape().to_string())));
  }
  if (!padding_idx.has_value()) return;
  const int64_t rows = table.size(0);
  if (*padding_idx < -rows || *padding_idx >= rows) {
    raise(absl::OutOfRangeError(
        absl::StrCat(layer, ": padding_idx is ", *padding_idx, ", the table has ", rows, " rows")));
  }
  if (*padding_idx < 0) *padding_idx += rows;
}

void reset_table(const Tensor& weight, std::optional<int64_t> padding_idx) {
  init::normal_(weight);
  if (padding_idx.has_value()) init::zeros_(weight.detach()[*padding_idx]);
}

template <class Options>
std::string describe(const Tensor& weight, const Options& o) {
  std::string text = absl::StrCat(weight.size(0), ", ", weight.size(1));
  if (o.padding_idx.has_value()) absl::StrAppend(&text, ", padding_idx=", *o.padding_idx);
  if (o.max_norm.has_value()) absl::StrAppend(&text, ", max_norm=", python_text(*o.max_norm));
  if (o.norm_type != 2) absl::StrAppend(&text, ", norm_type=", python_text(o.norm_type));
  if (o.scale_grad_by_freq) text += ", scale_grad_by_freq=True";
  return text;
}

}  // namespace

Embedding::Embedding(Tensor table, const EmbeddingOptions& options) : options_(options) {
  check_options("Embedding", table, options.sparse, options_.padding_idx);
  weight = add_parameter("weight", std::move(table));
}

Embedding::Embedding(int64_t rows, int64_t width, const EmbeddingOptions& options)
    : Embedding(new_table("Embedding", rows, width, options.dtype, options.device), options) {
  reset_parameters();
}

Embedding Embedding::from_pretrained(Tensor table, bool freeze, const EmbeddingOptions& options) {
  Embedding embedding(std::move(table), options);
  embedding.weight.requires_grad_(!freeze);
  return embedding;
}

void Embedding::reset_parameters() { reset_table(weight, options_.padding_idx); }

Tensor Embedding::forward(const Tensor& indices) {
  return functional::embedding(indices, weight,
                               {.padding_idx = options_.padding_idx,
                                .max_norm = options_.max_norm,
                                .norm_type = options_.norm_type,
                                .scale_grad_by_freq = options_.scale_grad_by_freq});
}

std::string Embedding::extra_repr() const { return describe(weight, options_); }

EmbeddingBag::EmbeddingBag(Tensor table, const EmbeddingBagModuleOptions& options)
    : options_(options) {
  check_options("EmbeddingBag", table, options.sparse, options_.padding_idx);
  weight = add_parameter("weight", std::move(table));
}

EmbeddingBag::EmbeddingBag(int64_t rows, int64_t width, const EmbeddingBagModuleOptions& options)
    : EmbeddingBag(new_table("EmbeddingBag", rows, width, options.dtype, options.device), options) {
  reset_parameters();
}

EmbeddingBag EmbeddingBag::from_pretrained(Tensor table, bool freeze,
                                           const EmbeddingBagModuleOptions& options) {
  EmbeddingBag bag(std::move(table), options);
  bag.weight.requires_grad_(!freeze);
  return bag;
}

void EmbeddingBag::reset_parameters() { reset_table(weight, options_.padding_idx); }

Tensor EmbeddingBag::forward(const Tensor& indices, const Tensor& offsets,
                             const Tensor& per_sample_weights) {
  return functional::embedding_bag(indices, weight, offsets,
                                   {.mode = options_.mode,
                                    .per_sample_weights = per_sample_weights,
                                    .include_last_offset = options_.include_last_offset,
                                    .padding_idx = options_.padding_idx,
                                    .max_norm = options_.max_norm,
                                    .norm_type = options_.norm_type,
                                    .scale_grad_by_freq = options_.scale_grad_by_freq});
}

std::string EmbeddingBag::extra_repr() const {
  // PyTorch's order.
  EmbeddingBagModuleOptions o = options_;
  const auto padding = std::exchange(o.padding_idx, std::nullopt);
  const char* const kModes[] = {"sum", "mean", "max"};
  std::string text =
      absl::StrCat(describe(weight, o), ", mode='", kModes[static_cast<int>(o.mode)], "'");
  if (padding.has_value()) absl::StrAppend(&text, ", padding_idx=", *padding);
  return text;
}

}  // namespace tessera::nn

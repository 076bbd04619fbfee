// SPDX-License-Identifier: Apache-2.0
#include "tessera/tensor/ops/einsum.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "tessera/tensor/ops/arguments.h"
#include "tessera/tensor/ops/binary.h"
#include "tessera/tensor/ops/matmul.h"
#include "tessera/tensor/ops/reduce.h"
#include "tessera/tensor/ops/triangular.h"
#include "tessera/tensor/ops/view.h"

namespace tessera {
namespace {

// A label is a letter's character, or kEllipsis + k for the k-th dimension of "...", from its end.
using Label = int;
using Labels = std::vector<Label>;
constexpr Label kEllipsis = 256;

bool has(const Labels& labels, Label label) {
  return std::find(labels.begin(), labels.end(), label) != labels.end();
}
int64_t place_of(const Labels& labels, Label label) {
  return std::find(labels.begin(), labels.end(), label) - labels.begin();
}

std::string name_of(Label label) {
  return label < kEllipsis ? std::string(1, static_cast<char>(label)) : "...";
}

// One operand's subscripts, or the result's: letters, with kEllipsis for "...".
Labels parse_term(std::string_view equation, std::string_view term) {
  Labels labels;
  for (size_t i = 0; i < term.size(); ++i) {
    const char c = term[i];
    if (c == ' ') continue;
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
      labels.push_back(c);
    } else if (term.substr(i, 3) == "..." && !has(labels, kEllipsis)) {
      labels.push_back(kEllipsis);
      i += 2;
    } else {
      raise_invalid("einsum", "'", equation, "' has an unexpected '", std::string(1, c),
                    "': terms hold letters and at most one '...'");
    }
  }
  return labels;
}

struct Equation {
  std::vector<Labels> operands;
  Labels result;
  bool has_result = false;
};

Equation parse(std::string_view equation) {
  Equation parsed;
  std::string_view left = equation;
  if (const size_t arrow = equation.find("->"); arrow != std::string_view::npos) {
    left = equation.substr(0, arrow);
    parsed.result = parse_term(equation, equation.substr(arrow + 2));
    parsed.has_result = true;
  }
  for (size_t start = 0; start <= left.size();) {
    const size_t comma = std::min(left.find(',', start), left.size());
    parsed.operands.push_back(parse_term(equation, left.substr(start, comma - start)));
    start = comma + 1;
  }
  return parsed;
}

// A tensor whose dimensions have names, each once.
struct Named {
  Tensor tensor;
  Labels labels;

  int64_t size(Label label) const { return tensor.size(place_of(labels, label)); }
};

// `labels` with kEllipsis replaced by `n` dimensions.
Labels expand_ellipsis(const Labels& labels, int64_t n) {
  Labels expanded;
  for (Label label : labels) {
    if (label != kEllipsis) {
      expanded.push_back(label);
      continue;
    }
    for (int64_t k = n - 1; k >= 0; --k) expanded.push_back(kEllipsis + static_cast<Label>(k));
  }
  return expanded;
}

// An operand with its diagonals taken.
Named name_dims(std::string_view equation, const Tensor& x, const Labels& term, size_t index) {
  const int64_t letters = static_cast<int64_t>(term.size()) - (has(term, kEllipsis) ? 1 : 0);
  const int64_t rest = x.dim() - letters;
  if (rest < 0 || (rest > 0 && !has(term, kEllipsis))) {
    raise_invalid("einsum", "'", equation, "' gives operand ", index, " ", letters,
                  " dimensions, it has ", x.shape().to_string());
  }
  Named named{x, expand_ellipsis(term, rest)};
  for (size_t i = 0; i < named.labels.size(); ++i) {
    for (size_t j = i + 1; j < named.labels.size();) {
      if (named.labels[j] != named.labels[i]) {
        ++j;
        continue;
      }
      const int64_t a = static_cast<int64_t>(i), b = static_cast<int64_t>(j);
      if (named.tensor.size(a) != named.tensor.size(b)) {
        raise_invalid("einsum", "'", equation, "': '", name_of(named.labels[i]),
                      "' stands twice in operand ", index, " for sizes ", named.tensor.size(a),
                      " and ", named.tensor.size(b));
      }
      named.tensor = movedim(diagonal(named.tensor, 0, a, b), -1, a);
      named.labels.erase(named.labels.begin() + b);
    }
  }
  return named;
}

void check_sizes(std::string_view equation, const std::vector<Named>& operands) {
  std::vector<std::pair<Label, int64_t>> sizes;
  for (const Named& x : operands) {
    for (Label label : x.labels) {
      const int64_t size = x.size(label);
      auto known = std::find_if(sizes.begin(), sizes.end(),
                                [&](const auto& entry) { return entry.first == label; });
      if (known == sizes.end()) {
        sizes.emplace_back(label, size);
      } else if (known->second == 1) {
        known->second = size;
      } else if (size != 1 && size != known->second) {
        raise_invalid("einsum", "'", equation, "': '", name_of(label), "' has sizes ",
                      known->second, " and ", size);
      }
    }
  }
}

// What the equation leaves unsaid: the "..." dimensions, then letters that stand once, in order.
Labels implicit_result(const std::vector<Labels>& operands) {
  std::array<int, 256> count = {};
  bool ellipsis = false;
  for (const Labels& labels : operands) {
    for (Label label : labels) {
      if (label == kEllipsis) {
        ellipsis = true;
      } else {
        ++count[static_cast<size_t>(label)];
      }
    }
  }
  Labels result;
  if (ellipsis) result.push_back(kEllipsis);
  for (Label label = 0; label < 256; ++label) {
    if (count[static_cast<size_t>(label)] == 1) result.push_back(label);
  }
  return result;
}

void check_result(std::string_view equation, const Equation& parsed) {
  for (size_t i = 0; i < parsed.result.size(); ++i) {
    const Label label = parsed.result[i];
    if (place_of(parsed.result, label) != static_cast<int64_t>(i)) {
      raise_invalid("einsum", "'", equation, "': '", name_of(label),
                    "' stands twice in the result");
    }
    const bool known =
        label == kEllipsis || std::any_of(parsed.operands.begin(), parsed.operands.end(),
                                          [&](const Labels& o) { return has(o, label); });
    if (!known) {
      raise_invalid("einsum", "'", equation, "': '", name_of(label),
                    "' of the result is in no operand");
    }
  }
}

// Sums over the labels for which `dropped` says so.
template <class F>
void sum_out(Named& x, F dropped) {
  std::vector<int64_t> dims;
  Labels kept;
  for (size_t i = 0; i < x.labels.size(); ++i) {
    if (dropped(x.labels[i])) {
      dims.push_back(static_cast<int64_t>(i));
    } else {
      kept.push_back(x.labels[i]);
    }
  }
  if (dims.empty()) return;
  x.tensor = sum(x.tensor, dims);
  x.labels = kept;
}

// Drops a dimension of size 1.
void drop(Named& x, Label label) {
  const int64_t place = place_of(x.labels, label);
  x.tensor = squeeze(x.tensor, place);
  x.labels.erase(x.labels.begin() + place);
}

// The dimensions in the order of `labels`; the tensor has each of them.
Tensor in_order(const Named& x, const Labels& labels) {
  std::vector<int64_t> order;
  bool same = true;
  for (size_t i = 0; i < labels.size(); ++i) {
    order.push_back(place_of(x.labels, labels[i]));
    same = same && order.back() == static_cast<int64_t>(i);
  }
  return same ? x.tensor : permute(x.tensor, order);
}

Labels joined(const Labels& a, const Labels& b) {
  Labels all = a;
  all.insert(all.end(), b.begin(), b.end());
  return all;
}

int64_t product_of_sizes(const Named& x, const Labels& labels) {
  int64_t n = 1;
  for (Label label : labels) n *= x.size(label);
  return n;
}

// The product of a and b, summed over the labels that `kept` does not want.
template <class F>
Named contract(Named a, Named b, F kept) {
  sum_out(a, [&](Label label) { return !kept(label) && !has(b.labels, label); });
  sum_out(b, [&](Label label) { return !kept(label) && !has(a.labels, label); });
  // A size of 1 against another one broadcasts: the sum over it is the other operand's.
  for (Label label : Labels(a.labels)) {
    if (!has(b.labels, label) || a.size(label) == b.size(label)) continue;
    Named& wide = a.size(label) == 1 ? b : a;
    drop(a.size(label) == 1 ? a : b, label);
    if (!kept(label)) sum_out(wide, [&](Label l) { return l == label; });
  }
  Labels batch, summed, only_a, only_b;
  for (Label label : a.labels) {
    (!has(b.labels, label) ? only_a : kept(label) ? batch : summed).push_back(label);
  }
  for (Label label : b.labels) {
    if (!has(a.labels, label)) only_b.push_back(label);
  }
  Named result;
  result.labels = joined(joined(batch, only_a), only_b);
  Shape shape;
  for (Label label : result.labels)
    shape.push_back(has(a.labels, label) ? a.size(label) : b.size(label));
  Tensor x = in_order(a, joined(joined(batch, only_a), summed));
  if (summed.empty()) {
    for (size_t i = 0; i < only_b.size(); ++i) x = unsqueeze(x, -1);
    Tensor y = in_order(b, joined(batch, only_b));
    const int64_t place = static_cast<int64_t>(batch.size());
    for (size_t i = 0; i < only_a.size(); ++i) y = unsqueeze(y, place);
    result.tensor = mul(x, y);
    return result;
  }
  const int64_t n_batch = product_of_sizes(a, batch), depth = product_of_sizes(a, summed);
  const int64_t m = product_of_sizes(a, only_a), n = product_of_sizes(b, only_b);
  Tensor y = in_order(b, joined(joined(batch, summed), only_b));
  if (batch.empty()) {
    result.tensor = reshape(matmul(reshape(x, {m, depth}), reshape(y, {depth, n})), shape);
  } else {
    result.tensor =
        reshape(matmul(reshape(x, {n_batch, m, depth}), reshape(y, {n_batch, depth, n})), shape);
  }
  return result;
}

}  // namespace

Tensor einsum(std::string_view equation, absl::Span<const Tensor> operands) {
  Equation parsed = parse(equation);
  if (operands.empty()) raise_invalid("einsum", "wants at least one operand");
  if (parsed.operands.size() != operands.size()) {
    raise_invalid("einsum", "'", equation, "' has ", parsed.operands.size(), " operands, got ",
                  operands.size());
  }
  if (parsed.has_result) {
    check_result(equation, parsed);
  } else {
    parsed.result = implicit_result(parsed.operands);
  }
  std::vector<Named> named;
  int64_t ellipsis = 0;
  for (size_t i = 0; i < operands.size(); ++i) {
    named.push_back(name_dims(equation, operands[i], parsed.operands[i], i));
    for (Label label : named.back().labels) {
      ellipsis = std::max<int64_t>(ellipsis, label - kEllipsis + 1);
    }
  }
  check_sizes(equation, named);
  const Labels result = expand_ellipsis(parsed.result, ellipsis);

  Named total = std::move(named[0]);
  for (size_t i = 1; i < named.size(); ++i) {
    total = contract(std::move(total), named[i], [&](Label label) {
      if (has(result, label)) return true;
      return std::any_of(named.begin() + static_cast<int64_t>(i) + 1, named.end(),
                         [&](const Named& later) { return has(later.labels, label); });
    });
  }
  sum_out(total, [&](Label label) { return !has(result, label); });
  return in_order(total, result);
}

Tensor tensordot(const Tensor& a, const Tensor& b, int64_t dims) {
  if (dims < 0 || dims > a.dim() || dims > b.dim()) {
    raise_invalid("tensordot", "cannot sum over ", dims, " dimensions of ", a.shape().to_string(),
                  " and ", b.shape().to_string());
  }
  std::vector<int64_t> dims_a, dims_b;
  for (int64_t d = 0; d < dims; ++d) {
    dims_a.push_back(a.dim() - dims + d);
    dims_b.push_back(d);
  }
  return tensordot(a, b, dims_a, dims_b);
}

Tensor tensordot(const Tensor& a, const Tensor& b, Dims dims_a, Dims dims_b) {
  if (dims_a.size() != dims_b.size()) {
    raise_invalid("tensordot", "pairs dimensions ", to_string(dims_a), " with ", to_string(dims_b));
  }
  const std::vector<int64_t> of_a = dims_or_raise("tensordot", dims_a, a.shape().rank());
  const std::vector<int64_t> of_b = dims_or_raise("tensordot", dims_b, b.shape().rank());
  Named x{a, {}}, y{b, {}};
  for (int d = 0; d < a.shape().rank(); ++d) x.labels.push_back(d);
  for (int d = 0; d < b.shape().rank(); ++d) y.labels.push_back(a.shape().rank() + d);
  for (size_t i = 0; i < of_a.size(); ++i) {
    const int64_t p = a.size(of_a[i]), q = b.size(of_b[i]);
    if (p != q && p != 1 && q != 1) {
      raise_invalid("tensordot", "dimension ", of_a[i], " of ", a.shape().to_string(),
                    " and dimension ", of_b[i], " of ", b.shape().to_string(), " differ");
    }
    y.labels[static_cast<size_t>(of_b[i])] = x.labels[static_cast<size_t>(of_a[i])];
  }
  Labels result;
  for (Label label : x.labels) {
    if (!has(y.labels, label)) result.push_back(label);
  }
  for (Label label : y.labels) {
    if (!has(x.labels, label)) result.push_back(label);
  }
  Named total =
      contract(std::move(x), std::move(y), [&](Label label) { return has(result, label); });
  return in_order(total, result);
}

}  // namespace tessera

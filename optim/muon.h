// SPDX-License-Identifier: Apache-2.0
//
// Muon: momentum made orthogonal, for the matrices of hidden layers, as torch.optim.Muon.
//
//   optim::Muon matrices(hidden_weights, {.lr = 0.02});
//   optim::AdamW others(embeddings_and_biases, {.lr = 3e-4});
#ifndef TESSERA_OPTIM_MUON_H_
#define TESSERA_OPTIM_MUON_H_

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tessera/optim/grouped_optimizer.h"

namespace tessera::optim {

// How the rate follows the shape (A, B) of a matrix: lr times
//   kOriginal            sqrt(max(1, A / B))     (Jordan)
//   kMatchRmsAdamw       0.2 sqrt(max(A, B))     (Liu et al., 2025)
//   kSpectralUnclamped   sqrt(A / B)             (Bernstein)
enum class AdjustLrFn { kOriginal = 0, kMatchRmsAdamw = 1, kSpectralUnclamped = 2 };

struct MuonOptions {
  double lr = 1e-3;
  double weight_decay = 0.1;  // shrinks the parameter by lr * weight_decay, the rate not adjusted
  double momentum = 0.95;
  bool nesterov = true;
  std::array<double, 3> ns_coefficients = {3.4445, -4.7750, 2.0315};
  double eps = 1e-7;     // the least norm that a momentum is divided by
  int64_t ns_steps = 5;  // below 100
  AdjustLrFn adjust_lr_fn = AdjustLrFn::kOriginal;

  template <class Self, class F>
  static void visit(Self& o, F&& f) {
    f("lr", o.lr);
    f("weight_decay", o.weight_decay);
    f("momentum", o.momentum);
    f("nesterov", o.nesterov);
    f("ns_coefficients.0", o.ns_coefficients[0]);
    f("ns_coefficients.1", o.ns_coefficients[1]);
    f("ns_coefficients.2", o.ns_coefficients[2]);
    f("eps", o.eps);
    f("ns_steps", o.ns_steps);
    f("adjust_lr_fn", o.adjust_lr_fn);
  }
  std::string problem() const;
  static std::string parameter_problem(const Tensor& parameter);
};

// With g the gradient:
//   m = m + (1 - momentum) (g - m),  u = nesterov ? g + momentum (m - g) : m
//   p = p (1 - lr weight_decay) - adjusted lr * O(u)
// O(u), roughly U V^T of u = U S V^T: X = u / max(|u|, eps), then ns_steps times
//   X = a X + (b Y + c Y^2) X,  Y = X X^T     (a, b, c the ns_coefficients)
// on u or its transpose, whichever is wide. X and Y are rounded to bfloat16, products accumulate in
// float32. One parameter after another, as a composition of ops.
//   shape:  parameters are matrices
//   errors: throws kInvalidArgument for options out of range and parameters of another rank
//   source: Jordan et al., Muon: An optimizer for hidden layers in neural networks, 2024
class Muon : public GroupedOptimizer<MuonOptions> {
 public:
  explicit Muon(std::vector<Tensor> params, const MuonOptions& options = {})
      : Muon(std::vector<Group>{{std::move(params), options}}) {}
  explicit Muon(std::vector<Group> groups);

  using Optimizer::step;
  void step() override;
};

}  // namespace tessera::optim

#endif  // TESSERA_OPTIM_MUON_H_

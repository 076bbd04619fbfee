// SPDX-License-Identifier: Apache-2.0
//
// OpDef: all that the host knows of an op, in one place.
//
//   const OpDef kExp = {
//       .name = "exp",
//       .infer = infer_unary,
//       .vjp = [](VjpContext& c) { c.set(0, c.grad() * c.output(0)); },
//       .saved_outputs = 1,
//       .traits = kElementwise,
//       .samples = sample_unary,
//   };
//   Tensor exp(const Tensor& x) { return dispatch(kExp, {&x}); }
//
// OpDefs are constants with static storage, listed in tensor/ops/op_table.cc. docs/adding_an_op.md
// shows how to add one.
#ifndef TESSERA_TENSOR_OP_DEF_H_
#define TESSERA_TENSOR_OP_DEF_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "tessera/tensor/attributes.h"
#include "tessera/tensor/tensor.h"

namespace tessera {

struct OpDef;

// An op's inputs. Undefined tensors stand for optional inputs that are not given.
using TensorRefs = absl::Span<const Tensor* const>;

// ---- infer: the rule for shapes and dtypes ------------------------------------------------------

struct TensorSpec {
  DType dtype = kFloat32;
  Shape shape;
};

// The inputs and attributes of one application of an op; receives its outputs' specs.
class InferContext {
 public:
  InferContext(const OpDef& op, TensorRefs inputs, const Attributes& attributes)
      : op_(op), inputs_(inputs), attributes_(attributes) {}

  const OpDef& op() const { return op_; }
  int num_inputs() const { return static_cast<int>(inputs_.size()); }
  const Tensor& input(int i) const { return *inputs_[i]; }
  bool has_input(int i) const { return i < num_inputs() && inputs_[i]->defined(); }
  const Shape& shape(int i) const { return input(i).shape(); }
  DType dtype(int i) const { return input(i).dtype(); }
  const Attributes& attributes() const { return attributes_; }
  int64_t int_attribute(int i) const { return attributes_.ints[i]; }

  // Adds the next output.
  void add_output(DType dtype, Shape shape) { outputs.push_back({dtype, std::move(shape)}); }
  // Adds the one output of a view op: input 0's storage, seen through these strides and offset
  // (elements from the start of the storage).
  void set_view(Shape shape, Strides strides, int64_t offset);

  // Statuses that begin with the op's name. `parts` are put together by StrCat.
  template <class... Parts>
  absl::Status invalid(const Parts&... parts) const {
    return absl::InvalidArgumentError(absl::StrCat(op_name(), ": ", parts...));
  }
  template <class... Parts>
  absl::Status out_of_range(const Parts&... parts) const {
    return absl::OutOfRangeError(absl::StrCat(op_name(), ": ", parts...));
  }
  // `status` with the op's name before its message.
  absl::Status annotate(const absl::Status& status) const;

  absl::InlinedVector<TensorSpec, 2> outputs;
  Strides view_strides;
  int64_t view_offset = 0;

 private:
  std::string_view op_name() const;
  const OpDef& op_;
  TensorRefs inputs_;
  const Attributes& attributes_;
};

using Infer = absl::Status (*)(InferContext&);

// ---- vjp: the gradient --------------------------------------------------------------------------

// What an op's vjp reads (its saved inputs and outputs, the gradients of its outputs) and writes
// (the gradients of its inputs). A vjp is written in ops, so that it runs on every backend and has
// a gradient itself.
class VjpContext {
 public:
  virtual const Attributes& attributes() const = 0;
  virtual int num_inputs() const = 0;
  // The values; only of those that OpDef::saved_inputs and saved_outputs name.
  virtual const Tensor& input(int i) const = 0;
  virtual const Tensor& output(int i) const = 0;
  // Of every input and output.
  virtual const TensorSpec& input_spec(int i) const = 0;
  // The gradient of output i, zeros if nothing depended on it; has_grad says whether something did.
  virtual Tensor grad(int i = 0) = 0;
  virtual bool has_grad(int i) const = 0;
  // As grad(i), for the last use of it: an op that takes its input over may write on it.
  virtual Tensor take_grad(int i = 0) { return grad(i); }
  // Whether the gradient of input i is wanted at all.
  virtual bool needs(int i) const = 0;
  // Sets the gradient of input i, of the input's shape and dtype. Not called: zero.
  virtual void set(int i, Tensor gradient) = 0;

  int64_t int_attribute(int i) const { return attributes().ints[i]; }

 protected:
  ~VjpContext() = default;
};

using Vjp = void (*)(VjpContext&);

// The op written in simpler ops, which a backend without a kernel for it runs instead. Gets the
// inputs as dispatch got them and returns all outputs.
using Decompose = std::vector<Tensor> (*)(TensorRefs inputs, const Attributes& attributes);

// ---- samples: the cases that an op is examined on -----------------------------------------------

// One input of a sample: its shape and dtype and how it is filled. `values` overrides `fill`.
struct SampleTensor {
  Shape shape;
  DType dtype = kFloat32;
  double low = -2, high = 2;   // uniform in [low, high), distinct; integers are rounded
  std::vector<double> values;  // row-major, if not empty
  bool defined = true;         // false: an optional input that is not given
};

struct Sample {
  std::string name;  // "MiddleAxisOfZeroSize"; letters and digits
  std::vector<SampleTensor> inputs;
  Attributes attributes;
  // kOk, or the code that infer (or the kernel, for values) must answer.
  absl::StatusCode expected = absl::StatusCode::kOk;
  // Compare against finite differences (inputs are away from kinks).
  bool differentiable = true;
  // Examine only in the dtypes given; otherwise every floating dtype in place of float32.
  bool fixed_dtypes = false;
  // Tolerance relative to the default of the dtype.
  double tolerance = 1;
};

using Samples = std::vector<Sample> (*)(const OpDef&);

// ---- OpDef --------------------------------------------------------------------------------------

enum OpTraits : uint32_t {
  kElementwise = 1 << 0,      // inputs have the output's shape or are immediates
  kView = 1 << 1,             // no kernel: the output shares input 0's storage
  kTakesImmediates = 1 << 2,  // implied by kElementwise; others get immediates as rank 0 tensors
  kUpdatesInputs = 1 << 3,    // run by dispatch_into(): its outputs are inputs that it changes
  kRandom = 1 << 4,           // the result depends on (seed, offset) attributes
  kOptional = 1 << 5,         // a backend may lack it though no primitives make it up
};

inline constexpr uint32_t kSaveAll = ~0u;

struct OpDef {
  std::string_view name;
  Infer infer = nullptr;
  Vjp vjp = nullptr;              // null: not differentiable; outputs never require gradients
  Decompose decompose = nullptr;  // null: a primitive, which every backend must have
  uint32_t saved_inputs = 0;      // bit i: vjp reads input i (kSaveAll: every one)
  uint32_t saved_outputs = 0;
  // bit i: output i is there for the gradient only; none flows back through it
  uint32_t auxiliary_outputs = 0;
  uint32_t traits = 0;
  // How many of the integer attributes plugins get; the rest only infer needs.
  uint32_t kernel_ints = ~0u;
  // Where the integer attributes have the seed and, next, the offset of random numbers; -1:
  // nowhere.
  int32_t random_ints = -1;
  Samples samples = nullptr;
  // The place in DeviceState::kernels; given on the first use.
  mutable std::atomic<int32_t> id{-1};

  bool has(OpTraits trait) const { return (traits & trait) != 0; }
};

// Every op that Tessera defines, in a fixed order.
absl::Span<const OpDef* const> all_ops();
const OpDef* find_op(std::string_view name);  // nullptr if there is none

inline std::string_view InferContext::op_name() const { return op_.name; }

}  // namespace tessera

#endif  // TESSERA_TENSOR_OP_DEF_H_

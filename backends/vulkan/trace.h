// SPDX-License-Identifier: Apache-2.0
//
// What an expression of backends/elementwise computes, as a graph: a value type for ops.inc and
// optimizer.inc that writes down each operation. The build prints the graphs as GLSL
// (print_ops.cc); the optimizer's kernel traces again at run time, to find the numbers that the
// shader wants, in the order in which it was printed.
//
//   Trace trace;
//   const Value x = trace.input();
//   const Plan plan = plan_of(trace, {Silu::apply(x)});
#ifndef TESSERA_BACKENDS_VULKAN_TRACE_H_
#define TESSERA_BACKENDS_VULKAN_TRACE_H_

#include <cstdint>
#include <span>
#include <vector>

namespace tessera::vulkan {

enum class Code : uint8_t {
  kInput,     // a: its number
  kConstant,  // constant
  kNeg,
  kAdd,
  kSub,
  kMul,
  kDiv,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kEqual,
  kNotEqual,
  kSelect,
  kBitNot,
  kBitAnd,
  kBitOr,
  kBitXor,
  kNot,  // of masks, as the next three
  kAnd,
  kOr,
  kXor,
  kCall1,  // a: the operand, b: which of kFunctions
  kCall2,  // a, b: the operands, c: which of kFunctions
};

// What kCall1 and kCall2 call.
inline constexpr const char* kFunctions[] = {
    "abs", "exp",   "exp2", "expm1", "log",  "log2", "log10", "log1p", "sqrt",
    "sin", "cos",   "tan",  "asin",  "acos", "atan", "sinh",  "cosh",  "tanh",
    "erf", "floor", "ceil", "trunc", "rint", "pow",  "atan2", "fmod"};

struct Step {
  Code code;
  int a = -1, b = -1, c = -1;  // steps before this one, but for what Code says
  double constant = 0;
};

class Value;
class Mask;

// While it lives, operations of this thread are written down here. One at a time.
class Trace {
 public:
  Trace() { current_ = this; }
  ~Trace() { current_ = nullptr; }
  Trace(const Trace&) = delete;
  Trace& operator=(const Trace&) = delete;

  Value input();
  Mask input_mask();
  const std::vector<Step>& steps() const { return steps_; }

  static int add(const Step& step) {
    current_->steps_.push_back(step);
    return static_cast<int>(current_->steps_.size()) - 1;
  }

 private:
  static inline thread_local Trace* current_ = nullptr;
  std::vector<Step> steps_;
  int inputs_ = 0;
};

class Mask {
 public:
  explicit Mask(const Step& step) : step_(Trace::add(step)) {}
  int step() const { return step_; }

  friend Mask operator!(Mask a) { return Mask({Code::kNot, a.step_}); }
  friend Mask operator&(Mask a, Mask b) { return Mask({Code::kAnd, a.step_, b.step_}); }
  friend Mask operator|(Mask a, Mask b) { return Mask({Code::kOr, a.step_, b.step_}); }
  friend Mask operator^(Mask a, Mask b) { return Mask({Code::kXor, a.step_, b.step_}); }

 private:
  int step_;
};

class Value {
 public:
  Value() = default;
  explicit Value(const Step& step) : step_(Trace::add(step)) {}
  explicit Value(int c) : Value(static_cast<double>(c)) {}
  explicit Value(double c) : Value(Step{Code::kConstant, -1, -1, -1, c}) {}
  int step() const { return step_; }

#define TESSERA_TRACE_BINARY(op, code) \
  friend Value operator op(Value a, Value b) { return Value(Step{Code::code, a.step_, b.step_}); }
  TESSERA_TRACE_BINARY(+, kAdd)
  TESSERA_TRACE_BINARY(-, kSub)
  TESSERA_TRACE_BINARY(*, kMul)
  TESSERA_TRACE_BINARY(/, kDiv)
  TESSERA_TRACE_BINARY(&, kBitAnd)
  TESSERA_TRACE_BINARY(|, kBitOr)
  TESSERA_TRACE_BINARY(^, kBitXor)
#undef TESSERA_TRACE_BINARY
  friend Value operator-(Value a) { return Value(Step{Code::kNeg, a.step_}); }
  friend Value operator~(Value a) { return Value(Step{Code::kBitNot, a.step_}); }

#define TESSERA_TRACE_COMPARE(op, code) \
  friend Mask operator op(Value a, Value b) { return Mask(Step{Code::code, a.step_, b.step_}); }
  TESSERA_TRACE_COMPARE(<, kLess)
  TESSERA_TRACE_COMPARE(<=, kLessEqual)
  TESSERA_TRACE_COMPARE(>, kGreater)
  TESSERA_TRACE_COMPARE(>=, kGreaterEqual)
  TESSERA_TRACE_COMPARE(==, kEqual)
  TESSERA_TRACE_COMPARE(!=, kNotEqual)
#undef TESSERA_TRACE_COMPARE

  friend Value select(Mask m, Value a, Value b) {
    return Value(Step{Code::kSelect, m.step(), a.step_, b.step_});
  }

#define TESSERA_TRACE_CALL1(name, number) \
  friend Value name(Value a) { return Value(Step{Code::kCall1, a.step_, number}); }
#define TESSERA_TRACE_CALL2(name, number)                       \
  friend Value name(Value a, Value b) {                         \
    return Value(Step{Code::kCall2, a.step_, b.step_, number}); \
  }
  // As in kFunctions.
  TESSERA_TRACE_CALL1(abs, 0)
  TESSERA_TRACE_CALL1(exp, 1)
  TESSERA_TRACE_CALL1(exp2, 2)
  TESSERA_TRACE_CALL1(expm1, 3)
  TESSERA_TRACE_CALL1(log, 4)
  TESSERA_TRACE_CALL1(log2, 5)
  TESSERA_TRACE_CALL1(log10, 6)
  TESSERA_TRACE_CALL1(log1p, 7)
  TESSERA_TRACE_CALL1(sqrt, 8)
  TESSERA_TRACE_CALL1(sin, 9)
  TESSERA_TRACE_CALL1(cos, 10)
  TESSERA_TRACE_CALL1(tan, 11)
  TESSERA_TRACE_CALL1(asin, 12)
  TESSERA_TRACE_CALL1(acos, 13)
  TESSERA_TRACE_CALL1(atan, 14)
  TESSERA_TRACE_CALL1(sinh, 15)
  TESSERA_TRACE_CALL1(cosh, 16)
  TESSERA_TRACE_CALL1(tanh, 17)
  TESSERA_TRACE_CALL1(erf, 18)
  TESSERA_TRACE_CALL1(floor, 19)
  TESSERA_TRACE_CALL1(ceil, 20)
  TESSERA_TRACE_CALL1(trunc, 21)
  TESSERA_TRACE_CALL1(rint, 22)
  TESSERA_TRACE_CALL2(pow, 23)
  TESSERA_TRACE_CALL2(atan2, 24)
  TESSERA_TRACE_CALL2(fmod, 25)
#undef TESSERA_TRACE_CALL1
#undef TESSERA_TRACE_CALL2

 private:
  int step_ = -1;
};

inline Value Trace::input() { return Value(Step{Code::kInput, inputs_++}); }
inline Mask Trace::input_mask() { return Mask(Step{Code::kInput, inputs_++}); }

// The steps that results need, each after its operands, in an order that hangs on the expression
// alone: not on the order in which a compiler evaluates the operands of C++'s operators.
struct Plan {
  std::vector<int> order;      // without inputs and constants
  std::vector<int> constants;  // steps; number k of the shader's constants
  std::vector<int> number;     // of every step: place in `order` or in `constants`
  uint64_t structure = 0;      // equal for expressions that differ in constants only
};

Plan plan_of(const Trace& trace, std::span<const int> results);

}  // namespace tessera::vulkan

#endif  // TESSERA_BACKENDS_VULKAN_TRACE_H_

// SPDX-License-Identifier: Apache-2.0
//
// The elementwise ops by name: which struct of ops.inc computes each, for which dtypes.
//
//   #define CASE(Type, name, domain) {#name, &run_unary<Type, Domain::domain>},
//   const Entry kTable[] = {TESSERA_UNARY_OPS(CASE)};
//   #undef CASE
//
// A name that stands twice has one struct per domain. Adding an op: its struct in ops.inc, its line
// here, its OpDef in tensor/ops/ (unary.cc, binary.cc, activation.cc).
#ifndef TESSERA_BACKENDS_ELEMENTWISE_LIST_H_
#define TESSERA_BACKENDS_ELEMENTWISE_LIST_H_

namespace tessera::elementwise {

// The dtypes that an op takes.
enum class Domain {
  kFloating,  // float32, float64, float16, bfloat16
  kInteger,   // int32, int64, uint8
  kNumeric,   // both of these
};

}  // namespace tessera::elementwise

// x T -> y T
#define TESSERA_UNARY_OPS(X)           \
  X(Neg, neg, kNumeric)                \
  X(Abs, abs, kNumeric)                \
  X(Sign, sign, kNumeric)              \
  X(Square, square, kNumeric)          \
  X(Relu, relu, kNumeric)              \
  X(BitwiseNot, bitwise_not, kInteger) \
  X(Exp, exp, kFloating)               \
  X(Exp2, exp2, kFloating)             \
  X(Expm1, expm1, kFloating)           \
  X(Log, log, kFloating)               \
  X(Log2, log2, kFloating)             \
  X(Log10, log10, kFloating)           \
  X(Log1p, log1p, kFloating)           \
  X(Sqrt, sqrt, kFloating)             \
  X(Rsqrt, rsqrt, kFloating)           \
  X(Reciprocal, reciprocal, kFloating) \
  X(Sin, sin, kFloating)               \
  X(Cos, cos, kFloating)               \
  X(Tan, tan, kFloating)               \
  X(Asin, asin, kFloating)             \
  X(Acos, acos, kFloating)             \
  X(Atan, atan, kFloating)             \
  X(Sinh, sinh, kFloating)             \
  X(Cosh, cosh, kFloating)             \
  X(Tanh, tanh, kFloating)             \
  X(Erf, erf, kFloating)               \
  X(Floor, floor, kFloating)           \
  X(Ceil, ceil, kFloating)             \
  X(Round, round, kFloating)           \
  X(Trunc, trunc, kFloating)           \
  X(Sigmoid, sigmoid, kFloating)       \
  X(Silu, silu, kFloating)             \
  X(Gelu, gelu, kFloating)             \
  X(GeluTanh, gelu_tanh, kFloating)    \
  X(Softplus, softplus, kFloating)     \
  X(Logsigmoid, logsigmoid, kFloating) \
  X(Erfinv, erfinv, kFloating)         \
  X(Mish, mish, kFloating)             \
  X(Hardswish, hardswish, kFloating)

// x F -> y bool
#define TESSERA_PREDICATE_OPS(X) \
  X(IsNan, isnan, kFloating)     \
  X(IsInf, isinf, kFloating)     \
  X(IsFinite, isfinite, kFloating)

// a T, b T -> y T
#define TESSERA_BINARY_OPS(X)                         \
  X(Add, add, kNumeric)                               \
  X(Sub, sub, kNumeric)                               \
  X(Mul, mul, kNumeric)                               \
  X(Div, div, kFloating)                              \
  X(Pow, pow, kNumeric)                               \
  X(Maximum, maximum, kNumeric)                       \
  X(Minimum, minimum, kNumeric)                       \
  X(Remainder, remainder, kNumeric)                   \
  X(Fmod, fmod, kNumeric)                             \
  X(FloorDivide, floor_divide, kFloating)             \
  X(FloorDivideInteger, floor_divide, kInteger)       \
  X(TruncDivide, trunc_divide, kFloating)             \
  X(TruncDivideInteger, trunc_divide, kInteger)       \
  X(Atan2, atan2, kFloating)                          \
  X(BitwiseAnd, bitwise_and, kInteger)                \
  X(BitwiseOr, bitwise_or, kInteger)                  \
  X(BitwiseXor, bitwise_xor, kInteger)                \
  X(ReluBackward, relu_backward, kNumeric)            \
  X(SigmoidBackward, sigmoid_backward, kFloating)     \
  X(TanhBackward, tanh_backward, kFloating)           \
  X(SiluBackward, silu_backward, kFloating)           \
  X(GeluBackward, gelu_backward, kFloating)           \
  X(GeluTanhBackward, gelu_tanh_backward, kFloating)  \
  X(Prelu, prelu, kFloating)                          \
  X(Elu, elu, kFloating)                              \
  X(HardswishBackward, hardswish_backward, kFloating) \
  X(MishBackward, mish_backward, kFloating)

// a T, b T, c T -> y T
#define TESSERA_TERNARY_OPS(X)                \
  X(Clamp, clamp, kNumeric)                   \
  X(PreluBackward, prelu_backward, kFloating) \
  X(EluBackward, elu_backward, kFloating)

// a T, b T -> y bool; T is any dtype, bool compares as 0 and 1
#define TESSERA_COMPARE_OPS(X) \
  X(Eq, eq)                    \
  X(Ne, ne)                    \
  X(Lt, lt)                    \
  X(Le, le)                    \
  X(Gt, gt)                    \
  X(Ge, ge)

// bool, bool -> bool
#define TESSERA_LOGICAL_OPS(X) \
  X(LogicalAnd, logical_and)   \
  X(LogicalOr, logical_or)     \
  X(LogicalXor, logical_xor)

// bool -> bool
#define TESSERA_LOGICAL_UNARY_OPS(X) X(LogicalNot, logical_not)

// The rules of optimizer.inc, by the names of their ops.
#define TESSERA_OPTIMIZER_STEPS(X) \
  X(SgdStep, sgd_step)             \
  X(AdamStep, adam_step)           \
  X(AdamaxStep, adamax_step)       \
  X(NadamStep, nadam_step)         \
  X(RadamStep, radam_step)         \
  X(RmspropStep, rmsprop_step)     \
  X(AdagradStep, adagrad_step)     \
  X(AdadeltaStep, adadelta_step)   \
  X(LionStep, lion_step)

#endif  // TESSERA_BACKENDS_ELEMENTWISE_LIST_H_

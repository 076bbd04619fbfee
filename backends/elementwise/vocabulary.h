// SPDX-License-Identifier: Apache-2.0
//
// What a value type V must offer so that ops.inc can compute with it.
//
// Functions are found by argument-dependent lookup, so V is a class in the namespace of its
// functions. scalar.h has Real<float>, Real<double> and Integer<int64_t> ..., which are also the
// examples to follow; a plugin brings its own V where it has something better (SIMD vectors, a
// printer of shader source).
//
//   every V       V(c) from an int constant; c is exact in V
//                 a + b, a - b, a * b, -a; integers wrap
//                 a < b, <=, >, >=, ==, !=  give the mask M; with a nan all but != are false
//                 select(M m, V a, V b)     a where m, else b; the other operand is not looked at
//                 abs(V)
//   floating V    V(c) from a double constant, rounded to V
//                 a / b
//                 exp exp2 expm1 log log2 log10 log1p sqrt sin cos tan asin acos atan sinh cosh
//                 tanh erf floor ceil trunc, rint (half to even)
//                 pow(V, V), atan2(V, V), fmod(V, V) as C's; fmod is exact
//   integer V     a / b truncates, and is 0 where b is 0; fmod(a, b) is a - b * (a / b) with that
//                 quotient, and 0 where b is 0; the least value divided by -1 wraps
//                 pow(V, V) by wrapping products; a negative exponent gives 1 / (a ** -b)
//                 truncated, and 0 where a is 0 ~a, a & b, a | b, a ^ b
//   mask M        !a, a & b, a | b, a ^ b
//
// x != x must be true for nan: no -ffast-math, no driver that assumes finite values. A printer of
// shader source can recognise equal operands and print isnan(x).
//
// Accuracy that the exam asks of float32: 2e-6 of the result plus 1e-6
// (backends/conformance/tolerance.h).
#ifndef TESSERA_BACKENDS_ELEMENTWISE_VOCABULARY_H_
#define TESSERA_BACKENDS_ELEMENTWISE_VOCABULARY_H_
#endif  // TESSERA_BACKENDS_ELEMENTWISE_VOCABULARY_H_

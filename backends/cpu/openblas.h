// SPDX-License-Identifier: Apache-2.0
//
// The functions that linear algebra needs of the system's OpenBLAS. The library is opened when they
// are first asked for, so that programs that do not need it neither load nor have it.
#ifndef TESSERA_BACKENDS_CPU_OPENBLAS_H_
#define TESSERA_BACKENDS_CPU_OPENBLAS_H_

#include <cstddef>

namespace tessera::cpu {

// LAPACK's and CBLAS's functions for float or double. LAPACK's take every argument by address, and
// matrices by columns; the last argument is the length of the first, as Fortran compilers pass it.
template <class T>
struct Lapack {
  void (*potrf)(const char* uplo, const int* n, T* a, const int* lda, int* info, size_t);
  void (*getrf)(const int* m, const int* n, T* a, const int* lda, int* pivots, int* info);
  void (*getrs)(const char* trans, const int* n, const int* nrhs, const T* a, const int* lda,
                const int* pivots, T* b, const int* ldb, int* info, size_t);
  void (*trsm)(int order, int side, int uplo, int trans, int diag, int m, int n, T alpha,
               const T* a, int lda, T* b, int ldb);
};

struct OpenBlas {
  Lapack<float> single;
  Lapack<double> real;

  template <class T>
  const Lapack<T>& of() const;
};
template <>
inline const Lapack<float>& OpenBlas::of<float>() const {
  return single;
}
template <>
inline const Lapack<double>& OpenBlas::of<double>() const {
  return real;
}

// The library, or nullptr with the reason in *why (static storage). Thread-safe; the first call
// decides. The file is what the environment variable TESSERA_OPENBLAS names, or else the system's.
// Opened by us it starts no threads: kernels divide their work themselves. Where the program has
// opened it before, it is used as it is.
const OpenBlas* open_blas(const char** why);

}  // namespace tessera::cpu

#endif  // TESSERA_BACKENDS_CPU_OPENBLAS_H_

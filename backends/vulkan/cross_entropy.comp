// SPDX-License-Identifier: Apache-2.0
//
// x (n, size), target (n) int64, lse (n) of TYPE.
//   ROWS: lse = logsumexp of each row, losses (n) of WIDE = lse - x[target], 0 where it is ignored
//   COUNT: one work group counts the targets that are not ignored: a uint
//   GRADIENT: gx = g (exp(x - lse) - onehot(target)), over the count with `mean`; 0 where ignored
// A target that is neither ignored nor in [0, size) is reported by ROWS and COUNT.
#version 460
#include "common.glsl"
#include "fault.glsl"
#include "floating.glsl"
#include "rows.glsl"
#include "types.glsl"

layout(push_constant, scalar) uniform Push {
  uint64_t x, target, lse;
  uint64_t losses;  // GRADIENT: gx
  uint64_t g;
  uint64_t count;
  uint64_t fault;
  int64_t ignored;
  uint ticket;
  int n, size, mean;
}
p;

bool counts(int64_t target) {
  if (target == p.ignored) return false;
  if (target < int64_t(0) || target >= int64_t(p.size)) {
    report_fault(p.fault, p.ticket, target, int64_t(p.size));
    return false;
  }
  return true;
}

#if defined(ROWS)

void main() {
  int row = row_index();
  bool mine = row < p.n;
  int first = mine ? row * p.size : 0;
  int size = mine ? p.size : 0;
  VALUE largest = -INFINITE;
  for (int k = lane(); k < size; k += LANES) largest = max(largest, LOAD(p.x, first + k));
  largest = row_max(largest);
  VALUE sum = VALUE(0);
  for (int k = lane(); k < size; k += LANES) sum += m_exp(LOAD(p.x, first + k) - largest);
  sum = row_sum(sum);
  if (!mine || lane() != 0) return;
  VALUE lse = largest + m_log(sum);
  STORE(p.lse, row, lse);
  int64_t target = load_i64(p.target, row);
  VALUE loss = VALUE(0);
  if (counts(target)) loss = lse - LOAD(p.x, first + int(target));
  STORE_WIDE(p.losses, row, loss);
}

#elif defined(COUNT)

shared uint counted[256];

void main() {
  uint i = gl_LocalInvocationID.x;
  uint count = 0u;
  for (int k = int(i); k < p.n; k += 256) count += counts(load_i64(p.target, k)) ? 1u : 0u;
  counted[i] = count;
  for (uint span = 128u; span > 0u; span /= 2u) {
    barrier();
    if (i < span) counted[i] += counted[i + span];
  }
  if (i == 0u) store_b32(p.count, 0, counted[0]);
}

#else

void main() {
  int i = int(thread_index());
  if (i >= p.n * p.size) return;
  int row = i / p.size;
  int64_t target = load_i64(p.target, row);
  if (target == p.ignored) {
    STORE(p.losses, i, VALUE(0));
    return;
  }
  VALUE scale = LOAD(p.g, 0);
  if (p.mean != 0) scale /= VALUE(load_b32(p.count, 0));
  VALUE probability = m_exp(LOAD(p.x, i) - LOAD(p.lse, row));
  if (target == int64_t(i - row * p.size)) probability -= VALUE(1);
  STORE(p.losses, i, scale * probability);
}

#endif

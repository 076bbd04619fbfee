// SPDX-License-Identifier: Apache-2.0
//
// g (B, o_1..o_n, k_1..k_n), y (B, s_1..s_n): y[b, o stride + k dilation] is the sum of g[b, o, k].
#version 460
#include "common.glsl"
#include "types.glsl"

layout(local_size_x = 256) in;

layout(constant_id = 0) const int N = 2;

const int kMost = 16;

struct WindowDim {
  int size, windows, kernel;  // s, o, k
  int stride, dilation;
};
layout(buffer_reference, scalar, buffer_reference_align = 4) readonly buffer Windows {
  WindowDim dims[kMost];
};

layout(push_constant, scalar) uniform Push {
  uint64_t g, y;
  Windows windows;
  uint count;        // of y
  int window_count;  // product of o
  int kernel_count;  // product of k
}
p;

void main() {
  uint i = thread_index();
  if (i >= p.count) return;
  int at[kMost];
  int batch = int(i);
  [[unroll]] for (int d = N - 1; d >= 0; --d) {
    int size = p.windows.dims[d].size;
    at[d] = batch % size;
    batch /= size;
  }
  VALUE sum = VALUE(0);
  for (int k = 0; k < p.kernel_count; ++k) {
    int rest = k, window = 0, pitch = 1;
    bool inside = true;
    [[unroll]] for (int d = N - 1; d >= 0; --d) {
      WindowDim dim = p.windows.dims[d];
      int start = at[d] - rest % dim.kernel * dim.dilation;
      rest /= dim.kernel;
      int o = start / dim.stride;
      inside = inside && start >= 0 && o * dim.stride == start && o < dim.windows;
      window += o * pitch;
      pitch *= dim.windows;
    }
    if (inside) sum += LOAD(p.g, (batch * p.window_count + window) * p.kernel_count + k);
  }
  STORE(p.y, i, sum);
}

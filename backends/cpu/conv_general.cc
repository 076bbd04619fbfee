// SPDX-License-Identifier: Apache-2.0
//
// Convolutions as matrix products with a matrix of windows, (taps, positions), which is made for a
// few rows of the output at a time.
#include <algorithm>
#include <cstring>

#include "tessera/backends/cpu/conv_geometry.h"
#include "tessera/backends/cpu/gemm.h"

namespace tessera::cpu {
namespace {

constexpr int64_t kPanelBytes = int64_t{256} << 10;

// Output rows whose windows fill a panel.
template <class T>
int64_t panel_rows(const ConvGeometry& g) {
  if (g.pointwise()) return g.oh;
  const int64_t row_bytes = g.taps() * g.ow * static_cast<int64_t>(sizeof(T));
  return std::clamp<int64_t>(kPanelBytes / std::max<int64_t>(1, row_bytes), 1,
                             std::max<int64_t>(1, g.oh));
}

// The outputs of a row, [first, last), whose tap kx falls into the image.
void valid_outputs(const ConvGeometry& g, int64_t kx, int64_t* first, int64_t* last) {
  const int64_t shift = kx * g.dilation_w - g.pad_w;  // ix = ox * stride + shift
  *first = shift >= 0 ? 0 : (-shift + g.stride_w - 1) / g.stride_w;
  *last = g.w - shift <= 0 ? 0 : std::min(g.ow, (g.w - shift + g.stride_w - 1) / g.stride_w);
  *first = std::min(*first, *last);
}

// Calls f(tap, row of the panel, the image row or null, shift, first, last).
template <class T, class F>
void for_each_window_row(const ConvGeometry& g, T* image, int64_t row0, int64_t rows, F f) {
  int64_t tap = 0;
  for (int64_t c = 0; c < g.c / g.groups; ++c) {
    for (int64_t ky = 0; ky < g.kh; ++ky) {
      for (int64_t kx = 0; kx < g.kw; ++kx, ++tap) {
        int64_t first, last;
        valid_outputs(g, kx, &first, &last);
        for (int64_t r = 0; r < rows; ++r) {
          const int64_t iy = (row0 + r) * g.stride_h - g.pad_h + ky * g.dilation_h;
          T* const row = iy < 0 || iy >= g.h ? nullptr : image + (c * g.h + iy) * g.w;
          f(tap, r, row, kx * g.dilation_w - g.pad_w, first, last);
        }
      }
    }
  }
}

// windows (taps, rows * ow) of one group's planes
template <class T>
void make_windows(const ConvGeometry& g, const T* image, int64_t row0, int64_t rows, T* windows) {
  for_each_window_row(
      g, image, row0, rows,
      [&](int64_t tap, int64_t r, const T* row, int64_t shift, int64_t first, int64_t last) {
        T* const to = windows + (tap * rows + r) * g.ow;
        if (row == nullptr) {
          std::fill_n(to, g.ow, T(0));
          return;
        }
        std::fill(to, to + first, T(0));
        if (g.stride_w == 1) {
          std::copy_n(row + first + shift, last - first, to + first);
        } else {
          for (int64_t ox = first; ox < last; ++ox) {
            to[ox] = row[ox * g.stride_w + shift];
          }
        }
        std::fill(to + last, to + g.ow, T(0));
      });
}

// Adds windows back to the image that they are of.
template <class T>
void add_windows(const ConvGeometry& g, const T* windows, int64_t row0, int64_t rows, T* image) {
  for_each_window_row(
      g, image, row0, rows,
      [&](int64_t tap, int64_t r, T* row, int64_t shift, int64_t first, int64_t last) {
        if (row == nullptr) return;
        const T* const from = windows + (tap * rows + r) * g.ow;
        for (int64_t ox = first; ox < last; ++ox) {
          row[ox * g.stride_w + shift] += from[ox];
        }
      });
}

// Scratch memory of one task: a panel of windows and what the matrix product wants.
template <class T>
struct Scratch {
  int64_t panel_bytes, product_bytes;
  char* memory;

  Scratch(Workspace& work, const ConvGeometry& g, const Gemm<T>& largest, int64_t tasks) {
    const int64_t panel = g.taps() * panel_rows<T>(g) * g.ow * static_cast<int64_t>(sizeof(T));
    panel_bytes = (panel + 63) / 64 * 64;
    const int64_t product =
        static_cast<int64_t>(gemm_kernels(T()).scratch_bytes(largest, largest.n));
    product_bytes = (product + 63) / 64 * 64;
    memory = work.array<char>((panel_bytes + product_bytes) * tasks);
  }
  T* panel(int64_t task) const {
    return reinterpret_cast<T*>(memory + task * (panel_bytes + product_bytes));
  }
  void* product(int64_t task) const { return reinterpret_cast<char*>(panel(task)) + panel_bytes; }
};

template <class T>
void run(const Gemm<T>& gemm, void* scratch) {
  if (gemm.m > 0 && gemm.n > 0) gemm_kernels(T()).run(gemm, 0, gemm.m, 0, gemm.n, scratch);
}

}  // namespace

template <class T>
void conv_general(TsrStream* stream, Workspace& work, const ConvGeometry& g, const T* x,
                  const T* weight, const T* bias, T* y) {
  const int64_t taps = g.taps();
  const int64_t outputs = g.o / g.groups;
  const int64_t rows = panel_rows<T>(g);
  const int64_t panels = (g.oh + rows - 1) / rows;
  const int64_t units = g.n * g.groups * panels;
  const int64_t tasks = conv_tasks(stream, g, units);
  // Panels are rows of b; their number of columns differs in the last one.
  const Gemm<T> shape = {outputs,     rows * g.ow, taps,    nullptr,     taps,    1,   nullptr,
                         rows * g.ow, 1,           nullptr, g.oh * g.ow, nullptr, true};
  const Scratch<T> scratch(work, g, shape, tasks);
  pool_of(stream).for_each(tasks, [&](size_t task) {
    for (int64_t unit = units * task / tasks; unit < units * static_cast<int64_t>(task + 1) / tasks;
         ++unit) {
      const int64_t row0 = unit % panels * rows;
      const int64_t image = unit / panels;  // and group
      const int64_t group = image % g.groups;
      const int64_t count = std::min(rows, g.oh - row0);
      const T* planes = x + image * (g.c / g.groups) * g.h * g.w;
      const T* windows = planes + row0 * g.w;
      int64_t window_row = g.h * g.w;
      if (!g.pointwise()) {
        make_windows(g, planes, row0, count, scratch.panel(task));
        windows = scratch.panel(task);
        window_row = count * g.ow;
      }
      T* const to = y + image * outputs * g.oh * g.ow + row0 * g.ow;
      for (int64_t o = 0; o < outputs; ++o) {
        std::fill_n(to + o * g.oh * g.ow, count * g.ow,
                    bias == nullptr ? T(0) : bias[group * outputs + o]);
      }
      Gemm<T> gemm = shape;
      gemm.n = count * g.ow;
      gemm.a = weight + group * outputs * taps;
      gemm.b = windows;
      gemm.b_row = window_row;
      gemm.c = to;
      run(gemm, scratch.product(task));
    }
  });
}

template <class T>
void conv_general_backward_input(TsrStream* stream, Workspace& work, const ConvGeometry& g,
                                 const T* gy, const T* weight, T* gx) {
  const int64_t taps = g.taps();
  const int64_t outputs = g.o / g.groups;
  const int64_t rows = panel_rows<T>(g);
  const int64_t units = g.n * g.groups;
  const int64_t tasks = conv_tasks(stream, g, units);
  const Gemm<T> shape = {taps,        rows * g.ow, outputs, nullptr,     1,       taps, nullptr,
                         g.oh * g.ow, 1,           nullptr, rows * g.ow, nullptr, false};
  const Scratch<T> scratch(work, g, shape, tasks);
  const int64_t planes = g.c / g.groups * g.h * g.w;
  pool_of(stream).for_each(tasks, [&](size_t task) {
    for (int64_t unit = units * task / tasks; unit < units * static_cast<int64_t>(task + 1) / tasks;
         ++unit) {
      T* const to = gx + unit * planes;
      std::fill_n(to, planes, T(0));
      for (int64_t row0 = 0; row0 < g.oh; row0 += rows) {
        const int64_t count = std::min(rows, g.oh - row0);
        Gemm<T> gemm = shape;
        gemm.n = count * g.ow;
        gemm.a = weight + unit % g.groups * outputs * taps;
        gemm.b = gy + unit * outputs * g.oh * g.ow + row0 * g.ow;
        gemm.c = g.pointwise() ? to + row0 * g.w : scratch.panel(task);
        gemm.c_row = g.pointwise() ? g.h * g.w : gemm.n;
        run(gemm, scratch.product(task));
        if (!g.pointwise()) add_windows(g, scratch.panel(task), row0, count, to);
      }
    }
  });
}

template <class T>
void conv_general_backward_weight(TsrStream* stream, Workspace& work, const ConvGeometry& g,
                                  const T* gy, const T* x, T* gw) {
  const int64_t taps = g.taps();
  const int64_t outputs = g.o / g.groups;
  const int64_t rows = panel_rows<T>(g);
  const int64_t parts = g.gradient_parts();
  const int64_t weights = g.o * taps;
  const Gemm<T> shape = {outputs, taps,        rows * g.ow, nullptr, g.oh * g.ow, 1,   nullptr,
                         1,       rows * g.ow, nullptr,     taps,    nullptr,     true};
  const Scratch<T> scratch(work, g, shape, parts);
  T* const partial = parts == 1 ? gw : work.array<T>(weights * parts);
  const auto run_part = [&](size_t part) {
    T* const result = partial + part * weights;
    std::fill_n(result, weights, T(0));
    const int64_t first = g.n * part / parts * g.groups;
    const int64_t last = g.n * static_cast<int64_t>(part + 1) / parts * g.groups;
    for (int64_t image = first; image < last; ++image) {  // and group
      const T* const planes = x + image * (g.c / g.groups) * g.h * g.w;
      for (int64_t row0 = 0; row0 < g.oh; row0 += rows) {
        const int64_t count = std::min(rows, g.oh - row0);
        Gemm<T> gemm = shape;
        gemm.k = count * g.ow;
        gemm.a = gy + image * outputs * g.oh * g.ow + row0 * g.ow;
        gemm.b = planes + row0 * g.w;
        gemm.b_column = g.h * g.w;
        if (!g.pointwise()) {
          make_windows(g, planes, row0, count, scratch.panel(part));
          gemm.b = scratch.panel(part);
          gemm.b_column = gemm.k;
        }
        gemm.c = result + image % g.groups * outputs * taps;
        run(gemm, scratch.product(part));
      }
    }
  };
  if (g.products() < 2 * kConvGrain) {
    for (int64_t part = 0; part < parts; ++part) run_part(part);
  } else {
    pool_of(stream).for_each(parts, run_part);
  }
  if (parts == 1) return;
  std::copy_n(partial, weights, gw);
  for (int64_t part = 1; part < parts; ++part) {
    for (int64_t i = 0; i < weights; ++i) gw[i] += partial[part * weights + i];
  }
}

template void conv_general(TsrStream*, Workspace&, const ConvGeometry&, const float*, const float*,
                           const float*, float*);
template void conv_general(TsrStream*, Workspace&, const ConvGeometry&, const double*,
                           const double*, const double*, double*);
template void conv_general_backward_input(TsrStream*, Workspace&, const ConvGeometry&, const float*,
                                          const float*, float*);
template void conv_general_backward_input(TsrStream*, Workspace&, const ConvGeometry&,
                                          const double*, const double*, double*);
template void conv_general_backward_weight(TsrStream*, Workspace&, const ConvGeometry&,
                                           const float*, const float*, float*);
template void conv_general_backward_weight(TsrStream*, Workspace&, const ConvGeometry&,
                                           const double*, const double*, double*);

}  // namespace tessera::cpu

// SPDX-License-Identifier: Apache-2.0
//
// Runs the threads of a grid, one at a time, in an order that differs from block to block. A thread
// that waits at a barrier or for its warp is left for another one. What a kernel does wrong ends
// the launch with a report:
//   a barrier, or an operation of a warp, that not all threads reach, or not at the same place;
//   an overrun of shared memory; more shared memory than a block has.
// Shared memory is full of nan (0xFF) when a block begins, so that what was not written shows.
#ifndef TESSERA_BACKENDS_CUDA_EMULATION_BLOCK_H_
#define TESSERA_BACKENDS_CUDA_EMULATION_BLOCK_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace tessera::cuda::emulation {

struct Extent {
  uint32_t x = 1, y = 1, z = 1;

  uint64_t count() const { return uint64_t{x} * y * z; }
};

// The coordinates of the running thread and what it runs in.
struct Coordinates {
  Extent thread, block, block_extent, grid_extent;
};
inline Coordinates running;

// A place in a kernel's source.
struct Site {
  const char* file;
  int line;

  bool operator==(const Site& other) const { return line == other.line && file == other.file; }
};

inline constexpr uint32_t kWarp = 32;
inline constexpr uint32_t kMaxThreads = 1024;     // of a block
inline constexpr size_t kSharedBytes = 48 << 10;  // of a block
inline constexpr unsigned char kPoison = 0xFF;    // memory that nobody wrote
inline constexpr unsigned char kGuard = 0xA5;     // memory that nobody may write

// Runs body() for every thread of the grid. Returns what went wrong, or nothing. One launch at a
// time in a process.
std::string run_grid(const Extent& grid, const Extent& block, const std::function<void()>& body);

// The order of threads and blocks follows from the seed and the number of blocks that ran since.
void set_seed(uint64_t seed);

// ---- Called by kernels --------------------------------------------------------------------------

// Every thread of the block.
void wait_for_block(Site site);
// Every lane of the warp: gives `value` and gets those of all 32 lanes, which stay until the lane's
// next but one exchange. Lanes that the block does not have give 0.
const uint64_t* exchange_in_warp(uint64_t value, uint32_t mask, Site site);
// The block's memory for the variable that `key` stands for.
void* shared_memory(const void* key, size_t bytes, const char* name);

}  // namespace tessera::cuda::emulation

#endif  // TESSERA_BACKENDS_CUDA_EMULATION_BLOCK_H_

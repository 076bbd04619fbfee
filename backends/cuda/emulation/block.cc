// SPDX-License-Identifier: Apache-2.0
#include "tessera/backends/cuda/emulation/block.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <memory>
#include <numeric>
#include <vector>

#include "tessera/backends/cuda/emulation/fiber.h"

namespace tessera::cuda::emulation {
namespace {

// 0 .. n - 1 in an order that is cheap to make: steps of a stride that has no divisor with n.
class Order {
 public:
  Order(uint64_t n, uint64_t random) : n_(n) {
    if (n <= 1) return;
    at_ = random % n;
    step_ = 1 + (random >> 20) % (n - 1);
    while (std::gcd(step_, n) != 1) --step_;
  }
  uint64_t next() {
    const uint64_t now = at_;
    at_ = (at_ + step_) % n_;
    return now;
  }

 private:
  uint64_t n_, at_ = 0, step_ = 1;
};

class Random {
 public:
  void seed(uint64_t seed) { state_ = seed * 0x9E3779B97F4A7C15u + 1; }
  uint64_t next() {
    state_ += 0x9E3779B97F4A7C15u;
    uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }

 private:
  uint64_t state_ = 1;
};

enum class State : uint8_t { kFresh, kRunning, kAtBarrier, kInWarp, kDone };

struct Thread {
  State state = State::kFresh;
  Fiber* fiber = nullptr;
  uint32_t parity = 0;  // of its exchanges
  Site site = {};
};

struct Warp {
  uint64_t values[2][kWarp];
  uint32_t arrived = 0;
  Site site = {};
};

constexpr size_t kGuardBytes = 64;

struct Shared {
  const void* key;
  size_t offset, bytes;
  const char* name;
};

Extent coordinates_of(uint64_t index, const Extent& extent) {
  return {static_cast<uint32_t>(index % extent.x),
          static_cast<uint32_t>(index / extent.x % extent.y),
          static_cast<uint32_t>(index / extent.x / extent.y)};
}

class Runner {
 public:
  std::string run(const Extent& grid, const Extent& block, const std::function<void()>& body) {
    body_ = &body;
    extent_ = block;
    n_ = static_cast<uint32_t>(block.count());
    running.block_extent = block;
    running.grid_extent = grid;
    error_.clear();
    Order order(grid.count(), random_.next());
    for (uint64_t i = 0; i < grid.count() && error_.empty(); ++i) {
      running.block = coordinates_of(order.next(), grid);
      run_block();
    }
    return error_;
  }

  void seed(uint64_t seed) { random_.seed(seed); }

  void wait_for_block(Site site) {
    if (arrived_ == 0) {
      barrier_ = site;
    } else if (!(barrier_ == site)) {
      fail("thread %u waits at the barrier of %s:%d, others at that of %s:%d", current_, site.file,
           site.line, barrier_.file, barrier_.line);
    }
    if (++arrived_ < n_) return suspend(State::kAtBarrier, site);
    arrived_ = 0;
    release(0, n_, State::kAtBarrier);
  }

  const uint64_t* exchange(uint64_t value, uint32_t mask, Site site) {
    if (mask != ~uint32_t{0}) {
      fail("%s:%d: a mask of %08x: the emulation knows whole warps only", site.file, site.line,
           mask);
    }
    const uint32_t first = current_ / kWarp * kWarp, lanes = std::min(kWarp, n_ - first);
    Warp& warp = warps_[current_ / kWarp];
    if (warp.arrived == 0) {
      warp.site = site;
    } else if (!(warp.site == site)) {
      fail("thread %u is at %s:%d, others of its warp at %s:%d", current_, site.file, site.line,
           warp.site.file, warp.site.line);
    }
    uint64_t* values = warp.values[threads_[current_].parity];
    threads_[current_].parity ^= 1;
    values[current_ - first] = value;
    for (uint32_t lane = lanes; lane < kWarp; ++lane) values[lane] = 0;
    if (++warp.arrived < lanes) {
      suspend(State::kInWarp, site);
    } else {
      warp.arrived = 0;
      release(first, first + lanes, State::kInWarp);
    }
    return values;
  }

  void* shared(const void* key, size_t bytes, const char* name) {
    for (const Shared& s : shared_) {
      if (s.key == key) return memory_ + s.offset;
    }
    const size_t offset =
        shared_.empty()
            ? 0
            : (shared_.back().offset + shared_.back().bytes + kGuardBytes + 63) & ~size_t{63};
    shared_bytes_ += bytes;
    if (shared_bytes_ > kSharedBytes || offset + bytes + kGuardBytes > sizeof memory_) {
      fail("%zu bytes of shared memory with %s; a block has %zu", shared_bytes_, name,
           kSharedBytes);
    }
    shared_.push_back({key, offset, bytes, name});
    std::memset(memory_ + offset, kPoison, bytes);
    std::memset(memory_ + offset + bytes, kGuard, kGuardBytes);
    return memory_ + offset;
  }

 private:
  void run_block() {
    std::fill_n(threads_, n_, Thread());
    for (uint32_t w = 0; w * kWarp < n_; ++w) warps_[w].arrived = 0;
    arrived_ = done_ = started_ = 0;
    ready_.clear();
    shared_.clear();
    shared_bytes_ = 0;
    fresh_ = Order(n_, random_.next());
    // Some blocks bring a warp as far as it goes before others begin, some keep all together.
    const bool ready_first = random_.next() % 2 == 0;
    while (error_.empty()) {
      if (!ready_.empty() && (ready_first || started_ == n_)) {
        const uint32_t t = ready_.back();
        ready_.pop_back();
        select(t);
        here_.leave_for(threads_[t].fiber->context);
      } else if (started_ < n_) {
        if (idle_.empty()) add_fiber();
        working_ = idle_.back();
        idle_.pop_back();
        here_.leave_for(working_->context);
      } else {
        break;
      }
    }
    if (error_.empty() && done_ < n_) report_waiting();
    if (error_.empty()) check_guards();
    if (!error_.empty()) restart_fibers();
  }

  // What a fiber does: threads that have not begun, one after another, until one of them waits;
  // the fiber is that thread's then, and goes on here when the thread is done.
  static void work(void* self) {
    Runner& r = *static_cast<Runner*>(self);
    for (;;) {
      Fiber* const me = r.working_;
      while (r.started_ < r.n_) {
        const uint32_t t = static_cast<uint32_t>(r.fresh_.next());
        ++r.started_;
        r.threads_[t].fiber = me;
        r.select(t);
        (*r.body_)();
        r.threads_[r.current_].state = State::kDone;
        ++r.done_;
        if (!r.ready_.empty()) break;
      }
      r.idle_.push_back(me);
      me->context.leave_for(r.here_);
    }
  }

  void select(uint32_t t) {
    current_ = t;
    threads_[t].state = State::kRunning;
    running.thread = coordinates_of(t, extent_);
  }

  void suspend(State state, Site site) {
    Thread& t = threads_[current_];
    t.state = state;
    t.site = site;
    t.fiber->context.leave_for(here_);
  }

  // Threads of [begin, end) that wait go on, in any order.
  void release(uint32_t begin, uint32_t end, State state) {
    Order order(end - begin, random_.next());
    for (uint32_t i = begin; i < end; ++i) {
      const uint32_t t = begin + static_cast<uint32_t>(order.next());
      if (threads_[t].state == state) ready_.push_back(t);
    }
  }

  void report_waiting() {
    for (uint32_t t = 0; t < n_; ++t) {
      if (threads_[t].state == State::kDone) continue;
      const bool barrier = threads_[t].state == State::kAtBarrier;
      describe("%s of %s:%d is not reached by all threads: thread %u waits, %u of %u have returned",
               barrier ? "the barrier" : "the warp operation", threads_[t].site.file,
               threads_[t].site.line, t, done_, n_);
      return;
    }
  }

  void check_guards() {
    for (const Shared& s : shared_) {
      const char* end = memory_ + s.offset + s.bytes;
      for (size_t i = 0; i < kGuardBytes; ++i) {
        if (static_cast<unsigned char>(end[i]) == kGuard) continue;
        return describe("shared memory %s of %zu bytes is written %zu bytes past its end", s.name,
                        s.bytes, i + 1);
      }
    }
  }

  [[gnu::format(printf, 2, 3)]] void describe(const char* format, ...) {
    char text[400];
    va_list arguments;
    va_start(arguments, format);
    std::vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    char where[80];
    std::snprintf(where, sizeof where, " (block %u, %u, %u)", running.block.x, running.block.y,
                  running.block.z);
    error_ = std::string(text) + where;
  }

  // Ends the launch, from inside a thread, which is never resumed.
  template <class... A>
  void fail(const char* format, A... a) {
    describe(format, a...);
    threads_[current_].fiber->context.leave_for(here_);
  }

  void add_fiber() {
    fibers_.push_back(std::make_unique<Fiber>());
    fibers_.back()->start(work, this);
    idle_.push_back(fibers_.back().get());
  }

  void restart_fibers() {
    idle_.clear();
    for (const auto& fiber : fibers_) {
      fiber->start(work, this);
      idle_.push_back(fiber.get());
    }
  }

  const std::function<void()>* body_ = nullptr;
  Extent extent_;
  uint32_t n_ = 0;
  Random random_;
  Order fresh_{0, 0};
  Thread threads_[kMaxThreads];
  Warp warps_[kMaxThreads / kWarp];
  uint32_t current_ = 0, started_ = 0, done_ = 0, arrived_ = 0;
  Site barrier_ = {};
  std::vector<uint32_t> ready_;
  Context here_;
  std::vector<std::unique_ptr<Fiber>> fibers_;
  std::vector<Fiber*> idle_;
  Fiber* working_ = nullptr;
  alignas(64) char memory_[kSharedBytes + (16 << 10)];
  std::vector<Shared> shared_;
  size_t shared_bytes_ = 0;
  std::string error_;
};

// Never destroyed: kernels may run while the process ends.
Runner& runner() {
  static Runner& runner = *new Runner;
  return runner;
}

}  // namespace

std::string run_grid(const Extent& grid, const Extent& block, const std::function<void()>& body) {
  return runner().run(grid, block, body);
}

void set_seed(uint64_t seed) { runner().seed(seed); }

void wait_for_block(Site site) { runner().wait_for_block(site); }

const uint64_t* exchange_in_warp(uint64_t value, uint32_t mask, Site site) {
  return runner().exchange(value, mask, site);
}

void* shared_memory(const void* key, size_t bytes, const char* name) {
  return runner().shared(key, bytes, name);
}

}  // namespace tessera::cuda::emulation

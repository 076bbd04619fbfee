// SPDX-License-Identifier: Apache-2.0
//
// A progress bar for loops over batches, where standard error is a terminal; elsewhere, nothing.
//
//   for (auto& [x, y] : with_progress(loader, "Epoch 1")) { ... }
//
//   Epoch 1  62% [==================            ] 7,424 images, 12,345/s, 0:03 left
#ifndef TESSERA_TOOLS_EXAMPLES_PROGRESS_H_
#define TESSERA_TOOLS_EXAMPLES_PROGRESS_H_

#include <chrono>
#include <cstdint>
#include <iterator>
#include <string>
#include <utility>

namespace tessera::examples {

// The bar's text after `done` of `total` images, or what `unit` says, in `seconds`; `columns` wide
// at most.
std::string progress_line(const std::string& label, int64_t done, int64_t total, double seconds,
                          int columns, const std::string& unit = "images");

// Draws the line on a terminal at most ten times a second, and removes it in the end.
class ProgressBar {
 public:
  ProgressBar(std::string label, int64_t total, std::string unit = "images");
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;
  void advance(int64_t count);

 private:
  using Clock = std::chrono::steady_clock;
  const std::string label_;
  const int64_t total_;
  const std::string unit_;
  const bool visible_;
  const Clock::time_point start_ = Clock::now();
  Clock::time_point drawn_ = start_;
  int64_t done_ = 0;
};

// A pass over a DataLoader that draws a bar meanwhile.
template <class Loader>
class WithProgress {
 public:
  WithProgress(Loader& loader, std::string label)
      : loader_(loader), bar_(std::move(label), loader.dataset().size()) {}

  class Iterator {
   public:
    Iterator(typename Loader::Iterator batch, ProgressBar* bar)
        : batch_(std::move(batch)), bar_(bar) {}
    auto& operator*() const { return *batch_; }
    Iterator& operator++() {
      bar_->advance(batch_->y.size(0));
      ++batch_;
      return *this;
    }
    friend bool operator==(const Iterator& iterator, std::default_sentinel_t end) {
      return iterator.batch_ == end;
    }

   private:
    typename Loader::Iterator batch_;
    ProgressBar* bar_;
  };

  Iterator begin() { return Iterator(loader_.begin(), &bar_); }
  std::default_sentinel_t end() const { return std::default_sentinel; }

 private:
  Loader& loader_;
  ProgressBar bar_;
};

template <class Loader>
WithProgress<Loader> with_progress(Loader& loader, std::string label) {
  return WithProgress<Loader>(loader, std::move(label));
}

}  // namespace tessera::examples

#endif  // TESSERA_TOOLS_EXAMPLES_PROGRESS_H_

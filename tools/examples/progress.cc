// SPDX-License-Identifier: Apache-2.0
#include "tessera/tools/examples/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "absl/strings/str_format.h"

namespace tessera::examples {
namespace {

std::string with_commas(int64_t value) {
  std::string digits = std::to_string(value);
  for (int place = static_cast<int>(digits.size()) - 3; place > 0; place -= 3) {
    digits.insert(static_cast<size_t>(place), ",");
  }
  return digits;
}

int terminal_columns() {
  winsize size = {};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

}  // namespace

std::string progress_line(const std::string& label, int64_t done, int64_t total, double seconds,
                          int columns, const std::string& unit) {
  const double part = total > 0 ? static_cast<double>(done) / static_cast<double>(total) : 1;
  const double rate = seconds > 0 ? static_cast<double>(done) / seconds : 0;
  const int64_t left =
      rate > 0 ? static_cast<int64_t>(static_cast<double>(total - done) / rate + 0.5) : 0;
  const std::string front = absl::StrFormat("%s %3d%% ", label, static_cast<int>(100 * part));
  const std::string back =
      absl::StrFormat(" %s %s, %s/s, %d:%02d left", with_commas(done), unit,
                      with_commas(static_cast<int64_t>(rate)), left / 60, left % 60);
  const int width =
      std::min(30, columns - static_cast<int>(front.size()) - static_cast<int>(back.size()) - 3);
  std::string line = front;
  if (width > 0) {
    const int filled = static_cast<int>(part * width);
    line += "[" + std::string(static_cast<size_t>(filled), '=') +
            std::string(static_cast<size_t>(width - filled), ' ') + "]";
  }
  line += back;
  return line.substr(0, static_cast<size_t>(std::max(columns - 1, 0)));
}

ProgressBar::ProgressBar(std::string label, int64_t total, std::string unit)
    : label_(std::move(label)),
      total_(total),
      unit_(std::move(unit)),
      visible_(isatty(STDERR_FILENO) == 1) {}

ProgressBar::~ProgressBar() {
  if (visible_) std::fputs("\r\033[K", stderr);
}

void ProgressBar::advance(int64_t count) {
  done_ += count;
  if (!visible_) return;
  const Clock::time_point now = Clock::now();
  if (now - drawn_ < std::chrono::milliseconds(100)) return;
  drawn_ = now;
  const double seconds = std::chrono::duration<double>(now - start_).count();
  std::fprintf(stderr, "\r%s\033[K",
               progress_line(label_, done_, total_, seconds, terminal_columns(), unit_).c_str());
  std::fflush(stderr);
}

}  // namespace tessera::examples

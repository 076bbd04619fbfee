// SPDX-License-Identifier: Apache-2.0
//
// Sizes of windows: a Pair of height and width, a Triple of depth, height and width, and the
// padding of convolutions. One number stands for all of them.
#ifndef TESSERA_TENSOR_OPS_EXTENT_H_
#define TESSERA_TENSOR_OPS_EXTENT_H_

#include <concepts>
#include <cstdint>
#include <optional>

namespace tessera {

struct Pair {
  int64_t height = 0, width = 0;
  constexpr Pair(int64_t both) : height(both), width(both) {}
  constexpr Pair(int64_t h, int64_t w) : height(h), width(w) {}
  friend bool operator==(const Pair&, const Pair&) = default;
};

struct Triple {
  int64_t depth = 0, height = 0, width = 0;
  constexpr Triple(int64_t all) : depth(all), height(all), width(all) {}
  constexpr Triple(int64_t d, int64_t h, int64_t w) : depth(d), height(h), width(w) {}
  friend bool operator==(const Triple&, const Triple&) = default;
};

// As much padding as keeps the size of the input, with the odd one at the end. Wants stride 1.
struct SamePadding {};
inline constexpr SamePadding kSame;
// None.
struct ValidPadding {};
inline constexpr ValidPadding kValid;

// What a convolution adds on each side (Extent: int64_t, Pair or Triple), kSame or kValid.
template <class Extent>
class ConvPadding {
 public:
  constexpr ConvPadding(int64_t all) : extent_(all) {}
  constexpr ConvPadding(const Extent& extent) requires(!std::same_as<Extent, int64_t>)
      : extent_(extent) {}
  template <std::convertible_to<int64_t>... Sizes>
  requires(sizeof...(Sizes) >= 2) constexpr ConvPadding(Sizes... sizes)
      : extent_(static_cast<int64_t>(sizes)...) {}
  constexpr ConvPadding(SamePadding) : is_same_(true) {}
  constexpr ConvPadding(ValidPadding) : is_valid_(true) {}

  bool is_same() const { return is_same_; }
  bool is_valid() const { return is_valid_; }
  // 0 for kValid; not for kSame.
  Extent extent() const { return extent_; }

 private:
  Extent extent_ = 0;
  bool is_same_ = false, is_valid_ = false;
};

}  // namespace tessera

#endif  // TESSERA_TENSOR_OPS_EXTENT_H_

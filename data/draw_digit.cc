// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/draw_digit.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "tessera/data/digit_strokes.h"

namespace tessera::data {
namespace {

constexpr float kPi = 3.14159265f;
constexpr int kStepsPerSpan = 4;  // line segments between two points of a stroke

// Sum of two uniform draws: mostly near 0, never beyond +-scale.
float bell(CounterRandom& random, float scale) {
  return (random.uniform(-0.5f, 0.5f) + random.uniform(-0.5f, 0.5f)) * scale;
}

// The writer's hand for one digit: where a point of the glyph comes to stand, in pixels.
class Hand {
 public:
  explicit Hand(CounterRandom& random) {
    const float angle = bell(random, 0.30f);
    const float slant = bell(random, 0.40f);
    const float width = random.uniform(12, 19);
    const float height = random.uniform(16, 22);
    // Slant, then size, then rotation.
    const float cosine = std::cos(angle), sine = std::sin(angle);
    xx_ = cosine * width;
    xy_ = -cosine * slant * height - sine * height;
    yx_ = sine * width;
    yy_ = -sine * slant * height + cosine * height;
    const float center = kDigitSide / 2.0f;
    center_x_ = center + bell(random, 3.2f);
    center_y_ = center + bell(random, 3.2f);
    for (Wave& wave : waves_) {
      const float direction = random.uniform(0, 2 * kPi);
      const float frequency = random.uniform(3, 9);  // radians over the digit's box
      wave = {frequency * std::cos(direction), frequency * std::sin(direction),
              random.uniform(0, 2 * kPi), bell(random, 0.09f), bell(random, 0.09f)};
    }
  }

  Point place(Point p) const {
    // The elastic wobble is a function of the place alone, so that joined strokes stay joined.
    float x = p.x - 0.5f, y = p.y - 0.5f;
    for (const Wave& wave : waves_) {
      const float s = std::sin(wave.kx * p.x + wave.ky * p.y + wave.phase);
      x += wave.dx * s;
      y += wave.dy * s;
    }
    return {center_x_ + xx_ * x + xy_ * y, center_y_ + yx_ * x + yy_ * y};
  }

 private:
  struct Wave {
    float kx, ky, phase, dx, dy;
  };
  float xx_, xy_, yx_, yy_;
  float center_x_, center_y_;
  Wave waves_[3];
};

// For each pixel, how far it is outside the ink, in pixels; negative inside.
class Sheet {
 public:
  Sheet() { std::fill(std::begin(outside_), std::end(outside_), 10.0f); }

  // A line from a to b with a round pen whose radius goes from ra to rb.
  void draw_line(Point a, float ra, Point b, float rb) {
    const float reach = std::max(ra, rb) + 1;
    const int left = pixel(std::min(a.x, b.x) - reach), right = pixel(std::max(a.x, b.x) + reach);
    const int top = pixel(std::min(a.y, b.y) - reach), bottom = pixel(std::max(a.y, b.y) + reach);
    const float dx = b.x - a.x, dy = b.y - a.y;
    const float length2 = dx * dx + dy * dy;
    const float scale = length2 > 0 ? 1 / length2 : 0;
    for (int row = top; row <= bottom; ++row) {
      for (int column = left; column <= right; ++column) {
        const float px = column + 0.5f - a.x, py = row + 0.5f - a.y;
        const float t = std::clamp((px * dx + py * dy) * scale, 0.0f, 1.0f);
        const float ex = px - t * dx, ey = py - t * dy;
        float& outside = outside_[row * kDigitSide + column];
        outside = std::min(outside, std::sqrt(ex * ex + ey * ey) - (ra + t * (rb - ra)));
      }
    }
  }

  // Ink where a pixel's centre is inside by half a pixel, a linear ramp at the edge.
  float ink(int pixel) const { return std::clamp(0.5f - outside_[pixel], 0.0f, 1.0f); }

 private:
  static int pixel(float x) {
    return std::clamp(static_cast<int>(std::floor(x)), 0, kDigitSide - 1);
  }
  float outside_[kDigitSide * kDigitSide];
};

// The Catmull-Rom curve between p1 and p2, with neighbours p0 and p3, at t in [0, 1].
Point curve(Point p0, Point p1, Point p2, Point p3, float t) {
  const auto axis = [t](float a, float b, float c, float d) {
    return b + 0.5f * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
  };
  return {axis(p0.x, p1.x, p2.x, p3.x), axis(p0.y, p1.y, p2.y, p3.y)};
}

void draw_stroke(Stroke stroke, const Hand& hand, float radius, float taper, Sheet& sheet) {
  const ptrdiff_t last = static_cast<ptrdiff_t>(stroke.size()) - 1;
  const bool closed = stroke[0].x == stroke[last].x && stroke[0].y == stroke[last].y;
  const auto neighbour = [&](ptrdiff_t i) {
    if (i < 0) return stroke[closed ? last - 1 : 0];
    if (i > last) return stroke[closed ? 1 : last];
    return stroke[i];
  };
  Point from = hand.place(stroke[0]);
  float from_radius = radius;
  for (ptrdiff_t span = 0; span < last; ++span) {
    for (int step = 1; step <= kStepsPerSpan; ++step) {
      const float t = static_cast<float>(step) / kStepsPerSpan;
      const Point to = hand.place(
          curve(neighbour(span - 1), stroke[span], stroke[span + 1], neighbour(span + 2), t));
      const float to_radius = radius * (1 - taper * (span + t) / last);
      sheet.draw_line(from, from_radius, to, to_radius);
      from = to;
      from_radius = to_radius;
    }
  }
}

}  // namespace

void draw_digit(int digit, CounterRandom& random, uint8_t* pixels) {
  const absl::Span<const Glyph> ways = digit_glyphs(digit);
  const Glyph glyph = ways[random.below(static_cast<int64_t>(ways.size()))];
  const Hand hand(random);
  const float radius = random.uniform(0.8f, 1.9f);
  const float taper = random.uniform(0, 0.35f);
  Sheet sheet;
  for (const Stroke& stroke : glyph) draw_stroke(stroke, hand, radius, taper, sheet);

  const float darkness = random.uniform(0.7f, 1);
  const float noise = random.uniform(0, 0.12f);
  for (int i = 0; i < kDigitSide * kDigitSide; ++i) {
    const float value = sheet.ink(i) * darkness + bell(random, 2 * noise);
    pixels[i] = static_cast<uint8_t>(std::clamp(value, 0.0f, 1.0f) * 255 + 0.5f);
  }
}

}  // namespace tessera::data

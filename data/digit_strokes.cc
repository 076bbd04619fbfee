// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/digit_strokes.h"

namespace tessera::data {
namespace {

// 0: an oval; one that is begun at the top and overshoots.
constexpr Point kOval[] = {{.50, .05}, {.76, .17}, {.84, .50}, {.76, .83}, {.50, .95},
                           {.24, .83}, {.16, .50}, {.24, .17}, {.50, .05}};
constexpr Point kOvershoot[] = {{.66, .10}, {.40, .06}, {.22, .30}, {.20, .66}, {.40, .94},
                                {.68, .86}, {.80, .52}, {.70, .18}, {.44, .10}, {.34, .18}};
constexpr Stroke kZeroA[] = {kOval};
constexpr Stroke kZeroB[] = {kOvershoot};
constexpr Glyph kZero[] = {kZeroA, kZeroB};

// 1: a stem; with a flag; with a flag and a foot.
constexpr Point kStem[] = {{.52, .04}, {.50, .96}};
constexpr Point kFlag[] = {{.30, .26}, {.42, .16}, {.52, .04}};
constexpr Point kFoot[] = {{.28, .96}, {.74, .96}};
constexpr Stroke kOneA[] = {kStem};
constexpr Stroke kOneB[] = {kStem, kFlag};
constexpr Stroke kOneC[] = {kStem, kFlag, kFoot};
constexpr Glyph kOne[] = {kOneA, kOneA, kOneB, kOneC};

// 2: with a corner at the foot; with a loop there; with a wave for a foot.
constexpr Point kSwan[] = {{.18, .26}, {.34, .08}, {.62, .07}, {.78, .25},
                           {.70, .48}, {.42, .74}, {.15, .94}};
constexpr Point kSwanFoot[] = {{.15, .94}, {.86, .93}};
constexpr Point kSwanLoop[] = {{.16, .24}, {.38, .06}, {.68, .10}, {.74, .34},
                               {.56, .62}, {.30, .90}, {.14, .88}, {.18, .74},
                               {.38, .76}, {.60, .92}, {.88, .88}};
constexpr Point kSwanWave[] = {{.15, .94}, {.34, .86}, {.60, .96}, {.86, .86}};
constexpr Stroke kTwoA[] = {kSwan, kSwanFoot};
constexpr Stroke kTwoB[] = {kSwanLoop};
constexpr Stroke kTwoC[] = {kSwan, kSwanWave};
constexpr Glyph kTwo[] = {kTwoA, kTwoB, kTwoC};

// 3: two bows; a flat top.
constexpr Point kUpperBow[] = {{.20, .16}, {.48, .05}, {.74, .18}, {.68, .38}, {.42, .47}};
constexpr Point kLowerBow[] = {{.42, .47}, {.72, .54}, {.82, .76}, {.54, .95}, {.18, .84}};
constexpr Point kFlatTop[] = {{.20, .08}, {.78, .07}};
constexpr Point kDiagonal[] = {{.78, .07}, {.44, .42}};
constexpr Point kBigBow[] = {{.44, .42}, {.72, .50}, {.82, .74}, {.52, .96}, {.16, .86}};
constexpr Stroke kThreeA[] = {kUpperBow, kLowerBow};
constexpr Stroke kThreeB[] = {kFlatTop, kDiagonal, kBigBow};
constexpr Glyph kThree[] = {kThreeA, kThreeA, kThreeB};

// 4: open, with two strokes down; closed at the top.
constexpr Point kLeftArm[] = {{.26, .08}, {.18, .36}, {.20, .56}};
constexpr Point kCrossbar[] = {{.20, .56}, {.54, .58}, {.88, .52}};
constexpr Point kPost[] = {{.72, .06}, {.68, .50}, {.62, .96}};
constexpr Point kSlope[] = {{.64, .05}, {.12, .63}};
constexpr Point kLowCrossbar[] = {{.12, .63}, {.90, .62}};
constexpr Point kTallPost[] = {{.64, .05}, {.63, .96}};
constexpr Stroke kFourA[] = {kLeftArm, kCrossbar, kPost};
constexpr Stroke kFourB[] = {kSlope, kLowCrossbar, kTallPost};
constexpr Glyph kFour[] = {kFourA, kFourB};

// 5: with corners; in one sweep.
constexpr Point kCap[] = {{.80, .07}, {.30, .08}};
constexpr Point kNeck[] = {{.30, .08}, {.24, .44}};
constexpr Point kBelly[] = {{.24, .44}, {.54, .37}, {.80, .54}, {.76, .82}, {.46, .96}, {.16, .86}};
constexpr Point kSweep[] = {{.78, .07}, {.44, .10}, {.28, .26}, {.34, .42}, {.62, .48},
                            {.78, .66}, {.66, .88}, {.40, .95}, {.18, .86}};
constexpr Stroke kFiveA[] = {kCap, kNeck, kBelly};
constexpr Stroke kFiveB[] = {kSweep};
constexpr Glyph kFive[] = {kFiveA, kFiveB};

// 6: curled; with a straight back.
constexpr Point kCurl[] = {{.72, .07}, {.42, .22}, {.24, .52}, {.26, .82}, {.50, .95},
                           {.75, .80}, {.72, .58}, {.48, .50}, {.26, .66}};
constexpr Point kBack[] = {{.56, .04}, {.32, .40}, {.20, .74}, {.42, .95},
                           {.68, .84}, {.70, .62}, {.46, .56}, {.24, .74}};
constexpr Stroke kSixA[] = {kCurl};
constexpr Stroke kSixB[] = {kBack};
constexpr Glyph kSix[] = {kSixA, kSixB};

// 7: plain; with a bar; with a hook.
constexpr Point kTop[] = {{.16, .09}, {.82, .08}};
constexpr Point kLeg[] = {{.82, .08}, {.60, .44}, {.42, .96}};
constexpr Point kBar[] = {{.36, .52}, {.76, .49}};
constexpr Point kHook[] = {{.16, .28}, {.18, .10}};
constexpr Point kHookTop[] = {{.18, .10}, {.48, .13}, {.82, .08}};
constexpr Stroke kSevenA[] = {kTop, kLeg};
constexpr Stroke kSevenB[] = {kTop, kLeg, kBar};
constexpr Stroke kSevenC[] = {kHook, kHookTop, kLeg};
constexpr Glyph kSeven[] = {kSevenA, kSevenA, kSevenB, kSevenC};

// 8: one line that crosses itself; two rings.
constexpr Point kCrossing[] = {{.72, .20}, {.50, .06}, {.28, .20}, {.36, .40},
                               {.64, .58}, {.76, .78}, {.50, .95}, {.24, .78},
                               {.36, .58}, {.64, .40}, {.72, .20}};
constexpr Point kUpperRing[] = {{.50, .06}, {.70, .26}, {.50, .46}, {.30, .26}, {.50, .06}};
constexpr Point kLowerRing[] = {{.50, .46}, {.76, .71}, {.50, .95}, {.24, .71}, {.50, .46}};
constexpr Stroke kEightA[] = {kCrossing};
constexpr Stroke kEightB[] = {kUpperRing, kLowerRing};
constexpr Glyph kEight[] = {kEightA, kEightA, kEightB};

// 9: a ring and a straight stem; a ring and a tail.
constexpr Point kRing[] = {{.74, .26}, {.54, .07}, {.26, .20}, {.28, .44}, {.54, .48}, {.74, .26}};
constexpr Point kStraightTail[] = {{.74, .26}, {.72, .58}, {.64, .96}};
constexpr Point kCurvedTail[] = {{.74, .26}, {.78, .62}, {.60, .92}, {.28, .90}};
constexpr Stroke kNineA[] = {kRing, kStraightTail};
constexpr Stroke kNineB[] = {kRing, kCurvedTail};
constexpr Glyph kNine[] = {kNineA, kNineB};

constexpr absl::Span<const Glyph> kDigits[] = {kZero, kOne, kTwo,   kThree, kFour,
                                               kFive, kSix, kSeven, kEight, kNine};

}  // namespace

absl::Span<const Glyph> digit_glyphs(int digit) { return kDigits[digit]; }

}  // namespace tessera::data

// SPDX-License-Identifier: Apache-2.0
#include "tessera/nn/python_text.h"

#include <limits>

#include "gtest/gtest.h"

namespace tessera::nn {
namespace {

TEST(PythonText, NumbersAsReprPrintsThem) {
  EXPECT_EQ(python_text(0.1), "0.1");
  EXPECT_EQ(python_text(1.0), "1.0");
  EXPECT_EQ(python_text(-2.0), "-2.0");
  EXPECT_EQ(python_text(-0.0), "-0.0");
  EXPECT_EQ(python_text(1.0 / 3), "0.3333333333333333");
  EXPECT_EQ(python_text(0.0001), "0.0001");
  EXPECT_EQ(python_text(1e-5), "1e-05");
  EXPECT_EQ(python_text(2.5e-7), "2.5e-07");
  EXPECT_EQ(python_text(100000.0), "100000.0");
  EXPECT_EQ(python_text(123456789.5), "123456789.5");
  EXPECT_EQ(python_text(1e15), "1000000000000000.0");
  EXPECT_EQ(python_text(1e16), "1e+16");
  EXPECT_EQ(python_text(1.5e300), "1.5e+300");
  EXPECT_EQ(python_text(5e-324), "5e-324");
  EXPECT_EQ(python_text(std::numeric_limits<double>::infinity()), "inf");
  EXPECT_EQ(python_text(-std::numeric_limits<double>::infinity()), "-inf");
  EXPECT_EQ(python_text(std::numeric_limits<double>::quiet_NaN()), "nan");
}

TEST(PythonText, OtherValues) {
  EXPECT_EQ(python_text(true), "True");
  EXPECT_EQ(python_text(false), "False");
  EXPECT_EQ(python_text(std::optional<double>()), "None");
  EXPECT_EQ(python_text(std::optional<double>(0.5)), "0.5");
  EXPECT_EQ(python_text(Shape{3}), "(3,)");
  EXPECT_EQ(python_text(Shape{3, 4}), "(3, 4)");
  EXPECT_EQ(python_text(Shape{}), "()");
}

}  // namespace
}  // namespace tessera::nn

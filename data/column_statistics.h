// SPDX-License-Identifier: Apache-2.0
//
// The mean and the median of a column of numbers. For csv_encoder.h and simple_imputer.h.
#ifndef TESSERA_DATA_COLUMN_STATISTICS_H_
#define TESSERA_DATA_COLUMN_STATISTICS_H_

#include <vector>

namespace tessera::data {

// NaN for no values.
double mean_of(const std::vector<double>& values);
// Of an even number of values, the middle two's mean. NaN for no values.
double median_of(std::vector<double> values);
// The value that appears most often, of equals the smallest. NaN for no values.
double most_frequent_of(std::vector<double> values);

}  // namespace tessera::data

#endif  // TESSERA_DATA_COLUMN_STATISTICS_H_

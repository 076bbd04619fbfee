// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/csv_dataset.h"

#include <cmath>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "tessera/data/data_loader.h"
#include "tessera/data/test_files.h"

namespace tessera::data {
namespace {

using Floats = std::vector<float>;
using Ints = std::vector<int64_t>;
using Strings = std::vector<std::string>;

CsvTable table_of(const std::string& text, const CsvOptions& options = {}) {
  absl::StatusOr<CsvTable> table = parse_csv(text, options, "f.csv");
  EXPECT_TRUE(table.ok()) << table.status();
  return *table;
}

CsvDataset dataset_of(const std::string& text, const CsvEncoderOptions& options) {
  absl::StatusOr<CsvDataset> dataset = CsvDataset::from_table(table_of(text), options);
  EXPECT_TRUE(dataset.ok()) << dataset.status();
  return *dataset;
}

std::string error_of(const std::string& text, const CsvEncoderOptions& options) {
  const absl::StatusOr<CsvDataset> dataset = CsvDataset::from_table(table_of(text), options);
  EXPECT_EQ(dataset.status().code(), absl::StatusCode::kInvalidArgument) << dataset.status();
  return std::string(dataset.status().message());
}

TEST(CsvDataset, FeaturesAndAnIntegerTarget) {
  const CsvDataset data = dataset_of("a,y,b\n1,0,2.5\n3,1,4.5\n", {.target = "y"});
  EXPECT_EQ(data.size(), 2);
  EXPECT_EQ(data.feature_names(), (Strings{"a", "b"}));
  EXPECT_EQ(data.x().dtype(), kFloat32);
  EXPECT_EQ(data.x().shape(), (Shape{2, 2}));
  EXPECT_EQ(data.x().to_vector<float>(), (Floats{1, 2.5, 3, 4.5}));
  EXPECT_EQ(data.y().dtype(), kInt64);
  EXPECT_EQ(data.y().to_vector<int64_t>(), (Ints{0, 1}));
  EXPECT_TRUE(data.classes().empty());
}

TEST(CsvDataset, ARealTargetAndNoTarget) {
  const CsvDataset real = dataset_of("a,y\n1,0.5\n3,1\n", {.target = "y"});
  EXPECT_EQ(real.y().dtype(), kFloat32);
  EXPECT_EQ(real.y().to_vector<float>(), (Floats{0.5, 1}));
  const CsvDataset none = dataset_of("a,y\n1,0.5\n3,1\n", {});
  EXPECT_EQ(none.x().shape(), (Shape{2, 2}));
  EXPECT_EQ(none.y().shape(), (Shape{2, 0}));
}

TEST(CsvDataset, ATargetOfStringsBecomesSortedClasses) {
  const CsvDataset data = dataset_of("y,a\nno,1\nyes,2\nmaybe,3\nno,4\n", {.target = "y"});
  EXPECT_EQ(data.classes(), (Strings{"maybe", "no", "yes"}));
  EXPECT_EQ(data.y().to_vector<int64_t>(), (Ints{1, 2, 0, 1}));
}

TEST(CsvDataset, CategoriesAsOneHotOrCodes) {
  const std::string text = "c,n,k\nred,1,10\nblue,2,9\nred,3,9\n";
  const CsvDataset one_hot = dataset_of(text, {.categorical = {"k"}});
  EXPECT_EQ(one_hot.feature_names(), (Strings{"c_blue", "c_red", "n", "k_9", "k_10"}))
      << "numbers are sorted as numbers";
  EXPECT_EQ(one_hot.x().to_vector<float>(), (Floats{0, 1, 1, 0, 1, 1, 0, 2, 1, 0, 0, 1, 3, 1, 0}));
  const CsvDataset codes =
      dataset_of(text, {.categorical = {"k"}, .categories = CsvCategories::kCodes});
  EXPECT_EQ(codes.feature_names(), (Strings{"c", "n", "k"}));
  EXPECT_EQ(codes.x().to_vector<float>(), (Floats{1, 1, 1, 0, 2, 0, 1, 3, 0}));
}

TEST(CsvDataset, MissingValues) {
  const std::string text = "a,c,y\n1,p,0\n,q,1\n4,,0\n10,q,1\n";
  EXPECT_EQ(error_of(text, {.target = "y"}),
            "f.csv:3: column 'a': the value is missing, as are 0 more of this column, expected a "
            "number");
  const auto x = [&](CsvMissing missing, CsvCategories categories = CsvCategories::kOneHot) {
    return dataset_of(text,
                      {.target = "y", .missing = missing, .constant = -1, .categories = categories})
        .x()
        .to_vector<float>();
  };
  EXPECT_EQ(x(CsvMissing::kDrop), (Floats{1, 1, 0, 10, 0, 1}));
  EXPECT_EQ(x(CsvMissing::kMean), (Floats{1, 1, 0, 5, 0, 1, 4, 0, 1, 10, 0, 1}));
  EXPECT_EQ(x(CsvMissing::kMedian), (Floats{1, 1, 0, 4, 0, 1, 4, 0, 1, 10, 0, 1}));
  EXPECT_EQ(x(CsvMissing::kConstant), (Floats{1, 1, 0, -1, 0, 1, 4, 0, 1, 10, 0, 1}));
  const Floats kept = x(CsvMissing::kKeep);
  EXPECT_TRUE(std::isnan(kept[3]));
  EXPECT_EQ(kept[7], 0);
  EXPECT_EQ(kept[8], 0);
  const Floats codes = x(CsvMissing::kKeep, CsvCategories::kCodes);
  EXPECT_TRUE(std::isnan(codes[5]));
  const CsvDataset dropped = dataset_of(text, {.target = "y", .missing = CsvMissing::kDrop});
  EXPECT_EQ(dropped.y().to_vector<int64_t>(), (Ints{0, 1}));
}

TEST(CsvDataset, AMissingTargetIsAnErrorOrDropsTheRow) {
  const std::string text = "a,y\n1,0\n2,\n3,1\n";
  for (CsvMissing missing : {CsvMissing::kError, CsvMissing::kMean, CsvMissing::kKeep}) {
    EXPECT_EQ(error_of(text, {.target = "y", .missing = missing}),
              "f.csv:3: column 'y': the value is missing, as are 0 more of this column, expected "
              "a number");
  }
  const CsvDataset data = dataset_of(text, {.target = "y", .missing = CsvMissing::kDrop});
  EXPECT_EQ(data.x().to_vector<float>(), (Floats{1, 3}));
}

TEST(CsvDataset, ATestFileIsEncodedAsTheTrainingFileWas) {
  const CsvDataset train =
      dataset_of("a,c,y\n1,p,u\n,q,v\n3,r,u\n", {.target = "y", .missing = CsvMissing::kMean});
  const std::string text = "y,extra,c,a\nv,9,r,\nu,9,q,7\n";
  const absl::StatusOr<CsvDataset> test = CsvDataset::from_table(table_of(text), train.encoder());
  ASSERT_TRUE(test.ok()) << test.status();
  EXPECT_EQ(test->x().to_vector<float>(), (Floats{2, 0, 0, 1, 7, 0, 1, 0}));
  EXPECT_EQ(test->y().to_vector<int64_t>(), (Ints{1, 0}));

  const absl::StatusOr<Tensor> unlabelled = train.encoder().encode_features(table_of("c,a\nq,5\n"));
  ASSERT_TRUE(unlabelled.ok()) << unlabelled.status();
  EXPECT_EQ(unlabelled->to_vector<float>(), (Floats{5, 0, 1, 0}));
}

TEST(CsvDataset, ATestFileThatDoesNotFitIsRefused) {
  const CsvEncoder encoder = *CsvEncoder::fit(table_of("a,c,y\n1,p,0\n2,q,1\n"), {.target = "y"});
  const auto message = [&](const std::string& text) {
    return std::string(encoder.encode(table_of(text)).status().message());
  };
  EXPECT_EQ(message("a,c,y\n1,p,0\n2,x,1\n"),
            "f.csv:3: column 'c': category 'x' is none of the 2 that the encoder was fitted to");
  EXPECT_EQ(message("a,y\n1,0\n"), "f.csv: no column 'c', which the encoder was fitted to");
  EXPECT_EQ(message("a,c\n1,p\n"), "f.csv: no column 'y', which is the target");
  EXPECT_EQ(message("a,c,y\nx,p,0\n"),
            "f.csv: column 'a' is of strings, it was of numbers when the encoder was fitted");
  EXPECT_EQ(message("a,c,y\n1,p,0.5\n"),
            "f.csv: the target 'y' is of type float64, it was int64 when the encoder was fitted");
  const CsvEncoder ignores = *CsvEncoder::fit(table_of("c\np\nq\n"), {.ignore_unknown = true});
  EXPECT_EQ(ignores.encode(table_of("c\nx\nq\n"))->x.to_vector<float>(), (Floats{0, 0, 0, 1}));
}

TEST(CsvDataset, NumbersThatAreNotFiniteAreRefused) {
  EXPECT_EQ(error_of("a,b\n1,2\n3,inf\n", {}),
            "f.csv:3: column 'b': inf, expected a finite float32");
  EXPECT_EQ(error_of("a,b\n1,2\n1e39,2\n", {}),
            "f.csv:3: column 'a': 1e+39, expected a finite float32");
  EXPECT_EQ(error_of("a,b\n1,2\n1,-1e999\n", {.target = "b"}),
            "f.csv:3: column 'b': -inf, expected a finite float32");
}

TEST(CsvDataset, OptionsThatDoNotFitTheTableAreRefused) {
  EXPECT_EQ(error_of("a\n1\n", {.target = "z"}), "f.csv: no column 'z', which is the target");
  EXPECT_EQ(error_of("a\n1\n", {.categorical = {"z"}}),
            "f.csv: no column 'z', which the option categorical names");
  EXPECT_EQ(error_of("a,b\n,1\n,2\n", {.missing = CsvMissing::kMean}),
            "f.csv: column 'a' has no value to take the mean of");
  EXPECT_EQ(error_of("a,b\n,1\n,2\n", {.missing = CsvMissing::kMedian, .categorical = {"a"}}),
            "f.csv: column 'a' has no value to take the most frequent of");
  EXPECT_EQ(error_of("c\np\nq\nr\n", {.max_one_hot = 2}),
            "f.csv: column 'c' has 3 categories, the limit of one-hot columns is 2; encode codes, "
            "or drop the column");
}

TEST(CsvDataset, ATableWithoutRowsIsAnEmptyDataset) {
  const CsvDataset data = dataset_of("a,y\n", {.target = "y"});
  EXPECT_EQ(data.size(), 0);
  EXPECT_EQ(data.x().shape(), (Shape{0, 1}));
}

TEST(CsvDataset, FilesGoThroughALoader) {
  const std::string path = new_test_folder() + "/f.csv";
  write_file(path, "a;y\n1;0\n2;1\n3;0\n");
  const absl::StatusOr<CsvDataset> data =
      CsvDataset::open(path, {.target = "y"}, {.delimiter = ';'});
  ASSERT_TRUE(data.ok()) << data.status();
  const absl::StatusOr<CsvDataset> again =
      CsvDataset::open(path, data->encoder(), {.delimiter = ';'});
  ASSERT_TRUE(again.ok()) << again.status();
  DataLoader loader(*again, {.batch_size = 2});
  std::vector<Floats> batches;
  for (auto& [x, y] : loader) batches.push_back(x.to_vector<float>());
  EXPECT_EQ(batches, (std::vector<Floats>{{1, 2}, {3}}));
  EXPECT_EQ(CsvDataset::open(path + "x").status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace tessera::data

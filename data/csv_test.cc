// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/csv.h"

#include <cmath>
#include <cstdlib>
#include <limits>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gtest/gtest.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/data/counter_random.h"
#include "tessera/data/test_files.h"

namespace tessera::data {
namespace {

using Ints = std::vector<int64_t>;
using Floats = std::vector<double>;
using Strings = std::vector<std::string>;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

CsvTable parse(std::string_view text, const CsvOptions& options = {}) {
  absl::StatusOr<CsvTable> table = parse_csv(text, options, "f.csv");
  EXPECT_TRUE(table.ok()) << table.status();
  return table.ok() ? *table : CsvTable("", {}, {});
}

std::string error_of(std::string_view text, const CsvOptions& options = {}) {
  const absl::StatusOr<CsvTable> table = parse_csv(text, options, "f.csv");
  EXPECT_EQ(table.status().code(), absl::StatusCode::kInvalidArgument) << table.status();
  return std::string(table.status().message());
}

TEST(Csv, ColumnsTakeTheNarrowestTypeThatHoldsTheirValues) {
  const CsvTable table = parse("a,b,c,d\n1,1,1,x\n-2,2.5,two,\n3,3,3.5,y\n");
  EXPECT_EQ(table.rows(), 3);
  EXPECT_EQ(table.names(), (Strings{"a", "b", "c", "d"}));
  EXPECT_EQ(table["a"].int64s(), (Ints{1, -2, 3}));
  EXPECT_EQ(table["b"].float64s(), (Floats{1, 2.5, 3}));
  EXPECT_EQ(table["c"].strings(), (Strings{"1", "two", "3.5"}));
  EXPECT_EQ(table["d"].strings(), (Strings{"x", "", "y"}));
  EXPECT_EQ(table["d"].missing_count(), 1);
  EXPECT_TRUE(table["d"].is_missing(1));
  EXPECT_FALSE(table["d"].is_missing(2));
}

TEST(Csv, NumbersAsTheyAreWritten) {
  const CsvTable table = parse("x\n1e3\n+2\n .5 \n-0\n1e999\n-1e999\n1e-999\ninf\n-Infinity\n");
  EXPECT_EQ(table["x"].float64s(),
            (Floats{1000, 2, 0.5, 0, kInfinity, -kInfinity, 0, kInfinity, -kInfinity}));
  EXPECT_EQ(parse("x\n9223372036854775807\n-9223372036854775808\n")["x"].int64s(),
            (Ints{INT64_MAX, INT64_MIN}));
  EXPECT_EQ(parse("x\n9223372036854775808\n")["x"].float64s(), (Floats{9223372036854775808.0}));
  EXPECT_EQ(parse("x\n\"7\"\n")["x"].int64s(), (Ints{7}));
  for (const char* text :
       {"0x10", "-0X1", "1,5", "1_000", "--1", "+-1", "+", "1e", "1.2.3", "12a", "True"}) {
    const CsvTable other = parse(absl::StrCat("x;y\n", text, ";1\n"), {.delimiter = ';'});
    EXPECT_EQ(other["x"].strings(), (Strings{text}));
  }
}

// An integer column that turns out to be real is what it would have been from the start.
TEST(Csv, WideningAColumnChangesNoValue) {
  const CsvTable wide = parse("x,y\n9007199254740993,1\n,1\n-4,1\n0.5,1\n");
  EXPECT_EQ(wide["x"].float64s()[0], 9007199254740992.0);
  EXPECT_TRUE(std::isnan(wide["x"].float64s()[1]));
  EXPECT_TRUE(wide["x"].is_missing(1));
  EXPECT_EQ(wide["x"].float64s()[2], -4);
}

TEST(Csv, MissingValues) {
  const CsvTable table = parse("i,f,s\n1,,NA\n,nan,None\nN/A,2.5,\"\"\n4,NAN,ok\n");
  EXPECT_EQ(table["i"].type(), CsvType::kInt64);
  EXPECT_EQ(table["i"].int64s(), (Ints{1, 0, 0, 4}));
  EXPECT_EQ(table["i"].missing_count(), 2);
  EXPECT_TRUE(std::isnan(table["i"].number(1)));
  EXPECT_EQ(table["i"].number(3), 4);
  EXPECT_EQ(table["f"].missing_count(), 3) << "whatever reads as NaN is missing";
  EXPECT_TRUE(std::isnan(table["f"].float64s()[0]));
  EXPECT_EQ(table["s"].missing_count(), 3);
  EXPECT_EQ(table["s"].strings(), (Strings{"", "", "", "ok"}));

  const CsvTable own = parse("a,b\n-999,\n?,x\n", {.missing_values = {"?", "-999"}});
  EXPECT_EQ(own["a"].type(), CsvType::kFloat64) << "a column without a value";
  EXPECT_EQ(own["a"].missing_count(), 2);
  EXPECT_EQ(own["b"].missing_count(), 0);
  EXPECT_EQ(own["b"].strings(), (Strings{"", "x"}));
}

TEST(Csv, HeaderAndNames) {
  EXPECT_EQ(parse("1,2\n", {.header = false}).names(), (Strings{"0", "1"}));
  EXPECT_EQ(parse("1,2\n", {.header = false, .names = {"a", "b"}})["b"].int64s(), (Ints{2}));
  EXPECT_EQ(parse("x,y\n1,2\n", {.names = {"a", "b"}})["b"].int64s(), (Ints{2}));
  const CsvTable empty = parse("a,b\n");
  EXPECT_EQ(empty.rows(), 0);
  EXPECT_EQ(empty["a"].type(), CsvType::kFloat64);
  EXPECT_EQ(error_of(""), "f.csv: no records, expected at least one");
  EXPECT_EQ(error_of("\n\n", {.header = false}), "f.csv: no records, expected at least one");
  EXPECT_EQ(error_of("a,b,a\n"), "f.csv: columns 1 and 3 are both named 'a'");
  EXPECT_EQ(error_of("a,b\n", {.names = {"x"}}), "f.csv: 1 names for records of 2 fields");
}

TEST(Csv, ChoosesColumnsInTheGivenOrder) {
  const CsvOptions options = {.columns = {"c", "a"}};
  EXPECT_EQ(parse("a,b,c\n1,2,3\n", options).names(), (Strings{"c", "a"}));
  EXPECT_EQ(parse("a,b,c\n1,2,3\n", options)["c"].int64s(), (Ints{3}));
  EXPECT_EQ(parse("a,b,c\n1,2,3\n", {.drop_columns = {"b"}}).names(), (Strings{"a", "c"}));
  EXPECT_EQ(error_of("a,b\n", {.columns = {"d"}}),
            "f.csv: no column 'd', which the option columns names; there are: 'a', 'b'");
  EXPECT_EQ(error_of("a,b\n", {.drop_columns = {"d"}}),
            "f.csv: no column 'd', which the option drop_columns names; there are: 'a', 'b'");
  EXPECT_EQ(error_of("a,b\n", {.columns = {"a", "a"}}),
            "f.csv: the option columns names 'a' twice");
}

TEST(Csv, TypesThatAreGivenAreNotGuessed) {
  const CsvTable table = parse("zip,n\n01234,1\n99,2\n",
                               {.types = {{"zip", CsvType::kString}, {"n", CsvType::kFloat64}}});
  EXPECT_EQ(table["zip"].strings(), (Strings{"01234", "99"}));
  EXPECT_EQ(table["n"].float64s(), (Floats{1, 2}));
  EXPECT_EQ(error_of("n,m\n1,2\n1.5,2\n", {.types = {{"n", CsvType::kInt64}}}),
            "f.csv:3: column 1 'n': '1.5', expected int64");
  EXPECT_EQ(error_of("n,m\n1,2\n1.5,?\n", {.types = {{"m", CsvType::kFloat64}}}),
            "f.csv:3: column 2 'm': '?', expected float64");
  EXPECT_EQ(error_of("n\n1\n", {.types = {{"m", CsvType::kInt64}}}),
            "f.csv: no column 'm', which the option types names; there are: 'n'");
  EXPECT_EQ(parse("n,m\n,2\n", {.types = {{"n", CsvType::kInt64}}})["n"].type(), CsvType::kInt64);
}

TEST(Csv, RecordsOfAnotherLengthAreRefusedWithTheirLine) {
  EXPECT_EQ(error_of("a,b\n1,2\n\"3\n3\",4\n5\n"), "f.csv:5: 1 field, the first record has 2");
  EXPECT_EQ(error_of("a,b\n1,2,3\n"), "f.csv:2: 3 fields, the first record has 2");
  EXPECT_EQ(error_of("a,b\n1,\"2\n", {}),
            "f.csv:2: column 2: the quoted field that begins here does not end");
}

TEST(Csv, LongValuesAreCutOffInMessages) {
  const std::string message =
      error_of("n\n" + std::string(100000, 'x') + "\n", {.types = {{"n", CsvType::kInt64}}});
  EXPECT_EQ(message, "f.csv:2: column 1 'n': '" + std::string(40, 'x') +
                         "...' (100000 bytes), expected int64");
}

TEST(Csv, MisuseOfATableIsThrownWithBothValues) {
  const CsvTable table = parse("a,b\n1,x\n");
  try {
    (void)table["c"];
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "f.csv: no column 'c', there are: a, b");
  }
  try {
    (void)table["b"].float64s();
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "csv: column 'b' is of type string, not float64");
  }
  EXPECT_EQ(table.find("c"), nullptr);
}

TEST(Csv, FilesGzippedOrNot) {
  const std::string folder = new_test_folder(), path = folder + "/f.csv";
  std::string text = "x,y\n";
  for (int i = 0; i < 300000; ++i) absl::StrAppend(&text, i, ",", i % 7, "\n");
  for (bool zipped : {false, true}) {
    write_file(path, zipped ? gzip(text) : text);
    const absl::StatusOr<CsvTable> table = read_csv(path);
    ASSERT_TRUE(table.ok()) << table.status();
    EXPECT_EQ(table->rows(), 300000);
    EXPECT_EQ((*table)["x"].int64s()[299999], 299999);
    const absl::StatusOr<CsvTable> limited = read_csv(path, {.max_bytes = 1 << 20});
    EXPECT_EQ(limited.status().code(), absl::StatusCode::kResourceExhausted);
    EXPECT_EQ(limited.status().message(),
              absl::StrCat(path, ": ", zipped ? "more" : absl::StrCat(text.size()),
                           " bytes, the limit is 1048576"));
    EXPECT_TRUE(read_csv(path, {.max_bytes = static_cast<int64_t>(text.size())}).ok());
  }
  EXPECT_EQ(read_csv(folder + "/no.csv").status().code(), absl::StatusCode::kNotFound);
  write_file(path, gzip(text).substr(0, 5000));
  EXPECT_EQ(read_csv(path).status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(parse_csv(text, {.max_bytes = 10}).status().code(),
            absl::StatusCode::kResourceExhausted);
}

// Against values that were there before the text.
TEST(Csv, RandomTablesAreReadBack) {
  for (uint64_t seed = 0; seed < 300; ++seed) {
    CounterRandom random(seed, RandomPurpose::kSplit, 2);
    const int64_t rows = random.below(8);
    const int64_t count = 1 + random.below(4);
    std::vector<CsvType> types;
    std::vector<Strings> fields(static_cast<size_t>(count));
    Strings names;
    for (int64_t c = 0; c < count; ++c) {
      types.push_back(static_cast<CsvType>(random.below(3)));
      names.push_back(absl::StrCat("c", c));
      for (int64_t r = 0; r < rows; ++r) {
        const int64_t number = random.below(2000) - 1000;
        const bool missing = random.below(4) == 0;
        fields[c].push_back(missing                         ? "NA"
                            : types[c] == CsvType::kInt64   ? absl::StrCat(number)
                            : types[c] == CsvType::kFloat64 ? absl::StrCat(number, ".25")
                                                            : absl::StrCat("s", number));
      }
    }
    std::string text = absl::StrJoin(names, ",") + "\n";
    for (int64_t r = 0; r < rows; ++r) {
      for (int64_t c = 0; c < count; ++c) absl::StrAppend(&text, c > 0 ? "," : "", fields[c][r]);
      text += "\n";
    }
    const CsvTable table = parse(text);
    ASSERT_EQ(table.rows(), rows);
    for (int64_t c = 0; c < count; ++c) {
      const CsvColumn& column = table[names[c]];
      int64_t missing = 0;
      for (int64_t r = 0; r < rows; ++r) {
        const bool is_missing = fields[c][r] == "NA";
        missing += is_missing ? 1 : 0;
        ASSERT_EQ(column.text(r), is_missing ? "" : fields[c][r]) << text;
      }
      ASSERT_EQ(column.missing_count(), missing);
      ASSERT_EQ(column.type(), missing == rows ? CsvType::kFloat64 : types[c]) << text;
    }
  }
}

TEST(Csv, SurvivesDamage) {
  const std::string text =
      "id,size,\"colour, of it\"\n1,2.5,red\n2,nan,\"a \"\"b\"\"\"\n3,1e9,\n4,inf,blue\n";
  ASSERT_TRUE(parse_csv(text).ok());
  const auto look = [](const std::string& damaged) {
    const absl::StatusOr<CsvTable> table = parse_csv(damaged);
    if (!table.ok()) return;
    for (const CsvColumn& column : table->columns()) {
      ASSERT_EQ(column.size(), table->rows());
      for (int64_t row = 0; row < table->rows(); ++row) (void)column.text(row);
    }
  };
  for (size_t length = 0; length <= text.size(); ++length) look(text.substr(0, length));
  for (size_t at = 0; at < text.size(); ++at) {
    for (int value = 0; value < 256; ++value) {
      std::string damaged = text;
      damaged[at] = static_cast<char>(value);
      look(damaged);
    }
  }
}

TEST(RealCsv, WaterIsRead) {
  const char* folder = std::getenv("TESSERA_TEST_DATA");
  if (folder == nullptr) GTEST_SKIP() << "TESSERA_TEST_DATA does not name a folder with water/";
  const absl::StatusOr<CsvTable> water =
      read_csv(std::string(folder) + "/water/water_potability.csv");
  ASSERT_TRUE(water.ok()) << water.status();
  EXPECT_EQ(water->rows(), 3276);
  EXPECT_EQ(water->columns().size(), 10);
  EXPECT_EQ((*water)["ph"].missing_count(), 491);
  EXPECT_EQ((*water)["Sulfate"].missing_count(), 781);
  EXPECT_EQ((*water)["Trihalomethanes"].missing_count(), 162);
  EXPECT_EQ((*water)["Hardness"].float64s()[0], 204.8904554713363);
  EXPECT_EQ((*water)["Potability"].type(), CsvType::kInt64);
}

}  // namespace
}  // namespace tessera::data

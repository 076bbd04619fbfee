// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/csv_reader.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "tessera/data/counter_random.h"

namespace tessera::data {
namespace {

using Records = std::vector<std::vector<std::string>>;

absl::StatusOr<Records> read_all(std::string_view text, const CsvDialect& dialect = {}) {
  CsvReader reader("f.csv", text, dialect);
  Records records;
  std::vector<std::string_view> fields;
  while (true) {
    absl::StatusOr<bool> more = reader.next(fields);
    if (!more.ok()) return more.status();
    if (!*more) return records;
    records.emplace_back(fields.begin(), fields.end());
  }
}

void expect_records(std::string_view text, const Records& expected,
                    const CsvDialect& dialect = {}) {
  const absl::StatusOr<Records> found = read_all(text, dialect);
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(*found, expected) << text;
}

std::string error_of(std::string_view text, const CsvDialect& dialect = {}) {
  const absl::StatusOr<Records> found = read_all(text, dialect);
  EXPECT_EQ(found.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(found.status().message());
}

TEST(CsvReader, FieldsAndLineEnds) {
  expect_records("", {});
  expect_records("a", {{"a"}});
  expect_records("a,b\nc,d", {{"a", "b"}, {"c", "d"}});
  expect_records("a,b\r\nc,d\r\n", {{"a", "b"}, {"c", "d"}});
  expect_records("a,b\rc,d\r", {{"a", "b"}, {"c", "d"}});
  expect_records(",\n,,\n", {{"", ""}, {"", "", ""}});
  expect_records("a,", {{"a", ""}});
  expect_records(" a , b ", {{" a ", " b "}});
}

TEST(CsvReader, EmptyLinesAreNoRecordsButAnEmptyQuotedFieldIsOne) {
  expect_records("\n\r\n\ra\n\n\nb\n\n", {{"a"}, {"b"}});
  expect_records("\"\"\n", {{""}});
}

TEST(CsvReader, AByteOrderMarkIsSkippedAtTheBeginningOnly) {
  expect_records(
      "\xEF\xBB\xBF"
      "a,b\n\xEF\xBB\xBF",
      {{"a", "b"}, {"\xEF\xBB\xBF"}});
  expect_records("\xEF\xBB", {{"\xEF\xBB"}});
  expect_records("\xEF\xBB\xBF", {});
  expect_records("\xEF\xBB\xBF\"a\"", {{"a"}});
}

TEST(CsvReader, QuotedFieldsHoldDelimitersQuotesAndLineEnds) {
  expect_records("\"a,b\",c", {{"a,b", "c"}});
  expect_records("\"say \"\"hi\"\"\",\"\"\"\"", {{"say \"hi\"", "\""}});
  expect_records("\"1\n2\",\"3\r\n4\"\r\nx,\"\"", {{"1\n2", "3\r\n4"}, {"x", ""}});
}

TEST(CsvReader, AQuoteInsideAnUnquotedFieldIsText) {
  expect_records("5\" pipe,a\"\"b", {{"5\" pipe", "a\"\"b"}});
}

TEST(CsvReader, Dialects) {
  expect_records("a;'b;c'\n", {{"a", "b;c"}}, {.delimiter = ';', .quote = '\''});
  expect_records("a\t\"b\n", {{"a", "\"b"}}, {.delimiter = '\t', .quote = '\0'});
  expect_records(" a b\t, \"c \" ,  \n", {{"a b", "c ", ""}}, {.trim = true});
  EXPECT_TRUE(check_csv_dialect({}).ok());
  EXPECT_TRUE(check_csv_dialect({.delimiter = '\t', .quote = '\0'}).ok());
  for (const CsvDialect& dialect :
       {CsvDialect{.delimiter = '\n'}, CsvDialect{.delimiter = '\0'}, CsvDialect{.delimiter = '"'},
        CsvDialect{.quote = '\r'}, CsvDialect{.delimiter = '\t', .trim = true},
        CsvDialect{.quote = ' ', .trim = true}}) {
    EXPECT_EQ(check_csv_dialect(dialect).code(), absl::StatusCode::kInvalidArgument);
  }
  EXPECT_EQ(check_csv_dialect({.delimiter = '\n'}).message(),
            "csv: delimiter '\\n' cannot be told from other text");
}

TEST(CsvReader, ErrorsSayLineAndColumn) {
  EXPECT_EQ(error_of("a,b\n\"x\ny\",\"z\n\n"),
            "f.csv:3: column 2: the quoted field that begins here does not end");
  EXPECT_EQ(error_of("a\n\"x\n\"y,b"),
            "f.csv:3: column 1: 'y' after the closing quote, expected ',' or the line's end; a "
            "quote inside a quoted field is written twice");
  const std::string nul("a\r\nb,c\0d", 8);
  EXPECT_EQ(error_of(nul), "f.csv:2: column 2: NUL byte at offset 6, expected text");
  EXPECT_EQ(error_of(std::string("\"\0\"", 3)),
            "f.csv:1: column 1: NUL byte at offset 1, expected text");
  EXPECT_EQ(error_of(std::string("\"\"\0", 3)),
            "f.csv:1: column 1: NUL byte at offset 2, expected text");
}

TEST(CsvReader, KnowsTheLineOnWhichARecordBegan) {
  CsvReader reader("f.csv", "a\n\n\"b\r\nc\rd\"\ne", {});
  std::vector<std::string_view> fields;
  std::vector<int64_t> lines;
  while (*reader.next(fields)) lines.push_back(reader.line());
  EXPECT_EQ(lines, (std::vector<int64_t>{1, 3, 6}));
}

TEST(CsvReader, RefusesEndlessRecords) {
  const std::string commas(CsvReader::kMaxFields, ',');
  EXPECT_EQ(read_all(commas).status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ((*read_all(commas.substr(1)))[0].size(), CsvReader::kMaxFields);
}

// The text of records, with quotes where they are needed and some where they are not.
std::string write(const Records& records, const CsvDialect& dialect, CounterRandom& random) {
  std::string text = random.below(2) == 0 ? "\xEF\xBB\xBF" : "";
  const std::string_view ends[] = {"\n", "\r\n", "\r"};
  for (const std::vector<std::string>& record : records) {
    for (size_t i = 0; i < record.size(); ++i) {
      const std::string& field = record[i];
      if (i > 0) text += dialect.delimiter;
      const bool special =
          field.find_first_of(std::string("\r\n") + dialect.delimiter) != std::string::npos ||
          (!field.empty() && field[0] == dialect.quote);
      if (!special && !(record.size() == 1 && field.empty()) && random.below(3) > 0) {
        text += field;
        continue;
      }
      text += dialect.quote;
      for (char c : field) {
        if (c == dialect.quote) text += c;
        text += c;
      }
      text += dialect.quote;
    }
    do {
      text += ends[random.below(3)];
    } while (random.below(8) == 0);
  }
  return text;
}

Records random_records(CounterRandom& random, const CsvDialect& dialect) {
  const std::string letters = std::string("ab \n\r\"',;\xFF") + dialect.delimiter + dialect.quote;
  Records records(static_cast<size_t>(random.below(6)));
  for (std::vector<std::string>& record : records) {
    record.resize(static_cast<size_t>(1 + random.below(5)));
    for (std::string& field : record) {
      for (int64_t left = random.below(6); left > 0; --left) {
        field += letters[static_cast<size_t>(random.below(static_cast<int64_t>(letters.size())))];
      }
    }
  }
  return records;
}

TEST(CsvReader, ReadsBackWhatWasWritten) {
  for (uint64_t seed = 0; seed < 3000; ++seed) {
    CounterRandom random(seed, RandomPurpose::kSplit, 0);
    const CsvDialect dialect = {.delimiter = ",;|\t"[random.below(4)],
                                .quote = "\"'"[random.below(2)]};
    const Records records = random_records(random, dialect);
    const std::string text = write(records, dialect, random);
    const absl::StatusOr<Records> found = read_all(text, dialect);
    ASSERT_TRUE(found.ok()) << found.status() << "\n" << text;
    ASSERT_EQ(*found, records) << "seed " << seed << "\n" << text;
  }
}

// Whatever happens to the text, it is records or an error.
TEST(CsvReader, SurvivesDamage) {
  int64_t errors = 0;
  for (uint64_t seed = 0; seed < 300; ++seed) {
    CounterRandom random(seed, RandomPurpose::kSplit, 1);
    std::string text = write(random_records(random, {}), {}, random);
    for (size_t length = 0; length <= text.size(); ++length) {
      // A copy of its own, so that a read beyond the end is one beyond an allocation.
      const std::string cut(text, 0, length);
      errors += read_all(std::string_view(cut)).ok() ? 0 : 1;
    }
    for (int flips = 0; flips < 40 && !text.empty(); ++flips) {
      const size_t at = static_cast<size_t>(random.below(static_cast<int64_t>(text.size())));
      text[at] = static_cast<char>(text[at] ^ (1 << random.below(8)));
      errors += read_all(text).ok() ? 0 : 1;
    }
  }
  EXPECT_GT(errors, 100);
}

}  // namespace
}  // namespace tessera::data

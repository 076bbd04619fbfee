// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/char_vocabulary.h"

#include <cstdlib>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/data/counter_random.h"
#include "tessera/data/read_whole_file.h"
#include "tessera/data/utf8.h"
#include "tessera/tensor/ops/factory.h"

namespace tessera::data {
namespace {

using Ints = std::vector<int64_t>;

TEST(Utf8, EveryCharacterIsReadBack) {
  for (char32_t character = 0; character <= 0x10FFFF; ++character) {
    if (character == 0xD800) character = 0xE000;
    std::string text;
    append_utf8(character, text);
    char32_t found;
    ASSERT_EQ(read_utf8(text + "x", found), text.size());
    ASSERT_EQ(found, character);
    char32_t unused;
    ASSERT_EQ(read_utf8(text.substr(0, text.size() - 1) + "x", unused) == 0 || text.size() == 1,
              true);
  }
}

TEST(Utf8, RefusesWhatIsNoCharacter) {
  char32_t unused;
  for (const char* text :
       {"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xF0\x8F\xBF\xBF", "\xED\xA0\x80",
        "\xED\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "\xC3", "\xE2\x82",
        "\xF0\x9F\x98", "\xE2\x28\xA1"}) {
    EXPECT_EQ(read_utf8(text, unused), 0) << text;
  }
}

TEST(CharVocabulary, CharactersInTheOrderOfTheirCodePoints) {
  const absl::StatusOr<CharVocabulary> vocabulary =
      CharVocabulary::from_text("to be, né \xE2\x82\xAC");
  ASSERT_TRUE(vocabulary.ok()) << vocabulary.status();
  EXPECT_EQ(vocabulary->characters(), " ,benoté\xE2\x82\xAC");
  EXPECT_EQ(vocabulary->size(), 9);
  const absl::StatusOr<Tensor> ids = vocabulary->encode("né");
  ASSERT_TRUE(ids.ok()) << ids.status();
  EXPECT_EQ(ids->dtype(), kInt64);
  EXPECT_EQ(ids->to_vector<int64_t>(), (Ints{4, 7}));
  EXPECT_EQ(vocabulary->decode(*ids), "né");
  EXPECT_EQ(vocabulary->decode(8), "\xE2\x82\xAC");
  EXPECT_TRUE(vocabulary->contains(U'b'));
  EXPECT_FALSE(vocabulary->contains(U'z'));
  EXPECT_EQ(vocabulary->encode("")->size(0), 0);
}

TEST(CharVocabulary, IsRestoredFromItsCharacters) {
  const CharVocabulary vocabulary = *CharVocabulary::from_text("hello, world");
  const CharVocabulary again = *CharVocabulary::from_characters(vocabulary.characters());
  EXPECT_EQ(again.encode("low")->to_vector<int64_t>(),
            vocabulary.encode("low")->to_vector<int64_t>());
  EXPECT_EQ(CharVocabulary::from_characters("ba")->encode("ab")->to_vector<int64_t>(),
            (Ints{1, 0}));
}

TEST(CharVocabulary, Errors) {
  const CharVocabulary vocabulary = *CharVocabulary::from_text("abc");
  EXPECT_EQ(vocabulary.encode("abx").status().message(),
            "CharVocabulary: U+0078 'x' at offset 2 is none of the 3 characters");
  EXPECT_EQ(CharVocabulary::from_text("ab\xC3(").status().message(),
            "CharVocabulary: the bytes at offset 2 are not UTF-8: 0xc328, expected a character");
  EXPECT_EQ(CharVocabulary::from_text("").status().message(),
            "CharVocabulary: the text is empty, expected characters");
  EXPECT_EQ(CharVocabulary::from_characters("").status().message(),
            "CharVocabulary: no characters, expected at least one");
  EXPECT_EQ(CharVocabulary::from_characters("aba").status().message(),
            "CharVocabulary: U+0061 'a' at offset 2 is there already");
  try {
    vocabulary.decode(3);
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "CharVocabulary::decode: id 3 is not in [0, 3)");
  }
  try {
    vocabulary.decode(zeros({2}));
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "CharVocabulary::decode: ids are float32, expected an integer dtype");
  }
}

// Whatever bytes come, they are characters or an error, and characters come back as they were.
TEST(CharVocabulary, SurvivesRandomBytes) {
  int64_t good = 0;
  for (uint64_t seed = 0; seed < 20000; ++seed) {
    CounterRandom random(seed, RandomPurpose::kSplit, 3);
    std::string text;
    for (int64_t left = 1 + random.below(4); left > 0; --left) {
      const int64_t byte = random.below(3) == 0 ? 0x80 + random.below(128) : random.below(128);
      text += static_cast<char>(byte);
    }
    const absl::StatusOr<CharVocabulary> vocabulary = CharVocabulary::from_text(text);
    if (!vocabulary.ok()) continue;
    ++good;
    const absl::StatusOr<Tensor> ids = vocabulary->encode(text);
    ASSERT_TRUE(ids.ok()) << ids.status();
    ASSERT_EQ(vocabulary->decode(*ids), text);
  }
  EXPECT_GT(good, 1000);
}

TEST(RealText, Shakespeare) {
  const char* folder = std::getenv("TESSERA_TEST_DATA");
  if (folder == nullptr) GTEST_SKIP() << "TESSERA_TEST_DATA does not name a folder with text/";
  const absl::StatusOr<std::string> text =
      read_whole_file(std::string(folder) + "/text/tinyshakespeare.txt");
  ASSERT_TRUE(text.ok()) << text.status();
  const absl::StatusOr<CharVocabulary> vocabulary = CharVocabulary::from_text(*text);
  ASSERT_TRUE(vocabulary.ok()) << vocabulary.status();
  EXPECT_EQ(vocabulary->size(), 65);
  const absl::StatusOr<Tensor> ids = vocabulary->encode(*text);
  ASSERT_TRUE(ids.ok()) << ids.status();
  EXPECT_EQ(ids->size(0), 1115394);
  EXPECT_EQ(vocabulary->decode(*ids), *text);
}

}  // namespace
}  // namespace tessera::data

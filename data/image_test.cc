// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/image.h"

#include <sys/stat.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "gtest/gtest.h"
#include "tessera/data/counter_random.h"
#include "tessera/data/data_loader.h"
#include "tessera/data/image_folder.h"
#include "tessera/data/test_files.h"
#include "tessera/tensor/ops/factory.h"

namespace tessera::data {
namespace {

using Ints = std::vector<int>;

std::string bytes_of(std::string_view base64) {
  std::string bytes;
  EXPECT_TRUE(absl::Base64Unescape(base64, &bytes));
  return bytes;
}

// Written by Pillow 9.4.0.
// 2 x 3: red, green, blue; (10, 20, 30), (40, 50, 60), (70, 80, 90)
constexpr std::string_view kRgb =
    "iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAIAAAASFvFNAAAAGElEQVR4nGP4z8DA8J+BgeE/I5eIHAQAADEzA++e06gj"
    "AAAAAElFTkSuQmCC";
// 2 x 2: colours 0 1 / 1 0 of the palette (1, 2, 3), (200, 100, 50), of which 1 is transparent
constexpr std::string_view kPalette =
    "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACAQMAAABIeJ9nAAAABlBMVEUBAgPIZDJQtK4/AAAAAnRSTlP/AOW3MEoAAAAM"
    "SURBVHicY3BgaAAAAUQAwTp6HFYAAAAASUVORK5CYII=";
// 2 x 3 of one bit: 0 1 0 / 1 1 0
constexpr std::string_view kOneBit =
    "iVBORw0KGgoAAAANSUhEUgAAAAMAAAACAQAAAAC1D1u3AAAADElEQVR4nGNwYDgAAAGEAQEKf5BQAAAAAElFTkSuQmCC";
// 2 x 2 of sixteen bits: 0, 65535 / 256, 1000
constexpr std::string_view kSixteenBits =
    "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACEAAAAAAHTY67AAAAEklEQVR4nGNgYPj/n5GRgekFAA3yAusic7GDAAAAAElF"
    "TkSuQmCC";
// 9 x 17: (15 x, 28 y, 10 (x + y)), quality 90
constexpr std::string_view kJpeg =
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsL"
    "EBYQERMUFRUVDA8XGBYUGBIUFRT/2wBDAQMEBAUEBQkFBQkUDQsNFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQU"
    "FBQUFBQUFBQUFBQUFBQUFBQUFBT/wAARCAAJABEDASIAAhEBAxEB/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcI"
    "CQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRol"
    "JicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ip"
    "qrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/8QAHwEAAwEBAQEBAQEBAQAAAAAA"
    "AAECAwQFBgcICQoL/8QAtREAAgECBAQDBAcFBAQAAQJ3AAECAxEEBSExBhJBUQdhcRMiMoEIFEKRobHBCSMzUvAVYnLR"
    "ChYkNOEl8RcYGRomJygpKjU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6goOEhYaHiImKkpOUlZaX"
    "mJmaoqOkpaanqKmqsrO0tba3uLm6wsPExcbHyMnK0tPU1dbX2Nna4uPk5ebn6Onq8vP09fb3+Pn6/9oADAMBAAIRAxEA"
    "PwDwLwZ+y/8A6v8A0T/x2vePBn7L/wDq/wDRP/Ha9b8GfwV7x4M/grz8ozXEaanwvAXH+be5734nzh/wy/8A9On/AI7R"
    "X2pRX3H9rYjuf0v/AK/Zt/N+J//Z";
// The same in grey, quality 60
constexpr std::string_view kGrayJpeg =
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAA0JCgsKCA0LCgsODg0PEyAVExISEyccHhcgLikxMC4pLSwzOko+MzZGNywt"
    "QFdBRkxOUlNSMj5aYVpQYEpRUk//wAALCAAJABEBAREA/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QA"
    "tRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0"
    "NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2"
    "t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/9oACAEBAAA/AMK08P8AT5P0rctPD/T5P0q/"
    "/wAI/wD7H6VNadq3LTtV+v/Z";

// Written by libjpeg, quality 50, 3 x 5: ink (255 - 60 x, 255 - 120 y, 55 + 40 x, 20 x + 40 y)
constexpr std::string_view kCmykJpeg =
    "/9j/7gAOQWRvYmUAZAAAAAAA/"
    "9sAQwAQCwwODAoQDg0OEhEQExgoGhgWFhgxIyUdKDozPTw5Mzg3QEhcTkBEV0U3OFBtUVdf"
    "YmdoZz5NcXlwZHhcZWdj/8AAFAgAAwAFBEMRAE0RAFkRAEsRAP/EABYAAQEBAAAAAAAAAAAAAAAAAAUDBv/"
    "EACEQAAEBBwUA"
    "AAAAAAAAAAAAAAABAgMEBQY1gRQWM1WR/9oADgRDAE0AWQBLAAA/AE6DsiYNFteSda48UMqi5LkpNI2J1PM0f//Z";
// The same as YCCK.
constexpr std::string_view kYcckJpeg =
    "/9j/7gAOQWRvYmUAZAAAAAAC/"
    "9sAQwAQCwwODAoQDg0OEhEQExgoGhgWFhgxIyUdKDozPTw5Mzg3QEhcTkBEV0U3OFBtUVdf"
    "YmdoZz5NcXlwZHhcZWdj/"
    "9sAQwEREhIYFRgvGhovY0I4QmNjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2Nj"
    "Y2NjY2NjY2NjY2Nj/8AAFAgAAwAFBAERAAIRAQMRAQQRAP/EABUAAQEAAAAAAAAAAAAAAAAAAAMF/"
    "8QAHRAAAQIHAAAAAAAA"
    "AAAAAAAABAAFAgMTFDM0kf/EABUBAQEAAAAAAAAAAAAAAAAAAAIF/8QAGhEAAQUBAAAAAAAAAAAAAAAAAAMEBRMyAf/"
    "aAA4E"
    "AQACEQMRBAAAPwCQa7uFbamdVaNbJU5HKNELs8EdDSbnNEv/2Q==";
// Ink (255, 100, 0, 75), quality 100: one pixel, which is decoded exactly.
constexpr std::string_view kFlatCmykJpeg =
    "/9j/7gAOQWRvYmUAZAAAAAAA/"
    "9sAQwABAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB"
    "AQEBAQEBAQEBAQEBAQEB/8AAFAgAAQABBEMRAE0RAFkRAEsRAP/EABcAAAMBAAAAAAAAAAAAAAAAAAgJCgv/"
    "xAAUEAEAAAAA"
    "AAAAAAAAAAAAAAAA/9oADgRDAE0AWQBLAAA/AM/8bC/g6B//2Q==";
// 8 x 8, progressive: 6 scans, the last of which begins at byte 276 and goes to the end marker.
constexpr std::string_view kProgressiveJpeg =
    "/9j/4AAQSkZJRgABAQAAAQABAAD/"
    "2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQ"
    "ERMUFRUVDA8XGBYUGBIUFRT/wgALCAAIAAgBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAAAv/aAAgBAQAAAAEf/"
    "8QAFhAAAwAA"
    "AAAAAAAAAAAAAAAAAAQH/9oACAEBAAEFAlpsf//EABYQAAMAAAAAAAAAAAAAAAAAAAAzof/aAAgBAQAGPwJUP//"
    "EABUQAQEA"
    "AAAAAAAAAAAAAAAAAAAx/9oACAEBAAE/IYD/2gAIAQEAAAAQ/wD/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/9oACAEBAAE/"
    "EFP/"
    "2Q==";
// 5 x 5: 10 i, interlaced (Adam7).
constexpr std::string_view kInterlaced =
    "iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAAAAAHfA0mvAAAALUlEQVR42mNgYNBgOPGBQYThDkNKRQ8DlxxDXhPDpWcMRj"
    "Zu"
    "AVEM0xas2rIPALFyC7laww12AAAAAElFTkSuQmCC";

Tensor image_of(std::string_view base64, ImageMode mode) {
  const absl::StatusOr<Tensor> image = decode_image("f", bytes_of(base64), {.mode = mode});
  EXPECT_TRUE(image.ok()) << image.status();
  return *image;
}

TEST(Image, PngOfColours) {
  const Tensor rgb = image_of(kRgb, ImageMode::kRgb);
  EXPECT_EQ(rgb.dtype(), kUInt8);
  EXPECT_EQ(rgb.shape(), (Shape{2, 3, 3}));
  EXPECT_EQ(rgb.to_vector<int>(), (Ints{255, 0, 0, 0, 255, 0, 0, 0, 255,  //
                                        10, 20, 30, 40, 50, 60, 70, 80, 90}));
  const Tensor gray = image_of(kRgb, ImageMode::kGray);
  EXPECT_EQ(gray.shape(), (Shape{2, 3}));
  // Image.convert('L') of Pillow.
  EXPECT_EQ(gray.to_vector<int>(), (Ints{76, 150, 29, 18, 48, 78}));
  EXPECT_EQ(image_of(kRgb, ImageMode::kUnchanged).dim(), 3);
}

TEST(Image, PngOfOtherKinds) {
  EXPECT_EQ(image_of(kPalette, ImageMode::kUnchanged).to_vector<int>(),
            (Ints{1, 2, 3, 200, 100, 50, 200, 100, 50, 1, 2, 3}));
  EXPECT_EQ(image_of(kOneBit, ImageMode::kUnchanged).shape(), (Shape{2, 3}));
  EXPECT_EQ(image_of(kOneBit, ImageMode::kGray).to_vector<int>(), (Ints{0, 255, 0, 255, 255, 0}));
  EXPECT_EQ(image_of(kOneBit, ImageMode::kRgb).shape(), (Shape{2, 3, 3}));
  EXPECT_EQ(image_of(kSixteenBits, ImageMode::kGray).to_vector<int>(), (Ints{0, 255, 1, 4}));
}

TEST(Image, Jpeg) {
  const Tensor rgb = image_of(kJpeg, ImageMode::kRgb);
  EXPECT_EQ(rgb.shape(), (Shape{9, 17, 3}));
  // What Pillow decodes; the two libraries may round differently by one.
  const Tensor as_int = rgb.to(kInt64);
  const auto near = [&](int64_t y, int64_t x, const Ints& expected) {
    const Ints found = rgb[y][x].to_vector<int>();
    for (size_t c = 0; c < 3; ++c) EXPECT_NEAR(found[c], expected[c], 1) << y << " " << x;
  };
  near(0, 0, {0, 2, 0});
  near(8, 16, {244, 223, 242});
  near(4, 8, {119, 114, 120});
  EXPECT_NEAR(as_int.sum().item<int64_t>(), 53826, 200);
  const Tensor gray = image_of(kGrayJpeg, ImageMode::kUnchanged);
  EXPECT_EQ(gray.shape(), (Shape{9, 17}));
  EXPECT_NEAR(gray.to(kInt64).sum().item<int64_t>(), 17630, 60);
  EXPECT_NEAR(gray[8][16].item<int>(), 230, 1);
  EXPECT_EQ(image_of(kGrayJpeg, ImageMode::kRgb).shape(), (Shape{9, 17, 3}));
}

// Image.convert('RGB') and ('L') of Pillow 9.4.0; two versions of libjpeg may differ by one step of
// a colour, which the fourth makes no larger.
TEST(Image, JpegInFourColours) {
  const auto check = [](std::string_view file, const Ints& rgb, const Ints& gray) {
    for (ImageMode mode : {ImageMode::kRgb, ImageMode::kUnchanged, ImageMode::kGray}) {
      const Tensor image = image_of(file, mode);
      const bool is_gray = mode == ImageMode::kGray;
      EXPECT_EQ(image.shape(), is_gray ? Shape({3, 5}) : Shape({3, 5, 3}));
      const Ints found = image.to_vector<int>(), &expected = is_gray ? gray : rgb;
      for (size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(found[i], expected[i], 2) << i;
    }
  };
  check(kCmykJpeg, {1, 0,   200, 54, 0,   149, 102, 0,   102, 139, 0,   61, 165, 0,  29,
                    1, 100, 169, 45, 93,  123, 84,  83,  83,  110, 72,  48, 128, 65, 22,
                    1, 167, 140, 37, 153, 101, 66,  131, 65,  84,  111, 37, 94,  95, 16},
        {23, 33, 42, 49, 53, 78, 82, 83, 81, 79, 114, 112, 104, 94, 86});
  check(kYcckJpeg, {16, 0,   188, 55, 0,   150, 107, 0,   96, 145, 0,   49, 165, 0,  25,
                    6,  107, 176, 37, 99,  139, 79,  89,  91, 109, 77,  52, 122, 70, 30,
                    1,  160, 140, 27, 147, 109, 60,  127, 69, 81,  107, 36, 88,  92, 19},
        {26, 34, 43, 49, 52, 85, 85, 86, 84, 81, 110, 107, 100, 91, 82});
  EXPECT_EQ(decode_image("f", bytes_of(kYcckJpeg), {.max_pixels = 14}).status().code(),
            absl::StatusCode::kResourceExhausted);
}

TEST(Image, InkIsExact) {
  EXPECT_EQ(image_of(kFlatCmykJpeg, ImageMode::kRgb).to_vector<int>(), (Ints{0, 109, 180}));
}

TEST(Image, ProgressiveJpegMayNotRepeatItselfForEver) {
  const std::string once = bytes_of(kProgressiveJpeg);
  EXPECT_EQ(image_of(kProgressiveJpeg, ImageMode::kUnchanged).shape(), (Shape{8, 8}));
  const std::string before = once.substr(0, 276), scan = once.substr(276, once.size() - 278);
  const auto with_scans = [&](int count) {
    std::string bytes = before;
    for (int i = 0; i < count; ++i) bytes += scan;
    return decode_image("f.jpg", bytes + once.substr(once.size() - 2));
  };
  EXPECT_TRUE(with_scans(400).ok()) << with_scans(400).status();
  EXPECT_EQ(with_scans(600).status().message(), "f.jpg: JPEG: more than 500 scans");
}

TEST(Image, InterlacedPng) {
  Ints expected;
  for (int i = 0; i < 25; ++i) expected.push_back(10 * i);
  EXPECT_EQ(image_of(kInterlaced, ImageMode::kUnchanged).to_vector<int>(), expected);
}

TEST(Image, LimitsAreKept) {
  const std::string png = bytes_of(kRgb);
  EXPECT_EQ(decode_image("f.png", png, {.max_pixels = 5}).status().message(),
            "f.png: the image says it has 2 x 3 pixels, the limit is 5");
  EXPECT_EQ(decode_image("f.jpg", bytes_of(kJpeg), {.max_pixels = 152}).status().code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(decode_image("f.jpg", bytes_of(kJpeg), {.max_pixels = 153}).ok());
  const std::string path = new_test_folder() + "/f.png";
  write_file(path, png);
  const int64_t size = static_cast<int64_t>(png.size());
  EXPECT_TRUE(read_image(path, {.max_bytes = size}).ok());
  EXPECT_EQ(read_image(path, {.max_bytes = size - 1}).status().code(),
            absl::StatusCode::kResourceExhausted);
}

TEST(Image, WhatIsNoImageIsRefused) {
  EXPECT_EQ(decode_image("f", "GIF89a...").status().message(),
            "f: neither PNG nor JPEG: it begins with 'GIF89a..'");
  EXPECT_EQ(decode_image("f", "").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(decode_image("f.png", bytes_of(kRgb).substr(0, 50)).status().message(),
            "f.png: PNG: the file is cut off");
  std::string damaged = bytes_of(kRgb);
  damaged[45] = static_cast<char>(damaged[45] ^ 1);
  EXPECT_EQ(decode_image("f.png", damaged).status().code(), absl::StatusCode::kDataLoss);
  const absl::Status cut = decode_image("f.jpg", bytes_of(kJpeg).substr(0, 650)).status();
  EXPECT_EQ(cut.code(), absl::StatusCode::kDataLoss) << cut;
  EXPECT_EQ(cut.message().substr(0, 13), "f.jpg: JPEG: ") << cut;
}

// Whatever happens to the bytes, they are an image or an error.
TEST(Image, SurvivesDamage) {
  CounterRandom random(1, RandomPurpose::kSplit, 6);
  for (std::string_view file :
       {kRgb, kPalette, kOneBit, kSixteenBits, kJpeg, kGrayJpeg, kCmykJpeg, kYcckJpeg}) {
    const std::string good = bytes_of(file);
    for (size_t length = 0; length + 2 < good.size(); ++length) {
      EXPECT_FALSE(decode_image("f", std::string(good, 0, length)).ok()) << length;
    }
    for (size_t at = 0; at < good.size(); ++at) {
      for (int i = 0; i < 6; ++i) {
        std::string damaged = good;
        damaged[at] = static_cast<char>(random.below(256));
        (void)decode_image("f", damaged, {.max_pixels = 1 << 20});
      }
    }
  }
}

class ImageFolderTest : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"/dog", "/cat", "/cat/more"}) {
      ASSERT_EQ(mkdir((folder_ + name).c_str(), 0755), 0);
    }
    write_file(folder_ + "/dog/2.JPG", bytes_of(kJpeg));
    write_file(folder_ + "/dog/10.png", bytes_of(kRgb));
    write_file(folder_ + "/cat/more/1.jpeg", bytes_of(kJpeg));
    write_file(folder_ + "/cat/b.png", bytes_of(kOneBit));
    write_file(folder_ + "/cat/notes.txt", "no image");
    write_file(folder_ + "/readme.png", "not in a class");
  }
  const std::string folder_ = new_test_folder();
};

TEST_F(ImageFolderTest, ClassesAndFilesAreSorted) {
  const absl::StatusOr<ImageFolder> images = ImageFolder::open(folder_);
  ASSERT_TRUE(images.ok()) << images.status();
  EXPECT_EQ(images->classes(), (std::vector<std::string>{"cat", "dog"}));
  ASSERT_EQ(images->size(), 4);
  std::vector<std::string> paths;
  Ints labels;
  for (int64_t i = 0; i < 4; ++i) {
    paths.push_back(images->file(i).first.substr(folder_.size()));
    const absl::StatusOr<Example> sample = images->get(i);
    ASSERT_TRUE(sample.ok()) << sample.status();
    EXPECT_EQ(sample->x.size(-1), 3);
    EXPECT_EQ(sample->y.dtype(), kInt64);
    labels.push_back(sample->y.item<int>());
  }
  EXPECT_EQ(paths, (std::vector<std::string>{"/cat/b.png", "/cat/more/1.jpeg", "/dog/10.png",
                                             "/dog/2.JPG"}));
  EXPECT_EQ(labels, (Ints{0, 0, 1, 1}));
}

TEST_F(ImageFolderTest, ALoaderOfOnesOwnAndOtherEndings) {
  const absl::StatusOr<ImageFolder> images = ImageFolder::open(
      folder_, {.extensions = {".png"}, .loader = [](const std::string& path) {
                  return absl::StatusOr<Tensor>(full({1}, static_cast<int64_t>(path.size())));
                }});
  ASSERT_TRUE(images.ok()) << images.status();
  EXPECT_EQ(images->size(), 2);
  DataLoader loader(*images, {.batch_size = 2, .num_workers = 1});
  for (auto& [x, y] : loader) EXPECT_EQ(x.shape(), (Shape{2, 1}));
}

TEST_F(ImageFolderTest, AnImageThatIsDamagedNamesItsFile) {
  write_file(folder_ + "/dog/10.png", bytes_of(kRgb).substr(0, 60));
  const absl::StatusOr<ImageFolder> images = ImageFolder::open(folder_);
  EXPECT_EQ(images->get(2).status().message(), folder_ + "/dog/10.png: PNG: the file is cut off");
  EXPECT_EQ(images->get(4).status().message(), "ImageFolder: index 4 is not in [0, 4)");
}

TEST_F(ImageFolderTest, FoldersThatAreNotLikeThat) {
  ASSERT_EQ(mkdir((folder_ + "/empty").c_str(), 0755), 0);
  EXPECT_EQ(ImageFolder::open(folder_).status().message(),
            folder_ + "/empty: no files that end in .png, .jpg, .jpeg");
  EXPECT_EQ(ImageFolder::open(folder_ + "/cat/more").status().message(),
            folder_ + "/cat/more: no folders in it, expected one for each class");
  EXPECT_EQ(ImageFolder::open(folder_ + "/no").status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace tessera::data

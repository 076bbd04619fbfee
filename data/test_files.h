// SPDX-License-Identifier: Apache-2.0
//
// Files for tests: IDX files, good and bad, gzipped or not.
#ifndef TESSERA_DATA_TEST_FILES_H_
#define TESSERA_DATA_TEST_FILES_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tessera/data/idx_header.h"

namespace tessera::data {

// A new empty folder in the test's temporary folder.
std::string new_test_folder();

void write_file(const std::string& path, std::string_view content);
std::string read_file(const std::string& path);

// `content` as gzip stores it.
std::string gzip(std::string_view content);

// A member of a tar archive as `tar --format=ustar` writes it.
std::string tar_member(const std::string& name, const std::string& content, char type = '0',
                       const std::string& prefix = "");
// Makes the checksum of a member's header right again.
void seal_tar_header(std::string& member);

// An IDX file: a header with this type and these sizes, then `elements` as they are.
std::string idx_file(IdxType type, const std::vector<uint32_t>& sizes, std::string_view elements);

// `count` images of 28 x 28 and their labels, as MNIST's files hold them; pixels and labels differ
// from image to image.
std::string mnist_images(int count);
std::string mnist_labels(int count);

}  // namespace tessera::data

#endif  // TESSERA_DATA_TEST_FILES_H_

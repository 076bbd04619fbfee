// SPDX-License-Identifier: Apache-2.0
//
// What kernels find wrong in their data, such as an index out of range. The first finding is kept
// until the host looks; the kernel goes on without touching memory that is not its own.
//
// A shader that can fail includes fault.glsl and gets address() and a ticket in its arguments.
#ifndef TESSERA_BACKENDS_VULKAN_FAULTS_H_
#define TESSERA_BACKENDS_VULKAN_FAULTS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "tessera/backends/vulkan/gpu.h"

namespace tessera::vulkan {

class Faults {
 public:
  explicit Faults(Gpu* gpu) : gpu_(gpu) {}
  ~Faults();
  Faults(const Faults&) = delete;
  Faults& operator=(const Faults&) = delete;

  TsrStatus open(TsrMessage* message);

  // The device address of the record that shaders write.
  uint64_t address() const { return block_.address; }
  // A number for a node of `op` that may fail with an index out of [0, limit).
  uint32_t ticket(const char* op);

  // With no work pending: TSR_OK, or TSR_OUT_OF_RANGE with "<op>: index 7 is out of range [0, 5)".
  TsrStatus take(TsrMessage* message);

 private:
  struct Record;  // as fault.glsl writes it

  Gpu* gpu_;
  Block block_;
  std::vector<std::string> ops_;  // by ticket
};

}  // namespace tessera::vulkan

#endif  // TESSERA_BACKENDS_VULKAN_FAULTS_H_

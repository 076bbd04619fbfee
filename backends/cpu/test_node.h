// SPDX-License-Identifier: Apache-2.0
//
// Runs single nodes through the plugin's C interface, for the unit tests.
#ifndef TESSERA_BACKENDS_CPU_TEST_NODE_H_
#define TESSERA_BACKENDS_CPU_TEST_NODE_H_

#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "tessera/backends/abi/tessera_plugin.h"
#include "tessera/backends/cpu/dtype.h"
#include "tessera/backends/cpu/plugin.h"

namespace tessera::cpu {

using Shape = std::vector<int64_t>;

template <class T>
constexpr uint32_t dtype_of() {
  if constexpr (std::is_same_v<T, float>) return TSR_FLOAT32;
  if constexpr (std::is_same_v<T, double>) return TSR_FLOAT64;
  if constexpr (std::is_same_v<T, Half>) return TSR_FLOAT16;
  if constexpr (std::is_same_v<T, Bfloat>) return TSR_BFLOAT16;
  if constexpr (std::is_same_v<T, int32_t>) return TSR_INT32;
  if constexpr (std::is_same_v<T, int64_t>) return TSR_INT64;
  if constexpr (std::is_same_v<T, uint8_t>) return TSR_UINT8;
  if constexpr (std::is_same_v<T, bool>) return TSR_BOOL;
}

// A tensor in memory that the test owns. A copy is another view of the same memory.
class TestTensor {
 public:
  TestTensor(uint32_t dtype, Shape shape)
      : dtype_(dtype), shape_(std::move(shape)), strides_(shape_.size()) {
    int64_t n = 1;
    for (size_t k = shape_.size(); k-- > 0;) {
      strides_[k] = n;
      n *= shape_[k];
    }
    // Fresh values are a pattern that no kernel is meant to leave behind.
    bytes_ = std::make_shared<std::vector<char>>(n * item_size(dtype) + 64, '\x5A');
  }
  template <class T>
  static TestTensor of(Shape shape, const std::vector<T>& values) {
    TestTensor t(dtype_of<T>(), std::move(shape));
    for (size_t i = 0; i < values.size(); ++i) {
      const T value = values[i];
      std::memcpy(t.bytes_->data() + i * sizeof(T), &value, sizeof(T));
    }
    return t;
  }
  // Seeded values from [-1, 1), or small integers.
  static TestTensor random(uint32_t dtype, Shape shape, uint32_t seed) {
    TestTensor t(dtype, std::move(shape));
    std::mt19937 generator(seed);
    for (int64_t i = 0; i < t.count(); ++i) {
      const double unit = generator() / 4294967296.0;
      t.set(i, is_floating(dtype)  ? 2 * unit - 1
               : dtype == TSR_BOOL ? (unit < 0.5 ? 0 : 1)
                                   : static_cast<double>(static_cast<int>(unit * 20)));
    }
    return t;
  }

  uint32_t dtype() const { return dtype_; }
  const Shape& shape() const { return shape_; }
  const Shape& strides() const { return strides_; }
  int64_t count() const {
    int64_t n = 1;
    for (int64_t extent : shape_) n *= extent;
    return n;
  }

  TestTensor transposed(size_t i, size_t j) const {
    TestTensor t = *this;
    std::swap(t.shape_[i], t.shape_[j]);
    std::swap(t.strides_[i], t.strides_[j]);
    return t;
  }
  // Dims of one element become `shape`'s, with stride 0; new dims are in front.
  TestTensor expanded(const Shape& shape) const {
    TestTensor t = *this;
    const size_t added = shape.size() - shape_.size();
    t.shape_ = shape;
    t.strides_.assign(shape.size(), 0);
    for (size_t k = 0; k < shape_.size(); ++k) {
      t.strides_[k + added] = shape_[k] == shape[k + added] ? strides_[k] : 0;
    }
    return t;
  }
  // Elements start, start + step, ... of a dim.
  TestTensor sliced(size_t dim, int64_t start, int64_t step) const {
    TestTensor t = *this;
    t.offset_ += start * strides_[dim];
    t.shape_[dim] = (shape_[dim] - start + step - 1) / step;
    t.strides_[dim] *= step;
    return t;
  }

  // The element at a row-major position, exactly.
  double at(int64_t position) const {
    const char* p = address(position);
    const auto read = [&]<class T>(T value) {
      std::memcpy(&value, p, sizeof(T));
      return value;
    };
    switch (dtype_) {
      case TSR_FLOAT32:
        return read(0.0f);
      case TSR_FLOAT64:
        return read(0.0);
      case TSR_FLOAT16:
        return half_to_float(read(Half()));
      case TSR_BFLOAT16:
        return bfloat_to_float(read(Bfloat()));
      case TSR_INT32:
        return read(int32_t());
      case TSR_INT64:
        return static_cast<double>(read(int64_t()));
      default:
        return read(uint8_t());
    }
  }
  void set(int64_t position, double value) {
    char* p = address(position);
    const auto write = [&](auto v) { std::memcpy(p, &v, sizeof(v)); };
    switch (dtype_) {
      case TSR_FLOAT32:
        return write(static_cast<float>(value));
      case TSR_FLOAT64:
        return write(value);
      case TSR_FLOAT16:
        return write(double_to_half(value));
      case TSR_BFLOAT16:
        return write(double_to_bfloat(value));
      case TSR_INT32:
        return write(static_cast<int32_t>(value));
      case TSR_INT64:
        return write(static_cast<int64_t>(value));
      default:
        return write(static_cast<uint8_t>(value));
    }
  }
  std::vector<double> values() const {
    std::vector<double> all(count());
    for (int64_t i = 0; i < count(); ++i) all[i] = at(i);
    return all;
  }
  // The raw memory, the bytes behind the last element included.
  const std::vector<char>& bytes() const { return *bytes_; }

  TsrTensor descriptor() const {
    TsrTensor t = {};
    t.struct_size = sizeof(t);
    t.data = bytes_->data() + offset_ * static_cast<int64_t>(item_size(dtype_));
    t.shape = shape_.data();
    t.strides = strides_.data();
    t.rank = static_cast<uint32_t>(shape_.size());
    t.dtype = dtype_;
    return t;
  }

 private:
  char* address(int64_t position) const {
    int64_t offset = offset_;
    for (size_t k = shape_.size(); k-- > 0;) {
      offset += position % shape_[k] * strides_[k];
      position /= shape_[k];
    }
    return bytes_->data() + offset * static_cast<int64_t>(item_size(dtype_));
  }

  uint32_t dtype_;
  Shape shape_;
  Shape strides_;
  int64_t offset_ = 0;
  std::shared_ptr<std::vector<char>> bytes_;
};

// The plugin, initialised, with a device and a stream.
class TestBackend {
 public:
  explicit TestBackend(uint32_t threads = 1, const TsrPlugin& plugin = tessera_plugin_cpu)
      : api_(plugin.api) {
    host_.struct_size = sizeof(host_);
    host_.thread_budget = threads;
    api_->backend_initialize(&host_, &backend_, nullptr);
    api_->device_open(backend_, 0, &device_, nullptr);
    api_->stream_create(device_, &stream_, nullptr);
  }
  ~TestBackend() {
    api_->stream_destroy(stream_);
    api_->device_close(device_);
    api_->backend_shutdown(backend_);
  }
  TestBackend(const TestBackend&) = delete;
  TestBackend& operator=(const TestBackend&) = delete;

  const TsrBackendApi& api() const { return *api_; }
  TsrDevice* device() const { return device_; }
  TsrStream* stream() const { return stream_; }

  // Launches one node. The outputs are written in place.
  TsrStatus run(const char* op, const std::vector<TestTensor>& inputs,
                const std::vector<TestTensor>& outputs, const std::vector<int64_t>& ints = {},
                const std::vector<double>& doubles = {}) {
    text_[0] = '\0';
    TsrMessage message = {sizeof(TsrMessage), text_, sizeof(text_)};
    const TsrKernel* kernel = api_->kernel_find(device_, op);
    if (kernel == nullptr) return TSR_NOT_FOUND;
    std::vector<TsrTensor> tensors;
    for (const TestTensor& t : inputs) tensors.push_back(t.descriptor());
    for (const TestTensor& t : outputs) tensors.push_back(t.descriptor());
    std::vector<const TsrTensor*> pointers;
    for (const TsrTensor& t : tensors) pointers.push_back(&t);
    TsrNode node = {};
    node.struct_size = sizeof(node);
    node.op = op;
    node.inputs = pointers.data();
    node.outputs = pointers.data() + inputs.size();
    node.n_inputs = static_cast<uint32_t>(inputs.size());
    node.n_outputs = static_cast<uint32_t>(outputs.size());
    node.ints = ints.data();
    node.n_ints = static_cast<uint32_t>(ints.size());
    node.doubles = doubles.data();
    node.n_doubles = static_cast<uint32_t>(doubles.size());
    return kernel->launch(stream_, &node, &message);
  }
  // What the last node had to say.
  std::string message() const { return text_; }

 private:
  TsrHost host_ = {};
  const TsrBackendApi* api_;
  TsrBackend* backend_ = nullptr;
  TsrDevice* device_ = nullptr;
  TsrStream* stream_ = nullptr;
  char text_[512] = {};
};

}  // namespace tessera::cpu

#endif  // TESSERA_BACKENDS_CPU_TEST_NODE_H_

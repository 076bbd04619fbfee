// SPDX-License-Identifier: Apache-2.0
//
// Tensor: an n-dimensional array on a device, with PyTorch's names and semantics.
//
//   Tensor x = randn({64, 784});
//   Tensor y = (x.matmul(w) + b).relu().sum(1) * 0.5;
//   float first = y[0].item<float>();
//
// A Tensor is a cheap handle; copies of it are the same tensor, and views (view, transpose, slices)
// share its storage. A mistake in shapes, dtypes or devices throws tessera::Error, whose text names
// the op and both values. A Tensor may be read by several threads at once; writing (names that end
// in `_`) wants one thread.
//
// Methods are the functions of tensor/ops/, which hold each op's contract (shapes, dtypes, errors).
#ifndef TESSERA_TENSOR_TENSOR_H_
#define TESSERA_TENSOR_TENSOR_H_

#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <iosfwd>
#include <optional>
#include <source_location>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "tessera/backends/runtime/device.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/tensor/dtype.h"
#include "tessera/tensor/shape.h"
#include "tessera/tensor/tensor_impl.h"

namespace tessera {

class Index;       // tensor/index.h
struct Generator;  // tensor/ops/random.h

// Where and of what a new tensor is made.
//   Tensor w = zeros({10}, {.dtype = kFloat64, .device = "cuda:1", .requires_grad = true});
struct TensorOptions {
  DType dtype = kFloat32;
  std::optional<Device> device = std::nullopt;  // the default device
  bool requires_grad = false;                   // asks for //autograd to be linked
};

// How div() makes its quotients whole: not at all, toward zero, down.
enum class RoundingMode { kNone, kTrunc, kFloor };

// The dimensions that a reduction works on: one, several, or, as {}, all.
using Dims = absl::Span<const int64_t>;

class Tensor {
 public:
  // No tensor: defined() is false; any other call throws.
  Tensor() = default;

  // A number where a tensor is taken: `x * 2.0`. Of rank 0 and on no device; it takes the other
  // operands' dtype within its kind (integer, floating), as Python numbers do in PyTorch.
  template <class T, class = std::enable_if_t<std::is_arithmetic_v<T>>>
  Tensor(T value)
      : impl_(make_immediate(
            static_cast<
                std::conditional_t<std::is_same_v<T, bool>, bool,
                                   std::conditional_t<std::is_integral_v<T>, int64_t, double>>>(
                value))) {}

  explicit Tensor(RefPtr<TensorImpl> impl) : impl_(std::move(impl)) {}

  // ---- what it is ----

  bool defined() const { return static_cast<bool>(impl_); }
  const Shape& shape() const { return impl().shape; }
  const Shape& sizes() const { return impl().shape; }
  int64_t size(int64_t dim) const;  // negative: from the end
  int64_t dim() const { return impl().shape.rank(); }
  int64_t numel() const { return impl().numel; }
  const Strides& strides() const { return impl().strides; }  // elements
  int64_t stride(int64_t dim) const;
  int64_t storage_offset() const { return impl().offset; }  // elements
  DType dtype() const { return impl().dtype; }
  Device device() const;
  bool is_contiguous() const { return impl().contiguous; }
  bool is_floating_point() const { return tessera::is_floating_point(dtype()); }
  // True if both are views of the same memory, element for element.
  bool is_same(const Tensor& other) const { return impl_ == other.impl_; }
  std::string to_string() const;  // as operator<< prints it, PyTorch's layout

  // ---- values ----
  // `where` is the caller's line, for the error if a compiled step reads a value.

  // The value of a tensor of one element, converted to T. Waits for the device.
  //   errors: kInvalidArgument if there is not exactly one element
  template <class T>
  T item(const std::source_location& where = std::source_location::current()) const;

  // The elements in row-major order, converted to T. Waits for the device.
  template <class T>
  std::vector<T> to_vector(
      const std::source_location& where = std::source_location::current()) const;

  // The first element in host memory; elements stand at strides() from it. Waits for the device.
  //   errors: kInvalidArgument if T is not the dtype; kFailedPrecondition if the device's memory is
  //           not visible to the host (use .to("cpu"))
  // `mutable_data` refuses what the tape needs, as every write does.
  template <class T>
  const T* data(const std::source_location& where = std::source_location::current()) const {
    return static_cast<const T*>(raw_data(dtype_of<T>, /*write=*/false, where));
  }
  template <class T>
  T* mutable_data(const std::source_location& where = std::source_location::current()) {
    return static_cast<T*>(raw_data(dtype_of<T>, /*write=*/true, where));
  }

  // ---- views (ops/view.h) ----

  Tensor view(const Shape& shape) const;     // one size may be -1
  Tensor reshape(const Shape& shape) const;  // a view where possible, else a copy
  Tensor permute(Dims dims) const;
  Tensor transpose(int64_t dim0, int64_t dim1) const;
  Tensor t() const;                         // of a matrix
  Tensor expand(const Shape& shape) const;  // -1 keeps a size
  Tensor broadcast_to(const Shape& shape) const { return expand(shape); }
  Tensor squeeze() const;
  Tensor squeeze(int64_t dim) const;
  Tensor squeeze(Dims dims) const;
  Tensor unsqueeze(int64_t dim) const;
  Tensor flatten(int64_t start_dim = 0, int64_t end_dim = -1) const;
  Tensor unflatten(int64_t dim, const Shape& sizes) const;
  Tensor movedim(int64_t source, int64_t destination) const;
  Tensor movedim(Dims source, Dims destination) const;
  Tensor view_as(const Tensor& other) const { return view(other.shape()); }
  Tensor reshape_as(const Tensor& other) const { return reshape(other.shape()); }
  Tensor expand_as(const Tensor& other) const { return expand(other.shape()); }
  Tensor diagonal(int64_t offset = 0, int64_t dim1 = 0, int64_t dim2 = 1) const;  // triangular.h
  Tensor select(int64_t dim, int64_t index) const;
  Tensor narrow(int64_t dim, int64_t start, int64_t length) const;
  Tensor slice(int64_t dim, int64_t start, int64_t end, int64_t step = 1) const;
  Tensor operator[](int64_t index) const { return select(0, index); }
  // x.index({Slice(0, 10), kEllipsis, 3}), x.index({mask}): tensor/index.h
  Tensor index(std::initializer_list<Index> indices) const;
  Tensor& index_put_(std::initializer_list<Index> indices, const Tensor& value);

  // ---- copies (ops/copy.h) ----

  Tensor to(DType dtype) const;
  Tensor to(const Device& device) const;
  Tensor to(const char* device) const { return to(Device(device)); }
  Tensor to(const TensorOptions& options) const;
  Tensor cpu() const { return to(Device("cpu")); }
  Tensor contiguous() const;
  Tensor clone() const;
  Tensor& copy_(const Tensor& source);
  Tensor& fill_(const Tensor& value);
  Tensor& zero_() { return fill_(0); }

  // ---- elementwise (ops/unary.h, ops/binary.h, ops/pointwise.h) ----

  Tensor operator-() const { return neg(); }
  Tensor neg() const;
  Tensor abs() const;
  Tensor sign() const;
  Tensor exp() const;
  Tensor exp2() const;
  Tensor log() const;
  Tensor log2() const;
  Tensor log10() const;
  Tensor log1p() const;
  Tensor expm1() const;
  Tensor sqrt() const;
  Tensor rsqrt() const;
  Tensor reciprocal() const;
  Tensor square() const;
  Tensor sin() const;
  Tensor cos() const;
  Tensor tan() const;
  Tensor asin() const;
  Tensor acos() const;
  Tensor atan() const;
  Tensor sinh() const;
  Tensor cosh() const;
  Tensor tanh() const;
  Tensor sigmoid() const;
  Tensor logit(std::optional<double> eps = std::nullopt) const;
  Tensor erf() const;
  Tensor erfinv() const;
  Tensor relu() const;
  Tensor floor() const;
  Tensor ceil() const;
  Tensor round() const;
  Tensor trunc() const;
  Tensor frac() const;
  Tensor nan_to_num(double nan = 0, std::optional<double> posinf = std::nullopt,
                    std::optional<double> neginf = std::nullopt) const;
  Tensor isnan() const;
  Tensor isinf() const;
  Tensor isfinite() const;
  Tensor logical_not() const;
  Tensor bitwise_not() const;
  Tensor add(const Tensor& other) const;
  Tensor add(const Tensor& other, const Tensor& alpha) const;  // + alpha * other
  Tensor sub(const Tensor& other) const;
  Tensor sub(const Tensor& other, const Tensor& alpha) const;
  Tensor mul(const Tensor& other) const;
  Tensor div(const Tensor& other) const;
  Tensor div(const Tensor& other, RoundingMode rounding_mode) const;
  Tensor floor_divide(const Tensor& other) const;
  Tensor remainder(const Tensor& other) const;
  Tensor fmod(const Tensor& other) const;
  Tensor pow(const Tensor& exponent) const;
  Tensor atan2(const Tensor& other) const;
  Tensor maximum(const Tensor& other) const;
  Tensor minimum(const Tensor& other) const;
  Tensor lerp(const Tensor& end, const Tensor& weight) const;
  Tensor addcmul(const Tensor& tensor1, const Tensor& tensor2, const Tensor& value = 1) const;
  Tensor addcdiv(const Tensor& tensor1, const Tensor& tensor2, const Tensor& value = 1) const;
  Tensor eq(const Tensor& other) const;
  Tensor ne(const Tensor& other) const;
  Tensor lt(const Tensor& other) const;
  Tensor le(const Tensor& other) const;
  Tensor gt(const Tensor& other) const;
  Tensor ge(const Tensor& other) const;
  Tensor isclose(const Tensor& other, double rtol = 1e-5, double atol = 1e-8,
                 bool equal_nan = false) const;
  bool allclose(const Tensor& other, double rtol = 1e-5, double atol = 1e-8,
                bool equal_nan = false) const;
  bool equal(const Tensor& other) const;
  Tensor logical_and(const Tensor& other) const;
  Tensor logical_or(const Tensor& other) const;
  Tensor logical_xor(const Tensor& other) const;
  Tensor bitwise_and(const Tensor& other) const;
  Tensor bitwise_or(const Tensor& other) const;
  Tensor bitwise_xor(const Tensor& other) const;
  Tensor bitwise_left_shift(const Tensor& n) const;
  Tensor bitwise_right_shift(const Tensor& n) const;
  // Numbers or tensors; one of them may be std::nullopt.
  Tensor clamp(std::optional<Tensor> min, std::optional<Tensor> max = std::nullopt) const;
  Tensor clamp_min(const Tensor& min) const;
  Tensor clamp_max(const Tensor& max) const;
  Tensor masked_fill(const Tensor& mask, const Tensor& value) const;
  Tensor where(const Tensor& condition, const Tensor& other) const;  // this where true

  // In place (ops/in_place.h). They refuse integers for results with a fraction, and what the tape
  // needs. The results of comparisons and logical functions are stored as 0 and 1.
  Tensor& neg_();
  Tensor& abs_();
  Tensor& sign_();
  Tensor& exp_();
  Tensor& exp2_();
  Tensor& expm1_();
  Tensor& log_();
  Tensor& log2_();
  Tensor& log10_();
  Tensor& log1p_();
  Tensor& sqrt_();
  Tensor& rsqrt_();
  Tensor& reciprocal_();
  Tensor& square_();
  Tensor& sin_();
  Tensor& cos_();
  Tensor& tan_();
  Tensor& asin_();
  Tensor& acos_();
  Tensor& atan_();
  Tensor& sinh_();
  Tensor& cosh_();
  Tensor& tanh_();
  Tensor& sigmoid_();
  Tensor& logit_(std::optional<double> eps = std::nullopt);
  Tensor& erf_();
  Tensor& erfinv_();
  Tensor& relu_();
  Tensor& floor_();
  Tensor& ceil_();
  Tensor& round_();
  Tensor& trunc_();
  Tensor& frac_();
  Tensor& nan_to_num_(double nan = 0, std::optional<double> posinf = std::nullopt,
                      std::optional<double> neginf = std::nullopt);
  Tensor& logical_not_();
  Tensor& bitwise_not_();
  Tensor& add_(const Tensor& other);
  Tensor& add_(const Tensor& other, const Tensor& alpha);
  Tensor& sub_(const Tensor& other);
  Tensor& sub_(const Tensor& other, const Tensor& alpha);
  Tensor& mul_(const Tensor& other);
  Tensor& div_(const Tensor& other);
  Tensor& div_(const Tensor& other, RoundingMode rounding_mode);
  Tensor& floor_divide_(const Tensor& other);
  Tensor& remainder_(const Tensor& other);
  Tensor& fmod_(const Tensor& other);
  Tensor& pow_(const Tensor& exponent);
  Tensor& atan2_(const Tensor& other);
  Tensor& lerp_(const Tensor& end, const Tensor& weight);
  Tensor& addcmul_(const Tensor& tensor1, const Tensor& tensor2, const Tensor& value = 1);
  Tensor& addcdiv_(const Tensor& tensor1, const Tensor& tensor2, const Tensor& value = 1);
  Tensor& eq_(const Tensor& other);
  Tensor& ne_(const Tensor& other);
  Tensor& lt_(const Tensor& other);
  Tensor& le_(const Tensor& other);
  Tensor& gt_(const Tensor& other);
  Tensor& ge_(const Tensor& other);
  Tensor& logical_and_(const Tensor& other);
  Tensor& logical_or_(const Tensor& other);
  Tensor& logical_xor_(const Tensor& other);
  Tensor& bitwise_and_(const Tensor& other);
  Tensor& bitwise_or_(const Tensor& other);
  Tensor& bitwise_xor_(const Tensor& other);
  Tensor& bitwise_left_shift_(const Tensor& n);
  Tensor& bitwise_right_shift_(const Tensor& n);
  Tensor& clamp_(std::optional<Tensor> min, std::optional<Tensor> max = std::nullopt);
  Tensor& clamp_min_(const Tensor& min);
  Tensor& clamp_max_(const Tensor& max);
  Tensor& masked_fill_(const Tensor& mask, const Tensor& value);
  Tensor& operator+=(const Tensor& other) { return add_(other); }
  Tensor& operator-=(const Tensor& other) { return sub_(other); }
  Tensor& operator*=(const Tensor& other) { return mul_(other); }
  Tensor& operator/=(const Tensor& other) { return div_(other); }
  Tensor& operator&=(const Tensor& other) { return bitwise_and_(other); }
  Tensor& operator|=(const Tensor& other) { return bitwise_or_(other); }
  Tensor& operator^=(const Tensor& other) { return bitwise_xor_(other); }

  // ---- reductions (ops/reduce.h): over one dimension, several ({0, 2}) or all ({}) ----
  // With a `dtype` this tensor is converted to it first.

  Tensor sum(Dims dims = {}, bool keepdim = false, std::optional<DType> dtype = std::nullopt) const;
  Tensor sum(std::integral auto dim, bool keepdim = false,
             std::optional<DType> dtype = std::nullopt) const {
    return sum({int64_t{dim}}, keepdim, dtype);
  }
  Tensor sum(DType dtype) const { return sum({}, false, dtype); }
  Tensor mean(Dims dims = {}, bool keepdim = false,
              std::optional<DType> dtype = std::nullopt) const;
  Tensor mean(std::integral auto dim, bool keepdim = false,
              std::optional<DType> dtype = std::nullopt) const {
    return mean({int64_t{dim}}, keepdim, dtype);
  }
  Tensor mean(DType dtype) const { return mean({}, false, dtype); }
  Tensor prod(Dims dims = {}, bool keepdim = false,
              std::optional<DType> dtype = std::nullopt) const;
  Tensor prod(std::integral auto dim, bool keepdim = false,
              std::optional<DType> dtype = std::nullopt) const {
    return prod({int64_t{dim}}, keepdim, dtype);
  }
  Tensor prod(DType dtype) const { return prod({}, false, dtype); }
  Tensor amax(Dims dims = {}, bool keepdim = false) const;
  Tensor amax(std::integral auto dim, bool keepdim = false) const {
    return amax({int64_t{dim}}, keepdim);
  }
  Tensor amin(Dims dims = {}, bool keepdim = false) const;
  Tensor amin(std::integral auto dim, bool keepdim = false) const {
    return amin({int64_t{dim}}, keepdim);
  }
  Tensor max() const { return amax(); }
  Tensor min() const { return amin(); }
  std::pair<Tensor, Tensor> max(int64_t dim, bool keepdim = false) const;  // values, indices
  std::pair<Tensor, Tensor> min(int64_t dim, bool keepdim = false) const;
  Tensor any(Dims dims = {}, bool keepdim = false) const;
  Tensor any(std::integral auto dim, bool keepdim = false) const {
    return any({int64_t{dim}}, keepdim);
  }
  Tensor all(Dims dims = {}, bool keepdim = false) const;
  Tensor all(std::integral auto dim, bool keepdim = false) const {
    return all({int64_t{dim}}, keepdim);
  }
  Tensor var(Dims dims = {}, int64_t correction = 1, bool keepdim = false) const;
  Tensor var(std::integral auto dim, int64_t correction = 1, bool keepdim = false) const {
    return var({int64_t{dim}}, correction, keepdim);
  }
  Tensor std(Dims dims = {}, int64_t correction = 1, bool keepdim = false) const;
  Tensor std(std::integral auto dim, int64_t correction = 1, bool keepdim = false) const {
    return std({int64_t{dim}}, correction, keepdim);
  }
  Tensor norm(double p = 2, Dims dims = {}, bool keepdim = false) const;  // vector_norm.h
  Tensor norm(double p, std::integral auto dim, bool keepdim = false) const {
    return norm(p, {int64_t{dim}}, keepdim);
  }
  Tensor logsumexp(Dims dims, bool keepdim = false) const;
  Tensor logsumexp(std::integral auto dim, bool keepdim = false) const {
    return logsumexp({int64_t{dim}}, keepdim);
  }
  Tensor count_nonzero(Dims dims = {}) const;
  Tensor count_nonzero(std::integral auto dim) const { return count_nonzero({int64_t{dim}}); }
  Tensor nansum(Dims dims = {}, bool keepdim = false,
                std::optional<DType> dtype = std::nullopt) const;
  Tensor nansum(std::integral auto dim, bool keepdim = false,
                std::optional<DType> dtype = std::nullopt) const {
    return nansum({int64_t{dim}}, keepdim, dtype);
  }
  Tensor nanmean(Dims dims = {}, bool keepdim = false,
                 std::optional<DType> dtype = std::nullopt) const;
  Tensor nanmean(std::integral auto dim, bool keepdim = false,
                 std::optional<DType> dtype = std::nullopt) const {
    return nanmean({int64_t{dim}}, keepdim, dtype);
  }
  std::pair<Tensor, Tensor> aminmax() const;
  std::pair<Tensor, Tensor> aminmax(int64_t dim, bool keepdim = false) const;
  // statistics.h
  Tensor median() const;
  std::pair<Tensor, Tensor> median(int64_t dim, bool keepdim = false) const;  // values, indices
  Tensor quantile(const Tensor& q, std::optional<int64_t> dim = std::nullopt,
                  bool keepdim = false) const;
  Tensor histc(int64_t bins = 100, double min = 0, double max = 0) const;
  Tensor bincount(const Tensor& weights = {}, int64_t minlength = 0) const;
  Tensor argmax() const;  // of the flattened tensor
  Tensor argmax(int64_t dim, bool keepdim = false) const;
  Tensor argmin() const;
  Tensor argmin(int64_t dim, bool keepdim = false) const;
  Tensor cumsum(int64_t dim, std::optional<DType> dtype = std::nullopt) const;
  Tensor cumprod(int64_t dim, std::optional<DType> dtype = std::nullopt) const;
  Tensor& cumsum_(int64_t dim);
  Tensor& cumprod_(int64_t dim);
  std::pair<Tensor, Tensor> sort(int64_t dim = -1, bool descending = false) const;
  Tensor argsort(int64_t dim = -1, bool descending = false) const;
  std::pair<Tensor, Tensor> topk(int64_t k, int64_t dim = -1, bool largest = true) const;

  // ---- products, gathering, joining, softmax ----

  Tensor matmul(const Tensor& other) const;
  Tensor mm(const Tensor& other) const;
  Tensor bmm(const Tensor& other) const;
  Tensor mv(const Tensor& vector) const;
  Tensor dot(const Tensor& other) const;
  Tensor outer(const Tensor& other) const;
  Tensor inner(const Tensor& other) const;
  Tensor addmm(const Tensor& a, const Tensor& b, double beta = 1, double alpha = 1) const;
  Tensor addmv(const Tensor& a, const Tensor& b, double beta = 1, double alpha = 1) const;
  Tensor baddbmm(const Tensor& a, const Tensor& b, double beta = 1, double alpha = 1) const;
  Tensor& addmm_(const Tensor& a, const Tensor& b, double beta = 1, double alpha = 1);
  Tensor& addmv_(const Tensor& a, const Tensor& b, double beta = 1, double alpha = 1);
  Tensor& baddbmm_(const Tensor& a, const Tensor& b, double beta = 1, double alpha = 1);
  Tensor tril(int64_t diagonal = 0) const;
  Tensor triu(int64_t diagonal = 0) const;
  Tensor& tril_(int64_t diagonal = 0);
  Tensor& triu_(int64_t diagonal = 0);
  Tensor diag(int64_t diagonal = 0) const;
  Tensor diag_embed(int64_t offset = 0, int64_t dim1 = -2, int64_t dim2 = -1) const;
  Tensor gather(int64_t dim, const Tensor& index) const;
  Tensor scatter(int64_t dim, const Tensor& index, const Tensor& src) const;
  Tensor scatter_add(int64_t dim, const Tensor& index, const Tensor& src) const;
  Tensor index_select(int64_t dim, const Tensor& index) const;
  Tensor index_add(int64_t dim, const Tensor& index, const Tensor& src) const;
  Tensor& scatter_(int64_t dim, const Tensor& index, const Tensor& src);
  Tensor& scatter_add_(int64_t dim, const Tensor& index, const Tensor& src);
  Tensor& index_add_(int64_t dim, const Tensor& index, const Tensor& src);
  Tensor take_along_dim(const Tensor& index, std::optional<int64_t> dim = std::nullopt) const;
  Tensor masked_select(const Tensor& mask) const;  // nonzero.h
  Tensor nonzero() const;
  Tensor softmax(int64_t dim, std::optional<DType> dtype = std::nullopt) const;
  Tensor log_softmax(int64_t dim, std::optional<DType> dtype = std::nullopt) const;
  std::vector<Tensor> split(int64_t size, int64_t dim = 0) const;
  std::vector<Tensor> split(Dims sizes, int64_t dim = 0) const;
  std::vector<Tensor> split_with_sizes(Dims sizes, int64_t dim = 0) const;
  std::vector<Tensor> chunk(int64_t chunks, int64_t dim = 0) const;
  std::vector<Tensor> unbind(int64_t dim = 0) const;
  Tensor repeat(Dims repeats) const;
  Tensor tile(Dims repeats) const;
  Tensor repeat_interleave(int64_t repeats, std::optional<int64_t> dim = std::nullopt) const;
  Tensor repeat_interleave(const Tensor& repeats, std::optional<int64_t> dim = std::nullopt) const;
  Tensor flip(Dims dims) const;
  Tensor roll(int64_t shift) const;
  Tensor roll(int64_t shift, int64_t dim) const;
  Tensor roll(Dims shifts, Dims dims) const;

  // ---- random (ops/random.h) ----

  Tensor bernoulli(Generator* generator = nullptr) const;
  Tensor bernoulli(std::floating_point auto p, Generator* generator = nullptr) const {
    return clone().bernoulli_(p, generator);
  }
  Tensor multinomial(int64_t num_samples, bool replacement = false,
                     Generator* generator = nullptr) const;
  Tensor& bernoulli_(double p = 0.5, Generator* generator = nullptr);
  Tensor& uniform_(double from = 0, double to = 1, Generator* generator = nullptr);
  Tensor& normal_(double mean = 0, double std = 1, Generator* generator = nullptr);

  // ---- gradients (//autograd, which has to be linked where these are used) ----

  bool requires_grad() const { return impl().requires_grad; }
  Tensor& requires_grad_(bool value = true);
  bool is_leaf() const;
  Tensor grad() const;  // undefined before the first backward()
  void set_grad(Tensor grad);
  // The gradient of this tensor (one element, or with `gradient` of the same shape) with respect to
  // every leaf it was computed from, added to their grad().
  void backward(const Tensor& gradient = {}, bool retain_graph = false, bool create_graph = false);
  // The same values, cut off from the tape; shares storage.
  Tensor detach() const;
  // Called with each gradient that reaches this tensor; may return another in its place.
  void register_hook(std::function<Tensor(const Tensor&)> hook);

  // ---- for ops and autograd ----

  TensorImpl& impl() const {
    if (!impl_) [[unlikely]]
      raise_undefined();
    return *impl_;
  }
  const RefPtr<TensorImpl>& ptr() const { return impl_; }

 private:
  static RefPtr<TensorImpl> make_immediate(bool value);
  static RefPtr<TensorImpl> make_immediate(int64_t value);
  static RefPtr<TensorImpl> make_immediate(double value);
  [[noreturn]] static void raise_undefined();
  void* raw_data(DType dtype, bool write, const std::source_location& where) const;

  RefPtr<TensorImpl> impl_;
};

std::ostream& operator<<(std::ostream& out, const Tensor& tensor);

}  // namespace tessera

#endif  // TESSERA_TENSOR_TENSOR_H_

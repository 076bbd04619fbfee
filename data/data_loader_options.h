// SPDX-License-Identifier: Apache-2.0
//
// What a DataLoader can be told, and where it stands. For data_loader.h.
#ifndef TESSERA_DATA_DATA_LOADER_OPTIONS_H_
#define TESSERA_DATA_DATA_LOADER_OPTIONS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "tessera/backends/runtime/device.h"
#include "tessera/data/batch_sampler.h"
#include "tessera/data/sampler.h"
#include "tessera/tensor/tensor.h"

namespace tessera::data {

// What becomes of a sample that cannot be had.
// kFail  the loop throws its error, in the place of its batch
// kSkip  its batch comes without it, or, if it was the only one, not at all; skipped() tells
enum class SampleErrorPolicy { kFail, kSkip };

struct DataLoaderOptions {
  int64_t batch_size = 1;
  bool shuffle = false;    // a new order each epoch
  bool drop_last = false;  // leave out a last batch that is not full
  int num_workers = 0;     // threads that make batches ahead; 0: the loop's own thread makes them
  int prefetch = 2;        // batches that each worker may be ahead
  // The workers live as long as the loader, and wait between its loops; else each loop has its own.
  bool persistent_workers = false;
  uint64_t seed = 0;  // of the order
  // In place of shuffle and seed.
  std::shared_ptr<const Sampler> sampler = nullptr;
  // In place of batch_size, shuffle, drop_last, seed and sampler.
  std::shared_ptr<const BatchSamplerBase> batch_sampler = nullptr;
  // Where the batches are wanted: the loop's thread moves them there. Default: where the dataset
  // makes them.
  std::optional<Device> device = std::nullopt;
  SampleErrorPolicy on_error = SampleErrorPolicy::kFail;
  // Of an iterable dataset: the parts that it is read in (iterable_dataset.h).
  int64_t shards = 1;
};

// The batches that the options ask for.
//   errors: kInvalidArgument, thrown, with the option that is out of range, or those that exclude
//           each other
std::shared_ptr<const BatchSamplerBase> make_batch_sampler(int64_t dataset_size,
                                                           const DataLoaderOptions& options);
// The same checks for an iterable dataset, which has no sampler.
void check_iterable_options(const DataLoaderOptions& options);

// Where a loader stands: what is needed to go on in the middle of an epoch.
struct DataLoaderState {
  int64_t epoch = 0;
  int64_t next_batch = 0;          // of the epoch, with those that were skipped
  int64_t batches_per_epoch = -1;  // to know the loader by; -1 for an iterable dataset

  // (3) int64, to save beside the model's weights.
  Tensor to_tensor() const;
  //   errors: kInvalidArgument unless it is what to_tensor() makes
  static absl::StatusOr<DataLoaderState> from_tensor(const Tensor& tensor);
};

// Samples that an epoch went on without.
struct SkippedSamples {
  int64_t count = 0;
  std::vector<std::string> messages;  // of the first kKept
  static constexpr size_t kKept = 10;
};

// Where the workers write them. Thread-safe.
class SkippedSamplesLog {
 public:
  void clear();
  void add(std::string message);
  SkippedSamples read() const;

 private:
  mutable absl::Mutex mutex_;
  SkippedSamples samples_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tessera::data

#endif  // TESSERA_DATA_DATA_LOADER_OPTIONS_H_

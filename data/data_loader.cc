// SPDX-License-Identifier: Apache-2.0
#include "tessera/data/data_loader.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tessera/backends/runtime/error.h"

namespace tessera::data {
namespace {

void check_at_least(const char* option, int64_t value, int64_t least) {
  if (value >= least) return;
  raise(absl::InvalidArgumentError(
      absl::StrCat("DataLoader: ", option, " is ", value, ", it must be at least ", least)));
}

}  // namespace

std::shared_ptr<const Sampler> make_sampler(int64_t dataset_size,
                                            const DataLoaderOptions& options) {
  check_at_least("batch_size", options.batch_size, 1);
  check_at_least("num_workers", options.num_workers, 0);
  check_at_least("prefetch", options.prefetch, 1);
  if (options.sampler == nullptr) {
    if (options.shuffle) return std::make_shared<RandomSampler>(dataset_size, options.seed);
    return std::make_shared<SequentialSampler>(dataset_size);
  }
  if (options.shuffle) {
    raise(absl::InvalidArgumentError("DataLoader: shuffle and sampler exclude each other"));
  }
  return options.sampler;
}

}  // namespace tessera::data

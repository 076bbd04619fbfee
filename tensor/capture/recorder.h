// SPDX-License-Identifier: Apache-2.0
//
// Recorder: writes down what one run of a step does, as it happens.
#ifndef TESSERA_TENSOR_CAPTURE_RECORDER_H_
#define TESSERA_TENSOR_CAPTURE_RECORDER_H_

#include <cstdint>
#include <functional>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "tessera/tensor/capture/graph.h"
#include "tessera/tensor/capture_hooks.h"

namespace tessera::capture {

// What a run left behind beside its nodes.
struct Recording {
  Graph graph;
  std::vector<std::function<bool()>> guards;
  // Leaves whose gradient the step set or dropped, and what they had at its end.
  struct Gradient {
    RefPtr<TensorImpl> leaf;
    Tensor gradient;  // not defined: none
  };
  std::vector<Gradient> gradients;
};

// Records what runs on this thread while it lives.
class Recorder final : public StepRecorder, public StorageWatcher {
 public:
  // `arguments` of the step, each of a storage of its own.
  explicit Recorder(absl::Span<const Tensor> arguments);
  ~Recorder();
  Recorder(const Recorder&) = delete;

  // Ends the recording; by now only what outlives the step holds storages.
  //   errors: kFailedPrecondition for a step that a recording would not repeat: gradients added to
  //           none, a variable bound to another tensor, several devices
  absl::StatusOr<Recording> finish();

  void on_launch(DeviceState* device, const TsrKernel* kernel, const OpDef& op, TensorRefs inputs,
                 const Attributes& attributes, absl::Span<const Tensor> outputs) override;
  void on_allocate(Storage& storage) override;
  void on_draw(Generator* generator, const Generator& start, uint64_t blocks) override;
  void on_first_gradient(TensorImpl& leaf) override;
  void on_gradient_added(TensorImpl& leaf) override;
  void on_gradient_cleared(TensorImpl& leaf) override;
  void on_guard(std::function<bool()> holds) override { guards_.push_back(std::move(holds)); }
  void on_host_work(std::function<void()> work) override;
  void on_storage_gone(uint32_t number) override;

 private:
  // A storage that a node touched. Gone storages keep their number.
  struct Seen {
    RefPtr<Storage> held;        // what was there before the step, so that it stays
    Storage* storage = nullptr;  // what the step made, while it lives
    uint64_t bytes = 0;          // of its buffer
    bool made_here = false;
    bool is_written = false;  // by a node
    int32_t input = -1;
  };
  struct Leaf {
    RefPtr<TensorImpl> impl;
    bool was_cleared = false, got_first = false;
  };

  uint32_t number_of(const RefPtr<Storage>& storage);
  Operand operand_of(const Tensor& tensor);
  void hold_if_uploaded(const Tensor& input);
  Leaf& leaf_of(TensorImpl& impl);
  void give_up(std::string_view why);
  absl::Status check_leaves();
  absl::Status place_memories();
  absl::Status place_arguments();

  std::vector<Tensor> arguments_;
  StepRecorder* previous_;
  std::vector<Seen> seen_;
  absl::flat_hash_map<Storage*, uint32_t> outer_;  // those that are held
  std::vector<Leaf> leaves_;
  absl::flat_hash_map<TensorImpl*, size_t> leaf_numbers_;
  Graph graph_;
  std::vector<std::function<bool()>> guards_;
  absl::Status refused_;
  uint32_t works_ = 0;
  uint64_t live_ = 0;  // bytes of the step's own storages
};

}  // namespace tessera::capture

#endif  // TESSERA_TENSOR_CAPTURE_RECORDER_H_

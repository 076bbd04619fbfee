// SPDX-License-Identifier: Apache-2.0
//
// Recurrent layers, cells and packed sequences against PyTorch, and what they refuse.
#include <functional>
#include <memory>
#include <string>

#include "gtest/gtest.h"
#include "tessera/autograd/gradcheck.h"
#include "tessera/backends/runtime/error.h"
#include "tessera/nn/nn.h"
#include "tessera/tests/goldens/module_golden.h"

namespace tessera::goldens {
namespace {

using Tensors = std::vector<Tensor>;

template <class Options>
Options options_of(const GoldenCase& g) {
  return {.num_layers = g.integer("num_layers", 1),
          .bias = g.flag("bias", true),
          .batch_first = g.flag("batch_first"),
          .dropout = g.number("dropout", 0),
          .bidirectional = g.flag("bidirectional")};
}

Tensor or_none(const Tensors& in, size_t i) { return i < in.size() ? in[i] : Tensor(); }

// Runs `layer` on the padded or, if the case has lengths, packed input; `state` makes its second
// argument, and `states` lists what it returns besides the output.
template <class Layer, class MakeState, class ListStates>
CallModule call_of(const GoldenCase& golden, Layer& layer, MakeState state, ListStates states) {
  return [&golden, &layer, state, states](const Tensors& in) {
    Tensors outputs;
    if (golden.has_option("lengths")) {
      const bool first = golden.flag("batch_first");
      auto result = layer(nn::pack_padded_sequence(in[0], golden.integers("lengths"),
                                                   {.batch_first = first, .enforce_sorted = false}),
                          state(in));
      outputs.push_back(nn::pad_packed_sequence(result.output, {.batch_first = first}).output);
      for (const Tensor& s : states(result)) outputs.push_back(s);
    } else {
      auto result = layer(in[0], state(in));
      outputs.push_back(result.output);
      for (const Tensor& s : states(result)) outputs.push_back(s);
    }
    return outputs;
  };
}

template <class Layer>
void check_layer(const GoldenCase& golden, Layer& layer) {
  check_module(golden, layer,
               call_of(
                   golden, layer, [](const Tensors& in) { return or_none(in, 1); },
                   [](const auto& r) { return Tensors{r.h_n}; }));
}

TEST(RecurrentGoldens, RNN) {
  for (const GoldenCase& golden : load_goldens("recurrent", "RNN/")) {
    SCOPED_TRACE(golden.name);
    nn::RNNOptions options = {.num_layers = golden.integer("num_layers", 1),
                              .bias = golden.flag("bias", true),
                              .batch_first = golden.flag("batch_first"),
                              .dropout = golden.number("dropout", 0),
                              .bidirectional = golden.flag("bidirectional")};
    if (golden.text("nonlinearity") == "relu") options.nonlinearity = nn::RNNNonlinearity::kReLU;
    nn::RNN rnn(3, 4, options);
    check_layer(golden, rnn);
  }
}

TEST(RecurrentGoldens, GRU) {
  for (const GoldenCase& golden : load_goldens("recurrent", "GRU/")) {
    SCOPED_TRACE(golden.name);
    nn::GRU gru(3, 4, options_of<nn::GRUOptions>(golden));
    check_layer(golden, gru);
  }
}

TEST(RecurrentGoldens, LSTM) {
  for (const GoldenCase& golden : load_goldens("recurrent", "LSTM/")) {
    SCOPED_TRACE(golden.name);
    auto options = options_of<nn::LSTMOptions>(golden);
    options.proj_size = golden.integer("proj_size", 0);
    nn::LSTM lstm(3, 4, options);
    check_module(golden, lstm,
                 call_of(
                     golden, lstm,
                     [](const Tensors& in) {
                       return nn::LSTMState{or_none(in, 1), or_none(in, 2)};
                     },
                     [](const auto& r) {
                       return Tensors{r.state.h, r.state.c};
                     }));
  }
}

TEST(RecurrentGoldens, Cells) {
  for (const GoldenCase& golden : load_goldens("recurrent", "RNNCell/")) {
    SCOPED_TRACE(golden.name);
    nn::RNNCellOptions options = {.bias = golden.flag("bias", true)};
    if (golden.text("nonlinearity") == "relu") options.nonlinearity = nn::RNNNonlinearity::kReLU;
    nn::RNNCell cell(3, 4, options);
    check_module(golden, cell,
                 [&](const Tensors& in) { return Tensors{cell(in[0], or_none(in, 1))}; });
  }
  for (const GoldenCase& golden : load_goldens("recurrent", "GRUCell/")) {
    SCOPED_TRACE(golden.name);
    nn::GRUCell cell(3, 4, {.bias = golden.flag("bias", true)});
    check_module(golden, cell,
                 [&](const Tensors& in) { return Tensors{cell(in[0], or_none(in, 1))}; });
  }
  for (const GoldenCase& golden : load_goldens("recurrent", "LSTMCell/")) {
    SCOPED_TRACE(golden.name);
    nn::LSTMCell cell(3, 4, {.bias = golden.flag("bias", true)});
    check_module(golden, cell, [&](const Tensors& in) {
      const nn::LSTMState next = cell(in[0], {or_none(in, 1), or_none(in, 2)});
      return Tensors{next.h, next.c};
    });
  }
}

TEST(PackedSequenceGoldens, Padding) {
  for (const GoldenCase& golden : load_goldens("recurrent", "pad_sequence/")) {
    SCOPED_TRACE(golden.name);
    const Tensors sequences = {golden.tensor("in0"), golden.tensor("in1"), golden.tensor("in2")};
    const bool first = golden.flag("batch_first");
    const Tensor padded = nn::pad_sequence(
        sequences,
        {.batch_first = first,
         .padding_value = 0.5,
         .padding_side = golden.flag("left") ? nn::PaddingSide::kLeft : nn::PaddingSide::kRight});
    expect_close(padded, golden.tensor("out0"));
    if (golden.flag("left")) continue;
    const Tensors back = nn::unpad_sequence(padded, {2, 4, 1}, first);
    for (size_t k = 0; k < back.size(); ++k) expect_close(back[k], sequences[k]);
  }
}

TEST(PackedSequenceGoldens, Packing) {
  const GoldenCase golden = load_goldens("recurrent", "pack_sequence/").at(0);
  const Tensors sequences = {golden.tensor("in0"), golden.tensor("in1"), golden.tensor("in2")};
  const nn::PackedSequence packed = nn::pack_sequence(sequences, /*enforce_sorted=*/false);
  expect_close(packed.data, golden.tensor("data"));
  EXPECT_EQ(packed.batch_sizes, golden.tensor("batch_sizes").to_vector<int64_t>());
  expect_close(packed.sorted_indices, golden.tensor("sorted_indices"));
  expect_close(packed.unsorted_indices, golden.tensor("unsorted_indices"));
  const auto [padded, lengths] = nn::pad_packed_sequence(
      packed, {.batch_first = true, .padding_value = -1, .total_length = 6});
  expect_close(padded, golden.tensor("padded"));
  EXPECT_EQ(lengths, golden.tensor("lengths").to_vector<int64_t>());
  const Tensors back = nn::unpack_sequence(packed);
  ASSERT_EQ(back.size(), 3u);
  for (size_t k = 0; k < back.size(); ++k) expect_close(back[k], sequences[k]);
}

std::string error_of(const std::function<void()>& f) {
  try {
    f();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), absl::StatusCode::kInvalidArgument) << error.what();
    return error.what();
  }
  ADD_FAILURE() << "no error";
  return "";
}

bool contains(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

TEST(Recurrent, RefusesWhatDoesNotFit) {
  nn::LSTM lstm(3, 4);
  EXPECT_TRUE(contains(error_of([&] { lstm(rand({5, 2, 4})); }), "[5, 2, 4]"));
  error_of([&] { lstm(rand({1, 5, 2, 3})); });
  error_of([&] { lstm(rand({0, 2, 3})); });
  EXPECT_TRUE(contains(error_of([&] {
                         lstm(rand({5, 2, 3}), {rand({1, 3, 4}), rand({1, 2, 4})});
                       }),
                       "[1, 3, 4]"));
  error_of([&] { lstm(rand({5, 2, 3}), {rand({1, 2, 4}), Tensor()}); });
  error_of([] { nn::LSTM(3, 4, {.proj_size = 4}); });
  error_of([] { nn::GRU(3, 0); });
  error_of([] { nn::GRU(3, 4, {.num_layers = 0}); });
  error_of([] { nn::RNN(3, 4, {.dropout = 1.5}); });
  error_of([] { nn::GRUCell(3, 4)(rand({2, 4})); });
  error_of([] { nn::GRUCell(3, 4)(rand({2, 3}), rand({3, 4})); });
}

TEST(PackedSequence, RefusesWhatDoesNotFit) {
  const Tensor x = rand({4, 2, 3});
  EXPECT_TRUE(contains(error_of([&] { nn::pack_padded_sequence(x, {2, 4}); }), "enforce_sorted"));
  error_of([&] { nn::pack_padded_sequence(x, {2}); });
  error_of([&] { nn::pack_padded_sequence(x, {5, 2}); });
  error_of([&] { nn::pack_padded_sequence(x, {2, 0}); });
  const nn::PackedSequence packed = nn::pack_padded_sequence(x, {4, 2});
  EXPECT_FALSE(packed.sorted_indices.defined());
  error_of([&] { nn::pad_packed_sequence(packed, {.total_length = 3}); });
  error_of([] { nn::pad_sequence({}); });
}

TEST(LSTM, GoesOnFromItsState) {
  nn::LSTM lstm(3, 4, {.num_layers = 2, .dtype = kFloat64});
  const Tensor x = rand({6, 2, 3}, {.dtype = kFloat64});
  const Tensor whole = lstm(x).output;
  const auto [first, state] = lstm(narrow(x, 0, 0, 2));
  const Tensor rest = lstm(narrow(x, 0, 2, 4), state).output;
  expect_close(cat({first, rest}), whole.detach());
}

TEST(LSTM, DropsBetweenLayersWhileTraining) {
  nn::LSTM lstm(3, 4, {.num_layers = 2, .dropout = 0.5});
  const Tensor x = rand({6, 2, 3});
  EXPECT_FALSE(equal(lstm(x).output, lstm(x).output));
  lstm.eval();
  EXPECT_TRUE(equal(lstm(x).output, lstm(x).output));
}

TEST(LSTM, HasGradientsOfGradients) {
  nn::LSTM lstm(2, 2, {.bidirectional = true, .dtype = kFloat64});
  const absl::Status status = gradgradcheck([&](const Tensor& x) { return lstm(x).output; },
                                            rand({3, 2, 2}, {.dtype = kFloat64}));
  EXPECT_TRUE(status.ok()) << status;
}

}  // namespace
}  // namespace tessera::goldens

// SPDX-License-Identifier: Apache-2.0
//
// What the host makes of plugins that are wrong, older or newer (see bad/). Every case is a status
// that says what and where, and the process goes on: all of this is one process.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tessera/backends/abi/tessera_plugin.h"
#include "tessera/backends/runtime/buffer.h"
#include "tessera/backends/runtime/device.h"
#include "tessera/backends/runtime/device_state.h"
#include "tessera/backends/runtime/ranges.h"
#include "tessera/backends/runtime/registry.h"

namespace tessera {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// "backends/runtime/bad/tessera_bad_magic.so"
std::string bad(const std::string& name) {
  const std::string text = std::getenv("TEXT_FILE");
  return text.substr(0, text.rfind('/')) + "/tessera_bad_" + name + ".so";
}

// Loads a plugin that is accepted, and has its device.
absl::StatusOr<Device> load_device(const std::string& name) {
  absl::Status status = load_backend(bad(name));
  if (!status.ok()) return status;
  return find_device("bad_" + name);
}

struct Refusal {
  const char* plugin;
  absl::StatusCode code;
  std::vector<const char*> message;  // parts of it, beside the path at its beginning
};

void PrintTo(const Refusal& refusal, std::ostream* out) { *out << refusal.plugin; }

class RefusalTest : public testing::TestWithParam<Refusal> {};

TEST_P(RefusalTest, SaysWhatAndWhere) {
  const Refusal& expected = GetParam();
  const std::string path = bad(expected.plugin);
  const absl::Status status = load_backend(path);
  EXPECT_EQ(status.code(), expected.code) << status;
  EXPECT_THAT(std::string(status.message()), StartsWith(path + ": "));
  for (const char* part : expected.message) {
    EXPECT_THAT(std::string(status.message()), HasSubstr(part));
  }
  // Refused a second time for the same reason.
  EXPECT_EQ(load_backend(path), status);
}

constexpr absl::StatusCode kInvalid = absl::StatusCode::kInvalidArgument;
constexpr absl::StatusCode kPrecondition = absl::StatusCode::kFailedPrecondition;

INSTANTIATE_TEST_SUITE_P(
    Plugins, RefusalTest,
    testing::Values(
        // Files
        Refusal{"not_there", absl::StatusCode::kNotFound, {"No such file"}},
        Refusal{"text", kInvalid, {"not a shared library: no ELF header"}},
        Refusal{"empty", kInvalid, {"not a shared library: no ELF header"}},
        Refusal{"truncated", kInvalid, {"not a shared library: truncated: has 9000 bytes"}},
        Refusal{"undefined_symbol", kPrecondition, {"a_function_that_nobody_has"}},
        // Entries
        Refusal{
            "entry_missing", kInvalid, {"not a Tessera plugin: does not export tessera_plugin"}},
        Refusal{"entry_function", kInvalid, {"tessera_plugin is not an aligned data object"}},
        Refusal{"entry_short", kInvalid, {"TsrPlugin has 176 bytes", "tessera_plugin has 72"}},
        Refusal{"object_short", kInvalid, {"TsrPlugin has 240 bytes", "tessera_plugin has 176"}},
        // Versions
        Refusal{"magic", kInvalid, {"0x0000004645444542", "expected 0x0041524553534554"}},
        Refusal{"major", kPrecondition, {"built for ABI 7.2, this program for 0.2"}},
        // Sizes
        Refusal{"struct_size_0", kInvalid, {"TsrPlugin has 0 bytes; ABI 0.2 has 176"}},
        Refusal{"api_size_short", kInvalid, {"TsrBackendApi has 224 bytes; ABI 0.2 has 232"}},
        Refusal{"api_size_minor_0", kInvalid, {"TsrBackendApi has 232 bytes; ABI 0.0 has 192"}},
        Refusal{"api_size_huge",
                kInvalid,
                {"TsrBackendApi has 1099511627776 bytes; ABI 0.9 has", "232 to 65536"}},
        Refusal{"api_size_differs", kInvalid, {"struct_size is 224", "api_size is 232"}},
        Refusal{"host_size", kInvalid, {"TsrHost has 1 bytes; ABI 0.2 has 48"}},
        Refusal{"node_size", kInvalid, {"TsrNode has 0 bytes; ABI 0.2 has 72"}},
        Refusal{"tensor_size", kInvalid, {"TsrTensor has 80 bytes; ABI 0.2 has 72"}},
        Refusal{"buffer_size", kInvalid, {"TsrBuffer has 16 bytes; ABI 0.2 has 24"}},
        Refusal{"kernel_size", kInvalid, {"TsrKernel has 1048576 bytes; ABI 0.2 has 24"}},
        Refusal{"newer_minor_short", kInvalid, {"TsrTensor has 64 bytes; ABI 0.9 has", "72"}},
        Refusal{"newer_minor_odd_size", kInvalid, {"TsrNode has 76 bytes; ABI 0.9 has", "72"}},
        // Names
        Refusal{"name_empty", kInvalid, {"its name is \"\"; expected at most 31"}},
        Refusal{"name_upper_case", kInvalid, {"its name is \"CPU\""}},
        Refusal{"name_without_nul", kInvalid, {"its name is \"an_endless_name_of_a_backend_012\""}},
        Refusal{"build_id_without_nul", kInvalid, {"build_id has no NUL in 64 bytes"}},
        // Function tables
        Refusal{"api_null", kInvalid, {"TsrPlugin.api) is NULL"}},
        Refusal{"api_unmapped", kInvalid, {"0x0000000000001000 is not aligned data"}},
        Refusal{"api_unaligned", kInvalid, {"is not aligned data of the library"}},
        Refusal{"function_is_null", kInvalid, {"its function copy_buffer is NULL"}},
        Refusal{"function_is_data", kInvalid, {"its function buffer_free at 0x", "is not code"}},
        // Called, and refused. The second attempt does not call again.
        Refusal{"initialize_fails",
                kPrecondition,
                {"backend_initialize: the driver is too old (call 1)"}}),
    [](const testing::TestParamInfo<Refusal>& info) { return info.param.plugin; });

TEST(PluginTest, AFolderIsNotALibrary) {
  const std::string file = bad("text");
  const std::string folder = file.substr(0, file.rfind('/'));
  const absl::Status status = load_backend(folder);
  EXPECT_EQ(status.code(), kInvalid);
  EXPECT_EQ(status.message(), folder + ": not a shared library: not a regular file");
}

TEST(PluginTest, OlderMinorVersionRunsAndItsMissingFunctionsAnswerUnimplemented) {
  ASSERT_TRUE(load_backend(std::getenv("MINOR_0_PLUGIN")).ok());
  const Device device("minor0");
  DeviceState* state = device.state();
  EXPECT_EQ(state->backend->abi_minor, 0u);

  PluginMessage message;
  TsrGraph* graph = nullptr;
  EXPECT_EQ(state->api->graph_create(state->stream, nullptr, 0, &graph, message.get()),
            TSR_UNIMPLEMENTED);
  EXPECT_STREQ(message.text(), "the plugin does not have this function");
  EXPECT_EQ(state->api->set_thread_budget(state->backend->handle, 1, nullptr), TSR_UNIMPLEMENTED);
  EXPECT_EQ(
      state->api->set_option(state->backend->handle, "float32_matmul_precision", "high", nullptr),
      TSR_UNIMPLEMENTED);
  state->api->graph_destroy(nullptr);

  // Runs its kernel: the transpose of a 2 x 3 matrix.
  const int32_t in[6] = {1, 2, 3, 4, 5, 6};
  Buffer x = *Buffer::allocate(state, sizeof(in));
  Buffer y = *Buffer::allocate(state, sizeof(in));
  ASSERT_TRUE(x.write(0, in, sizeof(in)).ok());
  const int64_t shape[2] = {3, 2}, x_strides[2] = {1, 3}, y_strides[2] = {2, 1};
  const TsrTensor x_tensor = {sizeof(TsrTensor), x.data(), x.raw(),  0, shape,
                              x_strides,         2,        TSR_INT32};
  const TsrTensor y_tensor = {sizeof(TsrTensor), y.data(), y.raw(),  0, shape,
                              y_strides,         2,        TSR_INT32};
  const TsrTensor *inputs[1] = {&x_tensor}, *outputs[1] = {&y_tensor};
  const TsrNode node = {sizeof(TsrNode), "copy", 1, inputs, outputs, 1, 1};
  const TsrKernel* kernel = find_kernel(state, 0, "copy");
  ASSERT_NE(kernel, nullptr);
  ASSERT_EQ(kernel->launch(state->stream, &node, message.get()), TSR_OK) << message.text();
  int32_t out[6] = {};
  ASSERT_TRUE(y.read(0, out, sizeof(out)).ok());
  EXPECT_THAT(out, testing::ElementsAre(1, 4, 2, 5, 3, 6));
}

TEST(PluginTest, NewerMinorVersionRunsAndWhatIsUnknownIsLeftAlone) {
  const absl::StatusOr<Device> device = load_device("newer_minor");
  ASSERT_TRUE(device.ok()) << device.status();
  EXPECT_EQ(device->state()->backend->abi_minor, TSR_ABI_MINOR + 1u);
  EXPECT_EQ(device->state()->backend->build_id, "later");
  EXPECT_EQ(device->state()->api->struct_size, sizeof(TsrBackendApi));
  EXPECT_STREQ(device->info().name, "host memory");
  EXPECT_TRUE(Buffer::allocate(device->state(), 10).ok());
}

TEST(PluginTest, NoDeviceIsUnavailableWithThePluginsReason) {
  const absl::StatusOr<Device> device = load_device("no_device");
  EXPECT_EQ(device.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(device.status().message(),
            "bad_no_device: no device: the driver library is not installed");
}

TEST(PluginTest, AStatusThatIsNoneIsInternal) {
  const absl::StatusOr<Device> device = load_device("status_99");
  EXPECT_EQ(device.status().code(), absl::StatusCode::kInternal);
  EXPECT_EQ(device.status().message(),
            "bad_status_99: odd (the plugin answered status 99, which is none)");
}

TEST(PluginTest, WritingBeyondDeviceInfoIsInternal) {
  const absl::StatusOr<Device> device = load_device("info_overruns");
  EXPECT_EQ(device.status().code(), absl::StatusCode::kInternal);
  EXPECT_THAT(std::string(device.status().message()),
              HasSubstr("bad_info_overruns:0: device_info wrote beyond the 288 bytes"));
}

TEST(PluginTest, NamesWithoutNulAreCut) {
  const absl::StatusOr<Device> device = load_device("info_without_nul");
  ASSERT_TRUE(device.ok()) << device.status();
  EXPECT_EQ(device->info().name, std::string(127, 'x'));
  EXPECT_EQ(device->info().driver, std::string(127, 'y'));
}

TEST(PluginTest, AMessageWithoutNulIsCut) {
  const absl::StatusOr<Device> device = load_device("message_without_nul");
  EXPECT_EQ(device.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(device.status().message(), "bad_message_without_nul:0: " + std::string(511, 'z'));
}

TEST(PluginTest, ADeviceWithoutStreamDoesNotOpen) {
  const absl::StatusOr<Device> device = load_device("stream_fails");
  EXPECT_EQ(device.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(device.status().message(), "bad_stream_fails:0: no queue is left");
}

TEST(PluginTest, ABufferThatIsTooSmallIsGivenBack) {
  const absl::StatusOr<Device> device = load_device("buffer_half");
  ASSERT_TRUE(device.ok()) << device.status();
  const absl::StatusOr<Buffer> buffer = Buffer::allocate(device->state(), 64);
  EXPECT_EQ(buffer.status().code(), absl::StatusCode::kInternal);
  EXPECT_EQ(buffer.status().message(),
            "bad_buffer_half:0: asked for a buffer of 64 bytes, the plugin gave 32");
  EXPECT_EQ(device->memory()->buffers_in_use, 0u);
}

TEST(PluginTest, ABufferThatIsNotThereIsInternal) {
  const absl::StatusOr<Device> device = load_device("buffer_none");
  ASSERT_TRUE(device.ok()) << device.status();
  EXPECT_EQ(Buffer::allocate(device->state(), 64).status().code(), absl::StatusCode::kInternal);
}

TEST(PluginTest, KernelsThatAreMalformedAreNotUsedAndReported) {
  const absl::StatusOr<Device> device = load_device("kernels");
  ASSERT_TRUE(device.ok()) << device.status();
  testing::internal::CaptureStderr();
  EXPECT_EQ(find_kernel(device->state(), 1, "short"), nullptr);
  EXPECT_EQ(find_kernel(device->state(), 2, "empty"), nullptr);
  EXPECT_EQ(find_kernel(device->state(), 2, "empty"), nullptr);
  EXPECT_NE(find_kernel(device->state(), 3, "copy"), nullptr);
  EXPECT_EQ(
      testing::internal::GetCapturedStderr(),
      "tessera: bad_kernels:0: error: short: the plugin's kernel has 16 bytes, expected 24 or "
      "more, and a launch; it is not used\n"
      "tessera: bad_kernels:0: error: empty: the plugin's kernel has 24 bytes, expected 24 or "
      "more, and no launch; it is not used\n");
}

TEST(PluginTest, WarningsAndErrorsOfPluginsGoToStderr) {
  testing::internal::CaptureStderr();
  ASSERT_TRUE(load_backend(bad("initialize_logs")).ok());
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "tessera: bad_initialize_logs: warning: slow path\n"
            "tessera: bad_initialize_logs: error: no fan\n");
}

std::string& ranges_seen() {
  static std::string seen;
  return seen;
}

TEST(PluginTest, RangesOfPluginsGoToTheHooks) {
  static const RangeHooks hooks = {
      [](const char* name) { ranges_seen() += std::string(name) + "("; },
      [] { ranges_seen() += ")"; }};
  set_range_hooks(&hooks);
  ASSERT_TRUE(load_backend(bad("initialize_in_ranges")).ok());
  EXPECT_EQ(ranges_seen(), "initialize(driver())");
  set_range_hooks(nullptr);
}

TEST(PluginTest, ABackendIsLoadedOnce) {
  ASSERT_TRUE(find_backend("null").ok());
  const absl::Status status = load_backend((*find_backend("null"))->path);
  EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_THAT(std::string(status.message()), HasSubstr("backend null is loaded already, from "));
}

}  // namespace
}  // namespace tessera

// SPDX-License-Identifier: Apache-2.0
//
// The interface between Tessera and a compute backend. C99, no dependencies.
//
// A backend is a shared library that exports one symbol, the data object
//
//     const TsrPlugin tessera_plugin = { ... };
//
// The host reads its plain fields (magic, version, sizes, name) before it calls anything, and then
// calls through `tessera_plugin.api`. backends/null is a plugin to copy; backends/conformance is
// the exam that a plugin takes. docs/adding_a_backend.md walks through both.
//
// Rules that hold for everything below
//   * Every struct begins with its `struct_size` in bytes as its writer knew it. Structs and tables
//     only grow at their end. A reader looks at a field only if the writer's size covers it; the
//     host gives plugins the sizes that it checked against TsrPlugin.
//   * Functions return TSR_OK or another TsrStatus (absl's canonical codes) and may write a
//     NUL-terminated explanation to `message`, which the caller owns and which may be NULL.
//   * No exception, no C++ object and no ownership of heap memory crosses in either direction.
//   * Handles (TsrBackend* ...) belong to the plugin; the host gives each back exactly once, and
//     gives back streams, events, graphs and buffers before their device, devices before the
//     backend.
//   * Work is ordered by streams. Copies and kernels may return before the work is done. Work that
//     fails later makes its stream fail: the first error sticks, names its op, and is returned by
//     the next call that waits for the stream.
//   * Functions that take a TsrStream, buffer_free excepted, are called by one thread at a time per
//     stream, unless the device says TSR_DEVICE_CONCURRENT; all other functions are thread-safe.
//   * The plugin is never unloaded. After `backend_shutdown` it has no thread left running.
#ifndef TESSERA_BACKENDS_ABI_TESSERA_PLUGIN_H_
#define TESSERA_BACKENDS_ABI_TESSERA_PLUGIN_H_

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TSR_PLUGIN_MAGIC UINT64_C(0x0041524553534554)  // "TESSERA\0", little endian
#define TSR_ABI_MAJOR 0
// 0: through kernel_find; 1: graph_* and set_thread_budget; 2: set_option
#define TSR_ABI_MINOR 2

// ---- Statuses ----------------------------------------------------------------------------------

// Values equal absl::StatusCode.
typedef int32_t TsrStatus;
enum {
  TSR_OK = 0,
  TSR_CANCELLED = 1,
  TSR_UNKNOWN = 2,
  TSR_INVALID_ARGUMENT = 3,
  TSR_DEADLINE_EXCEEDED = 4,
  TSR_NOT_FOUND = 5,
  TSR_ALREADY_EXISTS = 6,
  TSR_PERMISSION_DENIED = 7,
  TSR_RESOURCE_EXHAUSTED = 8,  // out of memory
  TSR_FAILED_PRECONDITION = 9,
  TSR_ABORTED = 10,
  TSR_OUT_OF_RANGE = 11,
  TSR_UNIMPLEMENTED = 12,  // the host runs the op's decomposition instead
  TSR_INTERNAL = 13,
  TSR_UNAVAILABLE = 14,  // device lost
  TSR_DATA_LOSS = 15
};

typedef struct TsrMessage {
  uint64_t struct_size;
  char* text;         // receives a NUL-terminated text, cut to fit
  uint64_t capacity;  // bytes at `text`, the NUL included
} TsrMessage;

// ---- What the host offers ----------------------------------------------------------------------

enum { TSR_LOG_INFO = 0, TSR_LOG_WARNING = 1, TSR_LOG_ERROR = 2 };

// Valid from backend_initialize until backend_shutdown returns. Functions may be NULL.
typedef struct TsrHost {
  uint64_t struct_size;
  void* context;  // first argument of the functions below
  void (*log)(void* context, int32_t severity, const char* text);
  // Brackets around a piece of work, for profilers. They nest, per thread.
  void (*range_begin)(void* context, const char* name);
  void (*range_end)(void* context);
  // Threads that the backend may use for compute, the calling thread included; at least 1.
  uint32_t thread_budget;
  uint32_t reserved;
} TsrHost;

// ---- Handles -----------------------------------------------------------------------------------

typedef struct TsrBackend TsrBackend;  // the initialised plugin
typedef struct TsrDevice TsrDevice;    // one opened device
typedef struct TsrStream TsrStream;    // a queue of work on a device, done in order
typedef struct TsrEvent TsrEvent;      // a point in a stream
typedef struct TsrGraph TsrGraph;      // nodes prepared for repeated launches

enum { TSR_DEVICE_CPU = 1, TSR_DEVICE_INTEGRATED = 2, TSR_DEVICE_DISCRETE = 3 };

// TsrDeviceInfo.flags
enum {
  TSR_DEVICE_HOST_VISIBLE = 1 << 0,  // TsrBuffer.data may be read and written by the host
  TSR_DEVICE_HAS_FLOAT64 = 1 << 1,
  TSR_DEVICE_HAS_FLOAT16 = 1 << 2,
  TSR_DEVICE_HAS_BFLOAT16 = 1 << 3,
  // Functions that take a TsrStream may be called by several threads at once for one stream, and
  // run side by side. Without it the host lets them wait for each other.
  TSR_DEVICE_CONCURRENT = 1 << 4
};

typedef struct TsrDeviceInfo {
  uint64_t struct_size;
  char name[128];         // "AMD EPYC", "NVIDIA H200"
  char driver[128];       // name and version, free form
  uint64_t memory_bytes;  // total, 0 if unknown
  uint32_t kind;          // TSR_DEVICE_CPU ...
  uint32_t flags;
  uint32_t compute_units;  // cores, multiprocessors; 0 if unknown
  uint32_t subgroup_size;  // SIMD lanes of float32, warp size; 0 if unknown
} TsrDeviceInfo;

typedef struct TsrMemoryStats {
  uint64_t struct_size;
  uint64_t bytes_in_use;        // in live buffers
  uint64_t bytes_peak;          // the most that bytes_in_use has been
  uint64_t bytes_reserved;      // taken from the system, live or cached
  uint64_t buffers_in_use;      // live buffers
  uint64_t allocations;         // buffer_allocate calls that succeeded, ever
  uint64_t system_allocations;  // of those, how many had to ask the system for memory
} TsrMemoryStats;

// Memory on a device. Made and owned by the plugin, which may keep private fields behind these.
typedef struct TsrBuffer {
  uint64_t struct_size;
  void* data;     // host pointer if TSR_DEVICE_HOST_VISIBLE, else a device address or NULL
  uint64_t size;  // usable bytes from `data`
} TsrBuffer;

// ---- Tensors and nodes -------------------------------------------------------------------------

enum {
  TSR_FLOAT32 = 1,
  TSR_FLOAT64 = 2,
  TSR_FLOAT16 = 3,
  TSR_BFLOAT16 = 4,
  TSR_INT32 = 5,
  TSR_INT64 = 6,
  TSR_UINT8 = 7,
  TSR_BOOL = 8  // one byte, 0 or 1
};

// TsrTensor.flags
enum {
  // The value is one element that stands in host memory at `data` (which points to `immediate`);
  // `buffer` is NULL and all strides are 0. Only ops whose documentation takes immediates get one.
  TSR_TENSOR_IMMEDIATE = 1 << 0
};

// A strided view of a buffer. Element (i0, i1, ...) stands at
// data + itemsize * (i0 * strides[0] + i1 * strides[1] + ...). Strides are in elements and may be 0
// (an input that is broadcast); any shape may have zeros; rank 0 is a scalar. An output never
// overlaps an input, except where an op says that it updates one.
typedef struct TsrTensor {
  uint64_t struct_size;
  void* data;  // buffer->data + offset
  TsrBuffer* buffer;
  uint64_t offset;  // bytes from the start of `buffer`
  const int64_t* shape;
  const int64_t* strides;
  uint32_t rank;
  uint32_t dtype;  // TSR_FLOAT32 ...
  uint32_t flags;
  uint32_t reserved;
  uint64_t immediate[1];  // the bits of the value, if TSR_TENSOR_IMMEDIATE
} TsrTensor;

// One op applied to tensors: the only thing that crosses to a plugin to compute. The host has
// checked shapes and dtypes by the op's rule (docs/ops.md lists each op's inputs and attributes).
// A plugin answers TSR_UNIMPLEMENTED to an op, dtype, layout or *number of attributes* that it does
// not know, before it changes anything. Everything pointed to is valid during the call only.
typedef struct TsrNode {
  uint64_t struct_size;
  const char* op;  // "add", "conv2d"
  uint64_t id;     // counts nodes, for logs
  const TsrTensor* const* inputs;
  const TsrTensor* const* outputs;
  uint32_t n_inputs;
  uint32_t n_outputs;
  const int64_t* ints;    // integer attributes
  const double* doubles;  // real attributes
  uint32_t n_ints;
  uint32_t n_doubles;
} TsrNode;

// How a plugin computes one op. Static data of the plugin.
typedef struct TsrKernel {
  uint64_t struct_size;
  TsrStatus (*launch)(TsrStream* stream, const TsrNode* node, TsrMessage* message);
  // Says TSR_OK if `launch` would take this node, TSR_UNIMPLEMENTED if not. Tensors have no data.
  // NULL: every node of this op.
  TsrStatus (*supports)(TsrDevice* device, const TsrNode* node, TsrMessage* message);
} TsrKernel;

// ---- What the plugin offers --------------------------------------------------------------------

// The functions of minor version 0 are all there; later ones may be NULL, which the host treats
// like a function that answers TSR_UNIMPLEMENTED.
typedef struct TsrBackendApi {
  uint64_t struct_size;

  // Called once. `host` stays valid until shutdown.
  TsrStatus (*backend_initialize)(const TsrHost* host, TsrBackend** backend, TsrMessage* message);
  // Joins every thread and frees everything. Nothing of the plugin is called afterwards.
  void (*backend_shutdown)(TsrBackend* backend);

  // The number of devices. With 0, `message` says why there is none.
  TsrStatus (*device_count)(TsrBackend* backend, uint32_t* count, TsrMessage* message);
  TsrStatus (*device_info)(TsrBackend* backend, uint32_t index, TsrDeviceInfo* info,
                           TsrMessage* message);
  TsrStatus (*device_open)(TsrBackend* backend, uint32_t index, TsrDevice** device,
                           TsrMessage* message);
  void (*device_close)(TsrDevice* device);
  TsrStatus (*device_memory)(TsrDevice* device, TsrMemoryStats* stats, TsrMessage* message);
  // Returns cached memory to the system.
  TsrStatus (*device_trim)(TsrDevice* device, TsrMessage* message);

  // Memory for use on `stream` from now on; contents undefined; `size` may be 0; aligned to at
  // least 64 bytes. TSR_RESOURCE_EXHAUSTED says how much was asked for and how much is in use.
  TsrStatus (*buffer_allocate)(TsrStream* stream, uint64_t size, TsrBuffer** buffer,
                               TsrMessage* message);
  // Given back once the work queued on `stream` so far is done. Any thread.
  void (*buffer_free)(TsrStream* stream, TsrBuffer* buffer);

  // Copies of `size` bytes, ordered on `stream`. The host memory of copy_from_host may be reused as
  // soon as the call returns; that of copy_to_host holds the data once the stream was waited for.
  TsrStatus (*copy_from_host)(TsrStream* stream, const void* source, TsrBuffer* target,
                              uint64_t target_offset, uint64_t size, TsrMessage* message);
  TsrStatus (*copy_to_host)(TsrStream* stream, TsrBuffer* source, uint64_t source_offset,
                            void* target, uint64_t size, TsrMessage* message);
  TsrStatus (*copy_buffer)(TsrStream* stream, TsrBuffer* source, uint64_t source_offset,
                           TsrBuffer* target, uint64_t target_offset, uint64_t size,
                           TsrMessage* message);

  TsrStatus (*stream_create)(TsrDevice* device, TsrStream** stream, TsrMessage* message);
  void (*stream_destroy)(TsrStream* stream);  // waits for its work
  // Waits until all work queued so far is done; returns and clears the stream's sticky error.
  TsrStatus (*stream_synchronize)(TsrStream* stream, TsrMessage* message);

  TsrStatus (*event_create)(TsrDevice* device, TsrEvent** event, TsrMessage* message);
  void (*event_destroy)(TsrEvent* event);
  TsrStatus (*event_record)(TsrEvent* event, TsrStream* stream, TsrMessage* message);
  // Work queued on `stream` from now on starts after the event was reached.
  TsrStatus (*event_wait)(TsrEvent* event, TsrStream* stream, TsrMessage* message);
  TsrStatus (*event_synchronize)(TsrEvent* event, TsrMessage* message);
  // `*reached` is 1 if the event was reached (or never recorded), else 0.
  TsrStatus (*event_query)(TsrEvent* event, uint32_t* reached, TsrMessage* message);

  // The kernel for an op, or NULL if there is none. The answer never changes.
  const TsrKernel* (*kernel_find)(TsrDevice* device, const char* op);

  // ---- minor version 1 ----

  // Prepares nodes for being launched many times, in order, on the same memory. Whatever the nodes
  // point to is copied. TSR_UNIMPLEMENTED: the host replays node by node.
  TsrStatus (*graph_create)(TsrStream* stream, const TsrNode* const* nodes, uint64_t n_nodes,
                            TsrGraph** graph, TsrMessage* message);
  TsrStatus (*graph_launch)(TsrGraph* graph, TsrStream* stream, TsrMessage* message);
  void (*graph_destroy)(TsrGraph* graph);

  // Changes TsrHost.thread_budget from now on; at least 1. No kernel may be running.
  TsrStatus (*set_thread_budget)(TsrBackend* backend, uint32_t threads, TsrMessage* message);

  // ---- minor version 2 ----

  // Sets an option for the kernels that are launched, and the graphs that are made, from now on; a
  // graph keeps what it was made with. Any thread. Names and values are never reused:
  //   "float32_matmul_precision"  what matrix products and convolutions of float32 may do to their
  //       inputs: "highest", the default: nothing; "high": round them to 10 bits behind the point
  //       (TF32), or more; "medium": round them to bfloat16, or more
  // TSR_UNIMPLEMENTED: the plugin does not know the option, and computes as if it were not there,
  // which is always right. TSR_INVALID_ARGUMENT: it knows the option, but not the value.
  TsrStatus (*set_option)(TsrBackend* backend, const char* name, const char* value,
                          TsrMessage* message);
} TsrBackendApi;

// The one exported object. Plain data; the host checks all of it before it calls `api`.
typedef struct TsrPlugin {
  uint64_t struct_size;
  uint64_t magic;  // TSR_PLUGIN_MAGIC
  uint32_t abi_major;
  uint32_t abi_minor;
  // sizeof of the structs that the host writes or reads, as the plugin was compiled
  uint64_t api_size;
  uint64_t host_size;
  uint64_t node_size;
  uint64_t tensor_size;
  uint64_t buffer_size;
  uint64_t kernel_size;
  char name[32];      // "cpu": what users write in --backend=cpu; a-z, then a-z, 0-9 and _
  char build_id[64];  // free form, for people; both are NUL-terminated
  const TsrBackendApi* api;
} TsrPlugin;

// The name of the exported object.
#define TSR_PLUGIN_SYMBOL "tessera_plugin"

// The fields of a TsrPlugin up to `name`, in order, for use in its initializer.
#define TSR_PLUGIN_HEADER                                                                   \
  sizeof(TsrPlugin), TSR_PLUGIN_MAGIC, TSR_ABI_MAJOR, TSR_ABI_MINOR, sizeof(TsrBackendApi), \
      sizeof(TsrHost), sizeof(TsrNode), sizeof(TsrTensor), sizeof(TsrBuffer), sizeof(TsrKernel)

#if defined(__GNUC__)
#define TSR_EXPORT __attribute__((visibility("default")))
#else
#define TSR_EXPORT
#endif

#ifdef __cplusplus
}  // extern "C"
#endif

#endif  // TESSERA_BACKENDS_ABI_TESSERA_PLUGIN_H_

// SPDX-License-Identifier: Apache-2.0
//
// Where the ranges go that plugins put around pieces of their work (TsrHost.range_begin,
// range_end).
#ifndef TESSERA_BACKENDS_RUNTIME_RANGES_H_
#define TESSERA_BACKENDS_RUNTIME_RANGES_H_

namespace tessera {

// Called on the thread that does the work; ranges nest, per thread. `name` is valid during the
// call.
struct RangeHooks {
  void (*begin)(const char* name);
  void (*end)();
};

// Every range of every plugin is reported to `hooks` from now on; to nobody if it is nullptr, as at
// the start. `hooks` has to stay valid while plugins are working. A range that is open while this
// is called may be reported in halves.
void set_range_hooks(const RangeHooks* hooks);

// What TsrHost gets.
void begin_range(void* context, const char* name);
void end_range(void* context);

}  // namespace tessera

#endif  // TESSERA_BACKENDS_RUNTIME_RANGES_H_

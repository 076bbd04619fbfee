// SPDX-License-Identifier: Apache-2.0
//
// What is sorted: a key above a position, so that all items differ and any sort is stable. Items
// of 64-bit keys are two words: WIDE.
#ifndef TESSERA_VULKAN_ITEMS_GLSL_
#define TESSERA_VULKAN_ITEMS_GLSL_

#include "types.glsl"

#if defined(WIDE)

#define ITEM u64vec2
#define ITEM_SIZE 16
// Comes after all others.
#define LAST_ITEM u64vec2(uint64_t(0xFFFFFFFFFFFFFFFFul))
ITEM make_item(uint64_t key, uint position) { return u64vec2(key, uint64_t(position)); }
uint position_of(ITEM item) { return uint(item.y); }
bool before(ITEM a, ITEM b) { return a.x < b.x || (a.x == b.x && a.y < b.y); }

#else

#define ITEM uint64_t
#define ITEM_SIZE 8
#define LAST_ITEM uint64_t(0xFFFFFFFFFFFFFFFFul)
ITEM make_item(uint key, uint position) { return pack64(uvec2(position, key)); }
uint position_of(ITEM item) { return unpack32(item).x; }
uint key_of_item(ITEM item) { return unpack32(item).y; }
bool before(ITEM a, ITEM b) { return a < b; }

#endif

layout(buffer_reference, scalar, buffer_reference_align = 8) buffer ItemMemory { ITEM value; };

ItemMemory item_at(uint64_t items, uint index) {
  return ItemMemory(items + uint64_t(index) * uint64_t(ITEM_SIZE));
}

#endif  // TESSERA_VULKAN_ITEMS_GLSL_

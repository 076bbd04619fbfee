// SPDX-License-Identifier: Apache-2.0
//
// What the shaders of a step of lstm share. The step's `count` sequences are rows from `first` on.
// Of these `before` have a step before it in the order of computing, with rows from `first_before`
// on: the others start with h0 and c0. `after` of them have a step after it, the others end. A work
// group takes 16 sequences by 16 elements of the state.
#ifndef TESSERA_VULKAN_LSTM_GLSL_
#define TESSERA_VULKAN_LSTM_GLSL_

#include "common.glsl"
#include "floating.glsl"
#include "types.glsl"

layout(local_size_x = 256) in;

const int kSide = 16;
// Apart by 17, so that both orders of access fall into different banks.
const int kPitch = kSide + 1;

int down() { return int(gl_LocalInvocationID.x) / kSide; }
int across() { return int(gl_LocalInvocationID.x) % kSide; }

VALUE sigmoid(VALUE x) { return VALUE(1) / (VALUE(1) + m_exp(-x)); }

#endif  // TESSERA_VULKAN_LSTM_GLSL_

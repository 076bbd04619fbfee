// SPDX-License-Identifier: Apache-2.0
//
// What every shader includes first: extensions, and where an invocation stands.
#extension GL_GOOGLE_include_directive : require
#extension GL_EXT_buffer_reference : require
#extension GL_EXT_buffer_reference2 : require
#extension GL_EXT_scalar_block_layout : require
#extension GL_EXT_shader_8bit_storage : require
#extension GL_EXT_shader_16bit_storage : require
#extension GL_EXT_shader_explicit_arithmetic_types : require
#extension GL_EXT_control_flow_attributes : require

// Work groups are counted along x, and along y where x does not suffice (Recorder::groups_for).
uint group_index() { return gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x; }

// The invocation's number among all of a one-dimensional dispatch. A macro, because the size of
// work groups is known only after it is declared.
#define thread_index() (group_index() * gl_WorkGroupSize.x + gl_LocalInvocationID.x)

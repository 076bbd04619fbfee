// SPDX-License-Identifier: Apache-2.0
//
// A library that needs a function that nobody has, like one whose driver is not installed.
void a_function_that_nobody_has(void);
void (*tessera_plugin)(void) = a_function_that_nobody_has;

/*
 * early_open.c - what is early in a user's program, and nothing in the tool.
 *
 * The tool has libraries in C++ whose threads are real, and which call operator new as well.
 */
#include "bench/check/early.h"

#ifdef EARLY_SHUT
const bool early_is_open = false;
#else
const bool early_is_open = true;
#endif

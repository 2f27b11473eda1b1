/*
 * memory.h - how much memory a measurement may ask for.
 */
#ifndef CONTEND_BENCH_ENGINE_MEMORY_H
#define CONTEND_BENCH_ENGINE_MEMORY_H

#include <stdint.h>

/* Bytes that the machine could give and the control group would let us take; UINT64_MAX: unknown. */
uint64_t memory_available(void);

#endif

/*
 * memory.h - how much memory a measurement may ask for.
 */
#ifndef CONTEND_BENCH_ENGINE_MEMORY_H
#define CONTEND_BENCH_ENGINE_MEMORY_H

#include <stdint.h>

/* Bytes that are free on the machine and allowed by the control group; UINT64_MAX: unknown. */
uint64_t memory_available(void);

#endif

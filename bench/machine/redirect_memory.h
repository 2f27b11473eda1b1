/*
 * redirect_memory.h - the part of redirect.h for rarer ways to allocate, for memory of the system and for random numbers;
 * see redirect_threads.h.
 */
#ifndef CONTEND_BENCH_MACHINE_REDIRECT_MEMORY_H
#define CONTEND_BENCH_MACHINE_REDIRECT_MEMORY_H

#pragma redefine_extname aligned_alloc check_aligned_alloc
#pragma redefine_extname posix_memalign check_posix_memalign
#pragma redefine_extname reallocarray check_reallocarray
#pragma redefine_extname memalign check_memalign
#pragma redefine_extname valloc check_valloc
#pragma redefine_extname pvalloc check_pvalloc
#pragma redefine_extname malloc_usable_size check_malloc_usable_size

#if !defined(_FILE_OFFSET_BITS) || _FILE_OFFSET_BITS != 64 /* which gives it another name itself */
#pragma redefine_extname mmap check_mmap
#endif
#pragma redefine_extname mmap64 check_mmap
#pragma redefine_extname munmap check_munmap
#pragma redefine_extname mremap check_mremap
#pragma redefine_extname mprotect check_mprotect

/* The same numbers in each execution, whatever the seed is: an execution repeats itself. */
#pragma redefine_extname rand check_rand
#pragma redefine_extname srand check_srand
#pragma redefine_extname random check_random
#pragma redefine_extname srandom check_srand

#endif

/*
 * platform.h - everything that the strategies need from the machine and the kernel.
 *
 * The one place for inline assembly, system calls and compiler attributes; the
 * strategies themselves are plain C11.  A checker puts models in the place of the
 * functions that wait or ask the machine: see CONTEND_MODELLED.
 */
#ifndef CONTEND_LOCKS_PARTS_PLATFORM_H
#define CONTEND_LOCKS_PARTS_PLATFORM_H

#ifdef __cplusplus
#error "strategy headers are C11 (stdatomic.h); from C++ use the contracts and the table interface"
#endif

#ifndef _GNU_SOURCE
#error "compile with -D_GNU_SOURCE: processor affinity and futexes are not in ISO C"
#endif

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "locks/parts/allocator.h"

/*
 * Bytes that keep two variables from disturbing each other.  Twice the line
 * size: processors that prefetch lines in adjacent pairs make two neighbours
 * share their traffic.
 */
#define CONTEND_CACHE_LINE 128

/* Gives a variable or a struct member cache lines of its own. */
#define CONTEND_ALIGNED _Alignas(CONTEND_CACHE_LINE)

/*
 * Before a function that is called rarely: it stays out of line, and the path around its
 * call stays short enough to be inlined.
 */
#define CONTEND_RARE __attribute__((cold))

#if defined(__x86_64__) || defined(__i386__)
#define CONTEND_PAUSE() __asm__ __volatile__("pause" ::: "memory")
#elif defined(__aarch64__)
/* isb holds the pipeline up for about as long as x86's pause; yield is a no-op on most cores. */
#define CONTEND_PAUSE() __asm__ __volatile__("isb" ::: "memory")
#else
#define CONTEND_PAUSE() __asm__ __volatile__("" ::: "memory")
#endif

/*
 * The compiler may not move memory accesses across this; the processor may.
 * Benchmark loops end every turn with it, so that no turn can be merged with
 * the next.  It orders nothing between threads.
 */
static inline void contend_compiler_barrier(void)
{
    __asm__ __volatile__("" ::: "memory");
}

/* Begins to fetch a cache line; the second one fetches it to be written. */
static inline void contend_fetch(const void *line)
{
    __builtin_prefetch(line, 0, 3);
}

static inline void contend_fetch_to_write(const void *line)
{
#if defined(__x86_64__)
    /* Compilers emit this only for newer processors; older ones of 64 bits take it for a nop. */
    __asm__ __volatile__("prefetchw %0" : : "m"(*(const char *)line));
#else
    __builtin_prefetch(line, 1, 3);
#endif
}

/*
 * A named point between two steps of an algorithm.  Nothing in production; with
 * CONTEND_STEPS a test can park the thread here and let the others run.
 */
#ifdef CONTEND_STEPS
void contend_step(const char *where);
#define CONTEND_STEP(where) contend_step(where)
#else
#define CONTEND_STEP(where) ((void)0)
#endif

/*
 * Functions that wait, wake or ask the machine.  A checker that has models of them
 * defines these beforehand, and CONTEND_MODELLED.
 */
#ifndef CONTEND_MODELLED

/*
 * Every turn of every spin loop calls this.  It tells the processor to slow
 * down, and it tells a checker that the caller waits for another thread's store.
 */
static inline void contend_cpu_relax(void)
{
    CONTEND_PAUSE();
}

/* Lets another thread run on this processor, if one wants to. */
static inline void contend_yield(void)
{
    sched_yield();
}

/*
 * Of the kernel's binary interface, for threads of one process.  Not from linux/futex.h: a C
 * library of its own kind, as musl, comes without the kernel's headers.
 */
enum { CONTEND_FUTEX_WAIT = 0 | 128, CONTEND_FUTEX_WAKE = 1 | 128 };

/*
 * Sleeps while *word still holds `expected`.  Returns on a wake-up, on a signal,
 * or at once if the value differs: the caller always looks again.
 */
static inline void contend_futex_wait(_Atomic uint32_t *word, uint32_t expected)
{
    syscall(SYS_futex, word, CONTEND_FUTEX_WAIT, expected, NULL, NULL, 0);
}

/* Wakes up to `count` threads that sleep on `word`. */
static inline void contend_futex_wake(_Atomic uint32_t *word, int count)
{
    syscall(SYS_futex, word, CONTEND_FUTEX_WAKE, count, NULL, NULL, 0);
}

/* Of the kernel's binary interface, as above. */
enum { CONTEND_MEMBARRIER = 1 << 3, CONTEND_MEMBARRIER_REGISTER = 1 << 4 };

/* Prepares the process for the call below; whether the kernel has it. */
static inline int contend_membarrier_register(void)
{
    return syscall(SYS_membarrier, CONTEND_MEMBARRIER_REGISTER, 0, 0) == 0;
}

/*
 * A sequentially consistent fence in every running thread of the process at once, and in the
 * caller before and after: others can then do with a fence for the compiler alone.
 */
static inline void contend_membarrier(void)
{
    syscall(SYS_membarrier, CONTEND_MEMBARRIER, 0, 0);
}

/* Nanoseconds on the machine's monotonic clock.  For harnesses: no strategy reads a clock. */
static inline uint64_t contend_clock_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* How many processors this thread may run on: at least 1. */
static inline unsigned contend_cpu_count(void)
{
    cpu_set_t set;

    if (sched_getaffinity(0, sizeof set, &set) != 0)
        return 1;
    return (unsigned)CPU_COUNT(&set);
}

/* How many processors the machine may have, those included that are off; their numbers are less. */
static inline unsigned contend_cpus_possible(void)
{
    long count = sysconf(_SC_NPROCESSORS_CONF);

    return count > 0 ? (unsigned)count : 1;
}

/* The number of the processor on which the caller was a moment ago. */
static inline unsigned contend_cpu_number(void)
{
    int cpu = sched_getcpu();

    return cpu < 0 ? 0 : (unsigned)cpu;
}

#endif /* CONTEND_MODELLED */

/*
 * Pins the calling thread to the index-th processor of `allowed` (modulo their
 * number) and returns that processor's id, or a negative errno value.  Take
 * `allowed` once, before anything is pinned: afterwards the set has shrunk.
 */
static inline int contend_pin_thread(const cpu_set_t *allowed, unsigned index)
{
    int count = CPU_COUNT(allowed);

    if (count == 0)
        return -EINVAL;
    index %= (unsigned)count;
    for (unsigned cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (!CPU_ISSET(cpu, allowed) || index-- != 0)
            continue;
        cpu_set_t one;
        CPU_ZERO(&one);
        CPU_SET(cpu, &one);
        return sched_setaffinity(0, sizeof one, &one) == 0 ? (int)cpu : -errno;
    }
    return -EINVAL;
}

/*
 * `size` bytes on cache lines of their own, or NULL.  Release with free().  The
 * bytes are not cleared.
 */
static inline void *contend_alloc_aligned(size_t size)
{
    return contend_alloc(CONTEND_CACHE_LINE, size);
}

/* The least power of two that is >= n; n must lie in 1 .. 2^63. */
static inline uint64_t contend_round_up_pow2(uint64_t n)
{
    uint64_t power = 1;

    while (power < n)
        power <<= 1;
    return power;
}

#endif

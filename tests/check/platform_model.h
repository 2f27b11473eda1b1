/*
 * platform_model.h - the checker's models of what locks/platform.h asks the machine.
 *
 * Included by platform.h in its own place when CONTEND_MODEL names this file.
 */
#ifndef CONTEND_TESTS_CHECK_PLATFORM_MODEL_H
#define CONTEND_TESTS_CHECK_PLATFORM_MODEL_H

#include <stdint.h>

void check_cpu_relax(void);
void check_futex_wait(void *word, uint32_t expected);
void check_futex_wake(void *word, int count);
uint64_t check_clock_ns(void);

static inline void contend_cpu_relax(void)
{
    check_cpu_relax();
}

static inline void contend_futex_wait(_Atomic uint32_t *word, uint32_t expected)
{
    check_futex_wait((void *)word, expected);
}

static inline void contend_futex_wake(_Atomic uint32_t *word, int count)
{
    check_futex_wake((void *)word, count);
}

static inline uint64_t contend_clock_ns(void)
{
    return check_clock_ns();
}

/* The same on every machine, so that a run is: two. */
static inline unsigned contend_cpu_count(void)
{
    return 2;
}

#endif

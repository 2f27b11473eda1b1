/*
 * platform_model.h - the checker's models of what locks/parts/platform.h asks the machine.
 *
 * Where CONTEND_MODELLED is defined, platform.h leaves these functions out.
 */
#ifndef CONTEND_BENCH_MACHINE_PLATFORM_MODEL_H
#define CONTEND_BENCH_MACHINE_PLATFORM_MODEL_H

#include <stdint.h>

#define CONTEND_MODELLED

void check_cpu_relax(void);
int check_yield(void);
void check_futex_wait(void *word, uint32_t expected);
void check_futex_wake(void *word, int count);
void check_membarrier(void);
uint64_t check_clock_ns(void);
unsigned check_choice(unsigned count);

static inline void contend_cpu_relax(void)
{
    check_cpu_relax();
}

static inline void contend_yield(void)
{
    (void)check_yield();
}

static inline void contend_futex_wait(_Atomic uint32_t *word, uint32_t expected)
{
    check_futex_wait((void *)word, expected);
}

static inline void contend_futex_wake(_Atomic uint32_t *word, int count)
{
    check_futex_wake((void *)word, count);
}

static inline int contend_membarrier_register(void)
{
    return 1;
}

static inline void contend_membarrier(void)
{
    check_membarrier();
}

static inline uint64_t contend_clock_ns(void)
{
    return check_clock_ns();
}

/* Two on every machine, so that an execution is the same on all of them. */
static inline unsigned contend_cpu_count(void)
{
    return 2;
}

static inline unsigned contend_cpus_possible(void)
{
    return 2;
}

/* A thread may have moved since it last asked. */
static inline unsigned contend_cpu_number(void)
{
    return check_choice(2);
}

/*
 * For locks/parts/rseq.h: the processor whose word a sequence adds to, or `count` if it is
 * interrupted; and an area that nobody looks into.
 */
static inline unsigned contend_rseq_outcome(unsigned count)
{
    return check_choice(count + 1);
}

#endif

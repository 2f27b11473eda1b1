/*
 * schedule_models.c - what a program may ask of the system's scheduler for its threads: see thread_models.h.
 *
 * The checker chooses which thread runs, whatever the processor and the priority; so these accept and change nothing.
 */
#include <errno.h>
#include <string.h>

#include "bench/machine/thread_models.h"
#include "bench/machine/touches.h"

#define PC __builtin_return_address(0)

int check_thread_setaffinity(pthread_t thread, size_t size, const cpu_set_t *set)
{
    (void)thread;
    touches_read(set, size, PC);
    return 0;
}

/* Two processors on every machine, so that an execution is the same on all of them. */
int check_thread_getaffinity(pthread_t thread, size_t size, cpu_set_t *set)
{
    (void)thread;
    touches_write(set, size, PC);
    CPU_ZERO_S(size, set);
    CPU_SET_S(0, size, set);
    CPU_SET_S(1, size, set);
    return 0;
}

int check_thread_setschedparam(pthread_t thread, int policy, const struct sched_param *parameters)
{
    (void)thread, (void)policy;
    touches_read(parameters, sizeof *parameters, PC);
    return 0;
}

int check_thread_getschedparam(pthread_t thread, int *policy, struct sched_param *parameters)
{
    (void)thread;
    touches_write(policy, sizeof *policy, PC);
    touches_write(parameters, sizeof *parameters, PC);
    *policy = SCHED_OTHER;
    *parameters = (struct sched_param){ .sched_priority = 0 };
    return 0;
}

int check_thread_setschedprio(pthread_t thread, int priority)
{
    (void)thread, (void)priority;
    return 0;
}

/* Those of a thread that was made without any: of its stack, nothing is told. */
int check_thread_getattr(pthread_t thread, pthread_attr_t *attributes)
{
    (void)thread;
    touches_write(attributes, sizeof *attributes, PC);
    return pthread_attr_init(attributes);
}

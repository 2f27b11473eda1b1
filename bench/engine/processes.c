/* processes.c - see processes.h. */
#include "bench/engine/processes.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/base/shortage.h"
#include "locks/parts/platform.h"

/* Nobody waits longer than this for the others, one of which may have failed. */
static const uint64_t patience_ns = UINT64_C(30000000000);

struct meeting {
    _Atomic unsigned arrived;
    struct window_result results[PROCESSES_MOST];
};

/* The processor of that number among those that are allowed, alone; so that processes are spread. */
static void spread(cpu_set_t *allowed, unsigned number)
{
    unsigned wanted = number % (unsigned)CPU_COUNT(allowed);

    for (size_t cpu = 0; cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET(cpu, allowed) && wanted-- == 0) {
            CPU_ZERO(allowed);
            CPU_SET(cpu, allowed);
            return;
        }
}

/* A first short window starts what the object needs, so that the measured ones begin together. */
static void be_one(struct meeting *m, unsigned number, unsigned count, const struct cell *whole,
                   const struct contestant *who, const struct window_settings *settings)
{
    struct window_settings mine = *settings, brief;
    struct window_result *out = &m->results[number];
    struct cell part = *whole;
    uint64_t until = contend_clock_ns() + patience_ns;

    part.threads = 1;
    part.users = whole->users > count ? whole->users / count : whole->users ? 1 : 0;
    part.posts = whole->posts > count ? whole->posts / count : whole->posts ? 1 : 0;
    spread(&mine.allowed, number);
    mine.seed += number;
    brief = mine;
    brief.length_ns = brief.warmup_ns = 1000000;
    window_run(NULL, &part, who, &brief, out);
    /* acq_rel, and acquire below: only the count matters, and the results are read after waitpid(). */
    atomic_fetch_add_explicit(&m->arrived, 1, memory_order_acq_rel);
    while (atomic_load_explicit(&m->arrived, memory_order_acquire) < count &&
           contend_clock_ns() < until)
        nanosleep(&(struct timespec){ .tv_nsec = 200000 }, NULL);
    if (!window_is_wrong(out))
        window_run(NULL, &part, who, &mine, out);
}

int processes_run(unsigned count, const struct cell *cell, const struct contestant *who,
                  const struct window_settings *settings, double *ops_per_s, char *why, size_t size)
{
    struct meeting *m = mmap(NULL, sizeof *m, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t pids[PROCESSES_MOST];
    int error = 0;

    *ops_per_s = 0;
    if (m == MAP_FAILED || count < 1 || count > PROCESSES_MOST) {
        snprintf(why, size, "%s", count > PROCESSES_MOST ? "too many processes" : strerror(errno));
        return -ENOMEM;
    }
    fflush(NULL); /* or each child writes it, too */
    for (unsigned i = 0; i < count; i++) {
        m->results[i].error = -ECHILD; /* until it says otherwise */
        pids[i] = fork();
        if (pids[i] < 0)
            m->results[i].error = -errno;
        if (pids[i] == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            be_one(m, i, count, cell, who, settings);
            exit(0); /* which ends the servers that it has started */
        }
    }
    for (unsigned i = 0; i < count; i++) {
        if (pids[i] > 0)
            waitpid(pids[i], NULL, 0);
        const struct window_result *r = &m->results[i];
        *ops_per_s += (double)r->ops / ((double)settings->length_ns / 1e9);
        if (r->error && !error) {
            error = r->error;
            if (error == -EAGAIN)
                shortage_note(error);
            snprintf(why, size, "%s", r->why[0] ? r->why : strerror(-error));
        }
    }
    munmap(m, sizeof *m);
    return error;
}

/*
 * anywhere.c - where a counter may be used: in signal handlers, between processes, as its flags
 * say.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/support.h"

/* Two processes: a lock that hands over in order and only spins takes minutes with one more than
   there are processors. */
enum { SIGNALS = 400, CLAPS = 5000, PROCESSES = 2 };

static struct counter_rig interrupted;
static volatile sig_atomic_t handled;

static void clap_in_the_handler(int number)
{
    (void)number;
    interrupted.ops->add(interrupted.object, interrupted.handle, 1);
    interrupted.ops->read(interrupted.object, interrupted.handle);
    handled = handled + 1;
}

/* CONTEND_SIGNAL_SAFE: adds that are interrupted by adds through the same handle lose nothing. */
static void signal_safe_as_declared(void **state)
{
    const struct counter_ops *ops = *state;
    struct sigaction action = { .sa_handler = clap_in_the_handler }, before;
    const struct itimerval often = { { 0, 100 }, { 0, 100 } }, never = { { 0, 0 }, { 0, 0 } };
    int64_t mine = 0;

    if (!(ops->traits->id.flags & CONTEND_SIGNAL_SAFE))
        return;
    counter_rig_up(&interrupted, ops, NULL);
    handled = 0;
    assert_int_equal(sigaction(SIGALRM, &action, &before), 0);
    assert_int_equal(setitimer(ITIMER_REAL, &often, NULL), 0);
    for (; handled < SIGNALS; mine++)
        ops->add(interrupted.object, interrupted.handle, 1);
    assert_int_equal(setitimer(ITIMER_REAL, &never, NULL), 0);
    assert_int_equal(sigaction(SIGALRM, &before, NULL), 0);
    assert_int_equal(ops->read(interrupted.object, interrupted.handle), mine + handled);
    counter_rig_down(&interrupted);
}

static int clap_in_a_process(const struct counter_ops *ops, void *object)
{
    void *handle = support_alloc(ops->handle_size);
    int failed = ops->attach(object, handle);

    for (int i = 0; i < CLAPS && !failed; i++)
        failed = ops->add(object, handle, 1);
    if (!failed)
        ops->detach(object, handle);
    return failed != 0;
}

/* CONTEND_PROCESS_SHARED: one counter in memory that several processes map. */
static void process_shared_as_declared(void **state)
{
    const struct counter_ops *ops = *state;
    pid_t children[PROCESSES];

    if (!(ops->traits->id.flags & CONTEND_PROCESS_SHARED))
        return;
    void *object = mmap(NULL, ops->size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    void *handle = support_alloc(ops->handle_size);
    assert_ptr_not_equal(object, MAP_FAILED);
    assert_int_equal(ops->init(object, NULL), 0);
    for (int i = 0; i < PROCESSES; i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] == 0)
            _exit(clap_in_a_process(ops, object));
    }
    for (int i = 0; i < PROCESSES; i++) {
        int status = -1;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
    assert_int_equal(ops->attach(object, handle), 0);
    assert_true(counter_sum_fits(&ops->traits->unit, PROCESSES * CLAPS,
                                 ops->read(object, handle)));
    ops->detach(object, handle);
    assert_int_equal(ops->fini(object), 0);
    munmap(object, ops->size);
    free(handle);
}

int main(void)
{
    static const struct check checks[] = {
        { "signal safe as declared", signal_safe_as_declared },
        { "process shared as declared", process_shared_as_declared },
    };

    return support_run_counters("counters anywhere", checks, sizeof checks / sizeof *checks, 0);
}

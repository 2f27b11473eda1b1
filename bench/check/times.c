/*
 * times.c - the clock of the checked program.
 *
 * Each thread has a time of its own.  It goes forward a little with each reading, by as much as the thread sleeps, and to the
 * limit of a wait that has timed out.  When only spinners are left and one of them reads the clock, it leaps ahead, further
 * with each turn, so that any deadline comes soon.  A spinner that takes turns without a reason (turns.c) has waited for
 * a second before the first: so a limit of up to a second may also come while others could go on, and a longer one, such as a
 * test has in case that it hangs, does not.
 *
 * A thread's time is never behind that of what it depends on: a thread that writes bytes, or lets a lock go, leaves its time
 * there, and one that touches these later is at least as late, whatever the memory order; a thread that is woken is as late as its
 * waker.  So no time goes backwards that one thread hands to another.  And these are the edges by which reduce.c tells
 * executions apart: what a reading returns follows from the thread's own steps and those that come before it by such edges.
 * It does not depend on the order of steps that do not meet, and a reading is a step that meets no other.  The leaps
 * come where no thread can run, which is the same in whatever order such steps were made, and set all threads to the latest.
 */
#include "bench/check/times.h"

#include <string.h>

#include "bench/check/state.h"

#define SECOND UINT64_C(1000000000)

enum {
    TICK = 1000, /* nanoseconds: the next reading differs also in microseconds */
    BYTES = 8,
    BUCKETS = 256,
    LEAPS = 11,     /* leaps become longer, from a millisecond to an hour */
    STANDS = 100000 /* after so many, which is a decade, the clock stands still: what waits now waits for ever */
};

static const uint64_t millisecond = SECOND / 1000, never = UINT64_C(1) << 62;

/* The latest writers of these bytes. */
struct written {
    struct written *next;
    const void *base;
    uint64_t at[BYTES];
};

static struct {
    uint64_t now[STATE_THREADS];
    bool reads[STATE_THREADS]; /* since the last leap, or turn without a reason */
    bool runs;                 /* some thread's time is not 0 */
    struct written *written[BUCKETS];
    char looked_at;            /* stands for the clock where a loop reads it */
} times;

void times_reset(void)
{
    memset(&times, 0, sizeof times);
}

static void set(unsigned t, uint64_t time)
{
    if (time > never)
        time = never;
    if (time > times.now[t])
        times.now[t] = time;
    times.runs |= time > 0;
}

static struct written *written_at(const void *base, bool make)
{
    struct written **bucket = &times.written[(uintptr_t)base / BYTES % BUCKETS], *w = *bucket;

    while (w && w->base != base)
        w = w->next;
    if (w || !make)
        return w;
    w = pool(sizeof *w);
    w->base = base;
    w->next = *bucket;
    return *bucket = w;
}

void times_meet(const void *base, unsigned mask, bool write)
{
    struct written *w = times.runs ? written_at(base, write) : NULL;

    for (unsigned i = 0; w && i < BYTES; i++)
        if (mask >> i & 1)
            set(run.me, w->at[i]);
    for (unsigned i = 0; w && write && i < BYTES; i++)
        if (mask >> i & 1)
            w->at[i] = times.now[run.me];
}

void times_hand_on(unsigned from, unsigned to)
{
    set(to, times.now[from]);
}

void times_meet_all(void)
{
    for (unsigned t = 0; t < STATE_THREADS; t++)
        set(run.me, times.now[t]);
}

void times_alike(void)
{
    times_meet_all();
    for (unsigned t = 0; t < STATE_THREADS; t++)
        set(t, times.now[run.me]);
}

void times_pass(uint64_t ns, bool until)
{
    set(run.me, until || ns > never ? ns : times.now[run.me] + ns);
}

/* ---- readings ---- */

static bool stands(void)
{
    return run.patience > STANDS;
}

static void tell(uint64_t time, const void *pc)
{
    char text[64];

    snprintf(text, sizeof text, "read the clock: %llu.%06llu s", (unsigned long long)(time / SECOND),
             (unsigned long long)(time % SECOND / TICK));
    trace_call(pc, text, NULL);
}

uint64_t times_read(const void *pc)
{
    turns_look(&times.looked_at, true, pc);
    schedule_point(pc);
    if (run.parallel)
        schedule_looked((uintptr_t)&times.looked_at & ~(uintptr_t)(BYTES - 1), 1);
    if (!stands()) {
        self()->changes = self()->changed_in_turn = true;
        set(run.me, times.now[run.me] + TICK);
    }
    futile_deed(); /* what it does next may differ, though it has changed nothing */
    times.reads[run.me] = true;
    if (run.recording)
        tell(times.now[run.me], pc);
    return times.now[run.me];
}

/* ---- waiting ---- */

void times_pass_idly(unsigned nth)
{
    if (times.reads[run.me] && nth == 1)
        times_pass(SECOND, false);
    times.reads[run.me] = false;
}

void times_leap(void)
{
    bool read = false;

    for (unsigned t = 0; t < run.count; t++) {
        read |= run.threads[t].state == THREAD_PARKED && times.reads[t];
        times.reads[t] = false;
    }
    if (!read || stands())
        return;
    unsigned nth = run.patience < LEAPS ? run.patience : LEAPS;
    times_alike();
    for (unsigned t = 0; t < STATE_THREADS; t++)
        set(t, times.now[t] + (millisecond << 2 * nth));
}

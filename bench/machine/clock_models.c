/*
 * clock_models.c - what time it is, and sleeping.
 *
 * The driver keeps one time, in nanoseconds since the program began.  Each clock begins elsewhere, as a machine's do: that of the
 * calendar in the year 2001, those that only go forward at an hour.  Processor time passes like any other.
 */
#include <errno.h>
#include <sys/time.h>
#include <time.h>

#include "bench/machine/clock_models.h"
#include "bench/machine/machine.h"
#include "bench/machine/models.h"
#include "bench/machine/touches.h"

#define PC __builtin_return_address(0)

static const uint64_t second_ns = UINT64_C(1000000000), calendar_s = UINT64_C(1000000000), forward_s = 3600;

/* Where the clock begins; false: there is no such clock. */
static bool begin_of(clockid_t clock, uint64_t *seconds)
{
    switch (clock) {
    case CLOCK_REALTIME:
    case CLOCK_REALTIME_COARSE:
    case CLOCK_TAI: *seconds = calendar_s; return true;
    case CLOCK_MONOTONIC:
    case CLOCK_MONOTONIC_RAW:
    case CLOCK_MONOTONIC_COARSE:
    case CLOCK_BOOTTIME: *seconds = forward_s; return true;
    case CLOCK_PROCESS_CPUTIME_ID:
    case CLOCK_THREAD_CPUTIME_ID: *seconds = 0; return true;
    default: return false;
    }
}

uint64_t time_on(clockid_t clock, const void *pc)
{
    struct timespec now;
    uint64_t begin = 0;

    if (machine->time && begin_of(clock, &begin))
        return begin * second_ns + machine->time(pc);
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * second_ns + (uint64_t)now.tv_nsec;
}

static struct timespec since(uint64_t seconds, uint64_t ns)
{
    return (struct timespec){ .tv_sec = (time_t)(seconds + ns / second_ns), .tv_nsec = (long)(ns % second_ns) };
}

/*
 * All of these keep the registers first, since a loop may wait by them alone.  Before main() and behind it, and on real threads,
 * the time is the machine's.
 */
int check_clock_gettime(clockid_t clock, struct timespec *now)
{
    uint64_t begin;

    MACHINE_KEEP_REGISTERS();
    if (!machine->time)
        return clock_gettime(clock, now);
    if (!begin_of(clock, &begin)) {
        errno = EINVAL;
        return -1;
    }
    touches_write(now, sizeof *now, PC);
    *now = since(begin, machine->time(PC));
    return 0;
}

int check_timespec_get(struct timespec *now, int base)
{
    MACHINE_KEEP_REGISTERS();
    if (!machine->time || base != TIME_UTC)
        return timespec_get(now, base);
    touches_write(now, sizeof *now, PC);
    *now = since(calendar_s, machine->time(PC));
    return base;
}

int check_gettimeofday(struct timeval *now, void *zone)
{
    MACHINE_KEEP_REGISTERS();
    if (!machine->time || !now)
        return gettimeofday(now, zone);
    touches_write(now, sizeof *now, PC);
    struct timespec t = since(calendar_s, machine->time(PC));
    *now = (struct timeval){ .tv_sec = t.tv_sec, .tv_usec = t.tv_nsec / 1000 };
    return 0;
}

time_t check_time(time_t *now)
{
    MACHINE_KEEP_REGISTERS();
    if (!machine->time)
        return time(now);
    time_t t = since(calendar_s, machine->time(PC)).tv_sec;
    if (now) {
        touches_write(now, sizeof *now, PC);
        *now = t;
    }
    return t;
}

clock_t check_clock(void)
{
    MACHINE_KEEP_REGISTERS();
    if (!machine->time)
        return clock();
    return (clock_t)(machine->time(PC) / (second_ns / CLOCKS_PER_SEC));
}

/* ---- sleeping: others may run meanwhile ---- */

static void sleep_for(uint64_t ns)
{
    if (machine->time_passes)
        machine->time_passes(ns, false);
}

static uint64_t ns_of(const struct timespec *t)
{
    return t->tv_sec < 0 ? 0 : (uint64_t)t->tv_sec * second_ns + (uint64_t)t->tv_nsec;
}

void time_is_up(const struct timespec *until)
{
    const uint64_t calendar_ns = calendar_s * second_ns, forward_ns = forward_s * second_ns;

    if (!machine->time_passes || !until)
        return;
    uint64_t ns = ns_of(until);
    /* Only a time of the calendar is that large: which clock it is meant for is the attributes' matter, which have no model. */
    uint64_t begin = ns >= calendar_ns ? calendar_ns : forward_ns;
    machine->time_passes(ns > begin ? ns - begin : 0, true);
}

void time_is_over(const struct timespec *length)
{
    if (length)
        sleep_for(ns_of(length));
}

int check_usleep(unsigned microseconds)
{
    MACHINE_KEEP_REGISTERS();
    sleep_for(microseconds * UINT64_C(1000));
    machine->relax(PC);
    return 0;
}

unsigned check_sleep(unsigned seconds)
{
    MACHINE_KEEP_REGISTERS();
    sleep_for(seconds * second_ns);
    machine->relax(PC);
    return 0;
}

int check_nanosleep(const struct timespec *time, struct timespec *left)
{
    (void)left;
    MACHINE_KEEP_REGISTERS();
    time_is_over(time);
    machine->relax(PC);
    return 0;
}

int check_clock_nanosleep(clockid_t clock, int flags, const struct timespec *time, struct timespec *left)
{
    (void)clock, (void)left;
    MACHINE_KEEP_REGISTERS();
    if (flags & TIMER_ABSTIME)
        time_is_up(time);
    else
        time_is_over(time);
    machine->relax(PC);
    return 0;
}

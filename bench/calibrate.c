/* calibrate.c - the floors: loops, additions, lines, loads. */
#include "bench/calibrate.h"

#include <math.h>
#include <pthread.h>
#include <string.h>

#include "bench/pingpong.h"
#include "bench/stats.h"
#include "locks/platform.h"

enum {
    TURNS = 200000,
    ROUNDS = 15, /* of each loop; the median counts */
    PROBE_TURNS = 1000000,
    MAX_PAIRS = 28, /* of processors; more would take long and say little */
    LOADS_MIB = 64,
    LOADS = 1000000
};

static void loop_empty(size_t n, void *unused)
{
    (void)unused;
    for (size_t i = 0; i < n; i++)
        contend_compiler_barrier();
}

static void loop_volatile(size_t n, void *word)
{
    volatile int64_t *v = word;

    for (size_t i = 0; i < n; i++) {
        *v = *v + 1;
        contend_compiler_barrier();
    }
}

static void loop_locked(size_t n, void *word)
{
    _Atomic int64_t *a = word;

    for (size_t i = 0; i < n; i++) {
        /* relaxed: value only. */
        atomic_fetch_add_explicit(a, 1, memory_order_relaxed);
        contend_compiler_barrier();
    }
}

static void loop_clock(size_t n, void *word)
{
    uint64_t *sink = word;

    for (size_t i = 0; i < n; i++)
        *sink += contend_clock_ns();
}

/*
 * Register operations that wait for each other.  Not inlined: a caller that
 * ignores the result would let the compiler drop the chain.
 */
__attribute__((noinline)) static void loop_dependent(size_t n, void *word)
{
    uint64_t x = *(uint64_t *)word | 1;

    for (size_t i = 0; i < n; i++)
        x = (x + i) ^ (x >> 1); /* the shift waits for the last turn, the xor for the shift */
    *(uint64_t *)word = x;
}

static double time_loop(void (*loop)(size_t, void *), size_t turns)
{
    CONTEND_ALIGNED uint64_t word = 0;
    double rounds[ROUNDS];

    for (int i = 0; i < ROUNDS; i++) {
        uint64_t start = contend_clock_ns();
        loop(turns, &word);
        rounds[i] = (double)(contend_clock_ns() - start) / (double)turns;
    }
    return stats_median(rounds, ROUNDS);
}

double calibrate_floor_probe(void)
{
    CONTEND_ALIGNED uint64_t word = 0;
    double rounds[3];

    for (int i = 0; i < 3; i++) {
        uint64_t start = contend_clock_ns();
        loop_dependent(PROBE_TURNS / 3, &word);
        rounds[i] = (double)(contend_clock_ns() - start) / (PROBE_TURNS / 3);
    }
    return stats_median(rounds, 3);
}

/* What each of several threads does at the same time. */
struct crew {
    const cpu_set_t *allowed;
    pthread_barrier_t start;
    const uint64_t *array; /* NULL: compute; else load at random */
    uint64_t lines;
};

struct member {
    struct crew *crew;
    unsigned number;
    double ns;     /* for the whole job */
    uint64_t sink; /* keeps the job from being optimised away */
};

static void *labour(void *arg)
{
    struct member *me = arg;
    uint64_t sum = me->number, x = me->number;

    contend_pin_thread(me->crew->allowed, me->number);
    pthread_barrier_wait(&me->crew->start);
    uint64_t start = contend_clock_ns();
    if (me->crew->array)
        for (int i = 0; i < LOADS; i++) {
            /*
             * D. Knuth's MMIX generator: one multiplication, so that the loads are what takes
             * time.
             */
            x = x * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            /* Eight words to a line; no address waits for a load. */
            sum += me->crew->array[((x >> 32) * me->crew->lines >> 32) * 8];
        }
    else
        loop_dependent(PROBE_TURNS, &sum);
    me->ns = (double)(contend_clock_ns() - start);
    me->sink = sum;
    return NULL;
}

/* The mean time of `count` members at work together, ns; NAN without threads. */
static double crew_ns(const cpu_set_t *allowed, unsigned count, const uint64_t *array,
                      uint64_t lines)
{
    struct crew crew = { .allowed = allowed, .array = array, .lines = lines };
    struct member members[2];
    pthread_t threads[2];
    unsigned started = 0;
    double sum = 0;

    pthread_barrier_init(&crew.start, NULL, count);
    while (started < count) {
        members[started] = (struct member){ &crew, started, NAN, 0 };
        if (pthread_create(&threads[started], NULL, labour, &members[started]) != 0)
            return NAN; /* so early in a run without threads: nothing else will work either */
        started++;
    }
    for (unsigned i = 0; i < started; i++) {
        pthread_join(threads[i], NULL);
        sum += members[i].ns;
    }
    pthread_barrier_destroy(&crew.start);
    return sum / started;
}

static void calibrate_lines(struct calibration *c, const cpu_set_t *allowed)
{
    unsigned cpus = (unsigned)CPU_COUNT(allowed), pairs = 0;

    c->line_min_ns = c->line_max_ns = NAN;
    for (unsigned a = 0; a < cpus; a++)
        for (unsigned b = a + 1; b < cpus && pairs < MAX_PAIRS; b++, pairs++) {
            double ns = pingpong_ns(allowed, a, b);
            c->line_min_ns = fmin(c->line_min_ns, ns); /* fmin and fmax pass over a NAN */
            c->line_max_ns = fmax(c->line_max_ns, ns);
        }
}

static void calibrate_loads(struct calibration *c, const cpu_set_t *allowed, unsigned crew)
{
    size_t bytes = (size_t)LOADS_MIB << 20;
    uint64_t *array = contend_alloc_aligned(bytes);

    c->loads_1 = c->loads_all = NAN;
    if (!array)
        return;
    memset(array, 1, bytes); /* touched, so that the pages exist */
    c->loads_1 = LOADS / crew_ns(allowed, 1, array, bytes / 64) * 1e3;
    c->loads_all = crew * (LOADS / crew_ns(allowed, crew, array, bytes / 64)) * 1e3;
    free(array);
}

struct calibration calibrate(const cpu_set_t *allowed)
{
    unsigned crew = CPU_COUNT(allowed) < 2 ? 1 : 2;
    struct calibration c = {
        .clock_ns = time_loop(loop_clock, TURNS / 10),
        .loop_ns = time_loop(loop_empty, TURNS),
        .add_ns = time_loop(loop_dependent, TURNS) / 2, /* two in a chain */
        .plain_ns = time_loop(loop_volatile, TURNS),
        .locked_ns = time_loop(loop_locked, TURNS),
    };

    calibrate_lines(&c, allowed);
    c.slowdown = crew < 2 ? NAN : crew_ns(allowed, crew, NULL, 0) / crew_ns(allowed, 1, NULL, 0);
    calibrate_loads(&c, allowed, crew);
    return c;
}

#define FIELD(member, unit, title) \
    { #member, unit, title, offsetof(struct calibration, member) }

const struct calibration_field calibration_fields[] = {
    FIELD(clock_ns, "ns", "one look at the clock"),
    FIELD(loop_ns, "ns", "one turn of an empty loop"),
    FIELD(add_ns, "ns", "one dependent register operation"),
    FIELD(plain_ns, "ns", "one plain ++ in memory"),
    FIELD(locked_ns, "ns", "one locked add, uncontended"),
    FIELD(line_min_ns, "ns", "a line between the nearest processors"),
    FIELD(line_max_ns, "ns", "a line between the farthest processors"),
    FIELD(slowdown, "x", "slow-down when two processors compute"),
    FIELD(loads_1, "M/s", "random line loads, one thread"),
    FIELD(loads_all, "M/s", "random line loads, two threads"),
    { NULL, NULL, NULL, 0 },
};

double calibration_value(const struct calibration *c, const struct calibration_field *f)
{
    double value;

    memcpy(&value, (const char *)c + f->offset, sizeof value);
    return value;
}

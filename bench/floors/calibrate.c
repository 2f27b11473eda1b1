/* calibrate.c - the floors: loops, lines, loads; and all figures by name. */
#include "bench/floors/calibrate.h"

#include <math.h>
#include <pthread.h>
#include <string.h>

#include "bench/base/interrupt.h"
#include "bench/base/memory.h"
#include "bench/base/progress.h"
#include "bench/base/stats.h"
#include "bench/floors/pingpong.h"
#include "bench/floors/primitives.h"
#include "locks/parts/platform.h"

enum {
    TURNS = 200000,
    PROBE_TURNS = 1000000,
    LOADS_MIB = 64,
    LOADS = 1000000
};

double calibrate_floor_probe(void)
{
    CONTEND_ALIGNED uint64_t word = 0;
    double rounds[3];

    for (int i = 0; i < 3; i++) {
        uint64_t start = contend_clock_ns();
        primitive_dependent(PROBE_TURNS / 3, &word);
        rounds[i] = (double)(contend_clock_ns() - start) / (PROBE_TURNS / 3);
    }
    return stats_median(rounds, 3);
}

/* What each of several threads does at the same time. */
struct crew {
    const cpu_set_t *allowed;
    pthread_mutex_t gate; /* closed until all have been made, or it is known that some cannot be */
    bool too_few;         /* written while the gate is closed */
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

    pthread_mutex_lock(&me->crew->gate);
    pthread_mutex_unlock(&me->crew->gate);
    if (me->crew->too_few)
        return NULL;
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
        primitive_dependent(PROBE_TURNS, &sum);
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

    pthread_mutex_init(&crew.gate, NULL);
    pthread_barrier_init(&crew.start, NULL, count);
    pthread_mutex_lock(&crew.gate);
    for (; started < count; started++) {
        members[started] = (struct member){ &crew, started, NAN, 0 };
        if (pthread_create(&threads[started], NULL, labour, &members[started]) != 0)
            break;
    }
    crew.too_few = started < count;
    pthread_mutex_unlock(&crew.gate);
    for (unsigned i = 0; i < started; i++) {
        pthread_join(threads[i], NULL);
        sum += members[i].ns;
    }
    pthread_barrier_destroy(&crew.start);
    pthread_mutex_destroy(&crew.gate);
    return started == count ? sum / count : NAN;
}

/* The id of the index-th allowed processor. */
static unsigned short cpu_at(const cpu_set_t *allowed, unsigned index)
{
    unsigned short cpu = 0;

    for (;; cpu++)
        if (CPU_ISSET(cpu, allowed) && index-- == 0)
            return cpu;
}

static void calibrate_lines(struct calibration *c, const cpu_set_t *allowed)
{
    unsigned cpus = (unsigned)CPU_COUNT(allowed);

    c->line_min_ns = c->line_max_ns = NAN;
    for (unsigned a = 0; a < cpus; a++)
        for (unsigned b = a + 1; b < cpus && c->line_count < CALIBRATION_PAIRS && !interrupt_came();
             b++) {
            double ns = pingpong_ns(allowed, a, b);
            c->lines[c->line_count++] =
                (struct calibration_line){ cpu_at(allowed, a), cpu_at(allowed, b), ns };
            c->line_min_ns = fmin(c->line_min_ns, ns); /* fmin and fmax pass over a NAN */
            c->line_max_ns = fmax(c->line_max_ns, ns);
        }
}

static void calibrate_loads(struct calibration *c, const cpu_set_t *allowed, unsigned crew,
                            uint64_t available)
{
    size_t bytes = (size_t)LOADS_MIB << 20;
    uint64_t *array = bytes <= available / 4 ? contend_alloc_aligned(bytes) : NULL;

    c->loads_1 = c->loads_all = NAN;
    if (!array)
        return;
    memset(array, 1, bytes); /* touched, so that the pages exist */
    c->loads_1 = LOADS / crew_ns(allowed, 1, array, bytes / 64) * 1e3;
    c->loads_all = crew * (LOADS / crew_ns(allowed, crew, array, bytes / 64)) * 1e3;
    free(array);
}

static void calibrate_loops(struct calibration *c)
{
    const struct primitive dependent = { .run = primitive_dependent };
    struct company company;

    company_begin(&company);
    c->clock_ns = primitive_ns(primitive_find("clock"), TURNS / 10);
    c->coarse_ns = primitive_ns(primitive_find("clock_coarse"), TURNS / 10);
    c->loop_ns = primitive_ns(primitive_find("loop"), TURNS);
    c->add_ns = primitive_ns(&dependent, TURNS) / 2; /* two in a chain */
    c->plain_ns = primitive_ns(primitive_find("plain_add"), TURNS);
    c->locked_ns = primitive_ns(primitive_find("locked_add"), TURNS);
    c->cas_ns = primitive_ns(primitive_find("cas"), TURNS);
    c->fence_ns = primitive_ns(primitive_find("fence"), TURNS / 10);
    c->mutex_ns = primitive_ns(primitive_find("mutex_pair"), TURNS / 10);
    c->semaphore_ns = primitive_ns(primitive_find("semaphore_pair"), TURNS / 10);
    company_end(&company);
}

/* A part of the calibration. */
struct part {
    const char *note;
    void (*run)(struct calibration *c, const cpu_set_t *allowed);
};

static unsigned crew_size(const cpu_set_t *allowed)
{
    return CPU_COUNT(allowed) < 2 ? 1 : 2;
}

static void part_operations(struct calibration *c, const cpu_set_t *allowed)
{
    (void)allowed;
    calibrate_loops(c);
}

static void part_lines(struct calibration *c, const cpu_set_t *allowed)
{
    unsigned crew = crew_size(allowed);

    calibrate_lines(c, allowed);
    c->slowdown = crew < 2 ? NAN : crew_ns(allowed, crew, NULL, 0) / crew_ns(allowed, 1, NULL, 0);
}

static void part_memory(struct calibration *c, const cpu_set_t *allowed)
{
    uint64_t available = memory_available();

    calibrate_loads(c, allowed, crew_size(allowed), available);
    calibrate_memory(c, available);
}

static const struct part parts[] = {
    { "calibrating: operations", part_operations },
    { "calibrating: lines between processors", part_lines },
    { "calibrating: caches and memory", part_memory },
    { "calibrating: the kernel", calibrate_kernel },
    { "calibrating: hiccups", calibrate_hiccups },
};

void calibrate(struct calibration *c, const cpu_set_t *allowed, bool quiet)
{
    struct progress progress;

    calibrate_nothing(c);
    progress_begin(&progress, quiet, 0);
    for (size_t i = 0; i < sizeof parts / sizeof *parts && !interrupt_came(); i++) {
        progress_note(&progress, parts[i].note);
        parts[i].run(c, allowed);
    }
    progress_end(&progress);
}

#define FIELD(member, unit, title) \
    { #member, unit, title, offsetof(struct calibration, member) }

const struct calibration_field calibration_fields[] = {
    FIELD(clock_ns, "ns", "one look at the clock"),
    FIELD(coarse_ns, "ns", "one look at the coarse clock"),
    FIELD(loop_ns, "ns", "one turn of an empty loop"),
    FIELD(add_ns, "ns", "one dependent register operation"),
    FIELD(plain_ns, "ns", "one plain ++ in memory"),
    FIELD(locked_ns, "ns", "one locked add, uncontended"),
    FIELD(cas_ns, "ns", "one compare-and-swap, uncontended"),
    FIELD(fence_ns, "ns", "a store and a seq_cst fence"),
    FIELD(mutex_ns, "ns", "a mutex pair, uncontended"),
    FIELD(semaphore_ns, "ns", "a semaphore pair, uncontended"),
    FIELD(line_min_ns, "ns", "a line between the nearest processors"),
    FIELD(line_max_ns, "ns", "a line between the farthest processors"),
    FIELD(slowdown, "x", "slow-down when two processors compute"),
    FIELD(loads_1, "M/s", "random line loads, one thread"),
    FIELD(loads_all, "M/s", "random line loads, two threads"),
    FIELD(l1_ns, "ns", "a dependent load, first-level cache"),
    FIELD(l2_ns, "ns", "... second level"),
    FIELD(l3_ns, "ns", "... third level"),
    FIELD(dram_ns, "ns", "... memory, usual pages"),
    FIELD(dram_huge_ns, "ns", "... memory, huge pages"),
    FIELD(dram_mib, "MiB", "... what the two went over"),
    FIELD(wake_ns, "ns", "a futex wake without a waiter"),
    FIELD(handover_ns, "ns", "a futex hand-over on one processor"),
    FIELD(handover_far_ns, "ns", "a futex hand-over to another processor"),
    FIELD(switch_ns, "ns", "a switch of threads, through a pipe"),
    FIELD(membarrier_ns, "ns", "a membarrier, private expedited"),
    FIELD(hiccup_p999_ns, "ns", "from look to look at the clock, p99.9"),
    FIELD(hiccup_longest_ns, "ns", "... the longest"),
    FIELD(hiccup_10us, "/s", "gaps above 10 us on a processor"),
    FIELD(hiccup_lost, "%", "time lost in gaps above 1 us"),
    { NULL, NULL, NULL, 0 },
};

void calibrate_nothing(struct calibration *c)
{
    static const double nothing = NAN;

    memset(c, 0, sizeof *c);
    for (const struct calibration_field *f = calibration_fields; f->name; f++)
        memcpy((char *)c + f->offset, &nothing, sizeof nothing);
    for (int i = 0; i < CALIBRATION_GAPS; i++)
        c->gaps[i] = (struct calibration_gap){ nothing, nothing };
}

double calibration_value(const struct calibration *c, const struct calibration_field *f)
{
    double value;

    memcpy(&value, (const char *)c + f->offset, sizeof value);
    return value;
}

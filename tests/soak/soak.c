/*
 * soak.c - every strategy under loads of real threads, with delays at chosen steps.
 *
 * soak SECONDS COPY [STRATEGY]...: SECONDS "long" stands for CONTEND_LONG_SECONDS.  COPY
 * is o2 or o0, instrumented, on the driver of threads.h; or "ordinary", as users get
 * it, without delays.  A strategy gets its part of the time; exhibits go on until they
 * are caught.  TAP; "# near: " are near misses, "# long: " sums up.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "locks/parts/platform.h"
#include "bench/check/suite.h"
#include "tests/support/load.h"
#include "tests/support/share.h"
#include "tests/soak/near.h"
#include "tests/soak/threads.h"
#include "tests/soak/visitor.h"

enum { MOST_LOADS = 6, PATIENCE = 20 /* seconds until an exhibit must be caught */ };

#define REGISTRY(OBJECT)                                                                      \
    static const void *OBJECT##_at(size_t index)                                              \
    {                                                                                         \
        return contend_##OBJECT##_registry[index];                                            \
    }
FAMILY_EACH(REGISTRY)
#define AT(OBJECT) [FAMILY_##OBJECT] = OBJECT##_at,
#define MISSING(OBJECT) [FAMILY_##OBJECT] = &contend_##OBJECT##_missing,

static const struct check_copy ordinary = {
    "ordinary", { FAMILY_EACH(AT) }, { FAMILY_EACH(MISSING) },
};

static struct {
    const struct check_copy *copy;
    bool instrumented;
    uint64_t seed;
    double ends;
    unsigned left; /* weights of the strategies that are left */
    bool *mine;    /* which of the strategies have their turn; the next that is asked for */
    size_t next;
    unsigned subjects, cases, failed;
    uint64_t operations, judged, histories;
    uint64_t fewest_operations, fewest_histories; /* of any strategy; histories: that has any */
} soak;

static double now_s(void)
{
    return (double)contend_clock_ns() / 1e9;
}

/* ---- loads ---- */

static unsigned load_count(const struct subject *s)
{
    static const unsigned loads[] = { [FAMILY_lock] = 1, [FAMILY_counter] = 6, [FAMILY_claps] = 2,
                                      [FAMILY_distinct] = 1, [FAMILY_presence] = 2 };

    return loads[s->family];
}

static void run_load(const struct subject *s, unsigned which, const struct load *load,
                     struct finding *f)
{
    enum mix mix = (enum mix)(which % 3);

    if (s->family == FAMILY_lock)
        lock_sections(s->ops, load, f);
    else if (s->family == FAMILY_counter && which < 3)
        counter_history(s->ops, mix, load, f);
    else if (s->family == FAMILY_counter)
        counter_rounds(s->ops, mix, load, f);
    else if (s->family == FAMILY_claps && which == 0)
        claps_crowd(s->ops, load, f);
    else if (s->family == FAMILY_claps)
        claps_rounds(s->ops, load, f);
    else if (s->family == FAMILY_distinct)
        distinct_crowd(s->ops, load, f);
    else if (which == 0)
        map_owners(s->ops, load, f);
    else
        map_rounds(s->ops, load, f);
}

/* Twice and four times the processors; as users get it, spinning makes that too slow. */
static unsigned threads_for(const struct subject *s, unsigned turn)
{
    unsigned processors = contend_cpu_count(), n = processors * (turn % 2 ? 4 : 2);

    if (!soak.instrumented && subject_identity(s)->flags & CONTEND_SPINS)
        n = processors > 1 ? processors : 2;
    return n < LOAD_THREADS ? n : LOAD_THREADS;
}

/*
 * One load after the other, with other delays and other threads, until `ends` or a
 * finding; each load once at least.
 */
static void run_loads(const struct subject *s, double ends, struct finding *f)
{
    unsigned loads = load_count(s);
    double slice = (ends - now_s()) / (1.5 * loads);

    slice = slice > 1 ? 1 : slice < 0 ? 0 : slice;
    for (unsigned turn = 0; (turn < loads || now_s() < ends) && !atomic_load(&f->wrong) && !trouble_text(); turn++) {
        struct load load = { .seed = soak.seed + turn, .threads = threads_for(s, turn / loads),
                             .seconds = slice };
        visitors_shuffle(load.seed);
        run_load(s, turn % loads, &load, f);
    }
    if (soak.instrumented && trouble_text())
        finding_wrong(f, "%s", trouble_text());
}

static void conclude(bool good, const char *name, const struct finding *f, const char *wrong)
{
    soak.failed += !good;
    printf("%sok %u - %s, %s: %llu operations, %llu results judged, %llu histories checked%s%s\n",
           good ? "" : "not ", ++soak.cases, name, soak.copy->level,
           (unsigned long long)atomic_load(&f->operations),
           (unsigned long long)atomic_load(&f->judged),
           (unsigned long long)atomic_load(&f->histories), *wrong ? ": " : "", wrong);
    fflush(stdout);
}

static void prepare(void)
{
    trouble_forget();
    visitors_forget();
}

/* ---- the cases ---- */

/* Parts of the time: maps have the slowest operations, and the most that can go wrong. */
static unsigned weight(const struct subject *s)
{
    static const unsigned weights[] = { [FAMILY_lock] = 1, [FAMILY_counter] = 2, [FAMILY_claps] = 2,
                                        [FAMILY_distinct] = 1, [FAMILY_presence] = 4 };

    return weights[s->family];
}

static void must_hold(void *context, const struct subject *s)
{
    double now = now_s(), ends = now + (soak.ends - now) * weight(s) / soak.left;
    struct finding f = { .wrong = false };
    uint64_t blocks = threads_blocks();
    char name[SUBJECT_NAME];

    (void)context;
    soak.left -= weight(s);
    subject_name(s, name, sizeof name);
    prepare();
    run_loads(s, ends, &f);
    threads_empty_quarantine();
    if (threads_blocks() != blocks)
        finding_wrong(&f, "%lld blocks were not freed", (long long)(threads_blocks() - blocks));
    conclude(!f.wrong, name, &f, f.wrong ? f.text : "");
    if (soak.instrumented)
        near_print(stdout, "# near: ", name);
    uint64_t operations = atomic_load(&f.operations), histories = atomic_load(&f.histories);
    soak.operations += operations;
    soak.judged += atomic_load(&f.judged);
    soak.histories += histories;
    if (soak.subjects++ == 0 || operations < soak.fewest_operations)
        soak.fewest_operations = operations;
    if (histories && (!soak.fewest_histories || histories < soak.fewest_histories))
        soak.fewest_histories = histories;
}

static void must_be_caught(void *context, const struct subject *s)
{
    struct finding f = { .wrong = false };
    char name[SUBJECT_NAME];

    (void)context;
    subject_name(s, name, sizeof name);
    prepare();
    for (double ends = now_s() + PATIENCE; now_s() < ends && !atomic_load(&f.wrong);)
        run_loads(s, now_s() + 1, &f);
    threads_empty_quarantine();
    conclude(f.wrong, name, &f, f.wrong ? "caught" : "the exhibit was not caught");
}

/* One thread alone comes near nothing: the counters count what they say. */
static void alone_is_never_near(void *context, const struct subject *s)
{
    struct load load = { .seed = soak.seed, .threads = 1, .seconds = 0.02 };
    struct finding f = { .wrong = false };
    char name[SUBJECT_NAME], wrong[128] = "alone";

    (void)context;
    subject_name(s, name, sizeof name);
    prepare();
    for (unsigned i = 0; i < load_count(s); i++)
        run_load(s, i, &load, &f);
    struct near n = near_collect();
    bool good = !f.wrong && n.steps > 1000 && n.delays > 0 && n.crossed + n.failed + n.waited == 0;
    if (!good)
        snprintf(wrong, sizeof wrong, "alone, and %llu delays crossed, %llu failed, %llu waited",
                 (unsigned long long)n.crossed, (unsigned long long)n.failed,
                 (unsigned long long)n.waited);
    conclude(good, name, &f, wrong);
}

static void sum_up(void)
{
    printf("# long: %u strategies: %.1f million operations, each at least %llu; %.1f million results "
           "judged; %llu short histories checked exhaustively\n", soak.subjects,
           (double)soak.operations / 1e6, (unsigned long long)soak.fewest_operations,
           (double)soak.judged / 1e6, (unsigned long long)soak.histories);
    /* The rule of three: (1 - 1/N)^n < 5 % as soon as n > 3 N. */
    if (soak.fewest_histories)
        printf("# long: a bug that shows in one of %llu of these histories would have been missed "
               "with a probability below 5 %%\n", (unsigned long long)soak.fewest_histories / 3);
}

/* ---- the command line ---- */

static void count(void *context, const struct subject *s)
{
    size_t *all = context;

    (void)s;
    ++*all;
}

static void weigh(void *context, const struct subject *s)
{
    (void)context;
    if (soak.mine[soak.next++])
        soak.left += weight(s);
}

static void try_in_turn(void *context, const struct subject *s)
{
    if (soak.mine[soak.next++])
        must_hold(context, s);
}

/* Calls it for each strategy of these names. */
static void each_named(char *const *names, size_t name_count,
                       void (*fn)(void *context, const struct subject *subject), void *context)
{
    soak.next = 0;
    for (size_t i = 0; i < name_count; i++)
        suite_subjects(soak.copy, names[i], fn, context);
}

/* Those that are named, or those of all that have their turn: tests/support/share.h. */
static void choose(char *const *names, size_t name_count)
{
    size_t all = 0;

    each_named(names, name_count, count, &all);
    bool *always = calloc(all + 1, sizeof *always);
    soak.mine = calloc(all + 1, sizeof *soak.mine);
    if (!always || !soak.mine)
        abort();
    for (size_t i = 0; i < all; i++)
        always[i] = names[0] != NULL;
    share_choose(always, soak.mine, all);
    free(always);
    each_named(names, name_count, weigh, NULL);
}

static bool choose_copy(const char *name)
{
    if (strcmp(name, ordinary.level) == 0)
        soak.copy = &ordinary;
    for (const struct check_copy *c = check_copies; c->level; c++)
        if (strcmp(c->level, name) == 0)
            soak.copy = c;
    soak.instrumented = soak.copy && soak.copy != &ordinary;
    return soak.copy != NULL;
}

/* What the instrumented copies are held against first; nothing of it finds anything without. */
static void run_controls(void)
{
    static const char *const loners[] = { "locks/futex", "counters/cas", "presence_map/packed" };

    suite_exhibits(soak.copy, must_be_caught, NULL);
    for (size_t i = 0; i < sizeof loners / sizeof *loners; i++)
        suite_subjects(soak.copy, loners[i], alone_is_never_near, NULL);
}

int main(int argc, char **argv)
{
    static char *all[] = { NULL }; /* no name: every strategy */
    const char *seed = getenv("CONTEND_SEED"), *seconds = argc > 1 ? argv[1] : "";
    char **names = argc > 3 ? argv + 3 : all;
    size_t name_count = argc > 3 ? (size_t)argc - 3 : 1;

    if (strcmp(seconds, "long") == 0)
        seconds = getenv("CONTEND_LONG_SECONDS") ? getenv("CONTEND_LONG_SECONDS") : "20";
    if (argc < 3 || strtod(seconds, NULL) <= 0 || !choose_copy(argv[2])) {
        fputs("usage: soak SECONDS|long o2|o0|ordinary [STRATEGY]...\n", stderr);
        return 2;
    }
    soak.seed = seed ? strtoull(seed, NULL, 0) : 20101;
    soak.ends = now_s() + strtod(seconds, NULL);
    if (soak.instrumented)
        machine = &machine_threads;
    choose(names, name_count);
    if (soak.left == 0) {
        fputs("soak: no strategy has that name\n", stderr);
        return 2;
    }
    if (soak.instrumented && argc == 3)
        run_controls();
    each_named(names, name_count, try_in_turn, NULL);
    sum_up();
    free(soak.mine);
    printf("1..%u\n", soak.cases);
    return soak.failed ? 1 : 0;
}

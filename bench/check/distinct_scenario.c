/*
 * distinct_scenario.c - scenarios over distinct clappers, held to the contract.
 *
 * In every execution: at rest the count is the number of readers, or, where it is an estimate, that of
 * an object into which the same readers were put one after the other (U4), and handles and memory are
 * given back.  Beyond that counts are judged as
 * the traits promise.
 */
#include <stdio.h>

#include "bench/check/distinct_history.h"
#include "bench/check/history.h"
#include "bench/check/scenario.h"
#include "bench/check/scenario_family.h"

/*
 * Those who are merged, so many that a sketch of 16 registers has something in nearly all of them.
 * Readers 0 and 1 meet in a register of their own there, with different ranks, and so do 2 and 3.
 */
static const uint64_t merged[] = { 4, 6, 9, 22, 45, 50, 51, 53, 59, 63, 64, 66, 67 };
enum { MERGED = sizeof merged / sizeof *merged, READERS = 68 /* and two words of 64 bits */ };

static struct {
    const struct subject *subject;
    const struct distinct_ops *ops;
    const struct scenario *scenario;
    struct distinct_traits traits; /* the object's own */
    struct distinct_config config;
    void *object, *from; /* what is merged; NULL: nothing is */
    bool weak;
} now;

static void call_text(const struct linear_op *op, char text[HISTORY_WORDS])
{
    if (op->kind == 'i')
        snprintf(text, HISTORY_WORDS, "insert(%d)", (int)op->argument);
    else
        snprintf(text, HISTORY_WORDS, "%s", op->kind == 'c' ? "count" : "merge");
}

static void result_text(const struct linear_op *op, char text[HISTORY_WORDS])
{
    history_number(op->result, text);
}

static void operate(const struct operation *o, void *handle)
{
    struct linear_op *op = history_begin(o->kind, o->user);
    int64_t result = o->kind == 'i'   ? now.ops->insert(now.object, handle, o->user)
                     : o->kind == 'm' ? now.ops->merge(now.object, handle, now.from)
                                      : now.ops->count(now.object, handle);

    history_end(op, result);
    if (o->kind == 'c' ? result < 0 : result != 0)
        check_fail("%lld is no answer", (long long)result);
}

/* The result is a snapshot and not judged; the call must not disturb other operations. */
static void look_at_the_books(void)
{
    struct distinct_stats s;

    check_operation_begin("stats", NULL);
    now.ops->stats(now.object, &s);
    check_operation_end("done", NULL, NULL);
}

static void *attached(void *object)
{
    void *handle = check_allocate(now.ops->handle_size);

    check_that(now.ops->attach(object, handle) == 0);
    return handle;
}

static void detached(void *object, void *handle)
{
    now.ops->detach(object, handle);
    check_deallocate(handle);
}

static void run_part(const struct part *p, unsigned thread)
{
    check_aside("attach");
    void *handle = attached(now.object);
    scenario_name(handle, "handle", now.subject, thread);
    check_ready();
    if (now.scenario->meet)
        check_meet();
    do
        for (unsigned i = 0; i < p->count; i++)
            if (p->ops[i].kind == 'x')
                look_at_the_books();
            else
                operate(&p->ops[i], handle);
    while (check_again());
    check_done();
    check_aside("detach");
    detached(now.object, handle);
}

/* A further object, with the readers of the set. */
static void *made_of(unsigned set)
{
    void *object = check_allocate(now.ops->size);

    check_that(now.ops->init(object, &now.config) == 0);
    void *handle = attached(object);
    for (unsigned user = 0; user < SCENARIO_USERS; user++)
        if (set >> user & 1)
            check_that(now.ops->insert(object, handle, user) == 0);
    for (unsigned i = 0; i < MERGED && set & DISTINCT_MERGED; i++)
        check_that(now.ops->insert(object, handle, merged[i]) == 0);
    detached(object, handle);
    return object;
}

static void unmade(void *object)
{
    scenario_ended(now.ops->fini(object));
    check_deallocate(object);
}

static int64_t size_of(unsigned set)
{
    if (now.traits.counts < DISTINCT_APPROXIMATE)
        return __builtin_popcount(set & (DISTINCT_MERGED - 1)) + (set & DISTINCT_MERGED ? MERGED : 0);
    void *object = made_of(set), *handle = attached(object);
    int64_t size = now.ops->count(object, handle);

    detached(object, handle);
    unmade(object);
    return size;
}

/* All that the scenario puts into the set. */
static unsigned whole(void)
{
    unsigned set = 0;

    for (unsigned i = 0; i <= now.scenario->thread_count; i++) {
        const struct part *part = i ? &now.scenario->threads[i - 1] : &now.scenario->before;
        for (unsigned k = 0; k < part->count; k++)
            set |= part->ops[k].kind == 'i'   ? 1u << part->ops[k].user
                   : part->ops[k].kind == 'm' ? (unsigned)DISTINCT_MERGED
                                              : 0u;
    }
    return set;
}

static void setup(void *unused)
{
    static struct settings settings;
    static const struct history_words words = { call_text, result_text };

    (void)unused;
    settings = scenario_settings(now.subject, now.scenario, now.scenario->one_stripe);
    now.config = (struct distinct_config){ .readers = READERS, .threads = 4 + now.scenario->idle,
                                           .settings = settings_as_given(&settings) };
    history_reset(&words);
    now.from = whole() & DISTINCT_MERGED ? made_of(DISTINCT_MERGED) : NULL;
    now.object = check_allocate(now.ops->size);
    scenario_name(now.object, "distinct", now.subject, 0);
    check_that(now.ops->init(now.object, &now.config) == 0);
    now.ops->traits_of(now.object, &now.traits);
    scenario_attach_idle(now.scenario, now.object, now.ops->handle_size, now.ops->attach);
    if (now.scenario->before.count)
        run_part(&now.scenario->before, 0);
}

static void body(void *unused, unsigned thread)
{
    (void)unused;
    run_part(&now.scenario->threads[thread - 1], thread);
}

/* ---- oracles ---- */

static bool is_possible(void)
{
    const struct distinct_rules rules = { now.traits.counts, size_of, now.weak };

    return distinct_history_possible(&rules);
}

static const char *refusal(void)
{
    return now.traits.counts == DISTINCT_LINEARIZABLE
               ? "no order of the operations explains the results"
               : "a count fits no set that there was meanwhile";
}

static void judge_history(void)
{
    uint64_t order = now.weak ? history_order() : 0;

    if (history_known(order))
        return;
    if (!is_possible())
        history_refuse(refusal(), is_possible, "c", "im");
    history_remember(order);
}

static void finally(void *unused)
{
    void *handle = attached(now.object);

    (void)unused;
    int64_t count = now.ops->count(now.object, handle), wanted = size_of(whole());
    if (now.ops->fini(now.object) != -EBUSY)
        check_fail("fini does not mind that a thread is attached");
    detached(now.object, handle);
    scenario_detach_idle(now.scenario, now.object, now.ops->detach);
    if (count != wanted)
        check_fail("readers are lost or invented: the count is %lld, and would be %lld if they had "
                   "come one after the other", (long long)count, (long long)wanted);
    judge_history();
    unmade(now.object);
    if (now.from)
        unmade(now.from);
}

static struct check_test test(const struct subject *s, const struct scenario *p, bool weak)
{
    now.subject = s;
    now.ops = s->ops;
    now.scenario = p;
    now.weak = weak;
    history_forget();
    return (struct check_test){ .name = p->text, .setup = setup, .body = body,
                                .thread_count = p->thread_count, .finally = finally };
}

/* ---- the family ---- */

static const char *const written[] = {
    "i0+i1", "i0+i0", "i0+i1+c", "i0,c+i1,c", "i0+i2+c,c", "i2/i0+i0", "i0,i1+i2,i3+c", "i0/i0,c+i1,c",
    /* Beside those who fill the registers of a sketch, so that every rank shows. */
    "m/i0+i1", "m/i2+i3", "m/i0+i1+c", "i0/m+i1", "i1/m+i0", "i3+m", "m/i1,i0+c,c", "m+m",
    "m/i0,c+i1,c", "m,c+i2,c", "i0,x+i1,x", "8*i0+c", NULL
};

static const struct scenario_trial trials[] = {
    { "insert", "i0,i1", offsetof(struct distinct_traits, insert) },
    { "count", "c", offsetof(struct distinct_traits, count) },
    { "merge", "m", offsetof(struct distinct_traits, merge) },
    { NULL, NULL, 0 },
};

static const struct scenario_disturbance disturbances[] = {
    { "i0", 1, false }, { "i1,i0", 1, false }, { NULL, 0, false },
};

static const void *traits(const void *ops)
{
    return ((const struct distinct_ops *)ops)->traits;
}

SCENARIO_ACCESS(distinct)

const struct scenario_family scenarios_distinct = {
    .object = "distinct", .folder = "counters/distinct",
    .letters = "icmx", .follows = { "u", "", "", "" }, .rare = 1, .prepared = true,
    .written = written,
    .identity = identity, .header = header, .choices = choices, .code = code,
    .test = test,
    .trials = trials, .disturbances = disturbances, .everything = "i0,i1,c,m", .before = "",
    .traits = traits,
};

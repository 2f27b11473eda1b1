/*
 * claps_scenario.c - scenarios over the claps for one post, held to the contract.
 *
 * In every execution: nobody gives fewer than 0 or more than 50 claps, no total is negative
 * (B1, B5), at rest the total is what was granted (B8), and handles and memory are given
 * back.  Beyond that the results are judged as the traits promise.
 */
#include <stdio.h>
#include <string.h>

#include "bench/check/claps_history.h"
#include "bench/check/history.h"
#include "bench/check/scenario.h"
#include "bench/check/scenario_family.h"

enum { POST = 0 };

static struct {
    const struct subject *subject;
    const struct claps_ops *ops;
    const struct scenario *scenario;
    struct claps_traits traits; /* the object's own */
    void *claps;
    bool weak;
    int64_t granted[SCENARIO_THREADS + 1]; /* per thread: claps granted less those taken back */
} now;

static void call_text(const struct linear_op *op, char text[HISTORY_WORDS])
{
    static const char *const names[] = { ['c'] = "clap",  ['u'] = "unclap", ['g'] = "given",
                                         ['t'] = "total", ['d'] = "remove" };

    if (op->kind == 'c' || op->kind == 'u')
        snprintf(text, HISTORY_WORDS, "%s(%u, %u)", names[op->kind], claps_argument_reader(op),
                 claps_argument_n(op));
    else if (op->kind == 'g')
        snprintf(text, HISTORY_WORDS, "%s(%u)", names[op->kind], claps_argument_reader(op));
    else
        snprintf(text, HISTORY_WORDS, "%s", names[op->kind]);
}

static void result_text(const struct linear_op *op, char text[HISTORY_WORDS])
{
    if (op->result == -ENOENT)
        history_number(op->result, text);
    else
        snprintf(text, HISTORY_WORDS, "%lld", (long long)op->result);
}

static int64_t call(const struct operation *o, void *h)
{
    const struct claps_ops *ops = now.ops;

    switch (o->kind) {
    case 'c': return ops->clap(now.claps, h, POST, o->user, (unsigned)o->n);
    case 'u': return ops->unclap(now.claps, h, POST, o->user, (unsigned)o->n);
    case 'g': return ops->given(now.claps, h, POST, o->user);
    case 't': return ops->total(now.claps, h, POST);
    default: return ops->remove(now.claps, h, POST);
    }
}

/* What no order of operations could excuse. */
static void check_bounds(const struct operation *o, int64_t result)
{
    if (result == -ENOENT)
        return;
    if (o->kind == 'g' && (result < 0 || result > CLAPS_LIMIT))
        check_fail("reader %u has given %lld claps; 0 to %d are possible", o->user,
                   (long long)result, CLAPS_LIMIT);
    if (strchr("td", o->kind) && result < 0)
        check_fail("the total of the post is %lld", (long long)result);
    if (strchr("cu", o->kind) && (result < 0 || result > o->n))
        check_fail("%lld of %d claps were granted", (long long)result, o->n);
}

static int64_t operate(const struct operation *o, void *handle, unsigned thread)
{
    struct linear_op *op = history_begin(o->kind, claps_argument(o->user, (unsigned)o->n));
    int64_t result = call(o, handle);

    history_end(op, result);
    check_bounds(o, result);
    if (result > 0 && strchr("cu", o->kind))
        now.granted[thread] += o->kind == 'c' ? result : -result;
    return result;
}

/* The result is a snapshot and not judged; the call must not disturb other operations. */
static void look_at_the_books(void)
{
    struct claps_stats s;

    check_operation_begin("stats", NULL);
    now.ops->stats(now.claps, &s);
    check_operation_end("done", NULL, NULL);
}

static void come_and_go(void *handle)
{
    if (!now.scenario->comes_and_goes || !check_again())
        return;
    now.ops->detach(now.claps, handle);
    check_that(now.ops->attach(now.claps, handle) == 0);
}

static void run_part(const struct part *p, unsigned thread)
{
    check_aside("attach");
    void *handle = check_allocate(now.ops->handle_size);
    scenario_name(handle, "handle", now.subject, thread);
    check_that(now.ops->attach(now.claps, handle) == 0);
    check_ready();
    if (now.scenario->meet)
        check_meet();
    do {
        for (unsigned i = 0; i < p->count; i++)
            if (p->ops[i].kind == 'x')
                look_at_the_books();
            else
                operate(&p->ops[i], handle, thread);
        come_and_go(handle);
    } while (check_again());
    check_done();
    check_aside("detach");
    now.ops->detach(now.claps, handle);
    check_deallocate(handle);
}

static void setup(void *unused)
{
    const struct settings settings = scenario_settings(now.subject, now.scenario,
                                                       now.scenario->one_stripe);
    const struct claps_config config = { .threads = 4 + now.scenario->idle, .posts = 1,
                                         .readers = SCENARIO_USERS,
                                         .settings = settings_as_given(&settings) };
    static const struct history_words words = { call_text, result_text };

    (void)unused;
    history_reset(&words);
    memset(now.granted, 0, sizeof now.granted);
    now.claps = check_allocate(now.ops->size);
    scenario_name(now.claps, "claps", now.subject, 0);
    check_that(now.ops->init(now.claps, &config) == 0);
    now.ops->traits_of(now.claps, &now.traits);
    scenario_attach_idle(now.scenario, now.claps, now.ops->handle_size, now.ops->attach);
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
    const struct claps_rules rules = { now.traits.grants, now.traits.totals, now.weak };

    return claps_history_possible(&rules);
}

static const char *refusal(void)
{
    if (now.weak)
        return "no order of the operations that keeps to what happens before explains the results";
    return now.traits.grants == CLAPS_QUIESCENT || now.traits.totals == CLAPS_QUIESCENT
               ? "a result fits nothing that there was meanwhile"
               : "no order of the operations explains the results";
}

static void judge_history(void)
{
    uint64_t order = now.weak ? history_order() : 0;

    if (history_known(order))
        return;
    if (!is_possible())
        history_refuse(refusal(), is_possible, "gt", "cud");
    history_remember(order);
}

/* Everybody has left: what each reader has given, and the total (B8). */
static void settle(void *handle)
{
    int64_t granted = 0;

    for (unsigned user = 0; user < SCENARIO_USERS; user++)
        if (now.scenario->users >> user & 1)
            operate(&(struct operation){ .kind = 'g', .user = user }, handle, 0);
    for (unsigned t = 0; t <= SCENARIO_THREADS; t++)
        granted += now.granted[t];
    int64_t total = operate(&(struct operation){ .kind = 't' }, handle, 0);
    if (total != -ENOENT && total != granted)
        check_fail("claps are lost or invented: the total is %lld, and %lld were granted",
                   (long long)total, (long long)granted);
}

static void finally(void *unused)
{
    void *handle = check_allocate(now.ops->handle_size);

    (void)unused;
    check_that(now.ops->attach(now.claps, handle) == 0);
    settle(handle);
    if (now.ops->fini(now.claps) != -EBUSY)
        check_fail("fini does not mind that a thread is attached");
    now.ops->detach(now.claps, handle);
    check_deallocate(handle);
    scenario_detach_idle(now.scenario, now.claps, now.ops->detach);
    scenario_ended(now.ops->fini(now.claps));
    check_deallocate(now.claps);
    judge_history();
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
    /* The incident: two who pass the bound, and two who take the same clap back. */
    "c049/c01+c01", "c01/u01+u01",
    "c01+c01", "c01+c11+t", "c01,t+c11,t", "c02,u01+t", "c02/u01+u02,t", "c049/c02+c02,g0",
    "c01+d", "c01/u01+d,t", "c01,d+c11,t", "d+d", "c01/c01+u01+t", "c01,u01+c11,u11+t,t",
    "c050/u050+c01,g0", "c01,c11/u01+c01+u11", "c01/g0+u01,c02", "c01,x+u01,x",
    "c01/u01,c01+t,g0", "=c01,u01+c02,t", "c01/d+c11,g1", "c01,c11/u01,d+u11,t", "g0,g1+c01,c12",
    "t,g0+c01", "c01,g1+c11,g0", "g1,t+c11,c01", "c01+u01,t",
    "g0,t+c01", "g0,t+c01,u01+c11",
    /* Behind a thread that stands still, others bring the post, or a reader, back to where it was. */
    "c21,c01,u01/c11+c11,u21,c01,u01", "c02/c11+c21,u01,c21", "c02/c11+c21,u02,c21",
    "16*c01+c01", NULL
};

static const struct scenario_trial trials[] = {
    { "clap", "c01", offsetof(struct claps_traits, clap) },
    { "unclap", "u01", offsetof(struct claps_traits, unclap) },
    { "given", "g0,g1", offsetof(struct claps_traits, given) },
    { "total", "t", offsetof(struct claps_traits, total) },
    { "remove", "d", offsetof(struct claps_traits, remove) },
    { NULL, NULL, 0 },
};

static const struct scenario_disturbance disturbances[] = {
    { "u01,c01", 1, false }, { "u11,c11", 1, false }, { "u02,c02,u12,c12", 2, false },
    { "u01,c01", 1, true },  { NULL, 0, false },
};

static const void *traits(const void *ops)
{
    return ((const struct claps_ops *)ops)->traits;
}

SCENARIO_ACCESS(claps)

const struct scenario_family scenarios_claps = {
    .object = "claps", .folder = "counters/claps",
    .letters = "cugtdx", .follows = { "uk", "uk", "u", "", "", "" },
    .rare = 1, .prepared = true, .written = written, /* stats is in some of these */
    .identity = identity, .header = header, .choices = choices, .code = code,
    .test = test,
    .trials = trials, .disturbances = disturbances,
    .everything = "c05,c15/c01,u01,c11,u12,g0,t,d", .before = "c05,c15/", .traits = traits,
};

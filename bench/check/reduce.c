/*
 * reduce.c - every schedule but for the order of independent steps: partial-order reduction.
 *
 * Two steps depend on each other if both touch the same bytes and one writes them, or one ends
 * an operation and the other begins one.  Executions in which all dependent steps come in the
 * same order end alike, so one of them is enough.  After each execution every race, two
 * dependent steps of different threads with none between them, names the steps that should be made
 * instead of the first; steps that were tried sleep until something that they depend on happens
 * (P. Abdulla et al., "Optimal Dynamic Partial Order Reduction", 2014: sleep sets and wake-up
 * trees, so that no execution is begun that ends like another one; but for choices of a value).
 *
 * Sequentially consistent memory only.  In it a step's effect does not depend on the order of
 * allocations, since freed memory is not reused, nor on that of plain accesses, since those that
 * are not ordered are reported in any order.
 */
#include "bench/check/reduce.h"

#include <stdlib.h>
#include <string.h>

#include "bench/check/cost.h"
#include "bench/check/exhausted.h"
#include "bench/check/state.h"
#include "bench/check/times.h"
#include "bench/check/wakeup.h"

#define NOBODY UINT32_MAX

/*
 * What fails for no reason may do so for ever: so often, in one execution, is enough.  A spinner
 * that takes turns without a reason is left to the other searches after as many.
 */
enum { UNFORCED = 2 };

/* A choice of a thread, or of a value within a step. */
struct node {
    bool is_value;
    uint8_t count, taken;                /* of a value */
    uint8_t chosen;                      /* of threads: the one that runs, */
    uint16_t enabled, done, asleep;      /* and a bit for each */
    struct wakeup *awaited;              /* what is to be tried, of those not done */
    struct wakeup *followed;             /* what is to come after the chosen one, whatever it chooses */
    struct foot feet[STATE_THREADS];     /* the next steps of those that are done or asleep */
};

/* A step of the present execution. */
struct step {
    struct foot foot;
    unsigned node, number;       /* among the steps of its thread, from 1 */
    unsigned knows[STATE_THREADS]; /* the last step of each thread that must come before, or this */
    unsigned woken_by;           /* the step before which it could not be, or NOBODY */
    uint8_t thread;
    bool forced;                 /* it could only be since no other thread could go on */
};

static struct {
    struct node *nodes;
    struct step *steps;
    struct wakeup_look *looks;
    unsigned node_room, step_room, look_room;
    unsigned length, at;   /* of the path to follow; how far this execution has come */
    unsigned step_count;
    unsigned unforced;     /* failures for no reason, and turns, in this execution */
    unsigned planned;      /* the place of the next thread among the candidates */
    bool repeats;          /* the path of an execution that has failed */
    bool cuts;             /* what follows a turn in vain, */
    bool begins_anew;      /* and it cannot: it will without that */
    unsigned woken_by[STATE_THREADS];
    bool forced[STATE_THREADS];
} reduce;

static void *grown(void *list, unsigned *room, unsigned needed, size_t size)
{
    if (needed < *room)
        return list;
    while (*room <= needed)
        *room = *room ? 2 * *room : 256;
    list = realloc(list, *room * size);
    if (!list)
        exhausted();
    return list;
}

/* ---- what a step touches ---- */

/* The final check is no step, but comes after all of them. */
static struct step *present(void)
{
    if (run.strategy != &strategy_reduced || reduce.step_count == 0)
        return NULL;
    struct step *last = &reduce.steps[reduce.step_count - 1];
    return last->thread == run.me ? last : NULL;
}

void reduce_touch(const void *base, unsigned mask, bool write)
{
    struct step *s = present();

    times_meet(base, mask, write);
    if (s)
        foot_add(&s->foot, (uintptr_t)base, (uint8_t)mask, write ? (uint8_t)mask : 0);
}

void reduce_touch_all(void)
{
    struct step *s = present();

    times_meet_all();
    if (s)
        s->foot.all = true;
}

void reduce_operation(bool begins)
{
    struct step *s = present();

    if (s && begins)
        s->foot.begins = true;
    else if (s)
        s->foot.ends = true;
}

void reduce_woke(unsigned t, bool somebody)
{
    if (run.strategy != &strategy_reduced)
        return;
    reduce.woken_by[t] = somebody && reduce.step_count ? reduce.step_count - 1 : NOBODY;
    reduce.forced[t] = !somebody;
}

/* ---- an execution ---- */

bool reduce_cuts(void)
{
    return run.strategy == &strategy_reduced && reduce.cuts && !reduce.repeats;
}

bool reduce_repeat(void)
{
    struct check_result failed = *run.result;

    reduce.repeats = true;
    schedule_execute();
    if (run.test->ended)
        run.test->ended(run.test->context);
    reduce.repeats = false;
    bool alike = run.result->verdict == failed.verdict;
    *run.result = failed;
    return alike;
}

static void forget_behind(unsigned length)
{
    while (reduce.length > length) {
        struct node *n = &reduce.nodes[--reduce.length];
        wakeup_drop(&n->awaited);
        wakeup_drop(&n->followed);
    }
}

static void reduced_begin(void)
{
    if (run.result->executions == 0) {
        forget_behind(0);
        reduce.cuts = true;
        cost_begin(run.options->executions);
    }
    reduce.at = reduce.step_count = reduce.unforced = 0;
    for (unsigned t = 0; t < STATE_THREADS; t++) {
        reduce.woken_by[t] = NOBODY;
        reduce.forced[t] = false;
    }
}

static struct node *new_node(void)
{
    reduce.nodes = grown(reduce.nodes, &reduce.node_room, reduce.length, sizeof *reduce.nodes);
    struct node *n = &reduce.nodes[reduce.length++];
    memset(n, 0, offsetof(struct node, feet));
    return n;
}

/* What the step that has just ended leaves asleep: what was asleep or done and does not meet it. */
static void inherit_sleepers(struct node *n)
{
    if (reduce.step_count == 0)
        return;
    const struct step *last = &reduce.steps[reduce.step_count - 1];
    const struct node *before = &reduce.nodes[last->node];
    for (unsigned t = 0; t < run.count; t++)
        if (((before->asleep | before->done) >> t & 1) && t != last->thread &&
            !foot_depend(&before->feet[t], &last->foot)) {
            n->asleep |= (uint16_t)(1u << t);
            n->feet[t] = before->feet[t];
        }
}

/*
 * What is awaited after the step that has just ended.  With a value in it that was not the first, the
 * steps behind it may touch something else than when they were seen: anything.
 */
static void inherit_awaited(struct node *n)
{
    if (reduce.step_count == 0)
        return;
    const struct step *last = &reduce.steps[reduce.step_count - 1];
    bool same = true;
    for (unsigned i = last->node + 1; i < reduce.length; i++)
        same &= reduce.nodes[i].taken == 0;
    n->awaited = wakeup_copy(reduce.nodes[last->node].followed, same);
}

static void choose_thread(struct node *n, unsigned t)
{
    n->chosen = (uint8_t)t;
    n->feet[t] = (struct foot){ .count = 0 };
    n->followed = wakeup_take(&n->awaited, t);
}

/* The next one that is awaited, or NOBODY. */
static unsigned first_awaited(const struct node *n)
{
    return n->awaited ? wakeup_head(n->awaited)->thread : NOBODY;
}

/*
 * With another value than before, a thread that is awaited may be unable to run.  Its branch must not
 * stay: it would seem to lead to what it does not.
 */
static void drop_what_cannot_run(struct node *n)
{
    unsigned can_run = n->enabled & ~(unsigned)n->asleep;

    for (unsigned t = 0; n->awaited && t < run.count; t++)
        if (!(can_run >> t & 1)) {
            struct wakeup *dropped = wakeup_take(&n->awaited, t);
            wakeup_drop(&dropped);
        }
}

/*
 * The first that is awaited, or the first candidate that does not sleep.  All do: another execution has
 * shown what comes.
 */
static unsigned first_awake(const struct node *n, unsigned count)
{
    unsigned awaited = first_awaited(n);

    if (awaited != NOBODY)
        return awaited;
    for (unsigned i = 0; i < count; i++)
        if (!(n->asleep >> run.candidates[i] & 1))
            return run.candidates[i];
    schedule_give_up();
}

static void keep_step(unsigned node, unsigned t)
{
    reduce.steps = grown(reduce.steps, &reduce.step_room, reduce.step_count, sizeof *reduce.steps);
    struct step *s = &reduce.steps[reduce.step_count++];
    memset(s, 0, sizeof *s);
    s->node = node;
    s->thread = (uint8_t)t;
    s->woken_by = reduce.woken_by[t];
    s->forced = reduce.forced[t];
    reduce.woken_by[t] = NOBODY;
    reduce.forced[t] = false;
}

static void reduced_plan(unsigned count, bool free)
{
    unsigned at = reduce.at++;

    if (!reduce.repeats && cost_is_too_high())
        schedule_give_up();
    if (at == reduce.length) {
        struct node *n = new_node();
        inherit_sleepers(n);
        inherit_awaited(n);
        for (unsigned i = 0; i < (free ? count : 1); i++)
            n->enabled |= (uint16_t)(1u << run.candidates[i]);
        drop_what_cannot_run(n);
        choose_thread(n, first_awake(n, free ? count : 1));
    }
    keep_step(at, reduce.nodes[at].chosen);
    for (unsigned i = 0; i < count; i++)
        if (run.candidates[i] == reduce.nodes[at].chosen) {
            reduce.planned = i;
            return;
        }
    reduce.planned = 0;
    if (reduce.repeats)
        return;
    if (!reduce.cuts)
        fail(CHECK_TOO_LONG, "the program does not repeat itself: it depends on more than its schedule");
    reduce.begins_anew = run.result->begun_anew = true; /* perhaps a turn looked like another one by chance */
    schedule_give_up();
}

static unsigned reduced_choose(enum choice_kind kind, unsigned count)
{
    if (kind == CHOICE_SWITCH || kind == CHOICE_NEXT || kind == CHOICE_TURN)
        return reduce.planned;
    bool unforced = kind == CHOICE_SPURIOUS || kind == CHOICE_AGAIN;
    if (unforced && reduce.unforced == UNFORCED) {
        run.cut |= kind == CHOICE_AGAIN;
        return 0;
    }
    unsigned at = reduce.at++;
    if (at == reduce.length) {
        struct node *n = new_node();
        n->is_value = true;
        n->count = (uint8_t)count;
    }
    reduce.unforced += unforced && reduce.nodes[at].taken;
    return reduce.nodes[at].taken;
}

/* ---- after it ---- */

static bool knows(const struct step *s, const struct step *earlier)
{
    return s->knows[earlier->thread] >= earlier->number;
}

/* Those of the steps behind i that do not have to come after it, and j. */
static unsigned sequence(unsigned i, unsigned j)
{
    unsigned count = 0;

    reduce.looks = grown(reduce.looks, &reduce.look_room, j - i, sizeof *reduce.looks);
    for (unsigned k = i + 1; k <= j; k++)
        if (k == j || !knows(&reduce.steps[k], &reduce.steps[i]))
            reduce.looks[count++] = (struct wakeup_look){ reduce.steps[k].thread, &reduce.steps[k].foot };
    return count;
}

/* A thread that can run at n comes first in v; false: there is none. */
static bool begin_enabled(const struct node *n, struct wakeup_look *v, unsigned count)
{
    for (unsigned k = 0; k < count; k++) {
        struct wakeup_look first = v[k];
        if (!(n->enabled >> first.thread & 1) || !wakeup_may_begin(v, count, first.thread, NULL))
            continue;
        memmove(&v[1], &v[0], k * sizeof *v);
        v[0] = first;
        return true;
    }
    return false;
}

/* Step j should come before step i, by what is not done yet. */
static void reverse(unsigned i, unsigned j)
{
    static const struct foot anything = { .all = true };
    struct node *n = &reduce.nodes[reduce.steps[i].node];
    unsigned count = sequence(i, j), seen = n->asleep | n->done;

    for (unsigned t = 0; t < run.count; t++)
        if ((seen >> t & 1) && wakeup_may_begin(reduce.looks, count, t, &n->feet[t]))
            return;
    if (begin_enabled(n, reduce.looks, count)) {
        wakeup_insert(&n->awaited, reduce.looks, count);
        return;
    }
    for (unsigned t = 0; t < run.count; t++) /* cannot be, but would be safe */
        if ((n->enabled & ~seen) >> t & 1 && t != n->chosen)
            wakeup_insert(&n->awaited, &(struct wakeup_look){ t, &anything }, 1);
}

static void learn(struct step *s, const struct step *from)
{
    for (unsigned t = 0; t < run.count; t++)
        if (from->knows[t] > s->knows[t])
            s->knows[t] = from->knows[t];
}

/* The last step of each other thread that this one depends on, unless it is known already. */
static unsigned predecessors(unsigned j, unsigned found[STATE_THREADS])
{
    const struct step *s = &reduce.steps[j];
    unsigned count = 0, open = 0;

    for (unsigned t = 0; t < run.count; t++)
        open |= t != s->thread ? 1u << t : 0;
    for (unsigned i = j; i-- > 0 && open;) {
        cost_so_far++;
        const struct step *e = &reduce.steps[i];
        if (!(open >> e->thread & 1))
            continue;
        if (knows(s, e)) {
            open &= ~(1u << e->thread);
        } else if (foot_depend(&e->foot, &s->foot)) {
            found[count++] = i;
            open &= ~(1u << e->thread);
        }
    }
    return count;
}

static void analyse_step(unsigned j, unsigned last[STATE_THREADS])
{
    struct step *s = &reduce.steps[j];
    unsigned found[STATE_THREADS];

    if (last[s->thread] != NOBODY) {
        learn(s, &reduce.steps[last[s->thread]]);
        s->number = reduce.steps[last[s->thread]].number;
    }
    s->knows[s->thread] = ++s->number;
    last[s->thread] = j;
    if (s->woken_by != NOBODY)
        learn(s, &reduce.steps[s->woken_by]);
    unsigned count = predecessors(j, found), races = 0;
    for (unsigned k = 0; k < count; k++) {
        bool between = s->forced;
        for (unsigned m = 0; m < count && !between; m++)
            between = m != k && knows(&reduce.steps[found[m]], &reduce.steps[found[k]]);
        races |= between ? 0 : 1u << k;
    }
    for (unsigned k = 0; k < count; k++)
        learn(s, &reduce.steps[found[k]]);
    for (unsigned k = 0; k < count; k++)
        if (races >> k & 1)
            reverse(found[k], j);
}

static void analyse(void)
{
    unsigned last[STATE_THREADS];

    for (unsigned t = 0; t < STATE_THREADS; t++)
        last[t] = NOBODY;
    for (unsigned j = 0; j < reduce.step_count && !cost_is_too_high(); j++) {
        const struct step *s = &reduce.steps[j];
        foot_unite(&reduce.nodes[s->node].feet[s->thread], &s->foot);
        analyse_step(j, last);
    }
}

/* Tries another value; or another thread, while the one that was tried sleeps. */
static bool try_another(struct node *n)
{
    if (n->is_value)
        return ++n->taken < n->count;
    n->done |= (uint16_t)(1u << n->chosen);
    wakeup_drop(&n->followed);
    unsigned next = first_awaited(n);
    if (next == NOBODY)
        return false;
    choose_thread(n, next);
    return true;
}

static bool reduced_advance(void)
{
    if (reduce.begins_anew) {
        reduce.begins_anew = reduce.cuts = false;
        forget_behind(0);
        return true;
    }
    forget_behind(reduce.at); /* an execution that ended early leaves less */
    analyse();
    if (cost_was_too_high()) {
        forget_behind(0);
        return false;
    }
    while (reduce.length > 0 && !try_another(&reduce.nodes[reduce.length - 1]))
        forget_behind(reduce.length - 1);
    return reduce.length > 0;
}

const struct strategy strategy_reduced = { reduced_choose, reduced_begin, reduced_advance,
                                           reduced_plan };

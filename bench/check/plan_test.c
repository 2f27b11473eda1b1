/*
 * plan_test.c - a plan as a test: runs the calls, then looks for an order that explains them.
 *
 * J. Wing and C. Gong, "Testing and Verifying Concurrent Objects", 1993; the states of the model
 * that were tried after the same calls are remembered (G. Lowe, "Testing for
 * Linearizability", 2017).
 */
#include "bench/check/plan.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "bench/check/exhausted.h"
#include "bench/check/state.h"

/* A call that was made: its place in time, and the steps at which it begins and ends. */
struct made {
    struct call call;
    int64_t result;
    uint64_t begin, end;
    uint32_t knows, ended; /* bits of the calls that happen before it; its end by its thread's clock */
    unsigned thread, called, returned;
};

/* What the model was tried with: the calls that were made by then, and its state. */
struct tried {
    uint32_t done;
    char *state;
};

static struct {
    struct plan plan;
    void *object;
    struct made made[PLAN_CALLS];
    unsigned count, rounds;
    struct tried *tried;
    unsigned tries, room;
} now;

static const struct check_operation *operation_of(const struct call *c)
{
    return &now.plan.structure->operations[c->operation];
}

static void call_text(const struct call *c, char *text, size_t size)
{
    const struct check_operation *o = operation_of(c);

    if (o->least != 0 || o->most != 0)
        snprintf(text, size, "%s(%lld)", o->name, (long long)c->argument);
    else
        snprintf(text, size, "%s()", o->name);
}

/* ---- making calls ---- */

static uint32_t known_calls(unsigned thread)
{
    uint32_t knows = 0;

    for (unsigned i = 0; i < now.count; i++)
        if (now.made[i].ended &&
            (now.made[i].thread == thread || check_knows(now.made[i].thread, now.made[i].ended)))
            knows |= 1u << i;
    return knows;
}

static void make_call(const struct call *c, unsigned thread)
{
    char text[96], result[32];
    struct made repeated, *m = now.plan.progress ? &repeated : &now.made[now.count++];

    *m = (struct made){ .call = *c, .thread = thread };
    if (!now.plan.progress)
        m->knows = known_calls(thread);
    call_text(c, text, sizeof text);
    check_operation_begin(text, &m->begin);
    m->called = check_step();
    m->result = operation_of(c)->call(now.object, c->argument);
    snprintf(result, sizeof result, "%lld", (long long)m->result);
    check_operation_end(result, &m->begin, &m->end);
    m->returned = check_step();
    m->ended = check_now();
}

static void setup(void *unused)
{
    (void)unused;
    now.count = now.rounds = 0;
    now.object = now.plan.structure->make();
    check_name(now.object, now.plan.structure->name, now.plan.structure->name,
               (void (*)(void))now.plan.structure->make);
    for (unsigned i = 0; i < now.plan.before.count; i++)
        make_call(&now.plan.before.calls[i], 0);
}

static void body(void *unused, unsigned thread)
{
    const struct plan_part *p = &now.plan.threads[thread - 1];
    bool last = thread == now.plan.thread_count;

    (void)unused;
    if (now.plan.progress)
        check_ready();
    do {
        now.rounds += last;
        for (unsigned i = 0; i < p->count; i++)
            make_call(&p->calls[i], thread);
    } while (now.plan.progress && (check_again() || (last && now.rounds < now.plan.rounds)));
    if (now.plan.progress)
        check_done();
}

/* ---- judging them ---- */

static bool comes_before(const struct made *a, const struct made *b)
{
    return now.plan.weak ? b->knows >> (a - now.made) & 1 : a->end < b->begin;
}

/* False if this was tried before, in vain. */
static bool try_once(uint32_t done, const void *state)
{
    size_t size = now.plan.structure->model_size;

    for (unsigned i = 0; i < now.tries; i++)
        if (now.tried[i].done == done && memcmp(now.tried[i].state, state, size) == 0)
            return false;
    if (now.tries == now.room) {
        now.room = now.room ? 2 * now.room : 64;
        now.tried = realloc(now.tried, now.room * sizeof *now.tried);
    }
    char *copy = now.tried ? malloc(size) : NULL;
    if (!copy)
        exhausted();
    memcpy(copy, state, size);
    now.tried[now.tries++] = (struct tried){ done, copy };
    return true;
}

static bool may_be_next(unsigned i, uint32_t done, uint32_t without)
{
    if ((done | without) >> i & 1)
        return false;
    for (unsigned k = 0; k < now.count; k++)
        if (!((done | without) >> k & 1) && comes_before(&now.made[k], &now.made[i]))
            return false;
    return true;
}

/* Whether some order of the calls that are not done, nor left out, explains their results. */
static bool explains(uint32_t done, uint32_t without, const void *state)
{
    size_t size = now.plan.structure->model_size;
    bool yes = (done | without) == (1u << now.count) - 1;

    if (yes || !try_once(done, state))
        return yes;
    alignas(16) char after[CHECK_MODEL_SIZE]; /* on the thread's stack, where the model may be checked too */
    for (unsigned i = 0; i < now.count && !yes; i++) {
        const struct made *m = &now.made[i];
        if (!may_be_next(i, done, without))
            continue;
        memcpy(after, state, size);
        yes = operation_of(&m->call)->model(after, m->call.argument) == m->result &&
              explains(done | 1u << i, without, after);
    }
    return yes;
}

static bool some_order(uint32_t without)
{
    alignas(16) char state[CHECK_MODEL_SIZE] = { 0 };
    bool yes = explains(0, without, state);

    while (now.tries > 0)
        free(now.tried[--now.tries].state);
    return yes;
}

static void line_of(const struct made *m, char *text, size_t size)
{
    char call[96], who[24];

    call_text(&m->call, call, sizeof call);
    snprintf(who, sizeof who, m->thread ? "thread %u" : "before", m->thread);
    int used = snprintf(text, size, "\n    %-9s %s = %lld", who, call, (long long)m->result);
    if (m->called && used > 0 && (size_t)used < size)
        snprintf(text + used, size - (size_t)used, "  called in step %u, returned in step %u",
                 m->called, m->returned);
}

/* Names the call without which the others can be explained, if there is one. */
static void culprit(char *text, size_t size)
{
    char call[96], who[24];

    text[0] = '\0';
    for (unsigned i = 0; i < now.count; i++)
        if (some_order(1u << i)) {
            call_text(&now.made[i].call, call, sizeof call);
            snprintf(who, sizeof who, now.made[i].thread ? "thread %u" : "the beginning",
                     now.made[i].thread);
            snprintf(text, size, "\n  Without %s = %lld of %s the rest can be explained.", call,
                     (long long)now.made[i].result, who);
            return;
        }
}

static void finally(void *unused)
{
    const struct check_structure *s = now.plan.structure;
    char list[CHECK_TEXT - 512] = "", line[192], without[192];

    (void)unused;
    if (!now.plan.progress && !some_order(0)) {
        for (unsigned i = 0; i < now.count; i++) {
            size_t used = strlen(list);
            line_of(&now.made[i], line, sizeof line);
            snprintf(list + used, sizeof list - used, "%s", line);
        }
        culprit(without, sizeof without);
        check_fail(PLAN_NO_ORDER ":%s%s", list, without);
    }
    if (s->destroy)
        s->destroy(now.object);
}

unsigned plan_rounds(void)
{
    return now.rounds;
}

struct check_test plan_test(const struct plan *p, const char *name)
{
    now.plan = *p;
    return (struct check_test){ .name = name, .setup = setup, .body = body,
                                .thread_count = p->thread_count, .finally = finally };
}

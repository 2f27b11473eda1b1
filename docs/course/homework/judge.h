/*
 * judge.h - what the judge's programs share: calls with their results, and whether some order of them
 * explains the results.
 *
 * A kind (kind.h beside each skeleton) says what can be called on an object, what a model of it answers
 * that one thread has to itself, and which short scenarios are tried.  The judge knows no kind.
 */
#ifndef JUDGE_H
#define JUDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

enum { JUDGE_THREADS = 3, JUDGE_STEPS = 4, JUDGE_CALLS = 16, JUDGE_ITEMS = 64, JUDGE_WORDS = 64 };
/* What an operation answers that was given up for want of memory: it then had no effect. */
#define JUDGE_NO_MEMORY (-1000000)

struct step {
    int op; /* from 1 on; 0 ends the list */
    long argument;
};

struct scenario {
    struct step before[JUDGE_STEPS];                 /* by one thread, first */
    struct step threads[JUDGE_THREADS][JUDGE_STEPS]; /* at the same time */
    struct step after[JUDGE_STEPS];                  /* by one thread, last */
};

struct call {
    int op;
    unsigned thread; /* that made it: its calls come in their order */
    long argument, result;
    unsigned long called, returned; /* of two calls the one that returned before the other was called
                                       comes first */
};

struct history {
    struct call calls[JUDGE_CALLS];
    unsigned count;
};

/* Of the kind: */
struct object;
struct model;
static int object_init(struct object *o);
static void object_fini(struct object *o);
static long object_apply(struct object *o, int op, long argument);
static long model_apply(struct model *m, int op, long argument);
static void call_words(const struct call *c, char call[JUDGE_WORDS], char answer[JUDGE_WORDS]);

#include "kind.h"

/* The threads of a scenario. */
static inline unsigned scenario_threads(const struct scenario *s)
{
    unsigned count = 0;

    while (count < JUDGE_THREADS && s->threads[count][0].op)
        count++;
    return count;
}

/*
 * Whether the calls that are not in `done` can follow a model in this state (J. Wing and C. Gong,
 * "Testing and Verifying Concurrent Objects", 1993).
 */
static inline bool explained(const struct history *h, const struct model *state, unsigned done)
{
    if (done == (1u << h->count) - 1)
        return true;
    for (unsigned i = 0; i < h->count; i++) {
        bool first = !(done >> i & 1);
        for (unsigned k = 0; k < h->count && first; k++)
            first = done >> k & 1 || (h->calls[k].returned >= h->calls[i].called &&
                                      (k >= i || h->calls[k].thread != h->calls[i].thread));
        if (!first)
            continue;
        struct model next = *state;
        const struct call *c = &h->calls[i];
        if ((c->result == JUDGE_NO_MEMORY || model_apply(&next, c->op, c->argument) == c->result) &&
            explained(h, &next, done | 1u << i))
            return true;
    }
    return false;
}

static inline bool history_is_explained(const struct history *h)
{
    struct model empty;

    memset(&empty, 0, sizeof empty);
    return explained(h, &empty, 0);
}

/* A call a line, as "thread 1  push(2)  ->  done". */
static inline void history_print(const struct history *h, FILE *out)
{
    for (unsigned i = 0; i < h->count; i++) {
        const struct call *c = &h->calls[i];
        char who[16], call[JUDGE_WORDS], answer[JUDGE_WORDS];
        snprintf(who, sizeof who, "thread %u", c->thread);
        call_words(c, call, answer);
        fprintf(out, "    %-8s  %-12s  ->  %s\n",
                c->thread == 0 ? "before" : c->thread > JUDGE_THREADS ? "after" : who, call,
                !c->returned ? "has not returned" : c->result == JUDGE_NO_MEMORY ? "no memory" : answer);
    }
}

#endif

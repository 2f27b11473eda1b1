/* wakeup.c - see wakeup.h. */
#include "bench/check/wakeup.h"

#include <stdlib.h>
#include <string.h>

#include "bench/check/cost.h"
#include "bench/check/exhausted.h"

/* ---- what a step touches ---- */

void foot_add(struct foot *f, uintptr_t base, uint8_t reads, uint8_t writes)
{
    unsigned i = 0;

    while (i < f->count && f->places[i].base != base)
        i++;
    if (i == FOOT_PLACES) {
        f->all = true;
        return;
    }
    if (i == f->count) {
        f->places[i].base = base;
        f->places[i].reads = f->places[i].writes = 0;
        f->count++;
    }
    f->places[i].reads |= reads;
    f->places[i].writes |= writes;
}

void foot_unite(struct foot *into, const struct foot *more)
{
    for (unsigned i = 0; i < more->count; i++)
        foot_add(into, more->places[i].base, more->places[i].reads, more->places[i].writes);
    into->all |= more->all;
    into->begins |= more->begins;
    into->ends |= more->ends;
}

bool foot_depend(const struct foot *a, const struct foot *b)
{
    if (a->all || b->all || (a->begins && b->ends) || (a->ends && b->begins))
        return true;
    for (unsigned i = 0; i < a->count; i++)
        for (unsigned k = 0; k < b->count; k++)
            if (a->places[i].base == b->places[k].base &&
                ((a->places[i].writes & b->places[k].reads) ||
                 (a->places[i].reads & b->places[k].writes)))
                return true;
    return false;
}

/* ---- sequences ---- */

/* The first step of thread t, or count. */
static unsigned first_of(const struct wakeup_look *v, unsigned count, unsigned t)
{
    unsigned i = 0;

    while (i < count && v[i].thread != t)
        i++;
    return i;
}

bool wakeup_may_begin(const struct wakeup_look *v, unsigned count, unsigned t, const struct foot *foot)
{
    unsigned at = first_of(v, count, t);

    cost_so_far += at + 1;
    if (at < count)
        foot = v[at].foot;
    for (unsigned i = 0; i < at; i++)
        if (foot_depend(v[i].foot, foot))
            return false;
    return true;
}

static struct wakeup *new_branch(const struct wakeup *like, unsigned depth, const struct wakeup_look *v,
                                 unsigned count)
{
    struct wakeup *b = malloc(sizeof *b + (depth + count) * sizeof *b->steps);

    if (!b)
        exhausted();
    cost_so_far += depth + count;
    b->from = 0;
    b->length = depth + count;
    for (unsigned i = 0; i < depth; i++)
        b->steps[i] = like->steps[like->from + i];
    for (unsigned i = 0; i < count; i++)
        b->steps[depth + i] = (struct wakeup_step){ (uint8_t)v[i].thread, *v[i].foot };
    return b;
}

/* The end of those branches from `at` on that are alike for one step more than `depth`. */
static struct wakeup *end_of_alike(struct wakeup *at, const struct wakeup *end, unsigned depth)
{
    unsigned t = wakeup_head(at)[depth].thread;

    do {
        cost_so_far++;
        at = at->next;
    } while (at != end && wakeup_head(at)[depth].thread == t);
    return at;
}

/*
 * Goes down the tree, at each node to the first child that may begin what is left of v.  The branches
 * from *first to `end` are those below the node.
 */
void wakeup_insert(struct wakeup **tree, struct wakeup_look *v, unsigned count)
{
    struct wakeup **first = tree, *end = NULL;
    const struct wakeup *like = NULL;

    for (unsigned depth = 0;; depth++) {
        struct wakeup **child = first;
        while (*child != end && !wakeup_may_begin(v, count, wakeup_head(*child)[depth].thread,
                                                  &wakeup_head(*child)[depth].foot)) {
            const struct wakeup *after = end_of_alike(*child, end, depth);
            while (*child != after)
                child = &(*child)->next;
        }
        if (*child == end) {
            struct wakeup *b = new_branch(like, depth, v, count);
            b->next = end;
            *child = b;
            return;
        }
        like = *child;
        first = child;
        end = end_of_alike(*child, end, depth);
        unsigned at = first_of(v, count, wakeup_head(like)[depth].thread);
        if (at < count)
            memmove(&v[at], &v[at + 1], (--count - at) * sizeof *v);
        if (like->from + depth + 1 == like->length || count == 0)
            return; /* a leaf, and all behind it will be seen; or v leads to no more than this node */
    }
}

struct wakeup *wakeup_take(struct wakeup **tree, unsigned t)
{
    struct wakeup *taken = NULL, **last = &taken;

    while (*tree) {
        struct wakeup *b = *tree;
        if (wakeup_head(b)->thread != t) {
            tree = &b->next;
            continue;
        }
        *tree = b->next;
        b->next = NULL;
        if (++b->from == b->length) {
            free(b);
        } else {
            *last = b;
            last = &b->next;
        }
    }
    return taken;
}

struct wakeup *wakeup_copy(const struct wakeup *tree, bool as_seen)
{
    struct wakeup *copied = NULL, **last = &copied;

    for (; tree; tree = tree->next) {
        unsigned length = tree->length - tree->from;
        struct wakeup *b = malloc(sizeof *b + length * sizeof *b->steps);
        if (!b)
            exhausted();
        cost_so_far += length;
        *b = (struct wakeup){ .length = length };
        memcpy(b->steps, wakeup_head(tree), length * sizeof *b->steps);
        for (unsigned i = 0; i < length && !as_seen; i++)
            b->steps[i].foot.all = true;
        *last = b;
        last = &b->next;
    }
    return copied;
}

void wakeup_drop(struct wakeup **tree)
{
    while (*tree) {
        struct wakeup *b = *tree;
        *tree = b->next;
        free(b);
    }
}

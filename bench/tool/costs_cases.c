/* costs_cases.c - the cases of the price list, and the objects that they work on. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/entries.h"
#include "bench/tool/costs_family.h"

#define ROW(OBJECT) [FAMILY_##OBJECT] = &costs_##OBJECT,
static const struct cost_family *const of_family[] = { FAMILY_EACH(ROW) };
#undef ROW

const char *cost_operation_name(const struct cost *c)
{
    if (c->family)
        return of_family[c->family->index]->operations[c->operation];
    return c->what ? "run" : "call";
}

const char *cost_heading(const struct cost *c)
{
    return c->family ? of_family[c->family->index]->heading
                     : "\nPRIMITIVES                      ns  x locked add\n";
}

static struct cost *add_case(struct costs *c, const char *strategy, const void *what)
{
    struct cost *more = realloc(c->costs, (c->count + 1) * sizeof *more);

    if (!more)
        return NULL;
    c->costs = more;
    struct cost *one = &c->costs[c->count++];
    *one = (struct cost){ .strategy = strategy, .what = what, .median = NAN };
    return one;
}

/* Primitives are functions of their own; `what` is NULL for a bare call through a pointer. */
static int add_primitive(struct costs *c, const char *name, const struct primitive *what)
{
    struct cost *one = add_case(c, name, what);

    if (!one)
        return -ENOMEM;
    snprintf(one->name, sizeof one->name, "primitive/%s", name);
    return 0;
}

static int add_strategy(struct costs *c, const struct entry *e)
{
    const char *const *operations = of_family[e->family->index]->operations;

    for (unsigned o = 0; operations[o]; o++) {
        struct cost *one = add_case(c, e->id->name, e->ops);
        if (!one)
            return -ENOMEM;
        one->family = e->family;
        one->operation = o;
        snprintf(one->name, sizeof one->name, "%s/%s/%s", e->family->name, e->id->name,
                 operations[o]);
    }
    return 0;
}

static bool wanted(const struct entry *e, char *const *strategies, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        if (entry_means(strategies[i], e->family, e->id->name))
            return true;
    return count == 0 && !(e->id->flags & (CONTEND_FLOOR | CONTEND_EXHIBIT));
}

int costs_list(struct costs *c, char *const *strategies, unsigned count)
{
    int error = add_primitive(c, "dispatch", NULL);
    struct entry e;

    for (const struct primitive *p = primitives; p->name && !error; p++)
        error = add_primitive(c, p->name, p);
    for (size_t i = 0; !error && entry_at(i, &e); i++)
        if (wanted(&e, strategies, count))
            error = add_strategy(c, &e);
    c->bench = error ? NULL : contend_alloc_aligned(sizeof *c->bench);
    if (!c->bench)
        return -ENOMEM;
    memset(c->bench, 0, sizeof *c->bench);
    return 0;
}

int cost_allocate(struct cost_bench *b, size_t object, size_t handle)
{
    b->object = contend_alloc_aligned(object);
    b->handle = contend_alloc_aligned(handle);
    return b->object && b->handle ? 0 : -ENOMEM;
}

static void free_object(struct cost_bench *b)
{
    free(b->object);
    free(b->handle);
    b->object = b->handle = NULL;
    b->owner = NULL;
}

static void close_object(struct cost_bench *b)
{
    if (!b->owner)
        return;
    of_family[b->owner->family->index]->close(b, b->owner->what);
    free_object(b);
}

void costs_free(struct costs *c)
{
    if (c->bench) {
        close_object(c->bench);
        free(c->bench->steps);
        free(c->bench);
    }
    for (size_t i = 0; i < c->count; i++)
        free(c->costs[i].ns);
    free(c->costs);
}

static void begin_primitive(struct cost_bench *b, const struct primitive *p)
{
    if (p && p->begin)
        p->begin();
    b->word = 0;
}

const char *cost_begin(struct costs *all, size_t index)
{
    struct cost_bench *b = all->bench;
    const struct cost *c = &all->costs[index];

    if (!c->family) {
        begin_primitive(b, c->what);
        return NULL;
    }
    const struct cost_family *family = of_family[c->family->index];
    if (!b->owner || b->owner->what != c->what) {
        close_object(b);
        b->failed = 0;
        int error = family->open(b, c->what);
        if (error) {
            free_object(b);
            return strerror(-error);
        }
        b->owner = c;
    }
    if (family->begin)
        family->begin(b, c->operation);
    return NULL;
}

static void nothing(void)
{
}

/* volatile: the compiler must not know the function that it calls. */
static void (*volatile callee)(void) = nothing;

static void run_primitive(const struct primitive *p, size_t n, uint64_t *word)
{
    if (p)
        p->run(n, word);
    else
        for (size_t i = 0; i < n; i++)
            callee();
}

void cost_run(struct costs *all, size_t index, size_t n)
{
    const struct cost *c = &all->costs[index];

    if (c->family)
        of_family[c->family->index]->run(all->bench, c->what, c->operation, n);
    else
        run_primitive(c->what, n, &all->bench->word);
}

const char *cost_end(struct costs *all, size_t index)
{
    struct cost_bench *b = all->bench;
    const struct cost *c = &all->costs[index];
    const struct primitive *p = c->what;

    if (!c->family) {
        if (p && p->end)
            p->end();
        return NULL;
    }
    const struct cost_family *family = of_family[c->family->index];
    if (b->failed)
        return "an operation failed";
    return family->end ? family->end(b, c->what, c->operation) : NULL;
}

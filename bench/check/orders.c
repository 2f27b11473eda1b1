/*
 * orders.c - which memory orders are stronger than the test needs.
 *
 * Each access of the code under test is tried with weaker orders, the weakest first, until one
 * is found with which no execution fails; it keeps that one while the next accesses are tried, so
 * that the orders at the end hold together (J. Oberhauser et al., "VSync: Push-Button
 * Verification and Optimization for Synchronization Primitives on Weak Memory Models", 2021).
 * Accesses of one line and kind that ask for the same order are one: a function may have been inlined at
 * several places.  Those of another order are not: a relaxed load beside an acquire load stays relaxed.
 */
#include <errno.h>
#include <string.h>

#include "bench/check/state.h"

enum { MOST = 256 };

struct site {
    char line[64];
    enum order_kind kind;
    int given, tried;
};

struct known {
    const void *pc;
    enum order_kind kind;
    int given;
    struct site *site; /* NULL = it is tried with no other order */
};

static struct {
    bool collects, applies;
    struct site sites[MOST];
    unsigned count;
    struct known known[4 * MOST]; /* by code address, kind and order: looked up in each step */
} orders;

/* Weakest first. */
static const int of_loads[] = { __ATOMIC_RELAXED, __ATOMIC_ACQUIRE, __ATOMIC_SEQ_CST };
static const int of_stores[] = { __ATOMIC_RELAXED, __ATOMIC_RELEASE, __ATOMIC_SEQ_CST };
static const int of_updates[] = { __ATOMIC_RELAXED, __ATOMIC_ACQUIRE, __ATOMIC_RELEASE,
                                  __ATOMIC_ACQ_REL, __ATOMIC_SEQ_CST };

static const int *ladder(enum order_kind kind)
{
    return kind == ORDER_LOAD ? of_loads : kind == ORDER_STORE ? of_stores : of_updates;
}

/* Whether `weak` asks for less than `strong` in every respect. */
static bool is_weaker(int weak, int strong)
{
    if (weak == strong || strong == __ATOMIC_RELAXED)
        return false;
    if (weak == __ATOMIC_RELAXED || strong == __ATOMIC_SEQ_CST)
        return true;
    return strong == __ATOMIC_ACQ_REL && weak != __ATOMIC_SEQ_CST;
}

static struct site *site_of(enum order_kind kind, int order, const void *pc)
{
    char line[64];
    struct site *s = orders.sites;
    int own = errno; /* the checked code's, which looking for the line must not change */

    if (order == __ATOMIC_RELAXED)
        return NULL;
    source_line(pc, line, sizeof line);
    errno = own;
    while (s < orders.sites + orders.count &&
           (s->kind != kind || s->given != order || strcmp(s->line, line) != 0))
        s++;
    if (s == orders.sites + orders.count) {
        if (orders.count == MOST || !orders.collects)
            return NULL;
        *s = (struct site){ .kind = kind, .given = order, .tried = order };
        memcpy(s->line, line, sizeof line);
        orders.count++;
    }
    return s;
}

int orders_apply(enum order_kind kind, int order, const void *pc)
{
    enum { SLOTS = sizeof orders.known / sizeof *orders.known };

    if (!orders.collects && !orders.applies)
        return order;
    size_t i = ((uintptr_t)pc ^ (uintptr_t)kind << 7 ^ (uintptr_t)order << 11) * UINT64_C(0x9e3779b97f4a7c15) >> 54;
    for (unsigned tries = 0; tries < SLOTS; tries++, i = (i + 1) % SLOTS) {
        struct known *k = &orders.known[i];
        if (!k->pc)
            *k = (struct known){ pc, kind, order, site_of(kind, order, pc) };
        if (k->pc == pc && k->kind == kind && k->given == order)
            return k->site && orders.applies ? k->site->tried : order;
    }
    return order;
}

/* ---- trying ---- */

/* One test in every way; the context of check_orders(). */
struct one_test {
    const struct check_test *test;
    const struct check_options *base;
};

static bool one_survives(void *context)
{
    const struct one_test *one = context;
    const struct check_options *base = one->base;
    static const struct check_options ways[] = {
        { .mode = CHECK_WEAK, .strategy = CHECK_RANDOM },
        { .mode = CHECK_WEAK, .strategy = CHECK_DEPTH_FIRST },
        { .mode = CHECK_SC, .strategy = CHECK_DEPTH_FIRST },
    };
    bool good = true;

    for (unsigned w = 0; w < sizeof ways / sizeof *ways && good; w++) {
        struct check_options o = ways[w];
        o.executions = base->executions ? base->executions : 10000;
        o.seconds = base->seconds;
        o.seed = base->seed;
        o.interrupted = base->interrupted;
        good = check_run(one->test, &o).verdict == CHECK_PASSED;
    }
    return good;
}

/* Nothing is known of what an interrupted run was trying. */
static bool came(const struct check_orders_question *q)
{
    return q->interrupted && q->interrupted();
}

static void weaken(const struct check_orders_question *q, struct site *s)
{
    for (const int *order = ladder(s->kind); *order != __ATOMIC_SEQ_CST; order++) {
        if (!is_weaker(*order, s->given))
            continue;
        s->tried = *order;
        if (q->survives(q->context) && !came(q))
            return;
    }
    s->tried = s->given;
}

static const char *name_of(enum order_kind kind, int order)
{
    static const char *const names[] = {
        [__ATOMIC_RELAXED] = "relaxed", [__ATOMIC_CONSUME] = "consume",
        [__ATOMIC_ACQUIRE] = "acquire", [__ATOMIC_RELEASE] = "release",
        [__ATOMIC_ACQ_REL] = "acq_rel", [__ATOMIC_SEQ_CST] = "seq_cst"
    };

    return kind == ORDER_FENCE && order == __ATOMIC_RELAXED ? "none" : names[order];
}

unsigned check_orders(const struct check_test *test, const struct check_options *options, FILE *out)
{
    struct one_test one = { test, options };
    const struct check_orders_question q = { test->name, one_survives, &one, options->interrupted };

    return check_orders_of(&q, out);
}

unsigned check_orders_of(const struct check_orders_question *q, FILE *out)
{
    static const char *const kinds[] = { [ORDER_LOAD] = "load", [ORDER_STORE] = "store",
                                         [ORDER_UPDATE] = "update", [ORDER_FENCE] = "fence" };
    unsigned weaker = 0;

    memset(&orders, 0, sizeof orders);
    orders.collects = true;
    bool good = q->survives(q->context);
    orders.collects = false;
    if (!good) {
        fprintf(out, "%s: fails as it is; see what it needs first\n", q->name);
        return 0;
    }
    orders.applies = true;
    struct site *untried = orders.sites;
    for (; untried < orders.sites + orders.count && !came(q); untried++)
        weaken(q, untried);
    orders.applies = false;
    fprintf(out, "%s: the weakest orders with which no execution was seen to fail\n\n"
            "  %-24s %-8s %-8s  weakest\n", q->name, "source", "access", "given");
    for (const struct site *s = orders.sites; s < orders.sites + orders.count; s++) {
        bool less = s->tried != s->given;
        weaker += less;
        fprintf(out, "  %-24s %-8s %-8s  %s\n", s->line, kinds[s->kind], name_of(s->kind, s->given),
                less ? name_of(s->kind, s->tried) : s < untried ? "the same" : "not tried");
    }
    fprintf(out, "\n%u of %u may be weaker, all of these together, as far as this test shows\n",
            weaker, orders.count);
    return weaker;
}

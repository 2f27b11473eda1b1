/* program.c - random programs: made, printed, and explored by the checker. */
#include "tests/bench/check/program.h"

#include <string.h>

enum { VALUES = 3 };

void outcomes_add(struct outcomes *set, uint64_t outcome)
{
    unsigned at = 0;

    while (at < set->count && set->of[at] < outcome)
        at++;
    if (at < set->count && set->of[at] == outcome)
        return;
    if (set->count == PROGRAM_OUTCOMES) {
        set->overflow = true;
        return;
    }
    memmove(&set->of[at + 1], &set->of[at], (set->count - at) * sizeof *set->of);
    set->of[at] = outcome;
    set->count++;
}

bool outcomes_have(const struct outcomes *set, uint64_t outcome)
{
    for (unsigned i = 0; i < set->count; i++)
        if (set->of[i] == outcome)
            return true;
    return false;
}

uint64_t program_outcome(const struct program *p, int read[][PROGRAM_LENGTH], const int *last)
{
    uint64_t outcome = 0;
    unsigned slot = 0;

    for (unsigned t = 0; t < p->threads; t++)
        for (unsigned i = 0; i < p->length[t]; i++)
            if (op_reads(&p->op[t][i]))
                outcome |= (uint64_t)(read[t][i] & 15) << (4 * slot++);
    for (unsigned place = 0; place < PROGRAM_PLACES; place++)
        outcome |= (uint64_t)(last[place] & 15) << (4 * slot++);
    return outcome;
}

/* ---- chance ---- */

static int any_of(struct random *r, const int *list, unsigned count)
{
    return list[random_below(r, count)];
}

/* What half the orders of a program are: chance alone seldom puts two where they meet. */
enum flavour { RELAXED, RELEASE_ACQUIRE, SEQ_CST, FLAVOURS };

static int any_order(struct random *r, enum op_kind kind, enum flavour flavour)
{
    static const int loads[] = { __ATOMIC_RELAXED, __ATOMIC_ACQUIRE, __ATOMIC_SEQ_CST };
    static const int stores[] = { __ATOMIC_RELAXED, __ATOMIC_RELEASE, __ATOMIC_SEQ_CST };
    static const int all[] = { __ATOMIC_RELAXED, __ATOMIC_ACQ_REL, __ATOMIC_SEQ_CST,
                               __ATOMIC_ACQUIRE, __ATOMIC_RELEASE };
    bool flavoured = random_below(r, 2) == 0;

    if (kind == OP_FENCE)
        return flavoured ? __ATOMIC_SEQ_CST : any_of(r, all + 1, 4);
    const int *list = kind == OP_LOAD ? loads : kind == OP_STORE ? stores : all;
    return flavoured ? list[flavour] : any_of(r, list, list == all ? 5 : 3);
}

static struct op any_access(struct random *r, enum flavour flavour, unsigned place)
{
    static const int kinds[] = { OP_LOAD, OP_LOAD, OP_LOAD, OP_LOAD, OP_STORE, OP_STORE, OP_STORE,
                                 OP_EXCHANGE, OP_ADD, OP_CAS };
    struct op op = { .kind = (enum op_kind)any_of(r, kinds, sizeof kinds / sizeof *kinds),
                     .place = place };

    op.order = any_order(r, op.kind, flavour);
    op.failure = any_order(r, OP_LOAD, flavour);
    op.value = 1 + (int)random_below(r, VALUES);
    op.expected = (int)random_below(r, VALUES);
#ifndef __clang__ /* which lowers a weak swap to a strong one */
    op.weak = random_below(r, 2);
#endif
    return op;
}

static struct op any_fence(struct random *r)
{
    return (struct op){ .kind = OP_FENCE, .order = any_order(r, OP_FENCE, RELAXED) };
}

/* Guarded, as a rule: without a branch nothing is ever safe. */
static struct op any_plain(struct random *r, enum op_kind kind)
{
    int guard = random_below(r, 4) == 0 ? UNGUARDED : (int)random_below(r, VALUES + 1);

    return (struct op){ .kind = kind, .value = 1, .expected = guard };
}

static void insert(struct random *r, struct program *p, unsigned t, struct op op)
{
    unsigned at = (unsigned)random_below(r, p->length[t] + 1);

    if (p->length[t] == PROGRAM_LENGTH)
        return;
    memmove(&p->op[t][at + 1], &p->op[t][at], (p->length[t] - at) * sizeof op);
    p->op[t][at] = op;
    p->length[t]++;
}

/*
 * Each thread accesses one place and then the next, so that all of them make a cycle:
 * message passing, store buffering and similar (Alglave et al., "Fences in weak
 * memory models", CAV 2010).  Some have one access only, some a fence between the two.
 */
static struct program any_cycle(struct random *r, enum flavour flavour)
{
    struct program p = { .threads = 2 + (unsigned)random_below(r, PROGRAM_THREADS - 1) };
    unsigned ring = 2 + (unsigned)random_below(r, p.threads > 2 ? 2 : 1);

    for (unsigned t = 0; t < p.threads; t++) {
        bool one = p.threads > 2 && random_below(r, 2) == 0;
        p.op[t][p.length[t]++] = any_access(r, flavour, t % ring);
        if (!one && random_below(r, 2) == 0)
            p.op[t][p.length[t]++] = any_fence(r);
        if (!one)
            p.op[t][p.length[t]++] = any_access(r, flavour, (t + 1) % ring);
    }
    return p;
}

static unsigned size_of(const struct program *p)
{
    unsigned size = 0;

    for (unsigned t = 0; t < p->threads; t++)
        size += p->length[t];
    return size;
}

struct program program_random(struct random *r, unsigned most, bool plain)
{
    struct program p;

    do {
        enum flavour flavour = (enum flavour)random_below(r, FLAVOURS);
        p = any_cycle(r, flavour);
        for (unsigned extra = (unsigned)random_below(r, 3); extra; extra--) {
            unsigned t = (unsigned)random_below(r, p.threads);
            unsigned place = p.op[t][p.length[t] - 1].place; /* a thread's own store, or a sequence of them */
            insert(r, &p, t, random_below(r, 4) ? any_access(r, flavour, place) : any_fence(r));
        }
        if (plain) { /* in two threads: a write, and either */
            unsigned t = (unsigned)random_below(r, p.threads);
            insert(r, &p, t, any_plain(r, OP_WRITE));
            insert(r, &p, (t + 1) % p.threads, any_plain(r, random_below(r, 2) ? OP_READ : OP_WRITE));
        }
    } while (size_of(&p) > most);
    return p;
}

/* ---- printing ---- */

static const char *const places[PROGRAM_PLACES] = { "x", "y", "z" };

static void print_op(const struct op *op, FILE *out)
{
    static const char *const orders[] = { "relaxed", "consume", "acquire", "release", "acq_rel",
                                          "seq_cst" };
    const char *place = places[op->place], *order = orders[op->order];

    switch (op->kind) {
    case OP_LOAD: fprintf(out, "load(%s, %s)", place, order); break;
    case OP_STORE: fprintf(out, "store(%s, %d, %s)", place, op->value, order); break;
    case OP_EXCHANGE: fprintf(out, "exchange(%s, %d, %s)", place, op->value, order); break;
    case OP_ADD: fprintf(out, "add(%s, %d, %s)", place, op->value, order); break;
    case OP_CAS:
        fprintf(out, "%scas(%s, %d -> %d, %s, %s)", op->weak ? "weak " : "", place, op->expected,
                op->value, order, orders[op->failure]);
        break;
    case OP_FENCE: fprintf(out, "fence(%s)", order); break;
    case OP_READ:
    case OP_WRITE:
        if (op->expected != UNGUARDED)
            fprintf(out, "if (last read == %d) ", op->expected);
        fputs(op->kind == OP_READ ? "read(plain)" : "write(plain)", out);
        break;
    }
}

void program_print(const struct program *p, FILE *out)
{
    for (unsigned t = 0; t < p->threads; t++) {
        fprintf(out, "  thread %u:", t + 1);
        for (unsigned i = 0; i < p->length[t]; i++) {
            fputc(' ', out);
            print_op(&p->op[t][i], out);
            fputc(';', out);
        }
        fputc('\n', out);
    }
}

void program_print_outcome(const struct program *p, uint64_t outcome, FILE *out)
{
    unsigned slot = 0;

    fputs("  reads", out);
    for (unsigned t = 0; t < p->threads; t++, fputs(t < p->threads ? " |" : "", out))
        for (unsigned i = 0; i < p->length[t]; i++)
            if (op_reads(&p->op[t][i]))
                fprintf(out, " %u", (unsigned)(outcome >> (4 * slot++) & 15));
    fputs(", at the end", out);
    for (unsigned place = 0; place < PROGRAM_PLACES; place++)
        fprintf(out, " %s = %u", places[place], (unsigned)(outcome >> (4 * slot++) & 15));
    fputc('\n', out);
}

/* ---- exploring ---- */

struct exploration {
    const struct program *p;
    struct outcomes *found;
    int read[PROGRAM_THREADS][PROGRAM_LENGTH];
};

static void setup(void *unused)
{
    (void)unused;
    program_reset();
}

static void body(void *context, unsigned thread)
{
    struct exploration *e = context;
    unsigned t = thread - 1;
    int last = 0;

    for (unsigned i = 0; i < e->p->length[t]; i++) {
        const struct op *op = &e->p->op[t][i];
        if (op_is_done(op, last))
            e->read[t][i] = program_do(op);
        if (op_reads(op))
            last = e->read[t][i];
    }
}

static void finally(void *context)
{
    struct exploration *e = context;
    int last[PROGRAM_PLACES];

    for (unsigned place = 0; place < PROGRAM_PLACES; place++)
        last[place] = program_last(place);
    outcomes_add(e->found, program_outcome(e->p, e->read, last));
}

struct check_result program_explore(const struct program *p, enum check_mode mode,
                                    enum check_strategy strategy, struct outcomes *found)
{
    struct exploration e = { .p = p, .found = found };
    const struct check_test test = { .name = "program", .setup = setup, .body = body,
                                     .thread_count = p->threads, .finally = finally,
                                     .context = &e };
    const struct check_options options = { .mode = mode, .strategy = strategy, .bound = 1000 };

    memset(found, 0, sizeof *found);
    return check_run(&test, &options);
}

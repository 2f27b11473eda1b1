/* axioms.c - candidate executions of a small program, as relations between its events. */
#include "tests/bench/check/axioms.h"

#include <string.h>

enum { INITIAL = PROGRAM_PLACES, EVENTS = INITIAL + PROGRAM_THREADS * PROGRAM_LENGTH };

/* A set of events, and a relation: row i is the set of events that i is related to. */
typedef uint32_t event_set;
struct relation {
    event_set row[EVENTS];
};

struct node {
    const struct op *op; /* NULL: the first value of a place */
    unsigned thread, place;
    int order;           /* of a compare-and-swap: by how it ended */
    bool reads, writes;
};

/* One candidate execution, while it is being chosen. */
struct candidate {
    const struct program *p;
    struct node node[EVENTS];
    unsigned count;
    unsigned writer[PROGRAM_PLACES][EVENTS], writers[PROGRAM_PLACES]; /* in modification order */
    unsigned source[EVENTS]; /* the store that each reader reads from */
    int read[EVENTS], written[EVENTS];
    struct axioms *result;
};

#define HAS(set, i) ((set) >> (i) & 1)
#define EACH(i, c) unsigned i = 0; i < (c)->count; i++

/* ---- relations ---- */

static void close_over(struct relation *r, unsigned count)
{
    for (unsigned k = 0; k < count; k++)
        for (unsigned i = 0; i < count; i++)
            if (HAS(r->row[i], k))
                r->row[i] |= r->row[k];
}

static struct relation unite(const struct relation *a, const struct relation *b)
{
    struct relation both;

    for (unsigned i = 0; i < EVENTS; i++)
        both.row[i] = a->row[i] | b->row[i];
    return both;
}

/* i is related to k if a relates i to some j and b relates j to k. */
static struct relation compose(const struct relation *a, const struct relation *b, unsigned count)
{
    struct relation both = { { 0 } };

    for (unsigned i = 0; i < count; i++)
        for (unsigned j = 0; j < count; j++)
            if (HAS(a->row[i], j))
                both.row[i] |= b->row[j];
    return both;
}

static bool is_irreflexive(const struct relation *r, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        if (HAS(r->row[i], i))
            return false;
    return true;
}

static bool is_acyclic(struct relation r, unsigned count)
{
    close_over(&r, count);
    return is_irreflexive(&r, count);
}

/* ---- the relations of a candidate ---- */

static bool is_fence(const struct node *n)
{
    return n->op && n->op->kind == OP_FENCE;
}

static bool is_plain(const struct node *n)
{
    return n->op && op_is_plain(n->op);
}

static bool is_sc(const struct node *n)
{
    return n->op && !is_plain(n) && n->order == __ATOMIC_SEQ_CST;
}

static bool releases(const struct node *n)
{
    return n->op && (n->order == __ATOMIC_RELEASE || n->order == __ATOMIC_ACQ_REL ||
                     n->order == __ATOMIC_SEQ_CST);
}

static bool acquires(const struct node *n)
{
    return n->op && (n->order == __ATOMIC_ACQUIRE || n->order == __ATOMIC_ACQ_REL ||
                     n->order == __ATOMIC_SEQ_CST);
}

/* Sequenced before; the first values are before everything. */
static struct relation sequenced(const struct candidate *c)
{
    struct relation sb = { { 0 } };

    for (EACH(i, c))
        for (EACH(j, c))
            if (c->node[j].op &&
                (!c->node[i].op || (i < j && c->node[i].thread == c->node[j].thread)))
                sb.row[i] |= 1u << j;
    return sb;
}

static struct relation reads_from(const struct candidate *c)
{
    struct relation rf = { { 0 } };

    for (EACH(i, c))
        if (c->node[i].reads)
            rf.row[c->source[i]] |= 1u << i;
    return rf;
}

static struct relation modified_before(const struct candidate *c)
{
    struct relation mo = { { 0 } };

    for (unsigned place = 0; place < PROGRAM_PLACES; place++)
        for (unsigned i = 0; i < c->writers[place]; i++)
            for (unsigned j = i + 1; j < c->writers[place]; j++)
                mo.row[c->writer[place][i]] |= 1u << c->writer[place][j];
    return mo;
}

/* From-reads: a reader comes before each event that overwrites its value, itself excepted. */
static struct relation reads_before(const struct candidate *c, const struct relation *mo)
{
    struct relation rb = { { 0 } };

    for (EACH(i, c))
        if (c->node[i].reads)
            rb.row[i] = mo->row[c->source[i]] & ~(1u << i);
    return rb;
}

/* `at`, if it publishes or learns, and the fences of its thread that do so for it. */
static event_set with_fences(const struct candidate *c, unsigned at, bool release)
{
    bool (*has_order)(const struct node *) = release ? releases : acquires;
    event_set set = has_order(&c->node[at]) ? 1u << at : 0;

    for (EACH(i, c))
        if (is_fence(&c->node[i]) && c->node[i].thread == c->node[at].thread &&
            (release ? i < at : i > at) && has_order(&c->node[i]))
            set |= 1u << i;
    return set;
}

/* A read synchronizes with the head of each release sequence that it reads from. */
static struct relation synchronizes(const struct candidate *c)
{
    struct relation sw = { { 0 } };

    for (EACH(i, c)) {
        if (!c->node[i].reads)
            continue;
        event_set to = with_fences(c, i, false);
        for (unsigned head = c->source[i]; c->node[head].op; head = c->source[head]) {
            event_set from = with_fences(c, head, true);
            for (EACH(k, c))
                if (HAS(from, k))
                    sw.row[k] |= to;
            if (!c->node[head].reads)
                break; /* only read-modify-writes continue the sequence of another */
        }
    }
    return sw;
}

/*
 * What the one order S of the sequentially consistent operations must contain
 * ([atomics.order], 4): what strongly happens before, and what is coherence-ordered
 * before, there and back through fences.
 */
static struct relation ordered_by_sc(const struct candidate *c, const struct relation *sb,
                                     const struct relation *sw, const struct relation *hb,
                                     const struct relation *eco)
{
    struct relation shb = compose(sb, hb, c->count), s = { { 0 } };
    event_set sc = 0;

    shb = compose(&shb, sb, c->count);
    shb = unite(&shb, sb);
    for (EACH(i, c))
        if (is_sc(&c->node[i]))
            sc |= 1u << i;
    for (EACH(i, c))
        for (EACH(j, c))
            if (HAS(sw->row[i], j) && HAS(sc, i) && HAS(sc, j) && !is_fence(&c->node[i]) &&
                !is_fence(&c->node[j]))
                shb.row[i] |= 1u << j;
    close_over(&shb, c->count);
    for (EACH(a, c))
        for (EACH(b, c)) {
            if (!HAS(eco->row[a], b))
                continue;
            event_set from = HAS(sc, a) ? 1u << a : 0, to = HAS(sc, b) ? 1u << b : 0;
            for (EACH(x, c)) {
                if (is_fence(&c->node[x]) && HAS(sc, x) && HAS(hb->row[x], a))
                    from |= 1u << x;
                if (is_fence(&c->node[x]) && HAS(sc, x) && HAS(hb->row[b], x))
                    to |= 1u << x;
            }
            for (EACH(x, c))
                if (HAS(from, x))
                    s.row[x] |= to;
        }
    for (EACH(i, c))
        if (HAS(sc, i))
            s.row[i] |= shb.row[i] & sc;
    return s;
}

/* The plain accesses that are executed. */
static event_set plain_ones(const struct candidate *c)
{
    event_set set = 0;
    int last = 0;

    for (EACH(i, c)) {
        if (i == 0 || c->node[i].thread != c->node[i - 1].thread)
            last = 0;
        if (c->node[i].reads)
            last = c->read[i];
        if (is_plain(&c->node[i]) && op_is_done(c->node[i].op, last))
            set |= 1u << i;
    }
    return set;
}

static bool races(const struct candidate *c, const struct relation *hb)
{
    event_set plain = plain_ones(c);

    for (EACH(i, c))
        for (EACH(j, c))
            if (HAS(plain, i) && HAS(plain, j) && i < j &&
                (c->node[i].op->kind == OP_WRITE || c->node[j].op->kind == OP_WRITE) &&
                !HAS(hb->row[i], j) && !HAS(hb->row[j], i))
                return true;
    return false;
}

/* ---- judging and choosing ---- */

static uint64_t outcome_of(const struct candidate *c)
{
    int read[PROGRAM_THREADS][PROGRAM_LENGTH] = { { 0 } }, last[PROGRAM_PLACES];

    for (EACH(i, c))
        if (c->node[i].reads)
            read[c->node[i].thread][c->node[i].op - c->p->op[c->node[i].thread]] = c->read[i];
    for (unsigned place = 0; place < PROGRAM_PLACES; place++)
        last[place] = c->written[c->writer[place][c->writers[place] - 1]];
    return program_outcome(c->p, read, last);
}

static void judge(const struct candidate *c)
{
    struct relation sb = sequenced(c), rf = reads_from(c), mo = modified_before(c);
    struct relation rb = reads_before(c, &mo), sw = synchronizes(c), hb = unite(&sb, &sw);
    struct relation eco = unite(&rf, &mo), causes = unite(&sb, &rf);

    close_over(&hb, c->count);
    eco = unite(&eco, &rb);
    close_over(&eco, c->count);
    struct relation both = compose(&hb, &eco, c->count);
    if (!is_irreflexive(&hb, c->count) || !is_irreflexive(&eco, c->count) ||
        !is_irreflexive(&both, c->count) || !is_acyclic(causes, c->count))
        return;
    struct relation s = ordered_by_sc(c, &sb, &sw, &hb, &eco);
    if (!is_acyclic(s, c->count))
        return;
    bool reachable = is_acyclic(unite(&causes, &s), c->count), race = races(c, &hb);
    outcomes_add(&c->result->allowed, outcome_of(c));
    c->result->race_allowed |= race;
    if (reachable) {
        outcomes_add(&c->result->reachable, outcome_of(c));
        c->result->race_reachable |= race;
    }
}

/* Values follow the order of modifications; a compare-and-swap must end as was chosen. */
static bool give_values(struct candidate *c)
{
    for (unsigned place = 0; place < PROGRAM_PLACES; place++)
        for (unsigned i = 0; i < c->writers[place]; i++) {
            unsigned w = c->writer[place][i];
            const struct op *op = c->node[w].op;
            if (c->node[w].reads)
                c->read[w] = c->written[c->source[w]];
            if (op)
                c->written[w] = op->value + (op->kind == OP_ADD ? c->read[w] : 0);
        }
    for (EACH(i, c)) {
        const struct node *n = &c->node[i];
        if (n->reads && !n->writes)
            c->read[i] = c->written[c->source[i]];
        bool expects = n->op && n->op->kind == OP_CAS && c->read[i] == n->op->expected;
        if (n->op && n->op->kind == OP_CAS && expects != n->writes && !(expects && n->op->weak))
            return false;
    }
    return true;
}

/* Every source for each event from `at` on that only reads. */
static void choose_sources(struct candidate *c, unsigned at)
{
    while (at < c->count && (!c->node[at].reads || c->node[at].writes))
        at++;
    if (at == c->count) {
        if (give_values(c))
            judge(c);
        return;
    }
    unsigned place = c->node[at].place;
    for (unsigned i = 0; i < c->writers[place]; i++) {
        c->source[at] = c->writer[place][i];
        choose_sources(c, at + 1);
    }
}

/*
 * Every order of the writers of each place from `place` on; a read-modify-write reads the
 * one before.
 */
static void choose_orders(struct candidate *c, unsigned place, event_set left)
{
    if (place == PROGRAM_PLACES) {
        choose_sources(c, 0);
        return;
    }
    bool chosen = false;
    for (EACH(i, c)) {
        if (!HAS(left, i) || c->node[i].place != place)
            continue;
        chosen = true;
        c->source[i] = c->writer[place][c->writers[place] - 1];
        c->writer[place][c->writers[place]++] = i;
        choose_orders(c, place, left & ~(1u << i));
        c->writers[place]--;
    }
    if (!chosen)
        choose_orders(c, place + 1, left);
}

/* Every way in which the compare-and-swaps from event `at` on can end. */
static void choose_ends(struct candidate *c, unsigned at)
{
    while (at < c->count && (!c->node[at].op || c->node[at].op->kind != OP_CAS))
        at++;
    if (at == c->count) {
        event_set left = 0;
        for (EACH(i, c))
            if (c->node[i].op && c->node[i].writes)
                left |= 1u << i;
        choose_orders(c, 0, left);
        return;
    }
    for (int success = 0; success < 2; success++) {
        c->node[at].writes = success;
        c->node[at].order = success ? c->node[at].op->order : c->node[at].op->failure;
        choose_ends(c, at + 1);
    }
}

void axioms_judge(const struct program *p, struct axioms *result)
{
    static struct candidate c;

    memset(&c, 0, sizeof c);
    memset(result, 0, sizeof *result);
    c.p = p;
    c.result = result;
    for (unsigned place = 0; place < PROGRAM_PLACES; place++) {
        c.writer[place][0] = c.count;
        c.writers[place] = 1;
        c.node[c.count++] = (struct node){ .place = place, .writes = true };
    }
    for (unsigned t = 0; t < p->threads; t++)
        for (unsigned i = 0; i < p->length[t]; i++) {
            const struct op *op = &p->op[t][i];
            c.node[c.count++] = (struct node){
                .op = op, .thread = t, .place = op->place, .order = op->order,
                .reads = op_reads(op),
                .writes = op->kind >= OP_STORE && op->kind <= OP_ADD,
            };
        }
    choose_ends(&c, 0);
}

/* ---- interleavings ---- */

struct interleaving {
    const struct program *p;
    unsigned at[PROGRAM_THREADS];
    int place[PROGRAM_PLACES], read[PROGRAM_THREADS][PROGRAM_LENGTH];
};

static void step(const struct op *op, bool fails, int *place, int *read)
{
    *read = *place;
    if (op->kind == OP_ADD)
        *place += op->value;
    else if (op->kind == OP_STORE || op->kind == OP_EXCHANGE ||
             (op->kind == OP_CAS && *place == op->expected && !fails))
        *place = op->value;
}

static void interleave(struct interleaving now, struct outcomes *result)
{
    bool ended = true;

    for (unsigned t = 0; t < now.p->threads; t++) {
        if (now.at[t] == now.p->length[t])
            continue;
        ended = false;
        const struct op *op = &now.p->op[t][now.at[t]];
        for (int fails = 0; fails <= op->weak; fails++) {
            struct interleaving next = now;
            step(op, fails, &next.place[op->place], &next.read[t][next.at[t]++]);
            interleave(next, result);
        }
    }
    if (ended)
        outcomes_add(result, program_outcome(now.p, now.read, now.place));
}

void axioms_interleave(const struct program *p, struct outcomes *result)
{
    memset(result, 0, sizeof *result);
    interleave((struct interleaving){ .p = p }, result);
}

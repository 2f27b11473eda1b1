/* loads.c - bounded claps under threads: a crowd with its books, and short histories. */
#include <stdlib.h>

#include "bench/check/linear.h"
#include "tests/support/load.h"
#include "tests/support/support.h"

enum { READERS = 3, POSTS = 2, KEPT = 0, DOOMED = 1, COME_AND_GO = 1000, ROUND_OPS = 30,
       LEAST_ROUNDS = 25, ROUNDS = 200 };

static void make(struct claps_rig *rig, const struct claps_ops *ops, const struct load *load)
{
    struct claps_config config = { .posts = POSTS, .readers = READERS };

    if (load->settings)
        config.settings = *load->settings;
    claps_rig_up(rig, ops, &config);
}

static void *attach(const struct claps_ops *ops, void *object)
{
    void *handle = support_alloc(ops->handle_size);

    if (ops->attach(object, handle) != 0)
        abort();
    return handle;
}

static void detach(const struct claps_ops *ops, void *object, void *handle)
{
    ops->detach(object, handle);
    free(handle);
}

/* ---- the crowd ---- */

struct crowded {
    const struct claps_ops *ops;
    const struct load *load;
    struct finding *finding;
    void *object;
    uint64_t began;
    _Atomic int64_t granted[POSTS][READERS];
    int64_t last; /* what remove answered */
    int64_t most_total; /* with what is under way, where totals are quiescent */
};

static unsigned amount(struct support_random *random)
{
    static const unsigned amounts[] = { 1, 1, 1, 2, 7, 60 };

    return amounts[support_below(random, sizeof amounts / sizeof *amounts)];
}

/* One operation on a post; false if the post is gone. */
static bool operate(struct crowded *c, void *handle, struct support_random *random, uint64_t post)
{
    uint64_t reader = support_below(random, READERS), what = support_below(random, 8);
    unsigned n = amount(random);
    int64_t got, most = what == 0 ? c->most_total : what == 1 ? CLAPS_LIMIT : n;

    if (what == 0)
        got = c->ops->total(c->object, handle, post);
    else if (what == 1)
        got = c->ops->given(c->object, handle, post, reader);
    else if (what < 5)
        got = c->ops->clap(c->object, handle, post, reader, n);
    else
        got = c->ops->unclap(c->object, handle, post, reader, n);
    if (got == -ENOENT)
        return false;
    if (got < 0 || got > most)
        finding_wrong(c->finding, "%s answers %lld; 0 to %lld are possible",
                      what == 0 ? "total" : what == 1 ? "given" : what < 5 ? "clap" : "unclap",
                      (long long)got, (long long)most);
    else if (what > 1)
        atomic_fetch_add(&c->granted[post][reader], what < 5 ? got : -got);
    return true;
}

static void use(struct team *team, unsigned number)
{
    struct crowded *c = team->shared;
    struct support_random random = { c->load->seed * 31 + number };
    void *handle = attach(c->ops, c->object);
    bool gone = false;
    uint64_t i;

    for (i = 1; i % 16 || !load_over(c->load, c->began); i++) {
        if (!operate(c, handle, &random, KEPT))
            finding_wrong(c->finding, "a post that nobody has deleted is gone");
        bool there = operate(c, handle, &random, DOOMED);
        if (there && gone)
            finding_wrong(c->finding, "a deleted post came back");
        gone = !there;
        if (number == 0 && !gone && i >= 64)
            c->last = c->ops->remove(c->object, handle, DOOMED);
        if (i % COME_AND_GO == 0) {
            detach(c->ops, c->object, handle);
            handle = attach(c->ops, c->object);
        }
    }
    detach(c->ops, c->object, handle);
    atomic_fetch_add(&c->finding->operations, 2 * i);
}

static void settle(struct crowded *c, const struct claps_rig *rig)
{
    int64_t granted[POSTS] = { 0, 0 };

    for (uint64_t reader = 0; reader < READERS; reader++) {
        int given = c->ops->given(rig->object, rig->handle, KEPT, reader);
        if (given != atomic_load(&c->granted[KEPT][reader]))
            finding_wrong(c->finding, "a reader was granted %lld claps and has given %d",
                          (long long)atomic_load(&c->granted[KEPT][reader]), given);
        for (uint64_t post = 0; post < POSTS; post++)
            granted[post] += atomic_load(&c->granted[post][reader]);
    }
    int64_t total = c->ops->total(rig->object, rig->handle, KEPT);
    if (total != granted[KEPT])
        finding_wrong(c->finding, "%lld claps were granted and the total is %lld",
                      (long long)granted[KEPT], (long long)total);
    if (c->last >= 0 && rig->traits.totals == CLAPS_LINEARIZABLE && c->last != granted[DOOMED])
        finding_wrong(c->finding, "%lld claps were granted and %lld went with the post",
                      (long long)granted[DOOMED], (long long)c->last);
    c->finding->judged += READERS + POSTS;
}

void claps_crowd(const struct claps_ops *ops, const struct load *load, struct finding *f)
{
    struct load part = *load;
    uint64_t began = load_begin();

    part.seconds = load->seconds / 4;
    do {
        struct crowded c = { .ops = ops, .load = &part, .finding = f, .began = load_begin(),
                             .last = -1 };
        struct team team = { .body = use, .shared = &c };
        struct claps_rig rig;
        make(&rig, ops, load);
        c.object = rig.object;
        c.most_total = READERS * CLAPS_LIMIT;
        if (rig.traits.totals == CLAPS_QUIESCENT)
            c.most_total += load->threads * CLAPS_LIMIT;
        team_run(&team, load->threads, 0);
        settle(&c, &rig);
        claps_rig_down(&rig);
        part.seed += 1000003;
    } while (!load_over(load, began) && !atomic_load(&f->wrong));
}

/* ---- short histories ---- */

enum kind { CLAP, UNCLAP, GIVEN, TOTAL };

struct rounds {
    const struct claps_ops *ops;
    const struct load *load;
    struct finding *finding;
    void *object;
    struct crowd crowd;
    unsigned per_thread; /* operations in a round */
    uint64_t began;
    unsigned played;
    bool over; /* the last to come decides for all */
    struct linear_op done[ROUND_OPS];
    int64_t state; /* eight bits for what each reader has given */
};

static bool exact_totals; /* as the traits of what is judged say */

/* The argument is the reader, and n above it. */
static bool specification(const struct linear_op *op, linear_state *state)
{
    unsigned shift = 8 * (unsigned)(op->argument & 0xff), given = (*state >> shift) & 0xff;
    unsigned n = (unsigned)(op->argument >> 8), left = CLAPS_LIMIT - given;
    int64_t sum = (int64_t)((*state & 0xff) + (*state >> 8 & 0xff) + (*state >> 16 & 0xff));

    switch ((enum kind)op->kind) {
    case CLAP: *state += op->result * ((int64_t)1 << shift); return op->result == (n < left ? n : left);
    case UNCLAP: *state -= op->result * ((int64_t)1 << shift); return op->result == (n < given ? n : given);
    case GIVEN: return op->result == given;
    default: return !exact_totals || op->result == sum;
    }
}

/* Between two rounds, while everybody waits. */
static void judge_round(struct rounds *r)
{
    size_t n = (size_t)r->load->threads * r->per_thread;

    if (!linear_check(r->done, n, r->state, specification))
        finding_wrong(r->finding, "no order of %zu operations explains the results", n);
    for (size_t i = 0; i < n; i++) /* at rest the state follows from what was granted */
        if (r->done[i].kind == CLAP || r->done[i].kind == UNCLAP)
            r->state += (r->done[i].kind == CLAP ? r->done[i].result : -r->done[i].result) *
                        ((int64_t)1 << 8 * (r->done[i].argument & 0xff));
    r->over = ++r->played == ROUNDS || atomic_load(&r->finding->wrong) ||
              (r->played >= LEAST_ROUNDS && load_over(r->load, r->began));
    r->finding->histories++;
    r->finding->judged += n;
    atomic_fetch_add(&r->finding->operations, n);
}

static int64_t call(struct rounds *r, void *handle, enum kind kind, uint64_t reader, unsigned n)
{
    switch (kind) {
    case CLAP: return r->ops->clap(r->object, handle, KEPT, reader, n);
    case UNCLAP: return r->ops->unclap(r->object, handle, KEPT, reader, n);
    case GIVEN: return r->ops->given(r->object, handle, KEPT, reader);
    default: return r->ops->total(r->object, handle, KEPT);
    }
}

static void play(struct team *team, unsigned number)
{
    struct rounds *r = team->shared;
    struct support_random random = { r->load->seed * 31 + number };
    void *handle = attach(r->ops, r->object);

    while (!r->over) {
        for (size_t i = 0; i < r->per_thread; i++) {
            struct linear_op *op = &r->done[number * r->per_thread + i];
            uint64_t reader = support_below(&random, READERS);
            unsigned n = support_below(&random, 4) ? 1 : 40;
            *op = (struct linear_op){ .kind = (int)support_below(&random, 4), .begin = load_begin(),
                                      .argument = (int64_t)(reader | (uint64_t)n << 8) };
            op->result = call(r, handle, (enum kind)op->kind, reader, n);
            op->end = load_end();
        }
        if (crowd_arrive(&r->crowd)) {
            judge_round(r);
            crowd_go_on(&r->crowd);
        }
    }
    detach(r->ops, r->object, handle);
}

void claps_rounds(const struct claps_ops *ops, const struct load *load, struct finding *f)
{
    uint64_t began = load_begin();
    bool exhibit = ops->traits->id.flags & CONTEND_EXHIBIT;
    struct load part = *load;

    do {
        struct rounds r = { .ops = ops, .load = &part, .finding = f,
                            .crowd = { .threads = load->threads }, .began = began,
                            .per_thread = ROUND_OPS / load->threads };
        struct team team = { .body = play, .shared = &r };
        struct claps_rig rig;
        make(&rig, ops, load);
        r.object = rig.object;
        exact_totals = rig.traits.totals != CLAPS_QUIESCENT;
        if (rig.traits.grants == CLAPS_LINEARIZABLE || exhibit)
            team_run(&team, load->threads, 0);
        claps_rig_down(&rig);
        if (r.played == 0)
            return;
        part.seed += 1000003;
    } while (!load_over(load, began) && !atomic_load(&f->wrong));
}

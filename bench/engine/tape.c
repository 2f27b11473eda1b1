/* tape.c - drawing keys and operations. */
#include "bench/engine/tape.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>

#include "bench/base/memory.h"
#include "bench/base/random.h"

/*
 * Zipf by rejection-inversion: W. Hoermann and G. Derflinger, "Rejection-
 * Inversion to Generate Variates from Monotone Discrete Distributions", 1996.
 * No table, exact for any number of users.
 */
static const double zipf_theta = 0.99;

struct zipf {
    double users, h_low, h_high, skip;
};

static double zipf_h(double x)
{
    return (pow(x, 1 - zipf_theta) - 1) / (1 - zipf_theta);
}

static double zipf_h_inverse(double y)
{
    return pow(1 + y * (1 - zipf_theta), 1 / (1 - zipf_theta));
}

static struct zipf zipf_over(uint64_t users)
{
    struct zipf z = { .users = (double)users };

    z.h_low = zipf_h(1.5) - 1;
    z.h_high = zipf_h(z.users + 0.5);
    z.skip = 2 - zipf_h_inverse(zipf_h(2.5) - pow(2, -zipf_theta));
    return z;
}

/* Draws a rank; 0 is the most frequent. */
static uint64_t zipf_draw(const struct zipf *z, struct random *r)
{
    for (;;) {
        double u = z->h_high + random_unit(r) * (z->h_low - z->h_high);
        double x = zipf_h_inverse(u);
        double rank = floor(x + 0.5);

        if (rank < 1)
            rank = 1;
        else if (rank > z->users)
            rank = z->users;
        if (rank - x <= z->skip || u >= zipf_h(rank + 0.5) - pow(rank, -zipf_theta))
            return (uint64_t)rank - 1;
    }
}

/*
 * Scatters ranks over the ids: multiplication by an odd number that shares no factor with
 * `users`.
 */
static uint64_t scatter_factor(uint64_t users)
{
    uint64_t factor = UINT64_C(2654435761);

    for (;; factor += 2) {
        uint64_t a = users, b = factor % users;
        while (b) {
            uint64_t rest = a % b;
            a = b;
            b = rest;
        }
        if (a == 1 || users == 1)
            return factor;
    }
}

void tape_draw_claps(struct clap_tape *tape, const struct cell *cell, uint64_t seed,
                     unsigned worker)
{
    struct random r = random_seeded(seed, worker);
    struct mix mix = cell_mix(cell, worker);

    tape->before[0] = 0;
    for (size_t i = 0; i < CLAP_STEPS; i++) {
        bool clap = random_below(&r, mix.write + mix.read) < mix.write;
        tape->step[i] = clap;
        tape->before[i + 1] = tape->before[i] + clap;
    }
}

uint64_t tape_owned(const struct cell *cell, unsigned worker)
{
    return cell->users / cell->threads + (worker < cell->users % cell->threads);
}

/*
 * Joins and leaves take turns.  Reads are of users whom this worker takes to be present: the
 * others' joins have come about as far as its own.
 */
static void draw_fresh(struct key_tape *tape, const struct cell *cell, uint64_t seed,
                       unsigned worker)
{
    struct mix mix = cell_mix(cell, worker);
    struct random keys = random_seeded(seed, 2 * worker);
    struct random ops = random_seeded(seed, 2 * worker + 1);
    uint64_t owned = tape_owned(cell, worker), joined = 0, gone = 0;
    unsigned all = mix.write + mix.read + mix.leave;

    for (size_t i = 0; i < tape->length; i++) {
        bool last = i + 1 == tape->length;
        bool reads = last ? joined == gone : random_below(&ops, all) < mix.read;
        enum tape_op op = reads ? TAPE_READ : joined > gone ? TAPE_LEAVE : TAPE_WRITE;
        uint64_t owner = reads && !cell->disjoint ? random_below(&keys, cell->threads) : worker;
        uint64_t turn = op == TAPE_WRITE   ? owned + joined++
                        : op == TAPE_LEAVE ? gone++
                                           : gone + random_below(&keys, owned ? owned : 1);
        tape->key[i] = turn * cell->threads + owner;
        tape->op[i] = (uint8_t)op;
    }
    tape->advance = joined * cell->threads;
}

static void draw_keys(struct key_tape *tape, const struct cell *cell, uint64_t seed,
                      unsigned worker)
{
    struct mix mix = cell_mix(cell, worker);
    uint64_t count = cell_keys(cell);
    /* Keys and operations come from two streams, so that neither depends on the other. */
    struct random keys = random_seeded(seed, 2 * worker);
    struct random ops = random_seeded(seed, 2 * worker + 1);
    uint64_t reach = cell->disjoint ? count / cell->threads : count;
    uint64_t factor = scatter_factor(count);
    struct zipf zipf = zipf_over(reach ? reach : 1);

    for (size_t i = 0; i < tape->length; i++) {
        uint64_t rank = 0;
        if (reach > 1 && cell->skew == SKEW_UNIFORM)
            rank = random_below(&keys, reach);
        else if (reach > 1 && cell->skew == SKEW_ZIPF)
            rank = zipf_draw(&zipf, &keys);
        if (cell->disjoint)
            rank = rank * cell->threads + worker;
        uint64_t key = (rank % count) * factor % count;

        uint64_t draw = random_below(&ops, mix.write + mix.read + mix.leave);
        enum tape_op op = draw < mix.write              ? TAPE_WRITE
                          : draw < mix.write + mix.read ? TAPE_READ
                                                        : TAPE_LEAVE;
        if (cell->workload->retain_ms && op == TAPE_WRITE)
            key &= ~UINT64_C(1); /* users of odd numbers are away */
        if (cell->workload->asks_when && op == TAPE_READ)
            op = TAPE_WHEN;
        tape->key[i] = cell_id(cell, key);
        tape->op[i] = (uint8_t)op;
    }
}

enum {
    MIN_STEPS = 1 << 15,
    MAX_STEPS = 1 << 22, /* 36 MiB */
    TURNS = 4            /* steps for each key: a turn misses e^-4 of the keys, 2 % */
};

static size_t steps_for(const struct cell *cell)
{
    uint64_t want = TURNS * cell_keys(cell) / cell->threads;
    size_t steps = MIN_STEPS;

    while (steps < want && steps < MAX_STEPS)
        steps *= 2;
    return steps;
}

/* A tape that is kept, and the cell, seed and worker that it was drawn for. */
struct kept {
    struct kept *next;
    struct cell cell;
    uint64_t seed;
    unsigned worker, borrowed;
    struct key_tape tape;
    uint64_t keys[]; /* of the tape; its operations lie behind them */
};

static pthread_mutex_t shelf_mutex = PTHREAD_MUTEX_INITIALIZER;
static struct kept *shelf; /* a list, newest first */
static size_t shelf_bytes;
static const size_t shelf_limit = (size_t)512 << 20; /* and a quarter of the available memory */

static size_t kept_bytes(size_t steps)
{
    return sizeof(struct kept) + steps * (sizeof(uint64_t) + sizeof(uint8_t));
}

static bool drawn_for(const struct kept *k, const struct cell *cell, uint64_t seed, unsigned worker)
{
    return k->cell.workload == cell->workload && k->cell.users == cell->users &&
           k->cell.posts == cell->posts && k->cell.readers == cell->readers &&
           k->cell.threads == cell->threads && k->cell.skew == cell->skew &&
           k->cell.disjoint == cell->disjoint && k->cell.ids == cell->ids && k->seed == seed &&
           k->worker == worker;
}

/* Frees kept tapes that are not borrowed until at most `limit` bytes remain. */
static void clear_shelf(size_t limit)
{
    for (struct kept **p = &shelf; *p && shelf_bytes > limit;) {
        struct kept *k = *p;
        if (k->borrowed) {
            p = &k->next;
            continue;
        }
        *p = k->next;
        shelf_bytes -= kept_bytes(k->tape.length);
        free(k);
    }
}

const struct key_tape *tape_borrow(const struct cell *cell, uint64_t seed, unsigned worker)
{
    struct kept *k;

    pthread_mutex_lock(&shelf_mutex);
    for (k = shelf; k && !drawn_for(k, cell, seed, worker); k = k->next)
        ;
    if (!k) {
        size_t steps = steps_for(cell);
        uint64_t quarter = memory_available() / 4;
        clear_shelf(quarter < shelf_limit ? (size_t)quarter : shelf_limit);
        k = memory_grants(kept_bytes(steps)) ? malloc(kept_bytes(steps)) : NULL;
        if (k) {
            *k = (struct kept){ .next = shelf, .cell = *cell, .seed = seed, .worker = worker };
            k->tape.length = steps;
            k->tape.key = k->keys;
            k->tape.op = (uint8_t *)(k->keys + steps);
            (cell->workload->fresh ? draw_fresh : draw_keys)(&k->tape, cell, seed, worker);
            shelf = k;
            shelf_bytes += kept_bytes(steps);
        }
    }
    if (k)
        k->borrowed++;
    pthread_mutex_unlock(&shelf_mutex);
    return k ? &k->tape : NULL;
}

void tape_return(const struct key_tape *tape)
{
    struct kept *k;

    pthread_mutex_lock(&shelf_mutex);
    for (k = shelf; k; k = k->next)
        if (&k->tape == tape)
            k->borrowed--;
    pthread_mutex_unlock(&shelf_mutex);
}

void tape_free_all(void)
{
    pthread_mutex_lock(&shelf_mutex);
    clear_shelf(0);
    pthread_mutex_unlock(&shelf_mutex);
}

/* cache_load.c - a mix of gets and puts of skewed keys, its records and the oracle. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "bench/base/random.h"
#include "bench/engine/crew.h"
#include "bench/serve/labs/cache.h"
#include "bench/serve/labs/slow_store.h"

enum { THREADS = 4, KEYS = 4096, SLOTS = 1024, TAPE = 1 << 15, READS = 1 << 17, WRITES = 1 << 15,
       SAMPLE = 64 };

/* A thread's steps, and what it saw. */
struct player {
    void *handle;
    uint32_t *keys;
    bool *is_put;
    struct stale_event *reads, *writes;
    size_t read_count, write_count;
    uint64_t levels[CACHE_LEVELS], broken;
};

struct scene {
    const struct cache_ops *ops;
    void *cache;
    struct player players[THREADS];
};

static void note_read(struct player *p, int level, uint64_t key, uint64_t begin,
                      const struct cache_value *value)
{
    uint64_t all = ++p->levels[level];

    p->broken += !slow_store_made(key, value);
    /* Hits of the first level are too many to be kept: one in so many is. */
    if (p->read_count < READS && (level != CACHE_LEVEL_1 || all % SAMPLE == 0))
        p->reads[p->read_count++] = (struct stale_event){ key, value->version, begin,
                                                          contend_clock_ns() };
}

static int play(struct crew_worker *me)
{
    struct scene *scene = me->shared;
    struct player *p = &scene->players[me->rank];
    uint64_t now = crew_await_start(me);

    for (size_t i = 0; crew_goes_on(me, now); i = (i + 1) % TAPE, now = contend_clock_ns()) {
        struct cache_value value = { 0 };
        uint64_t key = p->keys[i];
        if (p->is_put[i] && p->write_count < WRITES) {
            int error = scene->ops->put(scene->cache, p->handle, key, now, &value);
            if (error)
                return error;
            p->writes[p->write_count++] = (struct stale_event){ key, value.version, now,
                                                                contend_clock_ns() };
        } else {
            int level = scene->ops->get(scene->cache, p->handle, key, now, &value);
            if (level < 0)
                return level;
            note_read(p, level, key, now, &value);
            me->stint.ops++;
        }
    }
    me->stint.last_ns = now;
    return 0;
}

static int attach(struct crew_worker *me)
{
    struct scene *scene = me->shared;

    return scene->ops->attach(scene->cache, scene->players[me->rank].handle);
}

static int detach(struct crew_worker *me)
{
    struct scene *scene = me->shared;

    scene->ops->detach(scene->cache, scene->players[me->rank].handle);
    return 0;
}

/* Keys by Zipf's law with exponent 1: the r-th most wanted is wanted 1/r as often as the first. */
static void draw_tape(struct player *p, unsigned puts_percent, uint64_t seed, uint64_t stream)
{
    static double until[KEYS];
    struct random random = random_seeded(seed, stream);
    double sum = 0;

    for (unsigned r = 0; r < KEYS; r++)
        until[r] = sum += 1.0 / (r + 1);
    for (size_t i = 0; i < TAPE; i++) {
        double wanted = random_unit(&random) * sum;
        uint32_t low = 0, high = KEYS - 1;
        while (low < high) {
            uint32_t middle = (low + high) / 2;
            if (until[middle] < wanted)
                low = middle + 1;
            else
                high = middle;
        }
        p->keys[i] = low;
        p->is_put[i] = random_below(&random, 100) < puts_percent;
    }
}

static int scene_make(struct scene *s, const struct cache_ops *ops, const struct cache_config *config,
                      unsigned puts_percent, uint64_t seed)
{
    *s = (struct scene){ .ops = ops, .cache = contend_alloc(CONTEND_CACHE_LINE, ops->size) };
    for (unsigned i = 0; i < THREADS; i++) {
        struct player *p = &s->players[i];
        p->handle = contend_alloc(CONTEND_CACHE_LINE, ops->handle_size);
        p->keys = malloc(TAPE * sizeof *p->keys);
        p->is_put = malloc(TAPE * sizeof *p->is_put);
        p->reads = malloc(READS * sizeof *p->reads);
        p->writes = malloc(WRITES * sizeof *p->writes);
        if (!p->handle || !p->keys || !p->is_put || !p->reads || !p->writes)
            return -ENOMEM;
        draw_tape(p, puts_percent, seed, i);
    }
    return s->cache ? ops->init(s->cache, config) : -ENOMEM;
}

static void scene_free(struct scene *s)
{
    for (unsigned i = 0; i < THREADS; i++) {
        struct player *p = &s->players[i];
        free(p->handle);
        free(p->keys);
        free(p->is_put);
        free(p->reads);
        free(p->writes);
    }
    free(s->cache);
}

/* All records together, to the oracle. */
static int judge(const struct scene *s, struct cache_run *out)
{
    struct stale_event *reads = malloc((size_t)THREADS * READS * sizeof *reads);
    struct stale_event *writes = malloc((size_t)THREADS * WRITES * sizeof *writes);
    size_t read_count = 0, write_count = 0;
    int error = reads && writes ? 0 : -ENOMEM;

    for (unsigned i = 0; i < THREADS && !error; i++) {
        const struct player *p = &s->players[i];
        memcpy(reads + read_count, p->reads, p->read_count * sizeof *reads);
        memcpy(writes + write_count, p->writes, p->write_count * sizeof *writes);
        read_count += p->read_count;
        write_count += p->write_count;
        out->broken += p->broken;
        for (unsigned level = 0; level < CACHE_LEVELS; level++) {
            out->share[level] += (double)p->levels[level];
            out->gets += (double)p->levels[level];
        }
    }
    for (unsigned level = 0; level < CACHE_LEVELS; level++)
        out->share[level] /= out->gets > 0 ? out->gets : 1;
    if (!error)
        error = staleness_judge(writes, write_count, reads, read_count, out->bound_ns, &out->verdict);
    free(reads);
    free(writes);
    return error;
}

int cache_lab_mixed(struct cache_lab *l, const struct cache_ops *ops, const struct cache_source *source,
                    uint64_t ttl_ns, unsigned puts_percent, struct cache_run *out)
{
    const struct cache_config config = { .source = source, .slots = SLOTS, .ttl_ns = ttl_ns };
    struct scene *s = malloc(sizeof *s);
    const struct crew_plan plan = { .roles = { { .count = THREADS } }, .allowed = l->e.allowed,
                                    .shared = s };
    struct crew_phase in = { .work = { attach } }, out_of = { .work = { detach } };
    struct crew_phase phase = { .work = { play }, .length_ns = l->options->window_ms * 1000000 };
    struct crew *crew = NULL;

    if (!s)
        return -ENOMEM;
    *out = (struct cache_run){ .bound_ns = ops->traits->stale_ttls * ttl_ns };
    int error = scene_make(s, ops, &config, puts_percent, l->options->base.seed);
    if (!error && (error = crew_make(&crew, &plan)) == 0) {
        error = crew_perform(crew, &in, NULL);
        if (!error) {
            error = crew_perform(crew, &phase, NULL);
            int left = crew_perform(crew, &out_of, NULL);
            error = error ? error : left;
        }
        out->seconds = (double)phase.length_ns / 1e9;
        crew_end(crew);
        int ended = ops->fini(s->cache);
        error = error ? error : ended;
    }
    if (!error)
        error = judge(s, out);
    out->done = !error && !experiment_is_over(&l->e);
    scene_free(s);
    free(s);
    return error;
}

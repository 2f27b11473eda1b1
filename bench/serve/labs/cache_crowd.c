/* cache_crowd.c - many threads that want one key at once: when it is not there, and when it expires. */
#include <errno.h>
#include <stdlib.h>

#include "bench/engine/crew.h"
#include "bench/serve/labs/cache.h"
#include "bench/serve/labs/slow_store.h"

enum { RETURNING = 32, EXPIRIES = 4 };

static const uint64_t stampede_latency_ns = 60000000, think_ns = 1000000;
static const uint64_t expiry_ttl_ns = 100000000, expiry_latency_ns = 8000000;
static const uint64_t hot_key = 7;

struct crowd_scene {
    const struct cache_ops *ops;
    void *cache;
    char *handles;
    size_t stride;
};

static void *handle_of(const struct crew_worker *me)
{
    const struct crowd_scene *s = me->shared;

    return s->handles + me->rank * s->stride;
}

static int come(struct crew_worker *me)
{
    struct crowd_scene *s = me->shared;

    return s->ops->attach(s->cache, handle_of(me));
}

static int leave(struct crew_worker *me)
{
    struct crowd_scene *s = me->shared;

    s->ops->detach(s->cache, handle_of(me));
    return 0;
}

/* Asks once, at the start of all. */
static int ask_once(struct crew_worker *me)
{
    struct crowd_scene *s = me->shared;
    struct cache_value value;
    uint64_t now = crew_await(me, me->start_ns);
    int level = s->ops->get(s->cache, handle_of(me), hot_key, now, &value);

    if (level < 0)
        return level;
    return slow_store_made(hot_key, &value) ? 0 : -EILSEQ;
}

/* Asks again and again, and thinks in between. */
static int ask_again(struct crew_worker *me)
{
    struct crowd_scene *s = me->shared;
    struct cache_value value;

    for (uint64_t now = crew_await_start(me); crew_goes_on(me, now); now = contend_clock_ns()) {
        int level = s->ops->get(s->cache, handle_of(me), hot_key, now, &value);
        if (level < 0)
            return level;
        crew_sleep(think_ns);
    }
    return 0;
}

/* So many threads before a cache that is empty, or has the key; the loads that the store saw. */
static int crowd(struct cache_lab *l, const struct cache_ops *ops, unsigned threads, crew_work *work,
                 bool warm, uint64_t latency_ns, uint64_t ttl_ns, uint64_t length_ns, uint64_t *loads)
{
    struct slow_store store;
    struct cache_source source;
    struct crowd_scene s = { .ops = ops, .cache = contend_alloc(CONTEND_CACHE_LINE, ops->size) };
    const struct crew_plan plan = { .roles = { { .count = threads } }, .allowed = l->e.allowed,
                                    .shared = &s };
    struct crew_phase in = { .work = { come } }, out = { .work = { leave } };
    struct crew_phase first = { .work = { ask_once }, .most = 1 };
    struct crew_phase phase = { .work = { work }, .length_ns = length_ns };
    struct crew *crew;
    int error = slow_store_make(&store, 16, latency_ns);

    if (error) {
        free(s.cache);
        return error;
    }
    s.stride = (ops->handle_size + CONTEND_CACHE_LINE - 1) / CONTEND_CACHE_LINE * CONTEND_CACHE_LINE;
    s.handles = contend_alloc(CONTEND_CACHE_LINE, threads * s.stride);
    source = slow_store_source(&store);
    const struct cache_config config = { .source = &source, .slots = 16, .ttl_ns = ttl_ns };
    error = s.cache && s.handles ? ops->init(s.cache, &config) : -ENOMEM;
    if (!error) {
        error = crew_make(&crew, &plan);
        if (!error) {
            error = crew_perform(crew, &in, NULL);
            if (!error && warm)
                error = crew_perform(crew, &first, NULL);
            error = error ? error : crew_perform(crew, &phase, NULL);
            crew_perform(crew, &out, NULL);
            crew_end(crew);
        }
        int ended = ops->fini(s.cache);
        error = error ? error : ended;
    }
    /* relaxed: the crew has ended. */
    *loads = atomic_load_explicit(&store.loads, memory_order_relaxed) - warm;
    free(s.handles);
    free(s.cache);
    slow_store_free(&store);
    return error;
}

int cache_lab_stampede(struct cache_lab *l, unsigned entry)
{
    int error = crowd(l, l->entries[entry], (unsigned)l->options->crowd, ask_once, false,
                      stampede_latency_ns, UINT64_C(60000000000), 0, &l->stampede[entry].loads);

    l->stampede[entry].done = !error && !experiment_is_over(&l->e);
    return error;
}

int cache_lab_expiry(struct cache_lab *l, unsigned entry)
{
    uint64_t loads;
    int error = crowd(l, l->entries[entry], RETURNING, ask_again, true, expiry_latency_ns,
                      expiry_ttl_ns, (EXPIRIES * 2 + 1) * expiry_ttl_ns / 2, &loads);

    l->expiry[entry].loads = (double)loads / EXPIRIES;
    l->expiry[entry].done = !error && !experiment_is_over(&l->e);
    return error;
}

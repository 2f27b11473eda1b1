/* pooled.c - see pooled.h. */
#include "bench/stores/redis/pooled.h"

#include <errno.h>

#include "bench/stores/parts/trouble.h"

static const struct contend_option options[] = { REDIS_POOLED_OPTIONS CONTEND_OPTIONS_END };

static void close_links(struct redis_pooled_place *p)
{
    for (unsigned i = 0; i < p->size; i++)
        redis_link_close(&p->links[i]);
    free(p->links);
    pool_fini(&p->pool);
}

/* All connections are made now: that is what a pool is for. */
static int open_links(struct redis_pooled_place *p)
{
    int error = p->links ? 0 : -ENOMEM;

    for (unsigned i = 0; i < p->size && !error; i++) {
        error = redis_link_open(&p->redis, &p->links[i]);
        if (!error)
            pool_give(&p->pool, &p->links[i]);
    }
    return error;
}

int redis_pooled_place_make(struct redis_pooled_place *p, const char *name,
                            const struct redis_pooled_plan *plan,
                            const struct contend_settings *settings)
{
    p->size = (unsigned)contend_option_value(settings, options, "size");
    p->checks = contend_option_value(settings, options, "health_check");
    int error = redis_place_make(&p->redis, name, &plan->redis, settings);
    if (error)
        return error;
    error = pool_init(&p->pool, (enum pool_admission)contend_option_value(settings, options, "admission"),
                      (uint32_t)contend_option_value(settings, options, "wait_ms"));
    if (!error) {
        p->links = calloc(p->size ? p->size : 1, sizeof *p->links);
        error = open_links(p);
        if (error)
            close_links(p);
    }
    if (error)
        redis_place_end(&p->redis);
    return error;
}

void redis_pooled_place_end(struct redis_pooled_place *p)
{
    close_links(p);
    redis_place_end(&p->redis);
}

void redis_pooled_place_traffic(struct redis_pooled_place *p, struct store_traffic *out)
{
    redis_place_traffic(&p->redis, out);
}

int redis_pooled_link_open(struct redis_pooled_place *p, struct redis_pooled_link *l)
{
    l->place = p;
    return 0;
}

void redis_pooled_link_close(struct redis_pooled_link *l)
{
    l->place = NULL;
}

/* A dead connection is known by its silence, and the next call makes another. */
static void check(struct redis_link *l)
{
    const char *const words[] = { "PING" };
    redisReply *reply;

    redis_call(l, words, 1, &reply);
    freeReplyObject(reply);
}

int redis_pooled_take(struct redis_pooled_place *p, struct redis_link **link)
{
    void *item = NULL;
    int error;

    if (p->size == 0) {
        *link = calloc(1, sizeof **link);
        error = *link ? redis_link_open(&p->redis, *link) : -ENOMEM;
        if (error)
            free(*link);
        return error;
    }
    error = pool_take(&p->pool, &item);
    if (error) {
        trouble_note(p->redis.name, "all %u connections of the pool are in use", p->size);
        return error;
    }
    *link = item;
    if (p->checks)
        check(*link);
    return 0;
}

void redis_pooled_give(struct redis_pooled_place *p, struct redis_link *link)
{
    if (p->size == 0) {
        redis_link_close(link);
        free(link);
    } else {
        pool_give(&p->pool, link);
    }
}

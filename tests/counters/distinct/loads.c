/* loads.c - a crowd of clappers, who also count. */
#include <stdlib.h>

#include "tests/support/load.h"
#include "tests/support/support.h"

enum { CLAPPERS = 3000, TURNS = 200 };

struct clapping {
    const struct distinct_ops *ops;
    const struct load *load;
    struct finding *finding;
    const struct distinct_config *config;
    void *object;
    uint64_t began;
};

static void *attach(const struct distinct_ops *ops, void *object)
{
    void *handle = support_alloc(ops->handle_size);

    if (ops->attach(object, handle) != 0)
        abort();
    return handle;
}

static void detach(const struct distinct_ops *ops, void *object, void *handle)
{
    ops->detach(object, handle);
    free(handle);
}

/* Every thread inserts all readers, in an order of its own, and its counts never fall. */
static void clap(struct team *team, unsigned number)
{
    struct clapping *c = team->shared;
    const struct distinct_ops *ops = c->ops;
    void *handle = attach(ops, c->object);
    int64_t last = 0;

    for (uint64_t i = 0; i < CLAPPERS; i++) {
        uint64_t reader = (i * 7 + number * 611) % CLAPPERS; /* 7 and CLAPPERS share no factor */
        if (ops->insert(c->object, handle, reader) != 0)
            abort();
        if (i % 64 == 0) {
            int64_t size = ops->count(c->object, handle);
            if (size < last)
                finding_wrong(c->finding, "a count of %lld follows one of %lld", (long long)size,
                              (long long)last);
            last = size;
        }
    }
    detach(ops, c->object, handle);
    atomic_fetch_add(&c->finding->operations, CLAPPERS);
}

/* What an object says into which the same readers were put by one thread. */
static int64_t wanted(const struct clapping *c)
{
    void *object = support_alloc(c->ops->size), *handle;

    if (c->ops->init(object, c->config) != 0)
        abort();
    handle = attach(c->ops, object);
    for (uint64_t reader = 0; reader < CLAPPERS; reader++)
        c->ops->insert(object, handle, reader);
    int64_t size = c->ops->count(object, handle);
    detach(c->ops, object, handle);
    c->ops->fini(object);
    free(object);
    return size;
}

void distinct_crowd(const struct distinct_ops *ops, const struct load *load, struct finding *f)
{
    struct distinct_config config = { .readers = CLAPPERS, .seed = load->seed };
    struct clapping c = { .ops = ops, .load = load, .finding = f, .config = &config,
                          .began = load_begin() };
    struct distinct_rig rig;

    if (load->settings)
        config.settings = *load->settings;
    int64_t right = wanted(&c);
    for (int turn = 0; turn < TURNS && (turn == 0 || !load_over(load, c.began)); turn++) {
        distinct_rig_up(&rig, ops, &config);
        c.object = rig.object;
        struct team team = { .body = clap, .shared = &c };
        team_run(&team, load->threads, 0);
        int64_t size = ops->count(rig.object, rig.handle);
        if (size != right)
            finding_wrong(f, "readers are lost or invented: %lld, and one thread alone has %lld",
                          (long long)size, (long long)right);
        f->judged++;
        distinct_rig_down(&rig);
    }
}

/*
 * growth_bytes.c - what a map holds while it grows, against what it holds at rest with as many users: one
 * that was made for them.
 */
#include "tests/support/support.h"

enum {
    FEW = 64,
    FROM = 2000,  /* below, what a map holds at least is most of it */
    MANY = 24000,
    STEP = 16,    /* users between two looks */
    NOW = 1000000
};

/* The least ids and stamps, where a map has such options: it then needs as many lines as the users. */
struct wishes {
    struct contend_setting list[2];
    struct contend_settings settings;
};

static void wish_small(const struct presence_ops *ops, struct wishes *w)
{
    static const char *const names[] = { "id_bits", "stamp_bits" };

    w->settings = (struct contend_settings){ .list = w->list };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct contend_option *o = contend_option_find(ops->traits->id.options, names[i]);
        if (o)
            w->list[w->settings.count++] = (struct contend_setting){ names[i], o->least };
    }
}

static uint64_t user(uint64_t i)
{
    return i * 37;
}

static void insert(struct map_rig *r, uint64_t from, uint64_t to)
{
    for (uint64_t i = from; i < to; i++)
        assert_int_equal(r->ops->heartbeat(r->object, r->handle, user(i), NOW), PRESENCE_CAME_ONLINE);
    r->ops->quiescent(r->object, r->handle);
}

/* What was asked of the C library and not given back, and the most that it was. */
struct heap {
    _Atomic size_t held, peak; /* one that frees may be another thread */
};

static void *take(void *ctx, size_t align, size_t size)
{
    struct heap *h = ctx;
    size_t held = atomic_fetch_add(&h->held, size) + size;

    if (held > h->peak)
        h->peak = held;
    return contend_alloc(align, size);
}

static void give_back(void *ctx, void *ptr, size_t size)
{
    struct heap *h = ctx;

    atomic_fetch_sub(&h->held, size);
    free(ptr);
}

/* As the map itself says: of tables of a library no allocator is told. */
static size_t says(struct map_rig *r)
{
    struct presence_stats s;

    r->ops->stats(r->object, &s);
    return s.bytes;
}

static size_t at_rest(const struct presence_ops *ops, const struct wishes *w, uint64_t users)
{
    const struct presence_config config = { .expected = users, .settings = w->settings };
    struct map_rig r;

    map_rig_up(&r, ops, &config);
    insert(&r, 0, users);
    size_t bytes = says(&r);
    map_rig_down(&r);
    return bytes;
}

/*
 * How many times as much each map may hold: both tables of a doubling, or what its header says under
 * "Cost" if that is more.  A little is left for lists and parts of tables.
 */
static double most_times(const char *name)
{
    static const struct {
        const char *begin;
        double most;
    } more[] = { { "ck_hs", 2 }, { "ck_ht", 2 }, { "optimistic_", 2 }, { "packed_growing", 3.2 } };

    for (size_t i = 0; i < sizeof more / sizeof *more; i++)
        if (strncmp(name, more[i].begin, strlen(more[i].begin)) == 0)
            return more[i].most;
    return 1.5;
}

static void holds_as_much_as_is_said(void **state)
{
    const struct presence_ops *ops = *state;
    struct wishes w;
    wish_small(ops, &w);
    struct heap heap = { 0 };
    const struct contend_allocator allocator = { take, give_back, &heap };
    const struct presence_config config = { .expected = FEW, .settings = w.settings,
                                            .allocator = &allocator };
    double worst = 0;
    size_t looked = 0;
    uint64_t when = 0;
    struct map_rig r;

    if (!(ops->traits->features & PRESENCE_GROWS))
        return;
    map_rig_up(&r, ops, &config);
    for (uint64_t users = 0; users < MANY;) {
        heap.peak = heap.held;
        insert(&r, users, users + STEP);
        users += STEP;
        size_t after = says(&r), bytes = heap.peak > after ? heap.peak : after;
        if (users < FROM || bytes < looked + looked / 20)
            continue;
        looked = bytes;
        double ratio = (double)bytes / (double)at_rest(ops, &w, users);
        if (ratio > worst) {
            worst = ratio;
            when = users;
        }
    }
    map_rig_down(&r);
    double most = most_times(ops->traits->id.name);
    if (worst > most * 1.02 || (most > 1.5 && worst <= 1.52))
        print_message("# %.2f times the bytes at rest, with %llu users; %.2f is said\n", worst,
                      (unsigned long long)when, most);
    assert_true(worst <= most * 1.02);
    assert_true(most <= 1.5 || worst > 1.52); /* so that nobody is said to need more than it does */
}

int main(void)
{
    const struct check checks[] = {
        { "holds as much while it grows as is said", holds_as_much_as_is_said },
    };

    return support_run_maps("bytes while a map grows", checks, sizeof checks / sizeof *checks, 0);
}

/* weak.c - see weak.h. */
#include "tests/presence_map/weak.h"

enum { OLD = 60000, MOST = 3600000 };

struct weak {
    uint64_t ttl, retained, last; /* 0: nobody */
    struct presence_stats books;
};

static struct presence_traits traits;
static enum weak_lie lie;

static int init(void *map, const struct presence_config *config)
{
    uint64_t ttl = config->ttl_ms ? config->ttl_ms : PRESENCE_DEFAULT_TTL_MS;
    uint64_t most = lie == WEAK_ACCEPTS_MORE       ? MOST + 1
                    : lie == WEAK_KEEPS_TOO_LITTLE ? MOST - 1 : MOST;

    if (ttl > most || config->retain_ms > most - ttl)
        return -ERANGE;
    *(struct weak *)map = (struct weak){ .ttl = ttl, .retained = config->retain_ms };
    return 0;
}

static int fini(void *map)
{
    (void)map;
    return 0;
}

static int attach(void *map, void *handle)
{
    (void)map, (void)handle;
    return 0;
}

static void detach(void *map, void *handle)
{
    (void)map, (void)handle;
}

static int heartbeat(void *map, void *handle, uint64_t user, uint64_t now)
{
    struct weak *m = map;
    bool online = m->last && presence_fresh(m->last, now, m->ttl);

    (void)handle, (void)user;
    m->books.inserts += m->last == 0;
    m->books.entries = 1;
    m->last = now;
    return online ? PRESENCE_REFRESHED : PRESENCE_CAME_ONLINE;
}

static int64_t last_seen(void *map, void *handle, uint64_t user)
{
    const struct weak *m = map;

    (void)handle, (void)user;
    if (!(traits.features & PRESENCE_LAST_SEEN) && lie != WEAK_TELLS_LAST_SEEN)
        return -ENOTSUP;
    return m->last ? (int64_t)m->last : -ENOENT;
}

static int64_t sweep(void *map, void *handle, uint64_t now, uint64_t budget, bool *complete)
{
    struct weak *m = map;
    uint64_t grain = lie == WEAK_ROUNDS_MORE ? 2 * OLD : OLD;
    uint64_t limit = m->ttl + m->retained;

    (void)handle, (void)budget;
    *complete = true;
    if (m->last == 0)
        return 0;
    if (lie == WEAK_ROUNDS_ONLINE || !presence_fresh(m->last, now, m->ttl)) {
        m->last -= m->last % grain;
        limit += lie == WEAK_SWEEPS_EARLY ? 0 : lie == WEAK_SWEEPS_LATE ? 2 * OLD : OLD - 1;
    }
    if (presence_fresh(m->last, now, limit))
        return 0;
    m->last = m->books.entries = 0;
    m->books.swept++;
    return 1;
}

static int reserve(void *map, void *handle, uint64_t users)
{
    (void)map, (void)handle, (void)users;
    return lie == WEAK_RESERVES ? 0 : -ENOTSUP;
}

static void traits_of(void *map, struct presence_traits *out)
{
    (void)map;
    *out = traits;
}

static void stats(void *map, struct presence_stats *out)
{
    *out = ((const struct weak *)map)->books;
}

const struct presence_ops *weak_map(enum weak_lie told, bool has_last_seen)
{
    static const struct presence_ops ops = {
        .traits = &traits, .size = sizeof(struct weak), .align = _Alignof(struct weak),
        .handle_size = 1, .handle_align = 1, .init = init, .fini = fini, .traits_of = traits_of,
        .attach = attach, .detach = detach, .heartbeat = heartbeat, .last_seen = last_seen,
        .sweep = sweep, .reserve = reserve, .stats = stats,
    };

    lie = told;
    traits = (struct presence_traits){
        .id = { .name = "weak" },
        .features = has_last_seen ? PRESENCE_LAST_SEEN : 0,
        .granularity_ms = 1,
        .granularity_old_ms = OLD,
        .max_retain = MOST,
    };
    return &ops;
}

/*
 * shim.hh - the table of a map that is written in C++.
 *
 * A Map has heartbeat, last_seen, is_online, leave, each on one user, a static trait `walks`, and
 * if that is true each(fn) and sweep(now, kept).  The rest is here.  No exception leaves it: what a
 * library throws is that memory is short.
 */
#ifndef CONTEND_BENCH_PEERS_SHIM_HH
#define CONTEND_BENCH_PEERS_SHIM_HH

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>

#include "presence_map/parts/defaults.h"

namespace peers {

/* Counts the bytes of one map, which are spread over many allocations. */
template <class T> struct Counted {
    using value_type = T;

    explicit Counted(std::atomic<std::size_t> *count) : bytes(count) {}
    template <class U> Counted(const Counted<U> &other) : bytes(other.bytes) {}

    T *allocate(std::size_t n)
    {
        T *memory = std::allocator<T>().allocate(n);
        bytes->fetch_add(n * sizeof(T), std::memory_order_relaxed); /* a statistic */
        return memory;
    }

    void deallocate(T *memory, std::size_t n)
    {
        bytes->fetch_sub(n * sizeof(T), std::memory_order_relaxed);
        std::allocator<T>().deallocate(memory, n);
    }

    template <class U> bool operator==(const Counted<U> &other) const { return bytes == other.bytes; }
    template <class U> bool operator!=(const Counted<U> &other) const { return bytes != other.bytes; }

    std::atomic<std::size_t> *bytes;
};

/* The end of splitmix64: standard hashes of numbers are the numbers. */
struct Mix {
    std::size_t operator()(std::uint64_t z) const
    {
        z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
        z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
        return z ^ (z >> 31);
    }
};

/* What a thread did; the books are complete once all have detached. */
struct Handle {
    std::uint64_t inserts, swept, left;
};

struct Beat {
    int result; /* enum presence_heartbeat_result */
    bool inserted;
};

/* P2, on the time of an entry that is there; `set` stores the new one. */
template <class Set> int beat(std::uint64_t last, std::uint64_t now, std::uint64_t ttl, Set set)
{
    if (now < last)
        return PRESENCE_STALE;
    set(now);
    return presence_fresh(last, now, ttl) ? PRESENCE_REFRESHED : PRESENCE_CAME_ONLINE;
}

template <class Map> struct Object {
    explicit Object(const presence_config &c) : config(c), map(c.expected, &bytes) {}

    presence_config config;
    std::atomic<std::size_t> bytes{0};
    std::atomic<std::uint64_t> attached{0}, inserts{0}, swept{0}, left{0};
    Map map;
};

template <class Map> class Shim {
public:
    static presence_ops table(const presence_traits *traits, const char *library)
    {
        presence_ops t{};

        t.traits = traits;
        t.header = "";
        t.shelf = CONTEND_STUDY;
        t.needs = library;
        t.choices = "";
        t.size = sizeof(Object<Map>);
        t.align = alignof(Object<Map>);
        t.handle_size = sizeof(Handle);
        t.handle_align = alignof(Handle);
        t.init = init;
        t.fini = fini;
        t.traits_of = [](void *, presence_traits *out) { *out = *the_traits; };
        the_traits = traits;
        t.attach = attach;
        t.detach = detach;
        t.heartbeat = heartbeat;
        t.is_online = is_online;
        t.last_seen = last_seen;
        t.leave = leave;
        t.heartbeat_many = heartbeat_many;
        t.is_online_many = is_online_many;
        t.reserve = [](void *, void *, std::uint64_t) { return -ENOTSUP; };
        t.quiescent = t.offline = t.online = [](void *, void *) {};
        t.stats = stats;
        t.loops.tape = tape;
        t.loops.batch = batch;
        if constexpr (Map::walks) {
            t.sweep = sweep;
            t.count_online = count_online;
            t.for_each_online = for_each_online;
        }
        return t;
    }

private:
    static inline const presence_traits *the_traits;

    static Object<Map> &at(void *map) { return *static_cast<Object<Map> *>(map); }
    static Handle &of(void *handle) { return *static_cast<Handle *>(handle); }

    static int init(void *map, const presence_config *config)
    try {
        presence_config c;
        int error = presence_config_resolve(&c, config, nullptr);

        if (!error)
            new (map) Object<Map>(c);
        return error;
    } catch (...) {
        return -ENOMEM;
    }

    static int fini(void *map)
    {
        if (at(map).attached.load() != 0)
            return -EBUSY;
        at(map).~Object<Map>();
        return 0;
    }

    static int attach(void *map, void *handle)
    {
        new (handle) Handle{};
        at(map).attached.fetch_add(1);
        return 0;
    }

    static void detach(void *map, void *handle)
    {
        at(map).inserts.fetch_add(of(handle).inserts);
        at(map).swept.fetch_add(of(handle).swept);
        at(map).left.fetch_add(of(handle).left);
        at(map).attached.fetch_sub(1);
    }

    static bool valid(std::uint64_t user, std::uint64_t now)
    {
        return presence_valid_user(user) && presence_valid_now(now);
    }

    static int heartbeat(void *map, void *handle, std::uint64_t user, std::uint64_t now)
    try {
        if (!valid(user, now))
            return -EINVAL;
        const Beat b = at(map).map.heartbeat(user, now, at(map).config.ttl_ms);
        of(handle).inserts += b.inserted;
        return b.result;
    } catch (...) {
        return -ENOMEM;
    }

    static int is_online(void *map, void *, std::uint64_t user, std::uint64_t now)
    {
        if (!valid(user, now))
            return -EINVAL;
        const std::int64_t last = at(map).map.last_seen(user);
        return last >= 0 && presence_fresh(std::uint64_t(last), now, at(map).config.ttl_ms);
    }

    static std::int64_t last_seen(void *map, void *, std::uint64_t user)
    {
        return presence_valid_user(user) ? at(map).map.last_seen(user) : -EINVAL;
    }

    static int leave(void *map, void *handle, std::uint64_t user, std::uint64_t now)
    {
        if (!valid(user, now))
            return -EINVAL;
        const bool removed = at(map).map.leave(user, now);
        of(handle).left += removed;
        return removed;
    }

    /* A whole round, whatever the budget. */
    static std::int64_t sweep(void *map, void *handle, std::uint64_t now, std::uint64_t, bool *complete)
    {
        const std::uint64_t removed =
            at(map).map.sweep(now, presence_kept_ms(&at(map).config, 1));

        of(handle).swept += removed;
        if (complete)
            *complete = true;
        return std::int64_t(removed);
    }

    static int for_each_online(void *map, void *, std::uint64_t now, presence_visit fn, void *ctx)
    {
        const std::uint64_t ttl = at(map).config.ttl_ms;

        return at(map).map.each([&](std::uint64_t user, std::uint64_t last) {
            return presence_fresh(last, now, ttl) ? fn(ctx, user, last) : 0;
        });
    }

    static std::int64_t count_online(void *map, void *handle, std::uint64_t now)
    {
        std::int64_t count = 0;

        for_each_online(map, handle, now, [](void *sum, std::uint64_t, std::uint64_t) {
            ++*static_cast<std::int64_t *>(sum);
            return 0;
        }, &count);
        return count;
    }

    static int heartbeat_many(void *map, void *handle, const std::uint64_t *users, std::size_t n,
                              std::uint64_t now, int *results)
    {
        for (std::size_t i = 0; i < n; i++)
            results[i] = heartbeat(map, handle, users[i], now);
        return 0;
    }

    static int is_online_many(void *map, void *handle, const std::uint64_t *users, std::size_t n,
                              std::uint64_t now, int *results)
    {
        for (std::size_t i = 0; i < n; i++)
            results[i] = is_online(map, handle, users[i], now);
        return 0;
    }

    static void stats(void *map, presence_stats *out)
    {
        *out = presence_stats{};
        out->entries = at(map).map.entries();
        out->inserts = at(map).inserts.load();
        out->swept = at(map).swept.load();
        out->left = at(map).left.load();
        out->bytes = sizeof(Object<Map>) + at(map).bytes.load();
    }

    /* As presence_map/parts/loops.h has it, without what no workload asks of a peer. */
    static void tape(void *map, void *handle, const std::uint8_t *ops, const std::uint64_t *keys,
                     std::size_t n, std::uint64_t now, presence_outcome *out)
    {
        presence_outcome sum = *out;

        for (std::size_t i = 0; i < n; i++) {
            std::int64_t r = -EINVAL;

            switch (ops[i]) {
            case PRESENCE_OP_HEARTBEAT:
                r = heartbeat(map, handle, keys[i], now);
                sum.came_online += r == PRESENCE_CAME_ONLINE;
                break;
            case PRESENCE_OP_IS_ONLINE:
                r = is_online(map, handle, keys[i], now);
                sum.online += r == 1;
                break;
            case PRESENCE_OP_LEAVE:
                r = leave(map, handle, keys[i], now);
                sum.left += r == 1;
                break;
            case PRESENCE_OP_LAST_SEEN:
                r = last_seen(map, handle, keys[i]);
                sum.seen += r >= 0;
                r = r == -ENOENT ? 0 : r;
                break;
            }
            sum.failed += r < 0;
            std::atomic_signal_fence(std::memory_order_seq_cst); /* a compiler barrier */
        }
        *out = sum;
    }

    static void batch(void *map, void *handle, const std::uint8_t *ops, const std::uint64_t *keys,
                      std::size_t n, std::size_t many, std::uint64_t now, presence_outcome *out)
    {
        std::uint8_t same[PRESENCE_LARGEST_BATCH];

        for (std::size_t i = 0, count; i < n; i += count) {
            count = many < n - i ? many : n - i;
            std::memset(same, ops[i], count);
            tape(map, handle, same, &keys[i], count, now, out);
        }
    }
};

/* What all of them promise; each says more. */
inline presence_traits traits(const char *name, const char *title, const char *reference)
{
    presence_traits t{};

    t.id.name = name;
    t.id.title = title;
    t.id.reference = reference;
    t.heartbeat = t.insert = t.is_online = t.last_seen = t.leave = t.sweep = t.walk = CONTEND_BLOCKING;
    t.features = PRESENCE_GROWS | PRESENCE_LAST_SEEN;
    t.backlog = PRESENCE_BACKLOG_NONE;
    t.expiry = "lazy check, and whole rounds";
    t.granularity_ms = 1;
    t.max_user = PRESENCE_NO_USER - 1;
    t.max_span = PRESENCE_MAX_NOW;
    t.max_retain = UINT64_MAX;
    t.bytes_per_user = 64; /* about, to see whether it fits into memory */
    return t;
}

} // namespace peers

#endif

/* libcuckoo.cc - a cuckoo table with a lock for each group of buckets. */
#include <libcuckoo/cuckoohash_map.hh>

#include "bench/peers/shim.hh"
#include "bench/peers/list.h"

namespace {

class Map {
    using Pair = std::pair<const std::uint64_t, std::uint64_t>;
    using Table = libcuckoo::cuckoohash_map<std::uint64_t, std::uint64_t, peers::Mix,
                                            std::equal_to<std::uint64_t>, peers::Counted<Pair>>;

public:
    static constexpr bool walks = true; /* with the whole table locked */

    Map(std::uint64_t expected, std::atomic<std::size_t> *bytes)
        : table_(expected, peers::Mix(), std::equal_to<std::uint64_t>(), peers::Counted<Pair>(bytes))
    {
    }

    peers::Beat heartbeat(std::uint64_t user, std::uint64_t now, std::uint64_t ttl)
    {
        peers::Beat b{PRESENCE_CAME_ONLINE, false};

        b.inserted = table_.upsert(user, [&](std::uint64_t &last) {
            b.result = peers::beat(last, now, ttl, [&](std::uint64_t time) { last = time; });
        }, now);
        return b;
    }

    std::int64_t last_seen(std::uint64_t user) const
    {
        std::int64_t seen = -ENOENT;

        table_.find_fn(user, [&](const std::uint64_t &last) { seen = std::int64_t(last); });
        return seen;
    }

    bool leave(std::uint64_t user, std::uint64_t now)
    {
        bool removed = false;

        table_.erase_fn(user, [&](std::uint64_t &last) { return removed = last <= now; });
        return removed;
    }

    template <class Fn> int each(Fn fn)
    {
        auto locked = table_.lock_table();
        int result = 0;

        for (auto i = locked.cbegin(); i != locked.cend() && result == 0; ++i)
            result = fn(i->first, i->second);
        return result;
    }

    std::uint64_t sweep(std::uint64_t now, std::uint64_t kept)
    {
        auto locked = table_.lock_table();
        std::uint64_t removed = 0;

        for (auto i = locked.begin(); i != locked.end();) {
            if (presence_fresh(i->second, now, kept)) {
                ++i;
                continue;
            }
            i = locked.erase(i);
            removed++;
        }
        return removed;
    }

    std::uint64_t entries() const { return table_.size(); }

private:
    Table table_;
};

const presence_traits traits =
    peers::traits("libcuckoo", "cuckoo hashing, a lock for each group of buckets",
                  "Li, Andersen, Kaminsky and Freedman, Algorithmic Improvements for Fast Concurrent "
                  "Cuckoo Hashing, 2014");

} // namespace

const presence_ops peer_libcuckoo = peers::Shim<Map>::table(&traits, "libcuckoo");

/* tbb_hash_map.cc - TBB's concurrent_hash_map: a reader-writer lock for each entry. */
#include <tbb/concurrent_hash_map.h>

#include "bench/peers/shim.hh"
#include "bench/peers/list.h"

namespace {

struct Compare {
    static std::size_t hash(std::uint64_t user) { return peers::Mix()(user); }
    static bool equal(std::uint64_t a, std::uint64_t b) { return a == b; }
};

/* Beaten under the lock that readers share, so that heartbeats of one user do not exclude readers. */
struct Stamp {
    explicit Stamp(std::uint64_t time) : last(time) {}
    mutable std::atomic<std::uint64_t> last;
};

class Map {
    using Pair = std::pair<const std::uint64_t, Stamp>;
    using Table = tbb::concurrent_hash_map<std::uint64_t, Stamp, Compare, peers::Counted<Pair>>;

public:
    static constexpr bool walks = false; /* its iterators are for when nothing else runs */

    Map(std::uint64_t expected, std::atomic<std::size_t> *bytes)
        : table_(expected, peers::Counted<Pair>(bytes))
    {
    }

    peers::Beat heartbeat(std::uint64_t user, std::uint64_t now, std::uint64_t ttl)
    {
        typename Table::const_accessor entry;

        /* An emplace makes its entry before it looks. */
        if (!table_.find(entry, user) && table_.emplace(entry, user, now))
            return {PRESENCE_CAME_ONLINE, true};
        /* relaxed: the stamp is all that there is to see. */
        std::uint64_t last = entry->second.last.load(std::memory_order_relaxed);
        int result;
        do
            result = peers::beat(last, now, ttl, [](std::uint64_t) {});
        while (result != PRESENCE_STALE &&
               !entry->second.last.compare_exchange_weak(last, now, std::memory_order_relaxed));
        return {result, false};
    }

    std::int64_t last_seen(std::uint64_t user) const
    {
        typename Table::const_accessor entry;

        if (!table_.find(entry, user))
            return -ENOENT;
        return std::int64_t(entry->second.last.load(std::memory_order_relaxed));
    }

    bool leave(std::uint64_t user, std::uint64_t now)
    {
        typename Table::accessor entry;

        return table_.find(entry, user) &&
               entry->second.last.load(std::memory_order_relaxed) <= now && table_.erase(entry);
    }

    std::uint64_t entries() const { return table_.size(); }

private:
    Table table_;
};

const presence_traits traits =
    peers::traits("tbb_hash_map", "chained buckets, a reader-writer lock for each entry",
                  "oneAPI Threading Building Blocks, concurrent_hash_map");

} // namespace

const presence_ops peer_tbb_hash_map = peers::Shim<Map>::table(&traits, "TBB");

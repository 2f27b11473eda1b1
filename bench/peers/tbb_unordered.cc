/* tbb_unordered.cc - TBB's concurrent_unordered_map: a split-ordered list. */
#include <tbb/concurrent_unordered_map.h>

#include "bench/peers/shim.hh"
#include "bench/peers/list.h"

namespace {

constexpr std::uint64_t Gone = 0; /* not on the time axis */

/* Entries cannot be erased beside other operations: one that is gone stays, and may come back. */
class Map {
    using Stamp = std::atomic<std::uint64_t>;
    using Pair = std::pair<const std::uint64_t, Stamp>;
    using Table = tbb::concurrent_unordered_map<std::uint64_t, Stamp, peers::Mix,
                                                std::equal_to<std::uint64_t>, peers::Counted<Pair>>;

public:
    static constexpr bool walks = true;

    Map(std::uint64_t expected, std::atomic<std::size_t> *bytes)
        : table_(expected, peers::Mix(), std::equal_to<std::uint64_t>(), peers::Counted<Pair>(bytes))
    {
    }

    peers::Beat heartbeat(std::uint64_t user, std::uint64_t now, std::uint64_t ttl)
    {
        auto found = table_.find(user);

        if (found == table_.end()) {
            auto [place, inserted] = table_.emplace(user, now);
            if (inserted)
                return {PRESENCE_CAME_ONLINE, true};
            found = place;
        }
        /* relaxed, here and below: the stamp is all that there is to see. */
        std::uint64_t last = found->second.load(std::memory_order_relaxed);
        int result;
        do
            result = last == Gone ? int(PRESENCE_CAME_ONLINE)
                                  : peers::beat(last, now, ttl, [](std::uint64_t) {});
        while (result != PRESENCE_STALE &&
               !found->second.compare_exchange_weak(last, now, std::memory_order_relaxed));
        return {result, last == Gone};
    }

    std::int64_t last_seen(std::uint64_t user) const
    {
        const auto found = table_.find(user);
        const std::uint64_t last =
            found == table_.end() ? Gone : found->second.load(std::memory_order_relaxed);

        return last == Gone ? -ENOENT : std::int64_t(last);
    }

    bool leave(std::uint64_t user, std::uint64_t now)
    {
        const auto found = table_.find(user);

        return found != table_.end() && forget(found->second, [&](std::uint64_t last) {
            return last <= now;
        });
    }

    template <class Fn> int each(Fn fn) const
    {
        int result = 0;

        for (auto i = table_.cbegin(); i != table_.cend() && result == 0; ++i) {
            const std::uint64_t last = i->second.load(std::memory_order_relaxed);
            result = last == Gone ? 0 : fn(i->first, last);
        }
        return result;
    }

    std::uint64_t sweep(std::uint64_t now, std::uint64_t kept)
    {
        std::uint64_t removed = 0;

        for (auto &entry : table_)
            removed += forget(entry.second, [&](std::uint64_t last) {
                return !presence_fresh(last, now, kept);
            });
        return removed;
    }

    std::uint64_t entries() const
    {
        std::uint64_t count = 0;

        each([&](std::uint64_t, std::uint64_t) { count++; return 0; });
        return count;
    }

private:
    /* Whether it was there, might go, and this call made it go. */
    template <class May> static bool forget(Stamp &stamp, May may)
    {
        std::uint64_t last = stamp.load(std::memory_order_relaxed);

        while (last != Gone && may(last))
            if (stamp.compare_exchange_weak(last, Gone, std::memory_order_relaxed))
                return true;
        return false;
    }

    Table table_;
};

presence_traits make_traits()
{
    presence_traits t = peers::traits("tbb_unordered", "a split-ordered list that never erases",
                                      "Shalev and Shavit, Split-Ordered Lists, 2006; oneAPI Threading "
                                      "Building Blocks");

    t.heartbeat = t.is_online = t.last_seen = t.leave = t.sweep = t.walk = CONTEND_LOCK_FREE;
    t.insert = CONTEND_LOCK_FREE | CONTEND_MODULO_MALLOC;
    t.features |= PRESENCE_KEEPS_IDS;
    return t;
}

const presence_traits traits = make_traits();

} // namespace

const presence_ops peer_tbb_unordered = peers::Shim<Map>::table(&traits, "TBB");

/*
 * contracts.cc - the contracts and the tables, used from C++17.
 */
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <initializer_list>

#include "counters/claps.h"
#include "counters/distinct.h"
#include "counters/counter.h"
#include "locks/lock.h"
#include "presence_map/presence_map.h"

namespace {

int number, failures;

void check(bool holds, const char *what)
{
    failures += !holds;
    std::printf("%sok %d - %s\n", holds ? "" : "not ", ++number, what);
}

/* Storage of a table's size and alignment. */
class Storage {
public:
    Storage(std::size_t size, std::size_t align) : memory_(contend_alloc(align, size))
    {
        aligned_ = aligned_ && memory_ && reinterpret_cast<std::uintptr_t>(memory_) % align == 0;
    }
    ~Storage() { std::free(memory_); }
    Storage(const Storage &) = delete;
    Storage &operator=(const Storage &) = delete;
    void *get() const { return memory_; }
    static bool aligned() { return aligned_; }

private:
    static bool aligned_; /* all of them */
    void *memory_;
};

bool Storage::aligned_ = true;

bool counters_count()
{
    for (auto entry = contend_counter_registry; *entry; entry++) {
        const counter_ops &ops = **entry;
        Storage counter(ops.size, ops.align), me(ops.handle_size, ops.handle_align);
        if (ops.init(counter.get(), nullptr) || ops.attach(counter.get(), me.get()))
            return false;
        ops.add(counter.get(), me.get(), 2);
        ops.quiescent(counter.get(), me.get());
        bool right = ops.traits->id.flags & CONTEND_FLOOR || ops.read(counter.get(), me.get()) == 2;
        ops.detach(counter.get(), me.get());
        if (!right || ops.fini(counter.get()))
            return false;
    }
    return true;
}

bool claps_are_bounded()
{
    for (auto entry = contend_claps_registry; *entry; entry++) {
        const claps_ops &ops = **entry;
        Storage claps(ops.size, ops.align), me(ops.handle_size, ops.handle_align);
        if (ops.init(claps.get(), nullptr) || ops.attach(claps.get(), me.get()))
            return false;
        ops.clap(claps.get(), me.get(), 1, 2, 60);
        bool right = ops.traits->id.flags & CONTEND_FLOOR ||
                     (ops.given(claps.get(), me.get(), 1, 2) == CLAPS_LIMIT &&
                      ops.total(claps.get(), me.get(), 1) == CLAPS_LIMIT);
        ops.detach(claps.get(), me.get());
        if (!right || ops.fini(claps.get()))
            return false;
    }
    return true;
}

bool distinct_readers_count_once()
{
    for (auto entry = contend_distinct_registry; *entry; entry++) {
        const distinct_ops &ops = **entry;
        Storage readers(ops.size, ops.align), me(ops.handle_size, ops.handle_align);
        if (ops.init(readers.get(), nullptr) || ops.attach(readers.get(), me.get()))
            return false;
        for (std::uint64_t reader : { 4, 5, 4 })
            ops.insert(readers.get(), me.get(), reader);
        bool right = ops.traits->id.flags & CONTEND_FLOOR || ops.count(readers.get(), me.get()) == 2;
        ops.detach(readers.get(), me.get());
        if (!right || ops.fini(readers.get()))
            return false;
    }
    return true;
}

bool maps_remember()
{
    for (auto entry = contend_presence_registry; *entry; entry++) {
        const presence_ops &ops = **entry;
        Storage map(ops.size, ops.align), me(ops.handle_size, ops.handle_align);
        if (ops.init(map.get(), nullptr) || ops.attach(map.get(), me.get()))
            return false;
        ops.heartbeat(map.get(), me.get(), 7, 1000);
        bool right = ops.traits->id.flags & CONTEND_FLOOR ||
                     (ops.is_online(map.get(), me.get(), 7, 31000) == 1 &&
                      ops.is_online(map.get(), me.get(), 7, 31000 + ops.traits->granularity_ms) == 0);
        ops.detach(map.get(), me.get());
        if (!right || ops.fini(map.get()))
            return false;
    }
    return true;
}

bool locks_lock()
{
    for (auto entry = contend_lock_registry; *entry; entry++) {
        const lock_ops &ops = **entry;
        Storage lock(ops.size, ops.align), me(ops.handle_size, ops.handle_align);
        if (ops.init(lock.get(), nullptr) || ops.attach(lock.get(), me.get()))
            return false;
        ops.acquire(lock.get(), me.get());
        ops.release(lock.get(), me.get());
        ops.detach(lock.get(), me.get());
        if (ops.fini(lock.get()))
            return false;
    }
    return true;
}

} // namespace

int main()
{
    check(locks_lock(), "every lock through its table");
    check(counters_count(), "every counter through its table");
    check(claps_are_bounded(), "all bounded claps through their tables");
    check(distinct_readers_count_once(), "all counters of distinct clappers through their tables");
    check(maps_remember(), "every map through its table");
    check(Storage::aligned(), "contend_alloc aligns objects and handles");
    check(presence_fresh(5, 4, 0) && presence_fresh(0, 30000, 30000) &&
              !presence_fresh(0, 30001, 30000),
          "the boundary, from C++");
    std::printf("1..%d\n", number);
    return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}

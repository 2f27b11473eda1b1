/*
 * lazy.cc - handles that come with the first use and go with the thread, from C++17.
 */
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

#include "counters/counter.h"
#include "locks/parts/lazy.h"
#include "presence_map/presence_map.h"

namespace {

enum { THREADS = 8, ROUNDS = 3, CLAPS = 100 };

int number, failures;

void check(bool holds, const char *what, const char *name)
{
    failures += !holds;
    std::printf("%sok %d - %s: %s\n", holds ? "" : "not ", ++number, name, what);
}

/* An object of a table, and the lazy handles of its threads. */
template <typename Ops> class Shared {
public:
    explicit Shared(const Ops &ops) : ops_(ops), object_(contend_alloc(ops.align, ops.size))
    {
        made_ = object_ && ops.init(object_, nullptr) == 0 &&
                contend_lazy_init(&lazy_, object_, ops.handle_size, ops.handle_align, ops.attach,
                                  ops.detach) == 0;
    }
    ~Shared() { std::free(object_); }
    Shared(const Shared &) = delete;
    Shared &operator=(const Shared &) = delete;

    bool made() const { return made_; }
    void *object() const { return object_; }
    void *handle() { return contend_lazy_handle(&lazy_); }
    void leave() { contend_lazy_leave(&lazy_); }
    /* Whether nobody is attached, as the lazy handles and the object itself see it. */
    bool ends() { return contend_lazy_fini(&lazy_) == 0 && ops_.fini(object_) == 0; }
    bool is_busy() { return contend_lazy_fini(&lazy_) == -EBUSY; }

    /* A pool: `threads` threads that do `work`, and end without a word. */
    template <typename Work> static void pool(unsigned threads, Work work)
    {
        std::vector<std::thread> all;

        for (unsigned i = 0; i < threads; i++)
            all.emplace_back(work, i);
        for (std::thread &thread : all)
            thread.join();
    }

private:
    const Ops &ops_;
    void *object_;
    contend_lazy lazy_;
    bool made_;
};

bool claps_of_pools_count(const counter_ops &ops)
{
    Shared<counter_ops> claps(ops);
    std::atomic<bool> right{ claps.made() };

    for (int round = 0; right && round < ROUNDS; round++)
        claps.pool(THREADS, [&](unsigned) {
            void *me = claps.handle();
            for (int i = 0; me && i < CLAPS; i++)
                if (ops.add(claps.object(), me, 1) != 0)
                    right = false;
            if (!me || claps.handle() != me)
                right = false;
        });
    if (!right)
        return false;
    counter_stats stats;
    ops.stats(claps.object(), &stats);
    std::int64_t wanted = THREADS * ROUNDS * CLAPS;
    bool broken = ops.traits->id.flags & (CONTEND_FLOOR | CONTEND_EXHIBIT);
    return stats.attached == 0 && (broken || ops.read(claps.object(), claps.handle()) == wanted) &&
           claps.ends();
}

bool users_of_pools_stay(const presence_ops &ops)
{
    Shared<presence_ops> map(ops);
    std::atomic<bool> right{ map.made() };

    if (right)
        map.pool(THREADS, [&](unsigned i) {
            void *me = map.handle();
            if (!me || ops.heartbeat(map.object(), me, i, 1000) < 0)
                right = false;
            map.leave(); /* a pool that shrinks */
            if (ops.heartbeat(map.object(), map.handle(), i, 2000) < 0)
                right = false;
        });
    if (!right)
        return false;
    bool floor = ops.traits->id.flags & CONTEND_FLOOR;
    return (floor || ops.count_online(map.object(), map.handle(), 2000) == THREADS) && map.ends();
}

/* While another thread is attached, neither the handles nor the object can be given back. */
bool fini_waits(const counter_ops &ops)
{
    Shared<counter_ops> claps(ops);
    std::atomic<int> stage{ 0 };

    if (!claps.made())
        return false;
    std::thread other([&] {
        stage = claps.handle() ? 1 : -1;
        while (stage == 1)
            std::this_thread::yield();
    });
    while (stage == 0)
        std::this_thread::yield();
    bool busy = claps.is_busy() && ops.fini(claps.object()) == -EBUSY;
    stage = 2;
    other.join();
    return busy && claps.ends();
}

/* An object that belongs to a thread asks once more while the thread ends. */
struct Late {
    Shared<counter_ops> *claps = nullptr;
    const counter_ops *ops = nullptr;
    ~Late()
    {
        if (claps)
            ops->add(claps->object(), claps->handle(), 1);
    }
};

bool late_destructors_are_served(const counter_ops &ops)
{
    Shared<counter_ops> claps(ops);

    if (!claps.made())
        return false;
    claps.pool(1, [&](unsigned) {
        static thread_local Late late;
        late.claps = &claps;
        late.ops = &ops;
        claps.leave();
    });
    return ops.read(claps.object(), claps.handle()) == 1 && claps.ends();
}

} // namespace

int main()
{
    for (auto entry = contend_counter_registry; *entry; entry++) {
        const char *name = (*entry)->traits->id.name;
        check(claps_of_pools_count(**entry), "claps of pools count", name);
        check(fini_waits(**entry), "fini waits for others", name);
        if (!((*entry)->traits->id.flags & CONTEND_FLOOR))
            check(late_destructors_are_served(**entry), "late destructors are served", name);
    }
    for (auto entry = contend_presence_registry; *entry; entry++)
        check(users_of_pools_stay(**entry), "users of pools stay", (*entry)->traits->id.name);
    std::printf("1..%d\n", number);
    return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}

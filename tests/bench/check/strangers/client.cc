/*
 * client.cc - a stranger's program in C++: a spin lock of std::atomic, and containers.
 *
 * -DRELAXED: the lock is given back with the wrong order.
 */
#include <atomic>
#include <cassert>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <vector>

#include "check/check.h"

namespace {

class spin_lock {
public:
    void lock()
    {
        while (held.exchange(true, std::memory_order_acquire))
            check_yield();
    }
    void unlock()
    {
#ifdef RELAXED
        held.store(false, std::memory_order_relaxed);
#else
        held.store(false, std::memory_order_release);
#endif
    }

private:
    std::atomic<bool> held{ false };
};

struct shared {
    spin_lock spin;
    std::mutex mutex;
    std::vector<int> seen;
    int sum = 0;
};

shared *now;

void setup(void *)
{
    now = new shared;
    now->seen.reserve(4);
}

void thread(void *)
{
    {
        std::lock_guard<spin_lock> guard(now->spin);
        now->sum++;
    }
    std::lock_guard<std::mutex> guard(now->mutex);
    auto one = std::make_unique<int>(1);
    now->seen.push_back(*one);
}

void finally(void *)
{
    check_that(now->sum == 2 && now->seen.size() == 2);
    void *block = std::malloc(8);
    std::free(block);
    delete now;
}

} // namespace

int main(int argc, char **argv)
{
    static check_test test = {};
    test.name = "client";
    test.setup = setup;
    test.threads[0] = test.threads[1] = thread;
    test.finally = finally;
    static const check_test *const tests[] = { &test, nullptr };
    return check_main(tests, argc, argv);
}

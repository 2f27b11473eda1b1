/*
 * modern.cc - what C++20 has added, with a main() of its own: std::jthread, stop tokens, semaphores, a latch, a
 * barrier, waits of an atomic, references to one.
 *
 * -DRACES: the sum has no semaphore.  -DSHORT: the latch waits for one more than come.
 */
#include <atomic>
#include <barrier>
#include <cassert>
#include <condition_variable>
#include <cstdlib>
#include <latch>
#include <mutex>
#include <semaphore>
#include <stop_token>
#include <thread>

namespace {

enum { WORKERS = 2 };

std::binary_semaphore turn(1);
std::atomic<int> stage;
int sum, total;

void add(std::latch &done, std::barrier<> &both)
{
#ifndef RACES
    turn.acquire();
#endif
    sum++;
#ifndef RACES
    turn.release();
#endif
    both.arrive_and_wait();
    std::atomic_ref<int>(total).fetch_add(sum);
    done.count_down();
}

struct table {
    int (*free)(int);
    int exit(int n) { return n + 1; }
};

} // namespace

int main()
{
#ifdef SHORT
    std::latch done(WORKERS + 1);
#else
    std::latch done(WORKERS);
#endif
    std::barrier<> both(WORKERS);
    sum = total = 0;
    stage = 0;
    {
        std::jthread one(add, std::ref(done), std::ref(both)), two(add, std::ref(done), std::ref(both));
        done.wait();
        std::jthread waits([](std::stop_token token) {
            stage.wait(0);
            while (!token.stop_requested())
                std::this_thread::yield();
        });
        stage = 1;
        stage.notify_one();
    }
    table t = { [](int n) { return n; } };
    assert(t.free(1) == 1 && t.exit(1) == 2);
    void *block = std::malloc(4);
    std::free(block);
    assert(sum == WORKERS && total == WORKERS * WORKERS);
    return 0;
}

/*
 * threads.cc - homework in C++, with a main() of its own: std::thread, std::atomic, a condition.
 *
 * -DRACES: the sum has no lock.  -DNEVER_NOTIFIES: the consumer is not told.  -DRELAXED: the flag
 * is set with the wrong order.  -DFORGETS: a thread is neither joined nor detached.  -DLEAVES: a key's
 * destructor does not delete what the thread has for it.
 */
#include <atomic>
#include <cassert>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <pthread.h>
#include <thread>
#include <vector>

namespace {

std::mutex mutex;
std::condition_variable ready;
bool full;
int sum, letter;
std::atomic<bool> flag;

void add(int n)
{
#ifndef RACES
    std::lock_guard<std::mutex> guard(mutex);
#endif
    sum += n;
}

void produce()
{
    std::unique_lock<std::mutex> lock(mutex);
    full = true;
#ifndef NEVER_NOTIFIES
    ready.notify_one();
#endif
}

void consume()
{
    std::unique_lock<std::mutex> lock(mutex);
    ready.wait(lock, [] { return full; });
    full = false;
}

void send()
{
    letter = 7;
#ifdef RELAXED
    flag.store(true, std::memory_order_relaxed);
#else
    flag.store(true, std::memory_order_release);
#endif
}

void destroy(void *number)
{
#ifdef LEAVES
    (void)number;
#else
    delete static_cast<int *>(number);
#endif
}

} // namespace

int main()
{
    std::vector<std::thread> adders;
    for (int i = 1; i <= 2; i++)
        adders.emplace_back(add, i);
    for (std::thread &t : adders)
        t.join();
    assert(sum == 3);

    std::thread consumer(consume), producer(produce);
    producer.join();
    consumer.join();

    pthread_key_t key;
    pthread_key_create(&key, destroy);
    std::thread keeper([key] { pthread_setspecific(key, new int(1)); });
    keeper.join();
    pthread_key_delete(key);

    std::thread sender(send);
    while (!flag.load(std::memory_order_acquire))
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    assert(letter == 7);
#ifndef FORGETS
    sender.join();
#endif
}

/*
 * library.cc - homework in C++ that leans on the library: call_once, futures, shared pointers, exceptions
 * beside each other, blocks that are aligned, and output, which must not be seen.
 *
 * -DTWICE: each thread makes the object.  -DNEVER_SETS: a promise is not kept.  -DSHARES: two
 * threads change one shared pointer.  -DEARLY: the aligned block is deleted while it is in use.
 */
#include <cassert>
#include <future>
#include <iostream>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>

namespace {

struct alignas(64) counter {
    int made = 0;
};

std::once_flag flag;
counter *one;

void make()
{
    one = new counter;
    one->made++;
}

void use()
{
#ifdef TWICE
    make();
#else
    std::call_once(flag, make);
#endif
    assert(one->made == 1);
}

void both_make()
{
    std::thread other(use);
    use();
#ifdef EARLY
    delete one;
    other.join();
#else
    other.join();
    delete one;
#endif
}

void futures()
{
    auto sum = std::async(std::launch::async, [] { return 40; });
    std::promise<int> promise;
    std::future<int> promised = promise.get_future();
    std::thread keeper([&promise] {
#ifndef NEVER_SETS
        promise.set_value(2);
#endif
    });
    assert(promised.get() + sum.get() == 42);
    keeper.join();
}

void shared()
{
    auto all = std::make_shared<int>(7);
    std::thread reader([&all, mine = all]() mutable {
        assert(*mine == 7);
#ifdef SHARES
        all.reset();
#else
        mine.reset();
#endif
    });
    all.reset();
    reader.join();
}

/* While one thread handles its exception, another one throws, and each finds its own again. */
std::mutex mutex;
int handled;

void throws(const std::string &name)
{
    try {
        throw std::runtime_error(name);
    } catch (const std::exception &e) {
        {
            std::lock_guard<std::mutex> guard(mutex);
            handled++;
        }
        try {
            throw;
        } catch (const std::runtime_error &again) {
            assert(again.what() == name);
        }
        assert(e.what() == name);
    }
}

void exceptions()
{
    std::thread other([] { throws("other"); });
    throws("first");
    other.join();
    assert(handled == 2);
}

} // namespace

int main()
{
    std::cout << "NOISE of C++" << std::endl;
    both_make();
    futures();
    shared();
    exceptions();
    std::cout << "more NOISE";
}

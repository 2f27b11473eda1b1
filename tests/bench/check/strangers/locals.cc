/*
 * locals.cc - thread-local objects in C++: each thread constructs its own, which end with it, the last one first.
 *
 * main() is checked, or with -DTEST a setup, two threads and a final check.  -DRACES: a destructor adds without the lock.
 * -DFORGETS: it leaves a block.  -DLATE: an element of such a vector is used when its thread has ended.
 */
#include <cassert>
#include <mutex>
#include <pthread.h>
#include <string>
#include <thread>
#include <vector>

#include "check/check.h"

static std::mutex mutex;
static pthread_key_t key;
static int total, begun, *lent;

/* At its end it counts for all what its thread has counted. */
struct Tally {
    std::vector<int> numbers;
    int *more = new int(1);
    ~Tally();
};

static thread_local Tally tally;
static thread_local std::vector<int> list;

Tally::~Tally()
{
#ifndef RACES
    std::lock_guard<std::mutex> guard(mutex);
#endif
    total += static_cast<int>(numbers.size()) * *more;
#ifndef FORGETS
    delete more;
#endif
}

static void destroy(void *number)
{
    delete static_cast<int *>(number);
}

/* It is constructed last, and uses at its end what was constructed before, and what its thread has for the key. */
struct Last {
    ~Last()
    {
        assert(tally.numbers.size() == 1);
        tally.numbers.push_back(*static_cast<int *>(pthread_getspecific(key)));
    }
};

static void count()
{
    assert(tally.numbers.empty() && list.empty());
    static thread_local Last last;
    thread_local std::string name = "a name that is too long to stand in the string itself";
    name += "x";
    pthread_setspecific(key, new int(2));
    tally.numbers.push_back(1);
    list.push_back(static_cast<int>(name.size()));
    std::lock_guard<std::mutex> guard(mutex);
    lent = &list[0];
}

#ifdef TEST
static void setup(void *)
{
    total = 0;
    begun++;
    list.push_back(begun);
    pthread_key_create(&key, destroy);
}

static void work(void *)
{
    std::lock_guard<std::mutex> guard(mutex);
    tally.numbers.push_back(1);
    list.push_back(1);
}

static void work_elsewhere(void *)
{
    std::thread other(count);
    other.join();
}

static void finally(void *)
{
    assert(total == 3 && begun == 1 && list.size() == 1);
    list.clear();
    count();
}

int main(int argc, char **argv)
{
    static struct check_test test = {};
    test.name = "locals";
    test.setup = setup;
    test.threads[0] = work;
    test.threads[1] = work_elsewhere;
    test.finally = finally;
    static const struct check_test *const tests[] = { &test, nullptr };
    return check_main(tests, argc, argv);
}
#else
static void *count_in_c(void *unused)
{
    count();
    return unused;
}

int main()
{
    pthread_t two;

    assert(total == 0 && begun == 0);
    begun = 1;
    list.push_back(0);
    pthread_key_create(&key, destroy);
    std::thread one(count);
    pthread_create(&two, nullptr, count_in_c, nullptr);
    one.join();
    pthread_join(two, nullptr);
    assert(total == 4 && list.size() == 1);
#ifdef LATE
    *lent = 1;
#endif
}
#endif

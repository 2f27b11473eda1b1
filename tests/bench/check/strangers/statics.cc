/*
 * statics.cc - homework in C++ whose static containers are used by two threads, and left full.
 *
 * A std::map is changed by code of the library, too; what it holds at the end is no leak.
 * -DFORGETS: a block that nothing holds is a leak all the same.  -DRACES: the map has no lock.
 */
#include <cassert>
#include <map>
#include <mutex>
#include <string>
#include <thread>

static std::map<int, std::string> names;
static std::mutex mutex;
static int begun;

static void enter(int number)
{
#ifndef RACES
    std::lock_guard<std::mutex> guard(mutex);
#endif
    names[number] = "a name that is too long to stand in the string itself";
}

int main()
{
    assert(begun == 0 && names.empty());
    begun = 1;
    std::thread one(enter, 1), two(enter, 2);
    one.join();
    two.join();
    assert(names.size() == 2);
#ifdef FORGETS
    new int(1);
#endif
}

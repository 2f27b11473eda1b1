/*
 * early.cc - homework in C++ whose static objects own memory before main() begins, which each run changes and gives back.
 *
 * Nobody but code of the library reads `title`.  -DTWICE: main() deletes what a constructor has made twice.  -DLATE:
 * and then writes there.  -DBEYOND: or behind it.
 */
#include <cassert>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

static std::vector<int> list{1, 2, 3};
static std::map<int, std::string> names{{1, "a name that is too long to stand in the string itself"}, {2, "two"}};
static std::string word = "a", title;
static std::mutex mutex;
static int *number = new int(5);
static char *line = static_cast<char *>(realloc(strcpy(static_cast<char *>(malloc(6)), "early"), 8));
std::string &get_title();

std::string &get_title()
{
    return title;
}

static void work(int i)
{
    std::lock_guard<std::mutex> guard(mutex);
    list.push_back(i);
    names[10 + i] = "another name that is too long to stand in the string itself";
    word += "b";
    get_title() = "a title that is too long to stand in the string itself";
    ++*number;
}

int main()
{
    assert(list.size() == 3 && names.size() == 2 && word == "a" && *number == 5 && strcmp(line, "early") == 0);
    std::thread one(work, 1), two(work, 2);
    one.join();
    two.join();
    assert(list.size() == 5 && names.size() == 4 && word == "abb" && *number == 7);
    names.erase(1);
    delete number;
#ifdef TWICE
    delete number;
#elif defined LATE
    *number = 1;
#elif defined BEYOND
    line[8] = 'x';
#endif
    line[0] = 'E';
    free(line);
}

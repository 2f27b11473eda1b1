/*
 * touched.c - in each test a thread calls a function of the C library, and another one writes what that reads or writes.
 *
 * So each of them has a data race.
 */
#include <fcntl.h>
#include <poll.h>
#include <search.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

#include "check/check.h"

/* A name of a file, and a short text also of wide characters. */
static union {
    char bytes[512];
    wchar_t wide[32];
    struct tm date;
    struct stat told;
    struct pollfd polled[1];
    time_t time;
    unsigned seed;
    unsigned short state[3];
    int ends[2];
} shared = { "/dev/null" };

static struct tm date;
static time_t now;
static wchar_t wide[32] = L"/dev";
static char bytes[64];
static struct iovec part = { shared.bytes, 4 };

static int same(const void *one, const void *other)
{
    return one != other;
}

static int same_in(const void *one, const void *other, void *unused)
{
    (void)unused;
    return same(one, other);
}

static int zeros(void)
{
    return open("/dev/zero", O_RDONLY);
}

static int nowhere(void)
{
    return open("/dev/null", O_WRONLY);
}

/* A file that takes any call, to be closed. */
static void on(int file, ssize_t done)
{
    (void)done;
    close(file);
}

#define IN(call) do { int file = zeros(); on(file, call); } while (0)
#define OUT(call) do { int file = nowhere(); on(file, call); } while (0)
#define CLOSED(call) do { if ((call) == 0) { close(shared.ends[0]); close(shared.ends[1]); } } while (0)
#define OPENED(call) close(call)
#define ASK(call) do { if (call) bytes[1] = 'x'; } while (0)

#define TESTS(T)                                                                              \
    T(wmemcpy, wmemcpy(shared.wide, wide, 2)) T(wmempcpy, wmempcpy(wide, shared.wide, 2))     \
    T(wmemmove, wmemmove(shared.wide, wide, 2)) T(wmemset, wmemset(shared.wide, L'x', 2))     \
    T(wmemcmp, ASK(wmemcmp(shared.wide, wide, 2))) T(wmemchr, ASK(wmemchr(shared.wide, 0, 4))) \
    T(wcslen, ASK(wcslen(shared.wide))) T(wcsnlen, ASK(wcsnlen(shared.wide, 2)))              \
    T(wcscpy, wcscpy(shared.wide, wide)) T(wcpcpy, wcpcpy(wide, shared.wide))                 \
    T(wcsncpy, wcsncpy(shared.wide, wide, 2)) T(wcpncpy, wcpncpy(shared.wide, wide, 2))       \
    T(wcscat, wcscat(shared.wide, wide)) T(wcsncat, wcsncat(wide, shared.wide, 2))            \
    T(wcscmp, ASK(wcscmp(shared.wide, wide))) T(wcsncmp, ASK(wcsncmp(shared.wide, wide, 1)))  \
    T(wcscasecmp, ASK(wcscasecmp(shared.wide, wide)))                                         \
    T(wcsncasecmp, ASK(wcsncasecmp(shared.wide, wide, 1)))                                    \
    T(wcscoll, ASK(wcscoll(shared.wide, wide))) T(wcschr, ASK(wcschr(shared.wide, L'x')))     \
    T(wcsrchr, ASK(wcsrchr(shared.wide, L'x'))) T(wcschrnul, ASK(wcschrnul(shared.wide, L'x'))) \
    T(wcsstr, ASK(wcsstr(shared.wide, wide))) T(wcsspn, ASK(wcsspn(shared.wide, wide)))       \
    T(wcscspn, ASK(wcscspn(shared.wide, wide))) T(wcspbrk, ASK(wcspbrk(shared.wide, wide)))   \
    T(wcsdup, free(wcsdup(shared.wide))) T(mbstowcs, ASK(mbstowcs(wide, shared.bytes, 2)))    \
    T(wcstombs, ASK(wcstombs(shared.bytes, wide, 2))) T(wcstol, ASK(wcstol(shared.wide, NULL, 10))) \
    T(wcstoul, ASK(wcstoul(shared.wide, NULL, 10))) T(wcstod, ASK(wcstod(shared.wide, NULL) > 0)) \
    T(gmtime_r, gmtime_r(&now, &shared.date)) T(localtime_r, localtime_r(&now, &shared.date)) \
    T(asctime_r, asctime_r(&date, shared.bytes)) T(ctime_r, ctime_r(&now, shared.bytes))      \
    T(mktime, mktime(&shared.date)) T(timegm, timegm(&shared.date))                           \
    T(strptime, ASK(strptime("1", "%d", &shared.date)))                                       \
    T(strftime, ASK(strftime(bytes, sizeof bytes, "%H", &shared.date)))                       \
    T(gmtime, gmtime(&shared.time)) T(localtime, localtime(&shared.time))                     \
    T(asctime, asctime(&shared.date)) T(ctime, ctime(&shared.time))                           \
    T(write, OUT(write(file, shared.bytes, 4))) T(pwrite, OUT(pwrite(file, shared.bytes, 4, 0))) \
    T(writev, OUT(writev(file, &part, 1))) T(pwritev, OUT(pwritev(file, &part, 1, 0)))   \
    T(send, ASK(send(-1, shared.bytes, 4, 0))) T(sendto, ASK(sendto(-1, shared.bytes, 4, 0, NULL, 0))) \
    T(dprintf, OUT(dprintf(file, "%s", shared.bytes)))                                        \
    T(read, IN(read(file, shared.bytes, 4))) T(pread, IN(pread(file, shared.bytes, 4, 0)))    \
    T(readv, IN(readv(file, &part, 1))) T(preadv, IN(preadv(file, &part, 1, 0)))              \
    T(readlink, ASK(readlink("/proc/self/exe", shared.bytes, 4)))                             \
    T(open, OPENED(open(shared.bytes, O_RDONLY))) T(openat, OPENED(openat(-1, shared.bytes, O_RDONLY))) \
    T(creat, OPENED(creat(shared.bytes, 0))) T(fopen, fclose(fopen(shared.bytes, "r")))       \
    T(stat, ASK(stat("/dev/null", &shared.told))) T(lstat, ASK(lstat("/dev/null", &shared.told))) \
    T(fstat, ASK(fstat(0, &shared.told))) T(access, ASK(access(shared.bytes, R_OK)))          \
    T(rmdir, ASK(rmdir(shared.bytes))) T(mkdir, ASK(mkdir(shared.bytes, 0))) T(chdir, ASK(chdir(shared.bytes))) \
    T(pipe, CLOSED(pipe(shared.ends))) T(pipe2, CLOSED(pipe2(shared.ends, 0)))                \
    T(socketpair, CLOSED(socketpair(AF_UNIX, SOCK_STREAM, 0, shared.ends)))                   \
    T(poll, ASK(poll(shared.polled, 1, 0))) T(rand_r, ASK(rand_r(&shared.seed)))              \
    T(erand48, ASK(erand48(shared.state) > 0)) T(nrand48, ASK(nrand48(shared.state)))         \
    T(jrand48, ASK(jrand48(shared.state))) T(getenv, ASK(getenv(shared.bytes)))               \
    T(setenv, setenv(shared.bytes, "x", 1)) T(perror, perror(shared.bytes))                   \
    T(strerror_r, ASK(strerror_r(1, shared.bytes, 64))) T(swab, swab(bytes, shared.bytes, 4)) \
    T(lsearch, ASK(lsearch(bytes, shared.bytes, &(size_t){ 0 }, 1, same)))                    \
    T(qsort_r, qsort_r(shared.bytes, 2, 1, same_in, NULL)) T(counted, sprintf(bytes, "x%n", shared.ends))

#define CALL(name, call) static void call_##name(void *unused) { (void)unused; call; }
TESTS(CALL)

static void touch(void *unused)
{
    volatile char *first = shared.bytes;

    (void)unused;
    *first = '/';
}

/* One changes the environment, which is in memory of the library. */
static void look_up(void *unused)
{
    (void)unused;
    ASK(getenv("CLAPS"));
}

static void change(void *unused)
{
    (void)unused;
    setenv("CLAPS", "7", 1);
}

#define TEST(called, call) static const struct check_test test_##called = { .name = #called, .threads = { call_##called, touch } };
TESTS(TEST)

int main(int argc, char **argv)
{
    static const struct check_test environment = { .name = "environment", .threads = { look_up, change } };
#define LIST(name, call) &test_##name,
    static const struct check_test *const tests[] = { TESTS(LIST) &environment, NULL };

    return check_main(tests, argc, argv);
}

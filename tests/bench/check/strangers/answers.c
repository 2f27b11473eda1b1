/*
 * answers.c - homework that asks the C library for this and that, and finds its statics new in each execution.
 *
 * -DPAUSES: a thread pauses that no signal reaches.  -DLOOKS: it looks for the signal first, which then comes.
 */
#include <assert.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

static atomic_int came, awake;

static void handle(int number)
{
    atomic_store(&came, number);
}

static void *wait_for_a_signal(void *unused)
{
#ifdef LOOKS
    if (!atomic_load(&came))
#endif
    {
        pause();
        assert(atomic_load(&came) == SIGUSR1);
    }
    atomic_store(&awake, 1);
    return unused;
}

static void *ask(void *unused)
{
    static wchar_t wide[8];
    static struct tm date;
    static char first[9], line[9], text[32];
    const time_t day = 86400;
    struct iovec parts[] = { { first, 2 }, { first + 2, 2 } };
    int file = open("/proc/self/comm", O_RDONLY), drawn;

    assert(!wide[0] && !date.tm_year && !first[0] && !line[0]);
    assert(wcscmp(wcscpy(wide, L"12x"), L"12x") == 0 && wcslen(wide) == 3 && wcstol(wide, NULL, 10) == 12);
    assert(gmtime_r(&day, &date)->tm_mday == 2 && timegm(&date) == day);
    assert(strftime(text, sizeof text, "%d.%m.", &date) == 6 && strcmp(text, "02.01.") == 0);
    assert(pread(file, line, 1, 0) == 1 && read(file, first, 1) == 1 && first[0] == line[0]);
    assert(lseek(file, 0, SEEK_SET) == 0 && readv(file, parts, 2) == 4 && first[0] == line[0] && first[3]);
    close(file);
    FILE *f = fmemopen("a\0b\nc", 5, "r");
    assert(fgets(line, sizeof line, f) && line[2] == 'b' && line[3] == '\n' && !line[4]);
    assert(fgets(line, sizeof line, f) && line[0] == 'c' && !fgets(line, sizeof line, f));
    fclose(f);
    assert(!getenv("CLAPS") && setenv("CLAPS", "7", 1) == 0 && strcmp(getenv("CLAPS"), "7") == 0);
    assert(strcmp(strerror_r(2, text, sizeof text), "No such file or directory") == 0);
    srand(5);
    drawn = rand();
    srand(6);
    assert(drawn != rand());
    srand(5);
    assert(drawn == rand());
    srand48(5);
    drawn = (int)lrand48();
    srand48(5);
    assert(drawn == (int)lrand48());
    return unused;
}

int main(void)
{
    pthread_t threads[2];

    signal(SIGUSR1, handle);
    pthread_create(&threads[0], NULL, wait_for_a_signal, NULL);
    pthread_create(&threads[1], NULL, ask, NULL);
    pthread_join(threads[1], NULL);
#if defined(LOOKS)
    kill(getpid(), SIGUSR1);
#elif !defined(PAUSES)
    while (!atomic_load(&awake)) {
        kill(getpid(), SIGUSR1);
        sched_yield();
    }
#endif
    pthread_join(threads[0], NULL);
}

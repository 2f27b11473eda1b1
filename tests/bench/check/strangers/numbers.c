/*
 * numbers.c - homework whose threads convert numbers, and look at errno as strtol() says.
 *
 * Each thread has an errno of its own, which it finds as it has left it, whichever thread has run meanwhile.
 *
 * -DRACES: adds up without an atomic.
 */
#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#ifdef RACES
static long sum;
#else
static _Atomic long sum;
#endif

static void *convert(void *text)
{
    assert(errno == 0);
    sum += strtol(text, NULL, 10);
    errno = 0;
    sum += strtol("99999999999999999999", NULL, 10) == LONG_MAX;
    sum++;
    assert(errno == ERANGE);
    errno = 0;
    sum += strtol("1", NULL, 10);
    assert(errno == 0);
    return NULL;
}

int main(void)
{
    static char one[] = "12", other[] = "30";
    pthread_t threads[2];

    errno = EINVAL;
    pthread_create(&threads[0], NULL, convert, one);
    pthread_create(&threads[1], NULL, convert, other);
    pthread_join(threads[0], NULL);
    pthread_join(threads[1], NULL);
    assert(errno == EINVAL);
    assert(sum == 48);
}

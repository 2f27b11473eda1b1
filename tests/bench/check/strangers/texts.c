/*
 * texts.c - a thread writes a text while main() reads it, by functions of string.h.
 *
 * -DWRITES=...: how it is written, to the 32 bytes of `text`; -DREADS=...: how it is read.  Without them both are
 * done in turn, and right.
 */
#include <assert.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static char text[32] = "one,two";
#ifdef READS
static bool found;
#endif

static void *work(void *unused)
{
#ifdef WRITES
    (void)(WRITES);
#elif defined(READS)
    text[0] = 'O';
#else
    char *rest = text;

    assert(strspn(text, "one") == 3 && strcspn(text, ",") == 3 && *strpbrk(text, ",") == ',');
    assert(strcasecmp(text, "ONE,TWO") == 0 && strncasecmp(text, "ONCE", 3) > 0 && strcasestr(text, "TWO"));
    assert(strchrnul(text, 'x') == text + 7 && memrchr(text, 'o', 8) == text + 6);
    assert(index(text, ',') == text + 3 && rindex(text, 'o') == text + 6 && rawmemchr(text, 'w') == text + 5);
    assert(strcoll(text, "one") > 0 && strverscmp(text, "one") > 0 && atoi(text) == 0 && atof("2.5") == 2.5);
    assert(strtoul("12x", &rest, 10) == 12 && *rest == 'x' && strtod(" -1e2", &rest) == -100 && !*rest);
    rest = text;
    assert(strcmp(strtok(text, ","), "one") == 0 && strcmp(strtok(NULL, ","), "two") == 0 && !strtok(NULL, ","));
    assert(strcmp(strsep(&rest, ","), "one") == 0 && !rest);
    assert(stpcpy(text, "three") == text + 5 && mempcpy(text, "T", 1) == text + 1);
    assert(memccpy(text + 8, "a,b", ',', 3) == text + 10 && memmem(text, 10, "a,", 2) == text + 8);
    assert(stpncpy(text, "four", 6) == text + 4);
    bzero(text, sizeof text);
#endif
    return unused;
}

int main(void)
{
    pthread_t thread;

    pthread_create(&thread, NULL, work, NULL);
#ifdef READS
    if (READS) /* a compiler leaves out index() if nobody asks what it found */
        found = true;
#elif defined(WRITES)
    if (text[0] == 'x')
        text[1] = 'y';
#endif
    pthread_join(thread, NULL);
#if !defined(READS) && !defined(WRITES)
    assert(text[0] == '\0');
#endif
    return 0;
}

/*
 * subject_main.c - main() for a program whose own main() is what is to be checked.
 *
 * Linked with -Wl,--wrap=main, the start of a program calls the main() here, and the program's own is
 * __real_main.  So it stays main() to the compiler, which returns 0 at its end and, in C++, does not
 * mangle its name.  Each execution calls it from its beginning; what it prints is dropped.  The
 * checker's own options are those of check_main().
 */
#include <stdio.h>

#include "bench/check/check.h"

/* The program's main(), and the one that is called instead. */
int __real_main(int argc, char **argv);
int __wrap_main(int argc, char **argv);

static FILE *kept, *nowhere;

static void be_quiet(void *unused)
{
    (void)unused;
    kept = stdout;
    if (nowhere)
        stdout = nowhere;
}

static void be_heard(void *unused)
{
    (void)unused;
    if (kept)
        stdout = kept;
}

static void call_main(void *unused)
{
    static char name[] = "main";
    char *argv[] = { name, NULL };

    (void)unused;
    int status = __real_main(1, argv);
    if (status)
        check_fail("main() has returned %d", status);
}

int __wrap_main(int argc, char **argv)
{
    static const struct check_test program = { .name = "main", .setup = be_quiet, .ended = be_heard,
                                               .threads = { call_main } };
    static const struct check_test *const tests[] = { &program, NULL };

    nowhere = fopen("/dev/null", "we");
    return check_main(tests, argc, argv);
}

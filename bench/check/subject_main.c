/*
 * subject_main.c - main() for a program whose own main() is what is to be checked.
 *
 * A program that was compiled with -Dmain=check_subject has no other main(), so the linker
 * takes this one.  Each execution calls the program's from its beginning; what it prints is
 * dropped.  The checker's own options are those of check_main().
 */
#include <stdio.h>

#include "bench/check/check.h"

/* The program's main(). */
int check_subject(int argc, char **argv);

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
    int status = check_subject(1, argv);
    if (status)
        check_fail("main() has returned %d", status);
}

int main(int argc, char **argv)
{
    static const struct check_test program = { .name = "main", .setup = be_quiet, .ended = be_heard,
                                               .threads = { call_main } };
    static const struct check_test *const tests[] = { &program, NULL };

    nowhere = fopen("/dev/null", "we");
    return check_main(tests, argc, argv);
}

/*
 * subject_main.c - main() for a program whose own main() is what is to be checked.
 *
 * Linked with -Wl,--wrap=main, the start of a program calls the main() here, and the program's own is
 * __real_main.  So it stays main() to the compiler, which returns 0 at its end and, in C++, does not
 * mangle its name.  Each execution calls it from its beginning; what it prints is dropped, and errors of all
 * executions but the first.  The checker's own options are those of check_main().
 *
 * The stream that was stdout leads nowhere then, since std::cout keeps it, and the checker prints to another
 * one that is stdout between two executions.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "bench/check/check.h"
#include "bench/machine/thread_models.h"

/* The program's main(), and the one that is called instead. */
int __real_main(int argc, char **argv);
int __wrap_main(int argc, char **argv);

static FILE *heard, *heard_errors, *nowhere;

/* Of the first execution the errors are heard: thousands of others would say the same. */
static void be_quiet(void *unused)
{
    static bool again;

    (void)unused;
    stdout = nowhere;
    stderr = again ? nowhere : heard_errors;
    again = true;
}

static void be_heard(void *unused)
{
    (void)unused;
    stdout = heard;
    stderr = heard_errors;
}

/* Where that fails, what the program prints is heard as well. */
static void part_streams(void)
{
    int own = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3), null = open("/dev/null", O_WRONLY | O_CLOEXEC);

    fflush(stdout);
    nowhere = heard = stdout;
    heard_errors = stderr;
    if (own >= 0 && null >= 0 && (heard = fdopen(own, "w")) != NULL)
        dup2(null, STDOUT_FILENO);
    else
        heard = stdout;
    if (null >= 0)
        close(null);
    be_heard(NULL);
}

static void call_main(void *unused)
{
    static char name[] = "main";
    char *argv[] = { name, NULL };

    (void)unused;
    int status = check_thread_of_main(__real_main, 1, argv);
    if (status)
        check_fail("main() has returned %d", status);
}

int __wrap_main(int argc, char **argv)
{
    static const struct check_test program = { .name = "main", .setup = be_quiet, .ended = be_heard,
                                               .threads = { call_main }, .is_program = true };
    static const struct check_test *const tests[] = { &program, NULL };

    part_streams();
    return check_main(tests, argc, argv);
}

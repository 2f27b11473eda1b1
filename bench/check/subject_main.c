/*
 * subject_main.c - main() for a program whose own main() is what is to be checked.
 *
 * Linked with -Wl,--wrap=main, the start of a program calls the main() here, and the program's own is
 * __real_main.  So it stays main() to the compiler, which returns 0 at its end and, in C++, does not
 * mangle its name.  Each execution calls it from its beginning; what it prints is dropped, and errors of all
 * executions but the first.  The checker's own options are those of check_main(), and what stands behind "--" are the
 * program's arguments.
 *
 * The stream that was stdout leads nowhere then, since std::cout keeps it, and the checker prints to another
 * one that is stdout between two executions.
 */
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/check/check.h"
#include "bench/check/main_arguments.h"
#include "bench/machine/thread_models.h"

/* The program's main(), and the one that is called instead. */
int __real_main(int argc, char **argv);
int __wrap_main(int argc, char **argv);

static FILE *heard, *heard_errors, *nowhere;

/* The program's own arguments stand behind "--"; each execution has them anew, since it may change them. */
static struct {
    int count; /* with the program's name */
    char **given, **passed;
} own;

static void keep_arguments(int count, char **given)
{
    static char told[1024];
    size_t used = 0;

    own.count = count;
    own.given = given;
    own.passed = calloc((size_t)count + 1, sizeof *own.passed);
    for (int i = 1; i < count && used < sizeof told; i++)
        used += (size_t)snprintf(told + used, sizeof told - used, "%s '%s'", i == 1 ? " --" : "", given[i]);
    main_arguments = count > 1 ? told : NULL;
}

static void renew_arguments(void)
{
    for (int i = 0; i < own.count; i++) {
        free(own.passed[i]);
        own.passed[i] = strdup(own.given[i]);
    }
    own.passed[own.count] = NULL;
    optind = 1; /* it may call getopt() */
}

/* Of the first execution the errors are heard: thousands of others would say the same. */
static void be_quiet(void *unused)
{
    static bool again;

    (void)unused;
    renew_arguments();
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
    int copy = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3), null = open("/dev/null", O_WRONLY | O_CLOEXEC);

    fflush(stdout);
    nowhere = heard = stdout;
    heard_errors = stderr;
    if (copy >= 0 && null >= 0 && (heard = fdopen(copy, "w")) != NULL)
        dup2(null, STDOUT_FILENO);
    else
        heard = stdout;
    if (null >= 0)
        close(null);
    be_heard(NULL);
}

static void call_main(void *unused)
{
    (void)unused;
    int status = check_thread_of_main(__real_main, own.count, own.passed);
    if (status)
        check_fail("main() has returned %d", status);
}

/* The checker's part of the command line ends before "--", which then stands for the program's name. */
static int split(int argc, char **argv)
{
    int end = 1;

    while (end < argc && strcmp(argv[end], "--") != 0)
        end++;
    if (end < argc) {
        argv[end] = argv[0];
        keep_arguments(argc - end, argv + end);
    } else {
        keep_arguments(1, argv);
    }
    return end;
}

int __wrap_main(int argc, char **argv)
{
    static const struct check_test program = { .name = "main", .setup = be_quiet, .ended = be_heard,
                                               .threads = { call_main }, .is_program = true };
    static const struct check_test *const tests[] = { &program, NULL };

    part_streams();
    return check_main(tests, split(argc, argv), argv);
}

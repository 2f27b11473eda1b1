/* check_textbook.c - see check_textbook.h. */
#include "bench/tool/check_textbook.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/arguments.h"
#include "bench/base/interrupt.h"
#include "bench/base/nearest.h"
#include "bench/check/session.h"
#include "bench/check/textbook/registry.h"

enum { EXECUTIONS = 10000, NAME = 128 };

bool textbook_means(const char *name)
{
    return strncmp(name, TEXTBOOK, strlen(TEXTBOOK)) == 0;
}

static bool is_all(const char *mutant)
{
    return mutant && strcmp(mutant, "all") == 0;
}

/* Whether this one is meant: the right program without a mutant, that one, or with "all" each. */
static bool is_meant(const struct textbook_program *p, const char *name, const char *mutant)
{
    if (strcmp(p->name, name + strlen(TEXTBOOK)) != 0)
        return false;
    if (!p->mutant || !mutant)
        return !p->mutant && !mutant;
    return is_all(mutant) || strcmp(p->mutant, mutant) == 0;
}

static bool has_one(const char *name, const char *mutant)
{
    for (const struct textbook_program *p = textbook_programs; p->name; p++)
        if (is_meant(p, name, mutant))
            return true;
    return false;
}

static int refuse_name(const char *name)
{
    struct nearest n = { .wanted = name + strlen(TEXTBOOK) };
    char hint[NEAREST_HINT];

    for (const struct textbook_program *p = textbook_programs; p->name; p++)
        if (!p->mutant)
            nearest_offer(&n, p->name);
    return arguments_error("'%s': there is no such program%s; contend check --textbook lists them",
                           name, nearest_hint(&n, TEXTBOOK, hint));
}

static int refuse_mutant(const char *name, const char *mutant)
{
    struct nearest n = { .wanted = mutant };
    char hint[NEAREST_HINT];

    for (const struct textbook_program *p = textbook_programs; p->name; p++)
        if (p->mutant && strcmp(p->name, name + strlen(TEXTBOOK)) == 0)
            nearest_offer(&n, p->mutant);
    return arguments_error("--mutant=%s: %s has no such mutant%s; contend check --textbook lists them",
                           mutant, name, nearest_hint(&n, "", hint));
}

int textbook_require(const struct check_request *r)
{
    for (char **n = r->names; *n; n++) {
        if (!textbook_means(*n))
            return arguments_error("'%s' is a strategy, and textbook programs are checked by "
                                   "themselves", *n);
        if (!has_one(*n, NULL))
            return refuse_name(*n);
        if (r->mutant && !has_one(*n, r->mutant))
            return refuse_mutant(*n, r->mutant);
    }
    if (r->suite.scenario || r->setting_count || r->copy != check_copies)
        return arguments_error("--scenario, --set and --level are for strategies");
    return 0;
}

/* A copy of the program's test under its full name, "textbook/treiber[no_tag]"; until the end. */
static const struct check_test *test_of(const struct textbook_program *p)
{
    struct check_test *test = malloc(sizeof *test);
    char *name = malloc(NAME);

    if (!test || !name) {
        arguments_error("out of memory");
        exit(1);
    }
    *test = *p->test;
    snprintf(name, NAME, TEXTBOOK "%s%s%s%s", p->name, p->mutant ? "[" : "",
             p->mutant ? p->mutant : "", p->mutant ? "]" : "");
    test->name = name;
    return test;
}

static struct session session_of(const struct check_request *r)
{
    return (struct session){ .budget = r->suite.executions ? r->suite.executions
                                       : r->suite.seconds > 0 ? 0 : EXECUTIONS,
                             .seconds = r->suite.seconds, .seed = r->suite.seed,
                             .mode = r->suite.mode, .past_races = r->suite.past_races,
                             .page = r->page, .command = "contend check ",
                             .interrupted = interrupt_came };
}

static unsigned count_programs(void)
{
    unsigned count = 0;

    while (textbook_programs[count].name)
        count++;
    return count;
}

int textbook_check(const struct check_request *r)
{
    const struct check_test **tests = calloc(count_programs() + 1, sizeof *tests);
    struct session s = session_of(r);
    unsigned count = 0;

    if (!tests) {
        arguments_error("out of memory");
        return 1;
    }
    interrupt_catch();
    for (const struct textbook_program *p = textbook_programs; p->name; p++) {
        bool wanted = r->replay != NULL;
        for (char **n = r->names; !wanted && *n; n++)
            wanted = is_meant(p, *n, r->mutant);
        if (!wanted)
            continue;
        tests[count++] = test_of(p);
        if (!r->replay)
            printf("%s: %s\n", tests[count - 1]->name, p->about);
    }
    int status = r->replay ? session_replay(tests, r->replay, &s) : session_run(tests, &s);
    free(tests); /* the tests themselves are few, and the process ends now */
    return status;
}

void textbook_list(void)
{
    for (const struct textbook_program *p = textbook_programs; p->name; p++)
        if (p->mutant)
            printf("  --mutant=%-16s %s\n", p->mutant, p->about);
        else
            printf(TEXTBOOK "%s\n  %s\n", p->name, p->about);
}

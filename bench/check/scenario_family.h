/*
 * scenario_family.h - how each family's scenarios are read, made up and tested, as
 * in lock_scenario.c.
 */
#ifndef CONTEND_BENCH_CHECK_SCENARIO_FAMILY_H
#define CONTEND_BENCH_CHECK_SCENARIO_FAMILY_H

#include "bench/check/scenario.h"

/* An operation whose progress is observed. */
struct scenario_trial {
    const char *operation; /* its name in a verdict; NULL ends a list */
    const char *text;      /* what two threads do */
    size_t trait;          /* where its declaration is, in the traits */
};

/* Operations of the disturbing thread; the other thread makes a step after each `meal` of them. */
struct scenario_disturbance {
    const char *text; /* NULL ends a list */
    unsigned meal;
    bool comes_and_goes;
};

struct scenario_family {
    const char *object, *folder; /* "counter", "counters" */

    /*
     * The text: each operation's letter, and what follows it: n a number, k a count, u a user,
     * t a time, b a budget that may be left out.
     */
    const char *letters, *follows[11];
    size_t rare;       /* so many letters at the end are for written scenarios: few entries know them */
    bool capacity;     /* a digit and ':' in front are a fixed capacity */
    bool about_users;  /* operations on several users are judged together, so they are limited */
    bool prepared;     /* made-up ones often begin with a part that is done first */
    const char *const *written; /* by hand, ended by NULL */

    const struct contend_identity *(*identity)(const void *ops);
    const char *(*header)(const void *ops);
    const char *(*choices)(const void *ops); /* what a template was composed with */
    void (*(*code)(const void *ops))(void); /* a function of the entry's own unit */
    bool (*supports)(const void *ops, const struct operation *op); /* NULL: all of them */
    struct check_test (*test)(const struct subject *s, const struct scenario *p, bool weak);
    /* A remark for the reader of a failure, without its full stop; NULL = none. */
    void (*note)(const void *ops, char *text, size_t size);

    /* Progress; no trials where it is not observed. */
    const struct scenario_trial *trials;
    const struct scenario_disturbance *disturbances;
    const char *everything; /* all that an object offers, for a thread to be stopped in */
    const char *before;     /* done first where operations are disturbed: "h0a/" */
    const void *(*traits)(const void *ops);
};

#define DECLARE(OBJECT) extern const struct scenario_family scenarios_##OBJECT;
FAMILY_EACH(DECLARE)
#undef DECLARE

const struct scenario_family *scenario_family_of(enum family_index family);

/* The access to an entry, which differs by its type only. */
#define SCENARIO_ACCESS(OBJECT)                                                               \
    static const struct contend_identity *identity(const void *ops)                           \
    {                                                                                         \
        return &((const struct OBJECT##_ops *)ops)->traits->id;                               \
    }                                                                                         \
    static const char *header(const void *ops)                                                \
    {                                                                                         \
        return ((const struct OBJECT##_ops *)ops)->header;                                    \
    }                                                                                         \
    static const char *choices(const void *ops)                                               \
    {                                                                                         \
        return ((const struct OBJECT##_ops *)ops)->choices;                                   \
    }                                                                                         \
    static void (*code(const void *ops))(void)                                                \
    {                                                                                         \
        return (void (*)(void))((const struct OBJECT##_ops *)ops)->init;                      \
    }

#endif

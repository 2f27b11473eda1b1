/*
 * settings.h - selects from a list of settings those for which a strategy has options.
 */
#ifndef CONTEND_BENCH_BASE_SETTINGS_H
#define CONTEND_BENCH_BASE_SETTINGS_H

#include "locks/parts/options.h"

enum { SETTINGS_MOST = 32 }; /* options of one strategy, its parts' included */

struct settings {
    struct contend_setting list[SETTINGS_MOST];
    size_t count;
};

/* The option of a part has two names: both "lock.spin" and "spin" name "lock.spin". */
static inline int settings_mean(const char *name, const struct contend_option *o)
{
    const char *own = strrchr(o->name, '.');

    return strcmp(o->name, name) == 0 || (own && strcmp(own + 1, name) == 0);
}

/* For each option, the first of the `count` wanted values that has its name and is in its range. */
static inline struct settings settings_that_fit(const struct contend_option *options,
                                                const struct contend_setting *wanted, size_t count)
{
    struct settings s = { .count = 0 };

    for (const struct contend_option *o = options; o && o->name; o++)
        for (size_t i = 0; i < count && s.count < SETTINGS_MOST; i++)
            if (settings_mean(wanted[i].name, o) && wanted[i].value >= o->least &&
                wanted[i].value <= o->greatest) {
                s.list[s.count++] = (struct contend_setting){ o->name, wanted[i].value };
                break;
            }
    return s;
}

/* For a configuration; the list must outlive its init. */
static inline struct contend_settings settings_as_given(const struct settings *s)
{
    return (struct contend_settings){ .list = s->list, .count = s->count };
}

#endif

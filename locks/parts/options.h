/*
 * options.h - the options that a strategy declares, and the settings that a caller gives.
 *
 * A strategy lists its options: name, default, range and meaning.  A configuration
 * carries one list of settings by name.  So a contract's struct does not grow with its
 * strategies, and a tool, a test or a checker can try the options of a strategy that it
 * has never heard of.
 *
 * The options of a part are set under the part's name: "lock.spin" is the option `spin`
 * of the lock that a template was composed with.
 *
 * Valid C11 and C++17; no atomics.
 */
#ifndef CONTEND_LOCKS_PARTS_OPTIONS_H
#define CONTEND_LOCKS_PARTS_OPTIONS_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* One option.  A list of them ends with CONTEND_OPTIONS_END; NULL is an empty list. */
struct contend_option {
    const char *name;        /* "stripes"; of a part: "lock.spin" */
    int64_t preset;          /* its value where the caller does not set it */
    int64_t least, greatest; /* the range, bounds included */
    const char *meaning;     /* in one line */
};

#define CONTEND_OPTIONS_END { NULL, 0, 0, 0, NULL }

/* One option's value. */
struct contend_setting {
    const char *name;
    int64_t value;
};

/*
 * The settings in a configuration; all zero: every option has its default.  If a name
 * appears twice, the last value counts.  init reads the list and keeps no pointer to it.
 */
struct contend_settings {
    const struct contend_setting *list;
    size_t count;
    /* For contend_settings_of() alone: these are the settings of that part of `whole`. */
    const char *part;
    const struct contend_settings *whole;
};

/*
 * The settings for a part: "lock.spin" becomes "spin".  They live as long as `whole`, which
 * may be NULL.
 */
static inline struct contend_settings contend_settings_of(const struct contend_settings *whole,
                                                          const char *part)
{
    struct contend_settings s = { NULL, 0, part, whole };

    if (whole) {
        s.list = whole->list;
        s.count = whole->count;
    }
    return s;
}

/* A setting's name as these settings' owner knows it, or NULL if it is another part's. */
static inline const char *contend_setting_name(const struct contend_settings *s, const char *name)
{
    if (!s->whole)
        return name;
    name = contend_setting_name(s->whole, name);
    size_t length = strlen(s->part);
    if (!name || strncmp(name, s->part, length) != 0 || name[length] != '.')
        return NULL;
    return name + length + 1;
}

/* The option of that name, or NULL. */
static inline const struct contend_option *contend_option_find(
    const struct contend_option *options, const char *name)
{
    for (; options && options->name; options++)
        if (strcmp(options->name, name) == 0)
            return options;
    return NULL;
}

/*
 * 0 if every setting names an option and lies in its range; otherwise -EINVAL (no such
 * option) or -ERANGE.  An init calls this before it makes anything.
 */
static inline int contend_settings_check(const struct contend_settings *s,
                                         const struct contend_option *options)
{
    for (size_t i = 0; i < s->count; i++) {
        const char *name = contend_setting_name(s, s->list[i].name);
        if (!name)
            continue;
        const struct contend_option *o = contend_option_find(options, name);
        if (!o)
            return -EINVAL;
        if (s->list[i].value < o->least || s->list[i].value > o->greatest)
            return -ERANGE;
    }
    return 0;
}

/*
 * How many manners the option offers, of which each does something else: 0 if it is a quantity.
 * An option with at most this many values is taken for a choice; the checker tries them all.
 */
enum { CONTEND_MANNERS_MOST = 8 };

static inline unsigned contend_option_manners(const struct contend_option *o)
{
    return o->greatest - o->least < CONTEND_MANNERS_MOST ? (unsigned)(o->greatest - o->least) + 1
                                                         : 0;
}

/* What the option of that name is set to, or its default; `s` may be NULL. */
static inline int64_t contend_option_value(const struct contend_settings *s,
                                           const struct contend_option *options, const char *wanted)
{
    const struct contend_option *o = contend_option_find(options, wanted);
    int64_t value = o ? o->preset : 0;

    for (size_t i = 0; s && i < s->count; i++) {
        const char *name = contend_setting_name(s, s->list[i].name);
        if (name && strcmp(name, wanted) == 0)
            value = s->list[i].value;
    }
    return value;
}

#endif

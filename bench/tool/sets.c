/* sets.c - see sets.h. */
#include "bench/tool/sets.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/arguments.h"
#include "bench/base/nearest.h"

/* The three parts of the text, each ended where its separator stood. */
struct assignment {
    const char *name, *option, *values;
};

static bool split(char *text, struct assignment *a)
{
    char *equals = strchr(text, '='), *dot = strchr(text, '.');

    if (!equals || !dot || dot > equals || dot == text || dot + 1 == equals || !equals[1])
        return false;
    *dot = *equals = '\0';
    *a = (struct assignment){ text, dot + 1, equals + 1 };
    return true;
}

/* Says that no strategy of that name has the option, and which options there are. */
static int refuse_option(const struct assignment *a, unsigned set)
{
    struct nearest near = { .wanted = a->option };
    char list[512] = "", hint[NEAREST_HINT];
    size_t used = 0;
    struct entry e;

    for (size_t i = 0; entry_at(i, &e); i++) {
        const struct contend_option *o = e.id->options;
        if (!(family_bit(e.family) & set) || !entry_means(a->name, e.family, e.id->name))
            continue;
        for (; o && o->name && used < sizeof list; o++) {
            nearest_offer(&near, o->name);
            used += (size_t)snprintf(list + used, sizeof list - used, "%s%s/%s.%s",
                                     used ? ", " : "", e.family->folder, e.id->name, o->name);
        }
    }
    if (!list[0])
        return arguments_error("--set: '%s' has no options", a->name);
    return arguments_error("--set: '%s' has no option '%s', only %s%s", a->name, a->option, list,
                           nearest_hint(&near, "", hint));
}

static int read_value(const struct entry *e, const struct contend_option *o, const char *text,
                      int64_t *value)
{
    char full[ENTRY_NAME], *end;

    errno = 0;
    long long n = strtoll(text, &end, 10);
    bool whole = (text[0] >= '0' && text[0] <= '9') || text[0] == '-';
    if (!whole || *end || end == text)
        return arguments_error("--set: '%s' is no whole number", text);
    if (errno || n < o->least || n > o->greatest)
        return arguments_error("--set: %s.%s=%s: %" PRId64 " to %" PRId64 " is its range (%s)",
                               entry_name(e, full), o->name, text, o->least, o->greatest,
                               o->meaning);
    *value = n;
    return 0;
}

/* What is called with every value. */
struct taker {
    int (*each)(void *context, const struct entry *e, struct contend_setting setting);
    void *context;
};

static int each_value(const struct entry *e, const struct contend_option *o, const char *text,
                      const struct taker *t)
{
    char *values = strdup(text), *rest = values, *part;
    int error = values ? 0 : -ENOMEM;

    while (!error && (part = strsep(&rest, ","))) {
        struct contend_setting setting = { .name = o->name };
        error = read_value(e, o, part, &setting.value);
        if (!error)
            error = t->each(t->context, e, setting);
    }
    free(values);
    return error;
}

static int each_entry(const struct assignment *a, unsigned set, const struct taker *t)
{
    struct entry e;
    bool found = false;
    int error = 0;

    for (size_t i = 0; !error && entry_at(i, &e); i++) {
        const struct contend_option *o = contend_option_find(e.id->options, a->option);
        if (!o || !(family_bit(e.family) & set) || !entry_means(a->name, e.family, e.id->name))
            continue;
        found = true;
        error = each_value(&e, o, a->values, t);
    }
    return found ? error : refuse_option(a, set);
}

int sets_read(const char *text, unsigned set, const char *so,
              int (*each)(void *context, const struct entry *e, struct contend_setting setting),
              void *context)
{
    const struct taker taker = { each, context };
    struct assignment a;
    char *copy = strdup(text);
    int error = -ENOMEM;

    if (copy && split(copy, &a)) {
        error = entry_check(a.name, set, so);
        if (!error)
            error = each_entry(&a, set, &taker);
    } else if (copy) {
        error = arguments_error("--set=%s: NAME.OPTION=VALUE,... is wanted; `contend list NAME` "
                                "shows the options of a strategy", text);
    }
    free(copy);
    return error;
}

/*
 * pattern.h - regular expressions with named groups, by PCRE2.
 */
#ifndef CONTEND_BENCH_LOG_PATTERN_H
#define CONTEND_BENCH_LOG_PATTERN_H

#include <stdbool.h>

#include "bench/log/bytes.h"

struct pattern {
    void *code, *match; /* of PCRE2; NULL: none */
};

/* 0, -ENOMEM, or -EINVAL with what is wrong in `why` (NULL = not wanted).  Free it in any case. */
int pattern_new(struct pattern *p, struct span regex, char *why, size_t size);
void pattern_free(struct pattern *p);

/* Whether it matches at `from` or behind; the groups are valid as long as the text is. */
bool pattern_match(const struct pattern *p, struct span text, size_t from);
/* The same with one that is compiled when it is needed first; false also without memory. */
bool pattern_find(struct pattern *p, const char *regex, struct span text, size_t from);

/* A group of the last match: by number, or by name; false = it has none. */
bool pattern_group(const struct pattern *p, struct span text, unsigned group, struct span *value);
bool pattern_named(const struct pattern *p, struct span text, const char *name,
                   struct span *value);
/* The name of the n-th group that has one, from 0 on; NULL: there are not so many. */
const char *pattern_name(const struct pattern *p, unsigned n);

#endif

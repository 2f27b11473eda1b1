/*
 * rules.h - lines by the rules of a file, for parse.c, by liblognorm.
 *
 * The file that comes with contend, formats.rulebase, says what a rule's fields must be called.
 */
#ifndef CONTEND_BENCH_LOG_RULES_H
#define CONTEND_BENCH_LOG_RULES_H

#include "bench/log/parse.h"

struct log_rules;

/*
 * `file` NULL = contend's own.  `tag` = only rules with this name, or NULL.  0, -ENOMEM, or
 * -EINVAL with *why (valid while `rules` is; free it in any case).
 */
int log_rules_new(struct log_rules **rules, const char *file, const char *tag, const char **why);
void log_rules_free(struct log_rules *rules);

/* What log_parse() returns. */
int log_rules_line(struct log_rules *rules, const char *text, size_t length, enum log_unit unit,
                   struct log_fields *fields);

/* The name of the last line's rule. */
const char *log_rules_tag(const struct log_rules *rules);

#endif

/*
 * members.h - JSON objects, for parse.c, by jansson.
 *
 * Bytes that are not UTF-8, and escapes like \x22 that nginx writes without escape=json, become
 * the characters of Latin-1 with their numbers.
 */
#ifndef CONTEND_BENCH_LOG_MEMBERS_H
#define CONTEND_BENCH_LOG_MEMBERS_H

#include "bench/log/client.h"
#include "bench/log/columns.h"

struct log_json;

int log_json_new(struct log_json **json, const struct log_names *names); /* 0 or -ENOMEM */
void log_json_free(struct log_json *json);

/* What log_parse() returns. */
int log_json_line(struct log_json *json, const char *text, size_t length, enum log_unit unit,
                  struct log_fields *fields);

/*
 * The line that a container's or journal's object wraps: its member `log`, `message`, ...
 * 0, or what log_parse() returns, with *reason.  Valid until the next call.
 */
int log_json_wrapped(struct log_json *json, const char *text, size_t length, struct span *line,
                     const char **reason);

/* A key that the columns name and the last object did not have, in a sentence; NULL = none. */
const char *log_json_missing(struct log_json *json, enum log_role role);

#endif

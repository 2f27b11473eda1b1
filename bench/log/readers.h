/*
 * readers.h - lines of each format become records, for parse.c.  What takes a line returns what
 * log_parse() returns.
 */
#ifndef CONTEND_BENCH_LOG_READERS_H
#define CONTEND_BENCH_LOG_READERS_H

#include "bench/log/columns.h"

/* Records with a separator, by libcsv: CSV, and W3C, whose directive #Fields is the header. */
struct log_csv;
int log_csv_new(struct log_csv **csv, const struct log_names *names, char delimiter);
void log_csv_free(struct log_csv *csv);
void log_csv_begin(struct log_csv *csv); /* a new file: header and delimiter are not known */
int log_csv_line(struct log_csv *csv, struct span line, enum log_unit unit,
                 struct log_fields *fields); /* LOG_MORE: a quote is open at the end */
/* Whether the last line would be a header, but for the visitor or the time. */
bool log_csv_knows_some(const struct log_csv *csv);
const char *log_csv_no_post(struct log_csv *csv); /* why the last record has none */
/* The line that a record wraps, under one of log_line_names or as its only cell; and its time. */
int log_csv_wrapped(struct log_csv *csv, struct span text, struct span *line, struct span *time,
                    const char **reason);
int log_csv_w3c_line(struct log_csv *csv, struct span line, enum log_unit unit,
                     struct log_fields *fields);
bool log_csv_is_w3c(struct span line);

/*
 * JSON objects, by jansson.  Bytes that are not UTF-8, and escapes like \x22 that nginx writes
 * without escape=json, become the characters of Latin-1 with their numbers.
 */
struct log_json;
int log_json_new(struct log_json **json, const struct log_names *names);
void log_json_free(struct log_json *json);
void log_json_begin(struct log_json *json);
/* `around`: the time of what wraps the object, or nothing. */
int log_json_line(struct log_json *json, struct span text, struct span around, enum log_unit unit,
                  struct log_fields *fields);
/* The line that the object of a container or a journal wraps (`log`, `message`, ...), and its time. */
int log_json_wrapped(struct log_json *json, struct span text, struct span *line, struct span *time,
                     const char **reason);
/* Why the last object has no post. */
const char *log_json_no_post(struct log_json *json);

/* Lines by the rules of a file (NULL = the one that comes with contend: formats.rules). */
struct log_rules;
extern const char page_rules[]; /* which is in the program, too */
/*
 * The visitor is this field of a line (-1: the last), or the group of this name.  0 and NULL:
 * the group `user`, or where a rule has a group `head`, the field in it that log_rules_look() chose.
 */
int log_rules_new(struct log_rules **rules, const char *file, long field, const char *name,
                  char why[LOG_REASON_SIZE]);
void log_rules_free(struct log_rules *rules);
/* Whether there is a rule of this name: 0, or -EINVAL and what there is. */
int log_rules_check(const struct log_rules *rules, const char *name, char why[LOG_REASON_SIZE]);
/* By rules of this name; NULL: by any but "log". */
int log_rules_line(struct log_rules *rules, const char *name, struct span line,
                   enum log_unit unit, struct log_fields *fields);
const char *log_rules_last(const struct log_rules *rules); /* the name of the last line's */
long log_rules_field(const struct log_rules *rules);
/* How many lines are good by the rule "log". */
size_t log_rules_look(struct log_rules *rules, const struct span *lines, size_t count);

/* "GET /path HTTP/1.1": the middle becomes the post; without a method there is none. */
void log_request(struct span request, struct log_fields *fields);

#endif

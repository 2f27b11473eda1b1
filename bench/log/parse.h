/*
 * parse.h - one line of a log becomes a time, a visitor and a post.
 *
 * Understood are
 *   - the common and the combined format of Apache and nginx:
 *       HOST IDENT USER [17/May/2015:10:05:03 +0000] "GET /path HTTP/1.1" 200 512 ...
 *     The visitor is HOST, the post is the path as it was sent (escapes such as
 *     %20 or \x22 are not resolved).  A request that is no request ("-", an empty
 *     one, bytes of TLS) is a heartbeat without a clap.  What follows the size
 *     (referer, user agent) is not looked at;
 *   - CSV with a header line or column numbers, one record a line.  A header is
 *     expected in each file; with column numbers, a first line without a time
 *     stamp in its place is taken for one;
 *   - JSON lines: one object a line; a visitor or post is a string or a whole number.
 * A path, in CSV and JSON a post that begins with '/', ends before its first '?',
 * unless queries are kept.
 * A post that is empty, missing or null is a heartbeat without a clap.
 *
 * A time stamp in CSV and JSON is seconds since 1970, whole or decimal;
 * milliseconds, if the number is above 1e11; or ISO 8601 with 'T' or a blank:
 * 2015-05-17T10:05:03.123Z, 2015-05-17 12:05+02:00; without a zone it is UTC.
 * Fractions finer than a millisecond are cut.  Stamps lie in 1970 to 9999.
 */
#ifndef CONTEND_BENCH_LOG_PARSE_H
#define CONTEND_BENCH_LOG_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum log_format {
    LOG_FORMAT_AUTO, /* the first good line of each file decides; CSV and JSON need columns */
    LOG_FORMAT_HTTP, /* common and combined */
    LOG_FORMAT_CSV,
    LOG_FORMAT_JSON,
};

const char *log_format_name(enum log_format format); /* "auto", "log", "csv", "json" */

/* Which columns (CSV) or keys (JSON) are what; from log_columns_parse(). */
struct log_columns {
    char *time, *user, *post; /* post may be NULL: heartbeats only */
    bool numbered;            /* column numbers, the first is 1: it cannot be JSON */
};

/*
 * Reads "time=ts,user=uid,post=path" (any order, post may be missing), or short
 * "ts,uid,path" in this order.  If all are numbers, they number the columns of a
 * CSV file; a key of nested JSON is written with dots: "request.path".  0, -ENOMEM, or -EINVAL
 * with *reason (a constant string).
 */
int log_columns_parse(struct log_columns *columns, const char *spec, const char **reason);
void log_columns_free(struct log_columns *columns);

struct log_parse_options {
    enum log_format format;
    const struct log_columns *columns; /* NULL = none; must outlive the parser */
    char delimiter;  /* of CSV; 0 = the most frequent of ',' ';' and tab in the first line */
    bool keep_query; /* keep what follows '?' in the path: each query is a post of its own */
};

struct log_fields {
    uint64_t time_ms;
    const char *user, *post; /* not strings: see the lengths; valid until the next line */
    size_t user_length, post_length;
    bool has_post;
    const char *reason;      /* a constant string, set if the line is unreadable */
};

struct log_parser;

/* 0, -ENOMEM, or -EINVAL: a format that needs columns without any. */
int log_parser_new(struct log_parser **parser, const struct log_parse_options *options);
void log_parser_free(struct log_parser *parser);

/* A new file begins: its format is found out anew, its header line is expected. */
void log_parser_begin(struct log_parser *parser);

/*
 * 0 = fields are filled in; 1 = nothing to count (a blank line, a CSV header);
 * -EINVAL = unreadable, fields->reason says why; -ENOMEM.
 */
int log_parse(struct log_parser *parser, const char *text, size_t length,
              struct log_fields *fields);

/* What would have been readable, as a sentence for an error message. */
const char *log_parser_expected(const struct log_parser *parser);

#endif

/*
 * parse.h - one record of a log becomes a time, a visitor and a post.
 *
 * docs/replay.md has the formats.  Those of lines are in formats.rules; the names under which
 * columns and keys are known are in columns.c.  With column numbers, a first line of CSV without a
 * time stamp in its place is a header.  A post is the path as it was sent (escapes such as %20 or
 * \x22 are not resolved); a path, or an address with a scheme, ends before its first '?', unless
 * queries are kept.  A request that is no request ("-", an empty one, bytes of TLS), and a post
 * that is empty, missing or null, is a heartbeat without a clap.  A visitor that is an address
 * loses its port: client.h.  Stamps lie in 1970 to 9999; what is finer than a millisecond is cut.
 */
#ifndef CONTEND_BENCH_LOG_PARSE_H
#define CONTEND_BENCH_LOG_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bench/log/client.h"
#include "bench/log/stamp.h"

enum { LOG_REASON_SIZE = 256 };

enum log_format {
    LOG_FORMAT_AUTO, /* the first good lines of each file decide */
    LOG_FORMAT_HTTP, /* common, combined, and like them */
    LOG_FORMAT_CSV,
    LOG_FORMAT_JSON,
    LOG_FORMAT_W3C,
    LOG_FORMAT_RULES,
};

const char *log_format_name(enum log_format format); /* "auto", "log", "csv", "json", ... */

/* Which columns (CSV) or keys (JSON) are what; from log_columns_parse(). */
struct log_columns {
    char *time, *user, *post; /* post may be NULL: heartbeats only */
    bool numbered;            /* column numbers, the first is 1: it cannot be JSON */
};

/*
 * Reads "time=ts,user=uid,post=path" (any order, post may be missing), or short
 * "ts,uid,path" in this order.  If all are numbers, they number the columns of a
 * CSV file; a key of nested JSON is written with dots: "request.path".  0, -ENOMEM, or -EINVAL
 * with *reason (valid until the next call; by one thread at a time).
 */
int log_columns_parse(struct log_columns *columns, const char *spec, const char **reason);
void log_columns_free(struct log_columns *columns);

struct log_parse_options {
    enum log_format format;
    const struct log_columns *columns; /* NULL = none; must outlive the parser */
    const char *user_field; /* the visitor: a field's number (the last is -1) or a name; or NULL */
    const char *rules;      /* a file in place of formats.rules, or NULL */
    const char *rule;       /* only rules with this name, or NULL */
    enum log_unit unit;     /* of times that are numbers */
    char delimiter;  /* of CSV; 0 = the most frequent of ',' ';' '|' and tab in the first line */
    bool keep_query; /* keep what follows '?' in the path: each query is a post of its own */
};

struct log_fields {
    uint64_t time_ms;
    const char *user, *post; /* not strings: see the lengths; valid until the next line */
    size_t user_length, post_length;
    bool has_post;
    bool is_path;            /* the post: it was part of a request */
    const char *reason;      /* set if the line is unreadable; valid until the next line */
};

struct log_parser;

/* 0, -ENOMEM, or -EINVAL: the rules cannot be read; `why` says why (NULL = not wanted). */
int log_parser_new(struct log_parser **parser, const struct log_parse_options *options,
                   char why[LOG_REASON_SIZE]);
void log_parser_free(struct log_parser *parser);

/* A new file begins: its format is found out anew, its header line is expected. */
void log_parser_begin(struct log_parser *parser);

/*
 * Finds out the format, the visitor's field and the unit of time from a file's first lines.
 * Without it, or where no line says anything, each line is looked at until one does.  0,
 * -ENOMEM, or -EINVAL where nothing good can come of them: *reason says why, until the next call.
 */
int log_parser_look(struct log_parser *parser, const struct span *lines, size_t count,
                    const char **reason);

/*
 * 0 = fields are filled in; 1 = nothing to count (a blank line, a CSV header); LOG_MORE = the
 * record goes on in the next line, give both; -EINVAL = unreadable, fields->reason says why;
 * -ENOMEM.
 */
enum { LOG_MORE = 2 };
int log_parse(struct log_parser *parser, const char *text, size_t length,
              struct log_fields *fields);

/* Why the record that was parsed last, a good one, has no post. */
const char *log_parser_no_post(const struct log_parser *parser);

/* The format that was found, in words: "log, field 2 is the visitor". */
const char *log_parser_found(const struct log_parser *parser, char buffer[LOG_REASON_SIZE]);

/* What would have been readable, as a sentence for an error message. */
const char *log_parser_expected(const struct log_parser *parser);

#endif

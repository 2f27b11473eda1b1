/* parse.c - which format a file has, and what all formats have in common. */
#include "bench/log/parse.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/log/client.h"
#include "bench/log/readers.h"
#include "bench/log/stamp.h"

struct log_parser {
    struct log_parse_options options;
    enum log_format found; /* stays AUTO until lines of the file were good */
    enum log_unit unit;    /* of this file */
    bool prefixed;         /* JSON: something stands before the object */
    struct span around;    /* the time of the record that wraps this line, or nothing */
    struct log_parser *inner; /* JSON, CSV: reads the line that a record wraps */
    bool wrapped;          /* and does so in this file */
    bool is_inner;
    bool address;          /* most visitors of the first lines are addresses */
    bool no_memory;        /* while it was looking */
    struct log_names names;
    struct log_csv *csv;
    struct log_json *json;
    struct log_rules *log, *rules; /* contend's own; those to be tried; NULL until needed */
    char reason[LOG_REASON_SIZE];
};

static int parse_whole(struct log_parser *p, struct span line, struct log_fields *fields);

const char *log_format_name(enum log_format format)
{
    static const char *const names[] = { "auto", "log", "csv", "json", "w3c", "rules" };

    return names[format];
}

static bool is_blank(struct span line)
{
    size_t n = 0;

    while (n < line.length && (line.text[n] == ' ' || line.text[n] == '\t' || line.text[n] == '\r'))
        n++;
    return n == line.length;
}

static bool is_object(struct span line)
{
    size_t n = 0;

    while (n < line.length && (line.text[n] == ' ' || line.text[n] == '\t'))
        n++;
    return n < line.length && line.text[n] == '{';
}

static long user_number(const struct log_parse_options *o)
{
    char *end = NULL;
    long n = o->user_field ? strtol(o->user_field, &end, 10) : 0;

    return n && !*end ? n : 0;
}

static int load_rules(struct log_parser *p, char why[LOG_REASON_SIZE])
{
    long field = user_number(&p->options);
    int error = p->log ? 0 : log_rules_new(&p->log, NULL, why);

    if (!error && !p->rules && p->options.rules)
        error = log_rules_new(&p->rules, p->options.rules, why);
    if (!error && !p->rules)
        p->rules = p->log;
    if (!error && p->options.rule && !log_rules_has(p->rules, p->options.rule)) {
        snprintf(why, LOG_REASON_SIZE, "no such rule");
        error = -EINVAL;
    }
    if (error) {
        p->no_memory |= error == -ENOMEM;
        return error;
    }
    if (p->options.user_field && !log_rules_field(p->log)) {
        log_rules_visitor(p->log, field, field ? NULL : p->options.user_field);
        log_rules_visitor(p->rules, field, field ? NULL : p->options.user_field);
    }
    return 0;
}

static bool is_gap(char c)
{
    return c == ' ' || c == '\t';
}

/* Cuts off what a container, syslog or logger puts in front of an object.  It may be its time. */
static void cut_front(struct span *text, struct span *time)
{
    const char *unwanted;
    uint64_t ms;
    size_t n = 1;

    *time = (struct span){ NULL, 0 };
    for (; n < text->length && !(text->text[n] == '{' && is_gap(text->text[n - 1])); n++)
        if (!time->text && is_gap(text->text[n]) &&
            log_time(text->text, n, LOG_UNIT_AUTO, &ms, &unwanted))
            *time = (struct span){ text->text, n };
    if (n < text->length)
        *text = (struct span){ text->text + n, text->length - n };
}

static int parse_csv(struct log_parser *p, struct span text, struct log_fields *fields)
{
    struct span line;

    if (!p->wrapped)
        return log_csv_line(p->csv, text, p->unit, fields);
    int error = log_csv_wrapped(p->csv, text, &line, &p->inner->around, &fields->reason);
    return error ? error : parse_whole(p->inner, line, fields);
}

static int parse_json(struct log_parser *p, struct span text, struct log_fields *fields)
{
    struct span line, around = p->around;

    if (p->prefixed && text.text[text.length - 1] == '}')
        cut_front(&text, &around);
    if (!p->wrapped)
        return log_json_line(p->json, text, around, p->unit, fields);
    int error = log_json_wrapped(p->json, text, &line, &p->inner->around, &fields->reason);
    return error ? error : parse_whole(p->inner, line, fields);
}

/* Tries one format. */
static int parse_as(struct log_parser *p, enum log_format format, struct span line,
                    struct log_fields *fields)
{
    memset(fields, 0, sizeof *fields);
    switch (format) {
    case LOG_FORMAT_CSV:
        return parse_csv(p, line, fields);
    case LOG_FORMAT_JSON:
        return parse_json(p, line, fields);
    case LOG_FORMAT_W3C:
        return log_csv_w3c_line(p->csv, line, p->unit, fields);
    case LOG_FORMAT_RULES:
        return log_rules_line(p->rules, p->options.rule, line, p->unit, fields);
    default:
        return log_rules_line(p->log, "log", line, p->unit, fields);
    }
}

/* How many lines are good in a format: events, or a header in front of events, unless it would
 * be a header of lines that are not known. */
static size_t count_good(struct log_parser *p, enum log_format format, const struct span *lines,
                         size_t count)
{
    struct log_fields fields;
    size_t good = 0, headers = 0;

    log_csv_begin(p->csv);
    for (size_t i = 0; i < count; i++) {
        int result = is_blank(lines[i]) ? -EINVAL : parse_as(p, format, lines[i], &fields);
        good += result == 0;
        headers += result == 1;
        p->no_memory |= result == -ENOMEM;
    }
    log_csv_begin(p->csv);
    return good || p->wrapped ? good : headers;
}

/* The lines that records wrap, and what these are.  How many are good. */
static size_t look_within(struct log_parser *p, enum log_format format, const struct span *lines,
                          size_t count)
{
    if (p->is_inner)
        return 0;
    if (!p->inner && log_parser_new(&p->inner, &p->options, p->reason)) {
        p->no_memory = true;
        return 0;
    }
    p->inner->is_inner = true;
    if (p->options.format == format)
        p->inner->options.format = LOG_FORMAT_AUTO;
    log_parser_begin(p->inner);
    p->wrapped = true;
    size_t good = count_good(p, format, lines, count);
    p->wrapped = good > 0;
    return good;
}

/* JSON objects, or the lines that they wrap.  How many are good. */
static size_t look_for_json(struct log_parser *p, const struct span *lines, size_t count,
                            bool prefixed)
{
    p->prefixed = prefixed;
    p->wrapped = false;
    size_t good = count_good(p, LOG_FORMAT_JSON, lines, count);
    return good ? good : look_within(p, LOG_FORMAT_JSON, lines, count);
}

static size_t look_for_log(struct log_parser *p, const struct span *lines, size_t count)
{
    size_t good = log_rules_look(p->log, lines, count, &p->address);

    p->address |= user_number(&p->options) != 0;
    return good;
}

/* The format in which most lines are good; AUTO if none is. */
static enum log_format choose(struct log_parser *p, const struct span *lines, size_t count)
{
    size_t objects = 0, filled = 0, csv, log, within, rules = 0;
    bool numbered = p->options.columns && p->options.columns->numbered;

    for (size_t i = 0; i < count; i++) {
        if (log_csv_is_w3c(lines[i]) && !numbered)
            return LOG_FORMAT_W3C;
        objects += is_object(lines[i]);
        filled += !is_blank(lines[i]);
    }
    if (2 * objects > filled && !numbered && look_for_json(p, lines, count, false))
        return LOG_FORMAT_JSON;
    csv = count_good(p, LOG_FORMAT_CSV, lines, count);
    if (p->options.columns && csv)
        return LOG_FORMAT_CSV;
    log = look_for_log(p, lines, count);
    if (csv > log)
        return LOG_FORMAT_CSV;
    /* A line in quotes looks like a log, too, with a quote before its visitor. */
    within = csv || numbered || p->options.rules ? 0 : look_within(p, LOG_FORMAT_CSV, lines, count);
    if (2 * within > log)
        return LOG_FORMAT_CSV;
    p->wrapped = false;
    if (!log || !p->address || p->options.rules)
        rules = count_good(p, LOG_FORMAT_RULES, lines, count);
    if (rules && (rules >= log || p->options.rules))
        return LOG_FORMAT_RULES;
    if (!log && !numbered && look_for_json(p, lines, count, true))
        return LOG_FORMAT_JSON;
    return log ? LOG_FORMAT_HTTP : LOG_FORMAT_AUTO;
}

/* Numbers below 1e8 are no seconds since 1970; whole thousands of them are milliseconds. */
static bool counts_milliseconds(struct log_parser *p, const struct span *lines, size_t count)
{
    enum { ENOUGH = 4 };
    uint64_t last = UINT64_MAX;
    unsigned different = 0;

    for (size_t i = 0; i < count; i++) {
        struct log_fields f;
        if (parse_as(p, p->found, lines[i], &f) != 0)
            continue;
        if (f.time_ms % 1000000 || f.time_ms >= UINT64_C(100000000000))
            return false;
        different += f.time_ms != last;
        last = f.time_ms;
    }
    log_csv_begin(p->csv);
    return different >= ENOUGH;
}

/* The key of the posts, if no line has it but one that is much like it: -EINVAL. */
static int check_posts(struct log_parser *p, const struct span *lines, size_t count)
{
    const char *missing = NULL;

    for (size_t i = 0; i < count; i++) {
        struct log_fields f;
        if (parse_as(p, LOG_FORMAT_JSON, lines[i], &f) != 0)
            continue;
        missing = log_json_no_post(p->json);
        if (!missing || !strstr(missing, "did you mean"))
            return 0;
    }
    snprintf(p->reason, sizeof p->reason, "%s", missing ? missing : "");
    return missing ? -EINVAL : 0;
}

const char *log_parser_reason(const struct log_parser *p)
{
    return p->reason;
}

int log_parser_look(struct log_parser *p, const struct span *lines, size_t count)
{
    bool records;
    int error = load_rules(p, p->reason);

    if (error)
        return error;
    p->found = p->options.format;
    p->no_memory = false;
    if (p->found == LOG_FORMAT_AUTO)
        p->found = choose(p, lines, count);
    else if (p->found == LOG_FORMAT_HTTP)
        look_for_log(p, lines, count);
    else if (p->found == LOG_FORMAT_CSV && !count_good(p, LOG_FORMAT_CSV, lines, count))
        look_within(p, LOG_FORMAT_CSV, lines, count);
    else if (p->found == LOG_FORMAT_JSON && !look_for_json(p, lines, count, false))
        look_for_json(p, lines, count, true);
    log_csv_begin(p->csv);
    records = p->found == LOG_FORMAT_CSV || p->found == LOG_FORMAT_JSON;
    if (records && !p->wrapped && p->unit == LOG_UNIT_AUTO && counts_milliseconds(p, lines, count))
        p->unit = LOG_UNIT_MS;
    log_csv_begin(p->csv);
    if (p->no_memory)
        return -ENOMEM;
    if (p->found == LOG_FORMAT_JSON && !p->wrapped && p->options.columns)
        return check_posts(p, lines, count);
    return 0;
}

/* No format is known yet: this line decides, or says what was wrong with it. */
static int parse_unknown(struct log_parser *p, struct span line, struct log_fields *fields)
{
    int error = log_parser_look(p, &line, 1);
    enum log_format format = p->found;

    fields->reason = p->reason;
    if (error)
        return error;
    if (format == LOG_FORMAT_AUTO) {
        p->prefixed = p->wrapped = false;
        format = is_object(line) && !(p->options.columns && p->options.columns->numbered)
                     ? LOG_FORMAT_JSON : p->options.columns ? LOG_FORMAT_CSV : LOG_FORMAT_HTTP;
    }
    return parse_as(p, format, line, fields);
}

static void trim_user(struct log_fields *fields)
{
    struct span user = { fields->user, fields->user_length }, first = user;

    if (user.length == 1 && user.text[0] == '-')
        user.length = 0;
    const char *comma = user.length ? memchr(user.text, ',', user.length) : NULL;
    if (comma) { /* X-Forwarded-For: the client, and the proxies that it came by */
        first.length = (size_t)(comma - user.text);
        if (client_trim(&first))
            user = first;
    }
    if (user.length && memchr(user.text, ':', user.length))
        client_trim(&user);
    fields->user = user.text;
    fields->user_length = user.length;
}

static void tidy_post(const struct log_parser *p, struct log_fields *f)
{
    if (f->has_post && !f->is_path && f->post_length &&
        memmem(f->post, f->post_length, " HTTP/", 6))
        log_request((struct span){ f->post, f->post_length }, f);
    if (f->has_post && f->post_length && !p->options.keep_query &&
        (f->is_path || f->post[0] == '/' || memmem(f->post, f->post_length, "://", 3))) {
        const char *query = memchr(f->post, '?', f->post_length);
        f->post_length = query ? (size_t)(query - f->post) : f->post_length;
    }
    f->has_post = f->has_post && f->post_length > 0;
}

static int parse_whole(struct log_parser *p, struct span line, struct log_fields *fields)
{
    int result;

    if (is_blank(line))
        return 1;
    result = p->found == LOG_FORMAT_AUTO ? parse_unknown(p, line, fields)
                                         : parse_as(p, p->found, line, fields);
    if (result || p->wrapped)
        return result;
    trim_user(fields);
    if (!fields->user_length) {
        fields->reason = "the visitor is empty";
        return -EINVAL;
    }
    tidy_post(p, fields);
    return 0;
}

int log_parse(struct log_parser *p, const char *text, size_t length, struct log_fields *fields)
{
    return parse_whole(p, (struct span){ text, length }, fields);
}

int log_parser_new(struct log_parser **out, const struct log_parse_options *options,
                   char why[LOG_REASON_SIZE])
{
    struct log_parser *p = *out = calloc(1, sizeof *p);
    bool numbered = options->columns && options->columns->numbered;
    char unwanted[LOG_REASON_SIZE];

    if (!p)
        return -ENOMEM;
    p->options = *options;
    log_names_set(&p->names, options->columns,
                  (user_number(options) != 0) == numbered ? options->user_field : NULL);
    int error = log_csv_new(&p->csv, &p->names, options->delimiter);
    if (!error)
        error = log_json_new(&p->json, &p->names);
    if (!error && (options->rules || options->format == LOG_FORMAT_RULES ||
                   options->format == LOG_FORMAT_HTTP))
        error = load_rules(p, why ? why : unwanted);
    if (error) {
        log_parser_free(p);
        *out = NULL;
    } else {
        log_parser_begin(p);
    }
    return error;
}

void log_parser_free(struct log_parser *p)
{
    if (!p)
        return;
    log_parser_free(p->inner);
    log_csv_free(p->csv);
    log_json_free(p->json);
    if (p->rules != p->log)
        log_rules_free(p->rules);
    log_rules_free(p->log);
    free(p);
}

void log_parser_begin(struct log_parser *p)
{
    p->found = p->options.format;
    p->unit = p->options.unit;
    p->prefixed = p->wrapped = p->address = false;
    log_csv_begin(p->csv);
    log_json_begin(p->json);
    if (p->inner)
        log_parser_begin(p->inner);
}

const char *log_parser_found(const struct log_parser *outer, char buffer[LOG_REASON_SIZE])
{
    const struct log_parser *p = outer->wrapped ? outer->inner : outer;
    const char *outside = outer->wrapped ? log_format_name(outer->found) : p->prefixed ? "text" : "";
    const char *joint = outer->wrapped ? " around " : p->prefixed ? " and " : "";
    const char *name = log_format_name(p->found);
    int used;

    if (p->found == LOG_FORMAT_RULES && p->rules)
        name = log_rules_last(p->rules);
    long field = p->found == LOG_FORMAT_HTTP && p->log ? log_rules_field(p->log) : 1;
    used = snprintf(buffer, LOG_REASON_SIZE, "%s%s%s", outside, joint, name);
    if (field != 0 && field != 1)
        snprintf(buffer + used, LOG_REASON_SIZE - (size_t)used, ", field %ld is the visitor",
                 field);
    if (p->unit == LOG_UNIT_MS && p->options.unit == LOG_UNIT_AUTO)
        snprintf(buffer + used, LOG_REASON_SIZE - (size_t)used, ", times in milliseconds");
    return buffer;
}

#define HTTP_LIKE                                                                                  \
    "the common or combined log format (HOST IDENT USER [17/May/2015:10:05:03 +0000] "             \
    "\"GET /path HTTP/1.1\" 200 512)"

const char *log_parser_expected(const struct log_parser *p)
{
    switch (p->options.format) {
    case LOG_FORMAT_HTTP:
        return HTTP_LIKE;
    case LOG_FORMAT_CSV:
        return "CSV with the columns that were named, in a header line or by number";
    case LOG_FORMAT_JSON:
        return "JSON objects with the keys that were named";
    case LOG_FORMAT_W3C:
        return "the W3C extended format, with a line #Fields";
    case LOG_FORMAT_RULES:
        return "lines that a rule is like";
    default:
        return p->options.columns ? "CSV or JSON with the columns that were named"
                                  : HTTP_LIKE "; for CSV and JSON, name the columns: "
                                              "--columns=time=NAME,user=NAME,post=NAME, or number "
                                              "those of a CSV without a header: --columns=1,2,3";
    }
}

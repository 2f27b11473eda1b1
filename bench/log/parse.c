/* parse.c - which format a file has, and what all formats have in common. */
#include "bench/log/parse.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/log/access.h"
#include "bench/log/separated.h"
#include "bench/log/members.h"
#include "bench/log/rules.h"

struct log_parser {
    struct log_parse_options options;
    enum log_format found; /* stays AUTO until lines of the file were good */
    bool prefixed;         /* JSON: something stands before the object */
    struct log_parser *inner; /* JSON: reads the line that an object wraps */
    bool wrapped;          /* and does so in this file */
    bool is_inner;
    struct log_access access;
    struct log_csv *csv;
    struct log_json *json;
    struct log_rules *rules; /* NULL until they are needed */
    bool no_rules;           /* they cannot be read */
    bool no_memory;          /* while it was looking */
    enum log_unit unit;
    char reason[LOG_REASON_SIZE];
};

static int parse_whole(struct log_parser *p, const char *text, size_t length,
                       struct log_fields *fields);

const char *log_format_name(enum log_format format)
{
    static const char *const names[] = { "auto", "log", "csv", "json", "w3c", "rules" };

    return names[format];
}

static bool is_blank(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (text[i] != ' ' && text[i] != '\t' && text[i] != '\r')
            return false;
    return true;
}

static bool is_object(const char *text, size_t length)
{
    while (length && (*text == ' ' || *text == '\t')) {
        text++;
        length--;
    }
    return length && *text == '{';
}

/* The object behind what a container or syslog puts in front of it: its '{', or NULL. */
static const char *behind_prefix(const char *text, size_t length)
{
    const char *brace = memmem(text, length, " {", 2);

    return brace && text[length - 1] == '}' ? brace + 1 : NULL;
}

static int load_rules(struct log_parser *p, char why[LOG_REASON_SIZE])
{
    const char *reason;

    if (p->rules || p->no_rules)
        return p->rules ? 0 : -EINVAL;
    int error = log_rules_new(&p->rules, p->options.rules, p->options.rule, &reason);
    if (!error)
        return 0;
    if (why)
        snprintf(why, LOG_REASON_SIZE, "%s", reason);
    log_rules_free(p->rules);
    p->rules = NULL;
    p->no_rules = true;
    return error;
}

static int parse_json(struct log_parser *p, const char *text, size_t length,
                      struct log_fields *fields)
{
    const char *object = p->prefixed ? behind_prefix(text, length) : NULL;
    struct span line;

    if (object)
        length -= (size_t)(object - text);
    text = object ? object : text;
    if (!p->wrapped)
        return log_json_line(p->json, text, length, p->unit, fields);
    int error = log_json_wrapped(p->json, text, length, &line, &fields->reason);
    return error ? error : parse_whole(p->inner, line.text, line.length, fields);
}

/* Tries one format. */
static int parse_as(struct log_parser *p, enum log_format format, const char *text, size_t length,
                    struct log_fields *fields)
{
    memset(fields, 0, sizeof *fields);
    switch (format) {
    case LOG_FORMAT_CSV:
        return log_csv_line(p->csv, text, length, p->unit, fields);
    case LOG_FORMAT_JSON:
        return parse_json(p, text, length, fields);
    case LOG_FORMAT_W3C:
        return log_csv_w3c_line(p->csv, text, length, p->unit, fields);
    case LOG_FORMAT_RULES:
        fields->reason = "the rules for it cannot be read";
        return load_rules(p, NULL) ? -EINVAL
                                   : log_rules_line(p->rules, text, length, p->unit, fields);
    default:
        return log_access_line(&p->access, text, length, fields);
    }
}

/* How many lines are good in a format: events, or a header in front of events. */
static size_t count_good(struct log_parser *p, enum log_format format, const struct span *lines,
                         size_t count)
{
    struct log_fields fields;
    size_t good = 0, headers = 0;

    log_csv_begin(p->csv);
    for (size_t i = 0; i < count; i++) {
        int result = is_blank(lines[i].text, lines[i].length)
                         ? -EINVAL : parse_as(p, format, lines[i].text, lines[i].length, &fields);
        good += result == 0;
        headers += result == 1;
        p->no_memory |= result == -ENOMEM;
    }
    log_csv_begin(p->csv);
    return good ? good : headers;
}

/* The lines that objects wrap, and what they are.  How many of them are good. */
static size_t look_inside(struct log_parser *p, const struct span *lines, size_t count)
{
    size_t good = 0;

    if (p->is_inner)
        return 0;
    if (!p->inner && log_parser_new(&p->inner, &p->options, NULL)) {
        p->no_memory = true;
        return 0;
    }
    p->inner->is_inner = true;
    if (p->options.format == LOG_FORMAT_JSON)
        p->inner->options.format = LOG_FORMAT_AUTO;
    log_parser_begin(p->inner);
    p->wrapped = true;
    for (size_t i = 0; i < count; i++) {
        struct log_fields fields = { .reason = NULL };
        good += parse_json(p, lines[i].text, lines[i].length, &fields) == 0;
    }
    p->wrapped = good > 0;
    return good;
}

static size_t look_for_json(struct log_parser *p, const struct span *lines, size_t count,
                            bool prefixed)
{
    p->prefixed = prefixed;
    p->wrapped = false;
    size_t good = count_good(p, LOG_FORMAT_JSON, lines, count);
    return good ? good : look_inside(p, lines, count);
}

static size_t look_for_access(struct log_parser *p, const struct span *lines, size_t count)
{
    char *end = NULL;
    long field = p->options.user_field ? strtol(p->options.user_field, &end, 10) : 0;

    if (!field || *end)
        return log_access_look(&p->access, lines, count);
    p->access = (struct log_access){ .client = field, .address = true };
    return count_good(p, LOG_FORMAT_HTTP, lines, count);
}

/* The format in which most lines are good; AUTO if none is. */
static enum log_format choose(struct log_parser *p, const struct span *lines, size_t count)
{
    size_t objects = 0, filled = 0, good = 0, http, other;
    enum log_format best = LOG_FORMAT_AUTO;
    bool numbered = p->options.columns && p->options.columns->numbered;

    for (size_t i = 0; i < count; i++) {
        if (log_csv_is_w3c(lines[i].text, lines[i].length) && !numbered)
            return LOG_FORMAT_W3C;
        objects += is_object(lines[i].text, lines[i].length);
        filled += !is_blank(lines[i].text, lines[i].length);
    }
    if (2 * objects > filled && !numbered && look_for_json(p, lines, count, false))
        return LOG_FORMAT_JSON;
    other = count_good(p, LOG_FORMAT_CSV, lines, count);
    if (p->options.columns && other)
        return LOG_FORMAT_CSV;
    good = http = look_for_access(p, lines, count);
    best = http ? LOG_FORMAT_HTTP : LOG_FORMAT_AUTO;
    if (other > good) {
        best = LOG_FORMAT_CSV;
        good = other;
    }
    if (!http || !p->access.address || p->options.rules)
        other = count_good(p, LOG_FORMAT_RULES, lines, count);
    if (other && best != LOG_FORMAT_CSV && (other >= good || p->options.rules)) {
        best = LOG_FORMAT_RULES;
        good = other;
    }
    if (!good && !numbered && look_for_json(p, lines, count, true))
        best = LOG_FORMAT_JSON;
    return best;
}

/* Numbers below 1e8 are no seconds since 1970; whole thousands of them are milliseconds. */
static bool counts_milliseconds(struct log_parser *p, const struct span *lines, size_t count)
{
    enum { ENOUGH = 4 };
    uint64_t last = UINT64_MAX;
    unsigned different = 0;

    for (size_t i = 0; i < count; i++) {
        struct log_fields f;
        if (parse_as(p, p->found, lines[i].text, lines[i].length, &f) != 0)
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
        if (parse_as(p, LOG_FORMAT_JSON, lines[i].text, lines[i].length, &f) != 0)
            continue;
        missing = log_json_missing(p->json, LOG_POST);
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

    p->found = p->options.format;
    p->no_memory = false;
    if (p->found == LOG_FORMAT_AUTO)
        p->found = choose(p, lines, count);
    else if (p->found == LOG_FORMAT_HTTP)
        look_for_access(p, lines, count);
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
static int parse_unknown(struct log_parser *p, const char *text, size_t length,
                         struct log_fields *fields)
{
    const struct span line = { text, length };

    int error = log_parser_look(p, &line, 1);
    if (error == -ENOMEM)
        return error;
    enum log_format format = p->found;
    if (format == LOG_FORMAT_AUTO) {
        p->prefixed = p->wrapped = false;
        format = is_object(text, length) && !(p->options.columns && p->options.columns->numbered)
                     ? LOG_FORMAT_JSON : p->options.columns ? LOG_FORMAT_CSV : LOG_FORMAT_HTTP;
    }
    return parse_as(p, format, text, length, fields);
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

static void tidy_post(const struct log_parser *p, struct log_fields *fields)
{
    if (!fields->has_post)
        return;
    if (p->found != LOG_FORMAT_HTTP && fields->post_length &&
        memmem(fields->post, fields->post_length, " HTTP/", 6))
        log_access_post(fields->post, fields->post_length, fields);
    bool path = p->found == LOG_FORMAT_HTTP || (fields->post_length && fields->post[0] == '/') ||
                (fields->post_length && memmem(fields->post, fields->post_length, "://", 3));
    if (!p->options.keep_query && path) {
        const char *query = memchr(fields->post, '?', fields->post_length);
        if (query)
            fields->post_length = (size_t)(query - fields->post);
    }
    fields->has_post = fields->post_length > 0;
}

static int parse_whole(struct log_parser *p, const char *text, size_t length,
                       struct log_fields *fields)
{
    int result;

    if (is_blank(text, length))
        return 1;
    result = p->found == LOG_FORMAT_AUTO ? parse_unknown(p, text, length, fields)
                                         : parse_as(p, p->found, text, length, fields);
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
    return parse_whole(p, text, length, fields);
}

int log_parser_new(struct log_parser **out, const struct log_parse_options *options,
                   char why[LOG_REASON_SIZE])
{
    struct log_parser *p = calloc(1, sizeof *p);
    struct log_names names;
    bool numbered = options->columns && options->columns->numbered;
    char *end = NULL;
    bool number = options->user_field && strtol(options->user_field, &end, 10) != 0 && !*end;
    const char *user = number == numbered ? options->user_field : NULL;

    *out = NULL;
    if (!p)
        return -ENOMEM;
    p->options = *options;
    p->found = options->format;
    p->unit = options->unit;
    log_names_set(&names, options->columns, user);
    int error = log_csv_new(&p->csv, &names, options->delimiter);
    if (!error)
        error = log_json_new(&p->json, &names);
    if (!error && (options->rules || options->format == LOG_FORMAT_RULES))
        error = load_rules(p, why);
    if (error)
        log_parser_free(p);
    else
        *out = p;
    return error;
}

void log_parser_free(struct log_parser *p)
{
    if (!p)
        return;
    log_parser_free(p->inner);
    log_csv_free(p->csv);
    log_json_free(p->json);
    log_rules_free(p->rules);
    free(p);
}

void log_parser_begin(struct log_parser *p)
{
    p->found = p->options.format;
    p->unit = p->options.unit;
    p->prefixed = p->wrapped = false;
    p->access = (struct log_access){ 0 };
    log_csv_begin(p->csv);
    if (p->inner)
        log_parser_begin(p->inner);
}

const char *log_parser_found(const struct log_parser *outer, char buffer[LOG_REASON_SIZE])
{
    const struct log_parser *p = outer->wrapped ? outer->inner : outer;
    const char *around = outer->wrapped ? "json around " : p->prefixed ? "text and " : "";
    const char *name = log_format_name(p->found);
    int used;

    if (p->found == LOG_FORMAT_RULES && p->rules)
        name = log_rules_tag(p->rules);
    used = snprintf(buffer, LOG_REASON_SIZE, "%s%s", around, name);
    if (p->found == LOG_FORMAT_HTTP && p->access.client != 0 && p->access.client != 1)
        snprintf(buffer + used, LOG_REASON_SIZE - (size_t)used, ", field %ld is the visitor",
                 p->access.client);
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

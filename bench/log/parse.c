/* parse.c - lines of access logs, and which format a file has. */
#include "bench/log/parse.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bench/log/columns.h"
#include "bench/log/stamp.h"

struct log_parser {
    enum log_format asked, found; /* `found` stays AUTO until a line of the file was good */
    bool keep_query;
    struct log_records *records;  /* NULL without columns */
    bool numbered;
};

const char *log_format_name(enum log_format format)
{
    static const char *const names[] = { "auto", "log", "csv", "json" };

    return names[format];
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static int unreadable(struct log_fields *fields, const char *reason)
{
    fields->reason = reason;
    return -EINVAL;
}

/* " 200 512", " 304 -", and then a blank or the end. */
static bool is_status_and_size(const char *at, const char *end)
{
    if (end - at < 6 || at[0] != ' ' || at[4] != ' ')
        return false;
    if (!is_digit(at[1]) || !is_digit(at[2]) || !is_digit(at[3]))
        return false;
    at += 5;
    if (*at == '-')
        at++;
    else if (is_digit(*at))
        while (at != end && is_digit(*at))
            at++;
    else
        return false;
    return at == end || *at == ' ';
}

/* The quote that ends the request; one inside it is escaped, or not followed by a status. */
static const char *request_end(const char *request, const char *end)
{
    for (const char *at = request; (at = memchr(at, '"', (size_t)(end - at))); at++) {
        const char *escape = at;
        while (escape != request && escape[-1] == '\\')
            escape--;
        if ((at - escape) % 2 == 0 && is_status_and_size(at + 1, end))
            return at;
    }
    return NULL;
}

/* "GET /path HTTP/1.1": the middle; without a method there is no post. */
static void find_post(const char *at, const char *end, struct log_fields *fields)
{
    const char *method = at, *last;

    while (at != end && is_letter(*at))
        at++;
    if (at == end || *at != ' ' || at == method)
        return;
    while (at != end && *at == ' ')
        at++;
    last = memrchr(at, ' ', (size_t)(end - at));
    if (last && end - last > 5 && memcmp(last, " HTTP/", 6) == 0)
        end = last;
    fields->post = at;
    fields->post_length = (size_t)(end - at);
    fields->has_post = true;
}

/* The time stamp in brackets: its '[', or NULL.  A user's name may hold a '[' as well. */
static const char *find_time(const char *at, const char *end, struct log_fields *fields)
{
    enum { BRACKETS = LOG_TIME_HTTP_LENGTH + 2 };

    fields->reason = "there is no time stamp in brackets";
    for (; (at = memchr(at, '[', (size_t)(end - at))); at++) {
        if (at[-1] != ' ' || end - at < BRACKETS || at[BRACKETS - 1] != ']')
            continue;
        if (log_time_http(at + 1, LOG_TIME_HTTP_LENGTH, &fields->time_ms, &fields->reason))
            return at;
    }
    return NULL;
}

static int parse_http(const char *text, size_t length, struct log_fields *fields)
{
    const char *end = text + length, *blank = memchr(text, ' ', length);

    if (!blank || blank == text)
        return unreadable(fields, "it does not begin with a host and a blank");
    const char *time = find_time(blank + 1, end, fields);
    if (!time)
        return -EINVAL;
    const char *request = time + LOG_TIME_HTTP_LENGTH + 2;
    if (end - request < 2 || request[0] != ' ' || request[1] != '"')
        return unreadable(fields, "no request in quotes follows the time stamp");
    request += 2;
    const char *quote = request_end(request, end);
    if (!quote)
        return unreadable(fields, "no status and size follow the request in quotes");
    fields->user = text;
    fields->user_length = (size_t)(blank - text);
    find_post(request, quote, fields);
    return 0;
}

/* Tries one format. */
static int parse_as(struct log_parser *p, enum log_format format, const char *text, size_t length,
                    struct log_fields *fields)
{
    memset(fields, 0, sizeof *fields);
    switch (format) {
    case LOG_FORMAT_CSV:
        return log_records_csv(p->records, text, length, fields);
    case LOG_FORMAT_JSON:
        return log_records_json(p->records, text, length, fields);
    default:
        return parse_http(text, length, fields);
    }
}

/* The first line that is good in some format decides. */
static int parse_unknown(struct log_parser *p, const char *text, size_t length,
                         struct log_fields *fields)
{
    bool object = text[0] == '{';
    enum log_format likely = !p->records ? LOG_FORMAT_HTTP
                             : object && !p->numbered ? LOG_FORMAT_JSON : LOG_FORMAT_CSV;
    int result = parse_as(p, likely, text, length, fields);

    if (result >= 0) {
        p->found = likely;
    } else if (result == -EINVAL && likely != LOG_FORMAT_HTTP) {
        struct log_fields other;
        if (parse_as(p, LOG_FORMAT_HTTP, text, length, &other) == 0) {
            p->found = LOG_FORMAT_HTTP;
            *fields = other;
            result = 0;
        }
    } else if (result == -EINVAL && object) {
        fields->reason = "it looks like JSON, for which the columns must be named";
    }
    return result;
}

static bool is_blank(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (text[i] != ' ' && text[i] != '\t' && text[i] != '\r')
            return false;
    return true;
}

static void tidy_post(const struct log_parser *p, struct log_fields *fields)
{
    if (!fields->has_post)
        return;
    bool path = p->found == LOG_FORMAT_HTTP || (fields->post_length && fields->post[0] == '/');
    if (!p->keep_query && path) {
        const char *query = memchr(fields->post, '?', fields->post_length);
        if (query)
            fields->post_length = (size_t)(query - fields->post);
    }
    fields->has_post = fields->post_length > 0;
}

int log_parse(struct log_parser *p, const char *text, size_t length, struct log_fields *fields)
{
    int result;

    if (is_blank(text, length))
        return 1;
    result = p->found == LOG_FORMAT_AUTO ? parse_unknown(p, text, length, fields)
                                         : parse_as(p, p->found, text, length, fields);
    if (result)
        return result;
    if (!fields->user_length)
        return unreadable(fields, "the visitor is empty");
    tidy_post(p, fields);
    return 0;
}

int log_parser_new(struct log_parser **out, const struct log_parse_options *options)
{
    bool needs_columns = options->format == LOG_FORMAT_CSV || options->format == LOG_FORMAT_JSON;
    struct log_parser *p;

    *out = NULL;
    if (needs_columns && !options->columns)
        return -EINVAL;
    p = calloc(1, sizeof *p);
    if (!p)
        return -ENOMEM;
    p->asked = p->found = options->format;
    p->keep_query = options->keep_query;
    p->numbered = options->columns && options->columns->numbered;
    if (options->columns && log_records_new(&p->records, options->columns, options->delimiter)) {
        free(p);
        return -ENOMEM;
    }
    *out = p;
    return 0;
}

void log_parser_free(struct log_parser *p)
{
    if (!p)
        return;
    log_records_free(p->records);
    free(p);
}

void log_parser_begin(struct log_parser *p)
{
    p->found = p->asked;
    if (p->records)
        log_records_begin(p->records);
}

#define HTTP_LIKE                                                                                  \
    "the common or combined log format (HOST IDENT USER [17/May/2015:10:05:03 +0000] "             \
    "\"GET /path HTTP/1.1\" 200 512)"

const char *log_parser_expected(const struct log_parser *p)
{
    switch (p->asked) {
    case LOG_FORMAT_HTTP:
        return HTTP_LIKE;
    case LOG_FORMAT_CSV:
        return "CSV with the columns that were named, in a header line or by number";
    case LOG_FORMAT_JSON:
        return "one JSON object a line, with the keys that were named";
    default:
        return p->records ? "CSV or JSON lines with the columns that were named"
                          : HTTP_LIKE "; for CSV and JSON lines, name the columns for time, "
                                      "user and post";
    }
}

/* access.c - the common and the combined format, and what people make of them. */
#include "bench/log/access.h"

#include <errno.h>
#include <string.h>

#include "bench/log/stamp.h"

/* Where things are in a line. */
struct places {
    const char *time;    /* its '[' */
    const char *request; /* behind the quote */
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
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

/* " 200", " -", " "200"", " 0 200": a number, a dash or a quote; or nothing more. */
static bool is_like_a_status(const char *at, const char *end)
{
    return at == end || (end - at >= 2 && is_blank(at[0]) &&
                         (is_digit(at[1]) || at[1] == '-' || at[1] == '"'));
}

/* The quote that ends the request; one inside it is escaped, or not followed by a status. */
static const char *request_end(const char *request, const char *end,
                               bool status(const char *at, const char *end))
{
    for (const char *at = request; (at = memchr(at, '"', (size_t)(end - at))); at++) {
        const char *escape = at;
        while (escape != request && escape[-1] == '\\')
            escape--;
        if ((at - escape) % 2 == 0 && status(at + 1, end))
            return at;
    }
    return NULL;
}

void log_access_post(const char *at, size_t length, struct log_fields *fields)
{
    const char *method = at, *end = at + length, *last;

    while (at != end && (is_letter(*at) || *at == '_' || (*at == '-' && at != method)))
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

/* A number in brackets, nginx's $msec: ten digits before the point, since smaller ones count. */
static bool since_1970(const char *text, size_t length, uint64_t *time_ms, const char **reason)
{
    size_t digits = 0;

    while (digits < length && is_digit(text[digits]))
        digits++;
    return digits >= 10 && log_time_column(text, length, LOG_UNIT_AUTO, time_ms, reason);
}

/* The nearest time in brackets that ends before `end`: its '[', or NULL. */
static const char *last_time_like(const char *text, const char *end, struct log_fields *fields,
                                  bool like(const char *text, size_t length, uint64_t *time_ms,
                                            const char **reason))
{
    while (end > text) {
        const char *open = memrchr(text, '[', (size_t)(end - text));
        const char *close = open ? memchr(open, ']', (size_t)(end - open)) : NULL;
        if (!open)
            return NULL;
        if (close && (open == text || is_blank(open[-1])) &&
            like(open + 1, (size_t)(close - open - 1), &fields->time_ms, &fields->reason))
            return open;
        end = open;
    }
    return NULL;
}

static const char *last_time(const char *text, const char *end, struct log_fields *fields)
{
    const char *time = last_time_like(text, end, fields, log_time_date);

    return time ? time : last_time_like(text, end, fields, since_1970);
}

/* The first quote with a time before it; the line's usual shape is tried first. */
static bool find_places(const char *text, size_t length, struct places *p,
                        struct log_fields *fields)
{
    enum { BRACKETS = LOG_TIME_HTTP_LENGTH + 2 };
    const char *end = text + length, *at = memchr(text, '[', length);

    fields->reason = "there is no time stamp in brackets";
    if (at && end - at >= BRACKETS + 2 && at != text && at[-1] == ' ' &&
        memcmp(at + BRACKETS - 1, "] \"", 3) == 0 &&
        log_time_http(at + 1, LOG_TIME_HTTP_LENGTH, &fields->time_ms, &fields->reason)) {
        *p = (struct places){ at, at + BRACKETS + 2 };
        return true;
    }
    for (at = text; (at = memchr(at, '"', (size_t)(end - at))); at++) {
        if (at == text || !is_blank(at[-1]))
            continue;
        p->time = last_time(text, at, fields);
        p->request = at + 1;
        if (p->time)
            return true;
    }
    if (last_time(text, end, fields))
        fields->reason = "no request in quotes follows the time stamp";
    return false;
}

/* Finds the client among the fields; those in front of the time begin the line. */
static bool find_client(const struct log_access *a, const char *text, size_t length,
                        const struct places *p, struct log_fields *fields)
{
    struct span list[CLIENT_FIELDS], client, last = { NULL, 0 };
    const char *blank = client_blank(text, length);

    if (a->client <= 1 && a->client >= 0 && blank && blank != text && text[0] != '[') {
        client = (struct span){ text, (size_t)(blank - text) };
    } else {
        size_t count = client_fields(text, length, list, &last);
        size_t at = a->client > 0 ? (size_t)a->client - 1 : 0;
        if (at >= count || at >= CLIENT_FIELDS)
            return false;
        client = a->client < 0 ? last : list[at];
    }
    if (client.text >= p->time && a->client >= 0 && a->client <= 1)
        return false;
    fields->user = client.text;
    fields->user_length = client.length;
    return client.length > 0;
}

/* The quote that ends what begins at `request`, and what was asked for if it is a request. */
static const char *read_request(const char *request, const char *end, struct log_fields *fields)
{
    const char *quote = request_end(request, end, is_status_and_size);

    if (!quote)
        quote = request_end(request, end, is_like_a_status);
    if (quote)
        log_access_post(request, (size_t)(quote - request), fields);
    return quote;
}

/* A field in quotes may stand between time and request, such as the host that was asked. */
static void look_behind(const char *request, const char *end, struct log_fields *fields)
{
    for (const char *at = request; (at = memchr(at, '"', (size_t)(end - at))); at++) {
        if (!is_blank(at[-1]) || !read_request(at + 1, end, fields) || !fields->has_post)
            continue;
        const char *behind = fields->post + fields->post_length;
        if (end - behind > 6 && memcmp(behind, " HTTP/", 6) == 0)
            return;
        fields->has_post = false;
    }
}

int log_access_line(const struct log_access *a, const char *text, size_t length,
                    struct log_fields *fields)
{
    const char *end = text + length;
    struct places p;

    if (!find_places(text, length, &p, fields))
        return -EINVAL;
    if (!read_request(p.request, end, fields))
        return unreadable(fields, "no status follows the request in quotes");
    if (!find_client(a, text, length, &p, fields))
        return unreadable(fields, a->client > 1 || a->client < 0
                                      ? "it has not so many fields that the visitor is one"
                                      : "it does not begin with a host and a blank");
    if (!fields->has_post)
        look_behind(p.request, end, fields);
    return 0;
}

static bool same(struct span a, struct span b)
{
    return a.length == b.length && memcmp(a.text, b.text, a.length) == 0;
}

size_t log_access_look(struct log_access *a, const struct span *lines, size_t count)
{
    struct client_column columns[CLIENT_FIELDS] = { { .addresses = 0 } };
    size_t good = 0, usual = 0, with[CLIENT_FIELDS + 1] = { 0 };
    struct log_access any = { 0 };

    for (size_t i = 0; i < count; i++) {
        struct span list[CLIENT_FIELDS], last;
        struct log_fields fields = { .reason = NULL };
        struct places p;
        if (log_access_line(&any, lines[i].text, lines[i].length, &fields) ||
            !find_places(lines[i].text, lines[i].length, &p, &fields))
            continue;
        size_t n = client_fields(lines[i].text, (size_t)(p.time - lines[i].text), list, &last);
        n = n < CLIENT_FIELDS ? n : CLIENT_FIELDS;
        good++;
        with[n]++;
        for (size_t k = 0; k < n; k++) {
            columns[k].listed |= list[k].length && list[k].text[list[k].length - 1] == ',';
            columns[k].addresses += client_trim(&list[k]);
            if (!columns[k].first.text)
                columns[k].first = list[k];
            columns[k].varies |= !same(columns[k].first, list[k]);
        }
    }
    for (size_t n = 0; n <= CLIENT_FIELDS; n++)
        if (with[n] > with[usual])
            usual = n;
    size_t client = client_choose(columns, good, usual);
    a->client = (long)client + 1;
    a->address = 2 * columns[client].addresses > good;
    return good;
}

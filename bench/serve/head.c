/* head.c - see head.h. */
#include "bench/serve/head.h"

#include <string.h>
#include <strings.h>

/* ---- letters ---- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* What names of methods and fields are made of: a token (RFC 9110, 5.6.2). */
static bool is_token(char c)
{
    return is_digit(c) || ((c | 32) >= 'a' && (c | 32) <= 'z') || (c != '\0' && strchr("!#$%&'*+-.^_`|~", c));
}

static size_t token_length(const char *at, const char *end)
{
    const char *from = at;

    while (at < end && is_token(*at))
        at++;
    return (size_t)(at - from);
}

/* What the value of a field may hold: no control character but the tabulator. */
static bool is_value(char c)
{
    unsigned char byte = (unsigned char)c;

    return (byte >= ' ' && byte != 127) || byte == '\t';
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool is_named(struct head_text t, const char *name)
{
    return t.length == strlen(name) && strncasecmp(t.at, name, t.length) == 0;
}

static int hex_digit(char c)
{
    return is_digit(c) ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

/* ---- where it ends ---- */

/* Empty lines before a request, which some clients send behind a body (RFC 9112, 2.2). */
static size_t empty_lines(const char *bytes, size_t n)
{
    size_t at = 0;

    while (n - at >= 2 && bytes[at] == '\r' && bytes[at + 1] == '\n')
        at += 2;
    return at;
}

/* Whether what is there of a first line may become one: it begins with a method. */
static bool may_begin(const char *line, size_t n)
{
    size_t method = token_length(line, line + n);

    return method == n || (method > 0 && line[method] == ' ') || (n == 1 && line[0] == '\r');
}

int64_t head_end(const char *bytes, size_t n, size_t *looked)
{
    size_t first = empty_lines(bytes, n), at = *looked > first ? *looked : first;

    if (at == first && !may_begin(bytes + first, n - first))
        return -400;
    while (at < n) {
        const char *feed = memchr(bytes + at, '\n', n - at);
        if (!feed)
            break;
        at = (size_t)(feed - bytes) + 1;
        if (at - first < 2 || feed[-1] != '\r')
            return -400;
        if (at - first >= 4 && feed[-2] == '\n') /* the line is empty */
            return (int64_t)at;
    }
    *looked = n;
    return 0;
}

/* ---- the first line ---- */

static enum serve_method method_of(struct head_text t)
{
    static const struct { const char *name; enum serve_method method; } known[] = {
        { "GET", SERVE_GET }, { "HEAD", SERVE_HEAD }, { "POST", SERVE_POST }, { "PUT", SERVE_PUT },
        { "DELETE", SERVE_DELETE },
    };

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (t.length == strlen(known[i].name) && memcmp(t.at, known[i].name, t.length) == 0)
            return known[i].method;
    return SERVE_OTHER;
}

/* "GET /users/7 HTTP/1.1".  0 with its minor version, or the refusal. */
static int read_request_line(const char *line, const char *end, struct head *out, char *minor)
{
    static const char http[] = "HTTP/1.1";
    struct head_text method = { line, token_length(line, end) };
    const char *target = line + method.length + 1, *version;

    if (method.length == 0 || target >= end || target[-1] != ' ')
        return -400;
    version = memchr(target, ' ', (size_t)(end - target));
    if (!version || version == target)
        return -400;
    out->method = method_of(method);
    out->target = (struct head_text){ target, (size_t)(version - target) };
    out->wrong = "this is no version of HTTP";
    version++;
    if (end - version != sizeof http - 1 || memcmp(version, http, 5) != 0 || !is_digit(version[5]) ||
        version[6] != '.' || !is_digit(version[7]))
        return -400;
    out->wrong = "HTTP/1.1 and HTTP/1.0 are understood";
    *minor = version[7];
    return version[5] == '1' ? 0 : -505;
}

/* ---- the fields ---- */

/* How long the part of a host is that these characters may form: a name, an IPv4 address, or what is in []. */
static size_t host_length(const char *at, const char *end, const char *others)
{
    const char *from = at;

    while (at < end && *at != '\0' &&
           (is_digit(*at) || ((*at | 32) >= 'a' && (*at | 32) <= 'z') || strchr(others, *at))) {
        if (*at == '%' && (end - at < 3 || hex_digit(at[1]) < 0 || hex_digit(at[2]) < 0))
            break;
        at++;
    }
    return (size_t)(at - from);
}

/* "example.org:80" or "[::1]"; it may be empty (RFC 9110, 7.2, and RFC 3986, 3.2.2). */
static bool is_host(struct head_text t)
{
    const char *at = t.at, *end = at + t.length;

    if (at < end && *at == '[') {
        size_t inside = host_length(at + 1, end, ":.-_~!$&'()*+,;=");
        at += 1 + inside;
        if (inside == 0 || at >= end || *at++ != ']')
            return false;
    } else {
        at += host_length(at, end, "-._~!$&'()*+,;=%");
    }
    if (at < end && *at == ':')
        for (at++; at < end && is_digit(*at); at++)
            ;
    return at == end;
}

/* What is gathered from them until the last one is read. */
struct fields {
    struct head *head;
    unsigned hosts, lengths;
    bool wants_close, wants_keep, wants_upgrade;
};

/* "keep-alive, Upgrade" */
static void read_connection(struct fields *f, struct head_text list)
{
    const char *at = list.at, *end = list.at + list.length;

    while (at < end) {
        struct head_text one = { at, token_length(at, end) };
        f->wants_close |= is_named(one, "close");
        f->wants_keep |= is_named(one, "keep-alive");
        f->wants_upgrade |= is_named(one, "upgrade");
        at += one.length ? one.length : 1;
    }
}

static int read_field(struct fields *f, struct head_text name, struct head_text value)
{
    struct head *h = f->head;

    if (is_named(name, "Host")) {
        f->hosts++;
        h->wrong = "this is no Host";
        return is_host(value) ? 0 : -400;
    } else if (is_named(name, "Content-Length")) {
        f->lengths++;
        h->wrong = "this is no Content-Length";
        return request_number(value.at, value.length, &h->body_length) == 0 ? 0 : -400;
    } else if (is_named(name, "Transfer-Encoding")) {
        h->chunked = true;
    } else if (is_named(name, "Connection")) {
        read_connection(f, value);
    } else if (is_named(name, "Expect")) {
        h->expects = is_named(value, "100-continue");
    } else if (is_named(name, "If-None-Match")) {
        h->if_none_match = value;
    } else if (is_named(name, "Upgrade")) {
        h->upgrade = value;
    } else if (is_named(name, "Sec-WebSocket-Key")) {
        h->wrong = "one Sec-WebSocket-Key is wanted";
        if (h->socket_key.at)
            return -400;
        h->socket_key = value;
    } else if (is_named(name, "Sec-WebSocket-Version")) {
        h->socket_version = value;
    }
    return 0;
}

/* "Host: example" */
static int read_line(struct fields *f, const char *line, const char *end)
{
    struct head_text name = { line, token_length(line, end) };
    const char *value = line + name.length;

    f->head->wrong = "this is no field of a head";
    if (name.length == 0 || value == end || *value != ':')
        return -400;
    value++;
    for (const char *c = value; c < end; c++)
        if (!is_value(*c))
            return -400;
    while (value < end && is_blank(*value))
        value++;
    while (end > value && is_blank(end[-1]))
        end--;
    return read_field(f, name, (struct head_text){ value, (size_t)(end - value) });
}

static const char *end_of_line(const char *at, const char *end)
{
    return (const char *)memchr(at, '\n', (size_t)(end - at)) - 1;
}

int head_read(const char *bytes, size_t n, struct head *out)
{
    const char *at = bytes + empty_lines(bytes, n), *end = bytes + n - 2, *stop;
    struct fields f = { .head = out };
    char minor = '1';
    int error;

    *out = (struct head){ .wrong = "this is no request" };
    stop = end_of_line(at, bytes + n);
    error = read_request_line(at, stop, out, &minor);
    for (at = stop + 2; !error && at < end; at = stop + 2) {
        stop = end_of_line(at, bytes + n);
        error = read_line(&f, at, stop);
    }
    if (error)
        return error;
    out->wrong = f.lengths > 1 ? "one Content-Length is wanted" : "one Host is wanted";
    if (f.hosts > 1 || (f.hosts == 0 && minor != '0') || f.lengths > 1)
        return -400;
    out->keeps = !f.wants_close && (minor != '0' || f.wants_keep);
    /* Version 1.0 knows neither: whatever forwards such a request may not know them (RFC 9110, 7.8 and 10.1.1). */
    out->upgrades = f.wants_upgrade && out->upgrade.at && minor != '0';
    out->expects = out->expects && minor != '0';
    return 0;
}

/* ---- the target ---- */

/* Decodes what is encoded, but for characters of `marks`, which would then separate.  0, -400 or -414. */
static int decode(const char *at, const char *end, const char *marks, char *out, size_t size)
{
    const char *full = out + size - 1;

    while (at < end) {
        unsigned char byte = (unsigned char)*at++;
        if (byte <= ' ' || byte >= 127 || byte == '#')
            return -400;
        if (byte == '%') {
            int high = end - at >= 2 ? hex_digit(at[0]) : -1, low = high >= 0 ? hex_digit(at[1]) : -1;
            if (low < 0 || high + low == 0) /* no digits, or a 0, where the text would end for us */
                return -400;
            if (!strchr(marks, high * 16 + low)) {
                byte = (unsigned char)(high * 16 + low);
                at += 2;
            }
        }
        if (out == full)
            return -414;
        *out++ = (char)byte;
    }
    *out = '\0';
    return 0;
}

/* The path of "http://example/path", which servers have to take as well (RFC 9112, 3.2.2). */
static const char *skip_authority(const char *at, const char *end)
{
    static const char scheme[] = "http://";
    size_t length = sizeof scheme - 1;

    if ((size_t)(end - at) <= length || strncasecmp(at, scheme, length) != 0)
        return at;
    for (at += length; at < end && *at != '/' && *at != '?'; at++)
        ;
    return at;
}

int head_target(const struct head *h, char *path, char *query, size_t size)
{
    const char *end = h->target.at + h->target.length;
    const char *at = skip_authority(h->target.at, end), *mark = memchr(at, '?', (size_t)(end - at));
    const char *stop = mark ? mark : end;
    int error;

    if (at > h->target.at && at == stop) { /* an address without a path is that of the page */
        memcpy(path, "/", 2);
        error = 0;
    } else {
        error = at < end && *at == '/' ? decode(at, stop, "", path, size) : -400;
    }
    if (error)
        return error;
    return decode(mark ? mark + 1 : end, end, "&=", query, size);
}

/* client.c - addresses, and where in a line they stand. */
#include "bench/log/client.h"

#include <arpa/inet.h>
#include <string.h>

bool client_is_address(struct span s)
{
    char text[INET6_ADDRSTRLEN + 1];
    unsigned char address[sizeof(struct in6_addr)];

    if (s.length < 2 || s.length >= sizeof text)
        return false;
    memcpy(text, s.text, s.length);
    text[s.length] = '\0';
    if (strlen(text) != s.length)
        return false;
    return inet_pton(strchr(text, ':') ? AF_INET6 : AF_INET, text, address) == 1;
}

static bool is_port(const char *at, const char *end)
{
    const char *begin = at;

    while (at != end && *at >= '0' && *at <= '9')
        at++;
    return at == end && at != begin && at - begin <= 5;
}

/* "[2001:db8::5]", "[2001:db8::5]:80", "198.51.100.5:80". */
static bool without_port(struct span *s)
{
    const char *end = s->text + s->length;

    if (client_is_address(*s))
        return true;
    const char *colon = memrchr(s->text, ':', s->length);
    const char *bracket = s->length && s->text[0] == '[' ? memchr(s->text, ']', s->length) : NULL;
    struct span inner = *s;
    if (bracket && (bracket + 1 == end || (colon == bracket + 1 && is_port(colon + 1, end))))
        inner = (struct span){ s->text + 1, (size_t)(bracket - s->text - 1) };
    else if (colon && is_port(colon + 1, end) && !memchr(s->text, ':', (size_t)(colon - s->text)))
        inner.length = (size_t)(colon - s->text);
    else
        return false;
    if (!client_is_address(inner))
        return false;
    *s = inner;
    return true;
}

bool client_trim(struct span *s)
{
    struct span rest = *s;

    if (rest.length > 1 && rest.text[rest.length - 1] == ',')
        rest.length--;
    for (int prefixes = 0; prefixes < 3; prefixes++) {
        if (without_port(&rest)) {
            *s = rest;
            return true;
        }
        const char *colon = memchr(rest.text, ':', rest.length);
        if (!colon)
            break;
        rest.length -= (size_t)(colon + 1 - rest.text);
        rest.text = colon + 1;
    }
    return false;
}

const char *client_blank(const char *text, size_t length)
{
    const char *blank = memchr(text, ' ', length);
    const char *tab = memchr(text, '\t', blank ? (size_t)(blank - text) : length);

    return tab ? tab : blank;
}

/* Whether a quote or bracket closes a field: a blank or the end follows, and no '\\' precedes. */
static bool closes(const char *close, const char *end)
{
    return close[-1] != '\\' && (close + 1 == end || close[1] == ' ' || close[1] == '\t');
}

/* Where a field that begins at `at` ends: behind its last byte. */
static const char *field_end(const char *at, const char *end)
{
    const char *close = at;

    if (*at == '[' && (close = memchr(at, ']', (size_t)(end - at))) && closes(close, end))
        return close + 1;
    while (*at == '"' && (close = memchr(close + 1, '"', (size_t)(end - close - 1))))
        if (closes(close, end))
            return close + 1;
    const char *blank = client_blank(at, (size_t)(end - at));
    return blank ? blank : end;
}

size_t client_fields(const char *text, size_t length, struct span fields[CLIENT_FIELDS],
                     struct span *last)
{
    const char *at = text, *end = text + length;
    size_t count = 0;

    while (at != end) {
        if (*at == ' ' || *at == '\t') {
            at++;
            continue;
        }
        const char *stop = field_end(at, end);
        struct span field = { at, (size_t)(stop - at) };
        bool wrapped = field.length >= 2 && ((*at == '"' && stop[-1] == '"') ||
                                             (*at == '[' && stop[-1] == ']'));
        if (wrapped)
            field = (struct span){ at + 1, field.length - 2 };
        if (count < CLIENT_FIELDS)
            fields[count] = field;
        *last = field;
        count++;
        at = stop;
    }
    return count;
}

/* Whether a is the better column: it varies; it is where HOST IDENT USER has the host. */
static bool better(const struct client_column *columns, size_t a, size_t b, size_t host)
{
    if (columns[a].varies != columns[b].varies)
        return columns[a].varies;
    return a == host && b != host;
}

size_t client_choose(const struct client_column columns[CLIENT_FIELDS], size_t lines,
                     size_t usual)
{
    size_t host = usual > 3 ? usual - 3 : 0, best = CLIENT_FIELDS;
    unsigned most = 0;

    for (size_t i = 0; i < CLIENT_FIELDS; i++)
        most = columns[i].addresses > most ? columns[i].addresses : most;
    if (most == 0 || most * 10 < lines) /* names, not addresses */
        return host;
    for (size_t i = 0; i < CLIENT_FIELDS; i++)
        if (columns[i].addresses * 10 >= most * 8 &&
            (best == CLIENT_FIELDS || better(columns, i, best, host)))
            best = i;
    while (best && columns[best - 1].listed)
        best--;
    return best;
}

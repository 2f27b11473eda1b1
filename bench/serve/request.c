/* request.c - see request.h. */
#include "bench/serve/request.h"

#include <errno.h>
#include <string.h>

int request_number(const char *text, size_t length, uint64_t *out)
{
    uint64_t n = 0;

    if (length == 0 || length > 20)
        return -EINVAL;
    for (size_t i = 0; i < length; i++) {
        unsigned digit = (unsigned)(unsigned char)text[i] - '0';
        if (digit > 9 || n > (UINT64_MAX - digit) / 10)
            return -EINVAL;
        n = n * 10 + digit;
    }
    *out = n;
    return 0;
}

const char *request_query(const struct serve_request *q, const char *name, size_t *length)
{
    size_t named = strlen(name);
    const char *found = NULL;

    for (const char *at = q->query; *at; at += *at == '&') {
        size_t part = strcspn(at, "&");
        if (part > named && at[named] == '=' && strncmp(at, name, named) == 0) {
            *length = found ? 0 : part - named - 1;
            found = at + named + 1;
        }
        at += part;
    }
    return found;
}

int request_query_number(const struct serve_request *q, const char *name, uint64_t *out)
{
    size_t length;
    const char *text = request_query(q, name, &length);

    return text ? request_number(text, length, out) : -ENOENT;
}

int request_meter(const struct serve_request *q, uint64_t *out)
{
    int asks = request_query_number(q, "meter", out);

    if (asks == -ENOENT)
        *out = 0;
    return asks == -EINVAL || (asks == 0 && *out == 0) ? -EINVAL : 0;
}

int request_list(const char *text, size_t length, uint64_t *out, unsigned most)
{
    const char *end = text + length;
    unsigned count = 0;

    for (;;) {
        const char *comma = memchr(text, ',', (size_t)(end - text));
        const char *stop = comma ? comma : end;
        if (count == most)
            return -E2BIG;
        if (request_number(text, (size_t)(stop - text), &out[count]) != 0)
            return -EINVAL;
        count++;
        if (!comma)
            return (int)count;
        text = comma + 1;
    }
}

bool request_knows(const struct serve_request *q, const char *tag)
{
    const char *at = q->if_none_match;

    if (strcmp(at, "*") == 0)
        return true;
    while (*(at += strspn(at, " \t,"))) {
        at += strncmp(at, "W/", 2) == 0 ? 2 : 0;
        if (strncmp(at, tag, strlen(tag)) == 0) /* as far as the mark that ends both */
            return true;
        at = *at == '"' ? strchr(at + 1, '"') : NULL;
        if (!at)
            return false;
        at++;
    }
    return false;
}

int request_matches(const char *path, const char *pattern, uint64_t ids[REQUEST_IDS])
{
    static const char id[] = "{id}";
    unsigned count = 0;
    bool wrong = false;

    while (*pattern) {
        if (*pattern == id[0] && strncmp(pattern, id, sizeof id - 1) == 0) {
            size_t length = strcspn(path, "/");
            if (length == 0)
                return 0;
            wrong |= count == REQUEST_IDS || request_number(path, length, &ids[count]) != 0;
            count++;
            path += length;
            pattern += sizeof id - 1;
        } else if (*path++ != *pattern++) {
            return 0;
        }
    }
    return *path ? 0 : wrong ? -EINVAL : 1;
}

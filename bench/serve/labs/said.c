/* said.c - see said.h. */
#include "bench/serve/labs/said.h"

#include <stdio.h>
#include <string.h>

enum { PORTS = 65535 };

unsigned said_port(const char *text)
{
    const char *at = strstr(text, "http://");
    unsigned port = 0;

    if (!at || !strchr(at, '\n'))
        return 0;
    at += strlen("http://");
    at += strspn(at, "0123456789.");
    if (*at++ != ':')
        return 0;
    for (; *at >= '0' && *at <= '9' && port <= PORTS; at++)
        port = port * 10 + (unsigned)(*at - '0');
    return *at == '/' && port <= PORTS ? port : 0;
}

void said_last_line(const char *text, char *out, size_t size)
{
    size_t end = strcspn(text, "\r"), begin, used = 0;

    while (end && text[end - 1] == '\n')
        end--;
    for (begin = end; begin && !(text[begin - 1] == '\n' && (text[begin] != ' ' || begin < 2 ||
                                                              text[begin - 2] == '\n')); begin--)
        ;
    for (size_t at = begin; at < end && used + 1 < size; at++)
        if (text[at] != '\n')
            out[used++] = text[at];
        else /* what goes on stands two columns in */
            for (out[used++] = ' '; at + 1 < end && text[at + 1] == ' ';)
                at++;
    out[used] = '\0';
}

json_t *said_json(const char *text, const char *mark)
{
    const char *at = strstr(text, mark);
    json_t *found = at ? json_loads(at + strlen(mark), JSON_DISABLE_EOF_CHECK, NULL) : NULL;

    if (json_is_object(found))
        return found;
    json_decref(found);
    return NULL;
}

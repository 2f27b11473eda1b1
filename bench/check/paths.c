/* paths.c - see paths.h. */
#include "bench/check/paths.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* The last character of a string or of a character that begins here. */
static const char *literal_end(const char *c)
{
    char quote = *c++;

    while (*c && *c != quote)
        c += *c == '\\' && c[1] ? 2 : 1;
    return *c ? c : c - 1;
}

/* Whether it is a member of what has no name of its own, as in "get()->value". */
static bool is_member(const char *text, const char *c)
{
    while (c > text && c[-1] == ' ')
        c--;
    return c > text && (c[-1] == '.' || (c[-1] == '>' && c - 1 > text && c[-2] == '-'));
}

const char *paths_bracket(const char *c)
{
    unsigned open = 0;

    for (; *c; c++) {
        if (*c == '"' || *c == '\'')
            c = literal_end(c);
        open += *c == '[';
        if (*c == ']' && --open == 0)
            return c;
    }
    return NULL;
}

static bool is_letter(char c)
{
    return isalpha((unsigned char)c) || c == '_';
}

static const char *path_end(const char *c)
{
    for (;;) {
        while (is_letter(*c) || isdigit((unsigned char)*c))
            c++;
        while (*c == '[' && paths_bracket(c))
            c = paths_bracket(c) + 1;
        if (*c == '.' && is_letter(c[1]))
            c++;
        else if (c[0] == '-' && c[1] == '>' && is_letter(c[2]))
            c += 2;
        else
            return c;
    }
}

bool paths_next(const char *text, const char **at, struct path *p)
{
    for (const char *c = *at; *c; c++) {
        if (*c == '"' || *c == '\'') {
            c = literal_end(c);
            continue;
        }
        if (!is_letter(*c)) {
            c += isdigit((unsigned char)*c) ? strspn(c, "0123456789abcdefxXuUlL.'") - 1 : 0;
            continue;
        }
        const char *end = path_end(c), *bracket = memchr(c, '[', (size_t)(end - c));
        *p = (struct path){ c, (size_t)(end - c) };
        *at = bracket ? bracket + 1 : end; /* the indices are operands as well */
        if (*end != '(' && *end != '"' && *end != '\'' && !is_member(text, c))
            return true;
        c = end - 1;
    }
    return false;
}

void paths_name(struct path *p, char name[PATHS_NAME])
{
    size_t length = 0;

    while (p->length && (*p->text == '.' || *p->text == '-' || *p->text == '>')) {
        p->text++;
        p->length--;
    }
    while (length < p->length && (isalnum((unsigned char)p->text[length]) || p->text[length] == '_'))
        length++;
    snprintf(name, PATHS_NAME, "%.*s", (int)length, p->text);
    p->text += length;
    p->length -= length;
}

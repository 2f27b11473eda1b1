/* excerpt.c - see excerpt.h. */
#include "bench/check/excerpt.h"

#include <stdlib.h>
#include <string.h>

/* Whether the file has at least that many lines. */
static bool has_line(FILE *f, unsigned line)
{
    unsigned count = 1;
    int c, last = '\n';

    while (count < line && (c = getc(f)) != EOF)
        count += (last = c) == '\n';
    bool there = count == line && last == '\n' && (c = getc(f)) != EOF;
    rewind(f);
    return there;
}

bool excerpt(const char *path, unsigned line,
             void (*put)(unsigned number, const char *text, bool meant, FILE *out), FILE *out)
{
    FILE *f = line ? fopen(path, "re") : NULL;
    char *text = NULL;
    size_t size = 0;
    bool there = f && has_line(f, line);

    for (unsigned n = 1; there && n <= line + EXCERPT_AROUND && getline(&text, &size, f) != -1; n++) {
        text[strcspn(text, "\n")] = '\0';
        if (n + EXCERPT_AROUND >= line)
            put(n, text, n == line, out);
    }
    free(text);
    if (f)
        fclose(f);
    return there;
}

/* nearest.c - edit distance over two rows. */
#include "bench/base/nearest.h"

#include <stdio.h>
#include <string.h>

enum { LONGEST = 63 };

size_t nearest_distance(const char *a, const char *b)
{
    size_t row[LONGEST + 1], length = strnlen(b, LONGEST);

    for (size_t j = 0; j <= length; j++)
        row[j] = j;
    for (size_t i = 1; a[i - 1]; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= length; j++) {
            size_t substitute = diagonal + (a[i - 1] != b[j - 1]);
            size_t shorter = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
            diagonal = row[j];
            row[j] = substitute < shorter ? substitute : shorter;
        }
    }
    return row[length];
}

/* Behind its folder, if it has one. */
static const char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

/* Of the folders, which end where the names begin. */
static size_t distance_of_folders(const char *a, const char *b)
{
    char folder[2][LONGEST + 1];

    snprintf(folder[0], sizeof folder[0], "%.*s", (int)(name_of(a) - a), a);
    snprintf(folder[1], sizeof folder[1], "%.*s", (int)(name_of(b) - b), b);
    return nearest_distance(folder[0], folder[1]);
}

void nearest_offer(struct nearest *n, const char *candidate)
{
    size_t distance = nearest_distance(name_of(n->wanted), name_of(candidate));
    size_t apart = distance_of_folders(n->wanted, candidate);

    if (!n->best || distance < n->distance || (distance == n->distance && apart < n->apart)) {
        n->best = candidate;
        n->distance = distance;
        n->apart = apart;
    }
}

const char *nearest_hint(const struct nearest *n, const char *before, char buffer[NEAREST_HINT])
{
    size_t length = strlen(name_of(n->wanted));

    buffer[0] = '\0';
    if (n->best && n->distance < length && (n->distance <= 2 || n->distance <= length / 3))
        snprintf(buffer, NEAREST_HINT, "; did you mean '%s%s'?", before, n->best);
    return buffer;
}

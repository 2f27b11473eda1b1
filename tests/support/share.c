/* share.c - see share.h. */
#include "tests/support/share.h"

#include <stdio.h>
#include <stdlib.h>

static size_t setting(const char *name)
{
    const char *text = getenv(name);

    return text ? (size_t)strtoul(text, NULL, 10) : 0;
}

/* Of how many entries one is tried: 1 means that all are. */
static size_t rotation_period(size_t rotating)
{
    size_t most = setting("CONTEND_MOST");

    return getenv("CONTEND_ROTATION") && most ? (rotating + most - 1) / most : 1;
}

void share_choose(const bool *always, bool *mine, size_t count)
{
    const char *slice = getenv("CONTEND_SLICE");
    unsigned part = 1, parts = 1;
    size_t rotating = 0, place = 0, chosen = 0;

    if (slice && (sscanf(slice, "%u/%u", &part, &parts) != 2 || part < 1 || part > parts)) {
        fprintf(stderr, "CONTEND_SLICE=%s is not like 1/2\n", slice);
        abort();
    }
    for (size_t i = 0; i < count; i++)
        rotating += !always[i];
    size_t period = rotation_period(rotating), turn = setting("CONTEND_ROTATION");
    for (size_t i = 0; i < count; i++) {
        mine[i] = always[i] || period < 2 || (place + turn) % period == 0;
        place += !always[i];
        if (mine[i])
            mine[i] = chosen++ % parts == part - 1;
    }
    if (period > 1)
        printf("# rotation: %zu of %zu entries, over all slices\n", chosen, count);
}

/*
 * ago.h - how long ago somebody was active, as people say it.
 */
#ifndef CONTEND_BENCH_SERVE_AGO_H
#define CONTEND_BENCH_SERVE_AGO_H

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>

enum { AGO_TEXT = 48 };

/* "active 12 minutes ago": in whole seconds, minutes, hours or days, rounded down. */
static inline const char *ago_text(uint64_t age_ms, char text[AGO_TEXT])
{
    static const struct { uint64_t ms; const char *name; } units[] = {
        { UINT64_C(86400000), "day" }, { 3600000, "hour" }, { 60000, "minute" }, { 1000, "second" },
    };
    unsigned i = 0;

    while (i < 3 && age_ms < units[i].ms)
        i++;
    uint64_t n = age_ms / units[i].ms;
    snprintf(text, AGO_TEXT, "active %" PRIu64 " %s%s ago", n, units[i].name, n == 1 ? "" : "s");
    return text;
}

#endif

/* stamp.c - time stamps, whatever the locale. */
#include "bench/log/stamp.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <time.h>

#include "bench/base/text.h"
#include "bench/log/pattern.h"

enum { STAMP_SIZE = 80 };

static const uint64_t last_ms = UINT64_C(253402300799999); /* the end of the year 9999 */
static const char too_early[] = "the time stamp lies before 1970";
static const char too_late[] = "the time stamp lies after the year 9999";

/*
 * Each alternative finds year, month and day, in this order, wherever they stand:
 * 2015-05-17T, 2015/5/17 | 20150517T100503 | 17.5.2015 | 17/May/2015:, Sun, 17 May 2015,
 * 7-May-2015 | Sun May 17 10:05:03 2015.  Then come hour, minute, second, fraction, and the zone; the
 * empty group at the end says that nothing else follows.
 */
enum { YEAR = 1, MONTH, DAY, HOUR, MINUTE, SECOND, FRACTION, ZONE, ZONE_MINUTE, END };
static const char shape[] =
    "(?i)^(?|(\\d{4})[-/](\\d\\d?)[-/](\\d\\d?)[T ]"
    "|(\\d{4})(\\d\\d)(\\d\\d)T(?=\\d{6})"
    "|(?=\\d+\\.\\d+\\.(\\d{4}),? )(?=\\d+\\.(\\d\\d?)\\.)(\\d\\d?)\\.[\\d.]+,? "
    "|(?:[a-z]{3}, ?)?(?=\\d\\d?[-/ ][a-z]{3}[-/ ](\\d{4})[: ])(?=\\d+.([a-z]{3}))(\\d+).{10}"
    "|[a-z]{3} (?=.* (\\d{4})$)([a-z]{3}) +(\\d\\d?) )"
    "(\\d\\d?):?(\\d\\d)(?::?(\\d\\d)(?:[.,](\\d+))?)?(?: \\d{4}$)?"
    "(?: *([-+]\\d\\d)(?::?(\\d\\d))?)? *(?:Z|UTC|GMT)?(?:\\[[^]]*\\])?($)?";

/* Some begin with the day, others with the month, and a log may have no 13th. */
static const char either_way[] = "^\\d\\d?[/-]\\d\\d?[/-]\\d{2,4}\\b";

static bool refuse(const char **reason, const char *why)
{
    *reason = why;
    return false;
}

/* A group's number; 0 if it has none. */
static int number(const struct pattern *p, struct span text, unsigned group)
{
    struct span digits = { "", 0 };
    char copy[16];

    pattern_group(p, text, group, &digits);
    snprintf(copy, sizeof copy, "%.*s", (int)digits.length, digits.text);
    return (int)strtol(copy, NULL, 10);
}

/* The month, by number or by name; -1 = there is none like it. */
static int month(const struct pattern *p, struct span text)
{
    static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    struct span name;

    pattern_group(p, text, MONTH, &name);
    for (int i = 0; i < 12; i++)
        if (strncasecmp(names + (size_t)3 * (size_t)i, name.text, 3) == 0)
            return i + 1;
    return isdigit((unsigned char)name.text[0]) ? number(p, text, MONTH) : -1;
}

static bool from_date(const struct pattern *p, struct span text, uint64_t *time_ms,
                      const char **reason)
{
    int zone = number(p, text, ZONE), zone_minute = number(p, text, ZONE_MINUTE), ms = 0;
    struct span sign, fraction, end;
    struct tm tm = { .tm_year = number(p, text, YEAR) - 1900, .tm_mon = month(p, text) - 1,
                     .tm_mday = number(p, text, DAY), .tm_hour = number(p, text, HOUR),
                     .tm_min = number(p, text, MINUTE), .tm_sec = number(p, text, SECOND) };
    int leap = tm.tm_min == 59 && tm.tm_sec == 60; /* it is the next minute's first second */

    tm.tm_sec -= leap;
    if (tm.tm_mon < -1)
        return refuse(reason, "");
    if (tm.tm_hour > 23 || tm.tm_min > 59 || tm.tm_sec > 59)
        return refuse(reason, "there is no such time of day");
    struct tm given = tm;
    int64_t seconds = timegm(&tm) + leap; /* moves what is no day to one that is */
    if (given.tm_year < -1899 || given.tm_mday != tm.tm_mday || given.tm_mon != tm.tm_mon)
        return refuse(reason, "there is no such day");
    if (!pattern_group(p, text, END, &end) || abs(zone) > 23 || zone_minute > 59)
        return refuse(reason, "the time zone is not understood");
    if (pattern_group(p, text, ZONE, &sign) && sign.text[0] == '-')
        zone_minute = -zone_minute;
    if (pattern_group(p, text, FRACTION, &fraction))
        for (size_t i = 0; i < 3; i++)
            ms = 10 * ms + (i < fraction.length ? fraction.text[i] - '0' : 0);
    seconds -= zone * 3600 + zone_minute * 60;
    *time_ms = (uint64_t)(seconds * 1000 + ms);
    if (seconds < 0)
        return refuse(reason, too_early);
    return *time_ms <= last_ms || refuse(reason, too_late);
}

/* Digits, with a fraction and an exponent. */
static bool is_number(const char *text, long double *n)
{
    const char *behind = text + strspn(text, "0123456789");
    char *end;

    if (behind == text || text[strspn(text, "0123456789.eE+-")] ||
        (*behind == '.' && !isdigit((unsigned char)behind[1])))
        return false;
    *n = strtold(text, &end);
    return !*end;
}

/* Milliseconds of a number; what is finer is cut off. */
static bool from_number(long double n, enum log_unit unit, uint64_t *time_ms, const char **reason)
{
    if (unit == LOG_UNIT_AUTO) /* in seconds the year 2286, in the others the spring of 1970 */
        unit = n < 1e10L ? LOG_UNIT_S : n < 1e13L ? LOG_UNIT_MS : n < 1e16L ? LOG_UNIT_US
                                                                            : LOG_UNIT_NS;
    n = unit == LOG_UNIT_S ? n * 1000 : unit == LOG_UNIT_MS ? n
        : n / (unit == LOG_UNIT_US ? 1e3L : 1e6L);
    n = floorl(n + 4e-7L); /* a decimal fraction may lie a little below what was written */
    if (n > (long double)last_ms)
        return refuse(reason, too_late);
    *time_ms = (uint64_t)n;
    return true;
}

/* What it looks like instead. */
static bool refuse_shape(const char **reason, struct span text)
{
    static struct pattern day_or_month;
    static char why[160];
    bool either = pattern_find(&day_or_month, either_way, text, 0);
    char shown[4 * 30 + 1];

    text_printable(shown, 30, text.text, text.length);
    snprintf(why, sizeof why, either ? "the time stamp '%.60s' may begin with the day or with the "
                                       "month; wanted is one like 2015-05-17T10:05:03Z"
                                     : "the time stamp '%.60s' is neither a number since 1970 nor "
                                       "like 2015-05-17T10:05:03Z", shown);
    return refuse(reason, why);
}

bool log_time(const char *text, size_t length, enum log_unit unit, uint64_t *time_ms,
              const char **reason)
{
    static struct pattern date;
    char copy[STAMP_SIZE];
    long double n;

    for (; length && memchr(" [", *text, 2); length--)
        text++;
    while (length && (text[length - 1] == ' ' || (text[length - 1] == ']' &&
                                                  !memchr(text, '[', length))))
        length--;
    if (length == 0 || (text[0] == '-' && length == 1))
        return refuse(reason, "the time stamp is empty");
    if (text[0] == '-')
        return refuse(reason, too_early);
    snprintf(copy, sizeof copy, "%.*s", (int)(length < STAMP_SIZE ? length : 0), text);
    char *comma = strchr(copy, ',');
    if (comma && isdigit((unsigned char)comma[1]))
        *comma = '.';
    if (strlen(copy) == length && is_number(copy, &n))
        return from_number(n, unit, time_ms, reason);
    *reason = "";
    struct span all = { copy, strlen(copy) };
    if (all.length == length && pattern_find(&date, shape, all, 0) &&
        (from_date(&date, all, time_ms, reason) || **reason))
        return !**reason;
    return refuse_shape(reason, (struct span){ text, length });
}

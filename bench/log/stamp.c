/* log_stamp.c - time stamps, by integer arithmetic and whatever the locale. */
#include "bench/log/stamp.h"

#include <math.h>
#include <string.h>

static const uint64_t last_ms = UINT64_C(253402300799999); /* the end of the year 9999 */
static const uint64_t most_seconds = UINT64_C(100000000000); /* above: it is milliseconds */

static const char too_early[] = "the time stamp lies before 1970";
static const char too_late[] = "the time stamp lies after the year 9999";
static const char no_such_day[] = "there is no such day";
static const char no_such_time[] = "there is no such time of day";
static const char no_such_zone[] = "the time zone is not understood";

struct cursor {
    const char *at, *end;
};

struct moment {
    unsigned year, month, day, hour, minute, second, ms;
    int zone_minutes; /* east of Greenwich */
};

static bool refuse(const char **reason, const char *why)
{
    *reason = why;
    return false;
}

/* Exactly `digits` digits. */
static bool take_number(struct cursor *c, unsigned digits, unsigned *value)
{
    if ((size_t)(c->end - c->at) < digits)
        return false;
    *value = 0;
    for (unsigned i = 0; i < digits; i++, c->at++) {
        unsigned digit = (unsigned)(unsigned char)*c->at - '0';
        if (digit > 9)
            return false;
        *value = *value * 10 + digit;
    }
    return true;
}

static bool take_one_of(struct cursor *c, const char *set)
{
    if (c->at == c->end || !*c->at || !strchr(set, *c->at))
        return false;
    c->at++;
    return true;
}

/* Days from 1970-01-01 in the Gregorian calendar: years begin in March, eras have 400. */
static int64_t days_since_1970(unsigned year, unsigned month, unsigned day)
{
    int64_t y = (int64_t)year - (month <= 2);
    int64_t era = y / 400, in_era = y - era * 400; /* year >= 1, so y >= 0 */
    int64_t in_year = (153 * (int64_t)(month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

    return era * 146097 + in_era * 365 + in_era / 4 - in_era / 100 + in_year - 719468;
}

static unsigned month_days(unsigned year, unsigned month)
{
    static const unsigned char days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return month == 2 && leap ? 29 : days[month - 1];
}

static bool to_ms(const struct moment *m, uint64_t *time_ms, const char **reason)
{
    if (m->year < 1 || m->month < 1 || m->month > 12 || m->day < 1 ||
        m->day > month_days(m->year, m->month))
        return refuse(reason, no_such_day);
    /* A leap second counts as the first second of the next minute. */
    bool leap = m->minute == 59 && m->second == 60;
    if (m->hour > 23 || m->minute > 59 || (m->second > 59 && !leap))
        return refuse(reason, no_such_time);
    int64_t minutes = days_since_1970(m->year, m->month, m->day) * 1440 +
                      (int64_t)m->hour * 60 + m->minute - m->zone_minutes;
    int64_t ms = (minutes * 60 + m->second) * 1000 + m->ms;
    if (ms < 0)
        return refuse(reason, too_early);
    if ((uint64_t)ms > last_ms)
        return refuse(reason, too_late);
    *time_ms = (uint64_t)ms;
    return true;
}

/* "+hhmm", "+hh:mm" or, if `short_too`, "+hh". */
static bool take_offset(struct cursor *c, bool short_too, int *zone_minutes)
{
    unsigned hours, minutes = 0;
    bool west = c->at != c->end && *c->at == '-';

    if (!take_one_of(c, "+-") || !take_number(c, 2, &hours))
        return false;
    if (!short_too || c->at != c->end) {
        if (short_too)
            take_one_of(c, ":");
        if (!take_number(c, 2, &minutes))
            return false;
    }
    *zone_minutes = (west ? -1 : 1) * (int)(hours * 60 + minutes);
    return hours <= 23 && minutes <= 59;
}

static unsigned month_number(const char *name)
{
    static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

    for (unsigned i = 0; i < 12; i++)
        if (memcmp(names + (size_t)3 * i, name, 3) == 0)
            return i + 1;
    return 0;
}

bool log_time_http(const char *text, size_t length, uint64_t *time_ms, const char **reason)
{
    static const char shape[] = "the time stamp is not like 17/May/2015:10:05:03 +0000";
    struct cursor c = { text, text + length };
    struct moment m = { .ms = 0 };

    if (length != LOG_TIME_HTTP_LENGTH || !take_number(&c, 2, &m.day) || !take_one_of(&c, "/"))
        return refuse(reason, shape);
    m.month = month_number(c.at);
    c.at += 3;
    if (!m.month || !take_one_of(&c, "/") || !take_number(&c, 4, &m.year) ||
        !take_one_of(&c, ":") || !take_number(&c, 2, &m.hour) || !take_one_of(&c, ":") ||
        !take_number(&c, 2, &m.minute) || !take_one_of(&c, ":") ||
        !take_number(&c, 2, &m.second) || !take_one_of(&c, " "))
        return refuse(reason, shape);
    if (!take_offset(&c, false, &m.zone_minutes))
        return refuse(reason, no_such_zone);
    return to_ms(&m, time_ms, reason);
}

/* What follows '.': any number of digits, of which three count. */
static bool take_fraction(struct cursor *c, unsigned *ms)
{
    unsigned digit, weight = 100, taken = 0;

    *ms = 0;
    for (; c->at != c->end && take_number(c, 1, &digit); taken++, weight /= 10)
        *ms += digit * weight;
    return taken > 0;
}

static bool take_zone(struct cursor *c, int *zone_minutes)
{
    *zone_minutes = 0;
    take_one_of(c, " ");
    if (c->at == c->end)
        return c->at[-1] != ' ';
    if (take_one_of(c, "Zz"))
        return true;
    return take_offset(c, true, zone_minutes);
}

static bool parse_iso(struct cursor c, uint64_t *time_ms, const char **reason)
{
    static const char shape[] =
        "the time stamp is neither seconds since 1970 nor like 2015-05-17T10:05:03Z";
    struct moment m = { .ms = 0 };

    if (!take_number(&c, 4, &m.year) || !take_one_of(&c, "-") || !take_number(&c, 2, &m.month) ||
        !take_one_of(&c, "-") || !take_number(&c, 2, &m.day) || !take_one_of(&c, "Tt ") ||
        !take_number(&c, 2, &m.hour) || !take_one_of(&c, ":") || !take_number(&c, 2, &m.minute))
        return refuse(reason, shape);
    if (take_one_of(&c, ":")) {
        if (!take_number(&c, 2, &m.second))
            return refuse(reason, shape);
        if (take_one_of(&c, ".,") && !take_fraction(&c, &m.ms))
            return refuse(reason, shape);
    }
    if (!take_zone(&c, &m.zone_minutes) || c.at != c.end)
        return refuse(reason, no_such_zone);
    return to_ms(&m, time_ms, reason);
}

static bool from_number(uint64_t whole, unsigned fraction_ms, uint64_t *time_ms,
                        const char **reason)
{
    uint64_t ms = whole > most_seconds ? whole : whole * 1000 + fraction_ms;

    if (ms > last_ms)
        return refuse(reason, too_late);
    *time_ms = ms;
    return true;
}

bool log_time_real(double number, uint64_t *time_ms, const char **reason)
{
    if (!(number >= 0))
        return refuse(reason, too_early);
    if (number > (double)last_ms)
        return refuse(reason, too_late);
    if (number > (double)most_seconds)
        return from_number((uint64_t)number, 0, time_ms, reason);
    /* A decimal fraction may lie a little below what was written; it is not cut for that. */
    uint64_t ms = (uint64_t)floor(number * 1000 + 0.001);
    return from_number(ms / 1000, (unsigned)(ms % 1000), time_ms, reason);
}

bool log_time_column(const char *text, size_t length, uint64_t *time_ms, const char **reason)
{
    struct cursor c = { text, text + length };
    uint64_t whole = 0;
    unsigned digit, digits = 0, ms = 0;

    while (c.at != c.end && *c.at == ' ')
        c.at++;
    while (c.at != c.end && c.end[-1] == ' ')
        c.end--;
    struct cursor start = c;
    if (c.at == c.end)
        return refuse(reason, "the time stamp is empty");
    if (*c.at == '-')
        return refuse(reason, too_early);
    for (; c.at != c.end && take_number(&c, 1, &digit); digits++) {
        if (digits >= 18)
            return refuse(reason, too_late);
        whole = whole * 10 + digit;
    }
    if (digits && take_one_of(&c, ".") && !take_fraction(&c, &ms))
        return parse_iso(start, time_ms, reason);
    if (!digits || c.at != c.end)
        return parse_iso(start, time_ms, reason);
    return from_number(whole, ms, time_ms, reason);
}

/* stamp.c - time stamps, by integer arithmetic and whatever the locale. */
#include "bench/log/stamp.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const uint64_t last_ms = UINT64_C(253402300799999); /* the end of the year 9999 */

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

/* As many digits as there are, `least` to `most`. */
static bool take_digits(struct cursor *c, unsigned least, unsigned most, unsigned *value)
{
    unsigned digit, taken = 0;

    for (*value = 0; taken < most && take_number(c, 1, &digit); taken++)
        *value = *value * 10 + digit;
    return taken >= least;
}

/* "+hhmm", "+hh:mm" or "+hh". */
static bool take_offset(struct cursor *c, int *zone_minutes)
{
    unsigned hours, minutes = 0;
    bool west = c->at != c->end && *c->at == '-';

    if (!take_one_of(c, "+-") || !take_number(c, 2, &hours))
        return false;
    bool colon = take_one_of(c, ":");
    struct cursor before = *c;
    if (!take_number(c, 2, &minutes)) {
        if (colon)
            return false;
        *c = before;
    }
    *zone_minutes = (west ? -1 : 1) * (int)(hours * 60 + minutes);
    return hours <= 23 && minutes <= 59;
}

static unsigned month_number(const char *name)
{
    static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

    for (unsigned i = 0; i < 12; i++)
        if (strncasecmp(names + (size_t)3 * i, name, 3) == 0)
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
    if (!take_offset(&c, &m.zone_minutes) || c.at != c.end)
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

/* Nothing (UTC), an offset, Z, UTC or GMT; up to the end. */
static bool take_zone(struct cursor *c, int *zone_minutes)
{
    static const char *const names[] = { "Z", "UTC", "GMT", "" };

    *zone_minutes = 0;
    while (take_one_of(c, " "))
        ;
    if (c->at != c->end && (*c->at == '+' || *c->at == '-')) {
        if (!take_offset(c, zone_minutes))
            return false;
        while (take_one_of(c, " ")) /* Go writes "+0000 UTC" */
            ;
    }
    /* Java's name of the zone behind its offset. */
    const char *bracket = memchr(c->at, '[', (size_t)(c->end - c->at));
    if (bracket && c->end[-1] == ']')
        c->end = bracket;
    size_t left = (size_t)(c->end - c->at);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (left == strlen(names[i]) && strncasecmp(c->at, names[i], left) == 0)
            return true;
    return false;
}

/* "10:05", "10:05:03", "10:05:03.123". */
static bool take_time(struct cursor *c, struct moment *m)
{
    if (!take_digits(c, 1, 2, &m->hour) || !take_one_of(c, ":") || !take_number(c, 2, &m->minute))
        return false;
    if (!take_one_of(c, ":"))
        return true;
    return take_number(c, 2, &m->second) && (!take_one_of(c, ".,") || take_fraction(c, &m->ms));
}

/* "2015-05-17 " or "2015/5/17T". */
static bool take_iso_date(struct cursor *c, struct moment *m)
{
    return take_number(c, 4, &m->year) && take_one_of(c, "-/") && take_digits(c, 1, 2, &m->month) &&
           take_one_of(c, "-/") && take_digits(c, 1, 2, &m->day) && take_one_of(c, "Tt ");
}

/* "20150517T100503": a whole moment but its zone. */
static bool take_compact(struct cursor *c, struct moment *m)
{
    return take_number(c, 4, &m->year) && take_number(c, 2, &m->month) &&
           take_number(c, 2, &m->day) && take_one_of(c, "Tt") && take_number(c, 2, &m->hour) &&
           take_number(c, 2, &m->minute) && take_number(c, 2, &m->second);
}

/* "Sun May 17 10:05:03 2015", as ctime() has it. */
static bool take_ctime(struct cursor *c, struct moment *m)
{
    if (c->end - c->at < 20 || c->at[3] != ' ' || c->at[7] != ' ')
        return false;
    m->month = month_number(c->at + 4);
    c->at += 8;
    take_one_of(c, " ");
    return m->month && take_digits(c, 1, 2, &m->day) && take_one_of(c, " ") && take_time(c, m) &&
           take_one_of(c, " ") && take_number(c, 4, &m->year);
}

/* "17/May/2015:", "7-May-2015 ", "Sun, 17 May 2015 ". */
static bool take_named_date(struct cursor *c, struct moment *m)
{
    const char *comma = memchr(c->at, ',', (size_t)(c->end - c->at));

    if (comma && comma - c->at == 3) {
        c->at = comma + 1;
        take_one_of(c, " ");
    }
    if (!take_digits(c, 1, 2, &m->day) || !take_one_of(c, "/- ") || c->end - c->at < 3)
        return false;
    m->month = month_number(c->at);
    c->at += 3;
    return m->month && take_one_of(c, "/- ") && take_number(c, 4, &m->year) &&
           take_one_of(c, ": ");
}

static void trim(struct cursor *c)
{
    while (c->at != c->end && *c->at == ' ')
        c->at++;
    while (c->at != c->end && c->end[-1] == ' ')
        c->end--;
    if (c->end - c->at >= 2 && *c->at == '[' && c->end[-1] == ']') {
        c->at++;
        c->end--;
    }
}

static bool take_date(struct cursor start, uint64_t *time_ms, const char **reason)
{
    static const struct {
        bool (*take)(struct cursor *c, struct moment *m);
        bool whole; /* the time of day is in it */
    } shapes[] = { { take_iso_date, false }, { take_named_date, false }, { take_compact, true },
                   { take_ctime, true } };
    struct moment m = { .ms = 0 };
    struct cursor c = start;
    size_t i = 0;

    while (i < 4 && !shapes[i].take(&c, &m)) {
        c = start;
        m = (struct moment){ .ms = 0 };
        i++;
    }
    if (i == 4)
        return refuse(reason, "the time stamp is neither a number since 1970 nor like "
                              "2015-05-17T10:05:03Z");
    if (!shapes[i].whole && !take_time(&c, &m))
        return refuse(reason, no_such_time);
    if (!take_zone(&c, &m.zone_minutes))
        return refuse(reason, no_such_zone);
    return to_ms(&m, time_ms, reason);
}

bool log_time_date(const char *text, size_t length, uint64_t *time_ms, const char **reason)
{
    struct cursor c = { text, text + length };

    trim(&c);
    return take_date(c, time_ms, reason);
}

/* A decimal number: digits times a power of ten. */
struct decimal {
    uint64_t digits;
    int power;
};

static double size_of(const struct decimal *d)
{
    return (double)d->digits * pow(10, d->power);
}

/* Milliseconds of a number; what is finer is cut off. */
static bool from_decimal(struct decimal d, enum log_unit unit, uint64_t *time_ms,
                         const char **reason)
{
    double size = size_of(&d);

    if (unit == LOG_UNIT_AUTO) /* in seconds the year 2286, in the others the spring of 1970 */
        unit = size < 1e10 ? LOG_UNIT_S : size < 1e13 ? LOG_UNIT_MS
               : size < 1e16 ? LOG_UNIT_US : LOG_UNIT_NS;
    d.power += unit == LOG_UNIT_S ? 3 : unit == LOG_UNIT_MS ? 0 : unit == LOG_UNIT_US ? -3 : -6;
    if (d.digits && size_of(&d) > 2 * (double)last_ms)
        return refuse(reason, too_late);
    for (; d.power > 0 && d.digits; d.power--)
        d.digits *= 10;
    for (; d.power < 0 && d.digits; d.power++)
        d.digits /= 10;
    if (d.digits > last_ms)
        return refuse(reason, too_late);
    *time_ms = d.digits;
    return true;
}

static bool take_decimal(struct cursor *c, struct decimal *d)
{
    unsigned digit, exponent, count = 0;
    bool point = false;

    *d = (struct decimal){ 0, 0 };
    for (; c->at != c->end; count++) {
        if (count && !point && take_one_of(c, ".,")) {
            point = true;
            if (c->at == c->end)
                return false;
        }
        if (!take_number(c, 1, &digit))
            break;
        if (d->digits < UINT64_MAX / 10 - 9) {
            d->digits = d->digits * 10 + digit;
            d->power -= point;
        } else {
            d->power += !point;
        }
    }
    if (count && take_one_of(c, "eE")) {
        bool minus = c->at != c->end && *c->at == '-';
        take_one_of(c, "+-");
        if (!take_digits(c, 1, 3, &exponent))
            return false;
        d->power += minus ? -(int)exponent : (int)exponent;
    }
    return count && c->at == c->end;
}

bool log_time_column(const char *text, size_t length, enum log_unit unit, uint64_t *time_ms,
                     const char **reason)
{
    struct cursor c = { text, text + length }, number;
    struct decimal d;

    trim(&c);
    if (c.at == c.end)
        return refuse(reason, "the time stamp is empty");
    if (*c.at == '-')
        return refuse(reason, c.end - c.at == 1 ? "the time stamp is empty" : too_early);
    number = c;
    if (take_decimal(&number, &d))
        return from_decimal(d, unit, time_ms, reason);
    return take_date(c, time_ms, reason);
}

bool log_time_real(double number, enum log_unit unit, uint64_t *time_ms, const char **reason)
{
    char text[40];

    if (!(number >= 0))
        return refuse(reason, too_early);
    /* 16 digits: a decimal fraction that lies a little below what was written is not cut for it. */
    int length = snprintf(text, sizeof text, "%.15e", number);
    return log_time_column(text, (size_t)length, unit, time_ms, reason);
}

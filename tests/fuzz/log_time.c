/*
 * log_time.c - one time stamp, as logs and as columns have it.
 *
 * libc's calendar says what an accepted stamp is; a column that was accepted, written
 * as ISO 8601 in UTC, is the same instant.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "bench/log/stamp.h"
#include "tests/fuzz/fuzz.h"

static const uint64_t end_of_9999 = UINT64_C(253402300799999);

/* "17/May/2015:10:05:03 +0200" again, from the instant and the zone that the text has. */
static void check_http(const char *text, uint64_t time_ms)
{
    const char *zone = text + 21;
    int minutes = (zone[1] - '0') * 600 + (zone[2] - '0') * 60 + (zone[3] - '0') * 10 +
                  (zone[4] - '0');
    time_t local = (time_t)(time_ms / 1000) + (zone[0] == '-' ? -60 : 60) * minutes;
    char again[32];
    struct tm tm;

    FUZZ_CHECK(time_ms % 1000 == 0);
    if (text[18] == '6') { /* a leap second is the one after it */
        FUZZ_CHECK(local % 60 == 0);
        return;
    }
    FUZZ_CHECK(gmtime_r(&local, &tm));
    /* The year by hand: %Y has no zeros in front. */
    snprintf(again, sizeof again, "%04d", tm.tm_year + 1900);
    FUZZ_CHECK(memcmp(again, text + 7, 4) == 0);
    FUZZ_CHECK(strftime(again, sizeof again, "%d/%b/", &tm) == 7 && strncasecmp(again, text, 7) == 0);
    FUZZ_CHECK(strftime(again, sizeof again, ":%H:%M:%S ", &tm) == 10 &&
               memcmp(again, text + 11, 10) == 0);
}

/* "17/May/2015:10:05:03 +0200", with a digit and a letter wherever one is. */
static bool is_http(const char *text, size_t length)
{
    static const char shape[] = "00/aaa/0000:00:00:00 +0000";

    for (size_t i = 0; i < length && i < sizeof shape - 1; i++)
        if (shape[i] == '0' ? text[i] < '0' || text[i] > '9'
            : shape[i] == 'a' ? text[i] < 'A'
            : shape[i] == '+' ? text[i] != '+' && text[i] != '-' : text[i] != shape[i])
            return false;
    return length == sizeof shape - 1;
}

static void check_column(uint64_t time_ms)
{
    time_t seconds = (time_t)(time_ms / 1000);
    char text[64], whole[32];
    const char *reason;
    uint64_t again = 0;
    struct tm tm;

    FUZZ_CHECK(gmtime_r(&seconds, &tm));
    strftime(whole, sizeof whole, "%Y-%m-%dT%H:%M:%S", &tm); /* in 1970 to 9999: four digits */
    int length = snprintf(text, sizeof text, "%s.%03uZ", whole, (unsigned)(time_ms % 1000));
    FUZZ_CHECK(log_time(text, (size_t)length, LOG_UNIT_AUTO, &again, &reason) && again == time_ms);
}

/* Digits alone: what they mean can be said in a line. */
static void check_digits(const char *text, size_t length, bool good, uint64_t time_ms)
{
    uint64_t n = 0;

    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9' || i >= 18)
            return;
        n = n * 10 + (unsigned)(text[i] - '0');
    }
    uint64_t unit = UINT64_C(10000000000); /* more would be seconds far away, and so on */
    uint64_t ms = n < unit ? n * 1000 : n < 1000 * unit ? n : n < 1000000 * unit ? n / 1000
                  : n / 1000000;
    FUZZ_CHECK(good == (length > 0 && ms <= end_of_9999));
    FUZZ_CHECK(!good || time_ms == ms);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_copy(data, size);
    const char *reason = NULL;
    uint64_t time_ms = 0;

    bool good = log_time(text, size, LOG_UNIT_AUTO, &time_ms, &reason);
    FUZZ_CHECK(good ? time_ms <= end_of_9999 : reason != NULL);
    check_digits(text, size, good, time_ms);
    if (good && is_http(text, size))
        check_http(text, time_ms);
    if (good)
        check_column(time_ms);
    free(text);
    return 0;
}

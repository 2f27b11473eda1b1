/*
 * date_models.c - functions of time.h that turn times into dates and texts: see library_models.h.
 *
 * Those with a result of the library's own write it, each the same one for all threads.
 */
#include <stdint.h>
#include <time.h>

#include "bench/machine/library_models.h"

enum { DATE_TEXT = 26 }; /* what asctime_r() may write */

MODELLED(struct tm *, gmtime_r, (const time_t *time, struct tm *to), (time, to),
         (READS(time, sizeof *time), WRITES(to, sizeof *to)))
MODELLED(struct tm *, localtime_r, (const time_t *time, struct tm *to), (time, to),
         (READS(time, sizeof *time), WRITES(to, sizeof *to)))
MODELLED(char *, asctime_r, (const struct tm *date, char *to), (date, to),
         (READS(date, sizeof *date), WRITES(to, DATE_TEXT)))
MODELLED(char *, ctime_r, (const time_t *time, char *to), (time, to),
         (READS(time, sizeof *time), WRITES(to, DATE_TEXT)))
MODELLED(time_t, mktime, (struct tm *date), (date), (READS(date, sizeof *date), WRITES(date, sizeof *date)))
MODELLED(time_t, timegm, (struct tm *date), (date), (READS(date, sizeof *date), WRITES(date, sizeof *date)))
MODELLED(char *, strptime, (const char *text, const char *format, struct tm *to), (text, format, to),
         (TEXT(text), TEXT(format), READS(to, sizeof *to), WRITES(to, sizeof *to)))

MODEL_OF(size_t, strftime, (char *to, size_t size, const char *format, const struct tm *date))
{
    const void *const pc = __builtin_return_address(0);
    char written[1024];

    TEXT(format);
    READS(date, sizeof *date);
    size_t length = strftime(written, size < sizeof written ? size : sizeof written, format, date);
    if (!length)
        return strftime(to, size, format, date); /* nothing, or longer than any date */
    WRITES(to, length + 1);
    memcpy(to, written, length + 1);
    return length;
}

/* ---- with a place that all threads share ---- */

MODEL_OF(struct tm *, gmtime, (const time_t *time))
{
    const void *const pc = __builtin_return_address(0);
    static struct tm date_of_gmtime;

    READS(time, sizeof *time);
    WRITES(&date_of_gmtime, sizeof date_of_gmtime);
    return gmtime_r(time, &date_of_gmtime);
}

MODEL_OF(struct tm *, localtime, (const time_t *time))
{
    const void *const pc = __builtin_return_address(0);
    static struct tm date_of_localtime;

    READS(time, sizeof *time);
    WRITES(&date_of_localtime, sizeof date_of_localtime);
    tzset();
    return localtime_r(time, &date_of_localtime);
}

static char text_of_asctime[DATE_TEXT + 64];

MODEL_OF(char *, asctime, (const struct tm *date))
{
    const void *const pc = __builtin_return_address(0);

    READS(date, sizeof *date);
    WRITES(text_of_asctime, DATE_TEXT);
    return asctime_r(date, text_of_asctime);
}

MODEL_OF(char *, ctime, (const time_t *time))
{
    const void *const pc = __builtin_return_address(0);

    READS(time, sizeof *time);
    WRITES(text_of_asctime, DATE_TEXT);
    return ctime_r(time, text_of_asctime);
}

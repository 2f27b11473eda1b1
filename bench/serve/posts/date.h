/*
 * date.h - a date of publication in four forms, each a few words that a reader must see together.
 *
 * A post's date is written rarely and read with every view.  As a text of ISO 8601 it has 24 bytes,
 * as the C library's struct tm 56, as milliseconds since 1970 8, and as the number 20261130, which is
 * enough for "published on", 8 as well.  What fits into a word can be torn by nobody.
 * Thread-safety: none here; what protects the words is the caller's.
 */
#ifndef CONTEND_BENCH_SERVE_POSTS_DATE_H
#define CONTEND_BENCH_SERVE_POSTS_DATE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum date_form { DATE_ISO, DATE_TM, DATE_EPOCH, DATE_DAY, DATE_FORMS };
enum { DATE_WORDS = 7 };

_Static_assert(sizeof(struct tm) <= DATE_WORDS * 8, "the C library's date fits");

static inline const char *date_form_name(enum date_form form)
{
    static const char *const names[DATE_FORMS] = { "iso_string", "struct_tm", "epoch_word", "day_word" };

    return names[form];
}

/* How many words a date of that form has. */
static inline unsigned date_words(enum date_form form)
{
    return form == DATE_ISO ? 3 : form == DATE_TM ? (unsigned)(sizeof(struct tm) + 7) / 8 : 1;
}

/* Writes a date, in milliseconds since 1970 before the year 10000, to date_words() words. */
static inline void date_encode(enum date_form form, uint64_t ms, uint64_t words[DATE_WORDS])
{
    time_t seconds = (time_t)(ms / 1000);
    struct tm tm;
    char text[64];

    memset(words, 0, DATE_WORDS * sizeof *words);
    memset(&tm, 0, sizeof tm);
    gmtime_r(&seconds, &tm);
    switch (form) {
    case DATE_ISO:
        /* 24 letters, without the 0 behind them. */
        snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%03uZ", tm.tm_year + 1900,
                 tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, (unsigned)(ms % 1000));
        memcpy(words, text, 24);
        break;
    case DATE_TM:
        tm.tm_zone = NULL; /* an address, the same in all dates, and none of ours */
        memcpy(words, &tm, sizeof tm);
        break;
    case DATE_EPOCH: words[0] = ms; break;
    default:
        words[0] = (uint64_t)(tm.tm_year + 1900) * 10000 + (uint64_t)(tm.tm_mon + 1) * 100 +
                   (uint64_t)tm.tm_mday;
    }
}

#endif

/* reply.c - see reply.h. */
#include "bench/serve/reply.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void make(struct reply *r, int status, int length)
{
    static const char too_long[] = "{\"error\":\"the answer would be too long\"}\n";

    r->kind = REPLY_WHOLE;
    r->status = status;
    r->type = "application/json";
    r->text = r->bytes;
    r->length = (size_t)length;
    if (length < 0 || length >= REPLY_BYTES) {
        r->status = 500;
        r->text = too_long;
        r->length = sizeof too_long - 1;
    }
}

void reply_json(struct reply *r, int status, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    make(r, status, vsnprintf(r->bytes, sizeof r->bytes, format, values));
    va_end(values);
}

void reply_error(struct reply *r, int status, const char *format, ...)
{
    char sentence[256];
    va_list values;

    va_start(values, format);
    vsnprintf(sentence, sizeof sentence, format, values);
    va_end(values);
    for (char *c = sentence; *c; c++) /* nothing that a string of JSON could not hold */
        if (*c == '"' || *c == '\\' || (unsigned char)*c < ' ' || (unsigned char)*c > '~')
            *c = '?';
    reply_json(r, status, "{\"error\":\"%s\"}\n", sentence);
}

void reply_failure(struct reply *r, int error, const char *what)
{
    switch (error) {
    case -EINVAL:
    case -ERANGE: reply_error(r, 400, "%s is not one that the strategy takes", what); break;
    case -ENOENT: reply_error(r, 404, "%s is not there", what); break;
    case -ENOSPC: reply_error(r, 507, "%s has no place left: see --users", what); break;
    case -ENOTSUP: reply_error(r, 501, "%s is more than the strategy can", what); break;
    default: reply_error(r, 503, "%s: %s", what, strerror(-error)); break;
    }
}

/* bodies.c - see bodies.h. */
#include "bench/serve/bodies.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "bench/serve/applause_claps.h"
#include "bench/serve/digits.h"

json_t *body_unpack(const struct serve_request *q, const char *format, ...)
{
    json_t *body = json_loadb(q->body, q->length, JSON_REJECT_DUPLICATES, NULL);
    va_list values;

    va_start(values, format);
    int error = body ? json_vunpack_ex(body, NULL, JSON_STRICT, format, values) : -1;
    va_end(values);
    if (error == 0)
        return body;
    json_decref(body);
    return NULL;
}

int body_claps(const char *text, size_t length, const char *of, uint64_t *number, int *claps)
{
    json_t *body = json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL);
    const json_t *whose = json_object_get(body, of), *n = json_object_get(body, "claps");
    json_int_t id = json_integer_value(whose), wanted = json_integer_value(n);
    bool valid = json_is_integer(whose) && id >= 0 && json_is_integer(n) && wanted != 0 &&
                 wanted >= -APPLAUSE_LIMIT && wanted <= APPLAUSE_LIMIT;

    json_decref(body);
    if (!valid)
        return -EINVAL;
    *number = (uint64_t)id;
    *claps = (int)wanted;
    return 0;
}

static void finish(struct reply *r, int status, size_t length)
{
    r->kind = REPLY_WHOLE;
    r->status = status;
    r->type = "application/json";
    r->text = r->bytes;
    r->length = length;
}

void reply_object(struct reply *r, int status, json_t *object)
{
    if (!object) {
        reply_error(r, 503, "there is no memory for the answer");
        return;
    }
    size_t length = json_dumpb(object, r->bytes, sizeof r->bytes - 1, JSON_COMPACT);
    json_decref(object);
    if (length == 0 || length >= sizeof r->bytes - 1) {
        reply_error(r, 500, "the answer would be too long");
        return;
    }
    r->bytes[length++] = '\n';
    finish(r, status, length);
}

/* ---- piece by piece ---- */

static void put(struct reply_text *t, const char *bytes, size_t length)
{
    if (t->used + length < REPLY_BYTES)
        memcpy(t->r->bytes + t->used, bytes, length);
    t->used = t->used + length < REPLY_BYTES ? t->used + length : REPLY_BYTES;
}

void reply_put(struct reply_text *t, const char *text)
{
    put(t, text, strlen(text));
}

void reply_put_number(struct reply_text *t, uint64_t n)
{
    char digits[DIGITS_MOST];

    put(t, digits, (size_t)(digits_put(digits, n) - digits));
}

/* A byte that a string of JSON does not hold as it is. */
static void put_escaped(struct reply_text *t, unsigned char byte)
{
    static const char hex[] = "0123456789abcdef";
    const char unicode[6] = { '\\', 'u', '0', '0', hex[byte >> 4], hex[byte & 15] };
    const char quoted[2] = { '\\', (char)byte };

    if (byte < ' ')
        put(t, unicode, sizeof unicode);
    else
        put(t, quoted, sizeof quoted);
}

void reply_put_string(struct reply_text *t, const char *bytes, size_t length)
{
    size_t plain = 0; /* the first byte that is still to be written */

    put(t, "\"", 1);
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)bytes[i] < ' ' || bytes[i] == '"' || bytes[i] == '\\') {
            put(t, bytes + plain, i - plain);
            put_escaped(t, (unsigned char)bytes[i]);
            plain = i + 1;
        }
    if (length) /* else there may be no bytes at all */
        put(t, bytes + plain, length - plain);
    put(t, "\"", 1);
}

void reply_put_end(struct reply_text *t, int status)
{
    put(t, "\n", 1);
    if (t->used >= REPLY_BYTES)
        reply_error(t->r, 500, "the answer would be too long");
    else
        finish(t->r, status, t->used);
}

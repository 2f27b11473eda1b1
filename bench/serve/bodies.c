/* bodies.c - see bodies.h. */
#include "bench/serve/bodies.h"

#include <stdarg.h>

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
    r->kind = REPLY_WHOLE;
    r->status = status;
    r->type = "application/json";
    r->text = r->bytes;
    r->length = length;
}

/* log.c - events in memory. */
#include "bench/log/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/memory.h"

enum { FIRST_EVENTS = 1024 };

void log_init(struct log *log)
{
    memset(log, 0, sizeof *log);
    names_init(&log->users);
    names_init(&log->posts);
    log->sorted = true;
}

void log_free(struct log *log)
{
    free(log->events);
    free(log->files);
    names_free(&log->users);
    names_free(&log->posts);
    log_init(log);
}

static int grow(struct log *log)
{
    size_t capacity = log->capacity ? log->capacity + log->capacity / 2 : FIRST_EVENTS;
    struct log_event *events;

    if (capacity > SIZE_MAX / sizeof *events)
        return -EOVERFLOW;
    if (!memory_grants((capacity - log->capacity) * sizeof *events))
        return -ENOMEM;
    events = realloc(log->events, capacity * sizeof *events);
    if (!events)
        return -ENOMEM;
    log->events = events;
    log->capacity = capacity;
    return 0;
}

int log_append(struct log *log, const struct log_fields *fields)
{
    struct log_event event = { .time_ms = fields->time_ms, .post = LOG_NO_POST };
    uint32_t users = log->users.count;
    int error = log->count == log->capacity ? grow(log) : 0;

    if (!error)
        error = names_intern(&log->users, fields->user, fields->user_length, &event.user);
    if (error)
        return error;
    if (fields->has_post)
        error = names_intern(&log->posts, fields->post, fields->post_length, &event.post);
    if (error) {
        if (log->users.count > users) /* a visitor must have come */
            names_forget_last(&log->users);
        return error;
    }
    if (log->count && event.time_ms < log->events[log->count - 1].time_ms) {
        log->backwards++;
        log->sorted = false;
    }
    log->events[log->count++] = event;
    return 0;
}

double log_lost(const struct log *log)
{
    double lines = log->lines ? (double)log->unreadable / (double)log->lines : 0;
    double files = log->file_count ? (double)log->damaged / (double)log->file_count : 0;

    return lines > files ? lines : files;
}

/* The length of the printable UTF-8 character at `text`; 0 if there is none. */
static size_t printable(const unsigned char *text, size_t length)
{
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    unsigned char first = text[0];
    size_t bytes = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 0;
    uint32_t c = first & (0x7fU >> bytes);

    if (bytes == 1)
        return first >= ' ' && first != 0x7f;
    if (!bytes || bytes > length || first > 0xf4)
        return 0;
    for (size_t i = 1; i < bytes; i++) {
        if ((text[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (text[i] & 0x3f);
    }
    /* Overlong forms, half pairs, controls, and what turns the writing direction around. */
    bool bad = c < least[bytes] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff) || c < 0xa0 ||
               (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
               (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
    return bad ? 0 : bytes;
}

char *log_printable(char *out, size_t characters, const char *text, size_t length)
{
    const unsigned char *at = (const unsigned char *)text, *end = at + length;
    size_t cut_at = 0, used = 0;

    for (size_t n = 0; at != end; n++) {
        if (n == characters) { /* too long: the last three give way */
            memcpy(out + cut_at, "...", 4);
            return out;
        }
        size_t bytes = printable(at, (size_t)(end - at));
        if (n + 3 == characters)
            cut_at = used;
        if (bytes)
            memcpy(out + used, at, bytes);
        else
            out[used] = '?';
        used += bytes ? bytes : 1;
        at += bytes ? bytes : 1;
    }
    out[used] = '\0';
    return out;
}

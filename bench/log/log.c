/* log.c - events in memory. */
#include "bench/log/log.h"

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

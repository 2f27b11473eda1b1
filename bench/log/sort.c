/* sort.c - a stable sort for logs that run backwards only here and there. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/base/memory.h"
#include "bench/log/log.h"

enum { RUN = 32 };

/* Insertion: a run that is in order costs one comparison per event. */
static void sort_run(struct log_event *events, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct log_event event = events[i];
        size_t at = i;
        for (; at && events[at - 1].time_ms > event.time_ms; at--)
            events[at] = events[at - 1];
        events[at] = event;
    }
}

/* The first of `count` sorted events that is later than time_ms (or, if `from`, not earlier). */
static size_t first_later(const struct log_event *events, size_t count, uint64_t time_ms, bool from)
{
    size_t low = 0;

    while (low < count) {
        size_t middle = low + (count - low) / 2;
        if (events[middle].time_ms > time_ms || (from && events[middle].time_ms == time_ms))
            count = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* Scratch memory that grows to what the widest overlap needs. */
struct scratch {
    struct log_event *events;
    size_t capacity;
};

static int scratch_reserve(struct scratch *s, size_t count)
{
    if (count <= s->capacity)
        return 0;
    size_t bytes = count * sizeof(struct log_event);
    struct log_event *events = memory_grants(bytes) ? malloc(bytes) : NULL;
    if (!events)
        return -ENOMEM;
    free(s->events);
    s->events = events;
    s->capacity = count;
    return 0;
}

/* Merges two sorted neighbours; what lies in its place already is not touched. */
static int merge(struct log_event *left, size_t left_count, size_t right_count, struct scratch *s)
{
    struct log_event *right = left + left_count;

    if (left[left_count - 1].time_ms <= right->time_ms)
        return 0;
    size_t in_place = first_later(left, left_count, right->time_ms, false);
    left += in_place;
    left_count -= in_place;
    right_count = first_later(right, right_count, left[left_count - 1].time_ms, true);
    if (scratch_reserve(s, left_count))
        return -ENOMEM;
    memcpy(s->events, left, left_count * sizeof *left);

    const struct log_event *a = s->events, *a_end = a + left_count;
    const struct log_event *b = right, *b_end = right + right_count;
    struct log_event *out = left;
    while (a != a_end && b != b_end)
        *out++ = b->time_ms < a->time_ms ? *b++ : *a++;
    memcpy(out, a, (size_t)(a_end - a) * sizeof *a); /* what is left of b lies there already */
    return 0;
}

int log_sort(struct log *log)
{
    struct scratch scratch = { 0 };
    struct log_event *events = log->events;
    size_t count = log->count;
    int error = 0;

    if (log->sorted)
        return 0;
    for (size_t at = 0; at < count; at += RUN)
        sort_run(events + at, count - at < RUN ? count - at : RUN);
    for (size_t width = RUN; width < count && !error; width *= 2)
        for (size_t at = 0; count - at > width && !error; at += 2 * width) {
            size_t rest = count - at - width;
            error = merge(events + at, width, rest < width ? rest : width, &scratch);
            if (rest <= width)
                break;
        }
    free(scratch.events);
    log->sorted = !error;
    if (error)
        snprintf(log->message, sizeof log->message,
                 "out of memory while sorting; read a part of the log");
    return error;
}

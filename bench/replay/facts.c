/* facts.c - counts, skew, and the sweep over who is online. */
#include "bench/replay/facts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * Goes through the beats in order.  `tail` follows as far behind as the TTL
 * reaches: a beat that it passes is too old, and takes its user offline if the
 * user has not beaten since.
 */
struct sweep {
    const struct log *log;
    uint64_t ttl_ms;
    size_t head, tail; /* beats [tail, head) are young enough to count */
    size_t *latest;    /* for each user the number of the last beat, plus 1; 0 = none yet */
    uint32_t online;
    uint64_t sessions;
};

static int sweep_begin(struct sweep *s, const struct log *log, uint64_t ttl_ms)
{
    memset(s, 0, sizeof *s);
    s->log = log;
    s->ttl_ms = ttl_ms;
    if (!log->count || !log->sorted)
        return -EINVAL;
    s->latest = calloc(log->users.count, sizeof *s->latest);
    return s->latest ? 0 : -ENOMEM;
}

/* Lets beats grow too old until time_ms. */
static void sweep_expire(struct sweep *s, uint64_t time_ms)
{
    const struct log_event *events = s->log->events;

    for (; s->tail != s->head && time_ms - events[s->tail].time_ms > s->ttl_ms; s->tail++)
        if (s->latest[events[s->tail].user] == s->tail + 1)
            s->online--;
}

/* Takes the beat at the head; everything too old at its time must have been expired. */
static void sweep_beat(struct sweep *s)
{
    size_t *latest = &s->latest[s->log->events[s->head].user];

    if (*latest <= s->tail) { /* never seen, or passed by the tail */
        s->online++;
        s->sessions++;
    }
    *latest = ++s->head;
}

static int find_peak(const struct log *log, uint64_t ttl_ms, struct log_facts *facts)
{
    struct sweep s;
    int error = sweep_begin(&s, log, ttl_ms);

    if (error)
        return error;
    /* The number can only grow at a beat, so it is largest after some beat. */
    while (s.head < log->count) {
        uint64_t now = log->events[s.head].time_ms;
        sweep_expire(&s, now);
        sweep_beat(&s);
        if (s.online > facts->peak_online) {
            facts->peak_online = s.online;
            facts->peak_ms = now;
        }
    }
    facts->sessions = s.sessions;
    free(s.latest);
    return 0;
}

/* The first busiest stretch of `length_ms` on the clock. */
static void find_busiest(const struct log *log, uint64_t length_ms, uint64_t *begin_ms,
                         uint64_t *requests)
{
    const struct log_event *events = log->events;

    *requests = 0;
    for (size_t from = 0, to = 0; from < log->count; from = to) {
        uint64_t stretch = events[from].time_ms / length_ms;
        while (to < log->count && events[to].time_ms / length_ms == stretch)
            to++;
        if (to - from > *requests) {
            *requests = to - from;
            *begin_ms = stretch * length_ms;
        }
    }
}

static int by_count(const void *a, const void *b)
{
    const struct log_top *x = a, *y = b;

    if (x->count != y->count)
        return x->count < y->count ? 1 : -1;
    return x->number < y->number ? -1 : x->number > y->number;
}

/* All visitors or posts, the most frequent first: an array to free, NULL without memory. */
static struct log_top *rank(const struct log *log, enum log_names which, uint32_t *names)
{
    *names = which == LOG_VISITORS ? log->users.count : log->posts.count;
    struct log_top *top = calloc((size_t)*names + 1, sizeof *top);

    for (uint32_t number = 0; top && number < *names; number++)
        top[number].number = number;
    for (size_t i = 0; top && i < log->count; i++) {
        uint32_t number = which == LOG_VISITORS ? log->events[i].user : log->events[i].post;
        if (which == LOG_VISITORS || number != LOG_NO_POST)
            top[number].count++;
    }
    if (top)
        qsort(top, *names, sizeof *top, by_count);
    return top;
}

static int find_share(const struct log *log, enum log_names which, uint32_t *top, double *share)
{
    uint32_t names;
    uint64_t sum = 0, largest = 0;
    struct log_top *all = rank(log, which, &names);

    if (!all)
        return -ENOMEM;
    *top = names / 100 + (names % 100 != 0);
    for (uint32_t i = 0; i < names; i++) {
        sum += all[i].count;
        largest += i < *top ? all[i].count : 0;
    }
    *share = sum ? (double)largest / (double)sum : 0;
    free(all);
    return 0;
}

int log_facts(const struct log *log, uint64_t ttl_ms, struct log_facts *facts)
{
    memset(facts, 0, sizeof *facts);
    int error = find_peak(log, ttl_ms, facts);
    if (!error)
        error = find_share(log, LOG_VISITORS, &facts->top_visitors, &facts->top_visitors_share);
    if (!error)
        error = find_share(log, LOG_POSTS, &facts->top_posts, &facts->top_posts_share);
    if (error)
        return error;
    facts->requests = log->count;
    for (size_t i = 0; i < log->count; i++)
        facts->claps += log->events[i].post != LOG_NO_POST;
    facts->visitors = log->users.count;
    facts->posts = log->posts.count;
    facts->first_ms = log->events[0].time_ms;
    facts->last_ms = log->events[log->count - 1].time_ms;
    double seconds = (double)(facts->last_ms - facts->first_ms) / 1000;
    facts->per_second = (double)facts->requests / (seconds > 1 ? seconds : 1);
    find_busiest(log, 1000, &facts->second_ms, &facts->second_requests);
    find_busiest(log, 60000, &facts->minute_ms, &facts->minute_requests);
    return 0;
}

uint64_t log_curve_instant(const struct log_curve *curve, size_t sample)
{
    uint64_t span = curve->to_ms - curve->from_ms, steps = curve->samples - 1;

    /* span * sample / steps, without overflow. */
    return curve->from_ms + span / steps * sample + span % steps * sample / steps;
}

int log_curve_sample(const struct log *log, uint64_t ttl_ms, size_t samples,
                     struct log_curve *curve)
{
    struct sweep s;

    memset(curve, 0, sizeof *curve);
    if (samples < 2 || samples > UINT32_MAX)
        return -EINVAL;
    int error = sweep_begin(&s, log, ttl_ms);
    if (error)
        return error;
    curve->online = calloc(samples, sizeof *curve->online);
    curve->most = calloc(samples, sizeof *curve->most);
    if (!curve->online || !curve->most) {
        log_curve_free(curve);
        free(s.latest);
        return -ENOMEM;
    }
    curve->samples = samples;
    curve->from_ms = log->events[0].time_ms;
    curve->to_ms = log->events[log->count - 1].time_ms;
    for (size_t i = 0; i < samples; i++) {
        uint64_t now = log_curve_instant(curve, i);
        curve->most[i] = s.online;
        while (s.head < log->count && log->events[s.head].time_ms <= now) {
            sweep_expire(&s, log->events[s.head].time_ms);
            sweep_beat(&s);
            if (s.online > curve->most[i])
                curve->most[i] = s.online;
        }
        sweep_expire(&s, now);
        curve->online[i] = s.online;
    }
    free(s.latest);
    return 0;
}

void log_curve_free(struct log_curve *curve)
{
    free(curve->online);
    free(curve->most);
    memset(curve, 0, sizeof *curve);
}

int log_top(const struct log *log, enum log_names which, size_t wanted, struct log_top *top,
            size_t *found)
{
    uint32_t names;
    struct log_top *all = rank(log, which, &names);

    *found = !all ? 0 : wanted < names ? wanted : names;
    if (*found)
        memcpy(top, all, *found * sizeof *top);
    int error = all ? 0 : -ENOMEM;
    free(all);
    return error;
}

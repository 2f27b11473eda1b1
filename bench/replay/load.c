/* load.c - dealing out events. */
#include "bench/replay/load.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "bench/base/memory.h"
#include "counters/counter.h"
#include "presence_map/parts/defaults.h"

/* Maps with packed stamps reach 136 years, the log itself included. */
static const uint64_t longest_ms = UINT64_C(60) * 365 * 24 * 3600 * 1000;

/* The number that the text is, if it is nothing else and no user is beyond it; else 0. */
static uint64_t id_of(const char *text, size_t length)
{
    uint64_t id = 0;

    for (size_t i = 0; i < length; i++) {
        unsigned digit = (unsigned)(text[i] - '0');
        if (digit > 9 || id > (PRESENCE_NO_USER - 1 - digit) / 10)
            return 0;
        id = id * 10 + digit;
    }
    return id;
}

uint64_t replay_largest_id(const struct log *log)
{
    uint64_t largest = 0;

    for (uint32_t user = 0; user < log->users.count; user++) {
        size_t length;
        const char *text = names_text(&log->users, user, &length);
        uint64_t id = id_of(text, length);
        if (id == 0 && !(length == 1 && text[0] == '0'))
            return 0;
        largest = id > largest ? id : largest;
    }
    return largest;
}

/* A stamp on the maps' axis, where 0 means "never". */
static uint64_t stamp_of(const struct log_event *e)
{
    return e->time_ms ? e->time_ms : 1;
}

static void count_events(struct replay_load *load, const struct log *log)
{
    for (size_t i = 0; i < log->count; i++) {
        const struct log_event *e = &log->events[i];
        struct replay_part *p = &load->parts[replay_thread_of(e->user, load->threads)];
        uint64_t now = stamp_of(e);
        p->beat_count++;
        p->clap_count += e->post != LOG_NO_POST;
        load->first_ms = now < load->first_ms ? now : load->first_ms;
        load->last_ms = now > load->last_ms ? now : load->last_ms;
    }
}

static int allocate(struct replay_load *load, const struct log *log)
{
    const struct replay_part *any = load->parts;

    if (!memory_grants(log->count *
                       (sizeof *any->beats + sizeof *any->claps + sizeof *any->clap_at)))
        return -ENOMEM;
    for (unsigned t = 0; t < load->threads; t++) {
        struct replay_part *p = &load->parts[t];
        p->beats = malloc((p->beat_count + 1) * sizeof *p->beats);
        p->claps = malloc((p->clap_count + 1) * sizeof *p->claps);
        p->clap_at = malloc((p->clap_count + 1) * sizeof *p->clap_at);
        if (!p->beats || !p->claps || !p->clap_at)
            return -ENOMEM;
        p->beat_count = p->clap_count = 0; /* counted once more as they are filled in */
    }
    return 0;
}

static void deal(struct replay_load *load, const struct log *log)
{
    for (size_t i = 0; i < log->count; i++) {
        const struct log_event *e = &log->events[i];
        struct replay_part *p = &load->parts[replay_thread_of(e->user, load->threads)];
        p->beats[p->beat_count++] = (struct presence_beat){ e->user, stamp_of(e) };
        if (e->post == LOG_NO_POST)
            continue;
        p->clap_at[p->clap_count] = stamp_of(e);
        p->claps[p->clap_count++] = e->post;
    }
}

static bool in_order(const struct replay_part *p)
{
    for (size_t i = 1; i < p->beat_count; i++)
        if (p->beats[i].now < p->beats[i - 1].now)
            return false;
    return true;
}

/* The least stamp from each beat on, for a part whose stamps run backwards somewhere. */
static int find_lows(struct replay_part *p)
{
    if (in_order(p))
        return 0;
    p->low = malloc(p->beat_count * sizeof *p->low);
    if (!p->low)
        return -ENOMEM;
    for (size_t i = p->beat_count; i-- > 0;) {
        p->low[i] = p->beats[i].now;
        if (i + 1 < p->beat_count && p->low[i + 1] < p->low[i])
            p->low[i] = p->low[i + 1];
    }
    return 0;
}

int replay_load_make(struct replay_load **out, const struct log *log, unsigned threads,
                     uint64_t scale)
{
    struct replay_load *load;
    int error;

    *out = NULL;
    if (threads == 0 || scale == 0 || log->count == 0)
        return -EINVAL;
    if (scale > PRESENCE_MAX_EXPECTED / (log->users.count + 1u))
        return -EOVERFLOW;
    load = calloc(1, sizeof *load + threads * sizeof load->parts[0]);
    if (!load)
        return -ENOMEM;
    load->users = log->users.count;
    load->posts = log->posts.count;
    load->largest_id = replay_largest_id(log);
    load->scale = scale;
    load->threads = threads;
    load->first_ms = UINT64_MAX;
    count_events(load, log);
    /* Whole seconds, so that stamps fall on the same fraction of a second each time. */
    load->period_ms = ((load->last_ms - load->first_ms) / 1000 + 1) * 1000;
    load->passes = longest_ms / load->period_ms > 0 ? longest_ms / load->period_ms : 1;
    error = allocate(load, log);
    if (!error)
        deal(load, log);
    for (unsigned t = 0; t < threads && !error; t++)
        error = find_lows(&load->parts[t]);
    if (error)
        replay_load_free(load);
    else
        *out = load;
    return error;
}

void replay_load_free(struct replay_load *load)
{
    for (unsigned t = 0; load && t < load->threads; t++) {
        free(load->parts[t].beats);
        free(load->parts[t].low);
        free(load->parts[t].claps);
        free(load->parts[t].clap_at);
    }
    free(load);
}

uint64_t replay_load_beats(const struct replay_load *load)
{
    uint64_t sum = 0;

    for (unsigned t = 0; t < load->threads; t++)
        sum += load->parts[t].beat_count;
    return sum * load->scale;
}

uint64_t replay_load_claps(const struct replay_load *load)
{
    uint64_t sum = 0;

    for (unsigned t = 0; t < load->threads; t++)
        sum += load->parts[t].clap_count;
    return sum * load->scale;
}

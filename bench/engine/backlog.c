/* backlog.c - samples of what is retired, while one reader is parked. */
#include "bench/engine/backlog.h"

#include <errno.h>
#include <string.h>

#include "bench/engine/counted.h"

struct watch {
    struct stage *stage;
    struct counted_worker *workers;
    struct backlog_result *out;
    uint64_t begun_ns, length_ns;
};

static uint64_t writes(const struct watch *w)
{
    uint64_t sum = 0;

    for (unsigned i = w->stage->subject.cell->readers; i < w->stage->count; i++)
        sum += counted_ops(&w->workers[i]);
    return sum;
}

static void take_sample(struct watch *w, enum backlog_phase phase)
{
    const struct subject *s = &w->stage->subject;
    struct backlog_result *out = w->out;
    size_t retired = s->kind->retired ? s->kind->retired(s) : 0;

    out->peak[phase] = retired > out->peak[phase] ? retired : out->peak[phase];
    if (out->count[phase] < BACKLOG_SAMPLES)
        out->samples[phase][out->count[phase]++] = (struct backlog_sample){
            .ms = (double)(contend_clock_ns() - w->begun_ns) / 1e6, .writes = writes(w),
            .retired = retired,
        };
}

struct stretch {
    uint64_t writes, ns;
};

/* Takes so many samples at even distances, and adds to a stretch what the writers did meanwhile. */
static int watch_for(struct watch *w, enum backlog_phase phase, uint64_t length_ns, unsigned samples,
                     struct stretch *sum)
{
    uint64_t begun = contend_clock_ns(), before = writes(w), now = begun;

    for (unsigned i = 1; now < begun + length_ns; i++) {
        uint64_t next = begun + length_ns * i / samples;
        if (next > now)
            crew_sleep(next - now);
        take_sample(w, phase);
        now = contend_clock_ns();
        if (interrupt_came())
            return -EINTR;
    }
    sum->writes += writes(w) - before;
    sum->ns += now - begun;
    return 0;
}

/* Stops the reader, and lets it go on a little between two stops. */
static int watch_stops(struct watch *w, struct stretch *sum)
{
    uint64_t length_ns = w->length_ns / BACKLOG_STOPS;
    int error = 0;

    for (unsigned stop = 0; !error && stop < BACKLOG_STOPS; stop++) {
        error = crew_park(w->stage->crew, 0, length_ns);
        if (error)
            return error;
        error = watch_for(w, BACKLOG_STALLED, length_ns, BACKLOG_SAMPLES / BACKLOG_STOPS, sum);
        crew_release(w->stage->crew, 0);
        crew_sleep(length_ns / BACKLOG_STOPS);
    }
    return error;
}

static int watch_phase(struct watch *w, enum backlog_phase phase)
{
    struct stretch sum = { .ns = 0 };
    int error = phase == BACKLOG_STALLED ? watch_stops(w, &sum)
                                         : watch_for(w, phase, w->length_ns, BACKLOG_SAMPLES, &sum);

    if (sum.ns > 0)
        w->out->writes_per_s[phase] = (double)sum.writes * 1e9 / (double)sum.ns;
    return error;
}

int backlog_run(struct stage *s, uint64_t length_ns, struct backlog_result *out)
{
    struct crew_phase phase = { .work = { counted_part, counted_part } };
    struct watch w = { .stage = s, .out = out, .length_ns = length_ns };
    int error;

    memset(out, 0, sizeof *out);
    w.workers = counted_make(s);
    if (!w.workers)
        return -ENOMEM;
    /* A user that expires, or a stamp that wraps while the reader stands still, is another matter. */
    stage_set_pace(s, 0);
    error = crew_start(s->crew, &phase);
    w.begun_ns = contend_clock_ns();
    for (int p = 0; p < BACKLOG_PHASES && !error; p++)
        error = watch_phase(&w, (enum backlog_phase)p);
    crew_ask_stop(s->crew);
    crew_finish(s->crew, NULL);
    crew_take_back_stop(s->crew);
    stage_advance(s);
    counted_forget(s, w.workers);
    return error;
}

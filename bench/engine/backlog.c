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

/* Samples at even distances until the phase is over. */
static int watch_phase(struct watch *w, enum backlog_phase phase)
{
    uint64_t begun = contend_clock_ns(), ends = begun + w->length_ns, before = writes(w), now = begun;

    if (phase == BACKLOG_STALLED) {
        int error = crew_park(w->stage->crew, 0, w->length_ns);
        if (error)
            return error;
    }
    for (unsigned i = 1; now < ends; i++) {
        uint64_t next = begun + w->length_ns * i / BACKLOG_SAMPLES;
        if (next > now)
            crew_sleep(next - now);
        take_sample(w, phase);
        now = contend_clock_ns();
        if (interrupt_came())
            return -EINTR;
    }
    w->out->writes_per_s[phase] = (double)(writes(w) - before) * 1e9 / (double)(now - begun);
    if (phase == BACKLOG_STALLED)
        crew_release(w->stage->crew, 0);
    return 0;
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

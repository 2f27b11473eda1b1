/* rows.c - see rows.h. */
#include "bench/check/rows.h"

#include <stdlib.h>
#include <string.h>

#include "bench/check/exhausted.h"
#include "bench/check/rows_shorten.h"
#include "bench/check/state.h"
#include "bench/check/words.h"

static struct row *rows;
static unsigned count, capacity;

/* The first event of a thread: what comes before is the setup's.  NULL without one. */
static const struct event *first_step;

static const struct event *find_first_step(void)
{
    for (unsigned i = 0; i < run.event_count; i++)
        if (run.events[i].thread)
            return &run.events[i];
    return NULL;
}

static void thread_text(unsigned thread, uint32_t step, char *text, size_t size)
{
    if (thread == 0)
        snprintf(text, size, "by the setup");
    else if (step == 0)
        snprintf(text, size, "by thread %u", thread);
    else
        snprintf(text, size, "by thread %u in step %u", thread, step);
}

/* ---- which events are shown ---- */

static bool writes(const struct event *e)
{
    return e->kind == EVENT_STORE || e->kind == EVENT_RMW || e->kind == EVENT_CAS ||
           e->kind == EVENT_WRITE;
}

static bool overlap(const struct event *e, const void *at, unsigned size)
{
    const char *x = e->at, *y = at;

    return x < y + size && y < x + (e->half ? 2 * e->size : e->size);
}

/* Whether the final check fails, after the threads. */
static bool fails_in_main(void)
{
    return words_failure() && words_failure()->thread == 0 && first_step;
}

static bool reads(const struct event *e)
{
    return e->kind == EVENT_LOAD || e->kind == EVENT_READ;
}

/* The last reads of the thread that fails: an assertion is about them, and a crash of the address that one returned. */
static bool decides(const struct event *e)
{
    enum { LAST = 4, NEAR = 200 };
    const struct event *end = words_failure();
    unsigned later = 0;

    if (!end || (run.result->verdict != CHECK_ASSERTION && run.result->verdict != CHECK_CRASH) || e->thread != end->thread ||
        !reads(e) || e->nameless || end - e > NEAR)
        return false;
    for (const struct event *o = e + 1; o < end; o++)
        later += o->thread == e->thread && reads(o) && !o->nameless;
    return later < LAST;
}

/* The threads that touched a byte in this execution; sorted by address. */
struct touched {
    uintptr_t at;
    uint16_t threads; /* a bit for each thread */
    bool written;
};
static struct touched *touched;
static size_t touched_count;

static int by_address(const void *x, const void *y)
{
    const struct touched *a = x, *b = y;

    return (a->at > b->at) - (a->at < b->at);
}

/* Whether it counts for what is shared: the setup's does not, the final check's does if that fails. */
static bool counts(const struct event *e)
{
    return words_access(e) && (e->thread || (fails_in_main() && e > first_step));
}

/* One entry for each byte that some thread touched: executions may be long. */
static void touched_make(void)
{
    size_t n = 0, kept = 0;

    for (unsigned i = 0; i < run.event_count; i++)
        n += counts(&run.events[i]) ? run.events[i].size : 0;
    touched = malloc((n + 1) * sizeof *touched);
    if (!touched)
        exhausted();
    n = 0;
    for (unsigned i = 0; i < run.event_count; i++) {
        const struct event *e = &run.events[i];
        for (unsigned k = 0; counts(e) && k < e->size; k++)
            touched[n++] = (struct touched){ (uintptr_t)e->at + k, (uint16_t)(1u << e->thread), writes(e) };
    }
    qsort(touched, n, sizeof *touched, by_address);
    for (size_t i = 0; i < n; i++) {
        if (kept && touched[kept - 1].at == touched[i].at) {
            touched[kept - 1].threads |= touched[i].threads;
            touched[kept - 1].written |= touched[i].written;
        } else {
            touched[kept++] = touched[i];
        }
    }
    touched_count = kept;
}

/* Whether another thread touches the same bytes, and some thread writes them. */
static bool is_shared(const struct event *e)
{
    bool others = false, written = false;

    for (unsigned k = 0; k < e->size; k++) {
        const struct touched wanted = { .at = (uintptr_t)e->at + k };
        const struct touched *t =
            bsearch(&wanted, touched, touched_count, sizeof *touched, by_address);
        others |= t && t->threads & ~(1u << e->thread);
        written |= t && t->written;
    }
    return others && written;
}

/* The last step of the verdict's other thread at that place, or NULL. */
static const struct event *other;

static const struct event *find_other(void)
{
    for (unsigned i = run.event_count; run.fault.note && i-- > 0;) {
        const struct event *e = &run.events[i];
        if (e->thread == run.fault.thread && e->pc == run.fault.pc && e->kind != EVENT_FAIL && e->half != 2 &&
            (!words_access(e) || !run.fault.at || overlap(e, run.fault.at, run.fault.size)))
            return e;
    }
    return NULL;
}

/* Whether the verdict, or a stale load that is shown, is about this step. */
static bool matters(const struct event *e, unsigned number)
{
    const struct thread *t = &run.threads[e->thread];

    if (e->aside == t->aside && t->state != THREAD_FINISHED)
        return true; /* the thread never left this group */
    if (e == other || e->kind == EVENT_FAIL)
        return true;
    if (words_access(e) && run.fault.at && overlap(e, run.fault.at, run.fault.size))
        return true;
    for (unsigned i = number + 1; i < run.event_count; i++) {
        const struct event *o = &run.events[i];
        if (o->stale && !writes(o) && !o->aside && o->writer_step == number + 1)
            return true;
    }
    return false;
}

/* Accesses to memory that only one thread uses are left out, except the last two events. */
static bool is_shown(const struct event *e, unsigned number)
{
    if (e->aside)
        return matters(e, number);
    return !words_access(e) || (number + 2 >= run.event_count && !e->nameless) || is_shared(e) || (e->half && is_shared(e + 1)) || e == other || decides(e);
}

/* ---- rows ---- */

static struct row *add_row(const struct event *e)
{
    if (count == capacity) {
        capacity = capacity ? 2 * capacity : 256;
        rows = realloc(rows, capacity * sizeof *rows);
        if (!rows)
            exhausted();
    }
    struct row *r = &rows[count++];
    *r = (struct row){ .step = (unsigned)(e - run.events) + 1, .thread = e->thread,
                       .inside = e->inside || e->aside };
    return r;
}

static enum row_look look_of(const struct event *e)
{
    switch (e->kind) {
    case EVENT_WAIT: return ROW_WAIT;
    case EVENT_BEGIN:
    case EVENT_END: return ROW_CALL;
    case EVENT_ASIDE: return ROW_ASIDE;
    case EVENT_FAIL: return ROW_FAIL;
    default: return e->stale ? ROW_STALE : writes(e) ? ROW_WRITE : ROW_PLAIN;
    }
}

/* Where the value comes from, if that is another thread's step. */
static void link_row(const struct event *e, struct row *r)
{
    bool reads = e->kind == EVENT_LOAD || e->kind == EVENT_RMW || e->kind == EVENT_CAS ||
                 e->kind == EVENT_CAS_FAILED;

    if (reads && e->writer_step && e->writer && e->writer != e->thread && !(e->stale && writes(e))) {
        r->from = e->writer_step;
        r->from_thread = e->writer;
    } else if (e->kind == EVENT_FAIL && other && other->thread && other->thread != e->thread) {
        r->from = (unsigned)(other - run.events) + 1;
        r->from_thread = other->thread;
    }
}

static void event_row(const struct event *e)
{
    struct row *r = add_row(e);
    char who[48];

    r->look = look_of(e);
    words_event(e, first_step != NULL, r->text, sizeof r->text);
    if (!e->thread && e->kind != EVENT_FAIL) { /* the final check's column is the whole width */
        char text[sizeof r->text];
        memcpy(text, r->text, sizeof text);
        snprintf(r->text, sizeof r->text, "afterwards: %.200s", text);
    }
    if (e->pc && e->kind != EVENT_WAIT) {
        source_line(e->pc, r->source, sizeof r->source);
        r->line = source_place(e->pc, r->path, sizeof r->path);
    }
    link_row(e, r);
    if (e->stale && writes(e)) {
        thread_text(e->writer, e->writer_step, who, sizeof who);
        snprintf(r->note, sizeof r->note, "late: goes below %u store%s; the next one above was written %s",
                 e->stale, e->stale > 1 ? "s" : "", who);
    } else if (e->stale) {
        thread_text(e->writer, e->writer_step, who, sizeof who);
        snprintf(r->note, sizeof r->note, "stale: passes over %u newer store%s; written %s",
                 e->stale, e->stale > 1 ? "s" : "", who);
    } else if (e == other) {
        snprintf(r->note, sizeof r->note, "%s", run.fault.note);
    } else if (e->races) {
        snprintf(r->note, sizeof r->note, "races: no order with another thread's access");
    }
}

static bool is_local(const void *at)
{
    return (const char *)at >= run.stacks &&
           (const char *)at < run.stacks + (size_t)STATE_THREADS * STATE_STACK;
}

/* "attaches (7 steps)" */
static void aside_row(const struct event *e, unsigned number)
{
    struct row *r = add_row(e);
    unsigned steps = 0;

    for (unsigned i = number; i < run.event_count; i++)
        steps += run.events[i].aside == number + 1 && run.events[i].kind != EVENT_FAIL;
    r->look = ROW_ASIDE;
    snprintf(r->text, sizeof r->text, "%s (%u step%s)", e->text, steps, steps == 1 ? "" : "s");
}

/* The setup's and the final check's operations, each in one row; and what the latter fails on. */
static void main_row(const struct event *e, bool started)
{
    const char *when = started ? "afterwards" : "before";

    if (e->kind == EVENT_BEGIN) {
        struct row *r = add_row(e);
        r->look = ROW_CALL;
        snprintf(r->text, sizeof r->text, "%s: %s", when, e->text);
    } else if (e->kind == EVENT_END && count) {
        struct row *r = &rows[count - 1];
        size_t used = strlen(r->text);
        snprintf(r->text + used, sizeof r->text - used, " = %s", e->text);
    } else if (started && !e->inside && !e->aside && decides(e) && !is_local(e->at)) {
        event_row(e);
    } else if (e->kind == EVENT_FAIL && (run.fault.here || (count && rows[count - 1].look != ROW_CALL))) {
        event_row(e);
    }
}

unsigned rows_make(const struct row **out)
{
    bool started = false;

    count = 0;
    run.recording = true; /* names are looked up as during the recording */
    other = find_other();
    first_step = find_first_step();
    touched_make();
    for (unsigned i = 0; i < run.event_count; i++) {
        const struct event *e = &run.events[i];
        if (e->half == 2)
            continue; /* the row of the first half tells of both */
        started |= e->thread != 0;
        if (e->thread == 0)
            main_row(e, started);
        else if (e->kind == EVENT_ASIDE)
            aside_row(e, i);
        else if (is_shown(e, i))
            event_row(e);
    }
    run.recording = false;
    free(touched);
    count = rows_shorten(rows, count);
    *out = rows;
    return count;
}

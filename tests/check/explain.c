/* explain.c - a failing execution, as columns per thread. */
#include <stdlib.h>
#include <string.h>

#include "tests/check/state.h"

enum { COLUMN = 44 };

static const char *order_name(int order)
{
    switch (order) {
    case __ATOMIC_RELAXED: return "relaxed";
    case __ATOMIC_CONSUME:
    case __ATOMIC_ACQUIRE: return "acquire";
    case __ATOMIC_RELEASE: return "release";
    case __ATOMIC_ACQ_REL: return "acq_rel";
    default: return "seq_cst";
    }
}

/* Small numbers in decimal, pointers into the heap by name, the rest in hexadecimal. */
static void value_text(uint64_t value, char *text, size_t size)
{
    if (value < 100000 || (int64_t)value < 0)
        snprintf(text, size, "%lld", (long long)value);
    else if (!memory_describe((void *)(uintptr_t)value, text, size))
        snprintf(text, size, "0x%llx", (unsigned long long)value);
}

static void what_text(const struct event *e, char *text, size_t size)
{
    char where[32], value[32], before[32];

    memory_describe(e->at, where, sizeof where);
    value_text(e->value, value, sizeof value);
    value_text(e->before, before, sizeof before);
    switch (e->kind) {
    case EVENT_LOAD:
        snprintf(text, size, "load %s = %s, %s", where, value, order_name(e->order));
        break;
    case EVENT_STORE:
        snprintf(text, size, "store %s := %s, %s", where, value, order_name(e->order));
        break;
    case EVENT_RMW:
        snprintf(text, size, "rmw %s: %s -> %s, %s", where, before, value, order_name(e->order));
        break;
    case EVENT_CAS_FAILED:
        snprintf(text, size, "cas %s fails: %s, not %s, %s", where, before, value,
                 order_name(e->order));
        break;
    case EVENT_FENCE:
        snprintf(text, size, "fence, %s", order_name(e->order));
        break;
    case EVENT_READ:
        snprintf(text, size, "read %s = %s, plain", where, value);
        break;
    case EVENT_WRITE:
        snprintf(text, size, "write %s, plain", where);
        break;
    case EVENT_BEGIN:
        snprintf(text, size, "[ %s", e->text);
        break;
    case EVENT_END:
        snprintf(text, size, "] %s", e->text);
        break;
    default:
        snprintf(text, size, "%s", e->text);
    }
}

/* One line: the event in its thread's column, its source line at the right. */
static void print_event(const struct event *e, unsigned number, FILE *out)
{
    char what[160], line[128] = "";
    unsigned column = e->thread ? e->thread - 1 : 0;

    what_text(e, what, sizeof what);
    if (e->pc)
        source_line(e->pc, line, sizeof line);
    if (line[0])
        fprintf(out, "%5u  %*s%-*s%*s  %s\n", number, (int)(column * COLUMN), "", COLUMN, what,
                (int)((run.count > 1 + column ? run.count - 2 - column : 0) * COLUMN), "", line);
    else
        fprintf(out, "%5u  %*s%s\n", number, (int)(column * COLUMN), "", what);
    if (e->stale)
        fprintf(out, "       %*s  ^ stale: %u newer store%s passed over; written by thread %u in "
                     "step %u\n", (int)(column * COLUMN), "", e->stale, e->stale > 1 ? "s" : "",
                e->writer, e->writer_event + 1);
}

static bool is_access(const struct event *e)
{
    return e->kind != EVENT_CALL && e->kind != EVENT_FENCE && e->kind != EVENT_BEGIN &&
           e->kind != EVENT_END;
}

static bool writes(const struct event *e)
{
    return e->kind == EVENT_STORE || e->kind == EVENT_RMW || e->kind == EVENT_WRITE;
}

static bool overlap(const struct event *a, const struct event *b)
{
    const char *x = a->at, *y = b->at;

    return x < y + b->size && y < x + a->size;
}

/* Whether another thread touches the same bytes, and somebody writes them. */
static bool is_shared(const struct event *e)
{
    bool others = false, written = writes(e);

    for (unsigned i = 0; i < run.event_count && !(others && written); i++) {
        const struct event *o = &run.events[i];
        if (!o->thread || !is_access(o) || !overlap(o, e))
            continue;
        others |= o->thread != e->thread;
        written |= writes(o);
    }
    return others && written;
}

/* Accesses to what a thread has for itself are left out, but for the last ones. */
static bool is_shown(const struct event *e, unsigned number)
{
    return !is_access(e) || number + 2 >= run.event_count || is_shared(e);
}

static void print_head(FILE *out)
{
    fprintf(out, " step  ");
    for (unsigned t = 1; t < run.count; t++) {
        char head[24];
        snprintf(head, sizeof head, "thread %u", t);
        fprintf(out, "%-*s", COLUMN, head);
    }
    fprintf(out, "  source\n");
}

static void print_events(FILE *out)
{
    bool started = false;

    print_head(out);
    for (unsigned i = 0; i < run.event_count; i++) {
        const struct event *e = &run.events[i];
        started |= e->thread != 0;
        if (e->thread == 0 && e->kind != EVENT_BEGIN && e->kind != EVENT_END)
            continue; /* the setup's own steps: nobody else is there */
        if (e->thread == 0)
            fprintf(out, "%5u  %s: %s\n", i + 1, started ? "afterwards" : "before", e->text);
        else if (is_shown(e, i))
            print_event(e, i + 1, out);
    }
}

void check_explain(const struct check_test *test, const struct check_options *options,
                   const struct check_result *result, FILE *out)
{
    static char choices[CHECK_CHOICES];
    struct check_options o = *options;

    snprintf(choices, sizeof choices, "%s", result->choices);
    o.strategy = CHECK_REPLAY;
    o.choices = choices;
    run.recording = true;
    struct check_result again = check_run(test, &o);
    print_events(out);
    run.recording = false;
    fprintf(out, "\n%s: %s\n", check_verdict_name(again.verdict), again.text);
    if (again.verdict != result->verdict)
        fprintf(out, "(the replay differs from the run: %s)\n",
                check_verdict_name(result->verdict));
}

/* near.c - see near.h. */
#include "tests/soak/near.h"

#include <string.h>

#include "bench/check/state.h"
#include "tests/soak/visitor.h"

enum { LINES = 1024, PLACE = 64, OFTEN = 1000, GRACES_OFTEN = 20 };

/* All steps of one kind at one line. */
static struct line {
    char place[PLACE];
    struct site sum;
} lines[LINES];

static unsigned line_count;

static struct line *line_of(const struct site *s)
{
    char place[PLACE];

    source_line(s->pc, place, sizeof place);
    for (unsigned i = 0; i < line_count; i++)
        if (lines[i].sum.step == s->step && strcmp(lines[i].place, place) == 0)
            return &lines[i];
    if (line_count == LINES)
        return NULL;
    struct line *l = &lines[line_count++];
    *l = (struct line){ .sum = { .pc = s->pc, .step = s->step } };
    strcpy(l->place, place);
    return l;
}

static void add_up(void)
{
    line_count = 0;
    for (unsigned v = 0; v < VISITORS; v++)
        for (unsigned i = 0; i < SITES; i++) {
            const struct site *s = &visitors[v].sites[i];
            struct line *l = s->pc ? line_of(s) : NULL;
            if (!l)
                continue;
            l->sum.steps += s->steps;
            l->sum.failed += s->failed;
            l->sum.changed += s->changed;
            l->sum.delays += s->delays;
            l->sum.crossed += s->crossed;
            l->sum.waited += s->waited;
        }
}

struct near near_collect(void)
{
    struct near n = { .steps = 0 };

    add_up();
    for (unsigned i = 0; i < line_count; i++) {
        const struct site *s = &lines[i].sum;
        n.steps += s->steps;
        n.delays += s->delays;
        n.crossed += s->crossed;
        n.changed += s->changed;
        switch (s->step) {
        case STEP_CAS:
            n.swaps += s->steps;
            n.failed += s->failed;
            n.swap_lines++;
            n.failing_lines += s->failed > 0;
            break;
        case STEP_LOCK: n.locks += s->steps; n.waited += s->waited; break;
        case STEP_GRACE: n.graces += s->steps; n.read += s->waited; break;
        case STEP_FREE: n.frees += s->steps; n.beside += s->waited; break;
        default: break;
        }
    }
    return n;
}

static unsigned warn(FILE *out, const char *prefix, const char *name, const char *what,
                     uint64_t times, const char *never)
{
    fprintf(out, "%s%s: WARNING: %s, %llu times, and never %s\n", prefix, name, what,
            (unsigned long long)times, never);
    return 1;
}

static unsigned warn_all(FILE *out, const char *prefix, const char *name, const struct near *n)
{
    unsigned count = 0;

    for (unsigned i = 0; i < line_count; i++) {
        const struct site *s = &lines[i].sum;
        char what[PLACE + 32];
        snprintf(what, sizeof what, "a compare-exchange at %.63s", lines[i].place);
        if (s->step == STEP_CAS && s->steps >= OFTEN && s->failed == 0)
            count += warn(out, prefix, name, what, s->steps, "another value there");
    }
    if (n->delays >= OFTEN && n->crossed == 0)
        count += warn(out, prefix, name, "a delay", n->delays, "anybody on the same line");
    if (n->locks >= OFTEN && n->waited == 0)
        count += warn(out, prefix, name, "a lock or semaphore", n->locks, "one that was not free");
    if (n->graces >= GRACES_OFTEN && n->read == 0)
        count += warn(out, prefix, name, "a grace period", n->graces, "a reader inside");
    return count;
}

unsigned near_print(FILE *out, const char *prefix, const char *name)
{
    struct near n = near_collect();

    fprintf(out, "%s%s: %.2f million steps, %llu delays, %llu of them crossed; %llu looks found a "
            "change", prefix, name, (double)n.steps / 1e6, (unsigned long long)n.delays,
            (unsigned long long)n.crossed, (unsigned long long)n.changed);
    if (n.swaps)
        fprintf(out, "; compare-exchange: %llu of %llu failed, on %u of %u lines",
                (unsigned long long)n.failed, (unsigned long long)n.swaps, n.failing_lines,
                n.swap_lines);
    if (n.locks)
        fprintf(out, "; locks: %llu of %llu waited", (unsigned long long)n.waited,
                (unsigned long long)n.locks);
    if (n.graces)
        fprintf(out, "; grace periods: %llu of %llu met a reader", (unsigned long long)n.read,
                (unsigned long long)n.graces);
    if (n.beside)
        fprintf(out, "; %llu of %llu freed blocks had just been touched by another",
                (unsigned long long)n.beside, (unsigned long long)n.frees);
    fputc('\n', out);
    return warn_all(out, prefix, name, &n);
}

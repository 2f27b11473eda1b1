/* scenario.c - the text of scenarios, read and made up. */
#include "bench/check/scenario.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bench/base/random.h"
#include "bench/check/history.h"
#include "bench/check/scenario_family.h"

#define ROW(OBJECT) [FAMILY_##OBJECT] = &scenarios_##OBJECT,
static const struct scenario_family *const of_family[] = { FAMILY_EACH(ROW) };
#undef ROW

const struct scenario_family *scenario_family_of(enum family_index family)
{
    return of_family[family];
}

/* -99 to 99.  There is one way to write each: strtol() would take "+1" and " 01" as well. */
static bool parse_number(int *n, const char **text)
{
    bool minus = **text == '-';
    const char *digits = *text + minus;
    size_t count = strspn(digits, "0123456789");

    if (count == 0 || count > 2 || (digits[0] == '0' && (minus || count > 1)))
        return false;
    *n = digits[0] - '0';
    if (count == 2)
        *n = 10 * *n + digits[1] - '0';
    if (minus)
        *n = -*n;
    *text = digits + count;
    return true;
}

static bool parse_operation(struct operation *op, const struct scenario_family *g,
                            const char **text)
{
    const char *letter = **text ? strchr(g->letters, **text) : NULL;

    if (!letter)
        return false;
    *op = (struct operation){ .kind = *(*text)++, .time = 'a' };
    for (const char *f = g->follows[letter - g->letters]; *f; f++) {
        switch (*f) {
        case 'n':
            if (!parse_number(&op->n, text))
                return false;
            break;
        case 'k':
            if (**text == '-' || !parse_number(&op->n, text))
                return false;
            break;
        case 'b':
            op->n = **text >= '2' && **text <= '9' ? *(*text)++ - '0' : 1;
            break;
        case 'u':
            op->user = (unsigned)(*(*text)++ - '0');
            if (op->user >= SCENARIO_USERS)
                return false;
            break;
        default:
            op->time = *(*text)++;
            if (op->time < 'a' || op->time > 'f')
                return false;
        }
    }
    return true;
}

/* Reads one list of operations; stops at '+', '/' or the end. */
static bool parse_part(struct part *p, const struct scenario_family *g, const char **text)
{
    p->count = 0;
    for (;;) {
        if (p->count == SCENARIO_OPS || !parse_operation(&p->ops[p->count], g, text))
            return false;
        p->count++;
        if (**text != ',')
            return **text == '\0' || **text == '+' || **text == '/';
        ++*text;
    }
}

/* A bit for each user of the operation; a batch has two. */
static unsigned users_of(const struct operation *op)
{
    return op->kind == 'm' || op->kind == 'p' ? 3 : 1u << op->user;
}

/* The number of operations on several users: each is one step for each user. */
static unsigned shared_in(const struct part *p)
{
    unsigned count = 0;

    for (unsigned i = 0; i < p->count; i++)
        count += strchr("sbcwmp", p->ops[i].kind) != NULL;
    return count;
}

static unsigned operations_in(const struct scenario *s, unsigned (*count)(const struct part *))
{
    unsigned all = count(&s->before);

    for (unsigned t = 0; t < s->thread_count; t++)
        all += count(&s->threads[t]);
    return all;
}

static unsigned count_of(const struct part *p)
{
    return p->count;
}

static bool can_be_judged(const struct scenario *s, const struct scenario_family *g, char *why,
                          size_t size)
{
    unsigned shared = operations_in(s, shared_in), users = (unsigned)__builtin_popcount(s->users);
    unsigned steps = operations_in(s, count_of) - shared + shared * users + users;

    if (!g->about_users || (shared <= SCENARIO_SHARED && steps <= LINEAR_MAX))
        return true;
    if (shared > SCENARIO_SHARED)
        snprintf(why, size, "'%s' has %u operations on several users; %d can be judged", s->text,
                 shared, SCENARIO_SHARED);
    else
        snprintf(why, size, "'%s' has %u steps, one for each user of an operation on several; %d "
                 "can be judged", s->text, steps, LINEAR_MAX);
    return false;
}

/* What stands in front of the operations: "2:17*~=". */
static bool parse_front(struct scenario *s, const struct scenario_family *g, const char **text)
{
    const char *at = *text;

    if (g->capacity && *at >= '1' && *at <= '9' && at[1] == ':') {
        s->capacity = (unsigned)(*at - '0');
        *text = at += 2;
    }
    size_t digits = strspn(at, "0123456789");
    if (digits && at[digits] == '*') {
        int count;
        if (!parse_number(&count, &at) || count < 1 || count > SCENARIO_IDLE)
            return false;
        s->idle = (unsigned)count;
        *text = at + 1;
    }
    s->comes_and_goes = **text == '~';
    *text += s->comes_and_goes;
    s->meet = **text == '=';
    *text += s->meet;
    return true;
}

bool scenario_parse(struct scenario *s, enum family_index family, const char *text, char *why,
                    size_t size)
{
    const struct scenario_family *g = of_family[family];
    const char *at = text;

    memset(s, 0, sizeof *s);
    snprintf(why, size, "'%s' is longer than %d characters", text, SCENARIO_TEXT - 1);
    if (strlen(text) >= sizeof s->text)
        return false;
    snprintf(s->text, sizeof s->text, "%s", text);
    bool fits = parse_front(s, g, &at);
    for (;;) {
        struct part p = { .count = 0 };
        bool good = fits && parse_part(&p, g, &at);
        for (unsigned i = 0; good && i < p.count; i++)
            s->users |= users_of(&p.ops[i]);
        if (good && *at == '/' && s->thread_count == 0 && s->before.count == 0)
            s->before = p;
        else if (good && *at != '/' && s->thread_count < SCENARIO_THREADS)
            s->threads[s->thread_count++] = p;
        else {
            snprintf(why, size, "'%s' is not a scenario: see character %d", text,
                     (int)(at - text) + 1);
            return false;
        }
        if (*at == '\0')
            return can_be_judged(s, g, why, size);
        at++;
    }
}

/* ---- making scenarios ---- */

unsigned scenario_written(enum family_index family)
{
    unsigned count = 0;

    while (of_family[family]->written[count])
        count++;
    return count;
}

/* A text that grows within its bound. */
struct writer {
    char *text;
    size_t size, used;
};

static void put(struct writer *w, char c)
{
    if (w->used + 1 < w->size)
        w->text[w->used++] = c;
    w->text[w->used] = '\0';
}

static void put_number(struct writer *w, int n)
{
    char digits[16];

    snprintf(digits, sizeof digits, "%d", n);
    for (const char *d = digits; *d; d++)
        put(w, *d);
}

static void make_operation(const struct scenario_family *g, struct random *r, struct writer *w)
{
    size_t letters = strlen(g->letters) - g->rare;
    size_t which = random_below(r, letters);
    /* Mostly the same users, so that threads meet; most adds are claps of one. */
    static const char users[] = "0000001123";
    static const int adds[] = { 1, 1, 1, 2, 3, -1 };
    /* Some bring a reader to the bound of claps, or beyond. */
    static const int counts[] = { 1, 1, 2, 3, 30, 50, 60, 0 };

    put(w, g->letters[which]);
    for (const char *f = g->follows[which]; *f; f++) {
        if (*f == 'n')
            put_number(w, adds[random_below(r, sizeof adds / sizeof *adds)]);
        else if (*f == 'k')
            put_number(w, counts[random_below(r, sizeof counts / sizeof *counts)]);
        else if (*f == 'b') {
            if (random_below(r, 3) == 0)
                put_number(w, 2 + (int)random_below(r, 8));
        } else if (*f == 'u')
            put(w, users[random_below(r, sizeof users - 1)]);
        else
            put(w, (char)('a' + random_below(r, 5)));
    }
}

static void make_part(const struct scenario_family *g, struct random *r, unsigned count,
                      struct writer *w)
{
    for (unsigned i = 0; i < count; i++) {
        if (i > 0)
            put(w, ',');
        make_operation(g, r, w);
    }
}

void scenario_generate(enum family_index family, unsigned index, uint64_t seed,
                       char text[SCENARIO_TEXT])
{
    const struct scenario_family *g = of_family[family];
    struct writer w = { .text = text, .size = SCENARIO_TEXT };
    struct random r = random_seeded(seed, index);
    unsigned threads = 2 + (unsigned)random_below(&r, 2), ops = threads == 2 ? 3 : 2;

    if (index < scenario_written(family)) {
        snprintf(text, SCENARIO_TEXT, "%s", g->written[index]);
        return;
    }
    if (g->capacity && random_below(&r, 6) == 0)
        put_number(&w, 1 + (int)random_below(&r, 2)), put(&w, ':');
    if (random_below(&r, 4) == 0)
        put(&w, '=');
    if (g->prepared && random_below(&r, 4)) {
        make_part(g, &r, 1 + (unsigned)random_below(&r, 2), &w);
        put(&w, '/');
    }
    for (unsigned t = 0; t < threads; t++) {
        if (t > 0)
            put(&w, '+');
        make_part(g, &r, 1 + (unsigned)random_below(&r, ops), &w);
    }
}

/* ---- subjects ---- */

const struct contend_identity *subject_identity(const struct subject *s)
{
    return of_family[s->family]->identity(s->ops);
}

const char *subject_header(const struct subject *s)
{
    return of_family[s->family]->header(s->ops);
}

const char *subject_choices(const struct subject *s)
{
    return of_family[s->family]->choices(s->ops);
}

void subject_name(const struct subject *s, char *text, size_t size)
{
    size_t used = (size_t)snprintf(text, size, "%s/%s", of_family[s->family]->folder,
                                   subject_identity(s)->name);

    for (size_t i = 0; i < s->given.count && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%s=%" PRId64, i ? "," : "[",
                                 s->given.list[i].name, s->given.list[i].value);
    if (s->given.count && used < size)
        snprintf(text + used, size - used, "]");
}

bool subject_set(struct subject *s, const char *name, int64_t value)
{
    const struct contend_option *o = contend_option_find(subject_identity(s)->options, name);

    if (!o || value < o->least || value > o->greatest || s->given.count == SUBJECT_SETTINGS)
        return false;
    s->given.list[s->given.count++] = (struct contend_setting){ o->name, value };
    return true;
}

static bool has_far(const struct part *p)
{
    for (unsigned i = 0; i < p->count; i++)
        if (p->ops[i].time == 'f')
            return true;
    return false;
}

/* Whether time goes so far in it that maps with the option `old` are to use that. */
static bool goes_far(const struct scenario *s)
{
    bool far = has_far(&s->before);

    for (unsigned t = 0; t < s->thread_count; t++)
        far |= has_far(&s->threads[t]);
    return far;
}

struct settings scenario_settings(const struct subject *s, const struct scenario *p,
                                  bool one_part)
{
    const struct contend_setting small[] = {
        { "stripes", one_part ? 1 : 2 }, { "admission", 1 }, { "threshold", 2 }, { "spin", 1 },
        { "max", 8 }, { "quota", 1 }, { "spins", 1 }, { "slots", 2 }, { "threads", p->idle ? p->idle + 8 : 16 },
        { "table", 1 }, { "rest", 0 }, { "idle", 1 }, { "budget", 1 }, { "batch", 1 },
        { "id_bits", 48 }, { "id_bits", 22 }, { "stamp_bits", 8 }, { "old", goes_far(p) },
        { "rows", 1 }, { "rows", 4 }, { "fill", 90 }, { "home", 1 }, { "segment", 2 },
        { "tick", 500 }, { "pace", 1 }, { "spare", 0 }, { "load", 1 }, { "patience", 0 }, { "precision", 4 },
    };
    struct settings all = settings_that_fit(subject_identity(s)->options, small,
                                            sizeof small / sizeof *small);

    /* The last value of a name counts. */
    for (size_t i = 0; i < s->given.count && all.count < SETTINGS_MOST; i++)
        if (!one_part || strcmp(s->given.list[i].name, small[0].name) != 0)
            all.list[all.count++] = s->given.list[i];
    return all;
}

void scenario_name(const void *block, const char *part, const struct subject *s, unsigned thread)
{
    const struct scenario_family *g = of_family[s->family];
    const char *stem = strrchr(subject_header(s), '/') + 1;
    bool handle = strcmp(part, "handle") == 0;
    char name[32], type[64];

    if (!check_explaining())
        return;
    snprintf(name, sizeof name, thread ? "%s%u" : "%s", part, thread);
    snprintf(type, sizeof type, "%s_%.*s%s", g->object, (int)strcspn(stem, "."), stem,
             handle ? "_handle" : "");
    check_name(block, name, type, g->code(s->ops));
}

static void *idle[SCENARIO_IDLE];

void scenario_attach_idle(const struct scenario *p, void *object, size_t handle_size,
                          int (*attach)(void *object, void *handle))
{
    for (unsigned i = 0; i < p->idle; i++) {
        idle[i] = check_allocate(handle_size);
        check_that(attach(object, idle[i]) == 0);
    }
}

void scenario_detach_idle(const struct scenario *p, void *object,
                          void (*detach)(void *object, void *handle))
{
    for (unsigned i = 0; i < p->idle; i++) {
        detach(object, idle[i]);
        check_deallocate(idle[i]);
    }
}

static bool supports(const struct subject *s, const struct operation *op)
{
    const struct scenario_family *g = of_family[s->family];

    return !g->supports || g->supports(s->ops, op);
}

bool subject_supports(const struct subject *s, const struct scenario *p)
{
    bool all = true;

    for (unsigned i = 0; i < p->before.count; i++)
        all &= supports(s, &p->before.ops[i]);
    for (unsigned t = 0; t < p->thread_count; t++)
        for (unsigned i = 0; i < p->threads[t].count; i++)
            all &= supports(s, &p->threads[t].ops[i]);
    return all;
}

void scenario_ended(int error)
{
    char text[HISTORY_WORDS];

    if (error)
        check_fail("fini returns %s though everybody has detached", history_number(error, text));
}

struct check_test scenario_test(const struct subject *s, const struct scenario *p, bool weak)
{
    return of_family[s->family]->test(s, p, weak);
}

/* scenario.c - the text of scenarios, read and made up. */
#include "bench/check/scenario.h"

#include <stdio.h>
#include <string.h>

#include "bench/base/random.h"
#include "bench/check/history.h"

/* What follows each letter: n a number, u a user, t a time. */
static const struct grammar {
    const char *letters;
    const char *follows[11];
} grammars[] = {
    [SCENARIO_LOCK] = { "lts", { "", "", "" } },
    [SCENARIO_COUNTER] = { "argxq", { "n", "", "n", "", "" } },
    [SCENARIO_MAP] = { "honlsbcwmpx", { "ut", "ut", "u", "ut", "t", "t", "t", "t", "t", "t", "" } },
};

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

static bool parse_operation(struct operation *op, enum scenario_kind kind, const char **text)
{
    const struct grammar *g = &grammars[kind];
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
        case 'u':
            op->user = (unsigned)(*(*text)++ - '0');
            if (op->user >= SCENARIO_USERS)
                return false;
            break;
        default:
            op->time = *(*text)++;
            if (op->time < 'a' || op->time > 'e')
                return false;
        }
    }
    return true;
}

/* One list of operations; stops at '+', '/' or the end. */
static bool parse_part(struct part *p, enum scenario_kind kind, const char **text)
{
    p->count = 0;
    for (;;) {
        if (p->count == SCENARIO_OPS || !parse_operation(&p->ops[p->count], kind, text))
            return false;
        p->count++;
        if (**text != ',')
            return **text == '\0' || **text == '+' || **text == '/';
        ++*text;
    }
}

/* A bit for each user that it is about; a batch is about two. */
static unsigned users_of(const struct operation *op)
{
    return op->kind == 'm' || op->kind == 'p' ? 3 : 1u << op->user;
}

/* How many operations are about several users: each is a step for each of them. */
static unsigned shared_in(const struct part *p)
{
    unsigned count = 0;

    for (unsigned i = 0; i < p->count; i++)
        count += strchr("sbcwmp", p->ops[i].kind) != NULL;
    return count;
}

static bool can_be_judged(const struct scenario *s, enum scenario_kind kind, char *why, size_t size)
{
    unsigned shared = shared_in(&s->before);

    for (unsigned t = 0; t < s->thread_count; t++)
        shared += shared_in(&s->threads[t]);
    if (kind != SCENARIO_MAP || shared <= SCENARIO_SHARED)
        return true;
    snprintf(why, size, "'%s' has %u operations on several users; %d can be judged", s->text,
             shared, SCENARIO_SHARED);
    return false;
}

bool scenario_parse(struct scenario *s, enum scenario_kind kind, const char *text, char *why,
                    size_t size)
{
    const char *at = text;

    memset(s, 0, sizeof *s);
    snprintf(why, size, "'%s' is longer than %d characters", text, SCENARIO_TEXT - 1);
    if (strlen(text) >= sizeof s->text)
        return false;
    snprintf(s->text, sizeof s->text, "%s", text);
    if (kind != SCENARIO_LOCK && *at >= '1' && *at <= '9' && at[1] == ':') {
        *(kind == SCENARIO_MAP ? &s->capacity : &s->idle) = (unsigned)(*at - '0');
        at += 2;
    }
    s->meet = *at == '=';
    at += s->meet;
    for (;;) {
        struct part p;
        bool good = parse_part(&p, kind, &at);
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
            return can_be_judged(s, kind, why, size);
        at++;
    }
}

/* ---- making scenarios ---- */

static const char *const for_locks[] = { "l+l", "l,l+l", "t+l", "l+l+l", "s+s+l", "t,l+l,t",
                                         "s,l+l,s", "l+t+s", NULL };
static const char *const for_counters[] = {
    "a1+a1", "a1+a1+r", "a1,a1+r,r", "a2+a3+r", "a1,r+a1,r", "a1,a-1+r", "a1/a-1+a1+r",
    "a1/a-1+a-1", "a2/a-2+a-1", "=a1+a-1+r", "g1+g2,r", "a3,r+r,a-2", "a1,a1,a1+r,r,r",
    "=a2+a3+r", "a1+a1+a1", "a1,a1+a1,a1", "g1+g1+g1", "=r,r+r,r+a-1+a1",
    "a1,q,r+a1,r", "a2,r+a1,q,r",
    "8:a1+r", "7:r,r+a1", /* with this many attached threads a table of them may grow */
    "a1,x+a1,x", NULL
};
static const char *const for_maps[] = {
    "h0a+h0a",       "h0a/h0c+sd",      "h0a/h0d+sd",     "h0a/sd+sd",       "h0a/h0d+h0d",
    "h0a/l0a+h0c",   "h0a/l0d+sd",      "h0a/h0d,o0d+sd", "h0a/sd+h0d+o0d",  "h0a+h1a+ca",
    "h0a/wd+h1d",    "h0a,h1a/sd+h1d",  "h0a/h0b+o0d",    "h0a,l0a+h0a",     "h0a/bd+h0d",
    "h0a/h0c,n0+l0b", "h0a,h1a/bd,bd+h0d", "h0a/l0a+l0a", "h0d/h0a+o0a",     "h0a/sd,h0d+h0c",
    "h0a/se+h0d+sd", "h0a,h1a,h2a/sd+l1d",
    "h0a,h1a,h2a/l0a+o1a,n2", "h0a+h0c+h0d", "h0a/h0d+sd+sd", "h0a/h0d+l0d+sd",
    "h0a/n0+l0a", "h0a/o0a+l0a", "h0a,h1a/bd+bd", "ca+cd", "wa+wd", "pa+pa", "ma+ma",
    "h0a,x+l0a,x",
    /* Growth; then two threads that want one place, take it twice, or free it. */
    "h0a,h1a,h2a/h3a+o0a", "1:h0a+h0a,h1a", "2:h0a,h2a+h1a", "1:h0a/sd,h1d+h0d",
    "2:h0a,l0a/h0a,h1a+h1a", "ma+pa", "h0a/md+sd,h1d", "h0a,h1a,h2a/wb+l0b", "1:h0a+h0a",
    NULL
};

static const char *const *written(enum scenario_kind kind)
{
    return kind == SCENARIO_LOCK      ? for_locks
           : kind == SCENARIO_COUNTER ? for_counters
                                      : for_maps;
}

unsigned scenario_written(enum scenario_kind kind)
{
    unsigned count = 0;

    while (written(kind)[count])
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

static void make_operation(enum scenario_kind kind, struct random *r, struct writer *w)
{
    const struct grammar *g = &grammars[kind];
    /* Few counters know quiescent(), the last letter: it is for written scenarios. */
    size_t letters = strlen(g->letters) - (kind == SCENARIO_COUNTER);
    size_t which = random_below(r, letters);
    /* Users meet more often than not; most adds are claps of one. */
    static const char users[] = "0000001123";
    static const int adds[] = { 1, 1, 1, 2, 3, -1 };

    put(w, g->letters[which]);
    for (const char *f = g->follows[which]; *f; f++) {
        if (*f == 'n')
            put_number(w, adds[random_below(r, 6)]);
        else if (*f == 'u')
            put(w, users[random_below(r, sizeof users - 1)]);
        else
            put(w, (char)('a' + random_below(r, 5)));
    }
}

static void make_part(enum scenario_kind kind, struct random *r, unsigned count, struct writer *w)
{
    for (unsigned i = 0; i < count; i++) {
        if (i > 0)
            put(w, ',');
        make_operation(kind, r, w);
    }
}

void scenario_generate(enum scenario_kind kind, unsigned index, uint64_t seed,
                       char text[SCENARIO_TEXT])
{
    struct writer w = { .text = text, .size = SCENARIO_TEXT };
    struct random r = random_seeded(seed, index);
    unsigned threads = 2 + (unsigned)random_below(&r, 2), ops = threads == 2 ? 3 : 2;

    if (index < scenario_written(kind)) {
        snprintf(text, SCENARIO_TEXT, "%s", written(kind)[index]);
        return;
    }
    if (kind == SCENARIO_MAP && random_below(&r, 6) == 0)
        put_number(&w, 1 + (int)random_below(&r, 2)), put(&w, ':');
    if (random_below(&r, 4) == 0)
        put(&w, '=');
    if (kind == SCENARIO_MAP && random_below(&r, 4)) {
        make_part(kind, &r, 1 + (unsigned)random_below(&r, 2), &w);
        put(&w, '/');
    }
    for (unsigned t = 0; t < threads; t++) {
        if (t > 0)
            put(&w, '+');
        make_part(kind, &r, 1 + (unsigned)random_below(&r, ops), &w);
    }
}

/* ---- subjects ---- */

const struct contend_identity *subject_identity(const struct subject *s)
{
    return s->kind == SCENARIO_LOCK      ? &s->lock->traits->id
           : s->kind == SCENARIO_COUNTER ? &s->counter->traits->id
                                         : &s->map->traits->id;
}

const char *subject_header(const struct subject *s)
{
    return s->kind == SCENARIO_LOCK      ? s->lock->header
           : s->kind == SCENARIO_COUNTER ? s->counter->header
                                         : s->map->header;
}

void subject_name(const struct subject *s, char *text, size_t size)
{
    static const char *const rooms[] = { "locks", "counters", "presence_map" };

    snprintf(text, size, "%s/%s", rooms[s->kind], subject_identity(s)->name);
}

struct settings scenario_settings(const struct contend_option *options, bool one_part)
{
    const struct contend_setting small[] = {
        { "stripes", one_part ? 1 : 2 }, { "admission", 1 }, { "threshold", 2 }, { "spin", 1 },
    };

    return settings_that_fit(options, small, sizeof small / sizeof *small);
}

void scenario_name(const void *block, const char *part, const struct subject *s, unsigned thread)
{
    static const char *const types[] = { "lock", "counter", "presence" };
    void (*code)(void) = s->kind == SCENARIO_LOCK      ? (void (*)(void))s->lock->init
                         : s->kind == SCENARIO_COUNTER ? (void (*)(void))s->counter->init
                                                       : (void (*)(void))s->map->init;
    const char *stem = strrchr(subject_header(s), '/') + 1;
    bool handle = strcmp(part, "handle") == 0;
    char name[32], type[64];

    if (!check_explaining())
        return;
    snprintf(name, sizeof name, thread ? "%s%u" : "%s", part, thread);
    snprintf(type, sizeof type, "%s_%.*s%s", types[s->kind], (int)strcspn(stem, "."), stem,
             handle ? "_handle" : "");
    check_name(block, name, type, code);
}

static bool supports(const struct subject *s, const struct operation *op)
{
    if (s->kind == SCENARIO_LOCK)
        return op->kind != 't' || s->lock->traits->features & LOCK_TRY;
    if (s->kind == SCENARIO_COUNTER)
        return (op->kind != 'g' || s->counter->traits->features & COUNTER_ADD_GET) &&
               (op->kind != 'q' || s->counter->traits->features & COUNTER_NEEDS_QUIESCENT);
    return true;
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
    switch (s->kind) {
    case SCENARIO_LOCK: return lock_scenario_test(s, p, weak);
    case SCENARIO_COUNTER: return counter_scenario_test(s, p, weak);
    default: return map_scenario_test(s, p, weak);
    }
}

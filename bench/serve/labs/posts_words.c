/* posts_words.c - what is read together: a text of some size, and a date in a few words. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "bench/engine/crew.h"
#include "bench/serve/labs/posts.h"
#include "bench/serve/posts/parts/words.h"

enum { WORKERS = 2, DATE_BATCH = 64 };

const size_t posts_text_sizes[TEXT_SIZES] = { 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096 };
const unsigned posts_text_reads[TEXT_MIXES] = { 32, 1 };
const char *const date_guard_names[DATE_GUARDS] = { "mutex", "rwlock", "seqlock", "atomic" };

/* ---- a text ---- */

struct shelf {
    const struct text_ops *ops;
    void *text, *handles[WORKERS];
    size_t words;
    unsigned reads; /* to a write */
    _Atomic uint64_t torn;
};

static int take_text(struct crew_worker *me)
{
    struct shelf *s = me->shared;

    return s->ops->attach(s->text, s->handles[me->rank]);
}

static int leave_text(struct crew_worker *me)
{
    struct shelf *s = me->shared;

    s->ops->detach(s->text, s->handles[me->rank]);
    return 0;
}

/* Every word of a text is the same. */
static void check_text(void *ctx, const uint64_t *words, size_t count)
{
    struct shelf *s = ctx;

    for (size_t i = 1; i < count; i++)
        if (words[i] != words[0]) {
            /* relaxed: a count. */
            atomic_fetch_add_explicit(&s->torn, 1, memory_order_relaxed);
            return;
        }
}

/* So many reads, one of which is looked at, to a write. */
static int share_text(struct crew_worker *me)
{
    struct shelf *s = me->shared;
    uint64_t words[TEXT_LARGEST / 8], sum = 0, turn = 0, now = crew_await_start(me);

    do { /* at least once, however late it comes to its processor */
        turn++;
        for (size_t i = 0; i < s->words; i++)
            words[i] = turn * WORKERS + me->rank;
        int error = s->ops->write(s->text, s->handles[me->rank], words);
        if (error)
            return error;
        s->ops->read(s->text, s->handles[me->rank], check_text, s);
        sum += s->ops->loops.sum(s->text, s->handles[me->rank], s->reads - 1);
        me->stint.ops += s->reads;
        now = contend_clock_ns();
    } while (crew_goes_on(me, now));
    me->stint.last_ns = now;
    return sum == 1 ? -EILSEQ : 0; /* so that reads cannot be left out */
}

static int run_text(struct posts_lab *l, struct shelf *s, struct posts_text_run *out)
{
    const struct crew_plan plan = { .roles = { { .count = WORKERS } }, .allowed = l->e.allowed,
                                    .shared = s };
    struct crew_phase in = { .work = { take_text } }, leave = { .work = { leave_text } };
    struct crew_phase phase = { .work = { share_text },
                                .length_ns = l->options->window_ms * 1000000 / 4 };
    struct crew *crew;
    int error = crew_make(&crew, &plan);

    if (error)
        return error;
    error = crew_perform(crew, &in, NULL);
    error = error ? error : crew_perform(crew, &phase, NULL);
    for (unsigned i = 0; i < WORKERS; i++) {
        const struct stint *t = &crew_worker_at(crew, i)->stint;
        if (t->last_ns > t->first_ns)
            out->reads_per_s += (double)t->ops / (double)(t->last_ns - t->first_ns) * 1e9;
    }
    crew_perform(crew, &leave, NULL);
    crew_end(crew);
    return error;
}

int posts_lab_text(struct posts_lab *l, unsigned mix, unsigned entry, unsigned size)
{
    struct posts_text_run *out = &l->text_runs[mix][entry][size];
    const struct text_ops *ops = l->texts[entry];
    struct shelf s = { .ops = ops, .text = contend_alloc(CONTEND_CACHE_LINE, ops->size),
                       .words = posts_text_sizes[size] / 8, .reads = posts_text_reads[mix] };
    int error = s.text ? 0 : -ENOMEM;

    for (unsigned i = 0; i < WORKERS && !error; i++) {
        s.handles[i] = contend_alloc(CONTEND_CACHE_LINE, ops->handle_size);
        error = s.handles[i] ? 0 : -ENOMEM;
    }
    error = error ? error : ops->init(s.text, posts_text_sizes[size]);
    if (error == -ERANGE) {
        out->absent = out->done = true;
        error = 0;
    } else if (!error) {
        error = run_text(l, &s, out);
        /* relaxed: the crew has ended. */
        out->torn = atomic_load_explicit(&s.torn, memory_order_relaxed);
        out->done = !error && !experiment_is_over(&l->e);
        ops->fini(s.text);
    }
    for (unsigned i = 0; i < WORKERS; i++)
        free(s.handles[i]);
    free(s.text);
    return error;
}

/* ---- a date ---- */

/* The words of a date, and everything that may guard them. */
struct date_box {
    enum date_form form;
    enum date_guard guard;
    unsigned words;
    uint64_t versions[2][DATE_WORDS]; /* the two dates that are written in turn */
    CONTEND_ALIGNED pthread_mutex_t mutex;
    pthread_rwlock_t rwlock;
    struct posts_words sequence;
    _Atomic uint64_t seen[DATE_WORDS];
    uint64_t torn; /* the reader's */
};

static void copy_out(struct date_box *d, uint64_t *out)
{
    for (unsigned i = 0; i < d->words; i++)
        /* relaxed: the guard orders them; without one that is the exhibit. */
        out[i] = atomic_load_explicit(&d->seen[i], memory_order_relaxed);
}

static void copy_in(struct date_box *d, const uint64_t *words)
{
    for (unsigned i = 0; i < d->words; i++)
        /* relaxed: as above. */
        atomic_store_explicit(&d->seen[i], words[i], memory_order_relaxed);
}

static void read_date(struct date_box *d, uint64_t *out)
{
    switch (d->guard) {
    case GUARD_MUTEX:
        pthread_mutex_lock(&d->mutex);
        copy_out(d, out);
        pthread_mutex_unlock(&d->mutex);
        break;
    case GUARD_RWLOCK:
        pthread_rwlock_rdlock(&d->rwlock);
        copy_out(d, out);
        pthread_rwlock_unlock(&d->rwlock);
        break;
    case GUARD_SEQLOCK: posts_words_read(&d->sequence, (char *)out); break;
    default: copy_out(d, out);
    }
}

static void write_date(struct date_box *d, const uint64_t *words)
{
    switch (d->guard) {
    case GUARD_MUTEX:
        pthread_mutex_lock(&d->mutex);
        copy_in(d, words);
        pthread_mutex_unlock(&d->mutex);
        break;
    case GUARD_RWLOCK:
        pthread_rwlock_wrlock(&d->rwlock);
        copy_in(d, words);
        pthread_rwlock_unlock(&d->rwlock);
        break;
    case GUARD_SEQLOCK: posts_words_write(&d->sequence, (const char *)words, d->words * 8); break;
    default: copy_in(d, words);
    }
}

static int read_dates(struct crew_worker *me)
{
    struct date_box *d = me->shared;
    uint64_t words[DATE_WORDS], now = crew_await_start(me);
    size_t size = d->words * sizeof *words;

    do { /* as above */
        for (unsigned i = 0; i < DATE_BATCH; i++, me->stint.ops++) {
            read_date(d, words);
            d->torn += memcmp(words, d->versions[0], size) != 0 &&
                       memcmp(words, d->versions[1], size) != 0;
        }
        now = contend_clock_ns();
    } while (crew_goes_on(me, now));
    me->stint.last_ns = now;
    return 0;
}

static int write_dates(struct crew_worker *me)
{
    struct date_box *d = me->shared;
    uint64_t now = crew_await_start(me);

    for (; crew_goes_on(me, now); now = contend_clock_ns())
        for (unsigned i = 0; i < DATE_BATCH; i++)
            write_date(d, d->versions[i % 2]);
    return 0;
}

int posts_lab_date(struct posts_lab *l, enum date_form form, enum date_guard guard)
{
    /* The last millisecond of a century and the first of the next: nothing in them is alike. */
    static const uint64_t before = UINT64_C(946684799999), after = UINT64_C(946684800000);
    struct posts_date_run *out = &l->dates[form][guard];
    struct date_box d = { .form = form, .guard = guard, .words = date_words(form),
                          .mutex = PTHREAD_MUTEX_INITIALIZER, .rwlock = PTHREAD_RWLOCK_INITIALIZER };
    const struct crew_plan plan = { .roles = { { .count = 1 }, { .count = 1, .cpu = 1 } },
                                    .allowed = l->e.allowed, .shared = &d };
    struct crew_phase phase = { .work = { read_dates, write_dates },
                                .length_ns = l->options->window_ms * 1000000 / 4 };
    struct crew *crew;

    date_encode(form, before, d.versions[0]);
    date_encode(form, after, d.versions[1]);
    posts_words_init(&d.sequence, d.seen, sizeof d.seen);
    write_date(&d, d.versions[0]);
    int error = crew_make(&crew, &plan);
    if (error)
        return error;
    error = crew_perform(crew, &phase, NULL);
    const struct stint *s = &crew_worker_at(crew, 0)->stint;
    out->reads = s->ops;
    out->torn = d.torn;
    out->read_ns = s->ops ? (double)(s->last_ns - s->first_ns) / (double)s->ops : 0;
    out->done = !error && !experiment_is_over(&l->e);
    crew_end(crew);
    return error;
}

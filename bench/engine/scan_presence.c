/* scan_presence.c - counts and walks of a map, each beside a read of an array. */
#include "bench/engine/scan.h"

#include <stdio.h>
#include <string.h>

#include "bench/base/stats.h"
#include "bench/engine/scene_presence.h"

enum {
    LEAST_TURNS = 3,
    MOST_TURNS = 50,
    MOST_READ = 64 << 20, /* bytes of a plain read: far more than caches hold, so its speed is the same */
    LANES = 8             /* sums that do not wait for each other */
};

struct task {
    struct scan_result *out;
    uint64_t users, ends_ns;
    uint64_t *array; /* of out->read_bytes */
    uint64_t sum;    /* of all that was read and shown, which so has to be found */
    double read[MOST_TURNS], count[MOST_TURNS], walk[MOST_TURNS]; /* ns */
};

static int fill(struct crew_worker *me)
{
    struct scene *s = scene_of(me);
    const struct task *t = s->actor;
    int error = 0;

    for (uint64_t user = SCENE_OTHERS; user < t->users && error >= 0; user++)
        error = s->ops->heartbeat(s->map, s->handles[me->number], user, s->now_ms);
    return error < 0 ? error : 0;
}

static uint64_t read_all(const uint64_t *array, size_t words)
{
    uint64_t sums[LANES] = { 0 }, sum = 0;

    for (size_t i = 0; i + LANES <= words; i += LANES)
        for (unsigned lane = 0; lane < LANES; lane++)
            sums[lane] += array[i + lane];
    for (unsigned lane = 0; lane < LANES; lane++)
        sum += sums[lane];
    return sum;
}

struct shown {
    uint64_t count, users, times;
};

static int show(void *ctx, uint64_t user, uint64_t last_seen)
{
    struct shown *shown = ctx;

    shown->count++;
    shown->users ^= user;
    shown->times |= last_seen;
    return 0;
}

/* The processor time since *mark, which moves on to now. */
static double lap(uint64_t *mark)
{
    uint64_t now = stint_cpu_ns(), since = now - *mark;

    *mark = now;
    return (double)since;
}

static int turn(struct scene *s, struct task *t, void *handle)
{
    struct shown shown = { 0 };
    unsigned n = t->out->turns;
    uint64_t mark = stint_cpu_ns();

    t->sum += read_all(t->array, t->out->read_bytes / sizeof *t->array);
    t->read[n] = lap(&mark);
    int64_t counted = s->ops->count_online(s->map, handle, s->now_ms);
    t->count[n] = lap(&mark);
    int error = s->ops->for_each_online(s->map, handle, s->now_ms, show, &shown);
    t->walk[n] = lap(&mark);
    t->sum += shown.users ^ shown.times;
    if (counted < 0 || error)
        return counted < 0 ? (int)counted : error;
    t->out->counted = (uint64_t)counted;
    t->out->met = shown.count;
    t->out->turns++;
    return 0;
}

static int scan(struct crew_worker *me)
{
    struct scene *s = scene_of(me);
    struct task *t = s->actor;
    int error = 0;

    while (!error && t->out->turns < MOST_TURNS && !interrupt_came() &&
           (t->out->turns < LEAST_TURNS || contend_clock_ns() < t->ends_ns))
        error = turn(s, t, s->handles[me->number]);
    return error;
}

static struct scan_time time_of(const double *turns, unsigned count)
{
    return (struct scan_time){ stats_quantile(turns, count, 0), stats_median(turns, count) };
}

/* An array as large as the map, with something in each of its pages. */
static int make_array(struct scene *s, struct task *t)
{
    struct presence_stats stats;

    s->ops->stats(s->map, &stats);
    t->out->bytes = stats.bytes;
    t->out->read_bytes = stats.bytes < MOST_READ ? stats.bytes : MOST_READ;
    t->array = contend_alloc(CONTEND_CACHE_LINE, t->out->read_bytes);
    if (!t->array)
        return -ENOMEM;
    memset(t->array, 1, t->out->read_bytes);
    return 0;
}

int scan_run(const struct contestant *who, const cpu_set_t *allowed, uint64_t users,
             uint64_t ends_ns, struct scan_result *out, char why[DISTURB_WHY])
{
    struct crew_phase filling = { .work = { [SCENE_ACTS] = fill } };
    struct crew_phase scanning = { .work = { [SCENE_ACTS] = scan } };
    struct task task = { .out = out, .ends_ns = ends_ns,
                         .users = users > SCENE_OTHERS ? users : SCENE_OTHERS };
    struct scene *s;
    int error;

    memset(out, 0, sizeof *out);
    if (who->family != &family_presence) {
        snprintf(why, DISTURB_WHY, "%s has no users that come and go", who->family->article);
        return -ENOTSUP;
    }
    out->users = task.users;
    error = scene_make(&s, who, allowed, task.users, why);
    if (error)
        return error;
    s->actor = &task;
    error = crew_perform(s->crew, &filling, NULL);
    if (!error)
        error = make_array(s, &task);
    if (!error)
        error = crew_perform(s->crew, &scanning, NULL);
    scene_end(s);
    free(task.array);
    if (!error && out->turns == 0)
        error = -EINTR;
    out->read = time_of(task.read, out->turns);
    out->count = time_of(task.count, out->turns);
    out->walk = time_of(task.walk, out->turns);
    return error;
}

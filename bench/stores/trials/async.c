/*
 * async.c - write-behind: heartbeats that are acknowledged before they are written, and a kill.
 *
 * The process that acknowledges is a child, so that it can be killed as a crash would; what it has
 * acknowledged it notes in memory that the parent shares, as a client that got the answer would know.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/stores/parts/trouble.h"
#include "bench/stores/redis/place.h"
#include "bench/stores/redis/zset.h"
#include "bench/stores/trials/trials.h"

enum { INTERVAL_MS = 10000, DEPTH = 500, WINDOWS = 3 };

/* What survives the child. */
struct shared {
    int error;
    uint64_t acknowledged, commands, written;
    uint64_t latest[]; /* of each user: the time of the latest heartbeat that was acknowledged */
};

/* The queue: heartbeats in the order in which they came; with coalescing, one place for each user. */
struct queue {
    struct heartbeat {
        uint64_t user, now;
    } *list;
    size_t count, room;
    size_t *place; /* of each user's heartbeat in the list, and 1; 0: none.  NULL: all are kept */
};

static int put(struct queue *q, uint64_t user, uint64_t now)
{
    if (q->place && q->place[user]) {
        q->list[q->place[user] - 1].now = now;
        return 0;
    }
    if (q->count == q->room) {
        size_t room = 2 * q->room + 1024;
        struct heartbeat *more = realloc(q->list, room * sizeof *more);
        if (!more)
            return -ENOMEM;
        q->list = more;
        q->room = room;
    }
    q->list[q->count++] = (struct heartbeat){ user, now };
    if (q->place)
        q->place[user] = q->count;
    return 0;
}

/* Sends one heartbeat of the queue behind those that wait. */
static int send_one(struct redis_link *l, const char *key, const struct heartbeat *h)
{
    char who[REDIS_WORD], when[REDIS_WORD];
    const char *const arguments[] = { redis_word_of(h->user, who), redis_word_of(h->now, when) };

    return redis_ask_script(l, REDIS_ZSET_BEAT, key, arguments, 2);
}

/* Writes all that waits, in pipelines.  `acknowledged` heartbeats are written or replaced by then. */
static int write_out(struct queue *q, struct redis_link *l, const char *key, struct shared *shared)
{
    int error = 0;

    for (size_t i = 0, n; i < q->count && !error; i += n) {
        n = q->count - i < DEPTH ? q->count - i : DEPTH;
        for (size_t k = 0; k < n && !error; k++)
            error = send_one(l, key, &q->list[i + k]);
        if (!error)
            error = redis_flush(l);
        for (size_t k = 0; k < n && !error; k++) {
            redisReply *reply;
            error = redis_reply(l, &reply);
            freeReplyObject(reply);
        }
        shared->commands += n;
    }
    for (size_t i = 0; q->place && i < q->count; i++)
        q->place[q->list[i].user] = 0;
    q->count = 0;
    shared->written = shared->acknowledged;
    return error;
}

/*
 * Plays the users' time: each beats every INTERVAL_MS, evenly spread.  The queue is written at the end
 * of each window, and the last window does not end: the process stands where it is to be killed.
 */
static int play(const struct async_trial *t, struct redis_place *place, struct shared *shared)
{
    struct queue q = { .place = t->coalesces ? calloc(t->users, sizeof(size_t)) : NULL };
    struct redis_link link = { .place = place };
    char key[REDIS_KEY];
    int error = t->coalesces && !q.place ? -ENOMEM : 0;
    uint64_t until = WINDOWS * t->window_ms + t->window_ms / 2, due = t->window_ms;

    redis_key(place, "online", key);
    for (uint64_t round = 0; round * INTERVAL_MS < until && !error; round++)
        for (uint64_t user = 0; user < t->users && !error; user++) {
            uint64_t now = round * INTERVAL_MS + user * INTERVAL_MS / t->users;
            if (now >= until)
                break;
            while (now >= due && !error) {
                error = write_out(&q, &link, key, shared);
                due += t->window_ms;
            }
            if (!error)
                error = put(&q, user, now + 1);
            shared->latest[user] = now + 1; /* and here the client has its answer */
            shared->acknowledged++;
        }
    redis_link_close(&link);
    free(q.place);
    free(q.list);
    return error;
}

/* The child: plays, tells that it is where it is to be killed, and waits for that. */
static _Noreturn void be_the_service(const struct async_trial *t, struct redis_place *place,
                                     struct shared *shared, int tell)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    shared->error = play(t, place, shared);
    if (write(tell, "k", 1) != 1)
        _exit(1);
    for (;;)
        pause();
}

static int kill_the_service(const struct async_trial *t, struct redis_place *place,
                            struct shared *shared)
{
    int tell[2];
    char ignored;

    if (pipe(tell) != 0)
        return -errno;
    pid_t pid = fork();
    if (pid == 0)
        be_the_service(t, place, shared, tell[1]);
    close(tell[1]);
    int error = pid < 0 || read(tell[0], &ignored, 1) != 1 ? -EIO : shared->error;
    close(tell[0]);
    if (pid > 0) {
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
    }
    return error;
}

/* Whose latest acknowledged heartbeat the server does not have. */
static int count_lost(struct async_trial *t, struct redis_place *place, const struct shared *shared)
{
    struct redis_link link = { .place = place };
    char key[REDIS_KEY], who[REDIS_WORD];
    int error = 0;

    for (uint64_t user = 0; user < t->users && !error; user++) {
        const char *const words[] = { "ZSCORE", redis_key(place, "online", key),
                                      redis_word_of(user, who) };
        int64_t seen = 0;
        error = redis_number(&link, words, 3, &seen);
        error = error == -ENOENT ? 0 : error;
        t->lost_users += (uint64_t)seen < shared->latest[user];
    }
    redis_link_close(&link);
    return error;
}

int async_trial(struct async_trial *out, uint64_t window_ms, bool coalesces, uint64_t users)
{
    size_t size = sizeof(struct shared) + users * sizeof(uint64_t);
    struct shared *shared = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    struct redis_place place;

    *out = (struct async_trial){ .window_ms = window_ms, .coalesces = coalesces, .users = users };
    if (shared == MAP_FAILED)
        return -ENOMEM;
    int error = redis_place_make(&place, "redis_async", &redis_zset_plan, NULL);
    if (!error) {
        error = kill_the_service(out, &place, shared);
        if (!error)
            error = count_lost(out, &place, shared);
        redis_place_end(&place);
    }
    out->acknowledged = shared->acknowledged;
    out->commands = shared->commands;
    out->written = shared->written;
    out->lost = shared->acknowledged - shared->written;
    munmap(shared, size);
    return error;
}

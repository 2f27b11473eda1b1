/*
 * place.h - a part of a Redis server's keys, and one thread's connection to it.
 *
 * All objects of a process share one server, which is started when the first of them is made, or
 * is the one at the address that redis_use() was given.  Each object has a prefix of its own for
 * its keys, and removes them at its end.
 *
 * A call that gets no answer within `timeout_ms` returns -ETIMEDOUT, one whose connection breaks
 * -EIO: whether the server has executed it is then unknown.  The next call connects anew; where
 * nobody takes the connection it returns -EAGAIN, and has changed nothing.
 */
#ifndef CONTEND_BENCH_STORES_REDIS_PLACE_H
#define CONTEND_BENCH_STORES_REDIS_PLACE_H

#include <hiredis/hiredis.h>
#include <stdbool.h>

#include "bench/stores/parts/meter.h"

enum { REDIS_SCRIPTS = 6, REDIS_PREFIX = 48, REDIS_SHA = 40, REDIS_KEY = 96,
       REDIS_MOVED = 96 };

/* The scripts that an object's connections call, in Lua; known by their index. */
struct redis_plan {
    const char *scripts[REDIS_SCRIPTS];
    bool few; /* keys, none of them of many elements: the server tells exactly what each takes */
};

struct redis_place {
    const char *name; /* of the entry, for complaints */
    const struct redis_plan *plan;
    int64_t timeout_ms;
    struct store_meter meter;
    uint64_t bytes_before;     /* that the server held when the object was made */
    char prefix[REDIS_PREFIX]; /* of all its keys, "contend:17:" */
    char sha[REDIS_SCRIPTS][REDIS_SHA + 1];
};

struct redis_link {
    struct redis_place *place;
    redisContext *context; /* NULL: the connection is broken, and the next call makes another */
    unsigned pending;      /* requests whose replies are still to come */
    const char *address;   /* of one server among several; NULL: the one of this process */
    char moved[REDIS_MOVED]; /* what a cluster's member said with the last -EREMCHG */
};

#define REDIS_OPTIONS                                                                         \
    { "timeout_ms", 10000, 100, 600000, "how long a call waits for its answer" },

extern const struct store_system redis_system;

/*
 * Takes the server at "redis://[:PASSWORD@]HOST[:PORT]" or "unix:PATH" instead of starting one.  For
 * the main thread, before any object is made.  0, or -EINVAL for an address that is none of these.
 */
int redis_use(const char *address);

/*
 * The parts of redis_place_make() for a place on several servers: fills it, without a prefix; and
 * for a link to one of them, refuses foreign keys and makes the server know the scripts.
 */
void redis_place_fill(struct redis_place *p, const char *name, const struct redis_plan *plan,
                      const struct contend_settings *settings);
int redis_place_prepare(struct redis_link *l);
/* The same place, for questions about an object that shall not count among its own requests. */
void redis_place_apart(struct redis_place *out, const struct redis_place *p);
/* Removes the object's keys from the link's server. */
int redis_place_clear(struct redis_link *l);

int redis_place_make(struct redis_place *p, const char *name, const struct redis_plan *plan,
                     const struct contend_settings *settings);
void redis_place_end(struct redis_place *p);
void redis_place_traffic(struct redis_place *p, struct store_traffic *out);

int redis_link_open(struct redis_place *p, struct redis_link *l);
void redis_link_close(struct redis_link *l);

/* A key of the object: its prefix, and `stem`. */
const char *redis_key(const struct redis_place *p, const char *stem, char key[REDIS_KEY]);

/*
 * A request as its words, and a reply.  redis_ask() puts it behind those that wait; redis_flush()
 * sends all that wait, and counts one round trip; redis_reply() takes the next reply.  Each returns 0
 * or a negative errno value, after a complaint; after an error all that waited is lost.  A reply
 * is freed by freeReplyObject().  One that is an error of Redis' is -EIO; of a cluster's member that
 * does not serve the key -EREMCHG, with its words in `moved`, and -EAGAIN if nobody does for now.
 */
int redis_ask(struct redis_link *l, const char *const *words, unsigned count);
int redis_flush(struct redis_link *l);
int redis_reply(struct redis_link *l, redisReply **reply);

/* The number that a request has for its answer, 0 without one; any thread may ask. */
uint64_t redis_place_ask(struct redis_place *p, const char *const *words, unsigned count);

/*
 * Calls each(ctx, l, keys) with every batch of the object's keys, as SCAN finds them: one that is
 * there all the time is among them, and may be so twice.  What `each` returns, or an error of Redis',
 * ends it if it is not 0, and is returned.
 */
int redis_scan(struct redis_link *l, int (*each)(void *ctx, struct redis_link *l, const redisReply *keys),
               void *ctx);

/* The three for one request. */
int redis_call(struct redis_link *l, const char *const *words, unsigned count, redisReply **reply);
/* A request whose reply is a number, or the text of one; nil is -ENOENT. */
int redis_number(struct redis_link *l, const char *const *words, unsigned count, int64_t *number);
/* The same for a reply that is there. */
int redis_number_of(struct redis_link *l, const redisReply *reply, int64_t *number);

/*
 * Calls a script of the plan with one key and these arguments, for its reply.  A server that was
 * restarted does not know the script: then it is sent again.
 */
int redis_script(struct redis_link *l, unsigned script, const char *key, const char *const *arguments,
                 unsigned count, redisReply **reply);
int redis_script_number(struct redis_link *l, unsigned script, const char *key,
                        const char *const *arguments, unsigned count, int64_t *number);
/* Puts such a call behind those that wait; for pipelines, whose caller looks for -ENOEXEC. */
int redis_ask_script(struct redis_link *l, unsigned script, const char *key,
                     const char *const *arguments, unsigned count);

/* A number as a word; the buffer must outlive the request's redis_ask(). */
enum { REDIS_WORD = 24 };
const char *redis_word(int64_t number, char word[REDIS_WORD]);
const char *redis_word_of(uint64_t number, char word[REDIS_WORD]);

#endif

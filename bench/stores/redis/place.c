/* place.c - see place.h. */
#include "bench/stores/redis/place.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/stores/parts/trouble.h"
#include "bench/stores/redis/host.h"
#include "locks/parts/options.h"

enum { MOST_WORDS = 16, SCAN_AT_ONCE = 1000 };

static const struct contend_option options[] = { REDIS_OPTIONS CONTEND_OPTIONS_END };

const char *redis_word(int64_t number, char word[REDIS_WORD])
{
    snprintf(word, REDIS_WORD, "%" PRId64, number);
    return word;
}

const char *redis_word_of(uint64_t number, char word[REDIS_WORD])
{
    snprintf(word, REDIS_WORD, "%" PRIu64, number);
    return word;
}

const char *redis_key(const struct redis_place *p, const char *stem, char key[REDIS_KEY])
{
    snprintf(key, REDIS_KEY, "%s%s", p->prefix, stem);
    return key;
}

/* ---- a connection ---- */

/* Gives up a connection after an error, with a complaint; what the caller is told. */
static int give_up(struct redis_link *l)
{
    int late = l->context->err == REDIS_ERR_IO && (errno == EAGAIN || errno == EWOULDBLOCK);

    if (late)
        trouble_note(l->place->name, "Redis: no answer within %" PRId64 " ms", l->place->timeout_ms);
    else
        trouble_note(l->place->name, "Redis: %s", l->context->errstr);
    redisFree(l->context);
    l->context = NULL;
    l->pending = 0;
    return late ? -ETIMEDOUT : -EIO;
}

/* Makes a connection unless there is one.  0, or a negative errno value: nothing has been sent. */
static int connect_link(struct redis_link *l)
{
    if (l->context)
        return 0;
    int error = redis_host_connect(l->place->name, l->address, l->place->timeout_ms, &l->context);
    l->pending = 0;
    return error;
}

/* How many bytes the reply had as it came, in version 2 of Redis' protocol. */
static uint64_t bytes_of(const redisReply *r)
{
    char digits[REDIS_WORD];
    uint64_t sum;

    switch (r->type) {
    case REDIS_REPLY_INTEGER: return strlen(redis_word(r->integer, digits)) + 3;
    case REDIS_REPLY_NIL: return 5;
    case REDIS_REPLY_STRING: return strlen(redis_word((int64_t)r->len, digits)) + r->len + 5;
    case REDIS_REPLY_ARRAY:
        sum = strlen(redis_word((int64_t)r->elements, digits)) + 3;
        for (size_t i = 0; i < r->elements; i++)
            sum += bytes_of(r->element[i]);
        return sum;
    default: return r->len + 3; /* a status or an error */
    }
}

int redis_ask(struct redis_link *l, const char *const *words, unsigned count)
{
    size_t lengths[MOST_WORDS];
    sds command = NULL;
    int error = connect_link(l);

    if (error)
        return error;
    for (unsigned i = 0; i < count; i++)
        lengths[i] = strlen(words[i]);
    /* hiredis does not write to the words, but its parameter has a const too few. */
    int length = redisFormatSdsCommandArgv(&command, (int)count, (const char **)words, lengths);
    if (length < 0)
        return -ENOMEM;
    int status = redisAppendFormattedCommand(l->context, command, (size_t)length);
    redisFreeSdsCommand(command);
    if (status != REDIS_OK)
        return give_up(l);
    store_meter_bytes(&l->place->meter, (uint64_t)length, 0);
    l->pending++;
    return 0;
}

int redis_flush(struct redis_link *l)
{
    int done = 0;

    if (!l->context)
        return -EIO;
    while (!done)
        if (redisBufferWrite(l->context, &done) != REDIS_OK)
            return give_up(l);
    store_meter_trip(&l->place->meter);
    return 0;
}

/* What the caller is told of an error of Redis'. */
static int error_of(const char *said)
{
    static const struct {
        const char *word;
        int error;
    } known[] = {
        { "NOSCRIPT", -ENOEXEC }, /* a server that was restarted has forgotten the script */
        { "MOVED ", -EREMCHG },
        { "ASK ", -EREMCHG },
        { "CLUSTERDOWN", -EAGAIN }, /* it has refused, and done nothing */
        { "TRYAGAIN", -EAGAIN },
        { "LOADING", -EAGAIN },
        { "NOAUTH", -EACCES },
        { "OOM ", -ENOSPC },
    };

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strncmp(said, known[i].word, strlen(known[i].word)) == 0)
            return known[i].error;
    return -EIO;
}

int redis_reply(struct redis_link *l, redisReply **reply)
{
    void *got = NULL;

    *reply = NULL;
    if (!l->context)
        return -EIO;
    if (redisGetReply(l->context, &got) != REDIS_OK)
        return give_up(l);
    *reply = got;
    l->pending--;
    store_meter_bytes(&l->place->meter, 0, bytes_of(*reply));
    if ((*reply)->type != REDIS_REPLY_ERROR)
        return 0;
    int error = error_of((*reply)->str);
    if (error == -EREMCHG)
        snprintf(l->moved, sizeof l->moved, "%s", (*reply)->str);
    if (error != -EREMCHG && error != -ENOEXEC)
        trouble_note(l->place->name, "Redis: %s", (*reply)->str);
    freeReplyObject(*reply);
    *reply = NULL;
    return error;
}

int redis_call(struct redis_link *l, const char *const *words, unsigned count, redisReply **reply)
{
    int error = redis_ask(l, words, count);

    *reply = NULL;
    if (!error)
        error = redis_flush(l);
    return error ? error : redis_reply(l, reply);
}

int redis_number_of(struct redis_link *l, const redisReply *reply, int64_t *number)
{
    char *end;

    if (reply->type == REDIS_REPLY_INTEGER) {
        *number = reply->integer;
        return 0;
    }
    if (reply->type == REDIS_REPLY_NIL)
        return -ENOENT;
    if (reply->type == REDIS_REPLY_STRING) {
        errno = 0;
        *number = strtoll(reply->str, &end, 10);
        if (reply->len > 0 && *end == '\0' && errno == 0)
            return 0;
    }
    trouble_note(l->place->name, "Redis: an answer that is no number: %.60s",
                 reply->str ? reply->str : "an array");
    return -EIO;
}

/* Takes over the reply. */
static int number_in(struct redis_link *l, redisReply *reply, int error, int64_t *number)
{
    if (!error)
        error = redis_number_of(l, reply, number);
    freeReplyObject(reply);
    return error;
}

int redis_number(struct redis_link *l, const char *const *words, unsigned count, int64_t *number)
{
    redisReply *reply;
    int error = redis_call(l, words, count, &reply);

    return number_in(l, reply, error, number);
}

/* ---- scripts ---- */

int redis_ask_script(struct redis_link *l, unsigned script, const char *key,
                     const char *const *arguments, unsigned count)
{
    const char *words[MOST_WORDS] = { "EVALSHA", l->place->sha[script], "1", key };

    for (unsigned i = 0; i < count; i++)
        words[4 + i] = arguments[i];
    return redis_ask(l, words, 4 + count);
}

static int load_script(struct redis_link *l, unsigned script)
{
    const char *const words[] = { "SCRIPT", "LOAD", l->place->plan->scripts[script] };
    redisReply *reply;
    int error = redis_call(l, words, 3, &reply);

    if (!error && (reply->type != REDIS_REPLY_STRING || reply->len != REDIS_SHA)) {
        trouble_note(l->place->name, "Redis: SCRIPT LOAD has no answer of use");
        error = -EIO;
    }
    if (!error)
        memcpy(l->place->sha[script], reply->str, REDIS_SHA + 1);
    freeReplyObject(reply);
    return error;
}

int redis_script(struct redis_link *l, unsigned script, const char *key, const char *const *arguments,
                 unsigned count, redisReply **reply)
{
    const char *words[MOST_WORDS] = { "EVAL", l->place->plan->scripts[script], "1", key };
    int error = redis_ask_script(l, script, key, arguments, count);

    *reply = NULL;
    if (!error)
        error = redis_flush(l);
    if (!error)
        error = redis_reply(l, reply);
    if (error != -ENOEXEC)
        return error;
    for (unsigned i = 0; i < count; i++)
        words[4 + i] = arguments[i];
    return redis_call(l, words, 4 + count, reply); /* which makes the server remember it, too */
}

int redis_script_number(struct redis_link *l, unsigned script, const char *key,
                        const char *const *arguments, unsigned count, int64_t *number)
{
    redisReply *reply;
    int error = redis_script(l, script, key, arguments, count, &reply);

    return number_in(l, reply, error, number);
}

/* ---- an object's keys ---- */

/* Removes what SCAN has found; the caller has the reply. */
static int unlink_all(void *unused, struct redis_link *l, const redisReply *keys)
{
    int error = 0;

    (void)unused;
    for (size_t i = 0; i < keys->elements && !error; i++) {
        /*
         * At once in our own server, where the next object asks what is held before it begins; in
         * somebody else's nobody shall wait for it.
         */
        const char *const words[] = { redis_host_server() ? "DEL" : "UNLINK", keys->element[i]->str };
        error = redis_ask(l, words, 2);
    }
    if (!error && keys->elements)
        error = redis_flush(l);
    for (size_t i = 0; i < keys->elements && !error; i++) {
        redisReply *reply;
        error = redis_reply(l, &reply);
        freeReplyObject(reply);
    }
    return error;
}

int redis_scan(struct redis_link *l, int (*each)(void *ctx, struct redis_link *l, const redisReply *keys),
               void *ctx)
{
    char pattern[REDIS_KEY], cursor[REDIS_WORD] = "0", at_once[REDIS_WORD];
    const char *const words[] = { "SCAN",  cursor, "MATCH", redis_key(l->place, "*", pattern),
                                  "COUNT", redis_word(SCAN_AT_ONCE, at_once) };
    int error = 0;

    do {
        redisReply *reply;
        error = redis_call(l, words, 6, &reply);
        if (!error && (reply->type != REDIS_REPLY_ARRAY || reply->elements != 2))
            error = -EIO;
        if (!error) {
            snprintf(cursor, sizeof cursor, "%s", reply->element[0]->str);
            error = each(ctx, l, reply->element[1]);
        }
        freeReplyObject(reply);
    } while (!error && strcmp(cursor, "0") != 0);
    return error;
}

void redis_place_apart(struct redis_place *out, const struct redis_place *p)
{
    *out = (struct redis_place){ .name = p->name, .plan = p->plan, .timeout_ms = p->timeout_ms };
    store_meter_init(&out->meter);
    memcpy(out->prefix, p->prefix, sizeof out->prefix);
}

/* Of another process, or left behind: what begins as ours does, and is none of this process' objects. */
static bool is_foreign(const char *key, const char *prefix)
{
    const char *dot = strchr(prefix, '.'); /* behind the number of the process */

    return strncmp(key, prefix, strlen(prefix)) == 0 || !dot ||
           strncmp(key, prefix, (size_t)(dot + 1 - prefix)) != 0;
}

static int refuse_foreign(void *ours, struct redis_link *l, const redisReply *keys)
{
    for (size_t i = 0; i < keys->elements; i++)
        if (is_foreign(keys->element[i]->str, ours)) {
            trouble_note(l->place->name, "Redis: it holds keys under %s that are not ours, such as %.60s",
                         l->place->prefix, keys->element[i]->str);
            return -EEXIST;
        }
    return 0;
}

/* Whether the server, somebody else's, holds keys under the part of the prefix that all of us share. */
static int look_for_foreign(struct redis_link *l)
{
    struct redis_place all;
    struct redis_link look = { .place = &all, .address = l->address };
    char *prefix = l->place->prefix, *colon = strchr(prefix, ':');

    redis_place_apart(&all, l->place);
    if (strchr(prefix, '.'))
        all.prefix[colon + 1 - prefix] = '\0';
    int error = redis_scan(&look, refuse_foreign, prefix);
    redis_link_close(&look);
    return error;
}

void redis_place_fill(struct redis_place *p, const char *name, const struct redis_plan *plan,
                      const struct contend_settings *settings)
{
    *p = (struct redis_place){
        .name = name, .plan = plan,
        .timeout_ms = contend_option_value(settings, options, "timeout_ms"),
    };
    store_meter_init(&p->meter);
}

int redis_place_prepare(struct redis_link *l)
{
    int error = look_for_foreign(l);

    for (unsigned i = 0; !error && i < REDIS_SCRIPTS && l->place->plan->scripts[i]; i++)
        error = load_script(l, i);
    return error;
}

int redis_place_clear(struct redis_link *l)
{
    return redis_scan(l, unlink_all, NULL);
}

int redis_place_make(struct redis_place *p, const char *name, const struct redis_plan *plan,
                     const struct contend_settings *settings)
{
    struct redis_link link = { .place = p };

    redis_place_fill(p, name, plan, settings);
    int error = redis_host_begin(name, p->prefix);
    if (!error)
        error = redis_place_prepare(&link);
    if (!error)
        redis_host_usage(NULL, &(uint64_t){ 0 }, &p->bytes_before);
    redis_link_close(&link);
    return error;
}

void redis_place_end(struct redis_place *p)
{
    struct redis_link link = { .place = p };

    redis_place_clear(&link); /* a server that is gone has nothing to be removed */
    redis_link_close(&link);
}

static int weigh(void *sum, struct redis_link *l, const redisReply *keys)
{
    int error = 0;

    for (size_t i = 0; i < keys->elements && !error; i++) {
        const char *const words[] = { "MEMORY", "USAGE", keys->element[i]->str };
        int64_t bytes = 0;
        error = redis_number(l, words, 3, &bytes);
        *(uint64_t *)sum += (uint64_t)bytes;
        error = error == -ENOENT ? 0 : error; /* it has just been removed */
    }
    return error;
}

/* What the server says of each key. */
static const char *weigh_keys(const struct redis_place *p, uint64_t *held)
{
    struct redis_place apart;
    struct redis_link link = { .place = &apart };

    redis_place_apart(&apart, p);
    *held = 0;
    int error = redis_scan(&link, weigh, held);
    redis_link_close(&link);
    return error ? NULL : "MEMORY USAGE of its keys";
}

/* Buffers of connections are in used_memory, too: tens of kilobytes, and few keys are less than that. */
void redis_place_traffic(struct redis_place *p, struct store_traffic *out)
{
    uint64_t held;

    store_meter_read(&p->meter, out);
    redis_host_usage(NULL, &out->server_cpu_ns, &held);
    out->held = held > p->bytes_before ? held - p->bytes_before : 0;
    out->held_by = held ? "INFO used_memory" : NULL;
    if (p->plan->few)
        out->held_by = weigh_keys(p, &out->held);
}

uint64_t redis_place_ask(struct redis_place *p, const char *const *words, unsigned count)
{
    struct redis_link link = { .place = p };
    int64_t number = 0;
    int error = redis_number(&link, words, count, &number);

    redis_link_close(&link);
    return error ? 0 : (uint64_t)number;
}

int redis_link_open(struct redis_place *p, struct redis_link *l)
{
    *l = (struct redis_link){ .place = p };
    return connect_link(l);
}

void redis_link_close(struct redis_link *l)
{
    if (l->context)
        redisFree(l->context);
    l->context = NULL;
}

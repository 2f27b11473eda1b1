/*
 * place.h - a table of DynamoDB, and one thread's connection to it: HTTP, JSON, signed requests.
 *
 * The server is dynalite, started with the first object that needs it, private to the process,
 * unless dynamo_use() has named another.  Each object has a table of its own, contend.PID.N.
 * libcurl keeps the connection open between requests and signs them (AWS Signature Version 4).
 */
#ifndef CONTEND_BENCH_STORES_DYNAMO_PLACE_H
#define CONTEND_BENCH_STORES_DYNAMO_PLACE_H

#include <curl/curl.h>
#include <jansson.h>

#include "bench/stores/parts/meter.h"
#include "locks/parts/options.h"

enum { DYNAMO_NAME = 64, DYNAMO_ERROR = 96 };

/* A table has a key of one number, "id"; there is nothing else to plan. */
struct dynamo_plan {
    char unused;
};

struct dynamo_place {
    const char *name; /* of the entry, for complaints */
    int64_t timeout_ms;
    double cpu_begin; /* seconds that the server had used */
    struct store_meter meter;
    _Atomic uint64_t units; /* thousandths of capacity units that requests have consumed */
    char table[DYNAMO_NAME];
};

struct dynamo_link {
    struct dynamo_place *place;
    CURL *curl;
    bool sent; /* the request of the call under way: it must not be sent a second time */
    char *answer; /* the bytes of the last one */
    size_t length;
    char said[DYNAMO_ERROR]; /* the type of the last error */
};

#define DYNAMO_OPTIONS                                                                        \
    { "timeout_ms", 10000, 1000, 600000, "how long a call waits and tries" },

extern const struct store_system dynamo_system;

/*
 * Takes a running server, or the real one: http://HOST:PORT, https://... or unix:/PATH.  The region and the key
 * come from AWS_REGION, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, as for every client of it.  A
 * server that has tables called contend. ... already is refused when the first object is made.
 */
int dynamo_use(const char *address);

/* The server that was started, for tests that stop it; NULL: none was. */
struct server *dynamo_server_own(void);

/* As bench/stores/object.h says. */
int dynamo_place_make(struct dynamo_place *p, const char *name, const struct dynamo_plan *plan,
                      const struct contend_settings *settings);
void dynamo_place_end(struct dynamo_place *p);
void dynamo_place_traffic(struct dynamo_place *p, struct store_traffic *out);
int dynamo_link_open(struct dynamo_place *p, struct dynamo_link *l);
void dynamo_link_close(struct dynamo_link *l);

/*
 * Sends a request, "UpdateItem", about the object's table.  Takes over `body`, to which the table's
 * name is added.  Gives the answer in *answer, which belongs to the caller, unless that is NULL.
 * Returns 0, or
 *   -ESTALE     the request's condition does not hold: nothing has changed; no complaint;
 * or after a complaint
 *   -EAGAIN     no connection could be made, or the server wants fewer requests: nothing changed;
 *   -ETIMEDOUT  no answer within timeout_ms: it is unknown whether it took effect;
 *   -EIO        the connection failed, or the answer is none: unknown too; or any other error;
 *   -EACCES     the key or its signature is refused.
 */
int dynamo_call(struct dynamo_link *l, const char *operation, json_t *body, json_t **answer);

/* An attribute's value, as DynamoDB writes numbers: {"N": "7"}. */
json_t *dynamo_number(int64_t n);
json_t *dynamo_unsigned(uint64_t n);
/* The number of an item's attribute; 0 without it. */
int64_t dynamo_number_of(const json_t *item, const char *attribute);
uint64_t dynamo_unsigned_of(const json_t *item, const char *attribute);

#endif

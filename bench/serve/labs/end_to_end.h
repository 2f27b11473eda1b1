/*
 * end_to_end.h - `contend end-to-end`: what the choice of a strategy does to the whole service.
 */
#ifndef CONTEND_BENCH_SERVE_LABS_END_TO_END_H
#define CONTEND_BENCH_SERVE_LABS_END_TO_END_H

#include "bench/floors/histogram.h"
#include "bench/serve/labs/hello.h"

enum { END_SUBJECTS = 6, END_STEPS = END_SUBJECTS + 2, END_WHY = 400, END_USERS = 100000, END_POSTS = 100, END_READERS = 10000,
       END_BEAT_S = 10 /* a user beats so often */ };

struct end_options {
    struct experiment_options base;
    uint64_t window_ms; /* of each run */
    bool without_wrk;   /* as if it was not installed */
    bool without_stores;
};

enum end_kind { END_HELLO, END_FLOOR, END_IN_PROCESS, END_STORE };

/* What serves: an entry of each family, so that the service is all of one kind. */
struct end_subject {
    const char *name;
    enum end_kind kind;
    const char *presence, *claps, *counter; /* NULL: whatever serves "hello" */
};

struct end_run {
    bool done;
    char why[END_WHY];      /* not done: why it is left out */
    double per_s;           /* requests a second, as fast as answers come */
    double cpu_ns;          /* processor time of the service for a request */
    double strategy_ns;     /* of a request inside operations of strategies: waiting and the clock's part included */
    double beyond_ns;       /* of it, what the floor's does not take; NAN: without the floor */
    double share;           /* beyond_ns as a part of it and of what else a request costs */
    double rate, p50_ns, p99_ns, p999_ns; /* the open loop: due a second, and how long it took */
    uint64_t asked, answered, failed;     /* of both loops */
    uint64_t beats, counted;              /* heartbeats acknowledged, and counted by the service */
    double wrk_per_s, wrk_p50_ns, wrk_p99_ns, wrk_p999_ns; /* NAN: without wrk */
    uint64_t wrk_failed;
};

struct end_lab {
    const struct end_options *options;
    struct experiment e;
    struct end_run runs[END_SUBJECTS];
    struct hello_result speed; /* the service and a bare "hello" in turns */
    struct hello_result alike; /* packed and mutex likewise */
    char wrk_why[END_WHY]; /* empty: wrk was there */
};

extern const struct end_subject end_subjects[END_SUBJECTS];

/* Runs it; the exit status of the command. */
int end_lab_command(const struct end_options *o);

/* For end_lab_command().  The run of this kind and name if it is done, or NULL. */
const struct end_run *end_lab_find(const struct end_lab *l, const char *name);
/*
 * What each strategy costs beyond the floor.  The time inside operations is taken with two looks at a clock
 * for each, so that strategies that do nothing take some too: that is the harness's, and is taken off.
 */
void end_lab_find_shares(struct end_lab *l);
/*
 * Users in millions who ask for so many requests a second: each beats every END_BEAT_S seconds, and half of the
 * requests of the mix are heartbeats.
 */
double end_lab_users(double requests_per_s);
/* Requests a second that one thread could do inside the strategy alone; NAN: it costs no more than the floor. */
double end_lab_alone(const struct end_run *r);
/* One run of wrk against the service on the port; lab->wrk_why says why there is none. */
void end_lab_wrk(struct end_lab *l, unsigned port, enum load_mix mix, struct end_run *out);
void end_lab_judge(struct end_lab *l);
void end_lab_print(const struct end_lab *l);
json_t *end_lab_json(const struct end_lab *l);

#endif
